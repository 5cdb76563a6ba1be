"""Articles with facts for the warehouse's tests, from a few words: every evidence lies in a text made for it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crawlers.items import Article, Block
from nlp.facts import (
    Evidence,
    Facts,
    Figure,
    Milestone,
    Organisation,
    Person,
    Place,
    Project,
    ProjectFigure,
    Reading,
    Role,
)
from warehouse.store import Warehouse

Line = tuple[str, Article, Reading]

# Places of the tests: name -> kind, code (INSEE, ISO).
PLACES = {
    "Lens": ("commune", "62498"), "Béthune": ("commune", "62119"), "Dunkerque": ("commune", "59183"),
    "Lille": ("commune", "59350"), "Roubaix": ("commune", "59512"), "Amiens": ("commune", "80021"),
    "Brest": ("commune", "29019"), "Quimper": ("commune", "29232"), "Vannes": ("commune", "56260"),
    "Lorient": ("commune", "56121"), "Rennes": ("commune", "35238"), "Fougères": ("commune", "35115"),
    "Nantes": ("commune", "44109"), "Cholet": ("commune", "49099"), "Laval": ("commune", "53130"),
    "Metz": ("commune", "57463"), "Nancy": ("commune", "54395"), "Épinal": ("commune", "88160"),
    "Strasbourg": ("commune", "67482"), "Illkirch-Graffenstaden": ("commune", "67218"), "Colmar": ("commune", "68066"),
    "Dijon": ("commune", "21231"), "Belfort": ("commune", "90010"), "Lyon": ("commune", "69123"),
    "Grenoble": ("commune", "38185"), "Crolles": ("commune", "38140"), "Valence": ("commune", "26362"),
    "Toulouse": ("commune", "31555"), "Tarbes": ("commune", "65440"), "Albi": ("commune", "81004"),
    "Pau": ("commune", "64445"), "Lacq": ("commune", "64300"), "Bordeaux": ("commune", "33063"),
    "Limoges": ("commune", "87085"), "Marseille": ("commune", "13055"), "Fos-sur-Mer": ("commune", "13039"),
    "Nice": ("commune", "06088"), "Nord": ("department", "59"), "Pas-de-Calais": ("department", "62"),
    "Finistère": ("department", "29"), "Isère": ("department", "38"), "Bretagne": ("region", "53"),
    "Allemagne": ("country", "DE"), "Finlande": ("country", "FI"),
}  # fmt: skip
MEASURES = {
    "inv": ("investment", "EUR"), "jobs": ("jobs_created", "person"), "cut": ("jobs_cut", "person"),
    "saved": ("jobs_saved", "person"), "raised": ("funding_round", "EUR"), "price": ("deal_value", "EUR"),
    "grant": ("grant", "EUR"), "staff": ("workforce", "person"), "m2": ("area", "m2"), "mw": ("power", "MW"),
    "t": ("output", "t"), "mwh": ("energy", "MWh"),
}  # fmt: skip
_FILLER = ("atelier", "balance", "canal", "digue", "fanion", "galet", "hangar", "jetée", "kiosque", "lande", "marais",
           "nappe", "océan", "pavé", "quai", "rive", "sable", "talus", "usage", "vague", "wagon", "brume")  # fmt: skip


def filler(seed: str, words: int = 60) -> str:
    """Words of no meaning that no other seed gives in this order, so that no two texts are near-copies by chance."""
    digest = hashlib.sha512(seed.encode()).digest() * 2
    return " ".join(f"{_FILLER[b % len(_FILLER)]}{b}" for b in digest[:words])


class _Text:
    """A text that grows by what has to be found in it."""

    def __init__(self, title: str, seed: str) -> None:
        self.title = title
        self.parts: list[str] = [filler(seed) + "."]

    def put(self, words: str, after: str = "") -> Evidence:
        if words in self.title:
            start = self.title.index(words)
            return Evidence(block=-2, start=start, end=start + len(words), text=words)
        start = sum(len(p) + 1 for p in self.parts)
        self.parts.append(f"{words} {after};")
        return Evidence(block=0, start=start, end=start + len(words), text=words)


def figures_of(spec: dict[str, Any]) -> list[tuple[str, float | None, float | None, str, str]]:
    """``{"inv": 45e6, "jobs": "~100"}`` -> measure, low, high, unit, qualifier.

    Text: ``~`` about, ``>`` at least, ``<`` at most, ``a..b`` a range."""
    rows = []
    for key, given in spec.items():
        if key not in MEASURES:
            continue
        measure, unit = MEASURES[key]
        for value in given if isinstance(given, list) else [given]:
            text = str(value)
            if ".." in text:
                low, high = (float(v) for v in text.split(".."))
                rows.append((measure, low, high, unit, "range"))
            elif text[0] in "~<>":
                number = float(text[1:])
                mark = {"~": ("about", number, number), ">": ("at_least", number, None), "<": ("at_most", None, number)}
                qualifier, first, last = mark[text[0]]
                rows.append((measure, first, last, unit, qualifier))
            else:
                rows.append((measure, float(text), float(text), unit, "exact"))
    return rows


def tell(
    ident: str,
    day: str | date,
    *projects: dict[str, Any],
    source: str | None = None,
    url: str | None = None,
    title: str | None = None,
    region: str | None = None,
    organisations: dict[str, dict[str, Any]] | None = None,
    people: dict[str, list[tuple[str, str | None]]] | None = None,
    access: str | None = None,
    seed: str | None = None,
    more_text: str = "",
    claims: Sequence[tuple[str, Any, str, str, str]] = (),
) -> Line:
    """One article with its facts.

    A project: ``kind``, ``status``, ``orgs``, ``places`` and, where wanted, ``name``, ``sector``, ``said_by``,
    ``by`` (measure -> speaker), ``when`` (milestone -> (from, to)) and figures by the keys of ``MEASURES``.
    ``claims``: figures beside the projects: key of ``MEASURES``, value, speaker, subject, words that follow.
    ``organisations``: name -> ``aliases``, ``kind``, ``based_in``, ``mention`` where they differ from the defaults.
    """
    day = date.fromisoformat(day) if isinstance(day, str) else day
    title = title or f"Annonce {ident}"
    text = _Text(title, seed or ident)
    named = {name: {"mention": "main"} for p in projects for name in p.get("orgs", ())} | {
        name: {"mention": "main"} | more for name, more in (organisations or {}).items()
    }
    places = {name for p in projects for name in p.get("places", ())}
    places |= {o["based_in"] for o in named.values() if o.get("based_in")}
    facts = Facts(
        organisations=tuple(
            Organisation(
                name=name, aliases=tuple(o.get("aliases", ())), kind=o.get("kind", "company"),
                based_in=o.get("based_in"), mention=o["mention"], evidence=text.put(name),
            )
            for name, o in named.items()
        ),
        people=tuple(
            Person(name=n, roles=tuple(Role(title=t, organisation=o) for t, o in roles), evidence=text.put(n))
            for n, roles in (people or {}).items()
        ),
        places=tuple(
            Place(name=n, kind=PLACES.get(n, ("area", None))[0], code=PLACES.get(n, ("area", None))[1],
                  evidence=text.put(n))  # type: ignore[arg-type]
            for n in sorted(places)
        ),
        figures=tuple(
            Figure(measure=m, low=low, high=high, unit=u, qualifier=q, evidence=text.put(f"{m} {low} {high}"))  # type: ignore[arg-type]
            for p in projects
            for m, low, high, u, q in figures_of(p)
        )
        + tuple(
            Figure(measure=m, low=low, high=high, unit=u, qualifier=q, said_by=speaker, subject=subject,
                   evidence=text.put(f"{m} {low} {high}", after))  # type: ignore[arg-type]
            for key, value, speaker, subject, after in claims
            for m, low, high, u, q in figures_of({key: value})
        ),
        projects=tuple(_project(p, text) for p in projects),
    )  # fmt: skip
    body = " ".join(text.parts) + more_text
    article = Article(
        url=url or f"https://presse.example/{ident}", source=source or f"Journal {ident}", title=title, region=region,
        published=day, access=access, body=(Block(kind="paragraph", text=body),),  # type: ignore[arg-type]
    )  # fmt: skip
    return ident, article, Reading(id=ident, language="fr", facts=facts, rules="test", model="test")


def _project(spec: dict[str, Any], text: _Text) -> Project:
    speakers = spec.get("by", {})
    words = f"{'/'.join(spec.get('orgs', ()))} {spec['kind']} {spec['status']} {spec.get('name') or ''}".strip()
    return Project(
        name=spec.get("name"), kind=spec["kind"], status=spec["status"], sector=spec.get("sector"),
        organisations=tuple(spec.get("orgs", ())), places=tuple(spec.get("places", ())), said_by=spec.get("said_by"),
        figures=tuple(
            ProjectFigure(measure=m, low=low, high=high, unit=u, qualifier=q, said_by=speakers.get(m),  # type: ignore[arg-type]
                          evidence=text.put(f"{m} {low} {high}"))
            for m, low, high, u, q in figures_of(spec)
        ),
        milestones=tuple(
            Milestone(milestone=m, from_=ends[0], to=ends[1], evidence=None)  # type: ignore[arg-type]
            for m, ends in spec.get("when", {}).items()
        ),
        evidence=text.put(words),
    )  # fmt: skip


class Clock:
    """Gives the moments that are recorded: a second later each time."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


Newsroom = Callable[..., Warehouse]


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse file with schema and codes: a copy of it opens faster than a new one is made."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    Warehouse.open(path, now=Clock(), forget_key=b"k" * 32).close()
    return path


@pytest.fixture
def newsroom(tmp_path: Path, empty_warehouse: Path) -> Iterator[Newsroom]:
    """``newsroom("a", [lines of a day], [lines of the next], …)``: a warehouse in which these days were loaded and tied
    one after the other."""
    opened: list[Warehouse] = []

    def make(name: str, *days: Sequence[Line]) -> Warehouse:
        path = tmp_path / f"{name}.duckdb"
        shutil.copyfile(empty_warehouse, path)
        warehouse = Warehouse.open(path, now=Clock(), forget_key=b"k" * 32)
        opened.append(warehouse)
        for lines in days:
            load_and_tie(warehouse, lines)
        return warehouse

    yield make
    for warehouse in opened:
        warehouse.close()


def load_and_tie(warehouse: Warehouse, lines: Sequence[Line]) -> None:
    """Load one day and tie it."""
    last = max((a.published_on for _, a, _ in lines if a.published_on), default=date(2026, 1, 1))
    warehouse.load(lines, day=last, run_id="test")
    warehouse.tie()


@pytest.fixture
def told() -> Callable[..., Line]:
    """:func:`tell`, for tests in other files."""
    return tell


@pytest.fixture
def next_day() -> Callable[[Warehouse, Sequence[Line]], None]:
    """:func:`load_and_tie`, for tests in other files."""
    return load_and_tie


GOLD = Path(__file__).resolve().parents[1] / "gold" / "dev"


@pytest.fixture(scope="session")
def gold() -> list[Line]:
    """The development articles with their gold facts, as a reader would give them."""
    lines = []
    for path in sorted(GOLD.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        if "article" in data:
            article = Article.model_validate(data["article"])
            texts = {index: text for index, _, text in article.texts()}
            facts = Facts.model_validate(_with_words(data["facts"], texts))
            lines.append((data["id"], article, Reading(id=data["id"], language="fr", facts=facts, rules="gold-1")))
    assert lines
    return lines


def _with_words(value: Any, texts: dict[int, str]) -> Any:
    """Gold evidence leaves its text out: fill it in."""
    if isinstance(value, dict):
        filled = {key: _with_words(item, texts) for key, item in value.items()}
        if {"block", "start", "end"} <= set(value):
            filled["text"] = texts[value["block"]][value["start"] : value["end"]]
        return filled
    return [_with_words(item, texts) for item in value] if isinstance(value, list) else value


# When something was recorded differs from run to run; what was recorded does not.
MOMENTS = {"recorded_at", "superseded_at", "merged_at", "withdrawn_at", "started_at", "finished_at", "run_id",
           "judgement_id", "superseded_by"}  # fmt: skip


def contents(path: Path | str) -> dict[str, list[str]]:
    """All rows of all views of a warehouse or a published copy, without the moments of recording."""
    connection = duckdb.connect(str(path), read_only=True)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        names = connection.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'"
        ).fetchall()
        told = {}
        for (name,) in names:
            cursor = connection.execute(f'SELECT * FROM "{name}"')
            kept = [i for i, column in enumerate(cursor.description) if column[0] not in MOMENTS]
            told[name] = sorted(repr([row[i] for i in kept]) for row in cursor.fetchall())
        return told
    finally:
        connection.close()


@pytest.fixture(scope="session")
def all_contents() -> Callable[[Path | str], dict[str, list[str]]]:
    """:func:`contents`, for tests in other files."""
    return contents


@pytest.fixture(scope="session")
def gold_house(tmp_path_factory: pytest.TempPathFactory, gold: list[Line]) -> Path:
    """A warehouse with the development articles, loaded and tied once; tests work on copies of it."""
    path = tmp_path_factory.mktemp("gold") / "warehouse.duckdb"
    with Warehouse.open(path) as warehouse:
        warehouse.load(gold, day=date(2026, 3, 1), run_id="gold")
        warehouse.tie()
    return path
