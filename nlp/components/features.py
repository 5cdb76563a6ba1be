"""What the learned models see of a clause and a date: named features, for reading and for training alike.

All are taken from the canonical sentence (:mod:`nlp.components.projects_text`), where names, sums and dates are tags, so
that a model learns wordings and no names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

import numpy as np

from nlp.components.clauses import word_list
from nlp.components.linear import Features, Value
from nlp.components.projects_events import Event, lexicon
from nlp.components.projects_text import Sentence, Word
from nlp.components.vectors import Vector, direction, unit_vectors
from nlp.document import DateSpan, Document, OrganisationEntity
from nlp.folding import fold

# Punctuation that carries no wording.
MARKS = frozenset('«»“”"()[]')
NEAR = 7
STEM = 6  # letters that related words share: construire, construction, constructeur
# What ends a clause whatever follows, and what begins one.
HARD = frozenset(";:—–.?!…")
OPENING = word_list("opens_clause")
# Words that say nothing of a sentence's matter.
EMPTY = word_list("empty")
VECTOR = 2.0  # how much of the regularised budget the vectors get beside words, each of which counts 1
PIECES = re.compile(r"[a-z]+")
TENSES = {"pres", "imp", "past", "fut", "cond", "part", "inf", "ger"}


def token(word: Word) -> str:
    """A word as the models see it: names by their class, figures by their measure's tag, numbers as one."""
    if isinstance(word.entity, OrganisationEntity) and word.entity.kind != "company":
        return "ORG:" + word.entity.kind
    if word.canon[:1].isdigit():
        return "NUM"
    return word.canon


def clauses(sentence: Sentence) -> list[tuple[int, int]]:
    """The clauses of a sentence as ranges of words ``[first, end)``: parts set off by punctuation or a conjunction that
    have a verb of their own; a part without one goes with the part before it.

    >>> # "X rachète Y, qui emploie 40 salariés, et fermera son site de Z" -> three clauses
    """
    if sentence.clauses is None:
        sentence.clauses = _clauses(sentence.words)
    return sentence.clauses


def _clauses(words: list[Word]) -> list[tuple[int, int]]:
    starts: list[tuple[int, bool]] = [(0, True)]
    for i in range(1, len(words)):
        before, here = words[i - 1].canon, words[i].canon
        if words[i].depth and not words[i - 1].depth:
            starts.append((i, False))
        elif before in HARD:
            starts.append((i, True))
        elif before in (",", ")") or here in OPENING:
            starts.append((i, False))
    ends = [a for a, _ in starts[1:]] + [len(words)]
    found: list[tuple[int, int]] = []
    for (first, hard), end in zip(starts, ends, strict=True):
        own = hard or any(w.verb is not None and w.verb.tense != "inf" for w in words[first:end])
        whole = found and any(w.verb is not None and w.verb.tense != "inf" for w in words[found[-1][0] : found[-1][1]])
        if found and not (own and (whole or hard)):
            found[-1] = (found[-1][0], end)
        else:
            found.append((first, end))
    return found


def told(sentence: Sentence, first: int, end: int) -> dict[str, float]:
    """The wording of a clause (words ``[first, end)``): single words, pairs, verbs with their tense, measures told, where
    it stands; the words of the rest of its sentence count less."""
    features: dict[str, float] = {"b=" + sentence.kind: 1.0}
    words = [w for w in sentence.words[first:end] if w.canon not in MARKS]
    plain = [token(w) for w in words]
    for name in plain:
        features["w=" + name] = 1.0
    for a, b in zip(["<", *plain], [*plain, ">"], strict=True):
        features[f"p={a} {b}"] = 1.0
    content = [t for t in plain if len(t) > 3 or t in ("ORG", "#any")]
    for a, b in zip(content, content[2:], strict=False):
        features[f"s={a} {b}"] = 1.0
    for a, b in zip(content, content[1:], strict=False):
        features[f"c={a} {b}"] = 1.0
    for name in plain:
        if len(name) > STEM and name.isalpha():
            features["t=" + name[:STEM]] = 1.0
    text = " ".join(w.canon for w in sentence.words[first:end]) + " "
    for name, pattern in lexicon().classes.items():
        found = pattern.search(text)
        if found is not None:
            before = text[: found.start()].rsplit(" ", 3)[-3:-1]
            features["o=" + name] = 1.0
            for word_before in before:
                if word_before in ("un", "son", "le", "nouveau", "premier", "second", "futur", "ce", "deux", "autre"):
                    features[f"o={word_before} {name}"] = 1.0
    for word in words:
        if word.verb is not None:
            features[f"v={word.canon} {word.verb.tense}"] = 1.0
        if word.figure is not None:
            features["m=" + word.figure.measure] = 1.0
    for word in (*sentence.words[:first], *sentence.words[end:]):
        if word.canon not in MARKS:
            features.setdefault("x=" + token(word), 0.3)
        if word.figure is not None:
            features.setdefault("xm=" + word.figure.measure, 0.5)
    if any(w.quoted for w in words):
        features["quoted"] = 1.0
    if any(w.canon in ("je", "nous", "notre", "nos") for w in words):
        features["first person"] = 1.0
    return features


def meaning(document: Document, sentence: Sentence, first: int, end: int) -> dict[str, Vector]:
    """The mean of the word vectors of a clause's verbs and that of its other content words, each of length ``VECTOR``.

    They let a model know wordings that it was never shown by their likeness to others.
    """
    vectors = unit_vectors(document.doc.vocab)
    text = document.block(sentence.block).text
    content = [
        w
        for w in sentence.words[first:end]
        if w.entity is None and w.figure is None and w.canon.isalpha() and w.canon not in EMPTY
    ]
    features: dict[str, Vector] = {}
    for label, verbal in (("dv", True), ("dn", False)):
        words = (text[w.start : w.end].lower() for w in content if (w.verb is not None) == verbal)
        mean = direction(words, vectors)
        if mean is not None:
            features[label] = mean * np.float32(VECTOR)
    return features


def with_triggers(features: dict[str, Value], events: list[tuple[Event, str | None]]) -> dict[str, Value]:
    """The wording of a sentence with what the triggers of the lexicon say of it."""
    for event, kind in events:
        if event.trigger.kind == "stage":
            features["r=stage"] = 1.0
            continue
        features[f"r={kind}"] = 1.0
        features[f"r={kind} {'noun' if event.trigger.noun else event.tense}"] = 1.0
        if event.negated:
            features[f"r={kind} negated"] = 1.0
        if event.anaphoric:
            features[f"r={kind} anaphoric"] = 1.0
    if not any(event.trigger.kind != "stage" for event, _ in events):
        features["r=nothing"] = 1.0
    return features


def status_features(words: Features, kind: str, rules: Iterable[str]) -> dict[str, Value]:
    """A clause that tells of a project of a kind, with the statuses that the rules read in it."""
    features: dict[str, Value] = {**words, "kind=" + kind: 1.0}
    for name in words:
        if name.startswith("v="):
            tense = name.rsplit(" ", 1)[-1]
            features.update({f"k{name} {kind}": 1.0, "t=" + tense: 1.0, f"t={tense} {kind}": 1.0})
    for rule in rules:
        features["rule=" + rule] = 1.0
        features[f"rule={rule} {kind}"] = 1.0
    return features


def around(sentence: Sentence, at: int, reach: int = NEAR) -> dict[str, float]:
    """The words around word ``at``, with their side, near ones also with their distance."""
    features: dict[str, float] = {"b=" + sentence.kind: 1.0}
    words = sentence.words
    for side, steps in (("l", range(at - 1, -1, -1)), ("r", range(at + 1, len(words)))):
        seen: list[str] = []
        for j in steps:
            if words[j].canon in MARKS:
                continue
            name = token(words[j])
            seen.append(name)
            n = len(seen)
            features[f"{side}={name}"] = max(features.get(f"{side}={name}", 0.0), 1.0 if n <= 4 else 0.6)
            if n <= 3:
                features[f"{side}{n}={name}"] = 1.0
            verb = words[j].verb
            if verb is not None and verb.tense in TENSES:
                features[f"{side}v={verb.lemma} {verb.tense}"] = 1.0
            if n >= reach or name in (".", ";"):
                break
        for a, b in zip(seen, seen[1:], strict=False):
            features[f"{side}p={a} {b}"] = 1.0
    for word in words:
        features.setdefault("w=" + token(word), 0.3)
    return features


def _distance(n: int) -> str:
    return "0" if n <= 1 else "3" if n <= 3 else "7" if n <= 7 else "far"


def when(span: DateSpan, published: date | None) -> list[str]:
    """Where a date lies from the day of publication: before, after, how far; "no day" where that is not known."""
    if published is None or (span.to is None and span.from_ is None):
        return ["no day"]
    end, begin = span.to or span.from_, span.from_ or span.to
    assert begin is not None and end is not None
    if end < published or (end == published and span.precision == "day"):
        days = (published - end).days
        return [
            "past",
            "past " + ("week" if days <= 8 else "year" if days <= 250 else "two years" if days <= 800 else "old"),
        ]
    if begin <= published:
        return ["now"]
    return ["future", "future " + ("month" if (begin - published).days <= 45 else "later")]


def date_features(
    sentence: Sentence,
    at: int,
    kind: str,
    event: Event | None,
    spots: Iterable[tuple[str, int, int]],
    rule: str | None,
    text: str,
    published: date | None,
    rivals: Iterable[tuple[int, str]] = (),
) -> dict[str, float]:
    """A date in its sentence, as a step of a project of a kind: the words around it and in its clause, its preposition,
    whether it is past, the nearest verbs, the cue words of the sentence, the project's own event there, the rules' answer,
    the events of other kinds there (``rivals``: word, kind). ``text``: the words of the date.
    """
    features = around(sentence, at)
    words = sentence.words
    span = words[at].entity
    if not isinstance(span, DateSpan):
        return features
    first, end = next(((a, b) for a, b in clauses(sentence) if a <= at < b), (0, len(words)))
    for word in words[first:end]:
        if word.canon not in MARKS:
            features["c=" + token(word)] = 0.7
            features[f"ck={kind} {token(word)}"] = 0.5
    plain = PIECES.findall(fold(text)) or [""]
    times = when(span, published)
    names = [
        "precision=" + span.precision,
        "open=" + ("from" if span.from_ is None else "to" if span.to is None else "none"),
    ]
    names += [f"date={w}" for w in plain]
    names.append("date1=" + plain[0])
    names += ["t=" + t for t in times]
    names += [f"t={t} {kind}" for t in times]
    verbs = [(abs(i - at), i) for i in range(first, end) if words[i].verb is not None]
    for _, i in sorted(verbs)[:2]:
        verb = words[i].verb
        assert verb is not None
        side = "l" if i < at else "r"
        names += [
            f"nv={verb.tense}",
            f"nv={side} {verb.tense}",
            f"nv={verb.lemma} {kind}",
            f"nv={verb.tense} {times[0]}",
        ]
        names.append(f"nv={verb.lemma} {times[0]}")
    rank = [i for i, w in enumerate(words) if isinstance(w.entity, DateSpan)]
    names += [f"rank={min(rank.index(at), 3)} {min(len(rank), 3)}", f"depth={min(words[at].depth, 1)}"]
    if words[at].quoted:
        names.append("quoted")
    if len(words) < 9:
        names.append("short sentence")
    for role, a, b in spots:
        near = _distance(at - b if b < at else a - at)
        names += [f"cue={role} {near}", f"cue={role} {'l' if b < at else 'r'}"]
    figures = [(abs(i - at), w.figure.measure) for i, w in enumerate(words) if w.figure is not None]
    if figures:
        distance, measure = min(figures)
        names.append(f"fig={measure} {_distance(distance)}")
    if event is not None:
        inside = first <= event.first < end
        tense = "noun" if event.trigger.noun and not event.verb else event.tense
        names += [
            f"ev={_distance(abs(event.first - at))}",
            f"ev={kind} {'in' if inside else 'out'}",
            f"ev={kind} {tense}",
        ]
        names += [f"ev={words[event.first].canon} {kind}", f"ev={tense} {times[0]}"]
    else:
        names += ["ev=none", f"ev=none {kind}", f"ev=none {kind} {times[0]}", f"ev=none {rule}"]
    for i, other in rivals:
        nearer = event is None or abs(i - at) < abs(event.first - at)
        names += [
            f"rival={other} {kind}",
            f"rival={'nearer' if nearer else 'farther'} {'in' if first <= i < end else 'out'}",
        ]
        names.append(f"rival={other} {_distance(abs(i - at))}")
    names += ["kind=" + kind, f"rule={rule}", f"rule={rule} {kind}"]
    features.update((name, 1.0) for name in names)
    return features
