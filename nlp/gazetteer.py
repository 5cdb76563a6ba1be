"""Places with an official code: communes, departments, regions of France, and the countries of the world.

Sources: INSEE's geographic code (Licence Ouverte 2.0) in ``lexicon/cog``, the Unicode CLDR (by Babel) for the
countries' French names, GeoNames (CC BY 4.0) for towns abroad, ``lexicon/demonyms.tsv`` for demonyms.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from nlp.facts import PlaceKind

LEXICON = Path(__file__).parent / "lexicon"
ARTICLES = re.compile(r"^(?:les |le |la |l')")


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """The key under which a name is found: no case, accents, hyphens or doubled blanks; Saint for St.

    >>> fold("St-Étienne-du-Rouvray")
    'saint etienne du rouvray'
    """
    text = unicodedata.normalize("NFD", text.replace("’", "'").replace("œ", "oe").replace("Œ", "oe"))
    text = "".join(c for c in text if not unicodedata.combining(c)).lower()
    text = re.sub(r"[^\w']+", " ", text).strip()
    return re.sub(r"\bst(e?)\b", r"saint\1", text)


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the gazetteer. ``population`` is 0 for a former commune."""

    name: str
    kind: PlaceKind
    code: str
    department: str | None = None
    region: str | None = None
    population: int = 0


class Gazetteer:
    """Looks places up by name."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Entry]] = {}
        self.departments: dict[str, Entry] = {}
        self._by_first: dict[str, list[Entry]] = {}
        self.regions: dict[str, Entry] = {}
        self._load_cog()
        self._load_short_names()
        self._load_countries()

    def _add(self, entry: Entry) -> None:
        key = fold(entry.name)
        self.entries.setdefault(key, []).append(entry)
        bare = ARTICLES.sub("", key)
        if bare != key and entry.kind != "country":
            self.entries.setdefault(bare, []).append(entry)

    def _load_cog(self) -> None:
        with (LEXICON / "cog" / "regions.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                entry = Entry(row["name"], "region", row["code"], region=row["code"])
                self.regions[row["code"]] = entry
                self._add(entry)
        with (LEXICON / "cog" / "departments.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                entry = Entry(row["name"], "department", row["code"], row["code"], row["region_code"])
                self.departments[row["code"]] = entry
                self._add(entry)
        with gzip.open(LEXICON / "cog" / "communes.csv.gz") as raw:
            for row in csv.DictReader(io.TextIOWrapper(raw, "utf-8")):
                self._add(
                    Entry(row["name"], "commune", row["code"], row["department"], row["region"], int(row["population"]))
                )

    def _load_short_names(self) -> None:
        """Cities called by their first word where that is nobody else's name: "Cherbourg", "Charleville"."""
        cities: dict[str, set[Entry]] = {}
        for entries in self.entries.values():
            for entry in entries:
                first, _, rest = fold(entry.name).partition(" ")
                if rest and entry.kind == "commune" and entry.population > 20_000 and len(first) > 4:
                    cities.setdefault(first, set()).add(entry)
        for first, found in cities.items():
            if len(found) == 1 and first not in self.entries and first not in ("saint", "sainte"):
                self.entries[first] = list(found)

    def _load_countries(self) -> None:
        from babel import Locale

        for code, name in Locale("fr").territories.items():
            if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY:
                self._add(Entry(str(name), "country", code))
        with (LEXICON / "countries.tsv").open(encoding="utf-8") as file:
            for line in file:
                if line.strip() and not line.startswith("#"):
                    name, code = line.rstrip("\n").split("\t")
                    self._add(Entry(name, "country", code))

    def find(self, name: str, article: str = "") -> list[Entry]:
        """All places of that name, with or without its article.

        With ``article`` ("le", "la", "les", from "au Havre", "des Herbiers") those that bear it come alone, if any.
        """
        key = fold(name)
        found = self.entries.get(key) or self.entries.get(ARTICLES.sub("", key), [])
        if found and not name.isascii() and (marks := _marks(name)):
            # "Hermès" is not Hermes, nor "Krüth" Kruth; towns written without their accents stay towns
            found = [e for e in found if marks <= _marks(e.name) or e.kind != "commune"]
        if article:
            return [e for e in found if fold(e.name) == f"{article} {key}"] or found
        return found

    def compounds(self, key: str) -> list[Entry]:
        """Communes whose name of several words begins with a folded word: "aix" -> Aix-en-Provence ..."""
        if not self._by_first:
            for entries in self.entries.values():
                for entry in entries:
                    first, _, rest = fold(entry.name).partition(" ")
                    if rest and entry.kind == "commune" and first not in ("saint", "sainte", "le", "la", "les"):
                        self._by_first.setdefault(first, []).append(entry)
        return self._by_first.get(key, [])

    def department(self, number: str) -> Entry | None:
        """The department of a number as written ("2", "02", "2A"), or None."""
        return self.departments.get(number.upper().zfill(2))


def _marks(name: str) -> set[str]:
    """The letters with accents of a name, in lower case."""
    return {char for char in name.lower() if char.isalpha() and not char.isascii() and char not in "œæ"}


# CLDR regions that are no country of their own in ISO 3166-1, or French regions that have an INSEE code.
NO_COUNTRY = {
    "EU",
    "EZ",
    "UN",
    "ZZ",
    "XA",
    "XB",
    "QO",
    "AC",
    "CP",
    "CQ",
    "DG",
    "EA",
    "IC",
    "TA",
    "XK",
    "GP",
    "MQ",
    "GF",
    "RE",
    "YT",
    "PM",
    "BL",
    "MF",
    "TF",
    "WF",
    "PF",
    "NC",
}


@cache
def gazetteer() -> Gazetteer:
    """The gazetteer, read once a process."""
    return Gazetteer()


@cache
def foreign_towns() -> dict[str, str]:
    """Folded names of towns outside France of more than 15,000 people, with their country's ISO code."""
    with gzip.open(LEXICON / "foreign_towns.tsv.gz", "rt", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("\t") for line in file)


@dataclass(frozen=True, slots=True)
class Demonym:
    """What an adjective of origin says: the place's name as an analyst would write it."""

    place: str
    kind: str


@cache
def demonyms() -> dict[str, Demonym]:
    """Folded forms (masculine, feminine, plural) of the demonyms in ``lexicon/demonyms.tsv``."""
    found: dict[str, Demonym] = {}
    with (LEXICON / "demonyms.tsv").open(encoding="utf-8") as file:
        for line in file:
            if not line.strip() or line.startswith("#"):
                continue
            form, place, kind = line.rstrip("\n").split("\t")
            for written in inflect(form):
                found.setdefault(fold(written), Demonym(place, kind))
    return found


ENDINGS = (
    ("éen", "éenne"),
    ("ien", "ienne"),
    ("on", "onne"),
    ("eux", "euse"),
    ("ec", "ecque"),
    ("f", "ve"),
    ("er", "ère"),
    ("ot", "ote"),
    ("el", "elle"),
    ("et", "ette"),
)


def inflect(form: str) -> set[str]:
    """The four forms of a French adjective given in the masculine; "a/b" gives an irregular feminine.

    >>> sorted(inflect("lillois"))
    ['lillois', 'lilloise', 'lilloises']
    """
    if "/" in form:
        masculine, feminine = form.split("/")
    else:
        masculine = form
        feminine = form if form.endswith("e") else form + "e"
        for end, other in ENDINGS:
            if form.endswith(end):
                feminine = form[: -len(end)] + other
                break
    plural = masculine if masculine.endswith(("s", "x")) else masculine + "s"
    return {masculine, feminine, plural, feminine + "s"}
