"""The NAF rev. 2 division of a project's activity, from the words by which the article describes it."""

from __future__ import annotations

from nlp.components.projects_events import Event
from nlp.components.projects_text import Sentence
from nlp.document import Document, OrganisationEntity
from nlp.facts import ProjectKind


def division(
    document: Document, carriers: list[OrganisationEntity], told: list[Sentence], lead: Event, kind: ProjectKind
) -> str | None:
    """Two digits, or None where the article does not tell."""
    return None
