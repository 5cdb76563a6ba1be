"""Arithmetic: figures of one sentence, or of two neighbours, that contradict each other.

Only sums whose terms the text ties together are made ("soit", "dont", ":", "passer de … à …", "25 % des 35 projets"),
and only with values that the article gives as exact. Each value stands for the interval that its last written digit
leaves open, so that rounding raises no alarm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlp.components.clauses import sentences
from nlp.facts import Conflict, Figure
from nlp.folding import fold

#: how much of a value rounding may hide at most, where the article does not count one by one
ROUNDING = 0.025
_COUNTED = frozenset(("person", "unit"))
#: what one unit is in another
_CONVERSIONS = {("ha", "m2"): 1e4, ("kt", "t"): 1e3, ("GW", "MW"): 1e3, ("GWh", "MWh"): 1e3}
_PERIODS = {("month", "year"): (12.0, 12.0), ("day", "year"): (200.0, 366.0), ("day", "month"): (20.0, 31.0),
            ("hour", "day"): (7.0, 24.0)}  # fmt: skip
_SOIT = re.compile(
    r"\b(?:soit|c'est-a-dire|autrement dit|ce qui (?:fait|represente|equivaut))\b[ ,]*(?:[a-z']+ +){0,4}$"
)
_PARTS = re.compile(r" *(?::|, +dont\b|\bdont\b|, +(?:a savoir|reparti\w*)\b)")
_AND = re.compile(r"(?:,| et\b| puis\b|;| ainsi que\b)")
_WHOLE = re.compile(r"(?: +[a-z]+)? *(?:des|de ses|de leurs|sur|sur les)? *")
_PART = re.compile(r"(?: +[a-z]+){0,2} +(?:sur|des)(?: +les)? +")
_MORE = re.compile(r".{0,24}\bde (?:plus|moins)\b")
_EXHAUSTIVE = re.compile(r"\bde l[ae] (?:premier|premiere|second|seconde)\b")
_NO_SUM = re.compile(
    r"[.!?]|\b(?:contre|au lieu|alors que|tandis|apres|avant|sur les|supplementaires|en plus|s'ajoutent)\b"
)


@dataclass(frozen=True, slots=True)
class _Value:
    """A figure with the interval that its rounding leaves open."""

    figure: Figure
    low: float
    high: float

    @property
    def stated(self) -> float:
        return self.figure.low if self.figure.low is not None else 0.0


def _value(figure: Figure) -> _Value | None:
    """A point value with its rounding; None for bounds, ranges and approximations."""
    if figure.qualifier != "exact" or figure.low is None:
        return None
    value = figure.low
    if figure.unit in _COUNTED:
        half = 0.0
    else:
        digits = f"{abs(value):.10g}"
        if "e" in digits:
            half = abs(value) * ROUNDING
        else:
            decimals = len(digits.split(".")[1]) if "." in digits else 0
            zeros = 0 if decimals else len(digits) - len(digits.rstrip("0"))
            half = min(0.5 * 10.0 ** (zeros - decimals), abs(value) * ROUNDING if figure.unit != "%" else 0.5)
    return _Value(figure, value - half, value + half)


def _conflict(rule: str, stated: _Value, computed: float, others: list[_Value]) -> Conflict:
    evidence = (stated.figure.evidence, *(o.figure.evidence for o in others))
    return Conflict(rule=rule, stated=stated.stated, computed=round(computed, 2), evidence=evidence)


def _apart(stated: _Value, low: float, high: float) -> bool:
    return stated.high < low - 1e-9 or stated.low > high + 1e-9


def find(text: str, figures: list[Figure], folded: str | None = None) -> list[Conflict]:
    """The contradictions among the figures of one block, in the order of the text.

    ``figures`` are all tellings of the block, repeated ones too.
    """
    folded = fold(text) if folded is None else folded
    rows = sorted(figures, key=lambda f: f.evidence.start)
    spans = sentences(text) if rows else ()
    grouped: list[list[_Value]] = []
    position = 0
    for _, end in spans:
        group = []
        while position < len(rows) and rows[position].evidence.start < end:
            value = _value(rows[position])
            if value is not None:
                group.append(value)
            position += 1
        grouped.append(group)
    found: list[Conflict] = []
    for i, group in enumerate(grouped):
        found += _shares(folded, group, grouped[i - 1] if i else [])
        found += _changes(folded, group)
        found += _sums(folded, group, spans[i][1])
        found += _equivalences(folded, group)
    return found


def _head(of: str | None) -> str:
    return fold(of).split(" ")[0].rstrip("sx") if of else ""


def _shares(folded: str, group: list[_Value], before: list[_Value]) -> Iterator[Conflict]:
    """ "8 projets … Soit 25 % des 35 projets": the part, the share, the whole."""
    for i, share in enumerate(group):
        if share.figure.measure != "share":
            continue
        end = share.figure.evidence.end
        whole = next(iter(group[i + 1 : i + 2]), None)
        if whole is not None:
            between = folded[share.figure.evidence.start : whole.figure.evidence.start].split("%")[-1]
            if whole.figure.unit not in _COUNTED or not _WHOLE.fullmatch(between):
                whole = None
        if whole is not None and whole.stated > 0:
            parts = [p for p in [*before, *group[:i]] if p.figure.unit == whole.figure.unit
                     and (p.figure.unit == "person" or _head(p.figure.of) == _head(whole.figure.of))
                     and p.stated < whole.stated]  # fmt: skip
            said = _SOIT.search(folded[max(0, share.figure.evidence.start - 30) : share.figure.evidence.start])
            if parts and said:
                yield from _ratio(share, parts[-1], whole)
            continue
        # "38 des 160 salariés, soit 15 %"
        said = _SOIT.search(folded[max(0, share.figure.evidence.start - 30) : share.figure.evidence.start])
        if said and i >= 2 and end:
            part, total = group[i - 2], group[i - 1]
            between = folded[part.figure.evidence.start : total.figure.evidence.start]
            counted = part.figure.unit == total.figure.unit and part.figure.unit in _COUNTED
            if counted and 0 < part.stated < total.stated and re.search(r"\b(?:sur|des|sur les|de ses)\b", between):
                yield from _ratio(share, part, total)


def _ratio(share: _Value, part: _Value, whole: _Value) -> Iterator[Conflict]:
    computed = 100 * part.stated / whole.stated
    if _apart(share, computed - 0.5, computed + 0.5):
        yield _conflict("share of a whole", share, computed, [part, whole])


def _changes(folded: str, group: list[_Value]) -> Iterator[Conflict]:
    """ "passe de 45 à 62 millions, soit une hausse de 38 %", "de 30 à 50 salariés, soit 20 de plus"."""
    for first, second, third in zip(group, group[1:], group[2:], strict=False):
        if (
            first.figure.unit != second.figure.unit
            or first.figure.measure != second.figure.measure
            or first.stated == 0
        ):
            continue
        gap = folded[first.figure.evidence.start : second.figure.evidence.start]
        opened = re.search(r"\bde +$", folded[max(0, first.figure.evidence.start - 4) : first.figure.evidence.start])
        if not opened or not re.search(r" a +$", gap) or re.search(r"[,;]", gap):
            continue
        tail = folded[second.figure.evidence.end : third.figure.evidence.start]
        if not re.search(r"\bsoit\b", tail) or len(tail) > 60:
            continue
        if third.figure.measure == "growth":
            low = 100 * (second.low / first.high - 1)
            high = 100 * (second.high / first.low - 1)
            if _apart(third, low, high):
                yield _conflict("change in per cent", third, 100 * (second.stated / first.stated - 1), [first, second])
        elif third.figure.unit == first.figure.unit:
            more = _MORE.match(folded[third.figure.evidence.start : third.figure.evidence.end + 24])
            if more and _apart(third, abs(second.low - first.high), abs(second.high - first.low)):
                yield _conflict("difference", third, abs(second.stated - first.stated), [first, second])


def _sums(folded: str, group: list[_Value], end: int) -> Iterator[Conflict]:
    """ "44 licenciements : 29 à Tarbes et 17 à Colomiers"; "310 personnes, dont 240 à Loudéac et 85 à Pontivy"."""
    for i, total in enumerate(group[:-1]):
        if re.search(
            r"\b(?:sur|des|de ses|parmi)(?: +(?:l[ae]s|ses|leurs|un total de))? *$",
            folded[: total.figure.evidence.start][-24:],
        ):
            continue  # the whole of another sum, looked at from its part
        gap = folded[total.figure.evidence.end : group[i + 1].figure.evidence.start]
        if i + 1 < len(group) - 1 and _PART.fullmatch(gap):
            i += 1
        opening = folded[group[i].figure.evidence.end : group[i + 1].figure.evidence.start]
        mark = _PARTS.search(opening)
        if mark is None or len(opening) > 70 or _NO_SUM.search(opening):
            continue
        parts: list[_Value] = []
        last = group[i].figure.evidence.end
        for part in group[i + 1 :]:
            between = folded[last : part.figure.evidence.start]
            if (
                part.figure.unit != total.figure.unit
                or (part.figure.unit == "person" and part.figure.measure != total.figure.measure)
                or part.stated >= total.stated
                or (parts and not _AND.search(between))
            ):
                break
            if parts and _NO_SUM.search(between):
                break
            if parts and re.search(r"\bdont\b", between):
                break
            parts.append(part)
            last = part.figure.evidence.end
        if len(parts) < 2:
            continue
        low, high = sum(p.low for p in parts), sum(p.high for p in parts)
        computed = sum(p.stated for p in parts)
        complete = ":" in mark.group() or _EXHAUSTIVE.search(folded[total.figure.evidence.end : end]) is not None
        if _apart(total, low, high) and (complete or computed > total.stated):
            yield _conflict("sum of parts", total, computed, parts)


def _equivalences(folded: str, group: list[_Value]) -> Iterator[Conflict]:
    """ "5 000 euros par mois, soit 60 000 euros par an"; "12 hectares, soit 120 000 m²"."""
    for first, second in zip(group, group[1:], strict=False):
        between = folded[first.figure.evidence.end : second.figure.evidence.start]
        if len(between) > 40 or not re.search(r"\bsoit\b|\bc'est-a-dire\b|\bautrement dit\b", between):
            continue
        a, b = first.figure, second.figure
        factor = _CONVERSIONS.get((a.unit, b.unit)) or (
            1 / _CONVERSIONS[b.unit, a.unit] if (b.unit, a.unit) in _CONVERSIONS else None
        )
        if factor and _apart(second, first.low * factor, first.high * factor):
            yield _conflict("conversion", second, first.stated * factor, [first])
        elif a.unit == b.unit and a.per and b.per and a.per != b.per and a.measure == b.measure:
            bounds = _PERIODS.get((a.per, b.per))
            if bounds and _apart(second, first.low * bounds[0], first.high * bounds[1]):
                yield _conflict("per period", second, first.stated * bounds[1], [first])
