"""The events of one project, put together."""

from __future__ import annotations

from dataclasses import dataclass, field

from nlp.components.projects_events import Event
from nlp.components.projects_text import Sentence
from nlp.document import OrganisationEntity, PlaceEntity
from nlp.facts import Figure, Milestone, ProjectKind, Status


@dataclass(slots=True)
class Cluster:
    """The events of one project, before it is written down."""

    kind: ProjectKind
    events: list[Event]
    agents: list[OrganisationEntity] = field(default_factory=list)
    targets: list[OrganisationEntity] = field(default_factory=list)
    places: list[PlaceEntity] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    told: list[Sentence] = field(default_factory=list)
    status: Status | None = None
    where: list[PlaceEntity] = field(default_factory=list)

    @property
    def organisations(self) -> list[OrganisationEntity]:
        """Carriers in order: agents, then targets."""
        return unique([*self.agents, *self.targets])

    @property
    def weight(self) -> float:
        """Weight of all events."""
        return sum(e.weight for e in self.events)

    @property
    def belief(self) -> float:
        """The greatest probability that the models give one of its events."""
        return max((e.belief or 0.0 for e in self.events), default=0.0)

    @property
    def lead(self) -> Event:
        """The event that announces it best: a verb of a paragraph before a noun or a title."""
        return max(
            self.events,
            key=lambda e: (
                e.weight - (1.0 if e.sentence.kind in ("title", "heading", "standfirst") else 0),
                -e.sentence.index,
            ),
        )


def unique(entities: list[OrganisationEntity]) -> list[OrganisationEntity]:
    rows: list[OrganisationEntity] = []
    for entity in entities:
        if not any(entity is r for r in rows):
            rows.append(entity)
    return rows


def share(a: list[OrganisationEntity], b: list[OrganisationEntity]) -> bool:
    return any(x is y for x in a for y in b)
