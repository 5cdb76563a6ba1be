"""How central an organisation is to the article: main, party or passing."""

from __future__ import annotations

import re

from nlp.components.segment import plain
from nlp.document import Document, OrganisationEntity


def salience(document: Document) -> None:
    """Fill ``salience`` of each organisation; reads ``document.projects`` where they are known."""
    carriers = {name for project in document.projects for name in project.organisations}
    for entity in document.organisations:
        entity.salience = "main" if entity.name in carriers and entity.kind == "company" else _by_text(document, entity)


def _by_text(document: Document, entity: OrganisationEntity) -> str:  # type: ignore[return]
    titled = any(m.block == -2 for m in entity.mentions)
    if titled and entity.kind in ("company", "research_education", "association"):
        return "main"
    if entity.kind in ("public_body", "association", "media"):
        return "party"
    count = len(entity.mentions)
    if count >= 3:
        return "main"
    if entity.based_in:
        return "main" if count > 1 else "party"
    for m in entity.mentions:
        before = plain(document.block(m.block).text[max(0, m.start - 30) : m.start])
        if re.search(r"\b(?:selon|d'apres|avec|par|chez) (?:[a-z' ]+ )?$", before, re.IGNORECASE):
            return "party"
    return "passing" if count == 1 else "party"
