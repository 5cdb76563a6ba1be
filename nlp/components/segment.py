"""Tell the story's text from page furniture: subscription lines, "Lire aussi", bylines, photo credits."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache

from nlp.document import Document, Mention
from nlp.gazetteer import LEXICON

SPECIAL = {"œ": "o", "Œ": "O", "æ": "a", "Æ": "A", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "s", "đ": "d", "Đ": "D",
           "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "‑": "-", "‐": "-", "−": "-"}  # fmt: skip


@cache
def plain_char(char: str) -> str:
    """One character without its accent; apostrophes, hyphens and blanks made alike. Always one character."""
    if char in SPECIAL:
        return SPECIAL[char]
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


# "STRASBOURG, 24 avr. 2025 (AEP) – ": the agency in the dateline is the publication.
DATELINE = re.compile(
    r"[A-Z][\w' ()-]{1,40}, (?:le )?\d{1,2}(?:er)? [a-z]{3,9}\.?(?: \d{4})? (\([A-Z][\w -]{1,30}\)) ?[–—-]"
)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    with (LEXICON / "furniture.toml").open("rb") as file:
        table = tomllib.load(file)
    blocks = re.compile(r"\W{0,3}(?:" + "|".join(table["blocks"]) + r")\W{0,3}", re.IGNORECASE | re.DOTALL)
    return blocks, re.compile(table["credit"], re.IGNORECASE | re.DOTALL)


def segment(document: Document) -> None:
    """Fill ``document.furniture``."""
    whole, credit = _patterns()
    for block in document.blocks:
        text = plain(block.text)
        if block.index >= 0 and whole.fullmatch(text.strip()[:400]):
            document.furniture.append(Mention(block.index, 0, len(text)))
        elif match := DATELINE.match(text):
            document.furniture.append(Mention(block.index, match.start(1), match.end(1)))
        elif block.kind == "caption" and (match := credit.search(text)):
            document.furniture.append(Mention(block.index, match.start(), len(text)))
