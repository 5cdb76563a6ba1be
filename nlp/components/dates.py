"""Dates and horizons: what day, month, quarter … the article speaks of, as intervals.

An interval is relative to the day of publication and follows the conventions of the fact model: "début 2026" is
the first quarter, "mi-2026" ends on 30 June, "d'ici trois ans" ends with that year, seasons are astronomical,
"pas avant 2028" is open to the right. Where a relative date meets no day of publication, both ends are None.

The grammar is one regular expression over the folded text: an optional frame ("d'ici à", "avant", "pas avant",
"depuis" …), an optional part ("début", "mi-", "fin") and a core (day, month, quarter, half, season, year, or a
word relative to the day of publication).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from nlp.components.numbers_words import WORDS, cardinal
from nlp.document import DateSpan, Document, Mention
from nlp.folding import fold

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv. jan.", "fevrier fevr. fev.", "mars", "avril avr.", "mai", "juin", "juillet juil.", "aout",
            "septembre sept.", "octobre oct.", "novembre nov.", "decembre dec.",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {name: i for i, name in enumerate(["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"])}
RANKS = {
    "premier": 1, "1er": 1, "1e": 1, "deuxieme": 2, "second": 2, "2e": 2, "2eme": 2, "2nd": 2, "2d": 2,
    "troisieme": 3, "3e": 3, "3eme": 3, "quatrieme": 4, "dernier": 4, "4e": 4, "4eme": 4,
}  # fmt: skip
#: first and last day of the astronomical seasons; winter ends in the year after
SEASONS = {"printemps": ((3, 20), (6, 20)), "ete": ((6, 21), (9, 22)), "automne": ((9, 23), (12, 20)),
           "hiver": ((12, 21), (3, 19))}  # fmt: skip
FEASTS = {"noel": (12, 25), "le nouvel an": (1, 1), "le 14-juillet": (7, 14)}

_MONTH = "(?:" + "|".join(re.escape(m) + (r"(?!\w)" if m.endswith(".") else r"\b") for m in MONTHS) + ")"
_YEAR = r"(?:19|20)\d\d(?![\d%]|[.,]\d| ?(?:€|%))"
_DAY = r"(?:1er|premier|[12]\d|3[01]|0?[1-9])"
_WEEKDAY = "(?:" + "|".join(WEEKDAYS) + ")"
_RANK = "(?:" + "|".join(sorted(RANKS, key=len, reverse=True)) + ")"
_LAST = r"(?:dernier|derniere|passe|passee|ecoule|ecoulee)\b"
_NEXT = r"(?:prochain|prochaine|suivant|suivante)\b"
_SHIFT = rf"(?:{_LAST}|{_NEXT})"
_OF_YEAR = (
    rf"(?: +(?:de +|d')?(?:l'an(?:nee)? +)?{_YEAR}| +de (?:l'an(?:nee)? +{_SHIFT}|l'annee\b|cette annee\b)| +{_SHIFT})"
)
_COUNT = rf"(?:\d{{1,3}}|{WORDS})"
_SPAN = rf"{_COUNT}(?: +(?:a|ou) +{_COUNT})?"

_CORE = "|".join(
    (
        rf"(?P<numeric>\b(?:{_DAY}[/.](?:0?[1-9]|1[0-2])[/.]{_YEAR}|{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]"
        rf"|[12]\d|3[01])\b))",
        rf"(?P<days>\b{_DAY}(?: +{_MONTH}(?: +{_YEAR})?)? *(?:au|et|-) *(?:le +)?{_DAY} +{_MONTH}(?: +{_YEAR})?)",
        rf"(?P<day>\b(?:{_WEEKDAY},? +)?(?:le +)?{_DAY} +{_MONTH}(?: +{_YEAR}| +{_SHIFT})?)",
        rf"(?P<month>\b{_MONTH}(?:,? +(?:de +)?(?:l'annee +)?{_YEAR}| +{_SHIFT})?)",
        rf"(?P<fortnight>\b(?:premiere|1ere|seconde|deuxieme|2e|derniere) +quinzaine +d(?:e +|'){_MONTH}(?: +{_YEAR})?)",
        rf"(?P<quarter>\b(?:{_RANK} +trimestre{_OF_YEAR}?|[tq][1-4](?: +|-|/)?(?:{_YEAR})|[1-4]t +{_YEAR}))",
        rf"(?P<half>\b(?:{_RANK} +semestre{_OF_YEAR}?|s[12](?: +|-|/)?{_YEAR}|[12]s +{_YEAR}))",
        rf"(?P<season>\b(?:printemps|(?<=l')ete|(?<=cet )ete|(?<=d')ete|ete (?={_YEAR})|ete(?= prochain"
        rf"| dernier)|automne"
        rf"|hiver)\b(?: +{_YEAR}| +{_SHIFT})?)",
        rf"(?P<rentree>\brentree\b(?: +(?:de|en) septembre)?(?: +(?:de )?{_YEAR}| +{_SHIFT})?)",
        rf"(?P<years>\b{_YEAR} *(?:-|/|a|et) *{_YEAR}\b)",
        rf"(?P<decade>\bannees +(?:{_YEAR}|\d0)\b)",
        rf"(?P<year>\b(?:(?:l')?an(?:nee)? +)?{_YEAR}\b)",
        rf"(?P<yearword>\b(?:(?:l')?an(?:nee)? +{_SHIFT}|l'an(?:nee)? +prochaine?|cette +annee"
        rf"|l'annee(?: +en +cours)?|annee)\b)",
        rf"(?P<monthword>\b(?:mois +{_SHIFT}|ce +mois(?:-ci)?|(?:du|de ce) +mois(?!-)\b))",
        rf"(?P<weekword>\b(?:semaine +{_SHIFT}|cette +semaine|(?:de|en +(?:debut|fin) +de) +semaine)\b)",
        r"(?P<dayword>\b(?:avant-hier|hier|aujourd'hui|demain|ce +(?:matin|jour|soir))\b)",
        rf"(?P<weekday>\b{_WEEKDAY}\b(?: +{_SHIFT})?)",
        rf"(?P<ago>\bil y a +(?:(?:pres de|environ|plus de|deja|tout juste|a peine) +)?{_SPAN} +(?:ans?"
        rf"|mois|semaines?|jours?)\b)",
        rf"(?P<ahead>\b(?:dans|sous|d'ici(?: +a)?)(?: +(?:les|un +delai +de))? +{_SPAN} +(?:ans?|annees?"
        rf"|mois|semaines?|jours?)\b)",
        r"(?P<vague>\b(?:dans|d'ici(?: +a)?) +quelques +(?:annees|mois|semaines|jours)\b)",
        r"(?P<feast>\b(?:noel|le nouvel an|le 14-juillet)\b)",
    )
)
_FRAME = (
    r"(?:(?P<notbefore>\b(?:pas|plus|guere|jamais)(?: +\w+){0,2} +avant|\bau +plus +tot)"
    r"|(?P<before>\bavant)"
    r"|(?P<by>\bd'ici(?: +a)?|\b(?:a +)?l'horizon(?: +de)?|\ba +horizon(?: +de)?|\bau +plus +tard|\bd'ici)"
    r"|(?P<until>\bjusqu'(?:a|en|au)?)"
    r"|(?P<after>\bapres)"
    r"|(?P<since>\bdepuis|\bdes|\ba +(?:partir|compter)(?: +de)?)"
    r"|(?P<at>\b(?:en|au|aux|de|pour|vers|courant|ce|cet|cette|des|du|le|la|ou|et)))"
)
_LINK = (
    r"(?: *(?:\bau\b|\ba\b|\bau cours de\b|\bdu\b|\bde\b|\bd'|\ble\b|\bla\b|\bl'|\ben\b|\bce\b"
    r"|\bcet\b|\bcette\b|\bcourant\b|\bdes\b))"
)
_PART = (
    r"(?:(?P<part>\b(?:le +|la +|en +)?(?:tout +)?(?:debut|fin|mi|milieu|courant))(?: *-"
    r"| +(?:de +(?:l')?|d')?|\b)(?: *l'| *du +(?:mois +d(?:e +|'))?| *de +)?)"
)
_DATE = re.compile(rf"(?:{_FRAME}(?={_LINK}|[ ']){_LINK}{{0,2}} *)?(?:{_PART} *)?(?:{_CORE})")

# What tells whether a date without its year lies ahead or behind: the nearest verb or noun of the clause.
_AHEAD = re.compile(
    r"\b(?:\w+r(?:a|ont|ai|ons)|v(?:a|ont)(?: +\w+){0,2} +\w+(?:er|ir|re|oir)|doi(?:t|vent)|dev(?:ra"
    r"|rait|raient)|pourraient|pourrait"
    r"|prev(?:u|ue|us|ues|oit|oient)|attendue?s?|programmee?s?|esperee?s?|visee?s?|fixee?s?"
    r"|planifiee?s?|envisag\w+|prochain\w*"
    r"|d'ici|objectif|echeance|livraison|demarrage|ouverture|mise +en +service|a +venir|horizon"
    r"|sera\w*|seront|seraient|souhaite\w*)\b"
)
_BEHIND = re.compile(
    r"\b(?:(?:a|ont|avait|avaient|ait|aient|aurait|auraient|est|sont|etait|etaient|s'est|s'etait"
    r"|serait|seraient|fut|n'a|n'ont)"
    r"(?: +(?:deja|ete|aussi|egalement|ainsi|donc|bien|enfin|pas|d'ailleurs))* +\w+(?:e|es|ee|ees|i"
    r"|is|ie|it|ite|ites|u|us|ue|ues|ert|erte|ait|ort|orte|is|ise|ises)"
    r"|embauche\w*|depuis|creee?s?|fondee?s?|dernier|derniere"
    r"|(?<!sera )(?<!seront )(?<!etre )(?:inaugure|lance|signe|publie)e?s?)\b"
)
_FALSE_AHEAD = frozenset(
    ("opera", "extra", "infra", "ultra", "intra", "contra", "camera", "front", "pont", "amont", "mont", "dont", "vrai")
    + ("maison", "raison", "saison", "prison")
)
_CLAUSE_END = re.compile(r"[.;!?\n]|, (?:et|mais|qui|dont)\b")


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text: offsets of its words, the interval (None: open or unknown) and its precision."""

    start: int
    end: int
    from_: date | None
    to: date | None
    precision: str
    core: int  # where the date proper begins, after "d'ici à", "avant" …


_Interval = tuple[date | None, date | None]


def _month(year: int, month: int) -> tuple[date, date]:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), _month(year, last)[1]


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _season(name: str, year: int) -> tuple[date, date]:
    (m1, d1), (m2, d2) = SEASONS[name]
    return date(year, m1, d1), date(year + (m2 < m1), m2, d2)


def _find_year(text: str) -> int | None:
    found = re.search(_YEAR, text)
    return int(found.group()) if found else None


class _Reader:
    """Reads the dates of one text."""

    def __init__(self, folded: str, original: str, published: date | None) -> None:
        self.folded = folded
        self.original = original
        self.published = published
        self.forward = False  # whether the frame itself ("d'ici", "jusqu'au") looks ahead

    @staticmethod
    def shift(text: str) -> int:
        """-1 for "dernier", 1 for "prochain", else 0."""
        return -1 if re.search(_LAST, text) else 1 if re.search(_NEXT, text) else 0

    def ahead(self, start: int, end: int) -> bool | None:
        """Whether the clause around a date speaks of what is to come; None where it does not tell."""
        left = max(0, start - 160)
        for stop in _CLAUSE_END.finditer(self.folded, left, start):
            left = stop.end()
        stop_right = _CLAUSE_END.search(self.folded, end, end + 160)
        right = stop_right.start() if stop_right else min(len(self.folded), end + 160)
        best: tuple[int, bool] | None = None
        for pattern, verdict in ((_AHEAD, True), (_BEHIND, False)):
            for low, high in ((left, start), (end, right)):
                for cue in pattern.finditer(self.folded, low, high):
                    if cue.group() in _FALSE_AHEAD or (cue.group()[:2] == "a " and self.original[cue.start()] in "àÀ"):
                        continue
                    distance = start - cue.end() if cue.end() <= start else cue.start() - end + 5
                    if best is None or distance < best[0]:
                        best = (distance, verdict)
        return best[1] if best else None

    def place(self, at: Callable[[int], tuple[date, date]], text: str, start: int, end: int) -> _Interval:
        """The year of something that comes every year ("en mars"), from its own words or the tense around it."""
        year = _find_year(text)
        if year:
            return at(year)
        if self.published is None:
            return None, None
        here = self.published
        if re.search(r"de (?:l'|cette )an", text):
            return at(here.year + self.shift(text))
        around = [at(here.year + shift) for shift in (-1, 0, 1)]
        past = [i for i in around if i[0] <= here]
        coming = [i for i in around if i[1] >= here]
        if re.search(_LAST, text) and "dernier trim" not in text:
            return [i for i in around if i[1] < here][-1]
        if re.search(_NEXT, text):
            return next(i for i in around if i[0] > here)
        verdict = True if self.forward else self.ahead(start, end)
        if verdict is None:
            return min(around, key=lambda i: abs((i[0] - here).days + (i[1] - here).days))
        return coming[0] if verdict else past[-1]

    def read(self, found: re.Match[str]) -> FoundDate | None:
        kind = found.lastgroup or ""
        for name in _KINDS:
            if found.group(name) is not None:
                kind = name
        text, start, end = found.group(kind), found.start(kind), found.end(kind)
        self.forward = kind == "rentree" or any(found.group(g) for g in ("by", "until", "notbefore"))
        since = found.group("since")
        self.forward = self.forward or bool(since and since.startswith("a "))  # "à compter du 1er septembre"
        core = self.core(kind, text, start, end, found)
        if core is None:
            return None
        (low, high), precision = core
        part = found.group("part")
        if part and "courant" not in part:
            (low, high), precision = self.part(part, low, high, precision)
        low, high = self.frame(found, low, high, precision)
        return FoundDate(found.start(), end, low, high, precision, start)

    def part(self, part: str, low: date | None, high: date | None, precision: str) -> tuple[_Interval, str]:
        """The beginning, middle or end of an interval."""
        if low is None or high is None:
            return (low, high), precision
        days = (high - low).days + 1
        if precision == "year":
            if "debut" in part:
                return _months(low.year, 1, 3), "quarter"
            if "fin" in part:
                return _months(low.year, 10, 12), "quarter"
            return (None, date(low.year, 6, 30)), "half"
        if precision == "month":
            if "debut" in part:
                return (low, low.replace(day=10)), "day"
            if "fin" in part:
                return (low.replace(day=21), high), "day"
            return (low.replace(day=11), low.replace(day=20)), "day"
        third = timedelta(days=days // 3)
        if "debut" in part:
            return (low, low + third), "month"
        if "fin" in part:
            return (high - third, high), "month"
        return (low + third, high - third), "month"

    def frame(self, found: re.Match[str], low: date | None, high: date | None, precision: str) -> _Interval:
        """What "avant", "d'ici", "pas avant" … make of an interval."""
        if found.group("notbefore"):
            return low, None
        if found.group("before"):
            if low is None and high is None:
                return None, None
            whole = precision == "day" or (found.group("part") or "").lstrip("la ").startswith("fin")
            return None, high if whole or low is None else low - timedelta(days=1)
        if found.group("by"):
            return None, high
        if found.group("until"):
            return (low, high) if precision == "day" else (None, high)
        if found.group("after"):
            return (high + timedelta(days=1) if high else None), None
        return low, high

    def core(self, kind: str, text: str, start: int, end: int, found: re.Match[str]) -> tuple[_Interval, str] | None:
        here = self.published
        unknown: _Interval = (None, None)
        if kind == "numeric":
            parts = [int(p) for p in re.split(r"[-/.]", text)]
            year, month, day = parts if parts[0] > 31 else parts[::-1]
            return self.day(year, month, day), "day"
        if kind == "days":
            return self.days(text, start, end), "day"
        if kind == "day":
            if re.match(rf"{_DAY} +mars\b", text) and re.search(
                r"\b(?:mission|planete|sur) +$", self.folded[:start][-12:]
            ):
                return None
            number, month = self.day_month(text)
            return self.place(lambda y: self.safe(y, month, number), text, start, end), "day"
        if kind == "month":
            return self.month(text, start, end, found)
        if kind == "fortnight":
            name = re.search(_MONTH, text)
            month = MONTHS[name.group()] if name else 1
            early = text.startswith(("premiere", "1ere"))

            def half(year: int) -> tuple[date, date]:
                low, high = _month(year, month)
                return (low, low.replace(day=15)) if early else (low.replace(day=16), high)

            return self.place(half, text, start, end), "day"
        if kind in ("quarter", "half"):
            size = 3 if kind == "quarter" else 6
            rank = re.search(rf"\b{_RANK}\b", text)
            which = RANKS[rank.group()] if rank else int(re.sub(_YEAR, "", text).strip(" tqs-/"))
            which = 2 if kind == "half" and which > 2 else which
            at = lambda y: _months(y, size * which - size + 1, size * which)  # noqa: E731
            return self.place(at, text, start, end), kind
        if kind == "season":
            name = re.match(r"\w+", text)
            return self.place(lambda y: _season(name.group() if name else "ete", y), text, start, end), "season"
        if kind == "rentree":
            if not re.search(
                r"\b(?:a|a la|la|des la|de|cette|apres la|avant la|pour la) +$", self.folded[max(0, start - 10) : start]
            ):
                return None
            return self.place(lambda y: _month(y, 9), text, start, end), "month"
        if kind == "years":
            low, high = (int(y) for y in re.findall(_YEAR, text))
            return ((_year(low)[0], _year(high)[1]) if low < high else _year(high)), "year"
        if kind == "decade":
            number = int(re.findall(r"\d+", text)[0])
            first = number if number > 100 else 1900 + number
            return (date(first, 1, 1), date(first + 9, 12, 31)), "vague"
        if kind == "year":
            return _year(int(text[-4:])), "year"
        if kind == "yearword":
            return self.year_word(text, found)
        if kind == "monthword":
            if here is None:
                return unknown, "month"
            shift = self.shift(text)
            return _month(here.year, here.month + shift), "month"
        if kind == "weekword":
            if here is None:
                return unknown, "vague"
            monday = here - timedelta(days=here.weekday()) + timedelta(days=7 * self.shift(text))
            return (monday, monday + timedelta(days=6)), "vague"
        if kind == "dayword":
            if here is None:
                return unknown, "day"
            if text == "aujourd'hui" and not self.today(start, end):
                return None
            shift = {"hier": -1, "avant-hier": -2, "demain": 1}.get(text, 0)
            when = here + timedelta(days=shift)
            return (when, when), "day"
        if kind == "weekday":
            return self.weekday(text, start, end)
        if kind in ("ago", "ahead"):
            return self.relative(kind, text)
        if kind == "feast":
            return self.place(lambda y: (date(y, *FEASTS[text]), date(y, *FEASTS[text])), text, start, end), "day"
        return unknown, "vague"

    def today(self, start: int, end: int) -> bool:
        """ "aujourd'hui" as a day, not as "nowadays": only beside a verb of telling in the past."""
        return bool(re.match(r"(?: +\w+){0,1} *\(", self.folded[end : end + 30]))

    @staticmethod
    def safe(year: int, month: int, day: int) -> tuple[date, date]:
        """A day; the last one of a month that has no such day."""
        when = date(year, month, min(day, monthrange(year, month)[1]))
        return when, when

    def day(self, year: int, month: int, day: int) -> _Interval:
        return self.safe(year, month, day)

    @staticmethod
    def day_month(text: str) -> tuple[int, int]:
        number = re.search(_DAY, re.sub(_WEEKDAY, "", text))
        month = re.search(_MONTH, text)
        digits = re.match(r"\d+", number.group()) if number else None
        return int(digits.group()) if digits else 1, MONTHS[month.group()] if month else 1

    def days(self, text: str, start: int, end: int) -> _Interval:
        split = re.split(r" *(?:\bau\b|\bet\b|-) *", text, maxsplit=1)
        number, month = self.day_month(split[1])
        low, high = self.place(lambda y: self.safe(y, month, number), text, start, end)
        if low is None:
            return None, None
        first = re.match(r"\d+", split[0])
        first_month = re.search(_MONTH, split[0])
        begin = self.safe(
            low.year, MONTHS[first_month.group()] if first_month else month, int(first.group()) if first else 1
        )
        return begin[0] if begin[0] <= low else begin[0].replace(year=low.year - 1), high

    def month(self, text: str, start: int, end: int, found: re.Match[str]) -> tuple[_Interval, str] | None:
        name = re.match(_MONTH, text)
        month = MONTHS[name.group()] if name else 1
        bare = name is not None and name.end() == len(text)
        if bare and not found.group("part"):
            framed = any(found.group(g) for g in ("notbefore", "before", "by", "until", "after", "since", "at"))
            before = self.folded[max(0, start - 16) : start]
            if not framed and not re.search(
                r"(?:\b(?:en|de|d'|des|depuis|et|ou|a|au mois de|le mois de|pour|vers|ce|entre|mois de) *|\()$", before
            ):
                return None
            if "." in text or (text in ("mars", "mai") and re.search(r"\b(?:la|le|les|du|planete) +$", before)):
                return None
        return self.place(lambda y: _month(y, month), text, start, end), "month"

    def year_word(self, text: str, found: re.Match[str]) -> tuple[_Interval, str] | None:
        before = self.folded[max(0, found.start("yearword") - 14) : found.start("yearword")]
        bare = text in ("annee", "l'annee") and found.group("at") != "cette"
        if (
            bare
            and not found.group("part")
            and not re.search(r"\b(?:debut|fin|mi|cours|courant)(?: +de(?: +l')?| +d'|-)? *$", before)
        ):
            return None
        if (
            text.startswith("l'an")
            and "prochain" not in text
            and not re.search(_SHIFT, text)
            and "cours" not in text
            and not bare
        ):
            return None
        if re.search(r"suivant", text):
            return (None, None), "year"
        if self.published is None:
            return (None, None), "year"
        shift = self.shift(text)
        if (
            bare
            and self.published.month <= 3
            and "fin" in (found.group("part") or "")
            and self.ahead(found.start(), found.end()) is False
        ):
            shift = -1  # in winter "en fin d'année" with a past tense is the year that has just ended
        return _year(self.published.year + shift), "year"

    def weekday(self, text: str, start: int, end: int) -> tuple[_Interval, str] | None:
        before = self.folded[max(0, start - 12) : start]
        if re.search(r"\b(?:le|du|au|chaque|les|un|des|tous les|de|saint) +$", before) and not re.search(_SHIFT, text):
            return None
        if self.published is None:
            return (None, None), "day"
        name = re.match(_WEEKDAY, text)
        back = (self.published.weekday() - WEEKDAYS[name.group() if name else "lundi"]) % 7
        last = self.published - timedelta(days=back)
        if re.search(_LAST, text):
            last = last - timedelta(days=7) if back == 0 else last
        elif re.search(_NEXT, text) or (self.ahead(start, end) and back):
            last = last + timedelta(days=7)
        return (last, last), "day"

    def relative(self, kind: str, text: str) -> tuple[_Interval, str] | None:
        found = re.search(rf"({_COUNT})(?: +(?:a|ou) +({_COUNT}))? +(an|annee|mois|semaine|jour)s?$", text)
        if found is None:
            return None
        numbers = [cardinal(n) for n in found.group(1, 2) if n]
        if any(n is None or n > 300 for n in numbers):
            return None
        unit = found.group(3)
        precision = {"an": "year", "annee": "year", "mois": "month"}.get(unit, "vague" if unit == "semaine" else "day")
        if self.published is None:
            return (None, None), precision
        sign = -1 if kind == "ago" else 1
        ends = sorted(self.shifted(unit, sign * int(n or 0)) for n in numbers)
        low, high = ends[0][0], ends[-1][1]
        if text.startswith(("d'ici", "sous")) or " les " in text or "delai" in text:
            return (None, high), precision
        return (low, high), precision

    def shifted(self, unit: str, count: int) -> tuple[date, date]:
        here = self.published or date.min
        if unit in ("an", "annee"):
            return _year(min(max(here.year + count, 1), 9998))
        if unit == "mois":
            return _month(here.year, here.month + count)
        days = count * (7 if unit == "semaine" else 1)
        when = here + timedelta(days=days)
        if unit == "semaine":
            monday = when - timedelta(days=when.weekday())
            return monday, monday + timedelta(days=6)
        return when, when


_KINDS = re.findall(r"\(\?P<(\w+)>", _CORE)
#: a date needs a digit or one of these words: blocks without them are not searched
_HINT = re.compile(r"\d{1,4}|\b(?:" + "|".join([*(re.escape(m) for m in MONTHS), *WEEKDAYS, *SEASONS]) +
                   r"|rentree|an|ans|annee|mois|semaines?|trimestre|semestre|hier|demain|noel|aujourd'hui|jours?"
                   r"|ce)\b")  # fmt: skip


def find_dates(text: str, published: date | None, folded: str | None = None) -> list[FoundDate]:
    """All dates and horizons of a text, in order and without overlap.

    >>> [(d.from_, d.to) for d in find_dates("Ouverture fin 2026.", date(2025, 3, 1))]
    [(datetime.date(2026, 10, 1), datetime.date(2026, 12, 31))]
    """
    folded = fold(text) if folded is None else folded
    if not _HINT.search(folded):
        return []
    reader = _Reader(folded, text, published)
    dates: list[FoundDate] = []
    position = 0
    while found := _DATE.search(folded, position):
        position = max(found.end(), position + 1)
        date_found = reader.read(found)
        if date_found is not None:
            dates.append(date_found)
    return dates


def component(document: Document) -> None:
    """Fill ``document.dates``."""
    for block in document.blocks:
        for found in find_dates(block.text, document.published):
            mention = Mention(block.index, found.start, found.end)
            document.dates.append(DateSpan(mention, found.from_, found.to, found.precision))
