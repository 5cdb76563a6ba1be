"""Tell the story's text from page furniture: subscription lines, "Lire aussi", bylines, photo credits."""

from __future__ import annotations

import re
import tomllib
from functools import cache

from nlp.document import Document, Mention
from nlp.gazetteer import LEXICON

# "STRASBOURG, 24 avr. 2025 (AEP) – ": the agency in the dateline is the publication.
DATELINE = re.compile(
    r"[A-Z][\w' ()-]{1,40}, (?:le )?\d{1,2}(?:er)? [a-z]{3,9}\.?(?: \d{4})? (\([A-Z][\w -]{1,30}\)) ?[–—-]"
)


# Credits and stock tickers inside the text.
ASIDES = re.compile(
    r"\((?:[Cc]redits?|[Pp]hotos?|©|visuel)(?: :)? [^()]{2,60}\)|\((?:LSE|NYSE|Nasdaq|NASDAQ|Euronext)[^()]{0,20}: "
    r"?[A-Z]{2,6}\)"
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
        text = document.plain(block.index)
        if block.index >= 0 and whole.fullmatch(text.strip()[:400]):
            document.furniture.append(Mention(block.index, 0, len(text)))
        for inline in ASIDES.finditer(text):
            document.furniture.append(Mention(block.index, inline.start(), inline.end()))
        if document.furniture and document.furniture[-1] == Mention(block.index, 0, len(text)):
            continue
        if match := DATELINE.match(text):
            document.furniture.append(Mention(block.index, match.start(1), match.end(1)))
        elif block.kind == "caption" and (match := credit.search(text)):
            document.furniture.append(Mention(block.index, match.start(), len(text)))
