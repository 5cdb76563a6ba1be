"""Rows in and out of the warehouse for tying: tellings with what comparing needs, and bulk writes by Arrow."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.load import register_rows
from warehouse.tie_names import fold, name_form
from warehouse.tie_score import TELLING_MEASURES, Carrier, FigureValue, Telling

_CAPITAL = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w'’-]+")
# Organisations of an article that stand beside its projects.
_CONTEXT = ("main", "party")


def set_scope(connection: duckdb.DuckDBPyConnection, name: str, ids: Iterable[str]) -> None:
    """Make ids queryable as ``name``, with one column ``id``, until the name is set again."""
    connection.register(name, pa.table({"id": pa.array(sorted(set(ids)), pa.string())}))


def dicts(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Rows of a result as mappings."""
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def fresh_ids(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    column: str,
    prefix: str,
    parts: Sequence[Sequence[str]],
) -> list[str]:
    """New ids, each a hash of its parts; one that the table knows already, or that stands in the same list, gets
    another generation, so that no id comes back."""
    waiting = dict.fromkeys(range(len(parts)), 0)
    ids: dict[int, str] = {}
    used: set[str] = set()
    while waiting:
        for i, generation in waiting.items():
            text = "\x1f".join((*parts[i], str(generation)))
            ids[i] = prefix + hashlib.sha256(text.encode()).hexdigest()[:16]
        set_scope(connection, "scope_minted", (ids[i] for i in waiting))
        taken = {
            row[0]
            for row in connection.execute(
                f"SELECT {column} FROM store.{table} WHERE {column} IN (SELECT id FROM scope_minted)"  # noqa: S608
            ).fetchall()
        }
        again: dict[int, int] = {}
        for i, generation in waiting.items():
            if ids[i] in taken or ids[i] in used:
                again[i] = generation + 1
            else:
                used.add(ids[i])
        waiting = again
    return [ids[i] for i in range(len(parts))]


def update_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    key: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Set some columns of the rows of ``store.<table>`` with these keys."""
    if not rows:
        return
    register_rows(connection, table, [dict(row) for row in rows], "updated_rows")
    sets = ", ".join(f'"{c}" = u."{c}"' for c in columns)
    connection.execute(f"UPDATE store.{table} t SET {sets} FROM updated_rows u WHERE t.{key} = u.{key}")  # noqa: S608
    connection.unregister("updated_rows")


def read_tellings(connection: duckdb.DuckDBPyConnection, articles: Iterable[str]) -> list[Telling]:
    """The tellings of the latest versions of some articles, in order."""
    set_scope(connection, "scope_articles", articles)
    rows = dicts(
        connection.execute(
            "SELECT t.telling_id, t.version_id, t.article_id, t.ordinal, t.name, t.kind, t.sector, t.status, "
            "t.organisations, t.places, t.figures, t.milestones, a.published_on, coalesce(a.source_id, v.source, '') "
            "AS source_id, coalesce(a.canonical_url, a.url, a.ident, a.article_id) AS url, v.region_code, "
            "v.title, concat_ws(' . ', v.title, v.standfirst, t.evidence_sentence) AS head, "
            "coalesce(n.copy_of, a.article_id) AS copy_group "
            "FROM store.project_tellings t JOIN store.articles a ON a.latest_version_id = t.version_id "
            "JOIN store.article_versions v ON v.version_id = t.version_id "
            "LEFT JOIN store.near_copies n ON n.article_id = a.article_id "
            "WHERE a.article_id IN (SELECT id FROM scope_articles)"
        )
    )
    organisations = _by_version(
        connection, "SELECT m.version_id, m.name, m.aliases, m.kind, m.mention FROM store.organisation_mentions m"
    )
    places = _by_version(connection, "SELECT m.version_id, m.name, m.kind, m.code FROM store.place_mentions m")
    figures = _by_version(
        connection,
        "SELECT m.version_id, m.measure, m.low, m.high, m.unit, m.qualifier FROM store.figure_facts m",
    )
    communes = _communes(connection, places)
    tellings = [
        _telling(row, organisations[v], places[v], figures[v], communes) for row in rows for v in [row["version_id"]]
    ]
    return sorted(tellings, key=lambda t: t.order)


def _by_version(connection: duckdb.DuckDBPyConnection, select: str) -> dict[str, list[dict[str, Any]]]:
    rows = connection.execute(
        f"{select} JOIN store.articles a ON a.latest_version_id = m.version_id "  # noqa: S608 (our own text)
        "WHERE a.article_id IN (SELECT id FROM scope_articles)"
    )
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in dicts(rows):
        grouped[row["version_id"]].append(row)
    return grouped


def _communes(
    connection: duckdb.DuckDBPyConnection, places: Mapping[str, list[dict[str, Any]]]
) -> dict[tuple[str, str], tuple[str | None, str | None, str | None]]:
    """(level, code) -> (department, region, intercommunal body) for the codes met."""
    set_scope(connection, "scope_codes", (p["code"] for group in places.values() for p in group if p["code"]))
    found = connection.execute(
        "SELECT level, code, department_code, region_code, epci_code FROM store.codes "
        "WHERE code IN (SELECT id FROM scope_codes) AND level IN ('commune', 'department')"
    ).fetchall()
    return {(level, code): (department, region, body) for level, code, department, region, body in found}


def _department_of(code: str) -> str:
    """The department of an INSEE commune code: two characters, three overseas."""
    return code[:3] if code.startswith("97") else code[:2]


def _telling(
    row: Mapping[str, Any],
    organisations: list[dict[str, Any]],
    places: list[dict[str, Any]],
    figures: list[dict[str, Any]],
    codes: Mapping[tuple[str, str], tuple[str | None, str | None, str | None]],
) -> Telling:
    by_name = {o["name"]: o for o in organisations}
    carriers = tuple(_carrier(name, by_name.get(name)) for name in row["organisations"])
    named = set(row["organisations"])
    context = tuple(
        _carrier(o["name"], o) for o in organisations if o["mention"] in _CONTEXT and o["name"] not in named
    )
    place_of = {fold(p["name"]): p for p in places}
    communes: set[str] = set()
    bodies: set[str] = set()
    departments: set[str] = set()
    regions: set[str] = set()
    areas: set[str] = set()
    for name in row["places"]:
        place = place_of.get(fold(name))
        if place is None or place["code"] is None:
            areas.add(fold(name))
        elif place["kind"] == "commune":
            department, region, body = codes.get(("commune", place["code"]), (None, None, None))
            communes.add(place["code"])
            departments.add(department or _department_of(place["code"]))
            regions |= {region} if region else set()
            bodies |= {body} if body else set()
        elif place["kind"] == "department":
            departments.add(place["code"])
            region = codes.get(("department", place["code"]), (None, None, None))[1]
            regions |= {region} if region else set()
        elif place["kind"] == "region":
            regions.add(place["code"])
        else:
            areas.add(fold(name))
    if not regions and not departments and row["region_code"] and areas:
        regions.add(row["region_code"])
    return Telling(
        telling_id=row["telling_id"],
        version_id=row["version_id"],
        article_id=row["article_id"],
        url=row["url"],
        published_on=row["published_on"],
        kind=row["kind"],
        status=row["status"],
        source_id=row["source_id"],
        ordinal=row["ordinal"],
        sector=row["sector"],
        name=row["name"],
        carriers=carriers,
        context=context,
        communes=frozenset(communes),
        bodies=frozenset(bodies),
        departments=frozenset(departments),
        regions=frozenset(regions),
        areas=frozenset(areas),
        place_names=tuple(row["places"]),
        figures=tuple(_figure(f) for f in row["figures"]),
        beside=tuple(_figure(f) for f in figures if f["measure"] in TELLING_MEASURES),
        milestones=tuple((m["milestone"], m["from"], m["to"]) for m in row["milestones"]),
        title=fold(row["title"] or ""),
        proper=frozenset(
            word for text in _CAPITAL.findall(row["title"] or "") for word in fold(text).split() if len(word) > 1
        ),
        head=fold(row["head"] or ""),
        copy_group=row["copy_group"],
    )


def _figure(row: Mapping[str, Any]) -> FigureValue:
    return FigureValue(row["measure"], row["low"], row["high"], row["unit"], row["qualifier"] or "exact")


def _carrier(name: str, organisation: Mapping[str, Any] | None) -> Carrier:
    if organisation is None:
        return Carrier((name,))
    aliases = [a for a in organisation["aliases"] or [] if _usable(a)]
    return Carrier((name, *aliases), organisation["kind"] or "company")


def _usable(alias: str) -> bool:
    """An alias that names somebody: not "la société" or "l'entreprise"."""
    form = name_form(alias)
    return bool(form.telling) or len(form.core) >= 2


def slots(tellings: Sequence[Telling]) -> dict[str, str]:
    """What each telling of one article is beyond its words: kind, first carrier, number among such."""
    counted: dict[str, int] = defaultdict(int)
    named = {}
    for telling in sorted(tellings, key=lambda t: t.ordinal):
        carrier = name_form(telling.carriers[0].names[0]).key if telling.carriers else ""
        base = f"{telling.kind}|{carrier}"
        counted[base] += 1
        named[telling.telling_id] = f"{base}|{counted[base]}"
    return named
