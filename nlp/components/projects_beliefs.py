"""What the learned models believe of a sentence: which kinds of project it tells, whether it tells them first, how far
they are. They stand beside the triggers of the lexicon, which the models see among their features.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from nlp.components.features import MARKS, clauses, meaning, token, told, with_triggers
from nlp.components.linear import Value, load
from nlp.components.projects_events import Event, Trigger
from nlp.components.projects_text import Sentence
from nlp.document import Document
from nlp.facts import ProjectKind

FAMILIES: tuple[frozenset[str], ...] = (
    frozenset({"new_site", "expansion", "relocation", "infrastructure"}),
    frozenset({"closure", "restructuring", "insolvency"}),
    frozenset({"acquisition", "partnership", "funding_round"}),
)
NEVER = re.compile(r"(?!)")
ROLES = {"acquisition": "deal", "funding_round": "raise", "closure": "patient", "insolvency": "patient"}


def family(kind: str) -> frozenset[str]:
    """The kinds that are taken for one another, the kind among them."""
    return next((f for f in FAMILIES if kind in f), frozenset({kind}))


@dataclass(frozen=True, slots=True)
class Belief:
    """A clause (words ``[first, end)``): the probabilities of the kinds that it tells; the features of its wording, and
    those with its triggers."""

    first: int
    end: int
    kinds: dict[str, float]
    words: dict[str, Value]
    features: dict[str, Value]

    def fresh(self) -> float:
        """The probability that it tells something for the first time; asked of clauses that tell something only."""
        return load("fresh").probabilities(self.features)["fresh"]


class Beliefs:
    """The models' view of the clauses of one document."""

    def __init__(self, document: Document, kind_of: Callable[[Event], ProjectKind | None]) -> None:
        self.document = document
        self.kind_of = kind_of
        self.by_sentence: dict[int, list[Belief]] = {}

    def of(self, sentence: Sentence, events: list[Event]) -> list[Belief]:
        """The beliefs about the clauses of a sentence whose triggers are ``events``."""
        found: list[Belief] = []
        for first, end in clauses(sentence):
            rows = [
                (e, None if e.trigger.kind == "stage" else self.kind_of(e)) for e in events if first <= e.first < end
            ]
            words: dict[str, Value] = {**told(sentence, first, end), **meaning(self.document, sentence, first, end)}
            features = with_triggers(dict(words), rows)  # type: ignore[arg-type]
            kinds = load("events").probabilities(features)
            found.append(Belief(first, end, kinds, words, features))
        self.by_sentence[sentence.index] = found
        return found

    def at(self, event: Event) -> Belief | None:
        """The belief about the clause of an event."""
        rows = self.by_sentence.get(event.sentence.index, ())
        return next((b for b in rows if b.first <= event.first < b.end), None)

    def event(self, sentence: Sentence, belief: Belief, kind: str) -> Event:
        """An event of a kind that the model sees in a clause without a trigger, at the word that says most for it."""
        return self.event_at(
            sentence, max(range(belief.first, belief.end), key=lambda i: self._voice(sentence, i, kind)), kind
        )

    @staticmethod
    def event_at(sentence: Sentence, best: int, kind: str) -> Event:
        """An event of a kind at a word of a sentence."""
        word = sentence.words[best]
        trigger = Trigger(kind, ROLES.get(kind, "agent"), NEVER, word.verb is None, "")
        return Event(trigger, sentence, best, best, kind, "noun", quoted=word.quoted, learned=kind)

    @staticmethod
    def _voice(sentence: Sentence, i: int, kind: str) -> float:
        word = sentence.words[i]
        if word.entity is not None or word.figure is not None or word.canon in MARKS or not word.canon.isalpha():
            return -9.0
        name = token(word)
        around = [token(w) for w in sentence.words[max(0, i - 1) : i + 2]]
        names = ["w=" + name, *(f"p={a} {b}" for a, b in zip(around, around[1:], strict=False))]
        if word.verb is not None:
            names.append(f"v={word.canon} {word.verb.tense}")
        return load("events").weight(names, kind)
