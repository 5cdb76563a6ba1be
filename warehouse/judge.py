"""What analysts decide about projects: kept for ever, above every rule, applied again after each reading.

A judgement names two things: two projects, or two tellings of a pair that the rules found doubtful. Beside their ids it
keeps *anchors* (article, slot, telling), because a telling's id changes when its article is read by other rules.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from warehouse.load import insert_rows
from warehouse.store import WarehouseError, transaction
from warehouse.tie_rows import dicts, set_scope

if TYPE_CHECKING:
    from warehouse.store import Warehouse

ANALYST = "analyst"
Decision = Literal["same", "different"]


class JudgementError(WarehouseError):
    """A judgement that cannot be made; the message says why."""


@dataclass
class Standing:
    """The analysts' judgements that stand, as pairs of today's tellings."""

    same: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    apart: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def linked(self, telling: str) -> set[str]:
        """Tellings that an analyst found to be the same project."""
        return self.same.get(telling, set())

    def different(self, one: str, other: str) -> bool:
        """Whether an analyst found two tellings to be of different projects."""
        return other in self.apart.get(one, ())

    def same_pairs(self, members: Iterable[str]) -> list[tuple[str, str]]:
        """Pairs among ``members`` that are one by judgement, in order."""
        inside = set(members)
        return sorted((a, b) for a in inside for b in self.same.get(a, ()) if a < b and b in inside)


def standing(connection: duckdb.DuckDBPyConnection) -> Standing:
    """The analysts' judgements that stand, their anchors found again among the tellings of today."""
    rows = dicts(
        connection.execute(
            "SELECT decision, evidence FROM store.judgements WHERE kind = 'project' AND decided_by <> 'rule' "
            "AND superseded_at IS NULL ORDER BY recorded_at, judgement_id"
        )
    )
    evidence = [(row["decision"], json.loads(row["evidence"])) for row in rows]
    articles = {a["article_id"] for _, e in evidence for side in ("left", "right") for a in e[side]}
    set_scope(connection, "scope_anchored", articles)
    today: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in dicts(
        connection.execute(
            "SELECT telling_id, article_id, kind, slot FROM store.telling_index "
            "WHERE article_id IN (SELECT id FROM scope_anchored) ORDER BY telling_id"
        )
    ):
        today[row["article_id"]].append(row)
    found = Standing()
    for decision, sides in evidence:
        left, right = (
            [t for anchor in sides[side] if (t := _find(anchor, today[anchor["article_id"]]))]
            for side in ("left", "right")
        )
        pairs = found.same if decision == "same" else found.apart
        # One pair is enough to hold two projects together; to hold them apart all are needed.
        for a in left[:1] if decision == "same" else left:
            for b in right[:1] if decision == "same" else right:
                if a != b:
                    pairs[a].add(b)
                    pairs[b].add(a)
    return found


def _find(anchor: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> str | None:
    for key in ("telling_id", "slot", "kind"):
        for row in rows:
            if row[key] == anchor[key]:
                return str(row["telling_id"])
    return None


def confirm(warehouse: Warehouse, left: str, right: str, *, by: str, note: str | None = None) -> str:
    """A doubtful pair is one project. ``left`` and ``right`` are ids of projects or tellings. Returns the judgement's
    id; :meth:`Warehouse.tie` then applies it."""
    return _decide(warehouse, "same", left, right, by=by, note=note)


def merge(warehouse: Warehouse, left: str, right: str, *, by: str, note: str | None = None) -> str:
    """Two projects are one; the older id stays, the other becomes a tombstone. Raises JudgementError for the same id
    twice, an id that is unknown or already merged."""
    return _decide(warehouse, "same", left, right, by=by, note=note)


def refuse(warehouse: Warehouse, left: str, right: str, *, by: str, note: str | None = None) -> str:
    """Two projects, or a doubtful pair of tellings, are not one and will not be tied again."""
    return _decide(warehouse, "different", left, right, by=by, note=note)


def split(
    warehouse: Warehouse, project: str, articles: Sequence[str], *, by: str, note: str | None = None
) -> list[str]:
    """Take the tellings of some articles (ids or addresses) out of a project, as a project of their own.

    Returns the ids of the judgements. Raises JudgementError where no telling of the project is among them, or all are.
    """
    connection = warehouse.connection
    anchors = _anchors(connection, project)
    wanted = {
        row[0]
        for row in connection.execute(
            "SELECT article_id FROM store.articles WHERE list_contains(?::VARCHAR[], article_id) "
            "OR list_contains(?::VARCHAR[], url)",
            [list(articles), list(articles)],
        ).fetchall()
    }
    out = [a for a in anchors if a["article_id"] in wanted]
    rest = [a for a in anchors if a["article_id"] not in wanted]
    if not out or not rest:
        raise JudgementError(f"project {project}: {len(out)} of its {len(anchors)} tellings are in these articles")
    with transaction(connection):
        made = [_write(warehouse, "different", project, out[0]["telling_id"], rest, out, by, note)]
        made += [
            _write(warehouse, "same", out[0]["telling_id"], other["telling_id"], out[:1], [other], by, note)
            for other in out[1:]
        ]
    return made


def withdraw(warehouse: Warehouse, judgement: str) -> None:
    """Take an analyst's judgement back: it is superseded, and the rules decide again."""
    connection = warehouse.connection
    row = connection.execute(
        "SELECT evidence FROM store.judgements WHERE judgement_id = ? AND decided_by <> 'rule' "
        "AND superseded_at IS NULL",
        [judgement],
    ).fetchone()
    if row is None:
        raise JudgementError(f"{judgement}: no standing judgement of an analyst")
    sides = json.loads(row[0])
    with transaction(connection):
        connection.execute(
            "UPDATE store.judgements SET superseded_at = ? WHERE judgement_id = ?", [warehouse.now(), judgement]
        )
        _enqueue(connection, [a["article_id"] for side in ("left", "right") for a in sides[side]])


def _decide(warehouse: Warehouse, decision: Decision, left: str, right: str, *, by: str, note: str | None) -> str:
    connection = warehouse.connection
    if left == right:
        raise JudgementError(f"{left}: a judgement is about two")
    sides = [_anchors(connection, left), _anchors(connection, right)]
    with transaction(connection):
        return _write(warehouse, decision, left, right, sides[0], sides[1], by, note)


def _anchors(connection: duckdb.DuckDBPyConnection, ident: str) -> list[dict[str, str]]:
    """The tellings of a project, or the one telling named, in order of publication."""
    merged = connection.execute("SELECT merged_into FROM store.projects WHERE project_id = ?", [ident]).fetchone()
    if merged and merged[0]:
        raise JudgementError(f"{ident}: merged into {merged[0]}")
    rows = dicts(
        connection.execute(
            "SELECT i.telling_id, i.article_id, i.kind, i.slot FROM store.telling_index i LEFT JOIN "
            "store.project_reports r ON r.telling_id = i.telling_id AND r.relation = 'told' "
            "WHERE r.project_id = ? OR i.telling_id = ? ORDER BY i.published_on, i.telling_id",
            [ident, ident],
        )
    )
    if not rows:
        raise JudgementError(f"{ident}: no such project or telling")
    return rows


def _write(
    warehouse: Warehouse,
    decision: Decision,
    left: str,
    right: str,
    left_anchors: list[dict[str, str]],
    right_anchors: list[dict[str, str]],
    by: str,
    note: str | None,
) -> str:
    connection = warehouse.connection
    if not by or by == "rule":
        raise JudgementError("a judgement needs the name of who decides")
    now = warehouse.now()
    if right < left:
        left, right, left_anchors, right_anchors = right, left, right_anchors, left_anchors
    ident = "j-" + hashlib.sha256(f"{decision}|{left}|{right}|{by}|{now.isoformat()}".encode()).hexdigest()[:16]
    connection.execute(
        "UPDATE store.judgements SET superseded_by = ?, superseded_at = ? WHERE kind = 'project' AND left_id = ? "
        "AND right_id = ? AND decided_by <> 'rule' AND superseded_at IS NULL",
        [ident, now, left, right],
    )
    evidence = {"left": left_anchors, "right": right_anchors, "note": note}
    insert_rows(
        connection,
        "judgements",
        [{"judgement_id": ident, "kind": "project", "left_id": left, "right_id": right, "decision": decision,
          "rule": ANALYST, "score": None, "evidence": json.dumps(evidence, ensure_ascii=False), "decided_by": by,
          "recorded_at": now}],
    )  # fmt: skip
    _enqueue(connection, [a["article_id"] for a in (*left_anchors, *right_anchors)])
    return ident


def _enqueue(connection: duckdb.DuckDBPyConnection, articles: Iterable[str]) -> None:
    set_scope(connection, "scope_judged", articles)
    connection.execute(
        "INSERT INTO store.tie_queue SELECT latest_version_id, article_id FROM store.articles WHERE article_id IN "
        "(SELECT id FROM scope_judged) AND latest_version_id NOT IN (SELECT version_id FROM store.tie_queue)"
    )
