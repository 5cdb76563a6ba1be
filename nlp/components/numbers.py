"""Quantities in French text: a number with its approximator, magnitude, unit or counted noun.

One regular expression finds the numbers of a folded text; what stands left and right of each (approximator, unit,
noun) is read from a bounded window, and a last pass ties neighbours: ranges ("de 15 à 20 M€"), changes ("passer de
140 à 200 salariés"), lists that share their tail ("38.000 et 24.000 m²") and numbers that lean on the one before
("dont 31 à Tarbes"). The work is linear in the length of the text.

>>> [(q.low, q.high, q.qualifier, q.unit) for q in find_quantities("Près de 1,5 Md€ et 10 à 15 000 m² à Lens")]
[(1500000000.0, 1500000000.0, 'about', 'EUR'), (10000.0, 15000.0, 'range', 'm2')]
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from nlp.components.numbers_words import (
    COLLECTIVES,
    DIGITS,
    MAGNITUDES,
    WORDS,
    alternation,
    digits_value,
    words_value,
)
from nlp.facts import Qualifier
from nlp.folding import fold

LEXICON = tomllib.loads((files("nlp.lexicon") / "units.toml").read_text(encoding="utf-8"))
UNITS: dict[str, tuple[str, float]] = {
    word: (unit, 1.0) for table in ("currencies", "units") for unit, words in LEXICON[table].items() for word in words
} | {word: (unit, float(factor)) for word, (unit, factor) in LEXICON["converted"].items()}
CURRENCIES = frozenset(LEXICON["currencies"])
NO_UNITS = frozenset(LEXICON["none"]["words"])

Link = Literal["", "from", "to", "list"]


@dataclass(slots=True)
class Quantity:
    """A quantity. ``start``/``end`` are the offsets of its words with unit, ``number`` those of the number alone;
    ``tail`` is where a counted noun would begin. ``unit`` is "" where no unit of measure stands beside it.

    ``link`` tells how it hangs on a neighbour: ``from``/``to`` of a change, ``list`` (unit shared with the next).
    """

    start: int
    end: int
    number: tuple[int, int]
    low: float | None
    high: float | None
    qualifier: Qualifier
    unit: str
    tail: int
    sign: int = 0
    magnitude: float = 1.0
    words: bool = False
    collective: bool = False  # "une dizaine de", "deux millions de": what it counts follows "de"
    link: Link = ""
    previous: Quantity | None = None

    @property
    def value(self) -> float:
        """One number that stands for the quantity: the known bound."""
        return self.low if self.low is not None else self.high if self.high is not None else 0.0


# ------------------------------------------------------------------------------------------------ the numbers

_MAG_WORDS = r"(?:milliers?|millions?|milliards?)\b"
_MAG_SHORT = r"(?:mio|mrds?|mds?|m|k)(?=[€$£]|eur|usd|(?![a-z0-9]))"
_COLLECTIVE = rf"(?:{'|'.join(COLLECTIVES)})s?\b"
_ADJ = r"(?:(?:petite?|bonne?|grosse?|demi)[ -]+)?"
_NUMBER = re.compile(
    r"(?P<demi>\bun +demi-(?P<demimag>million|milliard|millier)\b)"
    rf"|(?P<vague>\b(?:plusieurs|quelques) +(?:(?:dizaines|centaines|milliers"
    rf"|douzaines)\b(?: +de +{_MAG_WORDS})?|{_MAG_WORDS}))"
    rf"|(?P<group>\b(?:(?P<times>{WORDS}"
    rf"|{DIGITS}) +)?{_ADJ}(?P<collective>{_COLLECTIVE})(?: +de +(?P<groupmag>{_MAG_WORDS}))?)"
    rf"|(?P<sign>(?<![\w.,%)])[+-] ?)?(?P<digits>(?<![\w./])(?<!\d,){DIGITS})(?P<glue> *)(?P<mag>{_MAG_WORDS}"
    rf"|{_MAG_SHORT})?(?P<half> +et +demie?\b)?"
    rf"|(?P<words>{WORDS})(?P<wordtail> +(?P<wordmag>{_MAG_WORDS})(?P<rest> +(?:{WORDS})(?= +(?:euros"
    rf"|dollars|[a-z]{{3,}})))?)?(?P<wordhalf> +et +demie?\b)?"
)
#: a number preceded by one of these is a name, a rank, a reference, an address, an hour or an age
_NOT_AFTER = re.compile(
    r"(?:\b(?:n ?°|no\.?|nos|numero|numeros|phase|tranche|hall|lot|porte|quai|ligne|chapitre|article"
    r"|articles|art\.|alinea|page|tome|annexe|niveau|etage|batiment"
    r"|serie|groupe|tour|cop|g|euro|iso|en|nf|norme|rn|rd|d|a|n|e|m|f|top|formule|version|airbus"
    r"|boeing|cac|sbf|industrie|web|code|siren|siret|naf|cedex|bp|cs|tel"
    r"|tel\.|telephone|fax|mobile|usine|france|horizon|agenda|objectif|plan|region|lycee|paris|lyon"
    r"|marseille|saison|age|agee|ages|agees|est ne en|classe|zone|categorie"
    r"|hub|session|edition|millesime|annees?|vers|chaine|canal|station|gare|rue|avenue|boulevard"
    r"|vague|volet|axe|route|autoroute|nationale|departementale)"
    r" *[.:]? *|[a-z]\d*-|n° ?|[#/@_&*] ?|\b[a-z]{1,3}[-.]| x|\d[./])$"
)
_NAMING = frozenset(
    (
        "a",
        "en",
        "vers",
        "an",
        "d",
        "e",
        "m",
        "n",
        "f",
        "g",
        "ligne",
        "plan",
        "objectif",
        "euro",
        "usine",
        "groupe",
        "france",
        "region",
    )
    + (
        "age",
        "zone",
        "gare",
        "batiment",
        "porte",
        "tour",
        "lyon",
        "paris",
        "marseille",
        "lycee",
        "station",
        "rue",
        "route",
        "session",
        "edition",
        "saison",
    )
)
_MASKS = re.compile(
    r"\b0\d(?:[ .]\d\d){4}\b|\+\d\d ?\d(?:[ .]?\d\d){4}|\b\d{1,2} ?(?:h"
    r"|heures?)(?: ?[0-5]\d)?\b(?! *(?:de|d'))|\b\d{1,2}/7\b|\b\d{1,3}/\d{1,3}\b"
    r"|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b|\((?:2[ab]"
    r"|\d{2,3})\)|\bl?\.? ?\d{3,4}-\d+\b"
    r"|\b\d+(?:er|ere|re|e|eme|nd|nde)s?\b|\b[ivxl]+e\b|\b\d+\.\d{1,2}\.\d+|https?://\S+|\bwww\.\S+"
    r"|\S+@\S+|\b\d{1,2}[hd]\b"
    r"|\b[a-z]+\d+[a-z0-9]*\b(?<!m2)(?<!m3)|\b\d+[a-z]\d*[a-z]*\d\b(?<!\dm2)(?<!\dm3)"
)

_POSTCODE = re.compile(r"(?:0[1-9]|[1-8]\d|9[0-8])\d{3}[\s-]+[A-ZÀ-Ý]")

# ------------------------------------------------------------------------------------------------ left and right

_MORE = (
    r"(?:un +peu +|bien +|nettement +|largement +|beaucoup +)?plus +d(?:e +|')|au +(?:moins"
    r"|minimum)(?: +de)? *|(?:un +)?minimum +d(?:e +|')"
    r"|a +partir +de +|(?:bien +)?au-?dela +d(?:e +|')|superieure?s? +a(?:ux)? +|(?:la +barre"
    r"|le +seuil|le +cap) +des? +"
    r"|\b(?:depass\w+|exced\w+|franchi\w*)(?: +(?:desormais|deja|largement|legerement|aujourd'hui"
    r"|ainsi|meme|nettement|a peine))?(?: +les?| +la barre des?| +le cap des?| +le seuil des?)? +"
)
_LESS = (
    r"(?:un +peu +|bien +|nettement +)?moins +d(?:e +|')|pas +plus +d(?:e +|')|jusqu'a(?:ux?)? +"
    r"|au +maximum(?: +de)? *|(?:un +)?maximum +d(?:e +|')|a +peine +"
    r"|plafonne\w* +a +|inferieure?s? +a +|(?:tout +)?au +plus +|dans +la +limite +de +"
    r"|sans +(?:depasser|exceder)(?: +les)? +|en +dessous +d(?:e +|')"
    r"|\bn(?:e +|')(?:depass\w+|exced\w+)(?: +donc)? +(?:pas|plus|guere|jamais)(?: +les)? +"
    r"|\bpas +(?:depasser|exceder)(?: +les)? +"
)
_ABOUT = (
    r"(?:tout +)?pres +d(?:e +|')|pres +du +|environ(?: +d(?:e +|'))? *|quelques? +|autour +d(?:e +|'"
    r"|es +)|aux +(?:alentours|environs) +d(?:e +|')|(?:de +)?l'ordre +d(?:e +|')"
    r"|a +peu +pres +|presque +|plutot +|\b(?:avoisin\w+|approch\w+|frol\w+"
    r"|flirt\w+ +avec)(?: +(?:les?|de|desormais|deja))* +|[~≈] *|\benv\. *|grosso +modo +"
    r"|approximativement +|peu +ou +prou +"
    r"|estime\w* +a +environ +"
)
_LEFT = re.compile(
    rf"(?<![a-z])(?:(?P<at_most>{_LESS})|(?P<at_least>{_MORE})|(?P<about>{_ABOUT}))(?:les? +|un +total +de +|de +)?$"
)
_RIGHT = re.compile(
    r"(?:(?: +[a-z'-]+){0,2}?,? *\(?)(?:(?P<at_least> +(?:au +)?minimum\b| +au +moins\b| +ou +plus\b"
    r"| +et +plus\b| +voire +plus\b)"
    r"|(?P<at_most> +(?:au +)?maximum\b| +(?:tout +)?au +plus\b| +max\b\.?)|(?P<about> +environ\b| +a +peu +pres\b))"
)
_UNIT_WORDS = alternation(w for w in UNITS if w[0].isalnum())
_UNIT = re.compile(rf" *(?P<of>de +|d')?(?P<unit>(?:{_UNIT_WORDS})(?![a-z0-9/'])(?!-[a-z])|[€$£%])")
_SYMBOL_BEFORE = re.compile(r"[€$£] ?$")
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP"}
#: currencies named without their country: only for large sums, and where nothing says books or another franc
_SHORT_CURRENCY = re.compile(r" +(?:de +|d')(?P<name>livres|francs)\b(?! +(?:cfa|pacifique|par +an|imprim|vend|edit))")
_BOOKS = re.compile(
    r"\b(?:edit\w+|libraires?|librairies?|imprim\w+|lecteurs?|lecture|bibliotheques?|exemplaires|auteurs?|recycl\w+)\b"
)
_SWISS = re.compile(
    r"\b(?:suisses?|helvet\w+|genev\w+|lausann\w+|zurich\w*|bal(?:e|ois\w*)|neuchatel\w*|vaudois\w*|fribourg"
    r"|bern(?:e|ois\w*)|chaux-de-fonds|jurassien\w*|chf|valaisan\w*|tessin\w*)\b"
)
_NO_UNIT = re.compile(rf" *-?(?:de +|d')?(?:{alternation(NO_UNITS)})(?![a-z0-9/'])")
_MONEY_NOUN = re.compile(
    r" +(?:de +|d')(?:chiffre|ca\b|dettes?|investissements?|travaux|subventions?|aides?|fonds|pertes?"
    r"|benefices?|passif|budget|recettes|ventes|dotation"
    r"|financements?|prets?|credits?|capital|capitaux|tresorerie|commandes|dividendes|economies|cout"
    r"|pret|depenses|marge|resultat|impots|taxes|loyers?)\b"
)

_TO = (
    r"(?:(?:pass|port)(?:e|er|era|erait|eraient|ant|ent|eront|ee|es|ees|ait|aient)|mont(?:e|er|era"
    r"|erait|eraient|ent|eront|ee|es|ait|aient))\b"
    r"(?<!port)(?<!pass)(?<!mont)"
)
_CHANGE = re.compile(
    rf"\b(?:{_TO}|(?:gliss|tomb|grimp|bond|redescend|descend|augment|baiss|chut|evolu|agrandi|etend"
    rf"|redui|ramen|relev|rehauss|diminu|hiss"
    r"|abaiss|revu|revoi|recul|progress|fondr|elargi|hausse|reduction|evolution|extension|relevement"
    r"|doubl)\w*\b|croi(?:t|ss\w+|tra\w*)\b)"
)
_CHANGE_PERCENT = re.compile(
    rf"\b(?:{_TO}|(?:gliss|tomb|grimp|bond|redescend|descend|ramen|relev|hiss|abaiss|revu)\w*\b)"
)
_NOUN_AFTER = re.compile(r" +(?:autres? +|nouve(?:aux|lles?) +)?(?:de +|d')?[a-z]")


def _line(value: float) -> float:
    """Round what floating point adds: 2,3 millions is 2300000."""
    return float(f"{value:.12g}")


class _Scanner:
    def __init__(self, text: str, folded: str, masks: Sequence[tuple[int, int]]) -> None:
        self.text, self.folded = text, folded
        found = [m.span() for m in _MASKS.finditer(folded)]
        self.masks = sorted([*masks, *found])
        self.mask_starts = [m[0] for m in self.masks]
        self.widest = max((b - a for a, b in self.masks), default=0)

    def masked(self, start: int, end: int) -> bool:
        """Whether a span touches a date, a telephone number, a reference …"""
        i = bisect_right(self.mask_starts, end - 1) - 1
        while i >= 0 and self.mask_starts[i] >= start - self.widest:
            if self.masks[i][1] > start:
                return True
            i -= 1
        return False

    def scan(self) -> list[Quantity]:
        found: list[Quantity] = []
        for match in _NUMBER.finditer(self.folded):
            quantity = self.read(match)
            if quantity is not None and (not found or quantity.number[0] >= found[-1].end):
                found.append(quantity)
        return found

    def read(self, match: re.Match[str]) -> Quantity | None:
        """One number with its unit and approximator, or None where it is no figure."""
        folded, start, end = self.folded, match.start(), match.end()
        qualifier: Qualifier = "exact"
        magnitude, sign, spelled, high_open = 1.0, 0, True, False
        if match.group("vague"):
            words = match.group("vague").split()
            names = [w for w in words if w in MAGNITUDES or w.rstrip("s") in COLLECTIVES]
            value = 2.0
            for name in names:
                value *= COLLECTIVES.get(name.rstrip("s")) or MAGNITUDES[name]
            qualifier, high_open = "at_least", True
            if words[0] == "quelques" and len(names) == 1 and names[0] not in ("dizaines", "centaines", "milliers"):
                return None
        elif match.group("group"):
            number = self.number(match.group("times")) if match.group("times") else 1.0
            if number is None or (not match.group("times") and self.folded[start:end].startswith("douzaine")):
                return None
            name = match.group("collective").rstrip("s")
            value = number * COLLECTIVES[name]
            magnitude = MAGNITUDES[match.group("groupmag")] if match.group("groupmag") else 1.0
            value *= magnitude
            qualifier = "exact" if name == "millier" and number != 1 else "about"
            if not match.group("times") and not re.search(
                r"\b(?:cette|la|d'une|l') *$", folded[max(0, start - 8) : start]
            ):
                return None
        elif match.group("demi"):
            magnitude = MAGNITUDES[match.group("demimag")]
            value = magnitude / 2
        elif match.group("digits"):
            spelled = False
            start = match.start("digits")
            end = match.end("digits")
            try:
                value = digits_value(match.group("digits"))
            except ValueError:
                return None
            short = match.group("mag")
            if short and not short.startswith("mil"):
                after = folded[match.end("mag") : match.end("mag") + 3]
                capital = self.text[match.start("mag")].isupper()
                prefixed = _SYMBOL_BEFORE.search(folded[max(0, start - 2) : start]) is not None
                money = re.match(r" ?[€$£]| ?eur| ?usd", after) or prefixed
                if short in ("m", "k") and not (money or (short == "m" and capital)):
                    short = None
            if short:
                magnitude = MAGNITUDES[short]
                end = match.end("mag")
            if match.group("half") and short:
                value, end = value + 0.5, match.end("half")
            value *= magnitude
            if match.group("sign"):
                sign = -1 if match.group("sign")[0] == "-" else 1
        else:
            parsed = words_value(match.group("words"))
            if parsed is None:
                return None
            value, length = parsed
            end = start + length
            whole = length == len(match.group("words"))
            if match.group("wordmag") and whole:
                magnitude = MAGNITUDES[match.group("wordmag")]
                value, end = value * magnitude, match.end("wordmag")
                rest = words_value(match.group("rest").strip()) if match.group("rest") else None
                if rest and 1 < rest[0] < magnitude:
                    value, end = value + rest[0], match.start("rest") + len(match.group("rest"))
                elif match.group("wordhalf"):
                    value, end = value + magnitude / 2, match.end("wordhalf")
            elif value <= 1 and not folded.startswith(" hectare", end):
                return None
        if self.masked(match.start() if sign else start, end) or self.named(start, end, spelled):
            return None
        return self.finish(match, start, end, _line(value), magnitude, sign, spelled, qualifier, high_open)

    def number(self, text: str) -> float | None:
        if text[0].isdigit():
            return digits_value(text)
        parsed = words_value(text)
        return parsed[0] if parsed and parsed[1] == len(text) else None

    def named(self, start: int, end: int, spelled: bool) -> bool:
        """Whether the number is part of a name, a reference or an age."""
        before = self.folded[max(0, start - 16) : start]
        after = self.folded[end : end + 2]
        if not spelled and re.match(r"(?!m[23])[a-z]\d|/\d|-\d+-|°|'", after):
            return True
        if not spelled and _POSTCODE.match(self.text, start):
            return True
        found = _NOT_AFTER.search(before)
        if found is None:
            return False
        if spelled:
            return bool(re.search(r"(?:\b(?:numero|phase|tranche|age|agee|ages|agees|article|chapitre)) +$", before))
        word = re.sub(r"[^a-z]", "", found.group())
        if found.group().strip(" ")[-1:] in ".:" and word not in ("n", "no", "tel", "art"):
            return False
        if word in _NAMING:
            # a word of everyday use names a number only where it is written as a name: "A31", "Usine 4"
            offset = max(0, start - 16) + found.start()
            if found.group()[-1:] != " ":
                return len(word) == 1
            bare = not _UNIT.match(self.folded, end) and not _NOUN_AFTER.match(self.folded, end)
            return bare and len(word) > 2 and self.text[offset].isupper()
        return not _UNIT.match(self.folded, end) or word in (
            "phase",
            "n",
            "no",
            "numero",
            "age",
            "agee",
            "ages",
            "agees",
        )

    def finish(
        self, match: re.Match[str], start: int, end: int, value: float, magnitude: float, sign: int, spelled: bool,
        qualifier: Qualifier, open_: bool,
    ) -> Quantity | None:  # fmt: skip
        folded = self.folded
        unit, factor, last = "", 1.0, end
        found = _UNIT.match(folded, end)
        if found and (not found.group("of") or magnitude > 1 or match.group("group") or match.group("vague")):
            word = re.sub(r" +", " ", found.group("unit"))
            glued = found.start("unit") == end
            if word in ("t", "l") and glued and (folded[end - 1].isalpha() or value < 100):
                return None  # "la 4L"
            unit, factor = UNITS[word]
            last = found.end()
        # the longer word wins: "km2" over "km", "dollars canadiens" over "dollars"
        stop = _NO_UNIT.match(folded, end)
        symbol = _SYMBOL_BEFORE.search(folded[max(0, start - 2) : start]) if not unit else None
        short = _SHORT_CURRENCY.match(folded, last) if not unit and magnitude >= 1e6 else None
        if symbol:
            unit = _SYMBOLS[symbol.group()[0]]
        elif short and short.group("name") == "livres" and not _BOOKS.search(folded[max(0, start - 120) : last + 120]):
            unit, last = "GBP", short.end()
        elif short and short.group("name") == "francs" and _SWISS.search(folded[max(0, start - 300) : last + 120]):
            unit, last = "CHF", short.end()
        elif stop and stop.end() > last:
            return None
        if not unit and magnitude >= 1e6 and _MONEY_NOUN.match(folded, last):
            unit = "EUR"
        value = _line(value * factor)
        left = _LEFT.search(folded[max(0, start - 48) : start])
        begin = start
        low: float | None = value
        high: float | None = None if open_ else value
        if sign:
            begin = match.start("sign")
        if left:
            named: Qualifier = left.lastgroup  # type: ignore[assignment]
            before = max(0, start - 48) + left.start(left.lastgroup or 0)
            if not (named == "at_most" and "a peine" in left.group() and spelled and qualifier == "about"):
                begin = before
            if not (qualifier == "at_least" and named == "about"):
                qualifier = named
        elif qualifier == "exact" and (right := _RIGHT.match(folded, last)) and right.lastgroup:
            qualifier = right.lastgroup  # type: ignore[assignment]
        if qualifier == "at_least":
            high = None
        elif qualifier == "at_most":
            low, high = None, value
        collective = magnitude > 1 or bool(match.group("group") or match.group("vague"))
        return Quantity(
            begin, last, (start, end), low, high, qualifier, unit, last, sign, magnitude, spelled, collective
        )


def _set(quantity: Quantity, low: float | None, high: float | None, qualifier: Qualifier) -> None:
    quantity.low, quantity.high, quantity.qualifier = low, high, qualifier


def _rescale(quantity: Quantity, factor: float) -> None:
    quantity.low = _line(quantity.low * factor) if quantity.low is not None else None
    quantity.high = _line(quantity.high * factor) if quantity.high is not None else None
    quantity.magnitude *= factor


def _borrow(first: Quantity, second: Quantity) -> None:
    """Give a bare number the magnitude and unit of the one with which it shares its tail."""
    if first.magnitude == 1 and second.magnitude > 1 and first.value < 1000:
        _rescale(first, second.magnitude)
    elif first.magnitude == second.magnitude == 1 and second.unit and second.value % 1000 == 0:
        thousands = first.value < 1000 <= second.value and first.value * 1000 < second.value
        if thousands:  # "10 à 15 000 m²": ten thousand
            _rescale(first, 1000)
            first.magnitude = 1
    first.unit = second.unit
    first.tail = second.tail


def _tie(folded: str, found: list[Quantity]) -> list[Quantity]:
    """Ranges, changes and lists that share a tail, from right to left."""
    kept: list[Quantity] = []
    right: Quantity | None = None
    for left in reversed(found):
        if right is None or right.number[0] - left.end > 30 or right.number[0] < left.end:
            kept.append(left)
            right = left
            continue
        gap = folded[left.end : right.number[0]]
        before = folded[max(0, left.start - 8) : left.start]
        between = bool(re.search(r"\bentre +(?:les +)?$", before))
        bare = not left.unit
        share = bare and not _NOUN_AFTER.match(gap) if " et " not in gap else bare
        compatible = bare or left.unit == right.unit or not right.unit
        ranged = (
            compatible
            and left.sign == 0
            and re.fullmatch(r" ?- ?| +(?:a|ou|voire) +(?:quelque |environ )?|, +voire +(?:meme +)?", gap) is not None
        ) or (between and compatible and re.fullmatch(r" +et +", gap) is not None)
        if ranged:
            merged = _pair(folded, left, right, between, before)
            if merged is not None:
                kept[-1] = merged
                right = merged
                continue
            kept.append(left)
            right = left
            continue
        if (
            share
            and right.unit
            and re.fullmatch(r"(?:,| et| puis| ou| et meme|, et| voire|, puis|,? puis a)(?: de| a| meme)* +", gap)
        ):
            _borrow(left, right)
            left.link = "list"
        kept.append(left)
        right = left
    return kept[::-1]


def _pair(folded: str, left: Quantity, right: Quantity, between: bool, before: str) -> Quantity | None:
    """A range as one quantity; None where the two are the ends of a change."""
    gap = folded[left.end : right.number[0]]
    if left.unit and not right.unit:
        right.unit = left.unit
        if left.magnitude > 1 and right.magnitude == 1:
            _rescale(right, left.magnitude)
    elif not left.unit:
        _borrow(left, right)
    a, b = left.value, right.high if right.high is not None else right.value
    opens = re.search(r"\bd(?:e +|')$", before) is not None
    clause = re.split(r"[.;:!?]", folded[max(0, left.start - 90) : left.start])[-1]
    change = _CHANGE_PERCENT if right.unit == "%" else _CHANGE
    if not between and opens and " a " in gap and (b < a or change.search(clause)):
        left.link, right.link = "from", "to"
        right.previous = left
        return None
    if b <= a or "et" in gap.split() and not between:
        return None
    sign = -1 if left.sign < 0 else 1
    low, high = sorted((sign * a, sign * b))
    _set(right, low, high, "range")
    right.sign = left.sign
    start = left.start
    if between or opens:
        words = re.search(r"\b(?:entre +(?:les +)?|d(?:e +|'))$", before)
        start -= len(words.group()) if words else 0
    right.start, right.number = start, (left.number[0], right.number[1])
    return right


def find_quantities(text: str, masks: Iterable[tuple[int, int]] = (), folded: str | None = None) -> list[Quantity]:
    """All quantities of a text, in order. ``masks`` are spans that are no figures (dates). Numbers without unit or
    noun are among them with ``unit`` "": what they count is told by the reader of figures."""
    folded = fold(text) if folded is None else folded
    scanner = _Scanner(text, folded, list(masks))
    return _tie(folded, scanner.scan())
