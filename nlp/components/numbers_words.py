"""French cardinal numbers, in digits and in words.

>>> cardinal("quatre-vingt-dix-sept")
97.0
>>> cardinal("1.178")
1178.0
>>> cardinal("62,5")
62.5
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files

LEXICON = tomllib.loads((files("nlp.lexicon") / "numbers.toml").read_text(encoding="utf-8"))
CARDINALS: dict[str, int] = LEXICON["cardinals"]
COLLECTIVES: dict[str, int] = LEXICON["collectives"]
MAGNITUDES: dict[str, float] = LEXICON["magnitudes"]
FRACTIONS: dict[str, float] = LEXICON["fractions"]


def alternation(words: Iterable[str]) -> str:
    """A regex alternation, the longest word first; blanks in a word match any run of blanks."""
    return "|".join(re.escape(w).replace(r"\ ", " +") for w in sorted(words, key=len, reverse=True))


#: digits: thousands set off by a blank or a dot, a decimal comma (or a dot that cannot set off thousands)
DIGITS = r"(?:\d{1,3}(?:[ .]\d{3})+(?![\d])(?:,\d+)?|\d+(?:,\d+|\.\d{1,2}(?!\d)|\.\d{4,})?)"
_FOLLOWERS = {10: range(7, 10), 60: range(1, 20), 80: range(1, 20), 70: range(1, 10), 90: range(1, 10)}
_FOLLOWERS |= {tens: range(1, 10) for tens in (20, 30, 40, 50)}
_WORD = rf"(?:{alternation(CARDINALS)})"
WORDS = rf"(?:\b{_WORD}(?:(?:[ -]et[ -](?=une?\b|onze\b)|[ -]){_WORD})*\b)"
_DIGITS = re.compile(DIGITS)
_SEPARATOR = re.compile(r"[ -]+(?:et[ -]+)?")
_GROUPED = re.compile(r"\d{1,3}(?:[ .]\d{3})+(?:,\d+)?$")


def digits_value(folded: str) -> float:
    """The value of a number in digits, folded: "1.178" is 1178, "1,5" is 1.5.

    Raises ValueError where the text is no such number.
    """
    if _GROUPED.match(folded):
        return float(re.sub(r"[ .]", "", folded).replace(",", "."))
    return float(folded.replace(" ", "").replace(",", "."))


def words_value(folded: str) -> tuple[float, int] | None:
    """The value of the longest prefix that is a well-formed cardinal, and its length in characters.

    >>> words_value("deux cent mille")
    (200000.0, 15)
    >>> words_value("deux trois")
    (2.0, 4)
    """
    total: int = 0
    group: int = 0
    unit: int | None = (
        None  # the value of the last word below a hundred, to tell "quatre-vingt" and reject "deux trois"
    )
    position = length = 0
    pieces = list(re.finditer(r"[a-z]+", folded))
    for index, piece in enumerate(pieces):
        word = piece.group()
        if word == "et" and index and index + 1 < len(pieces):
            continue
        value = CARDINALS.get(word)
        if value is None:
            break
        if value == 1000:
            if total or (group == 1 and unit == 1):
                break
            total, group, unit = (group or 1) * 1000, 0, None
        elif value == 100:
            if group >= 100 or (group and group > 9) or unit == 1:
                break
            group, unit = (group or 1) * 100, None
        elif value == 20 and unit == 4:
            group, unit = group + 76, 80
        elif unit is None:
            group, unit = group + value, value
        elif value in _FOLLOWERS.get(unit, ()):
            group, unit = group + value, unit + value
        else:
            break
        length, position = piece.end(), position + 1
    return (float(total + group), length) if position else None


def cardinal(text: str) -> float | None:
    """The value of a whole folded text that is a number in digits or words, else None."""
    if _DIGITS.fullmatch(text):
        return digits_value(text)
    parsed = words_value(text)
    return parsed[0] if parsed and parsed[1] == len(text) else None
