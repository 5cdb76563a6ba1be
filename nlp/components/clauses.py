"""Sentences of a block by their punctuation alone.

The parser's own sentences break at straight quotes and inversions ("s'amuse / Manuel Davy"); attribution and events
need the sentence as printed.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

ABBREVIATION = re.compile(
    r"(?:\b(?:M|MM|Me|Mme|Mmes|Mlle|Dr|Pr|St|Ste|av|bd|env|art|cf|ex|etc|réf|tél|janv|févr|avr|juil|sept|oct|nov|déc"
    r"|[A-ZÉ])|\bn°\s?\d*)\.$"
)
BREAK = re.compile(r"[.!?…]+(?:[\"”»’)\]]+|\s?»)?(?:\s*\[[^\]]{1,40}\])?\s+(?=[\"“«–—•(\[]?\s?[A-ZÀ-ÖØ-Þ0-9])|\n+")


@lru_cache(maxsize=512)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Start and end of each sentence; together they cover the text, blanks between them left out.

    >>> sentences("M. Azémar part. Il reste six mois.")
    ((0, 15), (16, 34))
    """
    spans, start = [], 0
    for found in BREAK.finditer(text):
        if ABBREVIATION.search(text[max(0, found.start() - 8) : found.start() + 1]):
            continue
        spans.append((start, found.start() + len(found.group().rstrip())))
        start = found.end()
    spans.append((start, len(text)))
    return tuple((a, b) for a, b in spans if text[a:b].strip())


def sentence_at(text: str, offset: int) -> tuple[int, int]:
    """The sentence that holds an offset (the last one before it, between two)."""
    best = (0, len(text))
    for span in sentences(text):
        if span[0] > offset:
            break
        best = span
    return best


@lru_cache(maxsize=1)
def _word_lists() -> dict[str, frozenset[str]]:
    text = files("nlp").joinpath("lexicon/project_words.toml").read_text(encoding="utf-8")
    return {name: frozenset(words) for name, words in tomllib.loads(text).items()}


def word_list(name: str) -> frozenset[str]:
    """A list of ``lexicon/project_words.toml`` (canonical words); KeyError where there is none."""
    return _word_lists()[name]
