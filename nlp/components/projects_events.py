"""Events: the places of an article where somebody announces, does or stops doing something.

A trigger of ``lexicon/projects.toml`` is matched on the canonical sentence; then who does it, to whom and where is read
from the words around it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from nlp.components.clauses import word_list
from nlp.components.discourse import Discourse
from nlp.components.projects_text import Canoniser, Sentence, Word, item_blocks
from nlp.components.verbforms import forms
from nlp.document import Document, OrganisationEntity, PersonEntity, PlaceEntity
from nlp.gazetteer import demonyms

NOT_CARRIERS = re.compile(
    r"\b(?:tribuna(?:l|ux)|cour (?:administrative )?d['’]appel|cour de cassation|commission d[ée]partementale|pr[ée]fecture|autorit[ée] de la concurrence|urssaf|banque de france|insee"
    r"|conseil d['’][ée]tat|inspection du travail|dreets|parquet|medef|commission europ[ée]enne|france travail"
    r"|p[oô]le emploi|gouvernement|minist[èe]re)\b"
    r"|^(?:cfdt|cgt|fo|force ouvri[èe]re|cfe-cgc|cftc|unsa|sud|solidaires|cpme|l?['’]?[ée]tat|ademe|bpifrance|u2p|fnsea"
    r"|cnil|acpr)\b",
    re.I,
)
AUX_WORDS = {"avoir", "etre", "aller", "pouvoir", "devoir", "vouloir", "venir", "faire"}
LEFT_SKIP = word_list("between_subject_and_verb")
PREPOSITIONS = word_list("prepositions")
AGENT_NOUN = re.compile(r"(?:eur|euse|iste|ier|iere|trice|tien|cien)$")
NOT_AGENTS = word_list("not_agents")
# Who only measures what others do: "selon le cabinet X", "d'après l'observatoire Y".
SURVEYOR = re.compile(
    r"(?<!\S)(?:selon|apres|croire) (?:\S+ ){0,3}?(?:cabinet|observatoire|institut|barometre|etude"
    r"|enquete|bilan|chiffre|donnee|expert|syndicat) (?:\S+ ){0,4}$"
)
PAIR = re.compile(
    r"(?<!\S)(?:le|son|ce) deux (?:groupe|entreprise|societe|partenaire|acteur|industriel"
    r"|cooperative|maison|enseigne|compagnie|allie) "
)
CARRIED = re.compile(
    r"(?<!\S)(?:porter|conduire|mener|piloter|imaginer|developper|initier|projeter|soutenir) (?:a \S+ (?:% )?)?par (?=(?:\S+ ){0,4}ORG )"
)
# A person who changes posts: "rejoint X comme secrétaire général", "cède les rênes de X à sa fille".
POST_TAKEN = re.compile(
    r"(?:rejoindre|integrer|passer chez) (?:(?![.;:] )\S+ ){0,9}?(?:comme|en tant que|en qualite|a le poste|au poste) "
    r"|(?:ceder|transmettre|laisser|abandonner) (?:(?![.;:] )\S+ ){0,5}?(?:rene|renes|commande|place|fauteuil|presidence|direction"
    r"|flambeau|manette|barre|mandat|tablier) "
)
# Words that open a clause with a subject of its own: "le terrain sur lequel X voulait bâtir".
RELATIVE = {"que", "lequel", "laquelle", "lesquel", "lesquelle", "dont"}
NO_OBJECT = {
    "avec",
    "aupres",
    "pour",
    "chez",
    "selon",
    "contre",
    "dans",
    "apres",
    "avant",
    "via",
    "sans",
    "face",
    "devant",
    "comme",
}
BETWEEN = word_list("between_auxiliary_and_verb")
RELATED = word_list("related")
GOVERNING = word_list("governing")


@dataclass(frozen=True, slots=True)
class Trigger:
    """A pattern on canonical text that begins at its first word."""

    kind: str
    roles: str
    pattern: re.Pattern[str]
    noun: bool
    phrase: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Triggers by their first word, the classes of nouns, and the canoniser that knows their verbs."""

    triggers: dict[str, list[Trigger]]
    classes: dict[str, re.Pattern[str]]
    canoniser: Canoniser
    organisation_nouns: frozenset[str]


@dataclass(slots=True)
class Event:
    """One trigger in its sentence, with what was read around it."""

    trigger: Trigger
    sentence: Sentence
    first: int
    last: int
    kind: str
    tense: str
    passive: bool = False
    agents: list[OrganisationEntity] = field(default_factory=list)
    targets: list[OrganisationEntity] = field(default_factory=list)
    places: list[PlaceEntity] = field(default_factory=list)
    anaphoric: bool = False
    negated: bool = False
    quoted: bool = False
    background: bool = False
    verb: str = ""
    first_verb: int = -1
    vague: bool = False
    learned: str | None = None
    belief: float | None = None
    fresh: float = 0.0

    @property
    def concrete(self) -> bool:
        """Whether the sentence tells a sum, a number of jobs, a date or a place besides."""
        tags = {w.canon for w in self.sentence.words}
        return self.trigger.kind != "stage" and bool(tags & {"#money", "#jobs", "#funding", "DATE", "LIEU", "ORG"})

    @property
    def given_up(self) -> bool:
        """Whether a denial says that a plan is given up: "ne construira pas", "ne sera pas construit"."""
        return self.negated and self.tense == "fut" and self.trigger.kind in ("build", "expansion", "acquisition")

    @property
    def organisations(self) -> list[OrganisationEntity]:
        """Agents, then targets, each once."""
        rows: list[OrganisationEntity] = []
        for entity in (*self.agents, *self.targets):
            if not any(entity is r for r in rows):
                rows.append(entity)
        return rows

    @property
    def weight(self) -> float:
        """How much the event says that there is a project: a verb more than a noun, the title most."""
        score = 1.0 if self.trigger.noun and not self.verb else 1.5
        if self.sentence.kind in ("title", "heading"):
            score += 0.7
        if self.negated and not self.given_up:
            score -= 1.0
        if self.quoted:
            score -= 0.4 if self.concrete else 1.0
        if self.background:
            score -= 1.5
        if self.trigger.kind == "stage":
            score -= 5
        return score


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """``lexicon/projects.toml`` and ``status.toml``, compiled."""
    room = files("nlp").joinpath("lexicon")
    data = tomllib.loads(room.joinpath("projects.toml").read_text(encoding="utf-8"))
    status = tomllib.loads(room.joinpath("status.toml").read_text(encoding="utf-8"))
    verbs = [*status["modals"], *status["verbs"]]
    for group in data["trigger"]:
        verbs += [re.split(r"[ …]", re.sub(r"^(?:s'|se )", "", phrase))[0] for phrase in group.get("verbs", ())]
    canoniser = Canoniser(forms(dict.fromkeys(re.sub(r"^(?:s'|se )", "", verb) for verb in verbs)))
    spelled = {
        name: sorted({canoniser.phrase(n, True) for n in nouns}, key=len, reverse=True)
        for name, nouns in data["classes"].items()
    }
    classes = {
        name: re.compile(r"(?<!\S)(?:" + "|".join(map(re.escape, nouns)) + r")(?= )") for name, nouns in spelled.items()
    }
    triggers: dict[str, list[Trigger]] = {}
    for group in data["trigger"]:
        for noun in (False, True):
            for phrase in group.get("nouns" if noun else "verbs", ()):
                pattern = _compile(canoniser, phrase, noun, spelled)
                trigger = Trigger(group["kind"], group["roles"], re.compile(pattern + r"(?= )"), noun, phrase)
                for head in _heads(pattern):
                    triggers.setdefault(head, []).append(trigger)
    speech = tomllib.loads(room.joinpath("speech.toml").read_text(encoding="utf-8"))
    nouns = frozenset(canoniser.phrase(n, True) for n in speech["organisation_nouns"])
    return Lexicon(triggers, classes, canoniser, nouns)


def _heads(pattern: str) -> set[str]:
    """The words that a pattern can begin with ("se" and "être" aside)."""
    body = re.sub(r"^(?:se|etre) ", "", pattern).replace("\\", "")
    if body.startswith("(?:"):
        return {choice.split(" ")[0] for choice in body[3 : body.index(")")].split("|")}
    return {body.split(" ")[0]}


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase of a lexicon, searched for only where one of the words that it can begin with stands."""

    heads: frozenset[str]
    pattern: re.Pattern[str]

    def finditer(self, sentence: Sentence, words: set[str], start: int, end: int) -> Iterator[re.Match[str]]:
        """Where it stands in a stretch of a sentence's canonical text; ``words`` are those of the sentence."""
        return iter(()) if self.heads.isdisjoint(words) else self.pattern.finditer(sentence.canon, start, end)


def cue(canoniser: Canoniser, phrase: str) -> Cue:
    """A phrase of a lexicon as a cue."""
    body = _compile(canoniser, phrase, False, {})
    return Cue(
        frozenset(_heads(body)) | ({"se", "etre"} if re.match(r"(?:se|etre) ", body) else set()),
        compile_phrase(canoniser, phrase),
    )


def compile_phrase(canoniser: Canoniser, phrase: str) -> re.Pattern[str]:
    """A phrase of a lexicon as a pattern to search for in canonical text."""
    return re.compile(r"(?<!\S)" + _compile(canoniser, phrase, False, {}) + r"(?= )")


def _compile(canoniser: Canoniser, phrase: str, noun: bool, classes: dict[str, list[str]]) -> str:
    """A phrase of the lexicon as a regular expression over canonical text."""
    parts: list[str] = []
    pieces = phrase.split()
    for i, piece in enumerate(pieces):
        if piece == "…":
            parts.append(r"(?:(?![.;:] )\S+ ){0,6}?")
            continue
        choices: list[str] = []
        for choice in piece.replace("_", " ").split("|"):
            if choice.startswith("@"):
                choices += [re.escape(word) for word in classes[choice[1:]]]
            elif choice.startswith("#") or choice.isupper() and len(choice) > 2:
                choices.append(re.escape(choice))
            else:
                choices.append(re.escape(canoniser.phrase(choice, noun or i > 0)))
        body = choices[0] if len(choices) == 1 else "(?:" + "|".join(choices) + ")"
        parts.append(body + (" " if i + 1 < len(pieces) else ""))
    return "".join(parts).replace(r"\ ", " ")


class EventReader:
    """Reads the events of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.lexicon = lexicon()
        self.discourse = Discourse(document)
        self.sentences = self.lexicon.canoniser.sentences(document)
        self.focus: OrganisationEntity | None = None
        self.recent: list[OrganisationEntity] = []
        self.focus_at: dict[int, OrganisationEntity | None] = {}
        self.place_of_section: dict[int, PlaceEntity] = {}
        self.items = item_blocks(document)
        self.homes: dict[int, PlaceEntity | None] = {}

    def read(self, judge: Callable[[Sentence, list[Event]], list[Event]] | None = None) -> list[Event]:
        """All events in the order of the text; ``judge`` may drop some of a sentence's and add its own."""
        events: list[Event] = []
        for sentence in self.sentences:
            if sentence.kind == "caption":
                continue
            if sentence.kind in ("heading", "title") or self.opens_item(sentence):
                self._heading(sentence)
            self._return_focus(sentence)
            found = self._match(sentence)
            for event in found:
                self.fill(event)
            if judge is not None:
                judged = judge(sentence, found)
                for event in judged:
                    if not any(event is f for f in found):
                        event.tense, event.passive = self._tense(sentence, event.first)
                        self.fill(event)
                found = judged
            events += found
            self._move_focus(sentence)
            self.focus_at[sentence.index] = self.focus
            if self.focus is not None and self.focus.kind == "company":
                self.recent = [o for o in self.recent if o is not self.focus] + [self.focus]
        return events

    def opens_item(self, sentence: Sentence) -> bool:
        """Whether a sentence begins an item of a round-up."""
        return sentence.block in self.items and not self.discourse.texts[sentence.block][: sentence.start].strip()

    def _heading(self, sentence: Sentence) -> None:
        if sentence.kind == "heading" and not sentence.canon.rstrip().endswith("?"):
            self.focus = self.main()
        """A heading or the beginning of an item: its town is the section's, and nobody of the last one goes on."""
        item = self.opens_item(sentence)
        for j, word in enumerate(sentence.words):
            if isinstance(word.entity, PlaceEntity) and word.entity.kind == "commune" and (not item or j <= 2):
                self.place_of_section.setdefault(sentence.section, word.entity)
        town = any(isinstance(w.entity, PlaceEntity) and w.entity.kind == "commune" for w in sentence.words[:3])
        if item or (sentence.kind == "heading" and (town or self.items)):
            self.focus = self.main() if sentence.kind == "heading" else None

    def _match(self, sentence: Sentence) -> list[Event]:
        """The triggers of a sentence, the longest at each word."""
        events: list[Event] = []
        taken = -1
        for i, word in enumerate(sentence.words):
            if word.entity is not None or word.depth:
                continue
            best: tuple[int, Trigger, int] | None = None
            for trigger in self.lexicon.triggers.get(word.canon, ()):
                if not trigger.noun and word.verb is None:
                    continue
                start = i
                reflexive = trigger.phrase.startswith(("s'", "se "))
                copula = trigger.phrase.startswith("être ")
                if reflexive or copula:
                    start = self._before(sentence, i, "se" if reflexive else "etre")
                    if start < 0:
                        continue
                    text = ("se " if reflexive else "etre ") + sentence.canon[sentence.at[i] :]
                    match = trigger.pattern.match(text)
                    end = (
                        i
                        if match is None
                        else sentence.word_at(sentence.at[i] + max(0, match.end() - (3 if reflexive else 5)) - 1)
                    )
                else:
                    match = trigger.pattern.match(sentence.canon, sentence.at[i])
                    end = i if match is None else sentence.word_at(match.end() - 1)
                if match and (best is None or (trigger.kind != "stage", end) > (best[1].kind != "stage", best[0])):
                    best = (end, trigger, start)
            if best is None:
                continue
            end, trigger, _ = best
            if i <= taken and events and events[-1].trigger.kind == trigger.kind and trigger.kind != "stage":
                continue
            if trigger.kind == "acquisition" and POST_TAKEN.match(sentence.canon, sentence.at[i]):
                continue
            taken = max(taken, end)
            tense, passive = self._tense(sentence, i)
            event = Event(trigger, sentence, i, end, trigger.kind, tense, passive, quoted=word.quoted)
            if trigger.noun:
                self._govern(event)
            events.append(event)
        specific = [e for e in events if e.trigger.kind not in ("build", "stage")]
        return [
            e for e in events if e.trigger.kind != "build" or not any(e.first < s.first <= e.last for s in specific)
        ]

    def _govern(self, event: Event) -> None:
        """A noun's verb tells its tense: "a annoncé la fermeture", "étudie l'ouverture"."""
        words = event.sentence.words
        for j in range(event.first - 1, max(-1, event.first - 8), -1):
            word = words[j]
            if word.canon in (".", ";", ":", ",", "qui", "que", "dont") or isinstance(word.entity, OrganisationEntity):
                return
            if word.verb is not None and word.canon not in AUX_WORDS:
                if word.canon in GOVERNING or word.canon in MODAL_SET():
                    tense, _ = self._tense(event.sentence, j)
                    event.tense = tense if tense not in ("part", "inf", "ger") else event.tense
                    event.verb = word.canon
                    event.first_verb = j
                return

    @staticmethod
    def _before(sentence: Sentence, i: int, canon: str) -> int:
        for j in range(i - 1, max(-1, i - 6), -1):
            if sentence.words[j].canon == canon:
                return j
            if sentence.words[j].canon not in LEFT_SKIP:
                return -1
        return -1

    @staticmethod
    def _tense(sentence: Sentence, i: int) -> tuple[str, bool]:
        """Tense of the verb at ``i`` with its auxiliaries, and whether it is passive.

        pres, perf (passé composé), plup, imp, fut (also aller + inf), cond, inf, part, noun.
        """
        word = sentence.words[i]
        if word.verb is None:
            return "noun", False
        tense = word.verb.tense
        chain: list[Word] = []
        for j in range(i - 1, max(-1, i - 7), -1):
            left = sentence.words[j]
            if left.verb is not None and (left.canon in AUX_WORDS or left.canon in MODAL_SET()):
                chain.append(left)
                if left.verb.tense not in ("part", "inf"):
                    break
            elif left.canon not in LEFT_SKIP and left.canon not in BETWEEN and not left.canon.endswith("ment"):
                break
        if tense in ("part", "inf", "ger"):
            finite = next((w for w in chain if w.verb and w.verb.tense not in ("part", "inf", "ger")), None)
            helpers = [w.canon for w in chain]
            passive = tense == "part" and "etre" in helpers and not EventReader._reflexive(sentence, i)
            if finite is None or finite.verb is None:
                return tense, passive or tense == "part"
            mode = finite.verb.tense
            if tense == "inf":
                if finite.canon == "aller":
                    return "fut", False
                if finite.canon == "venir":
                    return "perf", False
                return ("cond" if mode == "cond" else "modal:" + finite.canon), False
            if mode == "fut" or finite.canon == "aller":
                return "fut", passive
            if mode == "cond" or finite.canon in ("pouvoir", "devoir"):
                return "cond" if mode == "cond" else "fut", passive
            if passive and "avoir" not in helpers:
                return ("perf" if mode == "pres" else "plup" if mode == "imp" else mode), True
            return ("plup" if mode == "imp" else "perf"), passive
        if tense == "past":
            return "perf", False
        return tense, False

    @staticmethod
    def _reflexive(sentence: Sentence, i: int) -> bool:
        return any(sentence.words[j].canon == "se" for j in range(max(0, i - 4), i))

    # -- who and where ---------------------------------------------------------------------------------------------

    def carrier(self, entity: OrganisationEntity) -> bool:
        """Whether an organisation can carry a project (courts, unions and authorities do not)."""
        return not NOT_CARRIERS.search(entity.name) and entity.kind != "media"

    def owner(self, word: Word) -> OrganisationEntity | None:
        """The organisation that a name stands for: itself, or that of a person's role."""
        if isinstance(word.entity, OrganisationEntity):
            return word.entity
        if isinstance(word.entity, PersonEntity):
            for role in word.entity.roles:
                for organisation in self.document.organisations:
                    if role.organisation in (organisation.name, *organisation.aliases):
                        return organisation
        return None

    def _anaphor(self, sentence: Sentence, i: int) -> OrganisationEntity | None:
        """The organisation that "le groupe", "la société", "l'usineur de Figeac" at word ``i`` takes up."""
        word = sentence.words[i]
        if (
            not i
            or sentence.words[i - 1].canon not in ("le", "ce", "son")
            or word.entity is not None
            or word.verb is not None
        ):
            return None
        if self.focus is None and (self.opens_item(sentence) or sentence.kind == "heading"):
            return None
        if word.canon in demonyms():
            if not (i + 1 < len(sentence.words) and sentence.words[i + 1].verb is not None):
                return None
            return self.discourse.organisation(sentence.block, word.start)
        text = self.discourse.texts[sentence.block]
        many = text[sentence.words[i - 1].start : sentence.words[i - 1].end].lower() in ("les", "ces", "ses", "leurs")
        if many and text[word.end - 1 : word.end] == "s":
            return None
        initial = i <= 2 or sentence.words[i - 2].canon in (",", ":", ";", "et", "-", "•", "–")
        known = word.canon in self.lexicon.organisation_nouns
        if word.canon == "filiale" and i <= 2 and self.focus is not None and self.focus.kind == "company":
            parents = [w.entity for w in sentence.words[i + 1 : i + 8] if isinstance(w.entity, OrganisationEntity)]
            if parents and parents[0] is not self.focus:
                return self.focus
        if not known and not (initial and AGENT_NOUN.search(word.canon) and word.canon not in NOT_AGENTS):
            return None
        for left in sentence.words[:i]:
            if (
                isinstance(left.entity, OrganisationEntity)
                and left.entity.kind == "company"
                and not left.depth
                and i <= 12
            ):
                return left.entity
        for following in sentence.words[i + 1 : i + 8]:
            if following.verb is not None or following.canon in (",", ".", ";", ":", "que", "qui", "dont", "et"):
                break
            if isinstance(following.entity, OrganisationEntity):
                return None
        if (
            self.focus is not None
            and self.focus.kind == "company"
            and not self.discourse.near(self.focus, sentence.block, word.start)
        ):
            return self.discourse.organisation(sentence.block, word.start, word.canon) or self.focus
        if self.focus is not None and self.focus.kind == "company":
            return self.focus
        return self.discourse.organisation(sentence.block, word.start, word.canon) or self.focus

    def candidates(self, sentence: Sentence, start: int, end: int) -> list[tuple[int, float, OrganisationEntity]]:
        """Organisations named or taken up in a stretch of words, with how much they look like a subject."""
        rows: list[tuple[int, float, OrganisationEntity]] = []
        for j in range(start, end):
            word = sentence.words[j]
            entity = self.owner(word) or self._anaphor(sentence, j)
            if entity is None or not self.carrier(entity) or word.depth:
                continue
            if SURVEYOR.search(sentence.canon[: sentence.at[j]][-90:]):
                continue
            k = self.phrase_start(sentence, j, start)
            previous = sentence.words[k].canon if k >= start else ""
            score = 2.0
            if previous == "a" and k >= 1 and sentence.words[k - 1].canon == "quant":
                previous = ""
            if previous in (
                "selon",
                "pour",
                "avec",
                "contre",
                "chez",
                "aupres",
                "face",
                "devant",
                "pres",
                "a",
                "dans",
                "comme",
                "via",
                "par",
            ):
                score = 0.3
            elif previous == "de":
                head = sentence.words[k - 1].canon if k >= 1 else ""
                score = 0.2 if head in RELATED else 1.0
            elif (
                j
                and sentence.words[j - 1].canon == ","
                and rows
                and rows[-1][1] >= 2
                and isinstance(word.entity, OrganisationEntity)
            ):
                score = 1.5
            rows.append((j, score, entity))
        return rows

    def phrase_start(self, sentence: Sentence, j: int, start: int) -> int:
        """The word before the noun phrase that ends with a name at ``j``: "le fabricant de remorques X" is one phrase,
        "le patron de X" and "le patron de la PME X" are not."""
        k = j - 1
        while k >= start:
            word = sentence.words[k]
            bare = (
                word.canon == "de"
                and k + 1 < j
                and k > start
                and self._describes(sentence.words[k + 1])
                and sentence.words[k - 1].canon not in RELATED
            )
            if word.canon in ("le", "un", "son", "ce") or self._describes(word) or bare:
                k -= 1
                continue
            break
        return k

    @staticmethod
    def _describes(word: Word) -> bool:
        """Words between an article and a name: "le promoteur lyonnais X"."""
        return (
            word.entity is None
            and word.verb is None
            and word.canon.isalpha()
            and word.canon not in PREPOSITIONS
            and word.canon not in ("et", "ou", "que", "qui", "dont", "mais")
        )

    def _subject(self, event: Event) -> list[OrganisationEntity]:
        """The organisations that are the subject of the event's verb, or that govern its noun."""
        sentence, i = event.sentence, event.first
        j = i - 1
        while j >= 0 and sentence.words[j].canon in LEFT_SKIP:
            j -= 1
        if event.quoted:
            mine = self._speaker(event)
            if mine is not None and not any(
                isinstance(w.entity, OrganisationEntity) for w in sentence.words[max(0, i - 8) : i]
            ):
                return [mine]
        if (
            j >= 0
            and sentence.words[j].canon in ("il", "elle", "ils", "elles", "on", "nous")
            and not event.trigger.noun
        ):
            left = self.candidates(sentence, 0, j)
            strong = [row for row in left if row[1] >= 2]
            if strong and sentence.words[j].canon != "nous":
                return [strong[0][2]]
            event.anaphoric = True
            found = self.focus or self.discourse.organisation(sentence.block, sentence.words[i].start)
            return [found] if found else []
        carried = CARRIED.search(sentence.canon[: sentence.at[i]])
        if carried is None and event.trigger.noun:
            carried = CARRIED.search(sentence.canon[: sentence.at[min(len(sentence.at) - 1, event.last + 16)]])
        if carried is not None:
            first = sentence.word_at(carried.end())
            borne = [
                w.entity
                for w in sentence.words[max(0, first - 1) : first + 8]
                if isinstance(w.entity, OrganisationEntity)
            ]
            if borne:
                return borne[:3]
        pair = PAIR.search(sentence.canon[: sentence.at[i]])
        if pair is not None and len(self.recent) >= 2:
            return self.recent[-2:]
        rows = self.candidates(sentence, 0, i)
        if j >= 0 and sentence.words[j].canon in ("qui", "lequel", "laquelle") and rows:
            return [rows[-1][2]]
        strong = [row for row in rows if row[1] >= 2]
        if strong:
            start = self._clause_start(sentence, i)
            relative = [k for k in range(start, i) if sentence.words[k].canon in RELATIVE]
            if relative and any(row[0] > relative[-1] for row in strong):
                start = relative[-1]
            inside = [row for row in strong if row[0] >= start] or [strong[-1]] if len(strong) > 1 else strong
            chosen = [inside[0]]
            for row in strong:
                if row[0] > chosen[-1][0] and self._coordinated(sentence, chosen[-1][0], row[0]):
                    chosen.append(row)
            return [row[2] for row in chosen]
        if rows:
            return [max(rows, key=lambda row: (row[1], -row[0]))[2]]
        event.anaphoric = True
        return []

    def _speaker(self, event: Event) -> OrganisationEntity | None:
        """The organisation of whoever says the quoted words of an event ("Nous allons ouvrir …")."""
        block, offset = event.sentence.block, event.sentence.words[event.first].start
        for quote in self.document.quotes:
            evidence = quote.evidence
            if evidence.block == block and evidence.start <= offset < evidence.end and quote.speaker:
                speakers: list[OrganisationEntity | PersonEntity] = [
                    *self.document.organisations,
                    *self.document.people,
                ]
                for entity in speakers:
                    if entity.name == quote.speaker:
                        found = self.owner(Word("", 0, 0, entity=entity))
                        return found if found is not None and self.carrier(found) else None
        return None

    @staticmethod
    def _clause_start(sentence: Sentence, i: int) -> int:
        for j in range(i - 1, 0, -1):
            if sentence.words[j].canon in (";", ":", "—", "–"):
                return j + 1
        return 0

    @staticmethod
    def _coordinated(sentence: Sentence, a: int, b: int) -> bool:
        between = [w.canon for w in sentence.words[a + 1 : b] if w.depth == 0]
        return "et" in between and not any(w.verb for w in sentence.words[a + 1 : b]) and len(between) <= 8

    def _objects(self, event: Event, stop: int | None = None) -> list[tuple[int, str, OrganisationEntity]]:
        """Organisations to the right of the trigger, with the preposition before each."""
        sentence = event.sentence
        rows: list[tuple[int, str, OrganisationEntity]] = []
        for j in range(event.first + 1, stop or len(sentence.words)):
            word = sentence.words[j]
            if word.canon in (";", "«", '"', "“") and j > event.last:
                break
            if (
                word.canon == ":"
                and j > event.last
                and not (event.trigger.noun and event.trigger.kind == "acquisition")
            ):
                break
            entity = word.entity if isinstance(word.entity, OrganisationEntity) else None
            if entity is None or word.depth or not self.carrier(entity):
                continue
            k = self.phrase_start(sentence, j, event.first + 1)
            rows.append((j, sentence.words[k].canon, entity))
        return rows

    def fill(self, event: Event) -> None:
        """Read agents, targets, places and polarity of an event."""
        subject = self._subject(event)
        objects = self._objects(event)
        by = [e for _, p, e in objects if p == "par"]
        roles = event.trigger.roles
        if roles in ("deal", "sale"):
            self._deal(event, subject, objects, by, roles)
        elif roles == "raise":
            event.agents = subject or [e for _, p, e in objects if p in ("par", "de", "pour", "chez")][:1]
            if event.trigger.noun and by and not subject:
                event.agents = by[:1]
            event.targets = [
                e
                for _, p, e in objects
                if p in ("aupres", "par", "avec", "et", ",", "dont") or "aupres" in event.sentence.canon
            ][:6]
        elif roles == "patient" and event.trigger.noun and self._apposed(event) is not None:
            event.targets = [e for e in (self._apposed(event),) if e is not None]
        elif roles == "patient":
            event.agents = subject
            if event.trigger.noun or not subject:
                near = [
                    e
                    for j, p, e in objects
                    if p
                    in (
                        "de",
                        "contre",
                        "a",
                        "chez",
                        event.sentence.words[event.last].canon,
                        event.sentence.words[event.first].canon,
                    )
                    and j - event.last <= 9
                ]
                if not subject and not near:
                    near = self._after_comma(event, objects)
                event.targets = [] if event.trigger.kind == "insolvency" and subject else near[:1]
        elif event.passive and not event.trigger.noun:
            event.agents = by or subject
        elif event.sentence.words[event.first].canon in ("delivrer", "accorder"):
            event.agents = [e for _, p, e in objects if p == "a"][:1] or subject
        else:
            event.agents = subject
            if event.trigger.noun and by:
                event.agents = by
            opened = [e for _, p, e in objects if p == event.sentence.words[event.first].canon]
            if opened and event.anaphoric and not event.trigger.noun and event.kind == "build":
                event.agents = opened[:1]
            if not subject and event.trigger.noun:
                near = [e for j, p, e in objects if p in ("de", "par", "chez", "pour") and j - event.last <= 8][:1]
                event.agents = near or self._after_comma(event, objects)
        if event.kind == "partnership":
            event.targets = [
                e
                for _, p, e in objects
                if p in ("avec", "a", "aupres", "entre", "et", "de", "par", event.sentence.words[event.first].canon)
            ][:3]
        if not event.agents and not event.targets:
            event.anaphoric = True
            focus = self.focus
            if focus is not None:
                event.agents = [focus]
        if any(w.entity is o for o in event.organisations for w in event.sentence.words):
            event.anaphoric = False
        event.places = self.places(event)
        event.negated = self._negated(event)

    def _apposed(self, event: Event) -> OrganisationEntity | None:
        """Of whom a state is told beside the name: "la reprise de X, en redressement judiciaire depuis mai"."""
        words = event.sentence.words
        at = event.first if words[event.first].canon == "en" else event.first - 1
        if at < 2 or words[at].canon != "en":
            return None
        for j in range(at - 1, max(-1, at - 7), -1):
            entity = words[j].entity
            if isinstance(entity, OrganisationEntity):
                return entity if self.carrier(entity) else None
            if words[j].verb is not None and words[j].canon != "placer":
                return None
        return None

    def _after_comma(
        self, event: Event, objects: list[tuple[int, str, OrganisationEntity]]
    ) -> list[OrganisationEntity]:
        """The subject that follows an opening phrase: "Avec l'acquisition de A, B devient …"."""
        if event.first > 6:
            return []
        for j, before, entity in objects:
            if before in (",", ":") and j - event.last <= 14:
                return [entity]
        return []

    def _counterpart(self, event: Event) -> list[OrganisationEntity]:
        """With whom the seller agrees on a sale: "A s'est entendu avec B pour la vente de …"."""
        for j in range(event.first):
            entity = event.sentence.words[j].entity
            if isinstance(entity, OrganisationEntity) and re.search(
                r"(?<!\S)avec (?:\S+ ){0,4}$", event.sentence.canon[: event.sentence.at[j]]
            ):
                return [] if any(entity is t for t in event.targets) else [entity]
        return []

    def _offering(self, event: Event) -> list[OrganisationEntity]:
        """Whose bid is spoken of before a deal's noun: "a retenu l'offre de A pour la reprise de B"."""
        pattern = r"(?<!\S)(?:offre|dossier|proposition|projet) de (?:\S+ ){0,4}$"
        for j in range(event.first):
            entity = event.sentence.words[j].entity
            if isinstance(entity, OrganisationEntity) and re.search(
                pattern, event.sentence.canon[: event.sentence.at[j]]
            ):
                return [entity]
        return []

    def _deal(self, event: Event, subject: list[OrganisationEntity], objects: list[tuple[int, str, OrganisationEntity]],
              by: list[OrganisationEntity], roles: str) -> None:  # fmt: skip
        """Acquirer and target of a deal."""
        word = event.sentence.words[event.first]
        bidders = [
            e
            for j, _, e in objects
            if re.search(
                r"(?<!\S)(?:celui|celle|offre|dossier|proposition) de (?:\S+ ){0,4}$",
                event.sentence.canon[: event.sentence.at[j]],
            )
        ]
        if event.trigger.noun and not subject and not by:
            bidders = bidders or self._offering(event) or self._after_comma(event, objects)
        others = [e for _, p, e in objects if p != "par" and not any(e is s for s in subject)]
        benefit = [e for _, p, e in objects if p in ("de", "a") and self._profit(event.sentence, e)]
        if roles == "deal":
            if event.passive and not event.trigger.noun:
                event.agents, event.targets = by or benefit, subject
            elif event.trigger.noun:
                buyers = by or benefit or bidders
                rest = [e for e in others if not any(e is b for b in buyers)]
                offered = self._offering(event)
                event.agents, event.targets = offered or buyers or subject, rest[:1]
                event.agents = [a for a in event.agents if not any(a is t for t in event.targets)]
                if buyers and not rest:
                    event.targets = [s for s in subject if not any(s is b for b in buyers)][:1]
            else:
                bought = [
                    e
                    for _, p, e in objects
                    if p not in NO_OBJECT
                    and p != "par"
                    and e.kind != "public_body"
                    and not any(e is s for s in subject)
                ]
                event.agents, event.targets = subject, bought[:1]
                if word.canon in ("retenir", "preferer", "privilegier") and bidders and not subject:
                    event.agents = bidders[:1]
                    event.targets = [e for e in bought if e is not bidders[0]][:1]
                if word.canon == "fusionner" and len(subject) > 1:
                    event.agents = subject
            return
        # a sale: the subject is sold or sells, the buyer is named after it
        buyers = by or [e for _, p, e in objects if p in ("a", "avec", "de") or e in others]
        direct = [e for _, p, e in objects if p == word.canon]
        verb = word.canon
        if event.passive and verb in ("ceder", "vendre", "transmettre"):
            event.targets = subject[:1]
            event.agents = [e for _, p, e in objects if p == "a"][:1]
        elif event.trigger.noun:
            sold = [e for _, p, e in objects if p == "de"][:1] or subject
            event.targets = sold[:1]
            event.agents = [
                b for b in (by or [e for _, p, e in objects if p == "a"]) if not any(b is t for t in event.targets)
            ][:1]
            if not event.agents:
                event.agents = self._counterpart(event)
        elif verb in ("ceder", "vendre", "transmettre") and not event.passive:
            event.targets = direct[:1] or subject[:1]
            event.agents = [e for _, p, e in objects if p in ("a", "par")][:1]
        elif verb in ("rejoindre", "discuter", "negocier", "entrer"):
            event.targets = subject[:1]
            event.agents = [b for b in buyers if not any(b is s for s in subject)][:1]
        else:
            event.targets = subject[:1]
            event.agents = [b for b in buyers if not any(b is s for s in subject)][:1]

    @staticmethod
    def _profit(sentence: Sentence, entity: OrganisationEntity) -> bool:
        return any(
            w.entity is entity
            and re.search(r"\b(?:profit|benefice|faveur) de (?:\S+ ){0,3}$", sentence.canon[: sentence.at[j]])
            for j, w in enumerate(sentence.words)
        )

    def _negated(self, event: Event) -> bool:
        words = event.sentence.words
        left = [w.canon for w in words[max(0, event.first - 7) : event.first]]
        right = [w.canon for w in words[event.first + 1 : event.first + 5]]
        if any(w.startswith("faill") for w in left[-2:]):
            return True
        if event.tense == "inf" and event.first <= 1:
            after = [w.canon for w in words[event.last + 1 : event.last + 7]]
            return "ne" in after and any(w in ("pas", "plus") for w in after)
        if event.trigger.noun:
            return any(w in ("aucun", "sans", "nul", "faute", "absence", "defaut") for w in left[-3:]) or (
                ("dementir" in left or "exclure" in left) and "pas" not in left
            )
        if "ne" in left[-4:] or "ne" in left:
            close = left[left.index("ne") :] + right
            if "que" in close and "pas" not in close and "plus" not in close:
                return False
            return any(w in ("pas", "plus", "jamais", "aucun", "rien") for w in close) and not (
                "pas" in close and "avant" in [w.canon for w in words[event.first : event.first + 7]]
            )
        return any(w in ("aucun", "nul") for w in left[-4:])

    def places(self, event: Event) -> list[PlaceEntity]:
        """Where: the communes next to the trigger in its sentence, else that of the section."""
        words = event.sentence.words
        rows: list[tuple[float, PlaceEntity]] = []
        for j, word in enumerate(words):
            place = word.entity
            if not isinstance(place, PlaceEntity) or place.kind != "commune" or word.depth:
                continue
            before = [w.canon for w in words[max(0, j - 3) : j]]
            left = words[max(0, j - 4) : j]
            if any(
                c in ("base", "siege", "installe", "originaire", "pres", "entre", "voisin", "loin", "proche")
                for c in before
            ) or (before[-1:] == ["et"] and "entre" in [w.canon for w in words[max(0, j - 6) : j]]):
                continue
            penalty = 0.0
            if before[-1:] == ["de"] and any(
                w.canon in self.lexicon.organisation_nouns or isinstance(w.entity, OrganisationEntity) for w in left
            ):
                penalty = 6.0
            distance = j - event.last if j > event.last else (event.first - j) + 3
            rows.append((distance + penalty, place))
        rows.sort(key=lambda row: row[0])
        if not rows:
            return []
        if event.trigger.kind == "relocation":
            near = {id(place) for distance, place in rows if distance < 14}
            return [w.entity for w in words if isinstance(w.entity, PlaceEntity) and id(w.entity) in near]
        listed = self._listed(words, rows[0][1]) if rows[0][0] < 14 else [rows[0][1]]
        return [w.entity for w in words if isinstance(w.entity, PlaceEntity) and any(w.entity is p for p in listed)]

    @staticmethod
    def _listed(words: list[Word], place: PlaceEntity) -> list[PlaceEntity]:
        """A place with those that are listed beside it: "à Bron, Oullins et Tassin"."""
        found = [place]
        at = next(j for j, w in enumerate(words) if w.entity is place)
        for step in (1, -1):
            j = at + step
            while 0 <= j < len(words) and (
                words[j].canon in (",", "et", "a", "ou") or words[j].depth or words[j].canon == ")"
            ):
                j += step
            between = [w.canon for w in words[min(at, j) + 1 : max(at, j)] if not w.depth and w.canon != ")"]
            if 0 <= j < len(words) and between and len(between) <= 2:
                entity = words[j].entity
                if isinstance(entity, PlaceEntity) and entity.kind == "commune" and entity is not place:
                    found.append(entity)
        return found

    def main(self) -> OrganisationEntity | None:
        """The company of the title, if there is one."""
        titled = [
            o for o in self.document.organisations if o.kind == "company" and any(m.block == -2 for m in o.mentions)
        ]
        return min(titled, key=lambda o: o.mentions[0], default=None)

    def _return_focus(self, sentence: Sentence) -> None:
        """A paragraph that begins without naming anybody goes on with the company of the title."""
        if sentence.kind != "paragraph" or self.discourse.texts[sentence.block][: sentence.start].strip():
            return
        if any(isinstance(w.entity, OrganisationEntity) for w in sentence.words):
            return
        main = self.main()
        if main is not None and sentence.section == 0:
            self.focus = main

    def _move_focus(self, sentence: Sentence) -> None:
        """Whom the text goes on to talk of: the subject of the sentence, else, where a paragraph begins, its first company."""  # noqa: E501
        rows = self.candidates(sentence, 0, len(sentence.words))
        strong = [row for row in rows if row[1] >= 2 and isinstance(sentence.words[row[0]].entity, OrganisationEntity)]
        companies = [row for row in strong if row[2].kind == "company"] or (strong if self.focus is None else [])
        if companies and not (companies[0][0] > 14 and self.focus is not None):
            self.focus = companies[0][2]
            return
        if self.focus is None and rows and rows[0][1] >= 2 and rows[0][2].kind == "company":
            self.focus = rows[0][2]
            return
        begins = self.discourse.texts[sentence.block][: sentence.start].strip() == "" or sentence.kind in (
            "heading",
            "title",
        )
        named = [
            row
            for row in rows
            if row[0] < 8
            and sentence.canon[: sentence.at[row[0]]].count("par ") == 0
            and row[2].kind == "company"
            and isinstance(sentence.words[row[0]].entity, OrganisationEntity)
        ]
        if begins and len({id(row[2]) for row in named}) == 1:
            self.focus = named[0][2]


def MODAL_SET() -> frozenset[str]:  # noqa: N802
    """Canonical modal verbs of the status lexicon."""
    return _modals()


@lru_cache(maxsize=1)
def _modals() -> frozenset[str]:
    from nlp.folding import fold

    room = files("nlp").joinpath("lexicon")
    status = tomllib.loads(room.joinpath("status.toml").read_text(encoding="utf-8"))
    return frozenset(fold(re.sub(r"^(?:s'|se )", "", verb)) for verb in status["modals"])
