"""Two tellings compared: how surely do they tell of one project, and what speaks for and against.

Everything here is a function of the two tellings alone, the same whichever comes first, so that the order in which
days are loaded cannot matter. Points and thresholds stand in ``tie.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.tie_names import CONTAINED, SPELLING, WEAK, best, fold, name_form, same_title, small_words

FAMILIES = {
    "new_site": "sites", "expansion": "sites", "relocation": "sites", "infrastructure": "sites",
    "closure": "cuts", "restructuring": "cuts", "insolvency": "cuts",
    "acquisition": "deals", "partnership": "deals", "funding_round": "deals",
    "recruitment": "recruitment", "programme": "programme",
}  # fmt: skip
LADDER = ("considered", "negotiating", "announced", "approved", "under_way", "completed")

# Kinds that one project may be told as, one after the other or by different papers.
_FAMILY_PAIRS = {
    frozenset(p)
    for p in (
        ("new_site", "expansion"), ("new_site", "relocation"), ("new_site", "infrastructure"),
        ("expansion", "relocation"), ("expansion", "infrastructure"), ("relocation", "infrastructure"),
        ("closure", "restructuring"), ("acquisition", "partnership"),
    )
}  # fmt: skip
_SHIFT_PAIRS = {
    frozenset(p)
    for p in (("recruitment", "expansion"), ("recruitment", "new_site"), ("insolvency", "restructuring"),
              ("insolvency", "closure"), ("programme", "infrastructure"), ("closure", "relocation"))
}  # fmt: skip

# What became of a procedure: the takeover of the company.
OUTCOMES = {frozenset((cut, "acquisition")) for cut in ("insolvency", "closure", "restructuring")}
# Pairs of kinds that are compared at all, in both directions.
COMPARED = {
    (a, b) for a in FAMILIES for b in FAMILIES if a == b or frozenset((a, b)) in _FAMILY_PAIRS | _SHIFT_PAIRS | OUTCOMES
}

# Between the old name and the new one, so many words at most.
NAMES_APART = 8
# Measures whose value tells a project from its neighbours.
TELLING_MEASURES = frozenset(
    {"investment", "funding_round", "deal_value", "grant", "jobs_created", "jobs_cut", "jobs_saved", "area", "power",
     "energy", "output", "workforce", "amount", "count"}
)  # fmt: skip
# Of these one project has one total, so that another number speaks against it.
_TOTALS = frozenset({"investment", "deal_value", "jobs_created", "jobs_cut", "power", "energy"})


@dataclass(frozen=True)
class Carrier:
    """Who carries a project in one telling: all forms of its name in the article, and its kind."""

    names: tuple[str, ...]
    kind: str = "company"

    @property
    def public(self) -> bool:
        return self.kind in ("public_body", "association", "media")


@dataclass(frozen=True)
class FigureValue:
    """A figure of a telling."""

    measure: str
    low: float | None
    high: float | None
    unit: str
    qualifier: str = "exact"


@dataclass(frozen=True)
class Telling:
    """One article's telling of a project, as far as comparing needs it.

    ``context`` are the other organisations that the article is about or that take part in it; ``areas`` are folded
    names of places without a code; ``beside`` are all figures of the article; ``title`` and ``head`` (title, standfirst
    and announcing sentence) are folded, ``proper`` are the folded words of the title that have a capital;
    ``copy_group`` is the oldest article of its near-copies.
    """

    telling_id: str
    article_id: str
    url: str
    published_on: date
    kind: str
    status: str
    version_id: str = ""
    source_id: str = ""
    ordinal: int = 0
    sector: str | None = None
    name: str | None = None
    carriers: tuple[Carrier, ...] = ()
    context: tuple[Carrier, ...] = ()
    communes: frozenset[str] = frozenset()
    bodies: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    place_names: tuple[str, ...] = ()
    figures: tuple[FigureValue, ...] = ()
    beside: tuple[FigureValue, ...] = ()
    milestones: tuple[tuple[str, date | None, date | None], ...] = ()
    title: str = ""
    proper: frozenset[str] = frozenset()
    head: str = ""
    copy_group: str = ""
    vector: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)

    @property
    def order(self) -> tuple[date, str, int, str]:
        """Order of publication, then URL, then place in the article."""
        return (self.published_on, self.url, self.ordinal, self.telling_id)

    @property
    def family(self) -> str:
        return FAMILIES[self.kind]


@dataclass(frozen=True)
class Score:
    """Points for (and against) two tellings being one project, by witness."""

    points: Mapping[str, float]

    @property
    def total(self) -> float:
        return round(sum(self.points.values()), 3)

    @property
    def excludes(self) -> bool:
        """Whether a witness rules out one project, however much else agrees: another bidder, another round."""
        return any(self.points.get(witness, 0) < 0 for witness in ("other_side", "round", "contract"))

    @property
    def probability(self) -> float:
        """The total on a scale from 0 to 1 (0.5 at the edge of ``maybe``), for people to read."""
        return round(float(1 / (1 + np.exp(-(self.total - rules()["maybe"])))), 4)


@cache
def rules() -> dict[str, Any]:
    """``tie.toml``."""
    return tomllib.loads((files("warehouse") / "tie.toml").read_text(encoding="utf-8"))


def score(one: Telling, other: Telling, closeness: float | None = None) -> Score:
    """Compare two tellings of different articles. ``closeness``: the encoder's, 0 to 1, or None without one."""
    a, b = sorted((one, other), key=lambda t: t.order)
    points: dict[str, float] = {}
    points["kind"] = _kind(a, b)
    points |= _carriers(a, b)
    points["place"] = _places(a, b)
    if points["place"] == rules()["place"]["elsewhere"] and _one_matter(a, b, points):
        points["place"] = rules()["place"]["deal_elsewhere"]
    points["name"] = _name(a, b)
    if points.get("carrier") == rules()["carrier"]["differs"] and points["name"] > 0 and a.communes & b.communes:
        points["carrier"] = rules()["carrier"]["renamed"]
    agreeing = _figures(a, b, points)
    points["milestones"] = _milestones(a, b)
    points["time"] = _time(a, b, agreeing or points["name"] > 0)
    points["status"] = _status(a, b)
    points["sector"] = _sector(a, b)
    if a.copy_group and a.copy_group == b.copy_group:
        points["copy"] = rules()["copy"]["same"]
    points["unwitnessed"] = _unwitnessed(a, b, points)
    if closeness is not None:
        points["words"] = round((closeness - 0.5) * rules()["words"]["weight"], 3)
    return Score({k: v for k, v in points.items() if v})


def _unwitnessed(a: Telling, b: Telling, points: Mapping[str, float]) -> float:
    """What is missing where only carrier, kind and perhaps place agree."""
    rule = rules()["unwitnessed"]
    if any(points.get(witness, 0) > 0 for witness in ("name", "figures", "recalled", "beside", "second", "copy")):
        return 0.0
    lacking = 0.0
    days = (b.published_on - a.published_on).days
    if (
        days > rule["again_days"]
        and b.status in LADDER[:3]
        and a.family in rule["again_families"]
        and "near" not in points
    ):
        lacking += rule["again"]
    if a.kind in rule["kinds"] or b.kind in rule["kinds"]:
        lacking += rule["several"]
    if points["place"] == 0 and days > rule["news_days"]:
        lacking += rule["unplaced"]
    return lacking


def _kind(a: Telling, b: Telling) -> float:
    rule = rules()["kind"]
    pair = frozenset((a.kind, b.kind))
    if a.kind == b.kind:
        return float(rule["same"])
    if pair in _FAMILY_PAIRS:
        return float(rule["family"])
    if pair in _SHIFT_PAIRS:
        return float(rule["shift"])
    return float(rule["differs"])


def best_carrier(a: Carrier, b: Carrier) -> float:
    """How surely two carriers are one organisation, by all forms of their names."""
    return best(a.names, b.names)


def _carriers(a: Telling, b: Telling) -> dict[str, float]:
    rule = rules()["carrier"]
    companies_a = [c for c in a.carriers if not c.public]
    companies_b = [c for c in b.carriers if not c.public]
    if a.family == b.family == "deals" and {a.kind, b.kind} <= {"acquisition", "partnership"}:
        return _deal(a, b, companies_a, companies_b)
    if a.kind == b.kind == "funding_round" and _other_raiser(companies_a, companies_b):
        return {"carrier": rule["differs"]}
    pairs = sorted((best_carrier(x, y) for x in companies_a for y in companies_b), reverse=True)
    top = pairs[0] if pairs else 0.0
    if top >= WEAK:
        points = {"carrier": rule["equal"] * top}
        matched = sum(1 for x in companies_a if any(best_carrier(x, y) >= SPELLING for y in companies_b))
        if matched >= 2:
            points["second"] = rule["second"]
        if a.kind == b.kind == "insolvency" and top >= SPELLING:
            points["alone"] = rules()["kind"]["alone"]
        return points
    if companies_a and companies_b and (renamed(companies_a, companies_b, b) or renamed(companies_b, companies_a, a)):
        return {"carrier": rule["equal"] * CONTAINED}
    if companies_a and companies_b:
        # One project told by two of those who build it together: each is named in the other's article.
        cross = min(_in_context(companies_a, b), _in_context(companies_b, a))
        if cross >= CONTAINED or _titled(companies_a, companies_b, b) or _titled(companies_b, companies_a, a):
            return {"carrier": rule["context"]}
        if max(_in_context(companies_a, b), _in_context(companies_b, a)) >= CONTAINED:
            return {"carrier": rule["beside"]}
        return {"carrier": rule["differs"]}
    if companies_a or companies_b:
        named, silent = (companies_a, b) if companies_a else (companies_b, a)
        about = _in_context(named, silent) >= CONTAINED or any(names(c, silent.title) for c in named)
        return {"carrier": rule["context"]} if about else {}
    if any(best_carrier(x, y) >= SPELLING for x in a.carriers for y in b.carriers):
        return {"carrier": rule["public"]}
    return {}


def _titled(carriers: list[Carrier], others: list[Carrier], telling: Telling) -> bool:
    """Whether a title names the carriers of the other telling, not those of its own: these are hardly its subject."""
    return any(names(c, telling.title) for c in carriers) and not any(names(c, telling.title) for c in others)


def _other_raiser(one: list[Carrier], other: list[Carrier]) -> bool:
    """Whether two rounds have only an investor in common: whoever raises the money is named first, and alone where one
    company is named."""
    matched = [(x, y) for x in one for y in other if best_carrier(x, y) >= WEAK]
    return len(matched) == 1 and len(one) > 1 and len(other) > 1 and matched[0] != (one[0], other[0])


def renamed(old: Sequence[Carrier], new: Sequence[Carrier], telling: Telling) -> bool:
    """Whether the head of a telling of ``new`` says that ``old`` is its former name: "Armorica Mer (ex-Le Gouellec)",
    "Le Gouellec, rebaptisé Armorica Mer", "Le Gouellec devient Armorica Mer"."""
    words = telling.head.split()
    lists = marks()
    for before in _spans(old, words):
        start = before[0]
        while start and words[start - 1] in lists["small"]:
            start -= 1
        if start and words[start - 1] in lists["former"]:
            return True
        for now in _spans(new, words):
            first, last = sorted((before, now))
            between = words[first[1] : last[0]]
            if first == before and len(between) == 1 and between[0] in lists["becomes"]:
                return True
            around = words[max(0, first[0] - 3) : last[0]]
            if len(between) <= NAMES_APART and any(w in lists["renames"] for w in around):
                return True
    return False


def _spans(carriers: Sequence[Carrier], words: Sequence[str]) -> list[tuple[int, int]]:
    """Where a carrier's name stands in a head: first word, and the one after the last."""
    found = []
    for form in {name_form(name) for carrier in carriers for name in carrier.names}:
        # A head has the whole name, or what is telling in it ("Le Gouellec" for the Conserveries Le Gouellec).
        for name in {form.core, tuple(w for w in form.core if w in form.telling)}:
            if any(len(w) >= 4 for w in name if w in form.telling):
                size = len(name)
                found += [(i, i + size) for i in range(len(words) - size + 1) if tuple(words[i : i + size]) == name]
    return sorted(set(found))


@cache
def marks() -> dict[str, frozenset[str]]:
    """Words by which a head tells that a company changed its name, folded (``tie.toml``), and small words."""
    told = {key: frozenset(text.split()) for key, text in rules()["renaming"].items()}
    return told | {"small": small_words()}


def names(carrier: Carrier, title: str) -> bool:
    """Whether a folded title names a carrier by all words of one of its forms."""
    words = set(title.split())
    forms = [name_form(name) for name in carrier.names]
    return any(any(len(w) >= 4 for w in f.telling) and set(f.core) <= words for f in forms)


def _in_context(carriers: list[Carrier], telling: Telling) -> float:
    others = (*telling.context, *telling.carriers)
    return max((best_carrier(c, o) for c in carriers for o in others), default=0.0)


def _deal(a: Telling, b: Telling, companies_a: list[Carrier], companies_b: list[Carrier]) -> dict[str, float]:
    """Acquirer first, then target. Two deals are one only if nobody on either side contradicts it."""
    rule = rules()["carrier"]
    if not companies_a or not companies_b:
        named, silent = (companies_a, b) if companies_a else (companies_b, a)
        return {"carrier": rule["context"]} if named and _in_context(named, silent) >= CONTAINED else {}
    matched = [(x, y) for x in companies_a for y in companies_b if best_carrier(x, y) >= WEAK]
    if _both_parties(a, b, companies_a, companies_b):
        return {"carrier": rule["equal"] * CONTAINED, "second": rule["second"], "alone": rules()["kind"]["alone"]}
    if not matched:
        return {"carrier": rule["differs"]}
    strength = max(best_carrier(x, y) for x, y in matched)
    left = {x.names for x, _ in matched}
    right = {y.names for _, y in matched}
    points = {"carrier": rule["equal"] * strength}
    if len(left) >= 2 and len(right) >= 2:
        return points | {"second": rule["second"], "alone": rules()["kind"]["alone"]}
    # One side agrees. If both name another one besides, bidder or target differs, unless the article knows it.
    rest_a = [c for c in companies_a if c.names not in left]
    rest_b = [c for c in companies_b if c.names not in right]
    if len(companies_a) != len(companies_b) and "acquisition" in (a.kind, b.kind):
        # Only the buyer agrees: the one company of the one telling is not the target of the other.
        (single, several) = (companies_a, companies_b) if len(companies_a) == 1 else (companies_b, companies_a)
        if len(single) == 1 and best_carrier(single[0], several[-1]) < WEAK:
            points["carrier"] *= rule["acquirer_only"]
    for one, other, rest in ((a, b, rest_b), (b, a, rest_a)):
        # "Castagne passe sous le contrôle de Valdrin" gives Castagne alone: no other's bid for it is meant.
        titled = [c for c in one.context if not c.public and names(c, one.title)]
        if rest and titled and not any(_in_context([c], other) >= CONTAINED for c in titled):
            return points | {"other_side": rule["acquirer_differs"]}
    if rest_a and rest_b:
        known = _in_context(rest_a, b) >= CONTAINED or _in_context(rest_b, a) >= CONTAINED
        return points if known else points | {"other_side": rule["acquirer_differs"]}
    return points


def _both_parties(a: Telling, b: Telling, companies_a: list[Carrier], companies_b: list[Carrier]) -> bool:
    """Whether two deals have the same two parties, though one of them stands in a title alone."""

    def knows(telling: Telling, own: list[Carrier], carrier: Carrier) -> bool:
        return names(carrier, telling.title) or any(best_carrier(carrier, c) >= CONTAINED for c in own)

    if not all(knows(b, companies_b, c) for c in companies_a) or not all(knows(a, companies_a, c) for c in companies_b):
        return False
    parties: list[Carrier] = []
    for carrier in (*companies_a, *companies_b):
        if all(best_carrier(carrier, known) < CONTAINED for known in parties):
            parties.append(carrier)
    return len(parties) >= 2


def _one_matter(a: Telling, b: Telling, points: Mapping[str, float]) -> bool:
    """A deal between the same two, or the procedure against one company of a region, is one wherever it is told of."""
    if a.kind != b.kind:
        return False
    if a.kind == "acquisition":
        return "second" in points
    return (
        a.kind == "insolvency"
        and points.get("carrier", 0) >= rules()["carrier"]["equal"] * SPELLING
        and bool(a.regions & b.regions)
    )


def _places(a: Telling, b: Telling) -> float:
    rule = rules()["place"]
    if a.communes & b.communes:
        return float(rule["commune"])
    if a.communes and b.communes:
        if a.bodies & b.bodies:
            return float(rule["body"])
        return float(rule["elsewhere"])
    if a.areas and b.areas and _areas_agree(a.areas, b.areas):
        return float(rule["area"])
    if (a.areas and b.communes and _area_of(a, b)) or (b.areas and a.communes and _area_of(b, a)):
        return float(rule["area"])
    if a.departments and b.departments:
        if not a.departments & b.departments:
            return float(rule["elsewhere"])
        return float(rule["inside"] if a.communes or b.communes else rule["department"])
    if a.regions and b.regions:
        if not a.regions & b.regions:
            return float(rule["elsewhere"])
        return float(rule["inside"] / 2)
    return 0.0


def places_meet(one: Telling, other: Telling) -> bool | None:
    """True where two tellings are at one place, False where they cannot be, None where nobody knows."""
    points = _places(one, other)
    if points == 0:
        return None
    return points > 0


def _areas_agree(one: frozenset[str], other: frozenset[str]) -> bool:
    return any(
        x == y or set(x.split()) <= set(y.split()) or set(y.split()) <= set(x.split()) for x in one for y in other
    )


def _area_of(area: Telling, commune: Telling) -> bool:
    """Whether an area goes by a commune's name ("plateforme de Lacq", "le bassin lacquois" not)."""
    words = {w for text in area.areas for w in text.split()}
    return any(set(fold(name).split()) <= words for name in commune.place_names)


def _name(a: Telling, b: Telling) -> float:
    rule = rules()["name"]
    if not a.name or not b.name:
        named, other = (a, b) if a.name else (b, a)
        return float(rule["head"]) if named.name and _in_head(named.name, other.head) else 0.0
    return float(rule["same"] if same_title(a.name, b.name) else rule["differs"])


def _in_head(name: str, head: str) -> bool:
    """Whether a project's own name (no trade word, five letters at least) stands in another article's head."""
    form = name_form(name)
    return any(len(w) >= 5 for w in form.telling) and f" {fold(name)} " in f" {head} "


def agree(x: FigureValue, y: FigureValue) -> bool | None:
    """Whether two figures of one measure can be one value; None where their units differ.

    A vague figure leaves room: "une centaine" (about) a tenth, "plus de 40" (at_least) up to half as much again.
    """
    if x.unit != y.unit:
        return None
    a, b = _span(x), _span(y)
    return a[0] <= b[1] and b[0] <= a[1]


def _span(f: FigureValue) -> tuple[float, float]:
    low, high = f.low, f.high
    if low is None and high is None:
        return (float("-inf"), float("inf"))
    if low is None:
        assert high is not None
        return (high * 0.5, high)
    if high is None:
        return (low, low * 1.5)
    slack = 0.1 if f.qualifier == "about" else 0.005
    return (low * (1 - slack), high * (1 + slack))


def _figures(a: Telling, b: Telling, points: dict[str, float]) -> bool:
    """Adds the figures' points; returns whether any figure agrees."""
    rule = rules()["figures"]
    agreeing = recalled = differing = near = 0
    for measure in sorted({f.measure for f in a.figures} & {f.measure for f in b.figures} & TELLING_MEASURES):
        if _any_agree(a.figures, b.figures, measure):
            agreeing += 1
        elif measure == "funding_round" and a.kind == b.kind == "funding_round":
            points["round"] = rule["round_differs"]
        elif _any_agree(a.figures, b.beside, measure) or _any_agree(b.figures, a.beside, measure):
            # "62 M€, contre 45 annoncés": the article that revises a figure gives the one it replaces.
            recalled += 1
        elif measure == "deal_value" and a.kind == b.kind == "partnership":
            points["contract"] = rule["contract_differs"]
        elif measure in _TOTALS and not _revised(a, b, measure, rule["revised"]):
            differing += 1
        elif measure in _TOTALS and _revised(a, b, measure, rule["close"]):
            near += 1
    if agreeing:
        points["figures"] = min(rule["most"], rule["first"] + (agreeing - 1) * rule["further"])
    if not agreeing and _sum_beside(a, b):
        points["beside"] = rule["beside"]
    if near and not agreeing and not differing:
        points["near"] = rule["near"]
    if recalled:
        points["recalled"] = rule["recalled"]
    if differing:
        points["figures_differ"] = max(rule["least"], differing * rule["differs"])
    return bool(agreeing or recalled)


def _sum_beside(a: Telling, b: Telling) -> bool:
    """A sum in euros that the one's project carries and the other's article states, though not of a project."""
    for one, other in ((a, b), (b, a)):
        held = {f.measure for f in other.figures}
        for f in one.figures:
            if f.unit == "EUR" and f.measure not in held and _any_agree((f,), other.beside, f.measure):
                return True
    return False


def _any_agree(one: tuple[FigureValue, ...], other: tuple[FigureValue, ...], measure: str) -> bool:
    return any(agree(x, y) for x in one if x.measure == measure for y in other if y.measure == measure)


def _revised(a: Telling, b: Telling, measure: str, share: float) -> bool:
    """Whether the one figure is the other revised, up or down, by no more than ``share`` of the lower one."""
    for x in (f for f in a.figures if f.measure == measure):
        for y in (f for f in b.figures if f.measure == measure and f.unit == x.unit):
            (low, _), (_, high) = sorted((_span(x), _span(y)))
            if low > 0 and high / low <= 1 + share:
                return True
    return False


def _milestones(a: Telling, b: Telling) -> float:
    rule = rules()["milestones"]
    agreeing = differing = False
    for name, start, end in a.milestones:
        for other, other_start, other_end in b.milestones:
            if name != other or name == "announcement":
                continue
            overlap = (start or date.min) <= (other_end or date.max) and (other_start or date.min) <= (end or date.max)
            if overlap:
                agreeing = True
            elif _years_apart(start or end, other_start or other_end) > 2.5:
                differing = True
    if agreeing:
        return float(rule["agree"])
    return float(rule["differs"]) if differing else 0.0


def _years_apart(one: date | None, other: date | None) -> float:
    return abs((one - other).days) / 365.25 if one and other else 0.0


def _time(a: Telling, b: Telling, witnessed: bool) -> float:
    """Tellings far apart in time need another witness (a name, a figure)."""
    rule = rules()["time"]
    months = min(rule["months"][a.kind], rule["months"][b.kind])
    apart = (b.published_on - a.published_on).days / 30.44
    if witnessed:
        months *= 2
    if apart > 2 * months:
        return float(rule["very_late"])
    return float(rule["late"]) if apart > months else 0.0


def _status(a: Telling, b: Telling) -> float:
    """``a`` was published first: what is done cannot be announced later, nor can what was done long ago be what is
    still to come."""
    regress = float(rules()["status"]["regress"])
    gap = (b.published_on - a.published_on).days
    if a.status == "completed" and b.status in LADDER[:-1] and gap > (14 if b.status in LADDER[:3] else 60):
        return regress
    for done, other in ((a, b), (b, a)):
        if done.status != "completed":
            continue
        days = [end or start for name, start, end in done.milestones if name in ("completion", "opening")]
        ago = max(((other.published_on - day).days for day in days if day is not None), default=0)
        # Told as done, too: then as news of its own day, unless it gives an old date itself.
        news = other.status == "completed" and not any((end or start) for _, start, end in other.milestones)
        if ago > 90 and other.status != "completed" or ago > 400 and news:
            return regress
    return 0.0


def _sector(a: Telling, b: Telling) -> float:
    if not a.sector or not b.sector:
        return 0.0
    return float(rules()["sector"]["same"] if a.sector == b.sector else rules()["sector"]["differs"])


def contradicts(one: Telling, other: Telling) -> bool:
    """Whether two records of one article are two projects, as they should be. Only where kind and status are the same,
    carriers and communes of the one are among those of the other, and no figure differs, is it one recorded twice."""
    if (one.kind, one.status, one.name) != (other.kind, other.status, other.name):
        return True
    carriers = [{c.names for c in t.carriers} for t in (one, other)]
    if carriers[0] != carriers[1] and (one.family == "deals" or not _within(carriers[0], carriers[1])):
        return True
    if one.communes != other.communes and not _within(set(one.communes), set(other.communes)):
        return True
    points: dict[str, float] = {}
    _figures(one, other, points)
    return bool(points.get("figures_differ") or points.get("round") or _milestones(one, other) < 0)


def _within(one: set[Any], other: set[Any]) -> bool:
    """Whether one of two sets holds the other, and neither is empty."""
    return bool(one and other) and (one <= other or other <= one)
