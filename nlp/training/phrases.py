"""What the model of divisions learns from: named activities, and phrases of the marked texts that name none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import spacy

from nlp.components.activities import NOTHING, Phrase, features, phrase_of
from nlp.components.linear import Value
from nlp.components.sector import entries
from nlp.components.vectors import unit_vectors
from nlp.pipeline import MODEL

ACTIVITIES = Path(__file__).parent / "activities.tsv"
# There are many more phrases without an activity than with one.
NOTHING_WEIGHT = 0.3


def activities(path: Path = ACTIVITIES) -> Iterator[tuple[str, str]]:
    """Division and phrase of every line; division "00" names no activity. Raises ValueError naming the line."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        columns = line.split("\t")
        if len(columns) != 2 or len(columns[0]) != 2 or not columns[0].isdigit():
            raise ValueError(f"{path.name}, line {number}: not a division and a phrase")
        yield columns[0], columns[1]


def sector_rows(heard: Iterable[Phrase]) -> list[tuple[dict[str, Value], list[str], float]]:
    """Features, division and weight of each named activity and of the phrases ``heard`` in texts that share no word
    with any: what the press says besides activities."""
    vectors = unit_vectors(spacy.load(MODEL).vocab)
    named = [(division, phrase_of(text)) for division, text in activities()]
    known = {canon for division, phrase in named if division != NOTHING for canon, _ in phrase}
    known |= {word for rows in entries().values() for entry in rows for word in entry.words}
    known -= {canon for division, phrase in named if division == NOTHING for canon, _ in phrase}
    rows = [(features(phrase, vectors), [division], 1.0) for division, phrase in named]
    for phrase in dict.fromkeys(heard):
        if phrase and not any(canon in known for canon, _ in phrase):
            rows.append((features(phrase, vectors), [NOTHING], NOTHING_WEIGHT))
    return rows
