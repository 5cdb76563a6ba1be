"""Whom a figure is about: each organisation and place of the article is weighed by what speaks for it.

What speaks for a candidate has a name ("it opens the sentence", "the sentence before is about it", "the figure stands
in brackets behind it"); ``nlp/lexicon/subjects.tsv`` gives each name its weight, and the candidate with the largest sum
is the subject, or nobody. The weights are learned from the gold articles by ``python -m benchmarks.fit_subjects``; no
name, word or place of an article is among them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from nlp.components.clauses import sentences
from nlp.components.lexicon import weight_table
from nlp.document import BlockSpan, Document, OrganisationEntity, PersonEntity
from nlp.folding import fold

if TYPE_CHECKING:
    from nlp.components.figures_context import Context, Sentence

_TRADES = (
    "groupe|societe|entreprise|firme|maison|pme|eti|start-up|startup|jeune pousse|cooperative|marque|enseigne|filiale"
    "|industriel|specialiste|operateur|fabricant|constructeur|promoteur|developpeur|transporteur|logisticien|distributeur"
    "|sous-traitant|chantier naval|cabinet|fonds|banque|association|federation|etablissement|structure|agence|medtech"
    "|biotech|fintech|foodtech|agritech|greentech|deeptech|pepite|licorne|plasturgiste|papetier|equipementier|editeur"
    "|negociant|exploitant|energeticien|hotelier|brasseur|laitier|menuisier|charpentier|imprimeur|fondeur|chaudronnier"
    "|mecanicien|traiteur|verrier|textilien|semencier|viticulteur|tonnelier|coutelier|bijoutier|horloger|maroquinier"
    "|chausseur|lunetier|biscuitier|chocolatier|confiseur|salaisonnier|conserveur|minotier|forgeron|outilleur|usineur"
    "|decolleteur|emboutisseur|cartonnier|bailleur|assureur|mutualiste|investisseur|acquereur|repreneur|affineur"
    "|armateur|acieriste|cimentier|carrier|recycleur|grossiste|detaillant|voyagiste"
)
#: a common noun for a firm that opens a sentence: a trade, a legal form, or where it comes from ("le danois")
TRADE = re.compile(
    rf"(?:{_TRADES}|fonderie|scierie|brasserie|laiterie|usine|geant|leader|\w+(?:iste|eur|euse|ier|iere|rice|logue|aire"
    r"|ais|ois|ien|ain|and|on|ard|ache)e?)$"
)
#: "le groupe", "l'enseigne" without a name of its own behind it
_ANAPHOR = re.compile(
    rf"\b(?:l'|la |le |cette |cet |ce )(?:jeune |petite? |geant |nouvelle )?(?:{_TRADES})\b(?! (?:de|du|d'|des) )"
)
_OPENING = re.compile(
    r"\W*(?:(?P<latter>celui-ci|celle-ci|ce dernier|cette derniere|lequel|laquelle|dont|qui)\b"
    r"|(?P<pronoun>ils?|elles?)\b|(?P<possessive>son|sa|ses|leurs?)\b"
    r"|(?P<first>nous|je|j'|notre|nos|on)\b|(?:le|la|l'|cet|cette|ce) *(?:[a-z-]+ ){0,1}?(?P<noun>[a-z-]+))"
)
_BEFORE = re.compile(
    r"\b(de|du|des|d'|par|avec|chez|a|au|aux|pour|selon|contre|sur|dans|aupres d\w*)\W*(?:l[ae]s? |l'|\w+ ){0,2}\W*$"
)
_PLACED = re.compile(r"\b(a|au|en|dans l\w*|de|du|des|d'|aux)\W*(?:l[ae]s? |l')?$")
_NEW_CLAUSE = re.compile(r"\bqui\b|\bdont\b|, (?:et|mais)\b")
_APPOSED = re.compile(r"\W*(?:,|\()?[^,()]{0,40},")
#: "X en représente 11 %": what precedes is the whole, X the part
_OF_IT = re.compile(r"\ben \w+(?: a [a-z]+ seule?s?)?(?: \w+)? *$")
#: "un projet rival, celui de X"
_THAT_OF = re.compile(r"\b(?:celui|celle|ceux|celles) (?:de|du|d|porte|imagine|propose)")
_TERRITORY = re.compile(r"\b(?:bassin|secteur|filiere|territoire|zone d'emploi|tissu|taux de chomage|marche)\b")
_THE_REGION = re.compile(r"\b(?:la|cette) region\b|\bregional\w*\b")
#: trade unions act on a firm's figures and have none of their own
_UNION = re.compile(r"(?:cgt|cfdt|fo|force ouvriere|cftc|cfe-cgc|unsa|sud|solidaires|intersyndicale)\b")
_CITED = re.compile(r"\b(?:selon|d'apres|a en croire|par)(?: +(?:l[ae]s? +)?[a-z'-]+){0,4} +(?:l')?$")
_OBLIQUE = frozenset(
    ("de", "du", "des", "d'", "par", "avec", "chez", "a", "au", "aux", "pour", "selon", "contre", "sur", "dans", "en")
    + ("vers", "sous", "entre", "via", "parmi", "comme", "sans")
)
_DETERMINERS = frozenset(("le", "la", "les", "l'", "un", "une", "son", "sa", "ses", "cette", "ce"))
_VOICE = re.compile(r"\b(?:nous|notre|nos|je|j'ai|mon|ma|mes)\b")

Features = dict[str, float]


def weigh(features: Features) -> float:
    """The sum of the weights of some features."""
    table = weight_table("subjects")
    return sum((table[name][0] * value for name, value in features.items() if name in table), 0.0)


@dataclass(frozen=True, slots=True)
class Named:
    """One mention of an organisation: its block's place in the article, offsets, its sentence and its syntax there.

    ``role`` is lead (it can be its clause's subject), obl (a preposition governs it), obj (a verb in front of it does)
    or pred ("est X").
    """

    block: int
    start: int
    end: int
    organisation: OrganisationEntity
    sentence: int
    role: str


@dataclass(frozen=True, slots=True)
class Question:
    """A figure whose subject is asked for."""

    sentence: Sentence
    start: int
    end: int
    measure: str
    said_by: str | None
    speaker: str | None  # of the quotation that it stands in


class Subjects:
    """Weighs the candidates of one document."""

    def __init__(self, document: Document, context: Context) -> None:
        self.document, self.context = document, context
        self.order = {block.index: i for i, block in enumerate(document.blocks)}
        self.blocks = {block.index: block for block in document.blocks}
        self.named: list[Named] = []
        for block in document.blocks:
            self._name(block)
        self.keys = [(n.block, n.start) for n in self.named]
        self.leads = [i for i, n in enumerate(self.named) if n.role == "lead"]
        self.first_seen = {
            id(o): min(((self.order.get(m.block, 99), m.start) for m in o.mentions), default=(99, 0))
            for o in document.organisations
        }
        self.first = min(self.first_seen, key=lambda key: self.first_seen[key], default=None)
        self.employers = {p.name: [r.organisation for r in p.roles if r.organisation] for p in document.people}
        self._standing: dict[tuple[int, str, str], tuple[Features, float]] = {}

    def _name(self, block: BlockSpan) -> None:
        """Note the mentions of a block."""
        spans = sentences(block.text)
        at = 0
        for start, end, organisation in self.context.orgs(block.index, 0, len(block.text)):
            while at + 1 < len(spans) and spans[at + 1][0] <= start:
                at += 1
            sentence = spans[at][0] if spans else 0
            role = self._role(block, sentence, start, end)
            self.named.append(Named(self.order[block.index], start, end, organisation, sentence, role))

    def _role(self, block: BlockSpan, sentence: int, start: int, end: int) -> str:
        """The syntax of a mention, from the words in front of it: its determiner, the nouns before it, what governs."""
        span = self.document.doc.char_span(block.char + start, block.char + end, alignment_mode="expand")
        if span is None:
            return "lead"
        doc = self.document.doc
        nouns = 0
        for i in range(span.start - 1, max(block.start, span.start - 6) - 1, -1):
            token = doc[i]
            if token.idx < block.char + sentence:
                return "lead"
            word = fold(token.text)
            tag = token.pos_
            if word in _OBLIQUE or tag == "ADP":
                return "obl"
            if tag == "VERB":
                governs = not nouns or doc[i + 1].pos_ in ("DET", "NUM") or word.endswith("er")
                return "obj" if governs else "lead"
            if tag == "AUX" and i == span.start - 1:
                return "pred"
            if tag in ("DET", "ADJ", "NOUN", "NUM") and not token.text[:1].isupper():
                nouns += tag != "DET"
            elif word not in _DETERMINERS:
                if word in ("et", "ou", ","):  # "A et B": as the one in front
                    comma = token.idx - block.char
                    last = self.named[-1] if self.named else None
                    if last and last.block == self.order[block.index] and last.sentence == sentence:
                        return last.role if 0 <= comma - last.end < 3 else "lead"
                return "lead"
        return "lead"

    @cached_property
    def interviewee(self) -> PersonEntity | None:
        """Who answers, where the article is an interview."""
        paragraphs = [b for b in self.document.blocks if b.index >= 0 and b.kind != "caption"]
        asked = sum(b.text.rstrip().endswith("?") for b in paragraphs)
        answered = sum(_VOICE.search(self.context.folded[b.index]) is not None for b in paragraphs)
        if asked < 3 or answered < 3 or not self.document.people:
            return None
        return max(self.document.people, key=lambda p: (bool(p.roles), len(p.mentions)))

    @cached_property
    def interviewed(self) -> frozenset[str]:
        """The organisations of the one who answers, where the article is an interview; else none."""
        roles = self.interviewee.roles if self.interviewee else []
        return frozenset(r.organisation for r in roles if r.organisation)

    def choose(self, question: Question) -> str | None:
        """The name of the candidate that weighs most; None where nobody weighs more than anyone."""
        best: tuple[float, str | None] = (weigh(self._nobody(question)), None)
        opening = self._opening(question)
        near = self._near(question, opening)
        for entity in self.document.organisations:
            total = self._stands(entity, question.measure, opening)[1]
            total += weigh(self._asked(entity, question, opening))
            if id(entity) in near:
                total += weigh(near[id(entity)])
            best = max(best, (total, entity.name), key=lambda pair: pair[0])
        for name, features in self._places(question, opening).items():
            best = max(best, (weigh(features), name), key=lambda pair: pair[0])
        return best[1]

    def rows(self, question: Question) -> list[tuple[str | None, Features]]:
        """Every candidate with its features, for learning the weights."""
        opening = self._opening(question)
        near = self._near(question, opening)
        found: list[tuple[str | None, Features]] = [(None, self._nobody(question))]
        for entity in self.document.organisations:
            standing = self._stands(entity, question.measure, opening)[0]
            found.append((entity.name, standing | self._asked(entity, question, opening) | near.get(id(entity), {})))
        return [*found, *self._places(question, opening).items()]

    # -- features ------------------------------------------------------------------------------------------------

    def _opening(self, question: Question) -> str:
        """How the figure's sentence begins: with a pronoun, a possessive, a firm's common noun …"""
        folded, sentence = self.context.folded[question.sentence.block], question.sentence
        found = _OPENING.match(folded, sentence.start)
        kind = (found.lastgroup or "none") if found else "none"
        if kind == "noun" and found:
            kind = "trade" if TRADE.match(found["noun"]) else "thing"
        if kind not in ("pronoun", "latter"):
            starts = [m.start() for m in _ANAPHOR.finditer(folded, sentence.start, question.start)]
            if starts and not self.context.orgs(sentence.block, starts[-1], question.start):
                return "anaphor"
        return kind

    def _stands(self, entity: OrganisationEntity, measure: str, opening: str) -> tuple[Features, float]:
        """What speaks for an organisation wherever the figure stands: its kind and place in the article."""
        key = (id(entity), measure, opening)
        found = self._standing.get(key)
        if found is None:
            features = {"any": 1.0, "kind=" + entity.kind: 1.0, f"kind={entity.kind} {measure}": 1.0}
            blocks = {m.block for m in entity.mentions}
            if -2 in blocks:
                features["in title"] = 1.0
            if -1 in blocks:
                features["in standfirst"] = 1.0
            if self.first == id(entity):
                features["first named"] = 1.0
            if _UNION.match(fold(entity.name)):
                features["union"] = 1.0
            if all(_CITED.search(self.context.folded[m.block], max(0, m.start - 40), m.start) for m in entity.mentions):
                features["only a source"] = 1.0
            if self.context.main is entity:
                features |= {"main": 1.0, "main " + measure: 1.0, "main opening=" + opening: 1.0}
            if entity.name in self.interviewed:
                features["interviewed"] = 1.0
            found = self._standing[key] = (features, weigh(features))
        return found

    def _asked(self, entity: OrganisationEntity, question: Question, opening: str) -> Features:
        """What speaks for an organisation at this place: the section is about it, it or its people say the figure."""
        features: Features = {}
        if self.context.focus.get(question.sentence.block) is entity:
            features |= {"focus": 1.0, "focus opening=" + opening: 1.0}
        if question.said_by is not None:
            if entity.name == question.said_by:
                features |= {"says it": 1.0, "says it " + entity.kind: 1.0}
            elif entity.name in self.employers.get(question.said_by, ()):
                features["its people say it"] = 1.0
        if question.speaker is not None:
            if entity.name == question.speaker:
                features["speaks"] = 1.0
            elif entity.name in self.employers.get(question.speaker, ()):
                features["its people speak"] = 1.0
        if self.first_seen[id(entity)] >= (self.order[question.sentence.block], question.start):
            features["not named yet"] = 1.0
        return features

    def _near(self, question: Question, opening: str) -> dict[int, Features]:
        """What speaks for the organisations named before the figure and around it."""
        near: dict[int, Features] = {}
        here = self.order[question.sentence.block]
        begin = bisect_left(self.keys, (here, question.sentence.start))
        at = bisect_left(self.keys, (here, question.start))
        close = bisect_left(self.keys, (here, question.sentence.end))
        for named, name in self._above(here, begin, opening):
            near.setdefault(id(named.organisation), {})[name] = 1.0
        for named, name in self._in_front(question, self.named[begin:at]):
            near.setdefault(id(named.organisation), {})[name] = 1.0
        for named, name in self._behind(question, self.named[at:close]):
            near.setdefault(id(named.organisation), {})[name] = 1.0
        return near

    def _above(self, here: int, begin: int, opening: str) -> Iterator[tuple[Named, str]]:
        """The sentences before the figure's: who is named last, who leads, who opens the paragraph."""
        if not begin:
            return
        last = self.named[begin - 1]
        away = min(here - last.block, 2)
        yield last, "last"
        yield last, "last opening=" + opening
        yield last, f"last away={away}"
        row = [
            n for n in self.named[max(0, begin - 12) : begin] if (n.block, n.sentence) == (last.block, last.sentence)
        ]
        yield row[0], f"sentence before away={away}"
        yield row[0], "sentence before opening=" + opening
        if row[0].start - row[0].sentence < 14:
            yield row[0], "opened sentence before"
            yield row[0], "opened sentence before opening=" + opening
        if all(n.organisation is row[0].organisation for n in row):
            yield row[0], "alone in sentence before"
            yield row[0], "alone in sentence before opening=" + opening
        for named in row:
            yield named, f"sentence before {named.role} opening={opening}"
        i = bisect_left(self.leads, begin)
        if i:
            lead = self.named[self.leads[i - 1]]
            yield lead, "last lead"
            yield lead, "last lead opening=" + opening
            yield lead, f"last lead away={min(here - lead.block, 2)}"
            if lead.block == here:
                first = self.named[self.leads[bisect_left(self.leads, bisect_left(self.keys, (here, 0)))]]
                yield first, "leads paragraph"
                yield first, "leads paragraph opening=" + opening
                start = bisect_left(self.leads, bisect_left(self.keys, (here, lead.sentence)))
                yield self.named[self.leads[start]], "leads sentence before"
                yield self.named[self.leads[start]], "leads sentence before opening=" + opening
        for named in self.named[bisect_left(self.keys, (here, 0)) : begin][-12:]:
            yield named, "in paragraph"

    def _in_front(self, question: Question, row: list[Named]) -> Iterator[tuple[Named, str]]:
        """The organisations named in the sentence, in front of the figure."""
        sentence, measure = question.sentence, question.measure
        folded = self.context.folded[sentence.block]
        bracket = folded.rfind("(", sentence.start, question.start)
        inside = bracket >= 0 and ")" not in folded[bracket : question.start]
        leads = [n for n in row if n.role == "lead"]
        for i, named in enumerate(row):
            role = named.role
            yield named, "before " + role
            yield named, f"before {role} {measure}"
            yield named, f"before {role} {named.organisation.kind}"
            if i == len(row) - 1:
                yield named, "nearest " + role
                yield named, f"nearest {role} {measure}"
            if leads and named is leads[-1]:
                yield named, "nearest lead of all"
            if leads and named is leads[0]:
                yield named, "first lead"
            if not i and named.start - sentence.start < 12:
                yield named, "initial"
                yield named, "initial " + role
                yield named, "initial " + measure
            if role != "lead" and (word := _BEFORE.search(folded, max(sentence.start, named.start - 30), named.start)):
                yield named, "after " + word[1][:6]
                yield named, f"after {word[1][:6]} {measure}"
            between = folded[named.end : question.start]
            if inside and named.end <= bracket:
                yield named, "bracket" if bracket - named.end < 4 else "bracket far"
            if _OF_IT.search(between):
                yield named, "of it " + role
            if ";" in between or " : " in between:
                yield named, "semicolon"
            if _NEW_CLAUSE.search(between):
                yield named, "new clause " + role
            if len(between) < 25:
                yield named, "close " + role
            if _APPOSED.match(between):
                yield named, "apposed"

    def _behind(self, question: Question, row: list[Named]) -> Iterator[tuple[Named, str]]:
        """The organisations named in the sentence, behind the figure."""
        measure = question.measure
        for named in row:
            yield named, "behind"
        if not row:
            return
        first = row[0]
        gap = self.context.folded[question.sentence.block][question.end : first.start]
        yield first, "next"
        yield first, "next " + measure
        if len(gap) < 60 and (word := _BEFORE.search(gap)):
            yield first, "next after " + word[1][:6]
            yield first, f"next after {word[1][:6]} {measure}"
        if len(gap) < 8:
            yield first, "next at once"
            yield first, "next at once " + measure
        if first.role == "lead":
            yield first, "next lead"
        if _THAT_OF.search(gap):
            yield first, "that of"

    def _nobody(self, question: Question) -> Features:
        """What speaks for nobody that the article names."""
        features = {"nobody": 1.0, "nobody " + question.measure: 1.0}
        return features | {"nobody " + name: 1.0 for name in self._around(question)}

    def _around(self, question: Question) -> list[str]:
        """What the sentence is like, for nobody and for places."""
        sentence, names = question.sentence, []
        if self.context.survey(sentence):
            names.append("survey")
        if self.context.barometer:
            names.append("barometer")
        if _TERRITORY.search(
            self.context.folded[sentence.block], max(sentence.start, question.start - 70), question.start
        ):
            names.append("territory")
        here = self.order[sentence.block]
        row = self.named[
            bisect_left(self.keys, (here, sentence.start)) : bisect_left(self.keys, (here, question.start))
        ]
        if any(n.role == "lead" for n in row):
            names.append("after a lead")
        if question.said_by is not None:
            names.append("said")
        if sentence.block < 0:
            names.append("in title" if sentence.block == -2 else "in standfirst")
        return [*names, "opening=" + self._opening(question)]

    @cached_property
    def headed(self) -> dict[int, str]:
        """The place that heads the section of a block: "Montpellier" above two paragraphs of a survey."""
        found: dict[int, str] = {}
        place: str | None = None
        for block in self.document.blocks:
            if block.kind == "heading":
                rows = self.context.located(block.index, 0, len(block.text))
                place = rows[0][2].name if rows and rows[0][0] < 12 else None
            elif place and block.index >= 0:
                found[block.index] = place
        return found

    def last_region(self, sentence: Sentence) -> str | None:
        """The region or area named last before a sentence that says "la région"."""
        here = self.order[sentence.block]
        for block in reversed(self.document.blocks[: here + 1]):
            end = sentence.start if block.index == sentence.block else len(block.text)
            rows = [r for r in self.context.located(block.index, 0, end) if r[2].kind in ("region", "area")]
            if rows:
                return rows[-1][2].name
        return self.document.article.region

    def _places(self, question: Question, opening: str) -> dict[str, Features]:
        """The places of the sentence, the surveyed territory and the article's region, with what speaks for them."""
        sentence, measure = question.sentence, question.measure
        folded = self.context.folded[sentence.block]
        around = self._around(question)
        found: dict[str, Features] = {}
        last: Features | None = None
        for start, end, place in self.context.located(sentence.block, sentence.start, sentence.end):
            features = found.setdefault(place.name, {"place kind=" + place.kind: 1.0})
            if start >= question.start:
                features["place behind"] = 1.0
                if start - question.end < 25:
                    features["place close behind"] = 1.0
                continue
            last = features
            features["place before"] = 1.0
            if start - sentence.start < 6:
                features |= {"place initial": 1.0, "place initial " + measure: 1.0}
            word = _PLACED.search(folded, max(sentence.start, start - 14), start)
            features["place after " + word[1][:4] if word else "place alone"] = 1.0
            if question.start - end < 4:
                features["place close"] = 1.0
        if last is not None:
            last |= {"place last": 1.0} | {"place last " + name: 1.0 for name in around}
        wide = [
            (self.context.surveyed, "place surveyed"),
            (self.document.article.region, "place region"),
            (self.headed.get(sentence.block), "place heads section"),
        ]
        if _THE_REGION.search(folded, sentence.start, sentence.end):
            wide.append((self.last_region(sentence), "place meant"))
        for whole, label in wide:
            if whole:
                features = found.setdefault(whole, {})
                features |= {label: 1.0} | {
                    f"{label} {name}": 1.0 for name in around if name in ("survey", "barometer")
                }
        common = {"place": 1.0, "place " + measure: 1.0} | {"place " + name: 1.0 for name in around}
        return {name: common | features for name, features in found.items()}
