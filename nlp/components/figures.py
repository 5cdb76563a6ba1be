"""Figures: quantities that state an economic fact, with measure, subject, source and year.

Each block is read once: quantities (``numbers``), then what each counts (``figures_measure``), then whom it is
about, who says so and for when (``figures_context``). A value told again of the same thing is one figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from nlp.components.clauses import sentences
from nlp.components.conflicts import find as find_conflicts
from nlp.components.figures_context import Context, Sentence
from nlp.components.figures_measure import (
    FUNCTION,
    NOUN,
    Cues,
    Reading,
    battery,
    counted,
    counts_small,
    is_money,
    money,
    never,
    noun_phrase,
    out_of,
    per,
    percent,
    physical,
    promised,
    staff,
    staff_before,
    staff_noun,
    tranche,
)
from nlp.components.numbers import Quantity, find_quantities
from nlp.components.numbers_words import WORDS, cardinal
from nlp.document import BlockSpan, Document, Mention
from nlp.facts import Figure
from nlp.folding import fold

_CUTTING = re.compile(
    r"\b(?:ferm(?:e|er|era|eture|etures)\b|liquidation|redressement judiciaire|plan social"
    r"|plan de sauvegarde|licenci\w+|suppressions? de postes"
    r"|suppressions? d'emplois|supprim\w+|cessation|delocalis\w+|restructuration|menac\w+)"
)
_DEALING = re.compile(
    r"\b(?:rach(?:at|ete\w*|eter|ats)|s'offre|acquisition|acquiert|reprise|repreneur|cession"
    r"|negociations exclusives|ouvre son capital|passe sous pavillon)\b"
)
_RAISING = re.compile(r"\b(?:lev(?:e|ent|er|era|ait)\b.{0,40}(?:million|m€)|levees? de fonds|tour de table|amorcage)")
_LEAD = re.compile(
    r"(?:\b(?:dont|contre|au lieu d(?:e|')|et|puis|sur|soit|ou|et non (?:plus|pas)|mais|apres|parmi"
    r"|etaient|etait|sont|les|la|des|que|seuls?)\b|[:;,(]|-)"
    r"(?: *(?:de|d'|les|encore|meme|ensuite|un peu|seuls?|quelque|une?|des)\b)* *$"
)
_OF = re.compile(r" +(?:de +|d')(?!euros|dollars)")
_AND = re.compile(r"^(?: *(?:,|et|puis|contre|en \d{4}|apres|voire|d'autre part|,? et (?:meme )?(?:de|jusqu'a)?))+ *$")
_PART_OF = re.compile(r" +(?:des|de +ses|de +leurs|sur(?: +(?:les|ses|leurs|un +total +de))?) +")
_WE_ARE = re.compile(
    r"\b(?:nous (?:sommes|etions|serons)|on (?:est|etait|sera)|nous (?:employons"
    r"|comptons))(?: +(?:environ|deja|desormais|aujourd'hui|actuellement|maintenant|a peine"
    r"|pres de))* *$"
)
_OF_THEM = re.compile(r"\ben +[a-z]+(?: +(?:plus|que|encore|desormais|deja|aujourd'hui|environ))* *$")
_INSTEAD = re.compile(r"\b(?:dont|contre|au lieu d(?:e|')|puis|soit|et non (?:plus|pas))(?: +\w+)? *$")
_NOW = re.compile(r" +(?:aujourd'hui|actuellement|a ce jour|pour l'heure|jusqu'ici|jusqu'a present)\b")
_OPENING = re.compile(r"\W*(?:selon|d'apres|du cote d(?:e|u)) +(?:la |le |l')?")
_NUMBER_OF = re.compile(r" +le nombre d(?:e +|')(?=[a-z])")
_ASKED = re.compile(
    r"\b(?:reponses? d(?:e +|')|interrog\w+|sonde\w*|echantillon d(?:e +|')|panel d(?:e +|')|aupres d(?:e +|'))(?: *(?:plus|pres) +de)? *$"
)
_WERE_ASKED = re.compile(r",? *(?:ont ete +)?(?:interroges|sondes|ayant repondu|qui ont repondu|ont repondu)\b")
_TOOK_OVER = re.compile(r" +(?:[a-z]+ +)?(?:ont +)?(?:repris|rachete|reprennent|rachetent|cree|fonde)\b")
_OTHERS = re.compile(r" *(?:d')?autres? +(?:sui\w+|s'ajouter\w+|viendr\w+|devr\w+|arriver\w+|s'y ajout\w+|d'ici)\b")
_OUT_OF_TEN = re.compile(r"\b(?:une?|deux|trois|quatre|cinq|six|sept|huit|neuf) +[a-z-]+ +sur +$")
_RISES_TO = re.compile(
    r"\b(?:mont|pass|port|grimp|arriv)(?:er|era|erait|e|ant) +(?:progressivement +|rapidement +|ensuite +)?a +$"
)
_COUNT_IS = re.compile(
    r"\bnombre d(?:es? +|')(?P<of>[a-z][a-z' -]{2,40}?) +(?:est|etait|a ete|s'etabli\w+|s'elev\w+|attein\w+|pass\w+|grimp\w+|mont\w+"
    r"|recul\w+|tomb\w+|baiss\w+|chut\w+|progress\w+|bondi\w*)\b(?: +[a-z]+){0,3} *$"
)
_GRANTING = re.compile(
    r"\b(?:vot|attribu|accord|allou|debloqu|octroi|octroy|vers)\w*\b.{0,60}\b(?:aides?|subventions?|soutien|dotations?)\b"
    r"|\b(?:aides?|subventions?) (?:regionales?|publiques?|economiques?|aux entreprises|votees?|accordees?)\b"
)
_YEARS = re.compile(r" +ans?\b")
_RATIO = re.compile(r" +sur +(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|cent)\b")
#: nouns of people by what they do
_AGENTS = re.compile(r"(?:ers|eres|eurs|euses|istes|iciens|iciennes|rices|ologues|iatres|ants|antes|aires|ins|ogues)$")
_HIRES = re.compile(r"\b(?:recrut\w+|embauch\w+|denich\w+|se met en quete)\b[^.;,:]{0,24}$")
_TEAM = re.compile(r"\b(?:equipes?|effectifs?)\b[^.;,:]{0,44}$")
_WORDS_ONLY = re.compile(r"\b(?:l[ae]s|ces|ses|nos|leurs|aux|des|mes|vos|tous les|toutes les|eux|entre) *$")


#: "contre 7,1 % un an plus tôt"
_EARLIER = re.compile(
    rf" *(?:(?P<one>l'annee +(?:precedente|d'avant)|un an +(?:plus +tot|auparavant|avant))"
    rf"|(?P<n>\d{{1,2}}|{WORDS}) +ans +(?:plus +tot|auparavant|avant))\b"
)
_COMMENTS = ("growth", "share", "revenue", "amount", "jobs_created", "jobs_cut")
#: what ties a figure to the one in front of it
_GOES_ON = re.compile(
    r"(?:, (?:dont|soit|pour (?:un|une|des) [a-z' ]+ d(?:e|')|et (?:un|une) [a-z' ]+ d(?:e|')|en (?:hausse|baisse|recul|repli|retrait"
    r"|progression|croissance) d(?:e|'))|\(|\bdont) *(?:(?:plus|pres|moins|environ|quelque|encore) *(?:d(?:e +|'))? *)?[+-]? *$"
)
#: how a sentence goes on from the one before it
_RESUMES = re.compile(r"\W*(?:ils|elles|ensemble|au total|soit|c'est|a (?:eux|elles)|le tout|resultat)\b")


#: a figure, and whether its measure is stated (else it is a guess that another telling overrules)
Told = tuple[Figure, bool]


#: the longest sentence that is read as one, in characters
_LONG = 1500


class _BlockReader:
    """Reads the figures of one block."""

    def __init__(
        self, document: Document, context: Context, block: BlockSpan, prior: str, cutting: bool, above: str | None
    ) -> None:  # fmt: skip
        self.document, self.context, self.block = document, context, block
        self.text, self.folded = block.text, context.folded[block.index]
        self.cues = Cues(self.folded)
        self.prior, self.cutting = prior, cutting
        self.furniture = [(m.start, m.end) for m in document.furniture if m.block == block.index]
        self.carried: str | None = None
        self.above = above  # whose survey the paragraph above gives
        self.year: int | None = None  # the year of the paragraph's survey
        self.last_year: int | None = None  # that of the figure before
        self.told: Reading | None = None  # the last one of the sentence before
        self.money: Reading | None = None  # the last sum's, for "une première tranche de"

    def read(self) -> list[Told]:
        masks = [(d.mention.start, d.mention.end) for d in self.context.dates[self.block.index]] + self.furniture
        quantities = find_quantities(self.text, masks, self.folded)
        if not quantities:
            return []
        figures: list[Told] = []
        position = 0
        for start, end in self.spans():
            inside = []
            while position < len(quantities) and quantities[position].number[0] < end:
                inside.append(quantities[position])
                position += 1
            sentence = Sentence(self.block.index, start, end)
            self.carry(sentence)
            if inside:
                figures += self.sentence(sentence, inside)
        return figures

    def spans(self) -> Iterator[tuple[int, int]]:
        """The block's sentences; one without end (a list, a table) in parts, so that no search runs away."""
        for start, end in sentences(self.text):
            while end - start > _LONG and (cut := self.text.rfind(" ", start + 1, start + _LONG)) > 0:
                yield start, cut
                start = cut + 1
            yield start, end

    def carry(self, sentence: Sentence) -> None:
        """ "Selon X" that opens a sentence answers for the paragraph's figures from there on."""
        opening = _OPENING.match(self.folded, sentence.start)
        if opening:
            named = self.context.named_source(sentence, opening.end())
            if named or not opening.group().strip().startswith("du"):
                self.carried, self.above = named, None
        sentence.initial_source = self.carried
        sentence.above = self.above

    def sentence(self, sentence: Sentence, quantities: list[Quantity]) -> list[Told]:
        figures: list[Told] = []
        readings: dict[int, Reading] = {}
        part: tuple[Quantity, Reading] | None = None  # what a leaning number leans on: no whole ("sur 470")
        typed: list[tuple[Quantity, Reading]] = []
        for i, q in enumerate(quantities):
            left = max(sentence.start, q.start - 260)
            right = min(sentence.end, q.end + 160)
            before = next((r for p, r in reversed(typed) if r.unit == q.unit), None)
            if is_money(q.unit) and before is None and tranche(self.folded, left, q.start):
                before = self.money
            reading = self.measure(q, left, right, before, part, quantities[i + 1 : i + 2])
            if reading is None:
                continue
            readings[i] = reading
            self.money = reading if is_money(reading.unit) else self.money
            typed.append((q, reading))
            if part is None or not (reading.measure == "workforce" and out_of(self.folded, left, q.start, True)):
                part = (q, reading)
        if typed:
            self.told = typed[-1][1]
        for i, q in enumerate(quantities):
            if q.link == "to" and i not in readings:  # "de 1,20 à 1,50 euro par action": neither is a figure
                readings = {j: r for j, r in readings.items() if quantities[j] is not q.previous}
        # the two ends of a change measure the same thing: the second knows
        for i, q in enumerate(quantities):
            if q.link == "to" and q.previous is not None and i in readings:
                for j, p in enumerate(quantities):
                    if p is q.previous and j in readings:
                        readings[j] = Reading(readings[i].measure, readings[i].unit, p.end, readings[i].of)
        for i, q in enumerate(quantities):
            if i in readings:
                previous = figures[-1][0] if figures else None
                figure = self.dated(sentence, self.figure(sentence, q, readings[i]), previous, q.start)
                if figure.year and figure.said_by and figure.said_by in (self.carried, self.above):
                    self.year = self.year or figure.year
                figures.append((figure, readings[i].strong))
        return figures

    def measure(
        self, q: Quantity, left: int, right: int, before: Reading | None, last: tuple[Quantity, Reading] | None,
        following: list[Quantity],
    ) -> Reading | None:  # fmt: skip
        """What a quantity measures; None where it is no figure."""
        folded = self.folded
        if _YEARS.match(folded, q.end):
            return None  # "contre 9 M€ deux ans plus tôt"
        if is_money(q.unit):
            return money(self.cues, q, left, right, before, self.prior)
        if q.unit == "%":
            reading = percent(self.cues, q, left, right, self.text)
            if (
                last
                and last[1].measure == "growth"
                and reading.measure == "share"
                and not reading.strong
                and _AND.search(folded[last[0].end : q.start])
            ):
                return replace(reading, measure="growth", sign=last[1].sign)
            return reading
        if q.unit and q.words and _RATIO.match(folded, q.end):
            return None  # "six mètres carrés sur dix"
        if q.unit:
            return physical(self.cues, q, left, right)
        number_of = _NUMBER_OF.match(folded, q.tail)
        tail = number_of.end() if number_of else q.tail
        whole = following[0] if following and not q.words else None
        if whole is not None and not whole.unit and _PART_OF.fullmatch(folded, q.end, whole.start):
            tail = whole.tail  # "45 des 60 salariés"
        if not q.collective and tail == q.tail and _OF.match(folded, tail):
            return self.bare(q, left, right, last)  # "2 000 m² de bureaux et 500 d'ateliers"
        noun = staff_noun(folded, tail)
        if noun:
            part = last is not None and last[0].number[1] > q.start - 30
            if noun.lastgroup == "jobs" and promised(folded, noun.end()):
                return staff(self.cues, q, noun, left, right, self.cutting)
            if _ASKED.search(folded[max(left, q.start - 40) : q.start]) or _WERE_ASKED.match(folded, noun.end()):
                return Reading("count", "unit", noun.end(), self.text[noun.start() : noun.end()].strip())
            if q.words and _TOOK_OVER.match(folded, noun.end()):
                return None  # "quatre cadres ont repris la fonderie"
            if out_of(folded, last[0].number[1] if last and part else left, q.start, part):
                return Reading("workforce", "person", noun.end())
            return staff(self.cues, q, noun, left, right, self.cutting)
        if q.magnitude >= 1e6 and not _OF.match(folded, q.tail):
            if (
                last
                and not is_money(last[1].unit)
                and last[0].magnitude >= 1e6
                and _LEAD.search(folded[max(left, q.start - 40) : q.start])
            ):
                return self.bare(q, left, right, last)
            # "2,9 millions dus à l'Urssaf": French counts things with "millions de"
            sum_before = last[1] if last and is_money(last[1].unit) else None
            q.unit = sum_before.unit if sum_before else "EUR"
            return money(self.cues, q, left, right, sum_before, self.prior)
        if last and _OTHERS.match(folded, tail):  # "40 postes sont créés, une trentaine d'autres suivront"
            return replace(last[1], end=q.end)
        if q.words and _OUT_OF_TEN.search(folded[max(left, q.start - 40) : q.start]):
            return None
        found = NOUN.match(folded, tail)
        word = found.group("noun") if found else ""
        verbal = q.value >= 2 and word.endswith("ent") and not word.endswith("cent")
        if found and not verbal and word not in FUNCTION and len(word) > 1 and self.is_noun(word):
            definite = _WORDS_ONLY.search(folded[max(left, q.start - 10) : q.start]) is not None
            if q.words and q.value < 13 and (never(word) or definite or (q.value < 10 and not counts_small(word))):
                return None
            phrase, end = noun_phrase(self.text, folded, tail, right)
            head = folded[max(left, q.start - 60) : q.start]
            if _AGENTS.search(word):
                if _HIRES.search(head):
                    return Reading("jobs_created", "person", end)  # "recruter huit urgentistes"
                if _TEAM.search(head):
                    return Reading("workforce", "person", end)  # "une équipe qui passe de 9 à 16 luthiers"
            return counted(self.cues, q, phrase, end, left, right, per(folded, end, right))
        return self.bare(q, left, right, last)

    def is_noun(self, word: str) -> bool:
        words = self.document.words
        head = word.split("-")[0]
        if word.endswith(("s", "x")) and len(word) > 4:
            return True  # a plural right behind a number is what is counted, participles too ("3 200 abonnés")
        return words.is_noun(word) or words.is_noun(head) or not words.is_common(word)

    def bare(self, q: Quantity, left: int, right: int, last: tuple[Quantity, Reading] | None) -> Reading | None:
        """A number that stands alone takes what it counts from the one before ("dont 31 à Tarbes")."""
        folded = self.folded
        head = folded[max(left, q.start - 40) : q.start]
        if not q.words and (number_of := _COUNT_IS.search(folded[max(left, q.start - 110) : q.start])):
            return Reading("count", "unit", q.end, number_of["of"])
        if last is not None and last[1].unit == "person" and _RISES_TO.search(head):
            return replace(last[1], end=q.end)
        if (
            last is not None
            and last[1].unit == "person"
            and last[0].number[1] > q.start - 45
            and out_of(folded, left, q.start, True)
        ):
            return Reading("workforce", "person", q.end)
        if (head.endswith("(") or head.rstrip().endswith(":")) and (named := staff_before(folded, left, q.start)):
            return replace(staff(self.cues, q, named, left, right, self.cutting), end=q.end)
        if _WE_ARE.search(head) and not (q.words and q.value < 5):
            return Reading("workforce", "person", q.end)
        if _OF_THEM.search(head) and (owner := last[1] if last else self.told):
            if owner.unit == "person":
                found = self.cues.nearest(self.cues.staff, q.start, q.end, max(left, q.start - 30), q.start)
                return Reading(found[0] if found else "workforce", "person", q.end)
            if owner.unit in ("unit", "%"):
                return Reading("count", "unit", q.end, owner.of)
        if last is not None and last[1].measure == "growth" and q.value >= 100 and re.search(r", a +$", head):
            return Reading("count", "unit", q.end)
        leans = last is not None and _LEAD.search(head) is not None
        named = None if leans else staff_before(folded, left, q.start)
        if named and not (q.words and q.value < 10):
            return replace(staff(self.cues, q, named, left, right, self.cutting), end=q.end)
        if last is None or not leans or re.search(r"[^ (]{2} *- *$", head):
            return None
        previous, reading = last
        if reading.unit == "%" or q.sign:
            return None
        if is_money(reading.unit):
            if q.magnitude == 1 and not _INSTEAD.search(head):
                return None
            if q.magnitude == 1 and previous.magnitude > 1 and q.value < 1000:
                factor = previous.magnitude
                q.low = q.low * factor if q.low is not None else None
                q.high = q.high * factor if q.high is not None else None
            q.unit = reading.unit
            return money(self.cues, q, left, right, reading, self.prior)
        if q.words and q.value < 5:
            return None
        if reading.unit == "person":
            near = self.cues.nearest(self.cues.staff, q.start, q.end, q.start - 1, min(right, q.end + 60))
            if near and near[0] in ("jobs_cut", "jobs_saved") and near[1] < 45:
                return Reading(near[0], "person", q.end)
            if reading.measure == "jobs_created" and _NOW.match(folded, q.end):
                return Reading("workforce", "person", q.end)
        return Reading(reading.measure, reading.unit, q.end, reading.of)

    def dated(self, sentence: Sentence, figure: Figure, before: Figure | None, start: int) -> Figure:
        """A figure without a year of its own takes the one of the figure that it comments or goes on from, or of its
        survey; "un an plus tôt" is the year before that one."""
        year = figure.year
        earlier = _EARLIER.match(self.folded, figure.evidence.end)
        if earlier:
            base = before.year if before and before.year else self.last_year
            years = 1 if earlier["one"] else int(cardinal(earlier["n"]) or 0)
            year = base - years if base else None
        elif year is None and before is not None and before.year:
            lead = self.folded[max(sentence.start, start - 46) : start]
            commented = figure.measure == "growth" and before.measure in ("revenue", "growth", "count", "output")
            resumes = _RESUMES.match(self.folded, sentence.start)
            if commented or resumes or (figure.measure in _COMMENTS and _GOES_ON.search(lead)):
                year = before.year
        elif year is None and before is None and self.last_year and _RESUMES.match(self.folded, sentence.start):
            year = self.last_year if figure.measure not in ("workforce", "area") or figure.said_by else None
        if year is None:
            year = self.survey_year(figure)
        if year:
            self.last_year = year
        return figure if year == figure.year else figure.model_copy(update={"year": year})

    def survey_year(self, figure: Figure) -> int | None:
        """The year of the survey that a figure without a year of its own belongs to."""
        if figure.said_by is None or figure.measure not in ("growth", "share", "area", "count"):
            return None
        if self.context.barometer and figure.measure != "share" and figure.said_by == self.context.barometer[0]:
            return self.context.survey_year
        return self.year if figure.said_by in (self.carried, self.above) else None

    def figure(self, sentence: Sentence, q: Quantity, reading: Reading) -> Figure:
        block, folded = self.block.index, self.folded
        low, high, qualifier = q.low, q.high, q.qualifier
        if reading.sign < 0 or (q.sign < 0 and reading.unit == "%"):
            low, high = (-abs(high) if high is not None else None), (-abs(low) if low is not None else None)
            if qualifier in ("at_least", "at_most"):
                qualifier = "at_least" if high is None else "at_most"
        end = max(q.end, reading.end)
        said_by = self.context.said_by(sentence, q.start, end, reading.measure)
        rate = per(folded, q.end, sentence.end)
        if (
            reading.measure == "revenue"
            or reading.measure == "energy"
            and rate is None
            and battery(folded, sentence.start, sentence.end)
        ):
            rate = "year"
        elif reading.measure in ("workforce", "jobs_cut", "jobs_saved", "area", "power", "share", "growth"):
            rate = None
        return Figure(
            measure=reading.measure,
            low=low,
            high=high,
            qualifier=qualifier,
            unit=reading.unit,
            per=rate,
            of=reading.of,
            subject=self.context.subject(sentence, q.start, end, reading.measure, said_by),
            said_by=said_by,
            year=self.context.year(sentence, q.start, end, reading.measure, said_by),
            evidence=self.document.evidence(Mention(block, q.start, min(end, q.start + 200))),
        )


def _prior(title: str, opening: str) -> str:
    """What a sum most likely is where nothing nearer tells: by the title, else by how the article begins."""
    if _GRANTING.search(title):
        return "grant"
    for text in (title, opening):
        if _RAISING.search(text):
            return "funding_round"
        if _DEALING.search(text):
            return "deal_value"
        if _CUTTING.search(text):
            return "amount"
    return "investment"


def _head(of: str | None) -> str:
    """The noun that tells two counts of one value apart, in a form that plural and case leave alone."""
    return fold(of).split(" ")[0].split("'")[-1].rstrip("sx") if of else ""


def merge(told: list[Told]) -> list[Figure]:
    """One record per distinct value of one thing; what a later telling adds is kept."""
    sure: dict[tuple[object, ...], str] = {}
    for figure, strong in told:
        if strong and figure.unit not in ("unit", "%"):
            sure[figure.low, figure.high, figure.unit] = figure.measure
    kept: dict[tuple[object, ...], int] = {}
    merged: list[Figure] = []
    for figure, strong in told:
        stated = sure.get((figure.low, figure.high, figure.unit))
        if not strong and stated is not None:
            figure = figure.model_copy(update={"measure": stated})
        key = (figure.measure, figure.low, figure.high, figure.unit, _head(figure.of))
        at = kept.get((*key, figure.subject))
        first = kept.get(key)
        if (
            at is None
            and first is not None
            and (not strong or min(merged[first].evidence.block, figure.evidence.block) < 0)
        ):
            at = first  # title and standfirst announce what the body tells
        if at is None:
            kept[(*key, figure.subject)] = len(merged)
            kept.setdefault(key, len(merged))
            merged.append(figure)
            continue
        old = merged[at]
        update = {f: getattr(figure, f) for f in ("per", "of", "said_by", "year") if getattr(old, f) is None}
        if old.evidence.block < 0 <= figure.evidence.block:
            update |= {"subject": figure.subject, "evidence": figure.evidence}
        merged[at] = old.model_copy(update=update)
    return _unguessed(merged)


def _unguessed(figures: list[Figure]) -> list[Figure]:
    """Leave out a workforce that is only another word for jobs made, cut or kept ("147 emplois menacés …
    les 147 salariés")."""
    flows = {(f.low, f.high, f.subject) for f in figures if f.measure in ("jobs_created", "jobs_cut", "jobs_saved")}
    return [
        f for f in figures if f.measure != "workforce" or (f.low, f.high, f.subject) not in flows or f.year is not None
    ]


def component(document: Document) -> None:
    """Fill ``document.figures`` and, with what contradicts what, ``document.conflicts``."""
    read(document, Context(document))


def read(document: Document, context: Context) -> None:
    """The same with a context of the caller's, that learning looks into."""
    blocks = document.blocks
    title = context.folded.get(-2, "")
    opening = " ".join(context.folded[b.index] for b in blocks[1:4])
    prior, cutting = _prior(title, opening), bool(_CUTTING.search(f"{title} {opening}"))
    figures: list[Told] = []
    carried: str | None = None
    for block in blocks:
        if block.kind == "heading":
            carried = None
        reader = _BlockReader(document, context, block, prior, cutting, carried)
        told = reader.read()
        document.conflicts.extend(find_conflicts(block.text, [f for f, _ in told], context.folded[block.index]))
        figures += told
        carried = reader.carried if block.kind == "paragraph" else carried
    document.figures.extend(merge(figures))
