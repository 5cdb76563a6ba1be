"""Sentences in a canonical form, so that a trigger is written once for all its inflections.

"A annoncé l'agrandissement de son usine à Brive" becomes "avoir annoncer le agrandissement de son usine a LIEU": verbs
as infinitives, nouns in the singular, articles as one, names, dates and figures as tags. Each word keeps its offsets,
so that a match leads back to the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache

from nlp.components.clauses import sentences, word_list
from nlp.components.verbforms import Form
from nlp.document import DateSpan, Document, Mention, OrganisationEntity, PersonEntity, PlaceEntity
from nlp.facts import Figure
from nlp.folding import fold

PIECE = re.compile(r"[^\W\d_]+(?:[-‑][^\W\d_]+)*['’]?|\d+(?:[.,\u00a0\u202f ]\d+)*|[^\w\s]")
AMOUNT = re.compile(
    r"(?:\D*?\d[\d.,\u00a0\u202f ]*\d|\D*?\d|\w+)"
    r"(?:[\u00a0\u202f ]?(?:millions?|milliards?|M€|Mds?€|k€|€|M\$|Mds?\$"
    r"|M)(?![\w]))?(?:[\u00a0\u202f ](?:d['’]euros|de dollars|euros|dollars)\b)?"
)
FUNCTION = {
    "l'": "le", "la": "le", "les": "le", "d'": "de", "du": "de", "des": "de", "au": "a", "aux": "a", "une": "un", "s'": "se",  # noqa: E501
    "n'": "ne", "qu'": "que", "c'": "ce", "cette": "ce", "cet": "ce", "ces": "ce", "sa": "son", "ses": "son", "leur": "son",  # noqa: E501
    "leurs": "son", "jusqu'": "jusque", "lorsqu'": "lorsque", "puisqu'": "puisque", "j'": "je", "m'": "me", "t'": "te",
    "nouvel": "nouveau", "nouvelle": "nouveau", "nouvelles": "nouveau", "nouveaux": "nouveau",
    "future": "futur", "futures": "futur", "premiere": "premier", "premieres": "premier",
    "aucune": "aucun", "nulle": "nul", "seconde": "second",
}  # fmt: skip
DETERMINERS = word_list("determiners")
CLITICS = {"ne", "se", "y", "en", "lui", "le", "il", "elle", "on", "qui", "je", "nous", "vous", "ils", "elles"}
# Nouns that look like a participle: after an article, a preposition or nothing they are nouns.
NOUNY = word_list("nouns_like_participles")
AUXILIARY = {"avoir", "être"}
# Words whose final s is their own.
INVARIABLE = word_list("invariable")
MEASURE_TAG = {
    "investment": "#money", "grant": "#money", "amount": "#money", "deal_value": "#money", "revenue": "#money", "funding_round": "#funding",  # noqa: E501
    "jobs_created": "#jobs", "jobs_cut": "#jobs", "jobs_saved": "#jobs", "workforce": "#jobs", "share": "#share",
}  # fmt: skip


@dataclass(slots=True)
class Word:
    """A word of a sentence: its canonical form, offsets in the block, verb reading and entity."""

    canon: str
    start: int
    end: int
    verb: Form | None = None
    entity: OrganisationEntity | PersonEntity | PlaceEntity | DateSpan | None = None
    figure: Figure | None = None
    depth: int = 0
    quoted: bool = False


@dataclass(slots=True)
class Sentence:
    """A sentence in canonical form; ``at[i]`` is where word ``i`` begins in ``canon``; ``clauses`` once they were asked for
    (:func:`nlp.components.features.clauses`)."""

    index: int
    block: int
    kind: str
    section: int
    start: int
    end: int
    words: list[Word]
    canon: str = ""
    at: list[int] = field(default_factory=list)
    clauses: list[tuple[int, int]] | None = None

    def join(self) -> None:
        """Build ``canon`` from the words."""
        position, self.at = 0, []
        for word in self.words:
            self.at.append(position)
            position += len(word.canon) + 1
        self.canon = " ".join(word.canon for word in self.words) + " "

    def word_at(self, position: int) -> int:
        """Index of the word at a position of ``canon``."""
        return bisect_right(self.at, position) - 1


def singular(word: str) -> str:
    """A folded noun or adjective without its plural mark.

    >>> singular("usines"), singular("reseaux"), singular("travaux")
    ('usine', 'reseau', 'travaux')
    """
    if len(word) < 4 or word in INVARIABLE:
        return word
    return word[:-1] if word.endswith(("s", "eaux")) else word


class Canoniser:
    """Turns blocks into canonical sentences; ``verbs`` are the forms to recognise."""

    def __init__(self, verbs: dict[str, Form]) -> None:
        self.verbs = verbs
        self.folded: dict[str, Form] = {}
        for form, reading in verbs.items():
            self.folded.setdefault(fold(form), reading)

    def verb(self, text: str, plain: bool) -> Form | None:
        """The verb reading of a word; ``plain``: the text has no accents, so compare without them."""
        low = text.lower()
        found = self.verbs.get(low)
        if found is None and (plain or (text.isupper() and len(text) > 2)):
            found = self.folded.get(fold(text))
        return found

    def word(self, text: str, previous: str | None, plain: bool) -> tuple[str, Form | None]:
        """Canonical form and verb reading of one word after ``previous`` (canonical)."""
        low = fold(text)
        if low in FUNCTION:
            return FUNCTION[low], None
        reading = self.verb(text, plain)
        if reading and self._is_verb(low, reading, previous):
            return fold(reading.lemma), reading
        return singular(low), None

    @staticmethod
    def _is_verb(low: str, reading: Form, previous: str | None) -> bool:
        if reading.tense == "part":
            return low not in NOUNY or previous in ("avoir", "etre", "se")
        return not (reading.tense in ("pres", "imp", "past") and previous in DETERMINERS)

    def phrase(self, text: str, noun: bool) -> str:
        """Canonical form of a lexicon phrase. ``noun``: its first word is no finite verb."""
        out: list[str] = []
        for i, piece in enumerate(PIECE.findall(text)):
            if noun and i == 0:
                low = fold(piece)
                reading = self.verb(piece, False)
                if reading and reading.tense in ("part", "inf") and low not in NOUNY:
                    out.append(fold(reading.lemma))
                else:
                    out.append(FUNCTION.get(low, singular(low)))
            else:
                out.append(self.word(piece, out[-1] if out else None, False)[0])
        return " ".join(out)

    def sentences(self, document: Document) -> list[Sentence]:
        """All sentences of a document, in order, furniture left out."""
        tags = _tags(document)
        items = item_blocks(document)
        result: list[Sentence] = []
        section = 0
        bullet = False
        for block in document.blocks:
            if block.kind == "heading" or block.index in items or (bullet and block.kind == "paragraph"):
                section += 1
            if block.kind != "caption":
                bullet = items.get(block.index, False)
            asides = [(f.start, f.end) for f in document.furniture if f.block == block.index]
            plain = block.text.isascii() and len(block.text) > 80
            depth, quoted, next_mark = 0, False, 0
            for start, end in sentences(block.text):
                words: list[Word] = []
                position = start
                marks = tags.get(block.index, [])
                for piece in PIECE.finditer(block.text, start, end):
                    if piece.start() < position or any(a <= piece.start() < b for a, b in asides):
                        continue
                    while next_mark < len(marks) and marks[next_mark][1] <= piece.start():
                        next_mark += 1
                    tag = marks[next_mark] if next_mark < len(marks) and marks[next_mark][0] < piece.end() else None
                    if tag is not None:
                        position = tag[1]
                        word = Word(tag[2], piece.start(), tag[1], entity=tag[3], figure=tag[4])
                    else:
                        char = piece.group()
                        canon, reading = self.word(char, words[-1].canon if words else None, plain)
                        word = Word(canon, piece.start(), piece.end(), verb=reading)
                        if char == "(":
                            depth += 1
                        elif char == ")":
                            depth = max(0, depth - 1)
                        elif char in "«“":
                            quoted = True
                        elif char in "»”":
                            quoted = False
                        elif char == '"':
                            quoted = not quoted
                    word.depth, word.quoted = depth, quoted
                    words.append(word)
                sentence = Sentence(len(result), block.index, block.kind, section, start, end, words)
                sentence.join()
                result.append(sentence)
        return [s for s in result if s.words]


Tag = tuple[int, int, str, OrganisationEntity | PersonEntity | PlaceEntity | DateSpan | None, Figure | None]


BULLET = re.compile(r"\s*(?:[–—•▪◆●■►▸*‣◦-]|\d{1,2}[.)])\s+")
RUBRIC = re.compile(r"\s*[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’ &/-]{2,40}\s*[:–—-]\s")
DATELINE = re.compile(r"\s*(?:\([^)]{1,40}\)\s*)?[:.–—|]\s")


def item_blocks(document: Document) -> dict[int, bool]:
    """The blocks that each begin an item of a round-up, and whether a bullet marks them.

    An item begins with a bullet, a rubric in capitals ("LOGISTIQUE :") or the name of its town or company set off
    ("Épinal. Le tribunal …", "– Vierzon : …"), and names an organisation or a commune; a list of figures has none. One
    alone makes no round-up.
    """
    named: dict[int, list[tuple[int, int]]] = {}
    entities: list[OrganisationEntity | PlaceEntity] = [*document.organisations, *document.places]
    for entity in entities:
        if isinstance(entity, PlaceEntity) and entity.kind != "commune":
            continue
        for m in entity.mentions:
            named.setdefault(m.block, []).append((m.start, m.end))
    rows: dict[int, bool] = {}
    for block in document.blocks:
        names = sorted(named.get(block.index, ()))
        if block.kind != "paragraph" or not names:
            continue
        mark = BULLET.match(block.text)
        head = mark.end() if mark else 0
        set_off = any(a <= head + 4 and DATELINE.match(block.text, b) for a, b in names)
        if (mark and names[0][0] - head <= 60) or set_off or RUBRIC.match(block.text):
            rows[block.index] = mark is not None
    return rows if len(rows) > 1 else {}


NAMED = re.compile(
    r"(?:\b(?:baptis|nomm|dénomm|intitul|appel|surnomm)ée?s?,?\s+(?:provisoirement\s+)?"
    r"|\b(?:projet|programme|unité|usine|complexe(?:\s[a-zé]+)?|opération|résidence|quartier|campus"
    r"|parc|plan|dispositif|plateforme)\s+)"
    r"(?:[«\"“]\s*)?((?:L[ea]s?\s|L['’])?[A-ZÀ-ÖØ-Þ][\w'’&.-]*(?:\s(?:(?:de|du|des|la|le|les|en|à|et"
    r"|l['’]|d['’]|-)\s?)*[A-ZÀ-ÖØ-Þ0-9][\w'’&.-]*)*)"
)
APPOSED = re.compile(r"\b([A-ZÀ-ÖØ-Þ][\w'’-]{3,}(?:\s[A-ZÀ-ÖØ-Þ][\w'’-]+)?), (?:un|une|l['’]|la|le) ?(?:futur(?:e)? )?"
r"(?:usine|unité|projet|complexe|parc|programme|plateforme|centrale|électrolyseur|campus"
 r"|entrepôt)\b")  # fmt: skip


@lru_cache(maxsize=4)
def _names_of(texts: tuple[tuple[int, str], ...]) -> dict[str, None]:
    names: dict[str, None] = {}
    for _, text in texts:
        for pattern in (NAMED, APPOSED):
            for found in pattern.finditer(text):
                name = found[1].strip(" .,'’")
                if len(name) > 2:
                    names[name] = None
    return names


def project_names(document: Document) -> list[Mention]:
    """Where a coined name of a project stands ("l'unité, baptisée Magnolia", "le projet Grand Large").

    Names of organisations, people and places are none.
    """
    taken: set[str] = {fold(n) for o in document.organisations for n in (o.name, *o.aliases)}
    taken |= {fold(p.name) for p in document.people} | {fold(p.name) for p in document.places}
    names = [n for n in _names_of(tuple((b.index, b.text) for b in document.blocks)) if fold(n) not in taken]
    rows: list[Mention] = []
    for name in names:
        for block in document.blocks:
            rows += [
                Mention(block.index, m.start(), m.end())
                for m in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", block.text)
            ]
    return rows


def _tags(document: Document) -> dict[int, list[Tag]]:
    """Names, dates and figures by block, without overlap; names come first."""
    rows: dict[int, list[Tag]] = {}
    found: list[tuple[int, int, Tag]] = []
    named: list[tuple[str, list[OrganisationEntity | PersonEntity | PlaceEntity]]] = [
        ("ORG", [*document.organisations]),
        ("PERS", [*document.people]),
        ("LIEU", [*document.places]),
    ]
    for rank, (label, entities) in enumerate(named):
        for entity in entities:
            for m in entity.mentions:
                found.append((m.block, rank, (m.start, m.end, label, entity, None)))
    for mention in project_names(document):
        found.append((mention.block, 1, (mention.start, mention.end, "NOM", None, None)))
    for span in document.dates:
        m = span.mention
        found.append((m.block, 3, (m.start, m.end, "DATE", span, None)))
    for figure in document.figures:
        evidence = figure.evidence
        number = AMOUNT.match(evidence.text)
        end = evidence.start + (number.end() if number else len(evidence.text))
        found.append((evidence.block, 4, (evidence.start, end, MEASURE_TAG.get(figure.measure, "#any"), None, figure)))
    taken: dict[int, list[tuple[int, int]]] = {}
    for block, _, tag in sorted(found, key=lambda row: (row[1], row[0], row[2][0] - row[2][1])):
        spans = taken.setdefault(block, [])
        if all(tag[1] <= a or b <= tag[0] for a, b in spans):
            spans.append((tag[0], tag[1]))
            rows.setdefault(block, []).append(tag)
    for tags in rows.values():
        tags.sort(key=lambda tag: tag[0])
    return rows
