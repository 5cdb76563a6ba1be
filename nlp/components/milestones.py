"""Milestones of a project: which of the article's dates are its steps, and which step each one is."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import lru_cache
from importlib.resources import files

from nlp.components.projects_events import Event, compile_phrase, lexicon
from nlp.components.projects_text import Sentence
from nlp.document import DateSpan, Document
from nlp.facts import Milestone, MilestoneKind, ProjectKind

REACH = 10  # words between a date and the word that says what it is for
PAST_ONLY = {"announcement"}


@lru_cache(maxsize=1)
def cues() -> tuple[list[tuple[MilestoneKind, re.Pattern[str]]], dict[str, MilestoneKind]]:
    """Cue patterns with their roles, and the role of a date that stands with a trigger, by kind."""
    data = tomllib.loads(files("nlp").joinpath("lexicon/milestones.toml").read_text(encoding="utf-8"))
    rows: list[tuple[MilestoneKind, re.Pattern[str]]] = []
    for role, phrases in data["roles"].items():
        rows += [(role, compile_phrase(lexicon().canoniser, phrase)) for phrase in phrases]
    return rows, data["trigger_role"]


def role_of(
    sentence: Sentence, at: int, kind: ProjectKind, event: Event | None, published: date | None
) -> MilestoneKind | None:
    """What the date at word ``at`` is for: the nearest cue word of its clause, else what its trigger means."""
    span = sentence.words[at].entity
    if not isinstance(span, DateSpan):
        return None
    past = published is not None and span.to is not None and span.to <= published
    best: tuple[float, MilestoneKind] | None = None
    for role, pattern in cues()[0]:
        for found in pattern.finditer(sentence.canon):
            first, last = sentence.word_at(found.start()), sentence.word_at(found.end() - 1)
            if role == "announcement" and (not past or not _short(span)):
                continue
            if role in ("offers_due", "hearing", "decision", "inquiry") and past:
                continue
            distance = float(at - last) if last < at else (first - at) * 1.3
            low, high = (last, at) if last < at else (at, first)
            between = [w.canon for w in sentence.words[low + 1 : high]]
            distance += 4 * sum(c in (";", ":", "—", "–") for c in between) + 2 * between.count(",")
            distance += 5 * sum(isinstance(w.entity, DateSpan) for w in sentence.words[low + 1 : high])
            distance -= 0.4 * (last - first)
            if role == "offers_due":
                distance -= 3
            if distance <= REACH + 3 and (best is None or distance < best[0]):
                best = (distance, role)
    if event is not None:
        distance = float(at - event.last if event.last < at else (event.first - at) * 1.3)
        low, high = (event.last, at) if event.last < at else (at, event.first)
        distance += sum(w.canon == "," for w in sentence.words[low + 1 : high])
        if distance <= REACH and (best is None or distance < best[0] - 0.5):
            return cues()[1].get(kind)
    return None if best is None else best[1]


def _short(span: DateSpan) -> bool:
    return span.from_ is not None and span.to is not None and (span.to - span.from_).days <= 31


def milestone(document: Document, sentence: Sentence, at: int, role: MilestoneKind) -> Milestone | None:
    """The milestone of a date; None where its day is unknown."""
    span = sentence.words[at].entity
    if not isinstance(span, DateSpan) or (span.from_ is None and span.to is None):
        return None
    start, end = span.from_, span.to
    return Milestone(milestone=role, from_=start, to=end, evidence=document.evidence(span.mention))
