"""Milestones of a project: which of the article's dates are its steps, and which step each one is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

from nlp.components.features import date_features
from nlp.components.linear import Features, load
from nlp.components.projects_events import Cue, Event, cue, lexicon
from nlp.components.projects_text import Sentence
from nlp.document import DateSpan, Document
from nlp.facts import Milestone, MilestoneKind, ProjectKind

REACH = 12.0  # words between a date and the word that says what it is for
AHEAD = ("offers_due", "hearing", "decision", "inquiry")
# Least probability of a step: in a sentence that tells of the project by itself, in another (tuned on gold articles that
# the model had not seen); what stands beside a deal is rarely its own.
BELIEVED, BESIDE, BESIDE_DEAL = 0.3, 0.5, 0.7
DEALS = ("acquisition", "partnership", "funding_round")
COURT = re.compile(r"(?<!\S)(?:tribunal|juge|cour) ")


@dataclass(frozen=True, slots=True)
class Cues:
    """``lexicon/milestones.toml``: cue patterns with their roles, roles by trigger, roles that a kind can have."""

    patterns: tuple[tuple[str, Cue], ...]
    triggers: dict[str, dict[str, str]]
    allowed: dict[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def cues() -> Cues:
    """The milestone lexicon, compiled."""
    data = tomllib.loads(files("nlp").joinpath("lexicon/milestones.toml").read_text(encoding="utf-8"))
    patterns = tuple(
        (role, cue(lexicon().canoniser, phrase)) for role, phrases in data["roles"].items() for phrase in phrases
    )
    return Cues(patterns, data["trigger"], {kind: tuple(roles) for kind, roles in data["allowed"].items()})


def _distance(sentence: Sentence, at: int, first: int, last: int) -> float:
    """How far a cue at words ``first..last`` is from the date at ``at``: words, dearer over commas and other dates."""
    if first <= at <= last:
        return 0.5
    low, high = (last, at) if last < at else (at, first)
    between = sentence.words[low + 1 : high]
    commas = [j for j, w in enumerate(between) if w.canon == ","]
    if last < at and len(commas) > 1 and commas[0] <= 2:  # "la livraison, prévue d'abord en mai, est attendue en juin"
        high -= commas[-1] - commas[0] + 1
        between = between[: commas[0]] + between[commas[-1] + 1 :]
    distance = float(high - low) if last < at else (high - low) * 1.4
    distance += 5 * sum(w.canon in (";", ":", "—", "–") for w in between) + 2 * sum(
        w.canon in (",", "et") for w in between
    )
    return distance + 6 * sum(isinstance(w.entity, DateSpan) for w in between) - 0.4 * (last - first)


def spots(sentence: Sentence) -> list[tuple[str, int, int]]:
    """The cue words of a sentence: role, first and last word."""
    words = {w.canon for w in sentence.words}
    rows: list[tuple[str, int, int]] = []
    for role, pattern in cues().patterns:
        for found in pattern.finditer(sentence, words, 0, len(sentence.canon)):
            rows.append((role, sentence.word_at(found.start()), sentence.word_at(found.end() - 1)))
    return rows


def role_of(
    sentence: Sentence,
    at: int,
    found: list[tuple[str, int, int]],
    kind: ProjectKind,
    event: Event | None,
    published: date | None,
    since: bool = False,
) -> MilestoneKind | None:
    """What the date at word ``at`` is for: its trigger where that says so, else the nearest cue word, else nothing."""
    span = sentence.words[at].entity
    if not isinstance(span, DateSpan):
        return None
    if kind == "insolvency" and since and event is not None and abs(event.last - at) <= 4:
        return "start"  # "en liquidation judiciaire depuis le 4 mai": the procedure runs since then
    past = published is not None and span.to is not None and span.to <= published
    best: tuple[float, str] | None = None
    for role, first, last in found:
        if (role == "announcement" and not (past and _short(span))) or (role in AHEAD and past):
            continue
        if first > at and sentence.words[first].canon in ("et", "puis"):
            continue  # what is coordinated after a date has a date of its own
        distance = _distance(sentence, at, first, last)
        if distance <= REACH and (best is None or distance < best[0]):
            best = (distance, role)
    if event is not None:
        word = event.verb or sentence.words[event.first].canon
        meant = cues().triggers.get(kind, {}).get(word) or cues().triggers.get(kind, {}).get(
            sentence.words[event.first].canon
        )
        distance = _distance(sentence, at, event.first, event.last)
        if meant and distance <= REACH and (best is None or distance <= best[0] + 0.5):
            best = (distance, meant)
        if (
            kind == "acquisition"
            and past
            and _short(span)
            and COURT.search(sentence.canon)
            and (best is None or best[1] != "none")
        ):
            return "announcement"
    return _allowed(best[1] if best else None, kind, span, event, sentence)


def date_view(
    document: Document,
    sentence: Sentence,
    at: int,
    kind: ProjectKind,
    event: Event | None,
    found: list[tuple[str, int, int]],
    rivals: Sequence[tuple[int, str]],
) -> dict[str, float]:
    """What the model of dates sees of the date at word ``at`` as a step of a project of a kind."""
    span = sentence.words[at].entity
    assert isinstance(span, DateSpan)
    text = document.evidence(span.mention).text
    since = text.lower().startswith("depuis")
    rule = role_of(sentence, at, found, kind, event, document.published, since)
    return date_features(sentence, at, kind, event, found, rule, text, document.published, rivals)


def step(view: Features, kind: ProjectKind, beside: bool) -> MilestoneKind | None:
    """Which step of a project of a kind a date is, as the model of dates sees it (:func:`date_view`), if any: the likeliest
    that the kind can have. ``beside``: its sentence does not tell the project itself."""
    likely = load("dates").probabilities(view)
    allowed = cues().allowed.get(kind, tuple(likely))
    role, probability = max(((r, p) for r, p in likely.items() if r != "none" and r in allowed), key=lambda x: x[1])
    least = BELIEVED if not beside else BESIDE_DEAL if kind in DEALS else BESIDE
    return role if probability >= least else None  # type: ignore[return-value]


def _allowed(
    role: str | None, kind: ProjectKind, span: DateSpan, event: Event | None, sentence: Sentence
) -> MilestoneKind | None:
    if role is None or role == "none":
        return None
    if role == "horizon":
        role = "completion" if span.from_ is None else None
    if kind == "insolvency" and role in ("opening", "announcement") and event is not None:
        role = "completion" if re.search(r"(?<!\S)(?:liquidation|cession) ", sentence.canon) else "start"
    if role not in cues().allowed.get(kind, (role,)):
        return None
    return role  # type: ignore[return-value]


def _short(span: DateSpan) -> bool:
    return span.from_ is not None and span.to is not None and (span.to - span.from_).days <= 31


def milestone(document: Document, sentence: Sentence, at: int, role: MilestoneKind) -> Milestone | None:
    """The milestone of a date; None where its day is unknown."""
    span = sentence.words[at].entity
    if not isinstance(span, DateSpan) or (span.from_ is None and span.to is None):
        return None
    return Milestone(milestone=role, from_=span.from_, to=span.to, evidence=document.evidence(span.mention))


def distinct(milestones: list[Milestone]) -> list[Milestone]:
    """Without those that only say more vaguely what another says ("en 2026" beside "au troisième trimestre 2026")."""

    def holds(a: Milestone, b: Milestone) -> bool:
        if a.milestone != b.milestone or a.from_ is None or a.to is None or b.from_ is None or b.to is None:
            return False
        return a.from_ <= b.from_ and b.to <= a.to and (a.from_, a.to) != (b.from_, b.to)

    return [m for m in milestones if not any(holds(m, other) for other in milestones)]
