"""Tellings become projects: blocked, compared, clustered, tied to ids that stay.

What is tied is a function of all tellings and all analysts' judgements, not of the order in which they came: whenever
facts change, every cluster that they touch is made anew from the standing judgements. Ids are minted in order of
publication, then URL, and stay with the telling that they were minted from; a merge leaves a tombstone.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse.history import rebuild
from warehouse.judge import Standing, standing
from warehouse.load import insert_rows
from warehouse.resolve import named_in, resolve
from warehouse.sirene import number
from warehouse.store import transaction
from warehouse.tie_names import SPELLING, blocking_words
from warehouse.tie_rows import dicts, fresh_ids, read_tellings, set_scope, slots, update_rows
from warehouse.tie_score import (
    COMPARED,
    OUTCOMES,
    Score,
    Telling,
    best_carrier,
    contradicts,
    marks,
    names,
    places_meet,
    rules,
    score,
)
from warehouse.tie_words import Words

if TYPE_CHECKING:
    from warehouse.embed import Encoder
    from warehouse.store import Warehouse

# No two tellings further apart than this are compared.
WINDOW_DAYS = 2200
# A takeover within this time of the procedure is its outcome.
OUTCOME_DAYS = 730


@dataclass
class TieCounts:
    """What tying did, in numbers."""

    tellings: int = 0
    compared: int = 0
    tied: int = 0
    doubtful: int = 0
    new_projects: int = 0
    merged: int = 0
    new_steps: int = 0
    renamed: int = 0


def tie(warehouse: Warehouse, encoder: Encoder | None = None, *, day: date | None = None) -> TieCounts:
    """Tie the tellings of the versions in ``tie_queue``; one transaction, nothing to do where the queue is empty.

    With an ``encoder`` the closeness of two announcements' words is one witness more. With ``day`` what was first seen
    on a later logical day waits while that day's load is not recorded as completed: a day that a killed run loaded in
    part is tied when it is whole, so that the same ids are minted as without the kill.
    """
    connection = warehouse.connection
    counts = TieCounts()
    waiting = connection.execute(
        "SELECT DISTINCT q.article_id, q.version_id FROM store.tie_queue q "
        "LEFT JOIN store.article_versions v USING (version_id) "
        "WHERE ?::DATE IS NULL OR v.day IS NULL OR v.day <= ?::DATE "
        "OR v.day IN (SELECT day FROM store.runs WHERE stage = 'load' AND state = 'completed')",
        [day, day],
    ).fetchall()
    if not waiting:
        return counts
    with transaction(connection):
        articles = sorted({article for article, _ in waiting})
        _tie_articles(connection, articles, encoder, warehouse.now(), counts)
        set_scope(connection, "scope_done", (version for _, version in waiting))
        connection.execute("DELETE FROM store.tie_queue WHERE version_id IN (SELECT id FROM scope_done)")
    return counts


def _tie_articles(
    connection: duckdb.DuckDBPyConnection,
    articles: list[str],
    encoder: Encoder | None,
    now: datetime,
    counts: TieCounts,
) -> None:
    fresh = read_tellings(connection, articles)
    counts.tellings = len(fresh)
    inherited, gone = _reindex(connection, articles, fresh)
    judged = standing(connection)
    pairs = _candidates(connection, fresh)
    counts.compared = len(pairs)
    others = {t.telling_id: t for t in fresh}
    far = {article for _, _, article in pairs} - set(articles)
    others |= {t.telling_id: t for t in read_tellings(connection, far)}
    words = Words(connection, encoder)
    scored = _score(pairs, others, words)
    touched = _judge_by_rule(connection, articles, scored, now, counts)
    touched |= {t.telling_id for t in fresh} | gone | set(inherited.values())
    component = _component(connection, touched, judged)
    members = _members(connection, component)
    changed = _Clusters(connection, members, judged, inherited, now, counts).write(gone)
    renamed = resolve(connection, articles, changed, now)
    counts.renamed = len(renamed)
    number(connection, named_in(connection, articles))
    set_scope(connection, "scope_renamed", renamed)
    changed |= {
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT project_id FROM store.project_reports WHERE article_id IN (SELECT id FROM scope_renamed)"
        ).fetchall()
    }
    counts.new_steps = rebuild(connection, changed, now)


# ------------------------------------------------------------------------------------------------ index and blocking


def _reindex(
    connection: duckdb.DuckDBPyConnection, articles: list[str], fresh: Sequence[Telling]
) -> tuple[dict[str, str], set[str]]:
    """Write the index of the articles' tellings anew. Returns, for tellings whose words changed, which one of today
    stands for which of before, and all tellings of before that are gone."""
    set_scope(connection, "scope_tied", articles)
    before: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in dicts(
        connection.execute(
            "SELECT telling_id, article_id, kind, slot FROM store.telling_index "
            "WHERE article_id IN (SELECT id FROM scope_tied) ORDER BY telling_id"
        )
    ):
        before[row["article_id"]].append(row)
    today: dict[str, list[Telling]] = defaultdict(list)
    for telling in fresh:
        today[telling.article_id].append(telling)
    inherited: dict[str, str] = {}
    gone: set[str] = set()
    index: list[dict[str, Any]] = []
    for article, tellings in today.items():
        slot = slots(tellings)
        inherited |= _inherit(before[article], tellings, slot)
        index += [
            {"telling_id": t.telling_id, "version_id": t.version_id, "article_id": article, "kind": t.kind,
             "slot": slot[t.telling_id], "published_on": t.published_on} for t in tellings
        ]  # fmt: skip
    kept = {t.telling_id for t in fresh}
    gone = {row["telling_id"] for rows in before.values() for row in rows} - kept
    keys = [
        {
            "telling_id": t.telling_id,
            "article_id": t.article_id,
            "kind": t.kind,
            "published_on": t.published_on,
            "key": k,
        }
        for t in fresh
        for k in sorted(blocking_keys(t))
    ]
    for table in ("telling_index", "telling_keys"):
        connection.execute(f"DELETE FROM store.{table} WHERE article_id IN (SELECT id FROM scope_tied)")  # noqa: S608
    insert_rows(connection, "telling_index", index)
    insert_rows(connection, "telling_keys", keys)
    return inherited, gone


def _inherit(before: list[dict[str, Any]], tellings: list[Telling], slot: Mapping[str, str]) -> dict[str, str]:
    """today's telling_id -> that of before which it stands for: same slot, else same kind, else the only one."""
    ids = {t.telling_id for t in tellings}
    lost = [row for row in before if row["telling_id"] not in ids]
    new = [t for t in tellings if t.telling_id not in {row["telling_id"] for row in before}]
    found: dict[str, str] = {}
    for same in (lambda t, row: slot[t.telling_id] == row["slot"], lambda t, row: t.kind == row["kind"],
                 lambda _t, _row: len(lost) == 1 and len(new) == 1):  # fmt: skip
        for telling in new:
            if telling.telling_id in found:
                continue
            match = next((r for r in lost if r["telling_id"] not in found.values() and same(telling, r)), None)
            if match:
                found[telling.telling_id] = match["telling_id"]
    return found


def blocking_keys(telling: Telling) -> set[str]:
    """The keys under which a telling is looked up: the words of its carriers (``c:``), of the companies beside them and
    of a title that does not name them (``t:``, to be met by carriers only), the words of its name, and for a telling
    without companies its places."""
    words: set[str] = set()
    companies = [c for c in telling.carriers if not c.public]
    for carrier in companies or [c for c in telling.context if not c.public] or telling.carriers:
        for name in carrier.names:
            words |= blocking_words(name)
    keys = {f"c:{word}" for word in words}
    if companies:
        # Of those who build together one paper names this one, another that one: each stands in the other's article.
        beside = (n for carrier in telling.context if not carrier.public for n in carrier.names)
        keys |= {f"t:{word}" for name in beside for word in blocking_words(name)}
    if not any(names(carrier, telling.title) for carrier in companies) or _tells_of_a_name(telling):
        # A title that names another than the carrier: whoever is meant may have been missed, or was called so before.
        keys |= {f"t:{word}" for word in telling.title.split() if len(word) >= 5 and word in telling.proper}
    if telling.name:
        keys |= {f"n:{word}" for word in blocking_words(telling.name)}
    if not companies:
        keys |= {f"p:{code}" for code in telling.communes}
        keys |= {f"a:{area}" for area in telling.areas if not telling.communes}
    return keys


def _tells_of_a_name(telling: Telling) -> bool:
    """Whether a title says that a company has changed its name."""
    return bool(set(telling.title.split()) & (marks()["former"] | marks()["renames"] | marks()["becomes"]))


def _candidates(connection: duckdb.DuckDBPyConnection, fresh: Sequence[Telling]) -> list[tuple[str, str, str]]:
    """Pairs (fresh telling, other telling, the other's article) that share a key, in different articles."""
    set_scope(connection, "scope_fresh", (t.telling_id for t in fresh))
    insert_kinds = ", ".join(f"('{a}', '{b}')" for a, b in sorted(COMPARED))
    return connection.execute(
        f"""
        WITH kinds(a, b) AS (VALUES {insert_kinds}),
        mine AS (
            SELECT * EXCLUDE (key), unnest(CASE WHEN starts_with(key, 'c:') THEN [key, 't:' || key[3:]]
                                           WHEN starts_with(key, 't:') THEN ['c:' || key[3:]] ELSE [key] END) AS key
            FROM store.telling_keys WHERE telling_id IN (SELECT id FROM scope_fresh))
        SELECT DISTINCT m.telling_id, o.telling_id, o.article_id
        FROM mine m JOIN store.telling_keys o ON o.key = m.key AND o.article_id <> m.article_id
        JOIN kinds ON kinds.a = m.kind AND kinds.b = o.kind
        WHERE abs(date_diff('day', m.published_on, o.published_on)) <= {WINDOW_DAYS}
        """  # noqa: S608 (kinds are our own)
    ).fetchall()


# ------------------------------------------------------------------------------------------------ judgements by rule


@dataclass(frozen=True)
class _Verdict:
    left: str
    right: str
    kind: str
    decision: str
    score: Score


def _score(pairs: Iterable[tuple[str, str, str]], tellings: Mapping[str, Telling], words: Words) -> list[_Verdict]:
    rule = rules()
    unique = {tuple(sorted((a, b))) for a, b, _ in pairs if a in tellings and b in tellings}
    first: dict[tuple[str, str], Score] = {}
    outcomes: list[_Verdict] = []
    for left, right in sorted(unique):
        a, b = tellings[left], tellings[right]
        if frozenset((a.kind, b.kind)) in OUTCOMES and outcome(a, b):
            outcomes.append(_Verdict(left, right, "outcome", "same", Score({"outcome": 1.0})))
            continue
        found = score(a, b)
        if found.total >= rule["maybe"] - rule["words"]["weight"]:
            first[left, right] = found
    # An encoder is asked only where its half point can matter.
    reach = rule["words"]["weight"] / 2
    edges = (rule["maybe"], rule["sure"])
    doubtful = [p for p, s in first.items() if any(abs(s.total - edge) <= reach for edge in edges)]
    closeness = words.closeness([(tellings[a], tellings[b]) for a, b in doubtful])
    verdicts = []
    for (left, right), found in first.items():
        near = closeness.get((left, right))
        final = found if near is None else score(tellings[left], tellings[right], near)
        if final.total >= rule["maybe"]:
            decision = "same" if final.total >= rule["sure"] else "maybe_same"
            verdicts.append(_Verdict(left, right, "project", decision, final))
    return verdicts + outcomes


def outcome(one: Telling, other: Telling) -> bool:
    """Whether an acquisition tells what became of an insolvent or closing company: the target is that company, at its
    place, and the takeover comes after."""
    deal, cut = (one, other) if one.kind == "acquisition" else (other, one)
    if not deal.carriers or not cut.carriers:
        return False
    days = (deal.published_on - cut.published_on).days
    if not -7 <= days <= OUTCOME_DAYS:
        return False
    target = deal.carriers[-1]
    if max((best_carrier(target, c) for c in cut.carriers if not c.public), default=0.0) < SPELLING:
        return False
    # The buyer's own troubles are another matter.
    if len(deal.carriers) == 1 and deal.status not in ("considered", "negotiating", "approved", "completed"):
        return False
    meet = places_meet(one, other)
    return meet is not False if cut.kind == "insolvency" else meet is True


def _judge_by_rule(
    connection: duckdb.DuckDBPyConnection,
    articles: list[str],
    verdicts: list[_Verdict],
    now: datetime,
    counts: TieCounts,
) -> set[str]:
    """Write what the rules found about the articles' tellings; what no longer follows is superseded. Returns the
    tellings whose judgements changed."""
    set_scope(connection, "scope_tied", articles)
    before: dict[tuple[str, str, str], dict[str, Any]] = {}
    generations: Counter[tuple[str, str, str]] = Counter()
    for row in dicts(
        connection.execute(
            "SELECT judgement_id, kind, left_id, right_id, decision, score, rule, superseded_at FROM store.judgements "
            "WHERE decided_by = 'rule' AND kind IN ('project', 'outcome') "
            "AND (split_part(left_id, '.', 1) IN (SELECT version_id FROM store.article_versions "
            "WHERE article_id IN (SELECT id FROM scope_tied)) OR split_part(right_id, '.', 1) IN "
            "(SELECT version_id FROM store.article_versions WHERE article_id IN (SELECT id FROM scope_tied)))"
        )
    ):
        pair = (row["kind"], row["left_id"], row["right_id"])
        generations[pair] += 1
        if row["superseded_at"] is None:
            before[pair] = row
    rule = f"tie-{rules()['version']}"
    rows: list[dict[str, Any]] = []
    replaced: list[tuple[str, str | None]] = []
    touched: set[str] = set()
    seen: set[tuple[str, str, str]] = set()
    for verdict in verdicts:
        key = (verdict.kind, verdict.left, verdict.right)
        seen.add(key)
        counts.tied += verdict.decision == "same" and verdict.kind == "project"
        counts.doubtful += verdict.decision == "maybe_same"
        old = before.get(key)
        points = verdict.score.probability if verdict.kind == "project" else 1.0
        if old and old["decision"] == verdict.decision and old["score"] == points and old["rule"] == rule:
            continue
        touched |= {verdict.left, verdict.right}
        # Its number among the pair's judgements, not the clock: the same work gives the same id.
        ident = _hash("j-", verdict.kind, verdict.left, verdict.right, str(generations[key]))
        rows.append(
            {"judgement_id": ident, "kind": verdict.kind, "left_id": verdict.left, "right_id": verdict.right,
             "decision": verdict.decision, "rule": rule, "score": points,
             "evidence": json.dumps({"points": dict(verdict.score.points), "total": verdict.score.total}),
             "decided_by": "rule", "recorded_at": now}
        )  # fmt: skip
        if old:
            replaced.append((old["judgement_id"], ident))
    for key, old in before.items():
        if key not in seen:
            replaced.append((old["judgement_id"], None))
            touched |= {old["left_id"], old["right_id"]}
    insert_rows(connection, "judgements", rows)
    old_rows = [{"judgement_id": i, "superseded_by": by, "superseded_at": now} for i, by in replaced]
    update_rows(connection, "judgements", "judgement_id", ("superseded_by", "superseded_at"), old_rows)
    return touched


def _hash(prefix: str, *parts: str) -> str:
    return prefix + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


# ------------------------------------------------------------------------------------------------ clusters and ids


def _component(connection: duckdb.DuckDBPyConnection, touched: set[str], judged: Standing) -> set[str]:
    """All tellings that standing judgements or today's projects connect with those touched."""
    known = set(touched)
    frontier = set(touched)
    while frontier:
        set_scope(connection, "scope_frontier", frontier)
        found = {
            row[0]
            for row in connection.execute(
                "SELECT right_id FROM store.judgements WHERE left_id IN (SELECT id FROM scope_frontier) "
                "AND superseded_at IS NULL AND decision = 'same' AND decided_by = 'rule' UNION "
                "SELECT left_id FROM store.judgements WHERE right_id IN (SELECT id FROM scope_frontier) "
                "AND superseded_at IS NULL AND decision = 'same' AND decided_by = 'rule' UNION "
                "SELECT o.telling_id FROM store.project_reports m JOIN store.project_reports o USING (project_id) "
                "WHERE m.telling_id IN (SELECT id FROM scope_frontier)"
            ).fetchall()
        }
        found |= {other for telling in frontier for other in judged.linked(telling)}
        frontier = found - known
        known |= frontier
    return known


def _members(connection: duckdb.DuckDBPyConnection, component: set[str]) -> list[Telling]:
    set_scope(connection, "scope_component", component)
    articles = [
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT article_id FROM store.telling_index WHERE telling_id IN (SELECT id FROM scope_component)"
        ).fetchall()
    ]
    return [t for t in read_tellings(connection, articles) if t.telling_id in component]


class _Clusters:
    """Clusters of a component, their ids, and the rows that follow."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        members: list[Telling],
        judged: Standing,
        inherited: Mapping[str, str],
        now: datetime,
        counts: TieCounts,
    ) -> None:
        self.connection = connection
        self.members = {t.telling_id: t for t in members}
        self.judged = judged
        self.inherited = inherited
        self.now = now
        self.counts = counts
        self.best: dict[str, tuple[float, str]] = {}
        self._scores: dict[tuple[str, str], Score] = {}

    def write(self, gone: set[str]) -> set[str]:
        """Write reports and ids; returns the projects that they concern."""
        set_scope(self.connection, "scope_component", self.members)
        edges, outcomes = self._edges()
        clusters = self._cluster(edges)
        projects = self._name(clusters)
        return self._write_reports(projects, outcomes, gone)

    def _edges(self) -> tuple[list[tuple[float, str, str, str]], list[tuple[str, str]]]:
        rows = self.connection.execute(
            "SELECT judgement_id, kind, left_id, right_id, score FROM store.judgements WHERE superseded_at IS NULL "
            "AND decision = 'same' AND decided_by = 'rule' AND kind IN ('project', 'outcome') "
            "AND left_id IN (SELECT id FROM scope_component) AND right_id IN (SELECT id FROM scope_component)"
        ).fetchall()
        order = {t: telling.order for t, telling in self.members.items()}
        edges: list[tuple[float, str, str, str]] = []
        outcomes: list[tuple[str, str]] = []
        for ident, kind, left, right, points in rows:
            first, second = sorted((left, right), key=lambda t: order[t])
            if kind == "outcome":
                outcomes.append((first, second))
            else:
                edges.append((points, first, second, ident))
        # Two records of one article that nothing tells apart are one.
        by_article: dict[str, list[Telling]] = defaultdict(list)
        for telling in self.members.values():
            by_article[telling.article_id].append(telling)
        for tellings in by_article.values():
            for a, b in combinations(sorted(tellings, key=lambda t: t.order), 2):
                if not contradicts(a, b):
                    edges.append((2.0, a.telling_id, b.telling_id, ""))
        edges.sort(key=lambda e: (-e[0], order[e[1]], order[e[2]]))
        return edges, outcomes

    def _cluster(self, edges: Sequence[tuple[float, str, str, str]]) -> list[list[Telling]]:
        head = {t: t for t in self.members}
        groups: dict[str, list[str]] = {t: [t] for t in self.members}

        def join(left: str, right: str) -> None:
            keep, drop = sorted((head[left], head[right]), key=lambda t: self.members[t].order)
            if keep == drop:
                return
            for member in groups[drop]:
                head[member] = keep
            groups[keep] += groups.pop(drop)

        for points, left, right, ident in edges:
            if head[left] != head[right]:
                if self._apart(groups[head[left]], groups[head[right]]):
                    continue
                join(left, right)
            if ident:
                self.best[right] = max(self.best.get(right, (0.0, "")), (points, ident))
        # What an analyst joined comes last: it is above the rules and must not keep others out.
        for left, right in self.judged.same_pairs(self.members):
            join(left, right)
        return [sorted((self.members[t] for t in g), key=lambda t: t.order) for g in groups.values()]

    def _apart(self, left: Sequence[str], right: Sequence[str]) -> bool:
        """Whether an analyst, or two articles' tellings, speak against joining two clusters. An article that records
        one project twice speaks by the record that fits better."""
        if any(self.judged.different(a, b) for a in left for b in right):
            return True
        against: dict[tuple[str, str], bool] = {}
        for a in left:
            for b in right:
                one, other = self.members[a], self.members[b]
                pair = (one.article_id, other.article_id)
                same = pair[0] == pair[1]
                speaks = self._speaks_against(one, other)
                held = against.get(pair)
                against[pair] = speaks if held is None else (held or speaks if same else held and speaks)
        return any(against.values())

    def _speaks_against(self, a: Telling, b: Telling) -> bool:
        if a.article_id == b.article_id:
            return contradicts(a, b)
        pair = (a.telling_id, b.telling_id) if a.telling_id < b.telling_id else (b.telling_id, a.telling_id)
        if pair not in self._scores:
            self._scores[pair] = score(a, b)
        return self._scores[pair].excludes or self._scores[pair].total <= float(rules()["apart"])

    def _name(self, clusters: list[list[Telling]]) -> dict[str, str]:
        """telling -> project id. An id stays with the telling that it was minted from, or what stands for it now."""
        before = {t: self.inherited.get(t, t) for t in self.members}
        set_scope(self.connection, "scope_before", before.values())
        prior = dict(
            self.connection.execute(
                "SELECT telling_id, project_id FROM store.project_reports WHERE relation = 'told' "
                "AND telling_id IN (SELECT id FROM scope_before)"
            ).fetchall()
        )
        set_scope(self.connection, "scope_projects", prior.values())
        minted = {
            row[0]: (row[1], row[2], row[3])
            for row in self.connection.execute(
                "SELECT project_id, minted_from, minted_on, recorded_at FROM store.projects "
                "WHERE project_id IN (SELECT id FROM scope_projects)"
            ).fetchall()
        }
        holders: dict[str, list[Telling]] = defaultdict(list)
        for telling in sorted(self.members.values(), key=lambda t: t.order):
            if (project := prior.get(before[telling.telling_id])) is not None:
                holders[project].append(telling)
        cluster_of = {t.telling_id: i for i, cluster in enumerate(clusters) for t in cluster}
        owned: dict[int, list[str]] = defaultdict(list)
        for project, tellings in holders.items():
            origin = minted[project][0]
            owner = next((t for t in tellings if origin in (t.telling_id, before[t.telling_id])), tellings[0])
            owned[cluster_of[owner.telling_id]].append(project)
        named: dict[str, str] = {}
        new: list[list[Telling]] = []
        for index in sorted(range(len(clusters)), key=lambda i: clusters[i][0].order):
            cluster = clusters[index]
            mine = sorted(owned[index], key=lambda p: (minted[p][2], minted[p][1], holders[p][0].order, p))
            if not mine:
                new.append(cluster)
                continue
            self._merge(mine[1:], mine[0])
            named.update({t.telling_id: mine[0] for t in cluster})
        for cluster, project in zip(new, self._mint([c[0] for c in new]), strict=True):
            named.update({t.telling_id: project for t in cluster})
        return named

    def _mint(self, tellings: Sequence[Telling]) -> list[str]:
        parts = [(t.article_id, slots([t])[t.telling_id], str(t.ordinal)) for t in tellings]
        ids = fresh_ids(self.connection, "projects", "project_id", "p-", parts)
        set_scope(self.connection, "scope_versions", (t.version_id for t in tellings))
        days: dict[str, date] = dict(
            self.connection.execute(
                "SELECT version_id, min(day) FROM store.readings WHERE version_id IN (SELECT id FROM scope_versions) "
                "GROUP BY ALL"
            ).fetchall()
        )
        rows = [
            {"project_id": project, "minted_from": t.telling_id, "minted_on": days.get(t.version_id, t.published_on),
             "recorded_at": self.now} for project, t in zip(ids, tellings, strict=True)
        ]  # fmt: skip
        insert_rows(self.connection, "projects", rows)
        self.counts.new_projects += len(rows)
        return ids

    def _merge(self, merged: Sequence[str], into: str) -> None:
        for project in merged:
            self.connection.execute(
                "UPDATE store.projects SET merged_into = ?, merged_at = ? WHERE project_id = ?",
                [into, self.now, project],
            )
            self.connection.execute("UPDATE store.projects SET merged_into = ? WHERE merged_into = ?", [into, project])
            self.counts.merged += 1

    def _write_reports(
        self, projects: Mapping[str, str], outcomes: Sequence[tuple[str, str]], gone: set[str]
    ) -> set[str]:
        wanted = {
            (telling, project, "told"): self.best.get(telling, (0.0, None))[1] or None
            for telling, project in projects.items()
        }
        wanted |= dict.fromkeys(self._outcome_reports(projects, outcomes))
        set_scope(self.connection, "scope_rewritten", set(self.members) | gone | set(self.inherited.values()))
        before = {
            (row["telling_id"], row["project_id"], row["relation"]): row
            for row in dicts(
                self.connection.execute(
                    "SELECT * FROM store.project_reports WHERE telling_id IN (SELECT id FROM scope_rewritten)"
                )
            )
        }
        self.connection.execute(
            "DELETE FROM store.project_reports WHERE telling_id IN (SELECT id FROM scope_rewritten)"
        )
        rows = []
        for (telling, project, relation), judgement in sorted(wanted.items()):
            old = before.get((telling, project, relation))
            member = self.members[telling]
            rows.append(
                {"telling_id": telling, "version_id": member.version_id, "article_id": member.article_id,
                 "project_id": project, "judgement_id": judgement, "relation": relation,
                 "recorded_at": old["recorded_at"] if old else self.now}
            )  # fmt: skip
        insert_rows(self.connection, "project_reports", rows)
        return {project for _, project, _ in wanted} | {project for _, project, _ in before}

    def _outcome_reports(
        self, projects: Mapping[str, str], outcomes: Sequence[tuple[str, str]]
    ) -> set[tuple[str, str, str]]:
        """A takeover is a report of the procedure that it ends, unless its article tells of that itself."""
        told = {(self.members[t].article_id, p) for t, p in projects.items()}
        chosen: dict[str, str] = {}
        for left, right in sorted(outcomes, key=lambda o: (self.members[o[0]].order, self.members[o[1]].order)):
            deal, cut = (left, right) if self.members[left].kind == "acquisition" else (right, left)
            chosen.setdefault(deal, projects[cut])
        return {
            (deal, project, "outcome")
            for deal, project in chosen.items()
            if (self.members[deal].article_id, project) not in told
        }
