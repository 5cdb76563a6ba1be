"""The NAF rev. 2 division of a project's activity, from the words by which the article describes it.

Witnesses, from the nearest to the farthest: what the project makes or houses, how the article introduces the company
whose activity it is ("le fabricant de câbles X", "X, spécialiste du recyclage"), its name, the sentences that tell the
project or name the company, the whole article. Each is heard twice: the lexicon (``lexicon/sector.toml``) finds phrases
that name an activity, the learned model (:mod:`nlp.components.activities`) knows others by their likeness to such phrases.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources import files

from nlp.components.activities import Activities, activities, chunks, phrase_of
from nlp.components.clauses import word_list
from nlp.components.projects_events import Event, EventReader, lexicon
from nlp.components.projects_text import Sentence, Word
from nlp.document import OrganisationEntity
from nlp.facts import ProjectKind

# How much each witness counts by the lexicon and by the model: (weight, weight).
DESCRIBED, NAMED, ABOUT, FOCUSED = (5.5, 6.0), (3.5, 5.0), (0.5, 1.0), (0.0, 1.0)
# The same of organisations beside the first, and of those that build something for others to use.
SECOND_DESCRIBED, SECOND_NAMED, SECOND_ABOUT = (2.0, 0.5), (3.5, 1.0), (0.5, 0.5)
BUILDER_NAMED = (1.5, 1.5)
PRODUCT, BUILT = (6.0, 2.0), (12.0, 4.0)
HEADLINE, TOLD, MADE = (1.5, 1.5), (0.5, 0.8), (0.6, 0.0)
TITLE, ARTICLE = (1.5, 1.0), (1.5, 3.0)
MAKER = re.compile(
    r"(?<!\S)(?:fabricant|fabriquer|produire|producteur|specialiste|specialise|constructeur|concepteur|concevoir|transformateur|transformer"
    r"|leader|numero un|editeur|editer|developper|developpeur|operateur|exploitant|distributeur|commercialiser|vendre|usiner|traiter|expert"  # noqa: E501
    r"|gerer|equipementier|sous-traitant|activite|metier|fournisseur|fournir) "
)
# Divisions that a project of this kind is rarely about, whatever its words say: money and advice only pass by.
BYSTANDERS = {"64": 0.25, "66": 0.3, "69": 0.3, "70": 0.3, "73": 0.4, "78": 0.3, "84": 0.5, "94": 0.2, "85": 0.6}
THRESHOLD = 1.2
DEALS = frozenset({"acquisition", "insolvency", "closure"})
# What changes hands in a sale of property, not of a business.
PROPERTY = word_list("property")
SCHOOL = word_list("school")
RESEARCH = word_list("research")
TAUGHT = 6.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A word or phrase of a division, as canonical words."""

    words: tuple[str, ...]
    division: str
    weight: float


@lru_cache(maxsize=1)
def entries() -> dict[str, list[Entry]]:
    """The phrases of ``lexicon/sector.toml`` by their first canonical word, longest first."""
    data = tomllib.loads(files("nlp").joinpath("lexicon/sector.toml").read_text(encoding="utf-8"))
    canoniser = lexicon().canoniser
    table: dict[str, list[Entry]] = {}
    for division, row in data.items():
        for name, weight in (("strong", 1.0), ("weak", 0.35)):
            for phrase in row.get(name, ()):
                words = tuple(canoniser.phrase(phrase, True).split())
                # a longer phrase says more than its words
                entry = Entry(words, division, weight * (1 + 0.35 * (len(words) - 1)))
                table.setdefault(words[0], []).append(entry)
    for rows in table.values():
        rows.sort(key=lambda e: -len(e.words))
    return table


def hits(words: list[str]) -> list[tuple[Entry, float]]:
    """The phrases found in canonical words, the longest at each place, each with how much it counts.

    A phrase may stand in several divisions and is then shared out. In "recyclage d'aimants" or "négoce de bois" the
    first word is the activity and its complement counts little.
    """
    found: list[tuple[Entry, float]] = []
    i, last = 0, -9
    while i < len(words):
        here = [e for e in entries().get(words[i], ()) if tuple(words[i : i + len(e.words)]) == e.words]
        if here:
            longest = len(here[0].words)
            same = [e for e in here if len(e.words) == longest]
            complement = i - last <= 3 and words[i - 1] in ("de", "le", "pour", "a", "en") and "et" not in words[last:i]
            found += [(e, (0.3 if complement else 1.0) / len(same)) for e in same]
            last = i + longest - 1
            i += longest
        else:
            i += 1
    return found


@dataclass(slots=True)
class Heard:
    """What some words say of each division, by the lexicon and by the model."""

    lexicon: dict[str, float] = field(default_factory=dict)
    model: dict[str, float] = field(default_factory=dict)

    def add(self, other: Heard, share: float = 1.0) -> None:
        """Hear more words."""
        for mine, its in ((self.lexicon, other.lexicon), (self.model, other.model)):
            for division, value in its.items():
                mine[division] = mine.get(division, 0.0) + value * share


def together(heard: list[Heard]) -> Heard:
    """Several witnesses of one kind: two say more than one, but not twice as much."""
    whole = Heard()
    for one in heard:
        whole.add(one, len(heard) ** -0.5)
    return whole


class Scores(dict[str, float]):
    """Divisions and how much speaks for each."""

    def add(self, heard: Heard, weights: tuple[float, float]) -> None:
        """Count a witness."""
        said: Iterable[tuple[Mapping[str, float], float]] = zip((heard.lexicon, heard.model), weights, strict=True)
        for values, weight in said:
            for division, value in values.items():
                self[division] = self.get(division, 0.0) + value * weight

    def best(self) -> str | None:
        """The first division, if anything says so loudly enough."""
        weighed = {division: score * BYSTANDERS.get(division, 1.0) for division, score in self.items()}
        if not weighed:
            return None
        division = max(sorted(weighed), key=lambda d: weighed[d])
        return division if weighed[division] >= THRESHOLD else None


Passage = tuple[list[Word], int]


def described(sentences: Iterable[Sentence], entity: OrganisationEntity) -> list[Passage]:
    """The words by which the text introduces an organisation, with their block: before its name, in apposition, as its
    subject."""
    found: list[Passage] = []
    for sentence in sentences:
        for j, word in enumerate(sentence.words):
            if word.entity is not entity:
                continue
            left: list[Word] = []
            for k in range(j - 1, max(-1, j - 8), -1):
                other = sentence.words[k]
                if (
                    other.entity is not None
                    or other.canon in (",", ";", ":", ".", "que", "qui", "(", ")", "«", "»")
                    or other.verb is not None
                ):
                    break
                left.insert(0, other)
            if left and left[-1].canon not in ("de", "a", "par", "chez", "avec"):
                found.append((left, sentence.block))
            right = sentence.words[j + 1 : j + 24]
            if right and right[0].canon == "(":
                closing = next((n for n, w in enumerate(right) if w.canon == ")"), -1)
                right = right[closing + 1 :] if closing >= 0 else right
            if right and (right[0].canon == "," or right[0].verb is not None and MAKER.match(right[0].canon + " ")):
                clause: list[Word] = []
                for n, other in enumerate(right[1:] if right[0].canon == "," else right):
                    if n and other.canon in (".", ";", "«", ":") or (n > 3 and other.canon == ","):
                        break
                    clause.append(other)
                if MAKER.search(" ".join(w.canon for w in clause) + " ") or right[0].canon == ",":
                    found.append((clause, sentence.block))
    return found


class SectorReader:
    """Reads the divisions of one document's projects; what each sentence and organisation says is worked out once."""

    def __init__(self, reader: EventReader) -> None:
        self.reader = reader
        self.sentences: dict[int, Heard] = {}
        self.organisations: dict[int, tuple[Heard, Heard, Heard, Heard]] = {}
        self.articles: dict[int | None, tuple[Heard, Heard]] = {}

    @cached_property
    def model(self) -> Activities:
        """The learned model."""
        return activities(self.reader.document.doc.vocab)

    @cached_property
    def naming(self) -> dict[int, list[Sentence]]:
        """The sentences that name each entity, by the entity's id."""
        found: dict[int, list[Sentence]] = {}
        for sentence in self.reader.sentences:
            for ident in {id(w.entity) for w in sentence.words if w.entity is not None}:
                found.setdefault(ident, []).append(sentence)
        return found

    def hear(self, words: list[Word], block: int) -> Heard:
        """What words of a block say; quoted ones are left out."""
        heard = Heard()
        for entry, share in hits([w.canon for w in words if not w.quoted]):
            heard.lexicon[entry.division] = heard.lexicon.get(entry.division, 0.0) + entry.weight * share
        for phrase in chunks(words, self.reader.discourse.texts[block]):
            for division, likely in self.model.probabilities(phrase).items():
                heard.model[division] = heard.model.get(division, 0.0) + likely
        return heard

    def sentence(self, sentence: Sentence) -> Heard:
        """What a sentence says."""
        heard = self.sentences.get(sentence.index)
        if heard is None:
            heard = self.sentences[sentence.index] = self.hear(sentence.words, sentence.block)
        return heard

    def organisation(self, entity: OrganisationEntity) -> tuple[Heard, Heard, Heard, Heard]:
        """What the text says of an organisation: introducing it, by its name, in sentences with it and in those that go
        on about it."""
        known = self.organisations.get(id(entity))
        if known is None:
            named = Heard()
            name = phrase_of(entity.name)
            for entry, share in hits([canon for canon, _ in name]):
                named.lexicon[entry.division] = named.lexicon.get(entry.division, 0.0) + entry.weight * share
            named.model = dict(self.model.probabilities(name)) if name else {}
            naming = self.naming.get(id(entity), [])
            focused = [
                self.sentence(s)
                for s in self.reader.sentences
                if self.reader.focus_at.get(s.index) is entity and not any(s is n for n in naming)
            ]
            known = self.organisations[id(entity)] = (
                together([self.hear(*passage) for passage in described(naming, entity)]), named,
                together([self.sentence(s) for s in naming]), together(focused),
            )  # fmt: skip
        return known

    def article(self, lead: Sentence) -> tuple[Heard, Heard]:
        """What the title and standfirst say, and what the text says; of a round-up, the item's text alone."""
        section = lead.section if lead.block in self.reader.items else None
        known = self.articles.get(section)
        if known is None:
            rows = [s for s in self.reader.sentences if section is None or s.section == section]
            heads = [self.sentence(s) for s in rows if section is None and s.kind in ("title", "standfirst")]
            title = Heard()
            for head in heads:
                title.add(head)
            rest = [self.sentence(s) for s in rows if s.kind not in ("title", "standfirst")]
            known = self.articles[section] = (title, together(rest))
        return known

    def division(
        self, carriers: list[OrganisationEntity], targets: list[OrganisationEntity], told: list[Sentence], lead: Event,
        kind: ProjectKind,
    ) -> str | None:  # fmt: skip
        """The NAF division of a project, two digits, or None where the article does not tell.

        ``carriers`` and ``targets`` are its organisations; for a deal, an insolvency or a closure the target's activity
        counts, for real estate and energy what is built, for a round that of the company that raises it.
        """
        window = lead.sentence.words[lead.first : lead.last + 14]
        if kind == "acquisition" and self._property(lead):
            return "68"
        scores = Scores()
        if kind in DEALS:
            owners = (targets or carriers)[:3]
        elif kind == "funding_round":
            owners = (carriers or targets)[:1]
        else:
            owners = [*carriers[:2], *targets[:1]]
        built = kind == "infrastructure"
        for n, entity in enumerate(owners):
            introduced, named, about, focused = self.organisation(entity)
            if built:
                scores.add(named, BUILDER_NAMED)
            elif n == 0:
                scores.add(introduced, DESCRIBED)
                scores.add(named, NAMED)
                scores.add(about, ABOUT)
                scores.add(focused, FOCUSED)
            else:
                scores.add(introduced, SECOND_DESCRIBED)
                scores.add(named, SECOND_NAMED)
                scores.add(about, SECOND_ABOUT)
        if kind in ("programme", "partnership"):
            for division in self._learning([*carriers, *targets], kind):
                scores[division] = scores.get(division, 0.0) + TAUGHT
        scores.add(self.hear(window, lead.sentence.block), BUILT if built else PRODUCT)
        for sentence in told:
            scores.add(
                self.sentence(sentence), HEADLINE if sentence.kind in ("title", "standfirst", "heading") else TOLD
            )
            made = MAKER.search(sentence.canon)
            if made:
                at = sentence.word_at(made.start())
                scores.add(self.hear(sentence.words[at : at + 12], sentence.block), MADE)
        title, text = self.article(lead.sentence)
        scores.add(title, TITLE)
        scores.add(text, ARTICLE)
        return scores.best()

    @staticmethod
    def _property(lead: Event) -> bool:
        """Whether a sale is one of land or walls: "racheter les murs", "l'ancienne halle a été vendue"."""
        for word in lead.sentence.words[lead.last + 1 : lead.last + 10]:
            if isinstance(word.entity, OrganisationEntity) or word.canon in (".", ";", ":"):
                return False
            if word.canon in PROPERTY:
                return True
        return False

    @staticmethod
    def _learning(organisations: list[OrganisationEntity], kind: ProjectKind) -> Iterable[str]:
        """Teaching or research, where a school or a laboratory takes part."""
        for entity in organisations:
            words = {canon for canon, _ in phrase_of(entity.name)}
            if words & SCHOOL:
                yield "85"
            elif kind == "programme" and words & RESEARCH:
                yield "72"
