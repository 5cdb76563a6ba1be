"""What changed in a project, when, according to whom; and which values stand.

Reports are read in order of publication, then URL. The rules (numbers in ``history.toml``):

* status climbs the ladder considered, negotiating, announced, approved, under way, completed; it never goes back
  because a paper tells an earlier stage. A delay or an end can come at any stage before completion; a project
  given up may be told as alive again later.
* an exact figure is not overwritten by a vague one that does not exclude it, nor any figure by a teaser's, nor by a
  near-copy of an older article.
* carrier, State and union are sides: where one disputes another's figure, both claims stand in ``conflicts`` and the
  carrier's stays. A later figure of the same side is a revision. What a side claims in an article that gives the
  project another figure, or none, counts as well where it can only be meant of this project.
* a milestone that moves is a step; one told more precisely is a step; one told more vaguely is none.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb

from warehouse.load import insert_rows
from warehouse.tie_names import CONTAINED, compare, fold, name_form
from warehouse.tie_rows import dicts, fresh_ids, set_scope, update_rows
from warehouse.tie_score import LADDER

_EXACTNESS = {"exact": 3, "range": 2, "about": 2, "at_least": 1, "at_most": 1}
# Headline figures are looked for in title, standfirst, then body.
_MILESTONES = ("start", "opening", "completion", "decision", "inquiry", "hearing", "offers_due")
# A number in a title: its thousands may stand apart.
_NUMBER = re.compile(r"\d{1,3}(?:[\s.]\d{3})+|\d+")
Row = dict[str, Any]


@cache
def rules() -> dict[str, Any]:
    """``history.toml``."""
    return tomllib.loads((files("warehouse") / "history.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Claim:
    """A figure as somebody states it in a report."""

    low: float | None
    high: float | None
    qualifier: str
    said_by: str | None
    side: str | None
    report: Row = field(compare=False, repr=False)
    evidence: tuple[int | None, int | None, int | None, str | None] = (None, None, None, None)

    @property
    def exactness(self) -> int:
        return _EXACTNESS.get(self.qualifier, 2)

    def allows(self, other: Claim) -> bool:
        """Whether the two can be one value."""
        one, two = self._span(), other._span()
        return one[0] <= two[1] and two[0] <= one[1]

    def _span(self) -> tuple[float, float]:
        low = float("-inf") if self.low is None else self.low
        high = float("inf") if self.high is None else self.high
        if self.qualifier == "about":
            low, high = low - abs(low) * rules()["figures"]["about"], high + abs(high) * rules()["figures"]["about"]
        return low, high

    def text(self) -> str:
        """As text: ``45000000``, ``15000000..20000000``, ``>=40000000``, ``<=5000000``, ``~100``."""
        if self.low is None or self.high is None:
            value = self.low if self.low is not None else self.high
            return f"{'>=' if self.low is not None else '<='}{number(value)}"
        if self.low == self.high:
            return f"{'~' if self.qualifier == 'about' else ''}{number(self.low)}"
        return f"{number(self.low)}..{number(self.high)}"


def number(value: float | None) -> str:
    """A number as text, without a decimal point where it is whole."""
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


@dataclass
class Project:
    """What the reports so far amount to."""

    project_id: str
    status: str | None = None
    status_at: date | None = None
    figures: dict[str, Claim] = field(default_factory=dict)
    others: dict[tuple[str, str], Row] = field(default_factory=dict)
    milestones: dict[str, tuple[date | None, date | None, Row, str | None]] = field(default_factory=dict)
    carriers: list[str] = field(default_factory=list)
    steps: list[Row] = field(default_factory=list)
    conflicts: list[Row] = field(default_factory=list)


def rebuild(connection: duckdb.DuckDBPyConnection, projects: Iterable[str], now: datetime) -> int:
    """Write history, latest state and conflicts of some projects anew. Returns the number of new steps.

    A step or state that is there already keeps its id and date; one that no longer follows is withdrawn or closed.
    """
    set_scope(connection, "scope_rebuilt", projects)
    reports = _reports(connection)
    codes = _codes(connection)
    steps: list[Row] = []
    states: list[Row] = []
    conflicts: list[Row] = []
    for project_id, rows in reports.items():
        project = follow(project_id, rows)
        steps += project.steps
        conflicts += project.conflicts
        states.append(_state(project, rows, codes))
    _write_states(connection, states, now)
    _write_conflicts(connection, conflicts, now)
    return _write_steps(connection, steps, now)


def _reports(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Row]]:
    """The reports of the projects in scope_rebuilt, in order of publication, then URL."""
    rows = dicts(
        connection.execute(
            "SELECT r.project_id, r.relation, t.*, a.published_on, coalesce(a.canonical_url, a.url, a.ident, "
            "a.article_id) AS url, coalesce(a.source_id, v.source, '') AS source_id, v.source, v.title, v.access, "
            "v.words, "
            "v.published_at, coalesce(n.copy_of, a.article_id) AS copy_group, n.relation AS copy_relation, "
            "coalesce(o.source_id, o.article_id, a.source_id, a.article_id) AS voice "
            "FROM store.project_reports r JOIN store.project_tellings t USING (telling_id) "
            "JOIN store.articles a ON a.article_id = t.article_id "
            "JOIN store.article_versions v ON v.version_id = t.version_id "
            "LEFT JOIN store.near_copies n ON n.article_id = a.article_id "
            "LEFT JOIN store.articles o ON o.article_id = coalesce(n.copy_of, a.article_id) "
            "WHERE r.project_id IN (SELECT id FROM scope_rebuilt) AND t.version_id = a.latest_version_id"
        )
    )
    kinds = _organisations(connection, {row["version_id"] for row in rows})
    people = _people(connection)
    claims = _claims(connection)
    for row in rows:
        stated, tellings = claims.get(row["version_id"], ([], []))
        row["of_others"] = {_values(claim) for claim in stated if _of_others(claim)}
        row["claims"] = _claims_on(row, stated, tellings)
        row["organisation_kinds"] = kinds.get(row["version_id"], {})
        row["people"] = people.get(row["version_id"], {})
    rows.sort(key=lambda r: (r["published_on"], r["url"], r["relation"] == "outcome", r["ordinal"], r["telling_id"]))
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["project_id"]].append(row)
    return grouped


def _organisations(connection: duckdb.DuckDBPyConnection, versions: set[str]) -> dict[str, dict[str, tuple[str, str]]]:
    """version -> name -> (kind, organisation_id)."""
    set_scope(connection, "scope_versions", versions)
    found: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for version, name, kind, ident in connection.execute(
        "SELECT m.version_id, m.name, m.kind, l.organisation_id FROM store.organisation_mentions m "
        "LEFT JOIN store.organisation_links l USING (mention_id) WHERE m.version_id IN (SELECT id FROM scope_versions)"
    ).fetchall():
        found[version][name] = (kind, ident)
    return found


def _people(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, list[Row]]]:
    found: dict[str, dict[str, list[Row]]] = defaultdict(dict)
    for version, name, roles in connection.execute(
        "SELECT version_id, name, roles FROM store.person_mentions WHERE version_id IN (SELECT id FROM scope_versions)"
    ).fetchall():
        found[version][name] = roles or []
    return found


def _claims(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[list[Row], list[Row]]]:
    """version -> the figures of the followed measures that somebody states, and the tellings of its article."""
    found: dict[str, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for row in dicts(
        connection.execute(
            "SELECT version_id, measure, low, high, unit, qualifier, said_by, subject, evidence_block, "
            "evidence_start, evidence_end, evidence_text, evidence_sentence FROM store.figure_facts "
            "WHERE version_id IN (SELECT id FROM scope_versions) AND said_by IS NOT NULL AND subject IS NOT NULL "
            "AND list_contains(?, measure) ORDER BY evidence_block, evidence_start, figure_id",
            [list(rules()["fields"])],
        )
    ):
        found[row["version_id"]][0].append(row)
    for row in dicts(
        connection.execute(
            "SELECT version_id, telling_id, organisations, list_transform(figures, f -> f.measure) AS measures "
            "FROM store.project_tellings WHERE version_id IN (SELECT id FROM scope_versions)"
        )
    ):
        found[row["version_id"]][1].append(row)
    return found


def _claims_on(report: Row, claims: Sequence[Row], tellings: Sequence[Row]) -> list[Row]:
    """The claims of an article that are made of a report's project though it does not hold them: of its carrier, and
    no other project of this carrier that has such a figure is told beside it."""
    held = {_values(figure) for figure in report["figures"]} | report["of_others"]
    found = []
    for claim in claims:
        if _values(claim) in held:
            continue
        of_carrier = [t for t in tellings if any(compare(claim["subject"], o) >= CONTAINED for o in t["organisations"])]
        meant = [t for t in of_carrier if claim["measure"] in t["measures"]] or of_carrier
        if [t["telling_id"] for t in meant] == [report["telling_id"]]:
            found.append(claim)
    return found


def _values(figure: Row) -> tuple[Any, ...]:
    return figure["measure"], figure["low"], figure["high"], figure["unit"]


def _of_others(claim: Row) -> bool:
    """Whether the words behind a figure say that it counts what is no part of the project ("200 emplois induits")."""
    _, _, after = (claim["evidence_sentence"] or "").partition(claim["evidence_text"])
    return bool(set(fold(after).split()[:3]) & set(rules()["figures"]["of_others"].split()))


def _codes(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Places of the reports in scope: (version, folded name) -> (kind, code); codes -> department, region."""
    places = {
        (version, fold(name)): (kind, code)
        for version, name, kind, code in connection.execute(
            "SELECT version_id, name, kind, code FROM store.place_mentions "
            "WHERE version_id IN (SELECT id FROM scope_versions)"
        ).fetchall()
    }
    set_scope(connection, "scope_codes", (code for _, code in places.values() if code))
    inside = {
        (level, code): (department, region)
        for level, code, department, region in connection.execute(
            "SELECT level, code, department_code, region_code FROM store.codes "
            "WHERE code IN (SELECT id FROM scope_codes) AND level IN ('commune', 'department')"
        ).fetchall()
    }
    return {"places": places, "inside": inside}


# ------------------------------------------------------------------------------------------------ following a project


def follow(project_id: str, reports: Sequence[Row]) -> Project:
    """Read the reports of one project in their order."""
    project = Project(project_id)
    groups: set[str] = set()
    for report in reports:
        # A copy repeats its original: it adds what is new in it (an update), it never takes back.
        copy = report["copy_group"] in groups
        groups.add(report["copy_group"])
        if project.status is None:
            _step(project, report, "told", None, report["kind"], said_by=report["said_by"])
        _follow_status(project, report)
        if report["relation"] == "outcome":
            continue
        weak = report["access"] == "teaser" or report["copy_relation"] == "teaser"
        _follow_figures(project, report, weak=weak, copy=copy)
        _follow_milestones(project, report, weak=weak)
        _follow_carriers(project, report, weak=weak or copy)
    return project


def _step(
    project: Project,
    report: Row,
    field_: str,
    before: str | None,
    after: str | None,
    *,
    said_by: str | None = None,
    side: str | None = None,
    evidence: tuple[int | None, int | None, int | None, str | None] | None = None,
) -> None:
    block, start, end, text = evidence or tuple(report[f"evidence_{k}"] for k in ("block", "start", "end", "text"))
    if text is None:
        block, start, end, text = (report[f"evidence_{k}"] for k in ("block", "start", "end", "text"))
    project.steps.append(
        {"project_id": project.project_id, "at": report["published_on"], "field": field_, "before": before,
         "after": after, "said_by": said_by, "side": side or _side(said_by, report), "article_id": report["article_id"],
         "telling_id": report["telling_id"], "evidence_block": block, "evidence_start": start, "evidence_end": end,
         "evidence_text": text}
    )  # fmt: skip


def _follow_status(project: Project, report: Row) -> None:
    told = report["status"]
    if report["relation"] == "outcome":
        # A takeover that is decided ends the procedure; a bid leaves it where it is.
        if told not in ("approved", "completed"):
            return
        told = "completed"
    if project.status is None:
        _step(project, report, "status", None, told, said_by=report["said_by"])
    elif told == project.status or not _may_follow(project, told, report["published_on"]):
        return
    else:
        _step(project, report, "status", project.status, told, said_by=report["said_by"])
    project.status, project.status_at = told, report["published_on"]


def _may_follow(project: Project, told: str, at: date) -> bool:
    now = project.status
    assert now is not None and project.status_at is not None
    if told == "cancelled":
        return now != "completed"
    if told == "delayed":
        return now not in ("completed", "cancelled")
    if now == "delayed":
        return told in ("approved", "under_way", "completed")
    if now == "cancelled":
        return bool((at - project.status_at).days >= rules()["status"]["revival_days"])
    return LADDER.index(told) > LADDER.index(now)


def _figures_told(report: Row, measure: str) -> list[Row]:
    unit = rules()["units"][measure]
    return [f for f in report["figures"] if f["measure"] == measure and f["unit"] == unit]


def headline(report: Row, measure: str) -> Row | None:
    """The figure of a measure that a report puts forward: in the title, then the standfirst, then first in the text.

    "À la clé, 120 emplois, 80 la première année": the total comes first or stands in the head.
    """
    found = _figures_told(report, measure)
    if not found:
        return None

    def position(figure: Row) -> tuple[int, int]:
        block = figure["evidence_block"]
        return (block if block is not None else 10_000, figure["evidence_start"] or 0)

    best: Row = min(enumerate(found), key=lambda pair: (*position(pair[1]), pair[0]))[1]
    return best


def _claim(figure: Row, report: Row) -> Claim:
    said_by = figure["said_by"] or report["said_by"]
    return Claim(
        figure["low"], figure["high"], figure["qualifier"] or "exact", said_by, _side(said_by, report), report,
        tuple(figure[f"evidence_{k}"] for k in ("block", "start", "end", "text")),
    )  # fmt: skip


def _follow_figures(project: Project, report: Row, *, weak: bool, copy: bool) -> None:
    for measure, field_ in rules()["fields"].items():
        figure, current = headline(report, measure), project.figures.get(measure)
        if figure is None:
            # A side may answer in one article to what another article told.
            if current is not None and not copy and _days(current, report) <= rules()["figures"]["disagree_days"]:
                _disputed(project, measure, current, report, [])
            continue
        claim = _put_forward(_claim(figure, report), report)
        told = [f for f in _figures_told(report, measure) if f is not figure and _values(f) not in report["of_others"]]
        others = [_claim(f, report) for f in told]
        if not copy:
            _disputed(project, measure, claim, report, others)
        if current is None:
            _step(project, report, field_, None, claim.text(), said_by=claim.said_by, side=claim.side,
                  evidence=claim.evidence)  # fmt: skip
            project.figures[measure] = claim
            continue
        # A first phase or a maximum told before the value that stands is no revision of it, unless the head says so.
        in_head = claim.evidence[0] is not None and claim.evidence[0] < 0
        if not in_head and any((o.low, o.high) == (current.low, current.high) for o in others):
            continue
        if not _overrules(project, measure, claim, current, weak=weak, copy=copy):
            continue
        _step(project, report, field_, current.text(), claim.text(), said_by=claim.said_by, side=claim.side,
              evidence=claim.evidence)  # fmt: skip
        project.figures[measure] = claim
    for figure in report["figures"]:
        if figure["measure"] in rules()["fields"]:
            continue
        key = (figure["measure"], figure["unit"])
        held = project.others.get(key)
        if held is None or _replaces(figure, held, report, weak=weak):
            project.others[key] = figure | {"article_id": report["article_id"]}


def _put_forward(claim: Claim, report: Row) -> Claim:
    """A number of people that the title gives is the paper's, though a union or an authority repeats it in the text
    ("On nous parle de 147 postes, c'est plutôt 230 familles")."""
    if claim.side not in ("union", "state") or claim.low != claim.high:
        return claim
    titled = {int(re.sub(r"\D", "", found)) for found in _NUMBER.findall(report["title"] or "")}
    return replace(claim, said_by=None, side=None) if claim.low in titled else claim


def _days(claim: Claim, report: Row) -> int:
    days: int = (report["published_on"] - claim.report["published_on"]).days
    return days


def _disputed(project: Project, measure: str, claim: Claim, report: Row, others: Sequence[Claim]) -> None:
    """Put down who contradicts ``claim`` in a report: by another figure of the project, or by one beside it."""
    if measure in rules()["figures"]["shared"]:
        return
    unit = rules()["units"][measure]
    beside = [_claim(f, report) for f in report["claims"] if f["measure"] == measure and f["unit"] == unit]
    for other in (*others, *beside):
        if _dispute(claim, other):
            _conflict(project, "sides", measure, claim, other)


def _dispute(one: Claim, other: Claim) -> bool:
    """Whether State or union contradicts another side. Who speaks for no side (the paper, an expert) relays."""
    sides = {one.side, other.side}
    return len(sides) == 2 and bool(sides & {"union", "state"}) and not one.allows(other) and _apart(one, other)


def _replaces(figure: Row, held: Row, report: Row, *, weak: bool) -> bool:
    """For measures that are not followed: the latest that is not vaguer stands, the first of an article."""
    if weak or held["article_id"] == report["article_id"]:
        return False
    return _EXACTNESS.get(figure["qualifier"], 2) >= _EXACTNESS.get(held["qualifier"], 2)


def _overrules(project: Project, measure: str, claim: Claim, current: Claim, *, weak: bool, copy: bool) -> bool:
    if (claim.low, claim.high) == (current.low, current.high) and claim.qualifier == current.qualifier:
        return False
    if claim.allows(current):
        # The same value told more exactly is news; told more vaguely it is not.
        return claim.exactness > current.exactness and not weak
    if weak:
        return False
    days = (claim.report["published_on"] - current.report["published_on"]).days
    if _dispute(claim, current) and days <= rules()["figures"]["disagree_days"]:
        _conflict(project, "sides", measure, current, claim)
        return current.side in ("union", "state") and claim.side not in ("union", "state")
    if days == 0 and claim.report["source_id"] != current.report["source_id"] and not copy:
        # Two papers of one day: neither is the later word. The more exact stands, both are shown.
        _conflict(project, "sources", measure, current, claim)
        return claim.exactness > current.exactness
    return claim.exactness >= current.exactness or not _near(claim, current)


def _apart(one: Claim, other: Claim) -> bool:
    a, b = _middle(one), _middle(other)
    share: float = rules()["figures"]["disagree"]
    return abs(a - b) > share * max(abs(a), abs(b))


def _near(one: Claim, other: Claim) -> bool:
    a, b = _middle(one), _middle(other)
    share: float = rules()["figures"]["about"]
    return abs(a - b) <= share * max(abs(a), abs(b))


def _middle(claim: Claim) -> float:
    ends = [v for v in (claim.low, claim.high) if v is not None]
    return sum(ends) / len(ends) if ends else 0.0


def _conflict(project: Project, rule: str, measure: str, one: Claim, other: Claim) -> None:
    ident = hashlib.sha256(
        "|".join([project.project_id, rule, measure, one.report["article_id"], other.report["article_id"], one.text(),
                  other.text()]).encode()
    ).hexdigest()[:16]  # fmt: skip
    project.conflicts.append(
        {"conflict_id": f"c-{ident}", "project_id": project.project_id, "rule": rule, "measure": measure,
         "stated": _middle(one), "computed": _middle(other), "said_by": one.said_by, "other_said_by": other.said_by,
         "article_id": one.report["article_id"], "other_article_id": other.report["article_id"],
         "evidence_text": one.evidence[3], "other_evidence_text": other.evidence[3]}
    )  # fmt: skip


def _side(said_by: str | None, report: Row) -> str | None:
    """Which side a speaker is on: carrier, state, union or other; None where the article speaks for itself."""
    if not said_by:
        return None
    carriers = report["organisations"]
    titles = report["people"].get(said_by, [])
    employers = [role["organisation"] for role in titles if role["organisation"]]
    words = set(fold(said_by).split()) | {w for role in titles for w in fold(role["title"]).split()}
    words |= {w for name in employers for w in fold(name).split()}
    lists = {side: set(text.split()) for side, text in rules()["sides"].items()}
    if words & lists["manager"]:
        words -= {"delegue", "deleguee"}
    if words & lists["union"]:
        return "union"
    if any(compare(name, carrier) >= CONTAINED for name in (said_by, *employers) for carrier in carriers):
        return "carrier"
    kinds = [report["organisation_kinds"].get(name, (None, None))[0] for name in (said_by, *employers)]
    if "public_body" in kinds or words & lists["state"]:
        return "state"
    return "other"


def _follow_milestones(project: Project, report: Row, *, weak: bool) -> None:
    for milestone in report["milestones"]:
        name = milestone["milestone"]
        if name not in _MILESTONES:
            continue
        start, end = milestone["from"], milestone["to"]
        held = project.milestones.get(name)
        if held is not None:
            if (held[0], held[1]) == (start, end) or weak:
                continue
            if _overlap(held[:2], (start, end)) and not _narrower((start, end), held[:2]):
                continue
        evidence = tuple(milestone[f"evidence_{k}"] for k in ("block", "start", "end", "text"))
        before = _interval(held[0], held[1]) if held else None
        _step(project, report, name, before, _interval(start, end), said_by=report["said_by"], evidence=evidence)
        project.milestones[name] = (start, end, report, milestone["evidence_text"])


def _interval(start: date | None, end: date | None) -> str:
    return f"{start.isoformat() if start else ''}/{end.isoformat() if end else ''}"


def _overlap(one: Sequence[date | None], other: Sequence[date | None]) -> bool:
    return (one[0] or date.min) <= (other[1] or date.max) and (other[0] or date.min) <= (one[1] or date.max)


def _narrower(one: Sequence[date | None], other: Sequence[date | None]) -> bool:
    """Whether ``one`` lies inside ``other`` and says more."""
    inside = (one[0] or date.min) >= (other[0] or date.min) and (one[1] or date.max) <= (other[1] or date.max)
    return inside and tuple(one) != tuple(other)


def _follow_carriers(project: Project, report: Row, *, weak: bool) -> None:
    """Another company that carries the project is a step; funders, customers and authorities come and go."""
    if report["kind"] in ("funding_round", "partnership"):
        return
    told = [
        o for o in report["organisations"] if report["organisation_kinds"].get(o, ("company", None))[0] == "company"
    ]
    fresh = [o for o in told if all(compare(o, k) < CONTAINED for k in project.carriers)]
    if not project.carriers:
        project.carriers = told
    elif fresh and not weak and not any(_titled(o, report) for o in project.carriers):
        _step(project, report, "carrier", " ; ".join(project.carriers), " ; ".join(told), said_by=report["said_by"])
        project.carriers = [*project.carriers, *fresh]


def _titled(name: str, report: Row) -> bool:
    """Whether the title is about a carrier: then it has not changed, whoever else is named."""
    words = set(fold(report["title"] or "").split())
    form = name_form(name)
    return bool(form.telling) and set(form.core) <= words


# ------------------------------------------------------------------------------------------------ latest state


def _state(project: Project, reports: Sequence[Row], codes: Mapping[str, Any]) -> Row:
    told = [r for r in reports if r["relation"] == "told"] or list(reports)
    communes, departments, regions, places = _where(told, codes)
    organisations, ids = _who(told)
    first, last = reports[0], reports[-1]
    state: Row = {
        "project_id": project.project_id,
        "name": _most_told([r["name"] for r in told]),
        "kind": _most_told([r["kind"] for r in told]),
        "status": project.status,
        "sector": _most_told([r["sector"] for r in told]),
        "organisations": organisations,
        "organisation_ids": ids,
        "places": places,
        "commune_codes": communes,
        "department_codes": departments,
        "region_codes": regions,
        "figures": _figures_of(project),
        "milestones": [
            {"milestone": name, "from": start, "to": end, "article_id": report["article_id"], "evidence_text": text}
            for name, (start, end, report, text) in sorted(project.milestones.items())
        ],
        "first_told_at": first["published_on"],
        "last_told_at": last["published_on"],
        "first_told_by": first["source"] or first["source_id"],
        # The title that told a text first stands behind all its copies.
        "sources": len({r["voice"] for r in reports}),
        "reports": len({r["article_id"] for r in reports}),
    }
    for measure, column in (
        ("investment", "investment_eur"),
        ("jobs_created", "jobs_created"),
        ("jobs_cut", "jobs_cut"),
    ):
        claim = project.figures.get(measure)
        state[f"{column}_low"] = claim.low if claim else None
        state[f"{column}_high"] = claim.high if claim else None
    return state


def _most_told(values: Sequence[str | None]) -> str | None:
    """The value told most often; of equals the latest."""
    known = [v for v in values if v]
    if not known:
        return None
    counted = Counter(known)
    most = max(counted.values())
    return next(v for v in reversed(known) if counted[v] == most)


def _where(reports: Sequence[Row], codes: Mapping[str, Any]) -> tuple[list[str], list[str], list[str], list[str]]:
    names: list[str] = []
    communes: list[str] = []
    departments: list[str | None] = []
    regions: list[str | None] = []
    for report in reports:
        for name in report["places"]:
            if fold(name) not in {fold(n) for n in names}:
                names.append(name)
            kind, code = codes["places"].get((report["version_id"], fold(name)), ("area", None))
            if code is None:
                continue
            if kind == "commune":
                communes.append(code)
                department, region = codes["inside"].get(("commune", code), (None, None))
                departments.append(department or (code[:3] if code.startswith("97") else code[:2]))
                regions.append(region)
            elif kind == "department":
                departments.append(code)
                regions.append(codes["inside"].get(("department", code), (None, None))[1])
            elif kind == "region":
                regions.append(code)
    return _unique(communes), _unique(departments), _unique(regions), names


def _unique(values: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(v for v in values if v))


def _who(reports: Sequence[Row]) -> tuple[list[str], list[str]]:
    """Carriers, those that most reports name first, of equals in the order of the last report; then their ids.

    Two names of one report are two (a parent and its subsidiary); across reports the fuller form stands.
    """
    names: list[str] = []
    told: Counter[int] = Counter()
    ids: dict[str, None] = {}
    for report in reversed(reports):
        older = len(names)
        for name in report["organisations"]:
            ident = report["organisation_kinds"].get(name, (None, None))[1]
            if ident:
                ids.setdefault(ident)
            known = max(range(older), key=lambda i: (compare(name, names[i]), names[i] == name, -i), default=None)
            agreement = compare(name, names[known]) if known is not None else 0.0
            if known is None or agreement < CONTAINED:
                told[len(names)] += 1
                names.append(name)
                continue
            told[known] += 1
            if agreement == CONTAINED and len(name) > len(names[known]):
                names[known] = name
    order = sorted(range(len(names)), key=lambda i: -told[i])
    return list(dict.fromkeys(names[i] for i in order)), list(ids)


def _figures_of(project: Project) -> list[Row]:
    rows = [
        {"measure": measure, "low": c.low, "high": c.high, "unit": rules()["units"][measure], "qualifier": c.qualifier,
         "per": None, "said_by": c.said_by, "article_id": c.report["article_id"], "evidence_text": c.evidence[3]}
        for measure, c in project.figures.items()
    ]  # fmt: skip
    rows += [
        {
            k: f[k]
            for k in ("measure", "low", "high", "unit", "qualifier", "per", "said_by", "article_id", "evidence_text")
        }
        for f in project.others.values()
    ]
    return sorted(rows, key=lambda r: (r["measure"], r["unit"]))


# ------------------------------------------------------------------------------------------------ writing


def _write_steps(connection: duckdb.DuckDBPyConnection, steps: list[Row], now: datetime) -> int:
    """Steps keep their ids: the same article, field and value in the same project, or in one merged into it."""
    held: dict[tuple[str, str, str, str | None], list[Row]] = defaultdict(list)
    rows = dicts(
        connection.execute(
            "SELECT s.*, coalesce(p.merged_into, s.project_id) AS current_id FROM store.history_steps s "
            "LEFT JOIN store.projects p USING (project_id) "
            "WHERE coalesce(p.merged_into, s.project_id) IN (SELECT id FROM scope_rebuilt) "
            "OR s.project_id IN (SELECT id FROM scope_rebuilt) ORDER BY s.recorded_at, s.step_id"
        )
    )
    for row in rows:
        held[row["current_id"], row["article_id"], row["field"], row["after"]].append(row)
    used: set[str] = set()
    fresh: list[Row] = []
    changed: list[Row] = []
    for step in steps:
        key = (step["project_id"], step["article_id"], step["field"], step["after"])
        old = next((r for r in held[key] if r["step_id"] not in used), None)
        if old is None:
            fresh.append(step)
            continue
        used.add(old["step_id"])
        if old["withdrawn_at"] is not None or any(old[k] != v for k, v in step.items()):
            changed.append(step | {"step_id": old["step_id"], "recorded_at": old["recorded_at"], "withdrawn_at": None})
    parts = [(s["project_id"], s["article_id"], s["field"], s["after"] or "") for s in fresh]
    ids = fresh_ids(connection, "history_steps", "step_id", "s-", parts)
    insert_rows(
        connection, "history_steps", [s | {"step_id": i, "recorded_at": now} for s, i in zip(fresh, ids, strict=True)]
    )
    if changed:
        update_rows(connection, "history_steps", "step_id", [k for k in changed[0] if k != "step_id"], changed)
    gone = [r["step_id"] for r in rows if r["step_id"] not in used and r["withdrawn_at"] is None]
    if gone:
        set_scope(connection, "scope_gone", gone)
        connection.execute(
            "UPDATE store.history_steps SET withdrawn_at = ? WHERE step_id IN (SELECT id FROM scope_gone)", [now]
        )
    return len(fresh)


def _write_states(connection: duckdb.DuckDBPyConnection, states: list[Row], now: datetime) -> None:
    current = {
        row["project_id"]: row
        for row in dicts(
            connection.execute(
                "SELECT * FROM store.project_states WHERE superseded_at IS NULL "
                "AND project_id IN (SELECT id FROM scope_rebuilt)"
            )
        )
    }
    fresh = []
    for state in states:
        old = current.pop(state["project_id"], None)
        if old is not None and all(old[k] == v for k, v in state.items()):
            continue
        if old is not None:
            current[state["project_id"]] = old
        fresh.append(state | {"recorded_at": now})
    if current:
        set_scope(connection, "scope_closed", current)
        # Two states of one moment: the later replaces the earlier, which nobody can have seen.
        connection.execute(
            "DELETE FROM store.project_states WHERE superseded_at IS NULL AND recorded_at >= ? "
            "AND project_id IN (SELECT id FROM scope_closed)",
            [now],
        )
        connection.execute(
            "UPDATE store.project_states SET superseded_at = ? WHERE superseded_at IS NULL "
            "AND project_id IN (SELECT id FROM scope_closed)",
            [now],
        )
    insert_rows(connection, "project_states", fresh)


def _write_conflicts(connection: duckdb.DuckDBPyConnection, conflicts: list[Row], now: datetime) -> None:
    known = dict(
        connection.execute(
            "SELECT conflict_id, recorded_at FROM store.project_conflicts "
            "WHERE project_id IN (SELECT id FROM scope_rebuilt)"
        ).fetchall()
    )
    connection.execute("DELETE FROM store.project_conflicts WHERE project_id IN (SELECT id FROM scope_rebuilt)")
    insert_rows(
        connection,
        "project_conflicts",
        [c | {"recorded_at": known.get(c["conflict_id"], now)} for c in conflicts],
    )
