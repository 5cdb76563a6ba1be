"""How numbers, dates and terms are written for French readers."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent / "templates"
NBSP = "\u00a0"
THIN = "\u202f"
MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
          "décembre")  # fmt: skip


@cache
def labels() -> dict[str, dict[str, str]]:
    """All labels, by group and term."""
    return tomllib.loads((TEMPLATES / "labels.fr.toml").read_text(encoding="utf-8"))


def label(group: str, term: str | None) -> str:
    """The French word for a term; the term itself where the file has none; nothing for None."""
    return "" if term is None else labels()[group].get(term, term)


def number(value: float, decimals: int = 1) -> str:
    """A number with thin spaces and a decimal comma.

    >>> number(1200).replace(THIN, " "), number(1.5), number(2.0)
    ('1 200', '1,5', '2')
    """
    text = f"{value:,.{decimals}f}"
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    return whole.replace(",", THIN) + (f",{part}" if part else "")


def amount(value: float, unit: str | None) -> str:
    """A value with its unit, sums in millions or milliards.

    >>> amount(45_000_000, "EUR").replace(NBSP, " "), amount(1.2e9, "EUR").replace(NBSP, " ")
    ('45 M€', '1,2 Md€')
    """
    sign = label("unit", unit) if unit and unit not in ("person", "unit") else ""
    if unit in ("EUR", "USD", "GBP", "CHF"):
        size = abs(value)
        if size >= 1e9:
            return f"{number(value / 1e9, 2)}{NBSP}Md{sign}"
        if size >= 1e6:
            return f"{number(value / 1e6, 2)}{NBSP}M{sign}"
    return f"{number(value, 2)}{NBSP}{sign}".rstrip(NBSP)


def extent(low: float | None, high: float | None, unit: str | None, qualifier: str | None = None) -> str:
    """A figure in words: a value, a range, a bound.

    >>> extent(100, 120, "person"), extent(500, None, "person"), extent(None, 30, "person")
    ('100 à 120', 'au moins 500', 'jusqu’à 30')
    """
    if low is None and high is None:
        return ""
    if low is None:
        return f"jusqu’à {amount(high or 0, unit)}"
    if high is None:
        return f"au moins {amount(low, unit)}"
    if low == high:
        return ("environ " if qualifier == "about" else "") + amount(low, unit)
    return f"{amount(low, unit)} à {amount(high, unit)}"


def day(value: date | None) -> str:
    """A day in French.

    >>> day(date(2025, 5, 1)), day(date(2025, 5, 13))
    ('1er mai 2025', '13 mai 2025')
    """
    if value is None:
        return ""
    return f"{'1er' if value.day == 1 else value.day} {MONTHS[value.month - 1]} {value.year}"


def interval(start: date | None, end: date | None) -> str:
    """A milestone's interval as French readers say it: a day, a month, a quarter, a half, a year, or its bounds.

    >>> interval(date(2027, 1, 1), date(2027, 3, 31)), interval(None, date(2030, 12, 31))
    ('1er trimestre 2027', 'd’ici à fin 2030')
    """
    if start is None and end is None:
        return ""
    if start is None:
        assert end is not None
        return f"d’ici à fin {end.year}" if (end.month, end.day) == (12, 31) else f"au plus tard le {day(end)}"
    if end is None:
        return f"à partir de {start.year}" if (start.month, start.day) == (1, 1) else f"à partir du {day(start)}"
    if start == end:
        return day(start)
    if start.year == end.year and start.day == 1:
        months = (start.month, end.month)
        last = (end.month in (1, 3, 5, 7, 8, 10, 12) and end.day == 31) or end.day == 30 or (
            end.month == 2 and end.day >= 28)  # fmt: skip
        if last and start.month == end.month:
            return f"{MONTHS[start.month - 1]} {start.year}"
        if last and months == (1, 12):
            return str(start.year)
        if last and months in ((1, 6), (7, 12)):
            return f"{'1er' if start.month == 1 else '2e'} semestre {start.year}"
        if last and end.month - start.month == 2 and start.month % 3 == 1:
            quarter = (start.month + 2) // 3
            return f"{'1er' if quarter == 1 else f'{quarter}e'} trimestre {start.year}"
    return f"du {day(start)} au {day(end)}"


def listed(words: Sequence[str]) -> str:
    """An enumeration.

    >>> listed(["A"]), listed(["A", "B", "C"])
    ('A', 'A, B et C')
    """
    return " et ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def at(commune: str) -> str:
    """Where: the article of a commune's name contracts with the preposition.

    >>> at("Lens"), at("Le Havre"), at("Les Herbiers"), at("La Rochelle")
    ('à Lens', 'au Havre', 'aux Herbiers', 'à La Rochelle')
    """
    if commune.startswith("Le "):
        return "au " + commune[3:]
    return "aux " + commune[4:] if commune.startswith("Les ") else f"à {commune}"


def of(name: str) -> str:
    """ "De" before a name: elided before a vowel; before an h it is not known which, so it stays.

    >>> of("Algaléon"), of("Kestrava"), of("Émailleries Vauthier")
    ('d’Algaléon', 'de Kestrava', 'd’Émailleries Vauthier')
    """
    return ("d’" if fold(name)[:1] in ("a", "e", "i", "o", "u") else "de ") + name


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun; French has the singular below two.

    >>> plural(1, "article"), plural(3, "article")
    ('1 article', '3 articles')
    """
    return f"{number(count, 0)} {one if abs(count) < 2 else many or one + 's'}"


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Text without case, accents and doubled blanks, for comparing words."""
    text = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe").replace("Œ", "OE")).casefold()
    return re.sub(r"\s+", " ", "".join(c for c in text if not unicodedata.combining(c))).strip()
