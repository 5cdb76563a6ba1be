"""Text as the rules see it: lower case, no accents, plain blanks, apostrophes and dashes, and of the same length.

Every code point folds to exactly one, so that an offset in the folded text is an offset in the article.
"""

from __future__ import annotations

import unicodedata
from functools import cache

_SPECIAL = {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "\t": " ", "\r": " ", "­": "-", "•": "-"}


def _fold_char(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    category = unicodedata.category(char)
    if category == "Zs":
        return " "
    if category == "Pd" or char == "−":
        return "-"
    base = unicodedata.normalize("NFKD", char)
    kept = [c for c in base if not unicodedata.combining(c)]
    if len(kept) == 1:
        low = kept[0].lower()
        return low if len(low) == 1 else kept[0]
    low = char.lower()
    return low if len(low) == 1 else char


class _Table(dict[int, str]):
    """Translation table that learns each code point the first time it meets it."""

    def __missing__(self, key: int) -> str:
        value = self[key] = _fold_char(chr(key))
        return value


_TABLE = _Table()


def fold(text: str) -> str:
    """Fold a text without changing its length.

    >>> fold("Près d’1,5 Md€ à Orléans – 62.000 m²")
    "pres d'1,5 md€ a orleans - 62.000 m2"
    """
    return text.translate(_TABLE)


_KEPT_CASE = {
    "œ": "o",
    "Œ": "O",
    "æ": "a",
    "Æ": "A",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "ß": "s",
    "đ": "d",
    "Đ": "D",
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "´": "'",
    "`": "'",
    "‑": "-",
    "‐": "-",
    "−": "-",
}


@cache
def plain_char(char: str) -> str:
    """One character without its accent; apostrophes, hyphens and blanks made alike. Always one character."""
    if char in _KEPT_CASE:
        return _KEPT_CASE[char]
    if char.isspace():
        return " "
    base = unicodedata.normalize("NFD", char)[:1]
    return base if base and base.isascii() else char


def plain(text: str) -> str:
    """The text without accents, of the same length, case kept, so that offsets in it are offsets in the text.

    >>> plain("L’Égalité à Œuilly")
    "L'Egalite a Ouilly"
    """
    return text if text.isascii() and "\n" not in text else "".join(map(plain_char, text))
