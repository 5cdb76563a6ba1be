"""Whom a figure is about, who gives it, and for which year: read from the sentence, its section and the article."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files

from nlp.components.clauses import sentences
from nlp.components.discourse import Named
from nlp.components.quotes import Attribution
from nlp.components.subjects import TRADE, Question, Subjects
from nlp.components.verbforms import forms
from nlp.document import DateSpan, Document, OrganisationEntity, PersonEntity, PlaceEntity
from nlp.folding import fold

_FINITE = {"pres", "imp", "past", "fut", "cond", "part", "ger"}
_SOURCE = re.compile(
    r"(?:\bselon\b|\bd'apres\b|\ba en croire\b|\ba l(?:'|es )en croire\b|\baux dires d(?:e\b|u\b|')|\bde l'avis d(?:e\b|u\b|')"
    r"|\bdixit\b|\bdu cote d(?:e\b|u\b|')|\b(?:chiffres?|donnees) (?:etablis?|publies?|etablies"
    r"|publiees|fournis|communiques) par\b) *"
)
_NOBODY = re.compile(
    r"(?:nos informations|nos confreres|une source|plusieurs sources|des sources|deux sources"
    r"|les? sources?|nos sources|l'usage|la (?:loi|formule|taille|legende|saison|meteo)|les? (?:cas"
    r"|besoins?|periodes?))"
)
_PREPOSITION = re.compile(
    r"\b(?:par|avec|a|de|du|des|d|chez|selon|contre|pour|aupres d[eu]|sur|en|dans|aux?|vers|comme"
    r"|sous|entre|face a|grace a|filiale d[eu]|via|parmi|d'apres)"
    r"(?: +(?:l[ae]s?|l|son|sa|ses|leur|un|une|ce|cette)\b)?(?: *')?(?: *(?:groupe|societe|start-up"
    r"|entreprise|cabinet|fonds|cluster|cooperative|filiale|association|geant|specialiste|promoteur"
    r"|operateur|[a-z]+ais|[a-z]+ien|[a-z]+ois|[a-z]+ain|[a-z]+and))* *$"
)
_ASIDE = re.compile(
    r"\b(?:par ailleurs|en outre|en effet|en revanche|a terme|de plus|de son cote|pour sa part"
    r"|a son tour|en fait|sur place)[ ,]*(?:l[ae]s? *|l')?(?:[a-z-]+ +){0,2}$"
)
_TOGETHER = re.compile(
    r"\W*(?:ensemble\b|le nouvel ensemble\b|les deux (?:entreprises|societes|groupes|maisons|enseignes)\b|a (?:eux|elles) (?:deux|trois|quatre)\b|au total, l[ae]s\b|en tout\b)"
)
#: brackets that give the year of the sum in front of them: "31 M€ (exercice clos le 31 mars 2025)"
_FISCAL = re.compile(
    r"(?:de chiffre d'affaires|de ca)? *\((?:exercice|annee|en|sur|chiffres?)\b(?: +(?:clos|fiscal\w*|decale))?"
)
#: "selon ses ingénieurs", "d'après la direction": the firm that the sentence is about
_ITS_OWN_FIRM = re.compile(
    r"(?:la +)?direction\b|l'(?:entreprise|industriel|operateur)\b|l[ae] +(?:societe|groupe|promoteur)\b"
)
_APPOSED = re.compile(r", *(?:l[ae] +|l'|me +|m\. +|mme +)?")
_BESIDE = re.compile(r"\bdu cote d(?:e|u|')(?: *l[ae]s?\b| *l')? *$")
_FIRST_NOUN = re.compile(
    r" *(?:(?:de son cote|pour sa part|a son tour),? +)?(?:la +|le +|l'|les +|son +|sa +|ses +|leur +|ce +|cette +|cet +|une? +)?([a-z-]+)"
)
_ITS_OWN = re.compile(
    r"(?:(?:ses|son|sa|leurs?) +[a-z]|(?:la +)?direction\b|l'(?:entreprise|industriel|operateur|etat-major|interesse)\b"
    r"|(?:la +(?:societe|start-up|jeune pousse|marque)|le +(?:groupe|promoteur|constructeur|fabricant))\b)"
)
#: who published what a barometer's article tells
_PUBLISHED = re.compile(
    r"\b(?:barometres?|enquetes?|observatoires?|bilan|etudes?|note de conjoncture|sondages?|panorama|statistiques|tableau de bord"
    r"|chiffres|conjoncture|rapport|recensement)\b"
)
#: "nous avons investi": the speaker's own firm
_WE = re.compile(r"\b(?:nous|notre|nos|on|je|j'|mon|ma|mes)\b")
_SURVEYORS = frozenset(
    ("reseau", "observatoire", "cabinet", "chambre", "institut", "institution", "etude", "organisme", "conseil")
)
_TOLD_BY_SURVEYS = ("growth", "share", "count", "area")
_SURVEYED = ("share", "growth", "count", "jobs_cut", "jobs_created", "workforce")
_PERCENT = re.compile(r"%|\bpour cent\b")
#: "estimé par la CCI", "un chiffre avancé par la CGT"
_TOLD_BY = re.compile(
    r"\b(?:estim|chiffr|evalu|recens|denombr|comptabilis|annonc|avanc|calcul|etabli|communiqu|fourni|publi|releve|cit|brandi"
    r"|mis en avant|invoqu|reclam|exig|redout|crain)(?:e|ee|es|ees|s|es|ue?s?|ie?s?|t|te|tes)?"
    r"(?: +(?:hier|recemment|jeudi|lundi|mardi|mercredi|vendredi|[a-z]+ment))? +par +(?=[a-z])"
)
#: "fait le pari inverse" is no incise, "fait valoir la CPME" is one by its second verb
#: a source right behind a word speaks for what stands in front of it
_WORD_BEFORE = re.compile(
    r"(?<![^ '])(?!(?:et|mais|car|que|or|toujours|encore|puis|voire|ou|donc|si|notamment) )[a-z0-9%€-]+ +$"
)
#: "fait le pari inverse" is no incise, "fait valoir la CPME" is one by its second verb
_DOES = re.compile(r"\bf(?:ait|aisait|era|ont|aisaient)$")
_VOICED = re.compile(r"\b(?:par la (?:voix|bouche)|par l'intermediaire) (?:de |d'|du )(?:\w+ ){0,2}$")
_A_NUMBER = re.compile(
    r", (?:un|une|le|la|des) (?:chiffres?|nombres?|totaux|total|montants?|estimations?|evaluations?|comptes?) "
)
_STOP = re.compile(r"[,;:.()]")
_COMMA = re.compile(r"[,»\"”] *(?=[^\W\d_])")
_MARKS = re.compile(r"[»”\"]")
_WORD = re.compile(r"[a-z-]{3,}")
_PARTICIPLE = re.compile(r"é(?:e?s?)$")
_NOMINAL = re.compile(r"\b(?:l[ae]s?|l'|un|une|des|du|d'|de|sa|son|ses|leur|ce|cette|au|est|sont|etre|ete)[ ']*$")
#: "assure que": verbs that report a clause, not a sum
_THAT = re.compile(r"(?: +[a-z']+){0,6}? +qu(?:e\b|'|elque)| +(?:d(?:e +|'))?(?:[a-z]+(?:er|ir|oir|re)|avoir|etre)\b")
_RELATIVE = re.compile(
    r",? *\b(?:qui|lequel|laquelle|lesquels|lesquelles)(?: +(?:n[e'] *|s[e'] *|en |y |l[ae']? *|a |avait |ont ))*? *$"
)
_PRONOUN = re.compile(
    r"(?:^|[,;:] |\bqui |\bque |\bqu'|[.»] )((?:il|elle)\b)(?: +(?:n[e'] *|s[e'] *|en |y |l[ae']? *|lui |a |avait |ont ))*[^a-z]*$"
)
_ROLE_OF = re.compile(r", *(?!(?:qui|dont)\b)[a-z][a-z '-]{0,40}?")
_FIRM_OPENS = re.compile(
    r"\W*(?:la direction|le groupe|l'entreprise|la societe|l'industriel|l'operateur|la start-up)\b"
)
_SENTENCE_RELATIVE = re.compile(r"\W*(?:lequel|laquelle|celui-ci|celle-ci|ce dernier|cette derniere)\b")
_PHRASE = re.compile(r"(?:^|\W)((?:la|le|l'|les|sa|son) *([a-z-]+))")
#: the noun right in front of a verb: "l'ensemble visera", "la dirigeante table"
_CLOSE_PHRASE = re.compile(
    r"(?:^|[^a-z])((?:la |le |l'|sa |son |ce |cette |cet )([a-z-]+)(?: [a-z-]+)?)(?: +(?:n[e'] *|s[e'] *|en |y |l[ae']? *|lui |a |avait ))* *$"
)
#: what governs no subject: "s'appuie sur X" is no incise
_GOVERNED = re.compile(r" *(?:sur|avec|vers|contre|chez|par)\b")
_NEW_SUBJECT = re.compile(
    r", (?:et |mais |tandis que |alors que |quand )?(?=[a-z])|\b(?:et|mais|tandis que|alors que) "
)
_HAD = re.compile(r"\b(?:a|ont|avait|avaient|aura|ait)(?: +[a-z]+){0,3} *$")
#: how many were asked: the article says so itself
_ASKED = re.compile(r"\b(?:interrog\w+|sond[ea]\w*|repon\w+|aupres d|echantillon|panel)\b[^.;]{0,30}$")
_ANOTHER = re.compile(r"\W*(?:du cote|cote|chez|pour sa part|de son cote)\b")
#: "détenue à 70 % par X", "et à 30 % par le fonds Y": the holder's share
_CAPITAL_OF = re.compile(
    r"[\d,. ]+(?:%|pour cent)(?: +(?:du capital|des (?:parts|titres|actions)))(?: +(?:sociales?))?(?= +(?:de|d'|du|des)\b)"
)
_THE_REGION = re.compile(r"\b(?:la|cette) region\b")
_HELD_BY = re.compile(r"[\d,. ]+(?:%|pour cent)(?: +(?:du capital|des parts))? +par +")
_HOLDING = re.compile(r"\b(?:detenu\w*|port(?:e|ee|es|ees)|posse\w+|control\w+|capital|actionna\w+)\b")
_HOLDS = re.compile(
    r"\b(?:actionnaire|conserv\w+|detien\w*|detenai\w+|gard(?:e|era|erait|ent)|posse\w+|entr(?:e|era|ent|erait)|pren(?:d|dra|drait)|mont(?:e|era))"
    r"(?: +au capital)?(?: +(?:a|encore|toujours|desormais|hauteur|de|d'|environ|pres|quelque|une participation))* *'?$"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_YEARLY = frozenset(
    ("revenue", "growth", "share", "count", "workforce", "jobs_created", "jobs_cut", "jobs_saved", "amount")
    + ("funding_round", "output")
)
_ACCOUNTS = ("revenue", "amount", "output", "count", "growth", "share", "deal_value")
#: what stands between a date and the sum that it dates
_ACCOUNT = re.compile(
    r"(?: +(?:sur|a|avec|par|de))? +(?:une?|des|le|la|les|son|sa|ses) +[a-z' -]{3,40}?(?: +d(?:e +|')| +a +| +en +)"
    r"(?:(?:plus|pres|moins|environ|quelque) *(?:d(?:e +|'))? *)?"
)
#: "présente dans 4 pays, l'entreprise a réalisé en 2024 …", "210 salariés, CA 2024 : …"
_OTHER_SUBJECT = re.compile(r", (?:(?:le|la|les|il|elle|ils|elles|ce|cette) |l'|ca $)")
_THEN_PRICE = re.compile(r",?(?: par [^,;]{3,40})?,? (?:pour|contre|moyennant) [^,;]{0,16}")
_BRACKETED = re.compile(r" *\([^()]*\)")
#: the date is that of an event, not the figure's
_EVENT = re.compile(
    r"\b(?:livr\w+|prevu\w*|attendu\w*|esper\w+|ouvr\w+|ouvert\w*|mise en|demarr\w+|promis\w*|echeance|decision|horizon|debut\w*"
    r"|inaugur\w+|achev\w+|emmenag\w+|retoqu\w+|recal\w+|abandonn\w+|annonc\w+|commenc\w+|suspendu\w*)\b"
)
_COMPARED = re.compile(
    r"\b(?:qu'|que|qu'en|par rapport a|face a|au lieu d[e']|et non|compare\w* a|cree\w*|fonde\w*|ouvert\w*|ne\w*|lance\w*"
    r"|meme date de|annonce\w*|inaugure\w*|depuis)(?: +(?:le|la|l'|en))? *$"
)
_THIS_YEAR = re.compile(
    r"l'an(?:nee)? +(?:dernier|derniere|passe|passee|ecoulee?|prochaine?)|cette annee|l'annee (?:derniere|passee)"
)
_CLOSED = re.compile(r"\b(?:exercice|clos\w*|cloture\w*|arretee?s?|au)(?: +clos)? *$")
_COUNTED = ("share", "growth", "count", "area", "jobs_created", "jobs_cut")
_PERIODS = ("month", "season", "quarter", "half")
_TARGET = re.compile(r"en (?!debut|fin|mi)|d'ici|des |cette|l'an")


#: how far back in a block a subject is looked for, in characters
_NEAR = 1500


@lru_cache(maxsize=1)
def _verbs() -> tuple[dict[str, str], re.Pattern[str]]:
    """The forms of the reporting verbs with what they take (figure, clause, person), and the nouns of surveys."""
    data = tomllib.loads((files("nlp.lexicon") / "figures_sources.toml").read_text(encoding="utf-8"))
    verbs = {
        fold(form): kind
        for kind in ("person", "clause", "figure")
        for form, reading in forms(data[kind]).items()
        if reading.tense in _FINITE
    }
    surveys = re.compile(r"\b(?:" + "|".join(fold(w) for w in data["surveys"]) + r")\b")
    return verbs, surveys


@dataclass(slots=True)
class Sentence:
    """A sentence of a block, with what its figures share."""

    block: int
    start: int
    end: int
    initial_source: str | None = None  # "Selon X" that opened this sentence or one before it in the paragraph
    above: str | None = None  # the survey of the paragraph above


Row = tuple[int, int, OrganisationEntity | PersonEntity | PlaceEntity]


class Context:
    """Answers for one document. ``subject``, ``said_by`` and ``year`` take offsets inside a block."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.attribution = Attribution(document)
        self.folded = {block.index: fold(block.text) for block in document.blocks}
        self.places: dict[int, list[tuple[int, int, PlaceEntity]]] = {b.index: [] for b in document.blocks}
        for place in document.places:
            for m in place.mentions:
                if m.block in self.places:
                    self.places[m.block].append((m.start, m.end, place))
        for rows in self.places.values():
            rows.sort(key=lambda row: row[0])
        self.dates: dict[int, list[DateSpan]] = {b.index: [] for b in document.blocks}
        for span in document.dates:
            self.dates[span.mention.block].append(span)
        self.quotes: dict[int, list[tuple[int, int, str | None]]] = {}
        for quote in document.quotes:
            row = (quote.evidence.start, quote.evidence.end, quote.speaker)
            insort(self.quotes.setdefault(quote.evidence.block, []), row, key=lambda r: r[0])
        self.verbs, self.surveys = _verbs()
        self.focus = self._focus()
        self.asked: list[Question] = []
        self.barometer = self._barometer()

    # -- what is being talked of ---------------------------------------------------------------------------------

    def named(self, block: int, start: int, end: int) -> list[Named]:
        """Mentions of people and organisations that lie inside ``[start, end)`` of a block."""
        rows = self.attribution.named.get(block, [])
        low = bisect_left(rows, start, key=lambda row: row[0])
        high = bisect_left(rows, end, key=lambda row: row[0])
        return [row for row in rows[low:high] if row[1] <= end]

    def located(self, block: int, start: int, end: int) -> list[tuple[int, int, PlaceEntity]]:
        """Mentions of places that begin inside ``[start, end)`` of a block."""
        rows = self.places[block]
        return rows[bisect_left(rows, start, key=lambda r: r[0]) : bisect_left(rows, end, key=lambda r: r[0])]

    def orgs(self, block: int, start: int, end: int) -> list[tuple[int, int, OrganisationEntity]]:
        """Mentions of organisations that begin inside ``[start, end)`` of a block."""
        rows = self.attribution.named.get(block, [])
        low = bisect_left(rows, start, key=lambda row: row[0])
        high = bisect_left(rows, end, key=lambda row: row[0])
        return [(a, b, entity) for a, b, entity in rows[low:high] if isinstance(entity, OrganisationEntity)]

    @cached_property
    def main(self) -> OrganisationEntity | None:
        """The organisation that the article is about: in the title, else the company named most and first."""
        scores: dict[int, float] = {}
        by_id = {}
        for entity in self.document.organisations:
            by_id[id(entity)] = entity
            score = 0.4 * min(len(entity.mentions), 8)
            score += {"company": 3.0, "association": 1.0, "research_education": 1.0}.get(entity.kind, 0.0)
            blocks = [m.block for m in entity.mentions]
            if -2 in blocks:
                score += 3.0
            if -1 in blocks:
                score += 1.0
            first = min((b for b in blocks if b >= 0), default=99)
            score += 2.0 / (1 + first)
            if entity.salience == "main":
                score += 0.5
            starts = [m.start for m in entity.mentions if m.block == -2]
            if starts:
                score += 0.5 / (1 + starts[0] / 20)
            scores[id(entity)] = score
        if not scores:
            return None
        best = by_id[max(scores, key=lambda key: scores[key])]
        blocks = [m.block for m in best.mentions]
        return best if len(blocks) > 2 or min(blocks, default=9) < 2 else None

    def _barometer(self) -> tuple[str, str | None] | None:
        """Who made the survey that the whole article reports, and of which territory; None for any other article."""
        if len(_PERCENT.findall(" ".join(self.folded.values()))) < 6:
            return None
        if self.main and self.main.kind == "company" and len(self.main.mentions) > 2:
            return None
        for block in self.document.blocks:
            if block.index > 1:
                break
            for start, end in sentences(block.text):
                if _PUBLISHED.search(self.folded[block.index], start, end) is None:
                    continue
                rows = self.orgs(block.index, start, end)
                bodies = {r[2].name for r in rows if r[2].kind != "company" or _PUBLISHED.search(fold(r[2].name))}
                if bodies:  # of two surveys told together each paragraph names its own
                    return (bodies.pop(), self.surveyed) if len(bodies) == 1 else None
        return None

    @cached_property
    def subjects(self) -> Subjects:
        """What weighs the candidates for a figure's subject."""
        return Subjects(self.document, self)

    @cached_property
    def survey_year(self) -> int | None:
        """The year of what a barometer tells: that of the first period past in its title, standfirst or lead."""
        published = self.document.published
        for block in self.document.blocks:
            if block.index > 0:
                break
            for span in self.dates[block.index]:
                end = span.to
                if published and end and end <= published and span.precision in ("year", *_PERIODS) and span.from_:
                    before = self.folded[block.index][max(0, span.mention.start - 24) : span.mention.start]
                    if not _COMPARED.search(before):
                        return end.year
        return None

    @cached_property
    def surveyed(self) -> str | None:
        """The territory of a survey: the wide place of the sentence that presents it, else one of title, standfirst or
        lead, else the article's region."""
        heads = [b for b in self.document.blocks if b.index <= 0]
        rows = [(b.index, row) for b in heads for row in self.places[b.index] if row[2].kind != "country"]
        wide = [(i, row) for i, row in rows if row[2].kind in ("region", "department", "area")]
        for block in heads:
            for start, end in sentences(block.text):
                if _PUBLISHED.search(self.folded[block.index], start, end):
                    inside = [row for i, row in wide if i == block.index and start <= row[0] < end]
                    if inside:
                        return inside[0][2].name
        found = wide or rows
        return found[0][1][2].name if found else self.document.article.region

    def _focus(self) -> dict[int, OrganisationEntity | None]:
        """For each block the organisation that it is about where nothing nearer tells: its section's in a round-up."""
        focus: dict[int, OrganisationEntity | None] = {}
        headings = [b for b in self.document.blocks if b.kind == "heading" and b.index >= 0]
        headed = [b for b in headings if any(o.kind == "company" for _, _, o in self.orgs(b.index, 0, len(b.text)))]
        roundup = len(headed) >= 2 or (len(headings) >= 3 and self._companies_by_section() >= 3)
        current = self.main
        pending = False
        for block in self.document.blocks:
            companies = [o for _, _, o in self.orgs(block.index, 0, len(block.text)) if o.kind != "public_body"]
            if roundup and block.kind == "heading":
                current, pending = (companies[0], False) if companies else (None, True)
            elif pending and block.kind == "paragraph" and companies:
                current, pending = companies[0], False
            focus[block.index] = current
        return focus

    def _companies_by_section(self) -> int:
        """How many sections open with a company of their own."""
        seen: set[int] = set()
        after = False
        for block in self.document.blocks:
            if block.kind == "heading" and block.index >= 0:
                after = True
            elif after and block.kind == "paragraph":
                companies = [o for _, _, o in self.orgs(block.index, 0, len(block.text)) if o.kind == "company"]
                if companies and companies[0] is not self.main and id(companies[0]) not in seen:
                    seen.add(id(companies[0]))
                after = False
        return len(seen)

    def subject(self, sentence: Sentence, start: int, end: int, measure: str, said_by: str | None) -> str | None:
        """The fullest name of what a figure is about, or None: where syntax tells by that, else by weighing."""
        told, name = self._told_subject(sentence, start, measure)
        if told:
            return name
        question = Question(sentence, start, end, measure, said_by, self.quoted(sentence.block, start)[1])
        self.asked.append(question)
        return self.subjects.choose(question)

    def _told_subject(self, sentence: Sentence, start: int, measure: str) -> tuple[bool, str | None]:
        """Whether the figure's own clause tells whom it is about, and who that is."""
        block, folded = sentence.block, self.folded[sentence.block]
        bracket = folded.rfind("(", sentence.start, start)
        if (
            bracket >= 0
            and ")" not in folded[bracket:start]
            and (named := self._before_bracket(sentence, bracket, measure))
        ):
            return True, named
        if measure == "share" and (of := _CAPITAL_OF.match(folded, start)):
            owned = self.orgs(block, of.end(), min(sentence.end, of.end() + 60))
            if owned and not _STOP.search(folded, of.end(), owned[0][0]):
                return True, owned[0][2].name  # "100 % du capital de X"
        if measure == "share" and (holder := self._holder(sentence, start)):
            return True, holder
        if voice := self._voice(sentence, start):
            return True, voice
        firms = [r for r in self.orgs(block, sentence.start, start) if r[2].kind == "company"]
        firms = [r for r in firms if self._leads(folded, sentence, r)]
        if not firms and self.barometer and measure not in ("deal_value", "grant", "funding_round", "revenue"):
            near = self.located(block, sentence.start, start)
            return True, near[-1][2].name if near else self.subjects.headed.get(block, self.barometer[1])
        if _TOGETHER.match(folded, sentence.start) and not firms:
            return True, None
        if not firms and measure in _SURVEYED and self.survey(sentence) and (place := self._place(sentence, start)):
            return True, place
        if measure == "deal_value" and (target := self._target(sentence)):
            return True, target
        return False, None

    def _voice(self, sentence: Sentence, start: int) -> str | None:
        """The organisation that says "nous": the speaker's, or that of the one who is interviewed."""
        folded = self.folded[sentence.block]
        rows = self.quotes.get(sentence.block, [])
        at = bisect_right(rows, start, key=lambda row: row[0]) - 1
        if at >= 0 and start < rows[at][1]:
            speaker = rows[at][2]
            if speaker is None or not _WE.search(folded, max(rows[at][0], sentence.start), sentence.end):
                return None
            return next(iter(self.subjects.employers.get(speaker, ())), None)
        if sentence.block >= 0 and _WE.search(folded):
            return min(self.subjects.interviewed, default=None)
        return None

    def _holder(self, sentence: Sentence, start: int) -> str | None:
        """Who holds a part of the capital: "X, qui conserve 10 %", "détenue à 30 % par le fonds Y"."""
        block, folded = sentence.block, self.folded[sentence.block]
        by = _HELD_BY.match(folded, start)
        if by and _HOLDING.search(folded, sentence.start, start):
            behind = self.named(block, by.end(), min(sentence.end, by.end() + 60))
            return behind[0][2].name if behind and behind[0][0] - by.end() < 30 else None
        if _HOLDS.search(folded[max(sentence.start, start - 50) : start]):
            near = self.named(block, max(sentence.start, start - 90), start)
            return near[-1][2].name if near else None
        return None

    def _default(self, block: int) -> str | None:
        """Whom a block is about where nothing nearer tells."""
        entity = self.focus.get(block)
        return entity.name if entity else None

    def _leads(self, folded: str, sentence: Sentence, row: tuple[int, int, OrganisationEntity]) -> bool:
        """Whether a mention can be the subject of its clause: no preposition in front of it."""
        before = folded[max(sentence.start, row[0] - 40) : row[0]]
        return _PREPOSITION.search(before) is None or _ASIDE.search(before) is not None

    def _before_bracket(self, sentence: Sentence, bracket: int, measure: str) -> str | None:
        """Whom a bracket describes: the firm in front of it; a rate also the place."""
        block = sentence.block
        places = self.located(block, sentence.start, bracket)
        if measure in ("share", "growth"):
            return places[-1][2].name if places and bracket - places[-1][1] < 4 else None
        orgs = self.orgs(block, sentence.start, bracket)
        if not orgs or measure in ("grant", "funding_round", "deal_value"):
            return None
        apart = bracket - orgs[-1][1] > 4 and orgs[-1][2].kind != "company"
        return None if apart else orgs[-1][2].name

    def _place(self, sentence: Sentence, start: int) -> str | None:
        """The place of a survey's sentence: named there, meant by "la région", else the article's region."""
        rows = self.located(sentence.block, sentence.start, start)
        if rows:
            return rows[-1][2].name
        if _THE_REGION.search(self.folded[sentence.block], sentence.start, sentence.end):
            return self.subjects.last_region(sentence)
        return self.document.article.region

    def _target(self, sentence: Sentence) -> str | None:
        folded = self.folded[sentence.block]
        found = re.search(
            r"\b(?:rachat|acquisition|reprise|cession|rachete\w*|acquiert|acquis\w*|reprend\w*|s'offre)\b",
            folded[sentence.start : sentence.end],
        )
        if found is None:
            return None
        begin = sentence.start + found.end()
        rows = self.orgs(sentence.block, begin, min(sentence.end, begin + 60))
        if not rows or re.search(r"\b(?:a|aux?|par)\b", folded[begin : rows[0][0]]):
            return None
        return rows[0][2].name

    def _previous_subject(self, sentence: Sentence) -> OrganisationEntity | None:
        """The leading organisation of the sentence before, through the paragraphs above it."""
        order = [b for b in self.document.blocks if b.kind != "caption"]
        position = next((i for i, b in enumerate(order) if b.index == sentence.block), None)
        if position is None:
            return None
        here = sentences(order[position].text)
        first = bisect_left(here, (sentence.start, 0))
        spans = here[max(0, first - 6) : first][::-1]
        places = [(sentence.block, s) for s in spans]
        if position and not places:
            above = order[position - 1]
            places += [(above.index, s) for s in sentences(above.text)[:-5:-1]]
        for block, (start, end) in places:
            rows = self.orgs(block, start, end)
            leading = [r for r in rows if _PREPOSITION.search(self.folded[block][max(start, r[0] - 40) : r[0]]) is None]
            leading = [r for r in leading if r[2].kind != "public_body"] or leading
            if leading:
                return leading[0][2]
        return None

    # -- who says so ---------------------------------------------------------------------------------------------

    def survey(self, sentence: Sentence) -> bool:
        """Whether a sentence gives what somebody has counted or asked."""
        return sentence.initial_source is not None or sentence.above is not None

    def quoted(self, block: int, start: int) -> tuple[bool, str | None]:
        """Whether an offset lies inside a quotation, and its speaker."""
        rows = self.quotes.get(block, [])
        at = bisect_right(rows, start, key=lambda row: row[0]) - 1
        if at >= 0 and start < rows[at][1]:
            return True, rows[at][2]
        return False, None

    def said_by(self, sentence: Sentence, start: int, end: int, measure: str) -> str | None:
        """Who answers for a figure: its quotation's speaker, "selon X", an incise, the subject of "X table sur"."""
        inside, speaker = self.quoted(sentence.block, start)
        if inside:
            return speaker
        if self.answers and sentence.block in self.answers[1]:
            return self.answers[0]
        for told, name in (
            self._source(sentence, start, end),
            self._agent(sentence, start, end),
            self._incise(sentence, start, end),
            self._reporting(sentence, start),
        ):
            if told:
                return name
        return self._carried(sentence, start, end, measure)

    def _carried(self, sentence: Sentence, start: int, end: int, measure: str) -> str | None:
        """Whose survey goes on: the paragraph's, that of the paragraph above, else the whole article's."""
        folded = self.folded[sentence.block]
        fresh = [r for r in self.orgs(sentence.block, sentence.start, end) if r[2].kind == "company"]
        told = [r for r in self.orgs(sentence.block, 0, end) if r[2].kind == "company"]
        if sentence.initial_source is not None:
            if not fresh or measure in _TOLD_BY_SURVEYS or _SOURCE.match(folded, sentence.start):
                return sentence.initial_source
            return None
        if sentence.above and measure in _TOLD_BY_SURVEYS and not self.orgs(sentence.block, sentence.start, end):
            return sentence.above
        if self.barometer and measure not in ("deal_value", "grant", "funding_round"):
            other = _ANOTHER.match(folded, 0) or _ASKED.search(folded[max(sentence.start, start - 60) : start])
            told = told if measure not in _TOLD_BY_SURVEYS else fresh
            return None if told or other else self.barometer[0]
        return None

    @cached_property
    def answers(self) -> tuple[str, frozenset[int]] | None:
        """Who answers an interview, and the blocks that do: all paragraphs from its first question on."""
        person = self.subjects.interviewee
        if person is None:
            return None
        body = [b for b in self.document.blocks if b.index >= 0 and b.kind != "caption"]
        asked = [i for i, b in enumerate(body) if b.text.rstrip().endswith("?")]
        given = [b for b in body[asked[0] + 1 :] if b.kind == "paragraph" and not b.text.rstrip().endswith("?")]
        return person.name, frozenset(b.index for b in given)

    def _agent(self, sentence: Sentence, start: int, end: int) -> tuple[bool, str | None]:
        """ "estimé par la CCI à 3 M€", "40 départs, un chiffre avancé par la CGT"."""
        folded = self.folded[sentence.block]
        for found in _TOLD_BY.finditer(folded, max(sentence.start, start - 90), min(sentence.end, end + 70)):
            between = folded[found.end() : start] if found.end() <= start else folded[end : found.start()]
            if found.start() < start < found.end() or (_STOP.search(between) and not _A_NUMBER.fullmatch(between)):
                continue
            stop = _STOP.search(folded, found.end(), sentence.end)
            understood, name = self.attribution.phrase(
                sentence.block, found.end(), stop.start() if stop else sentence.end
            )
            if understood and name:
                return True, name
        return False, None

    def _source(self, sentence: Sentence, start: int, end: int) -> tuple[bool, str | None]:
        """ "Selon X" in the sentence: in front of the figure, or right behind it."""
        folded = self.folded[sentence.block]
        best: tuple[int, int] | None = None
        for found in _SOURCE.finditer(folded, sentence.start, sentence.end):
            if found.start() >= end:
                between = folded[end : found.start()]
                if not between.strip():
                    best = found.span()  # "180 d'après les syndicats"
                    break
                tight = "," not in between[-3:]
                if tight and (len(between) > 40 or _STOP.search(between)):
                    continue
                if ";" in between:
                    continue
                if best is None or best[0] < start - 200:
                    best = found.span()
                    break
            else:
                between = folded[found.end() : start]
                behind = _WORD_BEFORE.search(folded, sentence.start, found.start()) and "," in between
                if ";" not in between and not behind:
                    best = found.span()
        if best is None:
            return False, None
        name = self.named_source(sentence, best[1])
        if name is None and folded.startswith("du cote", best[0]):
            return False, None
        return True, name

    def named_source(self, sentence: Sentence, start: int) -> str | None:
        """The person or organisation behind "selon": "le cabinet X", "une enquête de X", "elle", "la direction"."""
        folded = self.folded[sentence.block]
        if _NOBODY.match(folded, start):
            return None
        if re.search(r"l(?:'|es )en croire *$", folded[max(0, start - 16) : start]):
            return self._owner(sentence, start)
        stop = re.compile(r"[,;:.)]").search(folded, start, sentence.end)
        end = stop.start() if stop else sentence.end
        pronoun = re.match(r"(elle|lui|eux|elles|qui)\b", folded[start:end])
        if pronoun:
            word = "elle" if pronoun[1] == "elle" else "il"
            return self.attribution.pronoun(sentence.block, sentence.start, word, end, end)[1]
        inside = self.named(sentence.block, start, min(end, start + 120))
        if _BESIDE.search(folded, max(0, start - 16), start):
            inside = [r for r in inside if r[0] - start < 40]
            if inside:
                return inside[0][2].name
            noun = _FIRST_NOUN.match(folded, start)
            if noun and noun[1] in self.attribution.words.organisation_nouns:
                body = self.attribution.organisation(sentence.block, start, noun[1])
                return body.name if body else None
            return self._owner(sentence, start) if _ITS_OWN.match(folded, start) else None
        if inside:
            people = [r for r in inside if isinstance(r[2], PersonEntity)]
            return (people or inside)[0][2].name
        beyond = self.named(sentence.block, end, min(sentence.end, end + 40)) if stop and stop.group() == "," else []
        if beyond and _APPOSED.fullmatch(folded, end, beyond[0][0]) and not _ITS_OWN_FIRM.match(folded, start):
            return beyond[0][2].name  # "son mandataire, Me Sinnan", "l'interprofession, le BNIC"
        if _ITS_OWN.match(folded, start):
            name = self.attribution.phrase(sentence.block, start, end)[1]
            other = any(o.name == name and o.kind != "company" for o in self.document.organisations)
            return name if name and not other else self._owner(sentence, start)
        survey = self.surveys.search(folded, start, min(end, start + 40))
        if survey:
            of = re.compile(r"\b(?:de|du|par) +(?:l[ae]s? +|l')?").search(folded, survey.end(), end)
            if of:
                return self.attribution.phrase(sentence.block, of.start() + 3, end)[1] if of else None
            return None
        return self.attribution.phrase(sentence.block, start, end)[1]

    def _owner(self, sentence: Sentence, start: int) -> str | None:
        """The firm that "ses ingénieurs" or "la direction" belong to: the sentence's subject, else the one before."""
        folded = self.folded[sentence.block]
        rows = [r for r in self.orgs(sentence.block, sentence.start, start) if self._leads(folded, sentence, r)]
        firms = [r for r in rows if r[2].kind == "company"]
        return firms[0][2].name if firms else self._default(sentence.block)

    def _incise(self, sentence: Sentence, start: int, end: int) -> tuple[bool, str | None]:
        """ ", estime de son côté la CPME" behind the figure, or ", relève la CPME :" in front of it."""
        block = sentence.block
        text, folded = self.document.block(block).text, self.folded[block]
        for comma in _COMMA.finditer(text, end, min(sentence.end, end + 200)):
            if _MARKS.search(text, end, comma.end()) or ";" in text[end : comma.start()]:
                break  # the incise of a quotation that only follows the figure
            if found := self._inverted(block, comma.end(), sentence.end):
                return True, found
        colon = folded.rfind(" : ", sentence.start, start)
        colon = colon if colon >= 0 else folded.rfind(": ", sentence.start, start)
        if colon >= 0:
            for comma in _COMMA.finditer(text, max(sentence.start, colon - 120), colon):
                if found := self._inverted(block, comma.end(), colon):
                    return True, found
        return False, None

    def _inverted(self, block: int, start: int, limit: int) -> str | None:
        """The subject behind the verb of an incise that begins at ``start``."""
        text = self.document.block(block).text
        verb = self.attribution._incise(block, start, limit)
        if verb is None or not text[verb : verb + 3].strip() or _GOVERNED.match(self.folded[block], verb):
            return None
        folded = self.folded[block]
        if _DOES.search(folded[start:verb]):
            return None
        stop = _STOP.search(text, verb + 2, limit)
        end = stop.start() if stop else limit
        noun = _FIRST_NOUN.match(folded, verb)
        if noun and not self.named(block, verb, end):
            beyond = self.named(block, end, min(limit, end + 40))
            if beyond and _APPOSED.fullmatch(folded, end, beyond[0][0]):
                return beyond[0][2].name  # "prévient son promoteur, X"
            if noun.group().strip() != noun[1]:
                return self._role_holder(
                    block, noun.start() + len(noun.group()) - len(noun.group().lstrip()), noun[1], end
                )
        understood, name = self.attribution.phrase(block, verb, end)
        return name if understood else None

    def _reporting(self, sentence: Sentence, start: int) -> tuple[bool, str | None]:
        """The subject of "X table sur N", "X rappelle que …"."""
        block, folded = sentence.block, self.folded[sentence.block]
        found = self._verb(sentence, start)
        if found is None:
            return False, None
        begin, verb, personal = found
        name, person = self._subject_of(sentence, begin, verb)
        if name is None or (personal and not person):
            return False, None
        between = folded[verb:start]
        if self._interrupted(block, verb, start, between):
            return False, None
        return True, name

    def _interrupted(self, block: int, verb: int, start: int, between: str) -> bool:
        """Whether another clause with a subject of its own stands between a reporting verb and the figure."""
        late = _NEW_SUBJECT.search(between)
        if late is None:
            return False
        return any(self._leading(block, r) for r in self.orgs(block, verb + late.end() - 1, start))

    def _leading(self, block: int, row: tuple[int, int, OrganisationEntity]) -> bool:
        return _PREPOSITION.search(self.folded[block][max(0, row[0] - 40) : row[0]]) is None

    def _verb(self, sentence: Sentence, start: int) -> tuple[int, int, bool] | None:
        """The last reporting verb in front of a figure: where its clause begins, its offset, whether only people can
        be its subject."""
        block, folded = sentence.block, self.folded[sentence.block]
        text = self.document.block(block).text
        begin = max(folded.rfind(mark, sentence.start, start) for mark in (";", "»", "”", '"'))
        begin = max(sentence.start, begin + 1)
        verb = None
        for word in _WORD.finditer(folded, begin, start):
            token = word.group()
            kind = self.verbs.get(token)
            if kind is None:
                continue
            if _PARTICIPLE.search(text[word.start() : word.end()]) and not _HAD.search(
                folded[max(begin, word.start() - 18) : word.start()]
            ):
                continue  # "un raccordement évalué à": a participle reports nothing
            if _NOMINAL.search(folded[max(begin, word.start() - 8) : word.start()]):
                continue
            if kind == "clause" and not _THAT.match(folded, word.end()):
                continue
            if kind != "person":
                verb = (begin, word.start(), False)
            elif verb is None:
                verb = (begin, word.start(), True)
        return verb

    def _subject_of(self, sentence: Sentence, begin: int, verb: int) -> tuple[str | None, bool]:
        """The name of a reporting verb's subject, and whether it is a person's."""
        block, folded = sentence.block, self.folded[sentence.block]
        begin += len(folded[begin:verb]) - len(folded[begin:verb].lstrip())
        left = folded[begin:verb]
        rows = self.named(block, begin, verb)
        relative = _RELATIVE.search(left)
        if relative:
            antecedent = [r for r in rows if 0 <= begin + relative.start() - r[1] < 4]
            if antecedent:
                at = rows.index(antecedent[0])
                bearer = rows[at - 1] if at and isinstance(antecedent[0][2], OrganisationEntity) else None
                if (
                    "qui" in relative.group()
                    and bearer
                    and isinstance(bearer[2], PersonEntity)
                    and _ROLE_OF.fullmatch(folded, bearer[1], antecedent[0][0])
                ):
                    return bearer[2].name, True  # "Farida Oumeddour, déléguée FO, qui redoute"
                return antecedent[0][2].name, isinstance(antecedent[0][2], PersonEntity)
            if not rows and _SENTENCE_RELATIVE.match(left):
                above = self.named(block, max(0, begin - _NEAR), begin)[-1:]
                if above:
                    return above[0][2].name, isinstance(above[0][2], PersonEntity)
        clause = _PRONOUN.search(left)
        if clause and not (rows and clause.start(1) < rows[-1][1] - begin):
            found = self.attribution.pronoun(block, begin, clause[1], verb, verb)
            name = found[1]
            previous = self._previous_subject(sentence)
            recent = self.named(block, sentence.start - _NEAR, begin)[::-1]
            if owner := self._spoke(sentence):
                name = owner
            elif previous and not any(isinstance(r[2], PersonEntity) for r in recent[:2]):
                name = previous.name
            return name, any(p.name == name for p in self.document.people)
        near = _CLOSE_PHRASE.search(left)
        if near and not (rows and rows[-1][1] > begin + near.start(1) + 1):
            name = self._role_holder(block, begin + near.start(1), near[2], verb)
            return name, any(p.name == name for p in self.document.people)
        rows = [r for r in rows if not _VOICED.search(folded[max(begin, r[0] - 40) : r[0]])]
        people = [r for r in rows if isinstance(r[2], PersonEntity)]
        leading = [r for r in rows if isinstance(r[2], PersonEntity) or self._leading(block, r)]  # type: ignore[arg-type]
        chosen = (people or leading)[-1:]
        if chosen:
            return chosen[0][2].name, isinstance(chosen[0][2], PersonEntity)
        noun = _PHRASE.match(left)
        if noun:
            name = self._role_holder(block, begin + noun.start(1), noun[2], verb)
            return name, any(p.name == name for p in self.document.people)
        return None, False

    def _spoke(self, sentence: Sentence) -> str | None:
        """The firm that the sentence before is about, where it opens with "la direction", "le groupe"."""
        spans = sentences(self.document.block(sentence.block).text)
        at = bisect_left(spans, (sentence.start, 0))
        if not at:
            return None
        start, end = spans[at - 1]
        opening = _FIRM_OPENS.match(self.folded[sentence.block], start, end)
        if opening is None or self.named(sentence.block, start, start + 40):
            return None
        return self._owner(Sentence(sentence.block, start, end), opening.end())

    def _role_holder(self, block: int, start: int, noun: str, end: int) -> str | None:
        """Whom a common noun for a person or an organisation means; None for any other noun ("l'offre")."""
        words = self.attribution.words
        speaks = noun in words.person_nouns or noun in words.spokespersons or noun in words.private
        if self.barometer and noun in _SURVEYORS:
            return self.barometer[0]
        if noun == "direction":
            return self._default(block)
        if speaks or noun in words.organisation_nouns or TRADE.match(noun):
            return self.attribution.phrase(block, start, end)[1]
        return None

    # -- for which year ------------------------------------------------------------------------------------------

    def year(self, sentence: Sentence, start: int, end: int, measure: str, said_by: str | None) -> int | None:
        """The year that a figure is for, where its clause states one."""
        folded = self.folded[sentence.block]
        bracket = folded.rfind("(", sentence.start, start)
        inside = bracket >= 0 and ")" not in folded[bracket:start]
        left, right = (bracket, folded.find(")", end, sentence.end)) if inside else (sentence.start, sentence.end)
        right = sentence.end if right < 0 else right
        best: tuple[float, int] | None = None
        dates = self.dates[sentence.block]
        first = bisect_left(dates, sentence.start, key=lambda d: d.mention.start)
        for span in dates[first:]:
            a, b = span.mention.start, span.mention.end
            if a >= right:
                break
            if b > right or (a < left and bracket - b > 2):
                continue  # of the bracket's own, else right in front of it: "en 2023 (24 licenciements)"
            year = self._year_of(span, sentence, measure, said_by)
            if year is None:
                continue
            if b <= start:
                cost = self._cost_before(sentence, folded[b:start], a, measure, inside and a > left)
            else:
                cost = self._cost_behind(folded[end:a], folded[a:b], year)
            if cost < 80 and (best is None or cost < best[0]):
                best = (cost, year)
        return best[1] if best else None

    def _cost_before(self, sentence: Sentence, between: str, a: int, measure: str, inside: bool) -> float:
        """How far a date in front of a figure stands from it: one that opens the sentence is near all of it."""
        if inside:
            return 99.0 if re.search(r"[;,]", between) else min(len(between), 70)
        if a - sentence.start < 12:
            return float(len(between)) if len(between) < 22 else min(len(between), 70)
        if measure in _ACCOUNTS and _ACCOUNT.fullmatch(between):
            return 30.0  # "a réalisé en 2024 un chiffre d'affaires de"
        if measure == "deal_value" and _THEN_PRICE.fullmatch(between):
            return 30.0
        return 99.0 if len(between) > 22 or re.search(r",| et ", between) else float(len(between))

    def _cost_behind(self, between: str, words: str, year: int) -> float:
        """How far a date behind a figure stands from it, other figures and clauses in between counted."""
        plain = _BRACKETED.sub("", _FISCAL.sub("", between))
        published = self.document.published
        coming = published is None or year >= published.year
        if ";" in plain or (coming and not words.startswith("d'ici") and _EVENT.search(plain)):
            return 99.0
        if _OTHER_SUBJECT.search(plain) or (words.startswith("il y a") and len(plain) > 8):
            return 99.0
        if re.search(r"\d", plain) and re.search(r"[,(]| et ", plain):
            return 99.0  # the date of the figure in between: "1 450 salariés, 138 M€ en 2025"
        breaks = len(re.findall(r"[:(]|\b(?:pour|mais|dont|contre)\b", plain))
        return len(plain) + 25.0 * len(re.findall(r"\d(?!\d)", plain)) + 60.0 * breaks

    def _year_of(self, span: DateSpan, sentence: Sentence, measure: str, said_by: str | None) -> int | None:
        """The year that a date gives a figure of such a measure, if it gives one."""
        folded = self.folded[sentence.block]
        a, b = span.mention.start, span.mention.end
        words, before = folded[a:b], folded[max(sentence.start, a - 24) : a]
        end = span.to or span.from_
        published = self.document.published
        if end is None or "avant" in words or _COMPARED.search(before):
            return None
        if words.startswith("il y a"):
            return end.year if span.precision == "year" else None
        if words.startswith("depuis"):
            return end.year if measure == "jobs_cut" and span.precision in _PERIODS else None
        stated = _YEAR.search(words) or _THIS_YEAR.search(words)
        if not stated:
            if _CLOSED.search(before):
                return end.year  # "l'exercice clos le 30 juin"
            counted = said_by is not None and measure in _COUNTED
            past = published is not None and end <= published and span.precision in _PERIODS
            return end.year if counted and past else None
        ahead = published is not None and end > published
        if measure not in _YEARLY:
            told = measure in ("investment", "grant", "deal_value") or (measure == "area" and said_by is not None)
            return end.year if told and not ahead and words.startswith(("en ", "l'an", "cette")) else None
        if ahead and measure in ("count", "output", "jobs_saved") and not _TARGET.match(words):
            return None  # the date of an event: "accueillera onze praticiens au premier trimestre"
        return end.year
