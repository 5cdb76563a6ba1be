"""Which articles are tied to one project, measured on gold stories: from the gold facts and from our own reading.

    python -m benchmarks.stories [GOLD_FOLDER] [--no-reading] [--encoder NAME]

The folder is $VEILLEUR_GOLD or tests/gold/dev. It prints the scores of ``score_stories.py`` for both, and how many
pairs were left to an analyst.
"""

from __future__ import annotations

import argparse
import copy
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from crawlers.items import Article
from nlp.facts import Facts, Reading
from warehouse.store import Warehouse

ROOT = Path(__file__).parent.parent
QUERIES = {
    "reports": "SELECT project_id, article_url FROM project_reports",
    "copies": "SELECT article_url, copy_of_url FROM near_copies",
}
Line = tuple[str, Article, Reading]


def gold_lines(folder: Path) -> list[Line]:
    """The articles of a gold folder with the facts that it gives, their evidence's words filled in."""
    return [_line(json.loads(path.read_text(encoding="utf-8"))) for path in article_files(folder)]


def article_files(folder: Path) -> list[Path]:
    """The article files of a gold folder."""
    return [p for p in sorted(folder.glob("*.json")) if not p.name.startswith("stories")]


def _line(data: dict[str, Any]) -> Line:
    article = Article.model_validate(data["article"])
    blocks = {index: text for index, _, text in article.texts()}
    facts = copy.deepcopy(data["facts"])
    for kind in ("organisations", "people", "places", "figures", "projects", "quotes"):
        for fact in facts[kind]:
            evidence = fact["evidence"]
            evidence["text"] = blocks[evidence["block"]][evidence["start"] : evidence["end"]]
    # A gold project names its figures by their values; qualifier, speaker and words stand with the figure itself.
    for project in facts["projects"]:
        for figure in project["figures"]:
            same = (f for f in facts["figures"] if all(f[k] == figure[k] for k in ("measure", "low", "high", "unit")))
            if found := next(same, None):
                figure |= {k: found.get(k) for k in ("qualifier", "per", "said_by", "evidence")}
    facts.pop("conflicts", None)
    return data["id"], article, Reading(id=data["id"], language="fr", facts=Facts.model_validate(facts), rules="gold")


def read_lines(folder: Path) -> list[Line]:
    """The articles of a gold folder as our own reader reads them."""
    from nlp.pipeline import Reader

    articles = []
    for path in article_files(folder):
        data = json.loads(path.read_text(encoding="utf-8"))
        articles.append((data["id"], Article.model_validate(data["article"])))
    readings = Reader().read_many(articles)
    return [(ident, article, reading) for (ident, article), reading in zip(articles, readings, strict=True)]


def measure(lines: Iterable[Line], folder: Path, encoder: Any = None) -> str:
    """Load, tie, and score against the folder's stories; returns the scorer's report."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        with Warehouse.open(place / "stories.duckdb", forget_key=b"benchmark" * 4) as warehouse:
            warehouse.load(lines, day=date(2026, 12, 31), run_id="stories")
            counts = warehouse.tie(encoder)
            for name, sql in QUERIES.items():
                cursor = warehouse.connection.execute(sql)
                with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
                    writer = csv.writer(handle)
                    writer.writerow([column[0] for column in cursor.description or []])
                    writer.writerows(cursor.fetchall())
        scored = subprocess.run(
            [sys.executable, str(ROOT / "benchmarks" / "score_stories.py"), "--gold", str(folder),
             "--reports", str(place / "reports.csv"), "--copies", str(place / "copies.csv")],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return f"{scored.stdout}tellings {counts.tellings}, left to an analyst {counts.doubtful}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(os.environ.get("VEILLEUR_GOLD") or ROOT / "tests" / "gold" / "dev")
    parser.add_argument("gold", type=Path, nargs="?", default=default)
    parser.add_argument("--no-reading", action="store_true", help="gold facts only")
    parser.add_argument(
        "--encoder", nargs="?", const="", help="compare words as well, with this model (or the default)"
    )
    args = parser.parse_args()
    encoder = None
    if args.encoder is not None:
        from nlp.embeddings import load_encoder

        encoder = load_encoder(args.encoder or None)
    print("gold facts\n" + measure(gold_lines(args.gold), args.gold, encoder))
    if not args.no_reading:
        print("our own reading\n" + measure(read_lines(args.gold), args.gold, encoder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
