"""The quality gate of the reader.

    python -m benchmarks.quality [--raise]

Reads the articles of each folder of ``tests/gold``, scores them with ``benchmarks/score.py`` and compares every score
with its floor in ``tests/gold/floors.json``. A score below its floor fails (exit status 1). Floors may only rise:
``--raise`` writes the scores that are higher now. ``VEILLEUR_GOLD`` names one more folder to be shown, without floors.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from benchmarks import score
from crawlers.items import Article
from nlp.pipeline import Reader

GOLD = Path(__file__).parents[1] / "tests" / "gold"
FLOORS = GOLD / "floors.json"
# A machine's arithmetic can tip a borderline parse: one fact more or less must not fail the gate.
SLACK = 0.01


def measure(folder: Path, reader: Reader) -> dict[str, float]:
    """All scores of a folder by name: F1 of the tallies, accuracy of the rates; those without cases are left out."""
    tallies = {label: score.Tally() for label in TALLIES}
    rates = {label: score.Rate() for label in RATES}
    errors: list[tuple[str, ...]] = []
    for item in score.load_gold(folder):
        reading = reader.read(item["id"], Article.model_validate(item["article"]))
        score.score_article(item, json.loads(reading.model_dump_json(by_alias=True))["facts"], tallies, rates, errors)
    found = {label: t.as_dict()["f1"] for label, t in tallies.items() if t.gold}
    found.update({label: r.as_dict()["acc"] for label, r in rates.items() if r.total})
    return found


TALLIES = (
    "organisations", "organisations.based_in", "people", "people.roles", "places", "figures", "figures.value",
    "figures.said_by", "figures.year", "figures.per", "projects", "projects.family", "projects.organisations",
    "projects.places", "projects.figures", "projects.milestones", "quotes",
)  # fmt: skip
RATES = (
    "organisations.kind", "organisations.mention", "figures.subject", "figures.qualifier", "projects.status",
    "projects.sector", "projects.section", "quotes.speaker", "evidence",
)  # fmt: skip


def folders() -> list[Path]:
    """The gold folders of the repository that hold articles."""
    return [path for path in sorted(GOLD.iterdir()) if path.is_dir() and any(path.glob("*.json"))]


def compare(name: str, found: dict[str, float], floors: dict[str, float]) -> list[str]:
    """What has fallen below its floor, one line each."""
    return [
        f"{name}: {label} {found.get(label, 0.0):.3f} is below its floor {floor:.3f}"
        for label, floor in floors.items()
        if found.get(label, 0.0) < floor - SLACK
    ]


def main() -> int:
    """Measure, print, compare; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raise", dest="lift", action="store_true", help="write scores above their floors as floors")
    args = parser.parse_args()
    floors: dict[str, dict[str, float]] = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}
    reader = Reader()
    fallen: list[str] = []
    extra = os.environ.get("VEILLEUR_GOLD")
    for folder in [*folders(), *([Path(extra)] if extra else [])]:
        found = measure(folder, reader)
        print(f"{folder.name}\n" + "\n".join(f"  {label:24}{value:7.3f}" for label, value in found.items()))
        if folder.parent != GOLD:
            continue
        known = floors.setdefault(folder.name, {})
        fallen += compare(folder.name, found, known)
        if args.lift:
            known.update({label: value for label, value in found.items() if value > known.get(label, 0.0)})
    if args.lift:
        FLOORS.write_text(json.dumps(floors, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print("\n".join(fallen) if fallen else "no score below its floor")
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
