"""Who is being talked of at a point of the text: mentions before it, the last person, the leading organisation."""

from __future__ import annotations

import re

from nlp.components.clauses import sentence_at
from nlp.document import Document, OrganisationEntity, PersonEntity
from nlp.folding import fold

TOKEN = re.compile(r"[^\W\d_]+(?:[-‑][^\W\d_]+)*|\d+")
#: which kind of organisation a common noun takes up; any other noun a company
KINDS = (
    ("association", re.compile(r"(?:association|syndicat|intersyndicale|federation|confederation|union|collectif|cluster|reseau"
                               r"|club|interprofession|pole|ong|fondation|patronat)\b")),
    ("public_body", re.compile(r"(?:collectivite|metropole|agglo\w*|intercommunalite|mairie|ville|commune|municipalite|region"
                               r"|departement|chambre|prefecture|etat|ministere|tribunal|port|syndicat mixte)\b")),
    ("research_education", re.compile(r"(?:universite|ecole|laboratoire|institut|hopital|chu|lycee|centre hospitalier)\b")),
    ("media", re.compile(r"(?:journal|quotidien|magazine|chaine|radio)\b")),
)  # fmt: skip
Named = tuple[int, int, PersonEntity | OrganisationEntity]


class Discourse:
    """The people and organisations of one document, by where they are named."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.texts = {block.index: block.text for block in document.blocks}
        self.order = {block.index: i for i, block in enumerate(document.blocks)}
        self.kinds = {block.index: block.kind for block in document.blocks}
        self.named: dict[int, list[Named]] = {i: [] for i in self.texts}
        entities: list[PersonEntity | OrganisationEntity] = [*document.people, *document.organisations]
        for entity in entities:
            for mention in entity.mentions:
                if mention.block in self.named:
                    self.named[mention.block].append((mention.start, mention.end, entity))
        for rows in self.named.values():
            rows.sort(key=lambda row: (row[0], -row[1]))

    def mentions(self, block: int, start: int, end: int) -> list[Named]:
        """Mentions of people and organisations that lie inside ``[start, end)`` of a block."""
        return [row for row in self.named[block] if start <= row[0] and row[1] <= end]

    def before(self, block: int, offset: int) -> list[Named]:
        """All mentions before an offset, nearest first, through the blocks above it (captions left out)."""
        rows = [row for row in self.named[block] if row[0] < offset][::-1]
        above = [i for i in self.order if self.order[i] < self.order[block] and self.kinds[i] != "caption"]
        for index in sorted(above, key=lambda i: -self.order[i]):
            rows += self.named[index][::-1]
        return rows

    def near(self, entity: OrganisationEntity, block: int, offset: int) -> bool:
        """Whether an entity is named before the offset in this block or the one above it."""
        for mention in entity.mentions:
            distance = self.order[block] - self.order.get(mention.block, -99)
            if distance == 1 or (distance == 0 and mention.start < offset):
                return True
        return False

    def person(self, block: int, offset: int, female: bool | None, role: str | None = None) -> PersonEntity | None:
        """The last person before an offset whose sex agrees, one with the role first."""
        people = [entity for _, _, entity in self.before(block, offset) if isinstance(entity, PersonEntity)]
        if role or not people:
            people += [p for p in self.document.people if not any(p is q for q in people)]
        if female is not None:
            people = [p for p in people if p.female is None or p.female is female]
        if role:
            bearers = [p for p in people if any(role_matches(role, r.title) for r in p.roles)]
            if bearers:
                return bearers[0]
        return people[0] if people else None

    def organisation(self, block: int, offset: int, noun: str | None = None) -> OrganisationEntity | None:
        """The organisation that a common noun takes up before an offset.

        One whose name holds the noun ("l'agglomération") comes first; else near and leading ones: a sentence's first
        organisation is likelier to go on being talked of, as is the title's.
        """
        rows = [row for row in self.before(block, offset) if isinstance(row[2], OrganisationEntity)]
        entities = [entity for _, _, entity in rows if isinstance(entity, OrganisationEntity)]
        if noun:
            stem = noun.split()[-1][:7]
            named = [o for o in entities if stem in fold(" ".join([o.name, *o.aliases]))]
            if named:
                return named[0]
            wanted = next((kind for kind, nouns in KINDS if nouns.match(noun)), "company")
            entities = [o for o in entities if o.kind == wanted] or entities
        scores: dict[int, float] = {}
        for i, entity in enumerate(dict.fromkeys(map(id, entities))):
            owner = next(o for o in entities if id(o) == entity)
            scores[entity] = self._prominence(owner, block, offset) - 0.1 * i
        if not scores:
            return None
        best = max(scores, key=lambda key: scores[key])
        return next(o for o in entities if id(o) == best)

    def _prominence(self, entity: OrganisationEntity, block: int, offset: int) -> float:
        best = 0.0
        for mention in entity.mentions:
            if mention.block not in self.order or self.kinds[mention.block] == "caption":
                continue
            distance = self.order[block] - self.order[mention.block]
            if distance < 0 or (distance == 0 and mention.start >= offset):
                continue
            start, _ = sentence_at(self.texts[mention.block], mention.start)
            orgs = [r for r in self.mentions(mention.block, start, mention.end) if isinstance(r[2], OrganisationEntity)]
            leads = bool(orgs) and orgs[0][2] is entity
            best = max(best, (3.0 if distance == 0 else 2.0 if distance == 1 else 1.0 / distance) + 2.0 * leads)
        return best + 1.0 * any(self.kinds[m.block] == "title" for m in entity.mentions if m.block in self.kinds)


def role_matches(noun: str, title: str) -> bool:
    """Whether a role noun (folded) takes up a role's title.

    >>> role_matches("dirigeante", "présidente"), role_matches("maire", "directrice")
    (True, False)
    """
    folded = fold(title)
    stem = noun[:6]
    if any(word.startswith(stem) for word in TOKEN.findall(folded)):
        return True
    heads = (
        "dirig",
        "patron",
        "president",
        "pdg",
        "p-dg",
        "gerant",
        "directeur general",
        "directrice general",
        "fondat",
        "cofondat",
        "chef d",
    )
    lead = any(noun.startswith(h.split()[0][:6]) for h in heads if " " not in h) or noun in (
        "entrepreneur",
        "entrepreneuse",
        "industriel",
    )
    return lead and noun[:6] not in ("direct",) and any(h in folded for h in heads)
