"""How central an organisation is to the article: main, party or passing.

Main: it carries a project of the article or is its target, or the article is about it. Party: it acts, pays, judges,
owns or is quoted. Passing: customers, competitors, former employers, comparisons, lists.

What speaks for a class has a name ("the title names it", "subject of investir", "said_by"); ``lexicon/salience.tsv``
gives each name its weight for each class, and the class with the largest sum is the organisation's. The weights are
learned from the gold articles by ``python -m benchmarks.fit_salience``; no name or place of an article is among them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import get_args

from nlp.components.lexicon import CAP, lexicon, weight_table
from nlp.document import Document, Mention, OrganisationEntity
from nlp.facts import Salience
from nlp.folding import plain
from nlp.gazetteer import demonyms, fold

Features = dict[str, float]
CLASSES: tuple[Salience, ...] = get_args(Salience)
MOST = 12  # mentions looked at: later ones tell nothing new
# What stands before an organisation that is merely mentioned.
PASSING = re.compile(
    r"\b(?:clients?|clientes?|concurrent[es]*|rivales?|rivaux|fournit|fournissent|travaille pour|fournisseurs? de|sous-traitant de|donneurs? d'ordres?|"
    r"comme|ancien(?:ne)?s? (?:de|du|chez|d[a-z]+ de)|issue?s? (?:de|du|d')|passee?s? (?:par|chez)|ex-[a-z]+ (?:de|du|d')|transfuges? de|"
    r"parmi lesquel(?:le)?s?|tel(?:le)?s? que|a l'image de|a l'instar de|a cote de|voisin[es]* de|proche de|comparable a|derriere|references?|"
    r"face a|concurrence de|notamment|figurent|exposants)[^.;!?]{0,60}$"
)
# What stands before one that takes part.
PARTY = re.compile(
    r"\b(?:selon|d'apres|avec|confiee?s? a|aupres de|soutien de|appui de|aide de|concours de|accompagne[a-z]* par|financee?s? par|"
    r"vendue?s? (?:par|a)|cedee?s? (?:par|a)|propriet[a-z]+|contrat avec|partenariat avec|accord avec|en lien avec|mandate[a-z]*|"
    r"investisseurs?|actionnaires?|subvention[a-z]*|prets?|locataire|bailleur)\b[^.;!?,]{0,40}$"
)
# What stands before one that puts money into another's project.
INVESTS = re.compile(
    r"\b(?:(?:apporte|souscrit|injecte|fourni|finance|abonde|octroye|accorde|garanti|prete|mis sur la table|mene|arrange)e?s?"
    r" (?:a (?:hauteur de )?[\d,]+ ?%? )?par|actionnaires?(?: historiques?| minoritaires?)?|tour de table|aupres de)\b[^.;]{0,70}$"
)
# What stands before one that carries or is a project's target.
CARRIES = re.compile(
    r"\b(?:projet|parc|centrale|chantier|programme|usine|campus|site|complexe|operation|initiative|ensemble)\b[^.;]{0,60}"
    r" (?:porte|developpe|imagine|initie|promu|concu|mene|pilote)e?s? (?:[^.;]{0,30} )?par (?:[^.;]{0,60} et [^.;]{0,20} par )?$"
    r"|\b(?:rachat|acquisition|reprise|liquidation|cession|fermeture|redressement(?: judiciaire)?|sauvegarde|capital|absorption|offre sur|offre de reprise)"
    r" (?:de |d'|du )(?:la |l'|le )?(?:[a-z-]+ ){0,2}$"
    r"|\b(?:rachete|rachetent|reprend|reprennent|acquiert|absorbe|s'offre|avale|cede|vend)(?:nt)? (?:la |l'|le |les )?(?:[a-z-]+ ){0,2}$"
)
BRACKET = re.compile(r" ?\([^()]{0,60}(?:salarie|personnes|collaborateur|adherents|M€|chiffre|CA\b|millions)")
FINANCE = re.compile(
    r"\b(?:ventures|capital|partners|invest(?:issements?)?|banque|bank|credit|caisse|assurances?|fonds|finance|angels|participations|mutuelle)\b"
)
ADVISES = re.compile(
    r"\b(?:conseils?|consulting|avocats?|associes|avocat|notaires?|communication|rp)\b|^cabinet|^agence\b"
)
JUDGES = re.compile(r"tribunal|cour |prefecture|parquet|procureur|chambre regionale|autorite|conseil d'etat")
COUNCIL = re.compile(
    r"region|departement|conseil |communaute|metropole|agglo|ville|mairie|commune|syndicat mixte|.*(?:metropole|agglo|communaute)$"
)
UNION = re.compile(r"(?:cgt|cfdt|fo|cftc|cfe-cgc|unsa|sud|solidaires|fsu|intersyndicale)\b")
PREPOSITION = re.compile(
    r"\b(de la|de l'|des|du|de|d'|par|avec|chez|aupres de|aupres du|a|au|aux|pour|selon|contre|sur|dans|entre|et|ou|comme|dont)(?: ?(?:la|l'|le|les))? ?(?:[a-z-]+ ){0,2}$"
)
# Words in lower case: names are none of an organisation's features.
WORD = re.compile(r"(?<![\w-])[a-z][a-z-]+(?![\w-])")
LISTED_AHEAD = re.compile(rf"(?:, | et | ou )(?:le |la |l'|les )?{CAP}")
LISTED_BEHIND = re.compile(rf"{CAP}(?:, | et | ou )(?:le |la |l'|les )?$")


def salience(document: Document) -> None:
    """Fill ``salience`` of each organisation; reads the projects, figures, quotations and roles found before."""
    table = weight_table("salience")
    for entity, features in rows(document):
        totals = [0.0] * len(CLASSES)
        for name, value in features.items():
            for i, weight in enumerate(table.get(name, ())):
                totals[i] += weight * value
        entity.salience = CLASSES[totals.index(max(totals))]


def rows(document: Document) -> list[tuple[OrganisationEntity, Features]]:
    """Each organisation of the document with what is known of it."""
    known = _Known(document)
    return [(entity, known.features(entity)) for entity in document.organisations]


class _Known:
    """What the other components found, by organisation."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.order = {block.index: i for i, block in enumerate(document.blocks)}
        self.paragraphs = [b.index for b in document.blocks if b.kind == "paragraph"]
        self.carries: dict[str, list[str]] = defaultdict(list)
        for project in document.projects:
            for place, name in enumerate(project.organisations):
                self.carries[name] += [
                    f"carries {min(place, 2)}",
                    f"carries {min(place, 2)} {project.kind}",
                    f"carries {project.status}",
                ]
        self.subject: dict[str, Counter[str]] = defaultdict(Counter)
        for figure in document.figures:
            if figure.subject:
                self.subject[figure.subject][figure.measure] += 1
        self.sources = Counter(f.said_by for f in document.figures if f.said_by)
        self.speakers = Counter(q.speaker for q in document.quotes if q.speaker)
        self.bearers: dict[str, list[str]] = defaultdict(list)
        for person in document.people:
            for role in person.roles:
                if role.organisation:
                    speaks = person.name in self.speakers or person.name in self.sources
                    former = bool(re.match(r"ex-|ancien", plain(role.title).lower()))
                    self.bearers[role.organisation].append("former" if former else "speaks" if speaks else "silent")
        self.titled = [e for e in document.organisations if any(m.block == -2 for m in e.mentions)]

    def features(self, entity: OrganisationEntity) -> Features:
        """What speaks for an organisation's being main, party or passing."""
        found: Features = {"any": 1.0}
        kind = "company" if entity.kind == "company" else "other"
        name = plain(entity.name).lower()
        count = len(entity.mentions)
        self._name(entity, name, found)
        for title in [f"mentions {min(count, 5)}", f"mentions {min(count, 5)} {kind}"]:
            found[title] = 1.0
        for title in set(self.carries.get(entity.name, ())):
            found[title] = 1.0
            found[f"{title} {kind}"] = 1.0
        if entity.name not in self.carries:
            found["carries nothing"] = found[f"carries nothing {kind}"] = 1.0
        for measure in self.subject.get(entity.name, ()):
            found[f"subject {measure}"] = found["subject any"] = found[f"subject any {kind}"] = 1.0
        if entity.name in self.sources:
            found["source"] = found[f"source {entity.kind}"] = 1.0
        if entity.name in self.speakers:
            found["speaker"] = found[f"speaker {entity.kind}"] = 1.0
        for title in set(self.bearers.get(entity.name, ())):
            found[f"bearer {title}"] = found[f"bearer {title} {entity.kind}"] = 1.0
        if entity.based_in:
            found[f"seat {kind}"] = 1.0
        self._places(entity, kind, found)
        contexts = [self._context(mention) for mention in entity.mentions[:MOST]]
        for title in {title for context in contexts for title in context}:
            share = sum(title in context for context in contexts) / len(contexts)
            found[f"any {title}"] = 1.0
            found[f"share {title}"] = share
            if share == 1.0:
                found[f"all {title} {kind}"] = 1.0
        return found

    def _name(self, entity: OrganisationEntity, name: str, found: Features) -> None:
        found["kind " + entity.kind] = 1.0
        for title, pattern in (("finance", FINANCE), ("advises", ADVISES)):
            if pattern.search(name):
                found[f"name {title}"] = 1.0
        for title, pattern in (("judges", JUDGES), ("council", COUNCIL), ("union", UNION)):
            if pattern.match(name):
                found[f"name {title}"] = 1.0

    def _places(self, entity: OrganisationEntity, kind: str, found: Features) -> None:
        """Where an organisation is named: in the title, at the head of a block, early or late."""
        blocks = {m.block for m in entity.mentions}
        kinds = {self.document.block(b).kind for b in blocks}
        for title in kinds:
            found[f"in {title}"] = found[f"in {title} {kind}"] = 1.0
        if kinds <= {"paragraph"} and len(blocks) == 1:
            found["in one paragraph"] = found[f"in one paragraph {kind}"] = 1.0
        if self.paragraphs and self.paragraphs[0] in blocks:
            found["in lead"] = found[f"in lead {kind}"] = 1.0
        if any(e is entity for e in self.titled) and len(self.titled) == 1:
            found[f"alone in title {kind}"] = 1.0
        first = self.order[entity.mentions[0].block] / max(1, len(self.order))
        found["first early" if first < 0.25 else "first middle" if first < 0.6 else "first late"] = 1.0
        if any(m.start < 30 and self.document.block(m.block).kind == "paragraph" for m in entity.mentions):
            found["opens block"] = found[f"opens block {kind}"] = 1.0

    def _context(self, mention: Mention) -> set[str]:
        """What stands around one mention."""
        text = self.document.plain(mention.block)
        whole = text[max(0, mention.start - 110) : mention.start]
        written = re.split(r"(?<=[.!?…]) (?=[A-Z«\"“])", whole)[-1]
        before = written.lower()
        behind = text[mention.end : mention.end + 60]
        titles: set[str] = set()
        for title, pattern in (("passing", PASSING), ("party", PARTY), ("invests", INVESTS), ("carried", CARRIES)):
            if pattern.search(before):
                titles.add(title)
        if LISTED_AHEAD.match(behind) and LISTED_BEHIND.search(whole):
            titles.add("listed")
        if BRACKET.match(behind):
            titles.add("facts behind")
        if preposition := PREPOSITION.search(before):
            titles.add("after " + preposition[1])
        elif len(before) < 30:
            titles.add("opens sentence")
        for word in WORD.findall(written)[-4:]:
            titles.add("before " + _word(word))
        for word in WORD.findall(re.split(r"[.;:!?]", behind)[0])[:3]:
            titles.add("behind " + _word(word))
        titles |= self._grammar(mention)
        return titles

    def _grammar(self, mention: Mention) -> set[str]:
        """The part of an organisation in its sentence, and the verb on which it depends."""
        span = self.document.span(mention)
        if span is None or not len(span):
            return set()
        root = span.root
        titles = {"as " + root.dep_.split(":")[0]}
        head = root
        for _ in range(4):
            head = head.head
            if head.pos_ in ("VERB", "AUX"):
                break
        if head.pos_ == "VERB":
            lemma = plain(head.lemma_).lower()
            titles.add("verb " + lemma)
            if root.dep_.startswith("nsubj") and root.head is head:
                titles.add("does")
                titles.add("does " + lemma)
        nouns = [
            t
            for t in (root.head, root.head.head)
            if t.pos_ == "NOUN" and t.text.islower() and t.i not in range(span.start, span.end)
        ]
        for noun in nouns[:1]:
            titles.add("noun " + plain(noun.lemma_).lower())
            classes = lexicon().nouns.get(plain(noun.lower_), ())
            if classes:
                titles.add("noun class " + fold(classes[0]))
        return titles


def _word(word: str) -> str:
    """A word without its plural; adjectives of origin are all one."""
    return "<origin>" if fold(word) in demonyms() else word.rstrip("s")
