"""Quotations and their speakers.

Spans come from the marks (« », “ ”, straight), block by block; the speaker from the words around them: an incise after
or inside the marks ("assure-t-il", "poursuit la dirigeante"), an introduction before them ("Selon elle, « … »",
"Qui ajoute : « … »"), else the speaker who is already talking.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from nlp.components.clauses import sentence_at, sentences
from nlp.components.discourse import TOKEN, Discourse, Named, role_matches
from nlp.components.verbforms import forms
from nlp.document import Document, Mention, OrganisationEntity, PersonEntity
from nlp.facts import Quote
from nlp.folding import fold

MIN_WORDS = 4
OPENERS = {"«": "»", "“": "”", "„": "”"}
WORD = re.compile(r"[^\W_]+(?:['’.,\-‑][^\W_]+)*")
PRONOUN = re.compile(r"^[-‑ ]?(?:t[-‑ ])?(il|elle|ils|elles|on)\b", re.I)
DETERMINER = re.compile(r"(?:l['’]|un |une |le |la |les |son |sa |ses |leur |ce |cet |cette |notre |des |deux )", re.I)
SUBJECT = re.compile(
    r"(?:^|(?<=[.,;(!?»”\"–] )|(?<=[.,;(!?»”\"–])|(?<=\n)|(?<=et ))((?:l['’]|la |le |son |sa |une? |ce(?:tte|t)? ))"
    r"(?:ex-|ancienn?e? )?([^\W\d_]+(?:-[^\W\d_]+)*)",
    re.I,
)
LATER = re.compile(
    r"^(?:à|au|aux|en|dans|devant|lors|après|avec|pour|sur|ce|hier|[a-zé]+ment)\b[^.;:]*?(?=\b(?:le|la|son|sa|un|une)\s(?:patron|pr[ée]sident|direct|dirigeant|g[ée]rant|PDG|P-DG|maire|fondat|cofondat|d[ée]l[ée]gu|secr[ée]taire|responsable|chef|vice|porte|ministre|pr[ée]fet|entrepreneu|associ[ée]))",
    re.I,
)
SPOKEN = frozenset(
    [
        "nous",
        "je",
        "on",
        "il",
        "elle",
        "ils",
        "elles",
        "est",
        "sont",
        "etait",
        "a",
        "ont",
        "avons",
        "c",
        "ce",
        "pas",
        "ne",
        "n",
        "qui",
        "que",
        "vous",
        "va",
        "vont",
        "faut",
    ]
)
TOLD = re.compile(
    r"\s*[.!?…]?\s*(?:C['’]est (?:ce|ainsi|en ces termes|avec ces mots|par ces mots)|Voilà (?:ce|comment)|Tels? (?:est|sont)|Ainsi (?:parle|s['’]exprime))\b"  # noqa: E501
)
READ = re.compile(r"(?:peut-on|pouvait-on|peut on) (?:lire|entendre)|lit-on|apprend-on|entend-on", re.I)
# "« … » : entretien avec X", a title's quotation.
ASKED = re.compile(
    r"\W*(?:l['’]|un |le |notre |grand )?(?:entretien|interview|rencontre|échange|conversation|dialogue|portrait)\b[^:;.]{0,40}?(?:avec|de|d['’]) ",
    re.I,
)
# "décrite comme « … » par un participant".
DESCRIBED = re.compile(
    r"\b(?:décri|jug|qualifi|présent|considér|résum|perçu|vécu|vu|salu|dénonc|critiqu|qualifi|accueill|ressenti)\w*(?: (?:de|comme|pour|d['’]))?\s*$",
    re.I,
)
# "« … » pour les salariés, selon la direction".
LATER_SOURCE = re.compile(r",\s(?:selon|d['’]après|aux dires d[eu']|à en croire|de l['’]avis d[eu'])\s+", re.I)
# "…, assure-t-il, « … »": an incise before the marks.
INCISE_AHEAD = re.compile(r",\s+([^\W\d_]+)[-‑](?:t[-‑])?(il|elle|on)\b[^,;:.«“\"]{0,40},?\s*$", re.I)
# A clause with a subject of its own begins behind these.
CONJUNCTION = re.compile(
    r"\b(?:tandis qu|alors qu|pendant qu|cependant qu|quand|mais|lorsqu|si bien qu|et (?=l['’ae]))(?:e\b|['’])?\s?",
    re.I,
)
SOURCE = re.compile(r"\b(?:selon|d['’]après|à en croire|pour|aux yeux d[eu']|de l['’]avis d[eu'])\s+", re.I)
# "Du côté de la direction, on assure que": an institution speaks.
BESIDE = re.compile(
    r"(?:du côté d[eu]|chez|au sein d[eu]|dans|à|côté) ?(?:la |l['’]|le |cette )?([^\W\d_]+)[^,;:«“\"]{0,30},?\s*$",
    re.I,
)
# "une élue consulaire", "un cadre municipal": adjectives that name the institution.
INSTITUTION: dict[str, tuple[str, ...]] = {
    "consulaire": ("chambre", "cci", "cma"),
    "municipal": ("mairie", "ville", "commune"),
    "syndical": ("cgt", "cfdt", "fo", "unsa", "cftc", "syndicat", "sud"),
    "prefectoral": ("prefecture",),
    "patronal": ("medef", "cpme", "u2p", "union", "federation"),
    "regional": ("region", "conseil regional"),
    "departemental": ("departement", "conseil departemental"),
    "communautaire": ("communaute", "agglomeration", "agglo"),
    "metropolitain": ("metropole",),
    "hospitalier": ("chu", "hopital", "centre hospitalier"),
    "universitaire": ("universite",),
    "portuaire": ("port", "grand port"),
}
CLITICS = (
    r"(?:\s*(?:n['’]|ne|s['’]|se|y|en|l['’]|lui|nous|a|ont|avait|est|était|aurait|fait|d['’]ailleurs|également|aussi|même"
    r"|dit|,|par ailleurs)\s*)*$"
)
CLAUSE_END = re.compile(r"[.;:!?](?=\s|$)|[«“\"]|\s[–—]\s|\)(?=\s|$)")
RELATIVE = re.compile(
    r"\b(?:qui|dont|où|lequel|laquelle|alors|tandis|devant|auprès|lors|pour|contre|avant|après)\b"
    r"|(?<=, )(?:ex-|anciens?\b|anciennes?\b|passée? (?:par|chez)\b|venue? d[eu']|transfuge\b)",
    re.I,
)
SKIP = re.compile(
    r"(?:\s*(?:ainsi|encore|aussi|toutefois|alors|notamment|volontiers|simplement|même|d['’]ailleurs|cependant|également"
    r"|déjà|désormais|pourtant|néanmoins|justement|ensuite|enfin|d['’]emblée|aussitôt|amèrement|sobrement|fièrement"
    r"|de son côté|pour sa part|quant à (?:lui|elle)|à son tour|en substance|en souriant|sans détour|\w+ment)\b\s*,?)+"
)


@dataclass(slots=True)
class Spoken:
    """A quoted span: the marks' outer offsets, the words' offsets, and what attribution has found."""

    block: int
    outer: tuple[int, int]
    inner: tuple[int, int]
    speaker: str | None = None
    settled: bool = False
    incised: bool = False
    carried: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The speech lexicon, loaded once."""

    verbs: frozenset[str]
    infinitives: frozenset[str]
    fragments: frozenset[str]
    naming: frozenset[str]
    naming_nouns: re.Pattern[str]
    spokespersons: frozenset[str]
    private: frozenset[str]
    person_nouns: frozenset[str]
    organisation_nouns: tuple[str, ...]


@lru_cache(maxsize=1)
def lexicon() -> Words:
    """The words of ``lexicon/speech.toml``, folded (without case and accents)."""
    data = tomllib.loads(files("nlp").joinpath("lexicon/speech.toml").read_text(encoding="utf-8"))
    finite = {"pres", "imp", "past", "fut", "cond", "part"}

    def spelled(verbs: list[str]) -> frozenset[str]:
        return frozenset(fold(form) for form, reading in forms(verbs).items() if reading.tense in finite)

    nouns = sorted((fold(noun) for noun in data["naming_nouns"]), key=len, reverse=True)
    return Words(
        verbs=spelled(data["verbs"]),
        infinitives=frozenset(map(fold, data["verbs"])),
        fragments=spelled(data["verbs"] + data["fragment_verbs"]),
        naming=spelled(data["naming_verbs"]),
        naming_nouns=re.compile(r"\b(?:" + "|".join(map(re.escape, nouns)) + r")s?(?: [a-z-]+){0,2}\s*:?\s*$"),
        spokespersons=frozenset(map(fold, data["spokespersons"])),
        private=frozenset(map(fold, data["private"])),
        person_nouns=frozenset(map(fold, data["person_nouns"])),
        organisation_nouns=tuple(sorted(map(fold, data["organisation_nouns"]), key=len, reverse=True)),
    )


def quoted_spans(text: str, carried: bool = False) -> tuple[list[tuple[int, int, int, int]], bool]:
    """The outermost quoted spans of a block, as (outer start, start, end, outer end), and whether the last one is open.

    ``carried``: the block before it ended inside a quotation, so that a mark that can only close ends one that began
    with the block.

    >>> quoted_spans("« Non », dit-il.")
    ([(0, 2, 5, 7)], False)
    """
    spans: list[tuple[int, int, int, int]] = []
    opened, mark, depth = -1, "", 0
    for i, char in enumerate(text):
        if char not in '«»“”„"':
            continue
        before, after = text[i - 1 : i] if i else "", text[i + 1 : i + 2]
        if char == '"':
            can_open = (not before or before.isspace() or before in "([’'–—-«“") and bool(after) and not after.isspace()
            can_close = bool(before) and not before.isspace() and before not in "([«“"
            loose = not can_open and not can_close
        else:
            can_open, can_close, loose = char in OPENERS, char in "»”", False
            if char == "”" and depth == 0 and (not before or before.isspace()) and after and not after.isspace():
                can_open, can_close = True, False
        if depth and char not in (mark, OPENERS.get(mark), "”" if mark == "“" else mark):
            continue
        if depth == 0:
            if can_open or (loose and not carried):
                opened, mark, depth = i, char, 1
            elif carried and not spans:
                spans.append((0, 0, i, i + 1))
            carried = carried and bool(spans or depth) and False
        elif can_open and not can_close:
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                spans.append((opened, opened + 1, i, i + 1))
    if depth:
        spans.append((opened, opened + 1, len(text), len(text)))
    trimmed = []
    for outer, start, end, close in spans:
        words = text[start:end]
        start += len(words) - len(words.lstrip())
        trimmed.append((outer, start, max(start, start + len(words.strip())), close))
    return trimmed, bool(depth)


class Attribution(Discourse):
    """Finds the speakers of one document's quotations."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.words = lexicon()

    # -- noun phrases --------------------------------------------------------------------------------------------

    def phrase(self, block: int, start: int, end: int) -> tuple[bool, str | None]:
        """Who is meant by the noun phrase that begins at ``start``: (understood, name or None for nobody named)."""
        text = self.texts[block]
        skipped = SKIP.match(text, start, end)
        if skipped:
            start = skipped.end()
        while start < end and text[start] in "  \u00a0\u202f,":
            start += 1
        pronoun = PRONOUN.match(text[start:end])
        if pronoun:
            return self.pronoun(block, start, pronoun[1].lower(), start + pronoun.end(), end)
        stop = RELATIVE.search(text, start, end)
        near = stop.start() if stop and stop.start() > start else end
        inside = self.mentions(block, start, near)
        people = [row for row in inside if isinstance(row[2], PersonEntity)]
        if people:
            return True, people[0][2].name
        phrase = text[start:near]
        head = fold(phrase)
        determiner = DETERMINER.match(phrase)
        later = LATER.search(phrase) if determiner is None and inside[:1] != people[:1] else None
        if later and not any(r[0] - start <= later.start() for r in inside):
            return self.phrase(block, start + later.end(), end)
        first = inside[0] if inside else None
        lead = 0 if determiner is None else determiner.end()
        if first and first[0] - start <= lead + 12 and not self._role_in(fold(text[start : first[0]])):
            return True, first[2].name
        if determiner is None:
            return (True, first[2].name) if first and first[0] - start <= 40 else (False, None)
        noun = head[lead:]
        return self._noun(block, start, noun, determiner.group().strip().lower(), first)

    def _role_in(self, words: str) -> bool:
        return any(w in self.words.person_nouns or w in self.words.private or w in self.words.spokespersons
                   for w in TOKEN.findall(words))  # fmt: skip

    def _noun(self, block: int, start: int, noun: str, determiner: str,
              first: Named | None) -> tuple[bool, str | None]:  # fmt: skip
        """A phrase without a person's name: "la première", "la dirigeante", "un porte-parole de X", "le groupe"."""
        words = TOKEN.findall(noun)
        if not words:
            return False, None
        female = determiner in ("la", "une", "sa", "cette") or (None if determiner in ("l'", "l’", "les") else False)
        if determiner == "sa" or determiner == "son":
            female = determiner == "sa"
        if words[0] in ("premier", "premiere", "second", "seconde", "deuxieme", "dernier", "derniere"):
            return self._ordinal(block, start, words[0])
        if determiner in ("les", "des", "deux", "ses"):
            return (True, first[2].name) if first else (True, None)
        organisation = next((n for n in self.words.organisation_nouns if re.match(rf"{re.escape(n)}\b", noun)), None)
        role = next((w for w in words[:2] if w in self.words.person_nouns), None)
        speaks = next((w for w in words[:2] if w in self.words.spokespersons), None)
        alone = next((w for w in words[:2] if w in self.words.private), None)
        definite = determiner not in ("un", "une")
        if words[0] == "autre" and role:
            others = [p for p in self.document.people if any(role_matches(role, r.title) for r in p.roles)]
            last = self.person(block, start, None)
            others = [p for p in others if p is not last]
            return (True, others[0].name) if len(others) == 1 else (True, None)
        if determiner in ("sa", "son") and (role or speaks) and not first:
            body = self._talked_of(block, start)
            theirs = {fold(n) for n in [body.name, *body.aliases]} if body else set()
            bearers = [p for p in self.document.people if p.female is None or p.female is female]
            bearers = [
                p
                for p in bearers
                if any(
                    role_matches(role or speaks or "", r.title) and fold(r.organisation or "") in theirs
                    for r in p.roles
                )
            ]
            if body and (bearers or not any(p.female is female for p in self.document.people if self._tied(p, theirs))):
                return True, bearers[0].name if bearers else body.name
        if (role or speaks) and definite and words[0] not in ("direction", "porte-parole", "intersyndicale"):
            title = (role or speaks) or ""
            bearer = self._bearer(block, start, title, female, first)
            if bearer:
                return True, bearer
        if institution := self._institution(words[1:3]):
            return True, institution
        if alone and not (first and speaks):
            return True, None
        if speaks or role:
            owner = first[2].name if first else self._owner(block, start)
            return True, owner
        if organisation:
            found = self.organisation(block, start, organisation)
            if first and isinstance(first[2], OrganisationEntity):
                return True, first[2].name
            return (True, found.name) if found else (False, None)
        if first:
            return True, first[2].name
        if not definite:
            return True, None
        person = self.person(block, start, _noun_sex(words[0], determiner))
        return (True, person.name) if person is not None else (False, None)

    def _talked_of(self, block: int, offset: int) -> OrganisationEntity | None:
        """The first organisation of the nearest sentence of the block that names one, or of the block above."""
        text = self.texts[block]
        for begin, end in reversed([span for span in sentences(text) if span[0] < offset]):
            for _, _, entity in self.mentions(block, begin, min(end, offset)):
                if isinstance(entity, OrganisationEntity):
                    return entity
        return self.organisation(block, offset)

    @staticmethod
    def _tied(person: PersonEntity, names: set[str]) -> bool:
        """Whether a person has a role in the organisation of these names."""
        return any(fold(role.organisation or "") in names for role in person.roles)

    def _institution(self, words: list[str]) -> str | None:
        """The one organisation of the text that an adjective means: "une conseillère consulaire" of the CCI."""
        for word in words:
            stems = next((s for adjective, s in INSTITUTION.items() if re.fullmatch(adjective + "e?", word)), ())
            for entity in self.document.organisations if stems else ():
                if TOKEN.findall(fold(entity.name))[:1] and fold(entity.name).startswith(stems):
                    return entity.name
        return None

    def _bearer(self, block: int, start: int, title: str, female: bool | None,
                first: Named | None) -> str | None:  # fmt: skip
        """The person who bears a role ("la dirigeante", "le président de X"), by role first, then by nearness."""
        people = self.document.people
        if female is not None:
            people = [p for p in people if p.female is None or p.female is female]
        bearers = [p for p in people if any(role_matches(title, r.title) for r in p.roles)]
        if first and isinstance(first[2], OrganisationEntity):
            names = {fold(first[2].name), *map(fold, first[2].aliases)}
            bearers = [p for p in bearers if any(fold(r.organisation or "") in names for r in p.roles)]
            return bearers[0].name if bearers else None
        if bearers:
            near = self.person(block, start, female, title)
            return near.name if near in bearers else bearers[0].name
        if title in ("maire", "ministre", "prefet", "prefete", "procureur"):
            return None
        last = self.person(block, start, female)
        return last.name if last else None

    def _owner(self, block: int, start: int) -> str | None:
        found = self.organisation(block, start)
        return found.name if found else None

    def _ordinal(self, block: int, start: int, word: str) -> tuple[bool, str | None]:
        """ "La première", "le second": counted over the people named before in the block."""
        people: list[PersonEntity] = []
        for _, _, entity in self.mentions(block, 0, start):
            if isinstance(entity, PersonEntity) and entity not in people:
                people.append(entity)
        for _, _, entity in self.before(block, 0) if len(people) < 2 else ():
            if isinstance(entity, PersonEntity) and not any(entity is p for p in people):
                people.insert(0, entity)
            if len(people) == 2:
                break
        if len(people) < 2:
            return False, None
        pair = people[-2:]
        return True, (pair[0] if word.startswith("premi") else pair[1]).name

    def pronoun(self, block: int, offset: int, pronoun: str, start: int, end: int) -> tuple[bool, str | None]:
        """He, she, they or "on" at an offset; what follows it lies in ``[start, end)``."""
        if pronoun == "on":
            inside = [r for r in self.mentions(block, start, end) if isinstance(r[2], OrganisationEntity)]
            if inside:
                return True, inside[0][2].name
            return True, self._owner(block, offset)
        if pronoun in ("ils", "elles"):
            return True, None
        female = pronoun == "elle"
        person = self.person(block, offset, female)
        nearest = next(iter(self.before(block, offset)), None)
        if person and (
            len(person.mentions) > 2
            or any(self.order[block] - self.order.get(m.block, -9) in (0, 1) for m in person.mentions)
            or not any(isinstance(r[2], OrganisationEntity) for r in self.mentions(block, 0, offset))
        ):
            return True, person.name
        if nearest and isinstance(nearest[2], OrganisationEntity):
            return True, (self._talked_of(block, offset) or nearest[2]).name
        return False, None

    # -- contexts ------------------------------------------------------------------------------------------------

    def after(self, spoken: Spoken, limit: int) -> bool:
        """An incise right behind the marks: "», assure X", "», a relevé le procureur", "» (X)", "», selon X"."""
        text, start = self.texts[spoken.block], spoken.outer[1]
        tail = text[start:limit]
        told = TOLD.match(tail)
        if told:
            end = self._clause(spoken.block, start + told.end(), limit)
            people = [r for r in self.mentions(spoken.block, start, end) if isinstance(r[2], PersonEntity)]
            if people:
                return self._settle(spoken, True, people[0][2].name)
        lead = re.match(r"\s*[,.!?…]*\s*", tail)
        gap = lead.group() if lead else ""
        begin = start + len(gap)
        if begin >= limit:
            return False
        if any(c in gap for c in ".!?…") and not text[begin].islower():
            return False
        source = re.match(r"(?:selon|d['’]apr[eè]s|dixit)\s+", text[begin:limit])
        if source:
            return self._settle(
                spoken, *self.phrase(spoken.block, begin + source.end(), self._clause(spoken.block, begin, limit))
            )
        bracket = re.match(r"\(", text[begin:limit])
        if bracket and gap.strip() == "":
            people = [r for r in self.mentions(spoken.block, begin, min(limit, begin + 60)) if r[0] == begin + 1]
            return bool(people) and self._settle(spoken, True, people[0][2].name)
        asked = ASKED.match(text[begin:limit])
        if asked:
            rows = self.mentions(spoken.block, begin + asked.end(), limit)
            people = [r for r in rows if isinstance(r[2], PersonEntity)]
            return bool(people) and self._settle(spoken, True, people[0][2].name)
        described = re.match(r"par\s+", text[begin:limit])
        if described and DESCRIBED.search(text[max(0, spoken.outer[0] - 40) : spoken.outer[0]]):
            end = self._clause(spoken.block, begin, limit)
            return self._settle(spoken, *self.phrase(spoken.block, begin + described.end(), end))
        read = READ.match(text[begin:limit])
        if read:
            end = self._clause(spoken.block, begin, limit)
            rows = self.mentions(spoken.block, begin, end)
            return self._settle(spoken, True, rows[0][2].name if rows else self._owner(spoken.block, begin))
        verb = self._incise(spoken.block, begin, limit)
        if verb is None:
            end = self._clause(spoken.block, begin, limit)
            later = LATER_SOURCE.search(text, begin, end)
            return later is not None and self._settle(spoken, *self.phrase(spoken.block, later.end(), end))
        understood, name = self.phrase(spoken.block, verb, self._clause(spoken.block, verb, limit))
        unknown = understood and name is None and not PRONOUN.match(text[verb:limit])
        tail = fold(text[verb : self._clause(spoken.block, verb, limit)])
        if unknown and not self._role_in(tail) and self._embedded(spoken):
            return False
        return self._settle(spoken, understood, name)

    def _embedded(self, spoken: Spoken) -> bool:
        """Whether the span is a fragment in somebody's sentence: "La CGT, qui se dit « … », demande une garantie"."""
        text = self.texts[spoken.block]
        before = text[sentence_at(text, max(0, spoken.outer[0] - 1))[0] : spoken.outer[0]].rstrip()
        return (
            bool(before)
            and before[-1] not in ".:!?»”"
            and bool(self.mentions(spoken.block, spoken.outer[0] - len(before) - 2, spoken.outer[0]))
        )

    def _clause(self, block: int, start: int, limit: int) -> int:
        text = self.texts[block]
        for found in CLAUSE_END.finditer(text, start, limit):
            if found.group() == "." and re.search(r"\b(?:M|Mme|Me|MM|Dr|[A-Z])$", text[start : found.start()]):
                continue
            return found.start()
        return limit

    def _incise(self, block: int, start: int, limit: int) -> int | None:
        """End of the speech verb of an incise that begins at ``start``; None where there is none."""
        text = self.texts[block]
        found = re.match(
            r"(?:(?:s['’]|se |l['’]|lui |nous |leur )?(?:en |y )?)"
            r"(?:(?:a(?:vait)?|est|était|aurait|serait)(?:[-‑ ]t[-‑ ](?:il|elle|on))? |ont |sont |étaient |avaient )?"
            r"(?:(?:tente|essaie|essaye|tient|veut|préfère|aime|finit|s['’]empresse|se contente|a tenu|a voulu|a fini|a tenté)"
            r" (?:(?:de|d['’]|à|par) ?)?(?:se |s['’])?)?"
            r"(?:(?:ainsi|encore|aussi|notamment|même|déjà|d['’]abord) )?([^\W\d_]+)",
            text[start:limit], re.I)  # fmt: skip
        if not found:
            return None
        if (
            fold(found[1]) in self.words.verbs
            or fold(found[1]) in self.words.infinitives
            and " " in found.group().strip()
        ):
            inverted = re.search(r"[-‑ ]t[-‑ ](?:il|elle|on) ", found.group())
            return start + (inverted.start() if inverted else found.end())
        return None

    def inside(self, spoken: Spoken) -> bool:
        """An incise inside the marks: "Faux, rétorque X : …", "…, poursuit-il. …"."""
        text = self.texts[spoken.block]
        for comma in re.finditer(r"[,?!…]\s+(?=[^\W\d_])", text[spoken.inner[0] : spoken.inner[1]]):
            begin = spoken.inner[0] + comma.end()
            if not text[begin].islower():
                continue
            verb = self._incise(spoken.block, begin, spoken.inner[1])
            if verb is None:
                continue
            rest = text[verb : spoken.inner[1]]
            end = verb + (m.start() if (m := re.search(r"[,.:;!?…]", rest)) else len(rest))
            named = bool(self.mentions(spoken.block, verb, min(end, verb + 60)))
            if PRONOUN.match(rest) or named or re.match(r"\s(?:l['’]|la |le |sa |son )", rest):
                understood, name = self.phrase(spoken.block, verb, end)
                if understood and (PRONOUN.match(rest) or named or name):
                    return self._settle(spoken, True, name)
        return False

    def introduction(self, spoken: Spoken, previous: Spoken | None) -> bool:
        """Words before the marks in the same sentence: "X assure que « … »", "Selon elle, « … »", "X : « … »"."""
        block, text = spoken.block, self.texts[spoken.block]
        start = sentence_at(text, max(0, spoken.outer[0] - 1))[0]
        same = previous is not None and previous.block == block
        if same and previous is not None and previous.outer[1] > start:
            start = previous.outer[1]
        before = text[start : spoken.outer[0]]
        if not before.strip(" \u00a0\u202f-–—•"):
            return False
        colon = re.match(r"^(.{2,80}?)\s*:\s*$", before)
        if colon and not any(fold(w) in self.words.fragments for w in TOKEN.findall(colon[1])):
            rows = self.mentions(block, start, start + len(colon[1]))
            if rows and len(rows[0][2].name) >= len(colon[1]) * 0.3:
                people = [r for r in rows if isinstance(r[2], PersonEntity)]
                return self._settle(spoken, True, (people or rows)[0][2].name)
        sources = list(SOURCE.finditer(before))
        source = sources[-1] if sources else None
        if source and len(before) - source.end() < 90:
            begin = start + source.end()
            comma = text.find(",", begin, spoken.outer[0])
            end = comma if comma >= 0 else spoken.outer[0]
            word = re.match(r"(lui|elle|qui)\b", text[begin:end])
            if word and word[1] == "qui":
                return self._antecedent(spoken, start, begin)
            if word:
                return self._settle(spoken, *self.pronoun(block, start, "il" if word[1] == "lui" else "elle", end, end))
            if self.mentions(block, begin, end) and source.group().strip().lower() != "pour" or (
                    comma >= 0 and source.start() < 3 and self.mentions(block, begin, end)):  # fmt: skip
                return self._settle(spoken, *self.phrase(block, begin, end))
        ahead = INCISE_AHEAD.search(before)
        if ahead and fold(ahead[1]) in self.words.verbs:
            return self._settle(spoken, *self.pronoun(block, start, ahead[2].lower(), spoken.outer[0], spoken.outer[0]))
        verb = None
        for token in TOKEN.finditer(before):
            if fold(token.group()) in self.words.fragments and not self._is_noun(before, token.start()):
                verb = token
        if verb is None:
            return self._lone_subject(spoken, start)
        return self._subject(spoken, start, start + verb.start(), previous)

    @staticmethod
    def _is_noun(text: str, start: int) -> bool:
        """Whether the word at ``start`` has a determiner or preposition before it that no verb would have."""
        left = text[:start]
        article = re.search(r"(?:\b(?:le|la|les|un|une|des|du|au|son|sa|ses|cette|ce|de|d['’]|l['’]))\s*$", left, re.I)
        clitic = re.search(r"\b(?:qui|il|elle|on|n['’]|ne)\s+l[ae']\s*$", left, re.I)
        return article is not None and clitic is None

    def _subject(self, spoken: Spoken, start: int, verb: int, previous: Spoken | None) -> bool:
        """The subject of the verb at ``verb`` in a sentence that begins at ``start``."""
        block, text = spoken.block, self.texts[spoken.block]
        joined = False
        for joint in CONJUNCTION.finditer(text, start, verb):
            if DETERMINER.match(text, joint.end(), verb):
                start, joined = joint.end(), True
        left = text[start:verb]
        relative = re.search(r"\b(qui)\s" + CLITICS, left + " ", re.I) or re.search(r"\b(qui)\s*$", left, re.I)
        if relative:
            if left[: relative.start()].strip(" ,—–-") == "":
                if previous is not None and previous.settled:
                    return self._settle(spoken, True, previous.speaker)
                person = self.person(block, start, None)
                return person is not None and self._settle(spoken, True, person.name)
            return self._antecedent(spoken, start, start + relative.start())
        rows = self.mentions(block, start, verb)
        people = [r for r in rows if isinstance(r[2], PersonEntity)]
        pronoun = re.search(r"(?:^|[\s,;:(«]|qu['’])(il|elle|on|ils|elles)\s" + CLITICS, left, re.I)
        if people and not (pronoun and pronoun.start() > people[-1][1] - start):
            return self._settle(spoken, True, people[-1][2].name)
        if pronoun:
            inner = [r for r in rows if r[1] - start <= pronoun.start()]
            orgs = [r for r in inner if isinstance(r[2], OrganisationEntity)]
            if orgs and re.search(r"qu['’]$", left[: pronoun.start() + 3].rstrip()):
                return self._settle(spoken, True, orgs[0][2].name)
            side = BESIDE.search(left[: pronoun.start() + 1]) if pronoun[1].lower() == "on" and not rows else None
            if side:
                noun = fold(side[1])
                found = self.organisation(block, start, "entreprise" if noun == "direction" else noun)
                return self._settle(spoken, found is not None, found.name if found else None)
            return self._settle(spoken, *self.pronoun(block, start + pronoun.start(1), pronoun[1].lower(), verb, verb))
        if joined and not rows:
            return self._settle(spoken, *self.phrase(block, start, verb))
        return self._noun_subject(spoken, start, verb)

    def _noun_subject(self, spoken: Spoken, start: int, end: int) -> bool:
        """The subject without a person: a role or organisation noun next to the verb, else the first organisation."""
        block, text = spoken.block, self.texts[spoken.block]
        orgs = [r for r in self.mentions(block, start, end) if isinstance(r[2], OrganisationEntity)]
        for noun in reversed(list(SUBJECT.finditer(text, start, end))):
            word = fold(noun[2])
            known = word in self.words.person_nouns or word in self.words.spokespersons or word in self.words.private \
                or word in self.words.organisation_nouns  # fmt: skip
            if known and not any(r[0] < noun.start(1) and r[0] - start < 25 for r in orgs):
                return self._settle(spoken, *self.phrase(block, noun.start(1), end))
        if orgs:
            return self._settle(spoken, True, orgs[0][2].name)
        return False

    def _lone_subject(self, spoken: Spoken, start: int) -> bool:
        """A fragment that is the sentence's own verb: "l'entreprise de Namur « ne commente pas »"."""
        rows = self.mentions(spoken.block, start, spoken.outer[0])
        people = [r for r in rows if isinstance(r[2], PersonEntity)]
        if people:
            return self._settle(spoken, True, people[-1][2].name)
        return self._noun_subject(spoken, start, spoken.outer[0])

    def _antecedent(self, spoken: Spoken, start: int, offset: int) -> bool:
        """Whom "qui" takes up: the nearest person before it in the sentence, else the first organisation."""
        rows = self.mentions(spoken.block, start, offset)
        people = [r for r in rows if isinstance(r[2], PersonEntity)]
        if people:
            return self._settle(spoken, True, people[-1][2].name)
        if rows:
            return self._settle(spoken, True, rows[-1][2].name)
        return self._noun_subject(spoken, start, offset)

    @staticmethod
    def _settle(spoken: Spoken, understood: bool, name: str | None) -> bool:
        if understood:
            spoken.speaker, spoken.settled = name, True
        return understood

    # -- the whole -----------------------------------------------------------------------------------------------

    def is_name(self, spoken: Spoken, attributed: bool) -> bool:
        """Quoted words that are a name, a title or a slogan."""
        text = self.texts[spoken.block]
        before = fold(text[max(0, spoken.outer[0] - 60) : spoken.outer[0]]).rstrip(" \u00a0\u202f")
        last = TOKEN.findall(before)[-1:] if before and before[-1:] not in ":,.;!?" else []
        if last and last[0] in self.words.naming:
            return True
        words = re.findall(r"[^\W\d_]+", text[spoken.inner[0] : spoken.inner[1]])
        bare = re.search(
            r"(?:\b(?:la|le|les|du|des|une?|cette|ce|leurs?|ses|son|sa|nos|en|de|d['’]|l['’]))\s*$", before
        )
        spoken_words = {fold(w) for w in words} & SPOKEN
        named = bool(words) and words[0][0].isupper() and len(words) <= 7 and not spoken_words
        if bare and not spoken.incised and (not attributed or spoken.carried or named):
            return True
        capitals = sum(w[0].isupper() for w in words if len(w) > 3)
        if self.words.naming_nouns.search(before) and before[-1:] not in ",.;!?":
            return not attributed or capitals >= 1
        long = [w for w in words if len(w) > 3]
        return len(long) >= 2 and capitals == len(long) and not attributed

    def run(self) -> list[Quote]:
        """All quotations of the document with their speakers."""
        spoken: list[Spoken] = []
        carried = False
        for block in self.document.blocks:
            spans, carried = quoted_spans(block.text, carried)
            for outer, start, end, close in spans:
                spoken.append(Spoken(block.index, (outer, close), (start, end)))
        for i, item in enumerate(spoken):
            following = spoken[i + 1] if i + 1 < len(spoken) else None
            limit = following.outer[0] if following and following.block == item.block else len(self.texts[item.block])
            continued = i > 0 and spoken[i - 1].block != item.block and item.outer[0] == item.inner[0] == 0
            if self.after(item, limit) or self.inside(item):
                item.incised = True
                continue
            if continued and spoken[i - 1].settled:
                self._settle(item, True, spoken[i - 1].speaker)
            elif not self.introduction(item, spoken[i - 1] if i else None):
                item.carried = self.carry(item, spoken[i - 1] if i else None)
        self.look_ahead(spoken)
        quotes = []
        for item in spoken:
            text = self.texts[item.block][item.inner[0] : item.inner[1]]
            if len([w for w in WORD.findall(text) if not w.isdigit() or len(w) < 9]) < MIN_WORDS:
                continue
            if self.is_name(item, item.settled):
                continue
            evidence = self.document.evidence(Mention(item.block, *item.inner))
            quotes.append(Quote(text=text, speaker=item.speaker, evidence=evidence))
        return quotes

    def carry(self, item: Spoken, previous: Spoken | None) -> bool:
        """Nobody named in the sentence: the person of the sentences just before, else who was speaking already."""
        if self.kinds[item.block] in ("title", "heading", "standfirst"):
            return False
        since = previous.outer[1] if previous and previous.block == item.block else 0
        people = [r for r in self.mentions(item.block, since, item.outer[0]) if isinstance(r[2], PersonEntity)]
        if previous and previous.block == item.block and previous.settled:
            between = self.texts[item.block][since : item.outer[0]]
            start = len(re.split(r"(?<=[.!?])\s", between, maxsplit=1)[0])
            fresh = [r for r in people if r[0] >= since + start and r[2].name != previous.speaker]
            return self._settle(item, True, fresh[-1][2].name if fresh else previous.speaker)
        if people:
            return self._settle(item, True, people[-1][2].name)
        return False

    def look_ahead(self, spoken: list[Spoken]) -> None:
        """Quotations still without a speaker: the next one's of the block, else the last one's above, else, in a
        heading, that of the same words in the text."""
        for item, after in zip(spoken, spoken[1:], strict=False):
            joins = after.outer[0] == after.inner[0] == 0 and item.outer[1] == item.inner[1] == len(
                self.texts[item.block]
            )
            if joins and after.block != item.block and after.settled and not item.settled:
                self._settle(item, True, after.speaker)
        for i, item in enumerate(spoken):
            if item.settled:
                continue
            head = self.kinds[item.block] in ("title", "heading", "standfirst")
            words = set(WORD.findall(fold(self.texts[item.block][item.inner[0] : item.inner[1]])))
            for other in spoken if head else ():
                if other is not item and other.settled:
                    theirs = set(WORD.findall(fold(self.texts[other.block][other.inner[0] : other.inner[1]])))
                    if words and len(words & theirs) >= 0.7 * len(words):
                        self._settle(item, True, other.speaker)
                        break
            if item.settled or head:
                continue
            if self._whole(item):
                told = [
                    m[0].lower() for m in re.finditer(r"\b(?:il|elle)\b", self.texts[item.block][: item.outer[0]], re.I)
                ]
                who = self.person(item.block, item.outer[0], told[-1] == "elle") if told else None
                if who is not None and self._settle(item, True, who.name):
                    continue
            following = next((s for s in spoken[i + 1 :] if s.block == item.block and s.settled), None)
            above = next((s for s in spoken[:i][::-1] if s.settled and self.kinds[s.block] == "paragraph"), None)
            if following:
                self._settle(item, True, following.speaker)
            elif (
                above
                and self.order[item.block] - self.order[above.block] <= (1 if item.outer[0] <= 2 else 3)
                and (item.outer[0] <= 2 or self._whole(item))
            ):
                self._settle(item, True, above.speaker)

    def _whole(self, item: Spoken) -> bool:
        """Whether a quotation is a sentence of its own that ends its block."""
        text = self.texts[item.block]
        before = text[: item.outer[0]].rstrip()
        return before[-1:] in ".!?…" and not text[item.outer[1] :].strip(" .!?…") and text[item.inner[1] - 1] in ".!?…"


def _noun_sex(noun: str, determiner: str) -> bool | None:
    """Whether a noun phrase is feminine: by its determiner, after "l'" by the noun's ending."""
    if determiner in ("la", "une", "sa", "cette"):
        return True
    if determiner in ("l'", "l’"):
        return True if noun.endswith(("enne", "trice", "euse", "ere", "ante", "ente", "elle")) else None
    return False


def component(document: Document) -> None:
    """Fill ``document.quotes``; needs the organisations and people of the document."""
    document.quotes = Attribution(document).run()
