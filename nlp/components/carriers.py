"""Who carries what an event tells: every organisation of the article is a candidate, and a model learned from gold
articles weighs how it stands to the event: subject or object, near or far, talked of just before, named in the title …
"""

from __future__ import annotations

import re

from nlp.components.linear import load
from nlp.components.projects_beliefs import family
from nlp.components.projects_events import Event, EventReader
from nlp.document import OrganisationEntity

LIKELY, POSSIBLE, THIRD = 0.5, 0.3, 0.9
DEALS = ("acquisition", "partnership", "funding_round")
# What stands before the name of who buys, and of who is bought.
BUYER = re.compile(
    r"(?<!\S)(?:par|(?:giron|controle|escarcelle|propriete|pavillon|main|aile|coupe|profit|benefice) de|(?:adosser|ceder|vendre) a) "
    r"(?:le )?(?:[a-z-]+ ){0,2}$"
)
BOUGHT = re.compile(
    r"(?<!\S)(?:reprise|rachat|acquisition|absorption|cession|vente) (?:(?:partiel|partielle|total|totale|complet|complete) )?"
    r"de (?:le )?(?:[a-z-]+ ){0,2}$"
)
PRONOUNS = {"il", "elle", "ils", "elles", "on"}
OURS = {"nous", "notre", "nos", "je"}


class Carriers:
    """Weighs the organisations of one document as carriers of its events."""

    def __init__(self, reader: EventReader) -> None:
        self.reader = reader
        self.named: dict[int, list[tuple[int, int]]] = {}
        self.subjects: dict[int, int] = {}
        self.blocks = {s.index: s.block for s in reader.sentences}
        for sentence in reader.sentences:
            for j, word in enumerate(sentence.words):
                if isinstance(word.entity, OrganisationEntity):
                    self.named.setdefault(id(word.entity), []).append((sentence.index, j))
            first = next((row for row in reader.candidates(sentence, 0, len(sentence.words)) if row[1] >= 2), None)
            if first is not None:
                self.subjects[sentence.index] = id(first[2])
        self.main = reader.main()

    def candidates(self, event: Event) -> list[OrganisationEntity]:
        """Organisations that can carry a project and are named up to the end of the event's sentence, or in the title."""
        last = event.sentence.index
        return [
            o
            for o in self.reader.document.organisations
            if self.reader.carrier(o) and id(o) in self.named and (self.named[id(o)][0][0] <= last + 1)
        ]

    def features(self, event: Event, kind: str, entity: OrganisationEntity) -> dict[str, float]:
        """How an organisation stands to an event."""
        sentence = event.sentence
        words = sentence.words
        found: dict[str, float] = {"kind=" + entity.kind: 1.0}
        group = min(family(kind))
        spots = self.named.get(id(entity), [])
        here = [j for i, j in spots if i == sentence.index]
        deal = kind in DEALS
        agent = any(entity is a for a in event.agents)
        target = any(entity is t for t in event.targets)
        others = any(isinstance(w.entity, OrganisationEntity) and w.entity is not entity for w in words)
        if agent:
            found["agent" + (" anaphoric" if event.anaphoric else "")] = 1.0
            found["agent " + group] = 0.5
        if target:
            found["target"] = 1.0
            found["target " + group] = 0.5
        if here:
            j = min(here, key=lambda j: abs(j - event.first))
            side = "left" if j < event.first else "right"
            distance = abs(j - event.first)
            found["here"] = 1.0
            found[f"here {side} {min(distance // 4, 4)}"] = 1.0
            if deal:
                found[f"here deal {side}"] = 1.0
            if words[j].depth:
                found["bracketed"] = 1.0
            k = self.reader.phrase_start(sentence, j, 0)
            before = words[k].canon if k >= 0 else "<"
            found["before=" + (before if before.isalpha() and len(before) < 12 else "mark" if k >= 0 else "<")] = 1.0
            found[f"before {side}=" + (before if before in BEFORE else "other")] = 1.0
            between = words[min(j, event.first) + 1 : max(j, event.first)]
            if any(isinstance(w.entity, OrganisationEntity) for w in between):
                found["another between"] = 1.0
            if any(w.canon in (";", ":", "—", "–") for w in between):
                found["mark between"] = 1.0
            if sum(w.verb is not None and w.verb.tense not in ("part", "inf") for w in between) > 0:
                found["verb between"] = 1.0
        else:
            earlier = [i for i, _ in spots if i < sentence.index]
            gap = sentence.index - earlier[-1] if earlier else 9
            found[f"gap {min(gap, 5)}"] = 1.0
            found["not here" + (" others" if others else " nobody")] = 1.0
            if earlier and self.subjects.get(earlier[-1]) == id(entity):
                found["was subject"] = 1.0
                if gap == 1:
                    found["was subject just before"] = 1.0
            block = any(self.blocks[i] == sentence.block for i in earlier)
            found["same block" if block else "other block"] = 1.0
            start = {w.canon for w in words[:3]}
            if start & PRONOUNS and gap == 1:
                found["pronoun opens"] = 1.0
            if any(w.canon in OURS for w in words) and self.main is entity:
                found["we"] = 1.0
        previous = self.subjects.get(sentence.index - 1)
        if previous == id(entity):
            found["subject before"] = 1.0
        if self.reader.focus_at.get(sentence.index) is entity:
            found["focus"] = 1.0
        if entity is self.main:
            found["main"] = 1.0
            found["main " + ("here" if here else "others" if others else "nobody")] = 1.0
        if any(m.block == -2 for m in entity.mentions):
            found["in title"] = 1.0
        found[f"mentions {min(len(spots), 4)}"] = 1.0
        if deal and entity.kind == "company":
            found["company in deal"] = 1.0
        found[f"{entity.kind} {group}"] = 1.0
        return found

    def choose(self, event: Event, kind: str) -> None:
        """Set the carriers of an event: the likeliest one and all that are more likely than not; agents and targets stay
        what they were, others are agents where the event has none, else targets of a deal."""
        rows = self.weigh(event, kind)
        deal = kind == "acquisition"
        told = bool(event.trigger.phrase) and not event.trigger.noun  # a known verb with its subject and object
        if deal and told and event.agents and event.targets and not event.anaphoric:
            rows = [row for row in rows if any(row[1] is o for o in event.organisations)]
        least = [POSSIBLE, LIKELY, THIRD if deal else LIKELY]  # a deal has two sides; the seller is none
        chosen = [entity for n, (p, entity) in enumerate(rows) if p >= least[min(n, 2)]]
        agents = [a for a in event.agents if any(a is c for c in chosen)]
        targets = [t for t in event.targets if any(t is c for c in chosen)]
        for entity in chosen:
            if any(entity is o for o in (*agents, *targets)):
                continue
            (targets if agents and kind in DEALS else agents).append(entity)
        if deal and not told:
            agents, targets = self._sides(event, agents, targets)
        event.agents, event.targets = agents, targets
        event.anaphoric = not any(w.entity is o for o in chosen for w in event.sentence.words)

    def _sides(
        self, event: Event, agents: list[OrganisationEntity], targets: list[OrganisationEntity]
    ) -> tuple[list[OrganisationEntity], list[OrganisationEntity]]:
        """Who buys and who is bought, where the words before a name tell: "la reprise de X", "dans le giron de Y"."""
        everybody = [*agents, *targets]
        for pattern, bought in ((BUYER, False), (BOUGHT, True)):
            found = [
                entity
                for entity in everybody
                if any(
                    word.entity is entity and pattern.search(event.sentence.canon[: event.sentence.at[j]])
                    for j, word in enumerate(event.sentence.words)
                )
            ]
            if found and len(found) < len(everybody):
                rest = [entity for entity in everybody if not any(entity is f for f in found)]
                return (rest, found) if bought else (found, rest)
        return agents, targets

    def weigh(self, event: Event, kind: str) -> list[tuple[float, OrganisationEntity]]:
        """The candidates with the probability that they carry the event's project, best first."""
        model = load("carriers")
        rows = [
            (model.probabilities(self.features(event, kind, entity))["carrier"], entity)
            for entity in self.candidates(event)
        ]
        return sorted(rows, key=lambda row: -row[0])


BEFORE = {
    "<", "de", "par", "a", "avec", "chez", "pour", "selon", ",", "et", "que", "entre", "aupres", "dans", "contre", "sur",
    "(", ":", "«", "en", "dont", "–", "•", "-", "apres", "comme",
}  # fmt: skip
