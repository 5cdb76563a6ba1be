"""Organisations, people and places across articles: who is meant by a name in its circumstances.

* Organisations are one by their name without legal form and descriptors, by an alias that an article gives, or because
  both names carry one project; never where their homes, or their places and activities together, contradict, nor where
  an article names both as two. Public bodies and associations go by their name alone, and by their region where the
  name says nothing else ("la Région").
* People are one by their full name if they share an organisation or a region.
* Places are one by their code; areas by their name.

What is judged is a function of all mentions, not of their order. Ids stay; a merge leaves a tombstone.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

import duckdb

from warehouse.history import rules as history_rules
from warehouse.load import insert_rows
from warehouse.tie_names import CONTAINED, SPELLING, compare, fold, name_form
from warehouse.tie_rows import dicts, fresh_ids, set_scope, update_rows

Row = dict[str, Any]
Signature = Mapping[str, Any]

# Sections of NAF rev. 2 by the first division of each.
_SECTIONS = ((1, "A"), (5, "B"), (10, "C"), (35, "D"), (36, "E"), (41, "F"), (45, "G"), (49, "H"), (55, "I"), (58, "J"),
             (64, "K"), (68, "L"), (69, "M"), (77, "N"), (84, "O"), (85, "P"), (86, "Q"), (90, "R"), (94, "S"),
             (97, "T"), (99, "U"))  # fmt: skip


def section_of(sector: str | None) -> str | None:
    """The NAF section of a division.

    >>> section_of("27"), section_of("63"), section_of(None)
    ('C', 'J', None)
    """
    if not sector or not sector.isdigit():
        return None
    return next((s for first, s in reversed(_SECTIONS) if int(sector) >= first), None)


def resolve(
    connection: duckdb.DuckDBPyConnection, articles: Sequence[str], projects: Iterable[str], now: datetime
) -> set[str]:
    """Judge the entities of some articles, and the carriers of some projects, anew.

    Returns the articles of which a mention names another organisation than before.
    """
    set_scope(connection, "scope_entities", articles)
    changed = _Organisations(connection, now).judge(articles, projects)
    _People(connection, now).judge(articles)
    _places(connection, now)
    return changed


def named_in(connection: duckdb.DuckDBPyConnection, articles: Sequence[str]) -> set[str]:
    """Ids of the organisations that some articles name."""
    set_scope(connection, "scope_naming", articles)
    rows = connection.execute(
        "SELECT DISTINCT l.organisation_id FROM store.organisation_links l JOIN store.articles a "
        "ON a.latest_version_id = l.version_id WHERE a.article_id IN (SELECT id FROM scope_naming)"
    ).fetchall()
    return {row[0] for row in rows}


# ------------------------------------------------------------------------------------------------ entities by key


@dataclass(frozen=True)
class _Node:
    """A name in its circumstances, over all its mentions."""

    key: str
    signature: str
    first: str
    mention: str

    @property
    def order(self) -> tuple[str, str, str]:
        return (self.first, self.key, self.signature)

    @property
    def said(self) -> Signature:
        value: Signature = json.loads(self.signature)
        return value


class _Entities:
    """What organisations and people share: index, clusters by key, ids that stay."""

    entity: str
    prefix: str
    table: str
    link_table: str
    link_column: str

    def __init__(self, connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
        self.connection = connection
        self.now = now

    def compatible(self, left: Signature, right: Signature) -> bool:
        """Whether two signatures of one name can be one entity."""
        raise NotImplementedError

    def richness(self, signature: Signature) -> int:
        """How much a signature says; the richest are placed first."""
        return sum(bool(v) for v in signature.values())

    def replace_index(self, rows: list[Row]) -> set[str]:
        """Write the articles' index anew; returns the keys of before and of now."""
        before = self.connection.execute(
            "SELECT DISTINCT key FROM store.entity_index WHERE entity = ? "
            "AND article_id IN (SELECT id FROM scope_entities)",
            [self.entity],
        ).fetchall()
        self.connection.execute(
            "DELETE FROM store.entity_index WHERE entity = ? AND article_id IN (SELECT id FROM scope_entities)",
            [self.entity],
        )
        insert_rows(self.connection, "entity_index", rows)
        return {row[0] for row in before} | {row["key"] for row in rows}

    def groups(self, keys: set[str]) -> list[set[str]]:
        """Keys that belong together, with all that hang on them."""
        return [{key} for key in sorted(keys)]

    def judge_keys(self, keys: set[str]) -> set[str]:
        """Cluster the keys' nodes, keep or mint ids, write names and links; returns the articles changed."""
        groups = self.groups(keys)
        every = {key for group in groups for key in group}
        set_scope(self.connection, "scope_keys", every)
        nodes: dict[str, list[_Node]] = defaultdict(list)
        for key, signature, first, mention in self.connection.execute(
            "SELECT key, signature, min(published_on)::VARCHAR, "
            "arg_min(mention_id, published_on::VARCHAR || mention_id) FROM store.entity_index WHERE entity = ? "
            "AND key IN (SELECT id FROM scope_keys) GROUP BY ALL",
            [self.entity],
        ).fetchall():
            nodes[key].append(_Node(key, signature, first, mention))
        before = {
            (key, signature): ident
            for key, signature, ident in self.connection.execute(
                "SELECT key, signature, entity_id FROM store.entity_names WHERE entity = ? "
                "AND key IN (SELECT id FROM scope_keys)",
                [self.entity],
            ).fetchall()
        }
        clusters: list[list[_Node]] = []
        for group in groups:
            clusters += self.cluster([n for key in sorted(group) for n in nodes[key]])
        names = self._name(clusters, before)
        self.connection.execute(
            "DELETE FROM store.entity_names WHERE entity = ? AND key IN (SELECT id FROM scope_keys)", [self.entity]
        )
        insert_rows(
            self.connection,
            "entity_names",
            [{"entity": self.entity, "key": k, "signature": s, "entity_id": i} for (k, s), i in sorted(names.items())],
        )
        return self._link()

    def cluster(self, nodes: Sequence[_Node]) -> list[list[_Node]]:
        """Nodes of names that are one, kept apart where circumstances contradict. The richest are placed first, each
        with the first cluster that nothing in contradicts it; one that says nothing joins only where there is one."""
        clusters: list[list[_Node]] = []
        silent: list[_Node] = []
        for node in sorted(nodes, key=lambda n: (-self.richness(n.said), n.signature, n.key)):
            if clusters and not self.richness(node.said):
                silent.append(node)
                continue
            for cluster in clusters:
                if all(self.compatible(node.said, other.said) for other in cluster):
                    cluster.append(node)
                    break
            else:
                clusters.append([node])
        if silent:
            if len(clusters) == 1:
                clusters[0] += silent
            else:
                clusters.append(silent)
        return clusters

    def _name(self, clusters: list[list[_Node]], before: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
        holder: dict[str, _Node] = {}
        place = {(n.key, n.signature): i for i, cluster in enumerate(clusters) for n in cluster}
        for node in sorted((n for c in clusters for n in c), key=lambda n: n.order):
            ident = before.get((node.key, node.signature))
            if ident:
                holder.setdefault(ident, node)
        owned: dict[int, list[str]] = defaultdict(list)
        for ident, node in sorted(holder.items(), key=lambda pair: (pair[1].order, pair[0])):
            owned[place[node.key, node.signature]].append(ident)
        names: dict[tuple[str, str], str] = {}
        new: list[list[_Node]] = []
        merged: dict[str, str] = {}
        for index in sorted(range(len(clusters)), key=lambda i: min(n.order for n in clusters[i])):
            cluster, mine = clusters[index], owned[index]
            if not mine:
                new.append(cluster)
                continue
            merged.update(dict.fromkeys(mine[1:], mine[0]))
            names.update({(n.key, n.signature): mine[0] for n in cluster})
        for cluster, ident in zip(new, self._mint([min(c, key=lambda n: n.order) for c in new]), strict=True):
            names.update({(n.key, n.signature): ident for n in cluster})
        for gone, into in sorted(merged.items()):
            self.connection.execute(
                f"UPDATE store.{self.table} SET merged_into = ? WHERE {self.link_column} = ? OR merged_into = ?",  # noqa: S608
                [into, gone, gone],
            )
        return names

    def _mint(self, nodes: Sequence[_Node]) -> list[str]:
        # From the mention, not from the name: a forgotten person's id must not give the name away.
        parts = [(n.mention,) for n in nodes]
        ids = fresh_ids(self.connection, self.table, self.link_column, self.prefix, parts)
        rows: list[Row] = [
            {self.link_column: ident, "name": node.key, "aliases": [], "recorded_at": self.now}
            | ({"roles": []} if self.table == "people" else {})
            for ident, node in zip(ids, nodes, strict=True)
        ]
        insert_rows(self.connection, self.table, rows)
        return ids

    def _link(self) -> set[str]:
        """Write links of the keys in scope_keys and of the articles in scope_entities; returns the articles changed."""
        link, column, entity = self.link_table, self.link_column, self.entity
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE wanted_links AS
            SELECT i.mention_id, i.version_id, i.article_id, n.entity_id
            FROM store.entity_index i
            JOIN store.entity_names n ON n.entity = i.entity AND n.key = i.key AND n.signature = i.signature
            WHERE i.entity = '{entity}' AND i.key IN (SELECT id FROM scope_keys)
            """  # noqa: S608
        )
        changed = self.connection.execute(
            f"SELECT DISTINCT w.article_id FROM wanted_links w LEFT JOIN store.{link} l USING (mention_id) "  # noqa: S608
            f"WHERE l.{column} IS DISTINCT FROM w.entity_id"
        ).fetchall()
        self.connection.execute(
            f"DELETE FROM store.{link} WHERE mention_id IN (SELECT l.mention_id FROM store.{link} l "  # noqa: S608
            f"JOIN wanted_links w USING (mention_id) WHERE l.{column} <> w.entity_id)"
        )
        self.connection.execute(
            f"DELETE FROM store.{link} WHERE version_id IN (SELECT version_id FROM store.article_versions "  # noqa: S608
            f"WHERE article_id IN (SELECT id FROM scope_entities)) "
            f"AND mention_id NOT IN (SELECT mention_id FROM store.entity_index WHERE entity = '{entity}' "
            f"AND article_id IN (SELECT id FROM scope_entities))"
        )
        self.connection.execute(
            f"INSERT INTO store.{link} SELECT mention_id, version_id, entity_id FROM wanted_links "  # noqa: S608
            f"ANTI JOIN store.{link} USING (mention_id)"
        )
        return {row[0] for row in changed}


# ------------------------------------------------------------------------------------------------ organisations


class _Organisations(_Entities):
    entity, prefix, table = "organisation", "o-", "organisations"
    link_table, link_column = "organisation_links", "organisation_id"

    def judge(self, articles: Sequence[str], projects: Iterable[str]) -> set[str]:
        rows = self._mentions()
        keys = self.replace_index(
            [{"entity": self.entity, "mention_id": r["mention_id"], "version_id": r["version_id"],
              "article_id": r["article_id"], "key": r["key"], "signature": r["signature"],
              "published_on": r["published_on"]} for r in rows]
        )  # fmt: skip
        keys |= self._edges_of_articles(articles, rows)
        keys |= self._edges_of_projects(projects)
        changed = self.judge_keys(keys)
        self._describe()
        return changed

    def compatible(self, left: Signature, right: Signature) -> bool:
        if _homes_differ(left.get("home"), right.get("home")):
            return False
        one, other = set(left.get("departments", ())), set(right.get("departments", ()))
        sections = left.get("section"), right.get("section")
        elsewhere = bool(one and other and not one & other)
        return not (elsewhere and all(sections) and sections[0] != sections[1])

    def _mentions(self) -> list[Row]:
        rows = dicts(
            self.connection.execute(
                "SELECT m.mention_id, m.version_id, m.article_id, m.name, m.aliases, m.kind, m.based_in, "
                "a.published_on, v.region_code FROM store.organisation_mentions m "
                "JOIN store.articles a ON a.latest_version_id = m.version_id "
                "JOIN store.article_versions v ON v.version_id = m.version_id "
                "WHERE a.article_id IN (SELECT id FROM scope_entities)"
            )
        )
        carried = self._carried()
        homes = _homes(self.connection, rows)
        for row in rows:
            form = name_form(row["name"])
            row["key"] = form.identity
            company = row["kind"] not in ("public_body", "association", "media")
            signature: Row = {}
            if company:
                departments, section = carried.get((row["version_id"], row["name"]), (set(), None))
                signature = {"home": homes.get((row["version_id"], fold(row["based_in"] or ""))),
                             "departments": sorted(departments), "section": section}  # fmt: skip
                signature = {k: v for k, v in signature.items() if v}
            elif not form.telling and len(form.core) < 2 and row["region_code"]:
                row["key"] = f"{form.identity} @{row['region_code']}"
            row["signature"] = json.dumps(signature, sort_keys=True)
        return rows

    def _carried(self) -> dict[tuple[str, str], tuple[set[str], str | None]]:
        """(version, name) -> departments and section of the projects that it carries there. In a deal the place and
        the activity are the target's."""
        found: dict[tuple[str, str], tuple[set[str], str | None]] = {}
        for version, kind, sector, organisations, codes in self.connection.execute(
            "SELECT t.version_id, t.kind, t.sector, t.organisations, "
            "(SELECT list(DISTINCT coalesce(c.department_code, p.code)) FROM store.place_mentions p "
            " LEFT JOIN store.codes c ON c.level = p.kind AND c.code = p.code "
            " WHERE p.version_id = t.version_id AND p.kind IN ('commune', 'department') AND p.code IS NOT NULL "
            " AND list_contains(t.places, p.name)) "
            "FROM store.project_tellings t JOIN store.articles a ON a.latest_version_id = t.version_id "
            "WHERE a.article_id IN (SELECT id FROM scope_entities) ORDER BY t.ordinal"
        ).fetchall():
            carriers = organisations[-1:] if kind == "acquisition" else organisations
            for name in carriers:
                departments, section = found.get((version, name), (set(), None))
                found[version, name] = (departments | set(codes or ()), section or section_of(sector))
        return found

    def _edges_of_articles(self, articles: Sequence[str], rows: Sequence[Row]) -> set[str]:
        """Aliases that an article gives, and names that it tells apart."""
        touched = self._drop_edges(articles)
        by_article: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_article[row["article_id"]].append(row)
        edges: set[tuple[str, str, str, str]] = set()
        for article, mentions in by_article.items():
            for row in mentions:
                for alias in row["aliases"] or []:
                    form = name_form(alias)
                    usable = form.telling or form.is_acronym or len(form.core) >= 2
                    if usable and form.identity != row["key"]:
                        edges.add((*sorted((row["key"], form.identity)), article, "alias"))
            for a, b in combinations(mentions, 2):
                if a["key"] != b["key"] and compare(a["name"], b["name"]) > 0:
                    edges.add((*sorted((a["key"], b["key"])), article, "apart"))
        return touched | self._add_edges(edges)

    def _edges_of_projects(self, projects: Iterable[str]) -> set[str]:
        """Two names under which two articles tell who carries one project, where the names can be one."""
        touched = self._drop_edges(projects)
        set_scope(self.connection, "scope_projects", projects)
        carriers: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for project, article, names in self.connection.execute(
            "SELECT r.project_id, r.article_id, t.organisations FROM store.project_reports r "
            "JOIN store.project_tellings t USING (telling_id) "
            "WHERE r.relation = 'told' AND r.project_id IN (SELECT id FROM scope_projects)"
        ).fetchall():
            carriers[project] |= {(article, name) for name in names}
        edges: set[tuple[str, str, str, str]] = set()
        for project, told in carriers.items():
            for (one_article, one), (other_article, other) in combinations(sorted(told), 2):
                left, right = sorted((name_form(one).identity, name_form(other).identity))
                if one_article != other_article and left != right and compare(one, other) >= min(CONTAINED, SPELLING):
                    edges.add((left, right, project, "project"))
        return touched | self._add_edges(edges)

    def _drop_edges(self, origins: Iterable[str]) -> set[str]:
        set_scope(self.connection, "scope_origins", origins)
        rows = self.connection.execute(
            "SELECT left_key, right_key FROM store.entity_edges WHERE origin IN (SELECT id FROM scope_origins)"
        ).fetchall()
        self.connection.execute("DELETE FROM store.entity_edges WHERE origin IN (SELECT id FROM scope_origins)")
        return {key for row in rows for key in row}

    def _add_edges(self, edges: set[tuple[str, str, str, str]]) -> set[str]:
        insert_rows(
            self.connection,
            "entity_edges",
            [
                {"entity": self.entity, "left_key": a, "right_key": b, "origin": o, "rule": r}
                for a, b, o, r in sorted(edges)
            ],
        )
        return {key for a, b, _, _ in edges for key in (a, b)}

    def groups(self, keys: set[str]) -> list[set[str]]:
        """Keys joined by aliases and projects. An alias that several names go by joins none; names that an article
        tells apart stay apart."""
        known, frontier = set(keys), set(keys)
        edges: dict[str, set[tuple[str, str]]] = {"alias": set(), "project": set(), "apart": set()}
        while frontier:
            set_scope(self.connection, "scope_frontier", frontier)
            found = set()
            for left, right, rule in self.connection.execute(
                "SELECT DISTINCT left_key, right_key, rule FROM store.entity_edges WHERE entity = ? AND "
                "(left_key IN (SELECT id FROM scope_frontier) OR right_key IN (SELECT id FROM scope_frontier))",
                [self.entity],
            ).fetchall():
                edges[rule].add((left, right))
                if rule != "apart":
                    found |= {left, right}
            frontier = found - known
            known |= frontier
        partners: dict[str, set[str]] = defaultdict(set)
        for left, right in edges["alias"]:
            partners[left].add(right)
            partners[right].add(left)
        head = {key: key for key in known}

        def find(key: str) -> str:
            while head[key] != key:
                key = head[key]
            return key

        for left, right in sorted(edges["project"]) + sorted(edges["alias"]):
            if (left, right) in edges["apart"]:
                continue
            short = left if len(left) < len(right) else right
            # "CCI" or "Caisse" is an alias of many: only one that a single name goes by says who is meant.
            if (left, right) not in edges["project"] and len(partners[short]) > 1:
                continue
            keep, drop = sorted((find(left), find(right)))
            head[drop] = keep
        grouped: dict[str, set[str]] = defaultdict(set)
        for key in known:
            grouped[find(key)].add(key)
        return [grouped[key] for key in sorted(grouped)]

    def _describe(self) -> None:
        """Names, aliases, kind, sector, places and days of the organisations that the articles in scope name."""
        self.connection.execute(
            """
            CREATE OR REPLACE TEMP TABLE described AS
            WITH mine AS (
                SELECT DISTINCT organisation_id FROM wanted_links w JOIN store.organisation_links USING (mention_id)
                WHERE w.article_id IN (SELECT id FROM scope_entities)),
            told AS (
                SELECT l.organisation_id, m.name, m.aliases, m.kind, a.published_on, m.version_id
                FROM store.organisation_links l SEMI JOIN mine USING (organisation_id)
                JOIN store.organisation_mentions m USING (mention_id)
                JOIN store.articles a ON a.latest_version_id = m.version_id),
            forms AS (
                SELECT organisation_id, name AS form, 1 AS said FROM told
                UNION ALL SELECT organisation_id, unnest(aliases), 0 FROM told),
            counted AS (SELECT organisation_id, form, sum(said) AS times FROM forms GROUP BY ALL),
            kinds AS (SELECT organisation_id, kind, count(*) AS times FROM told GROUP BY ALL),
            carried AS (
                SELECT t.organisation_id, p.sector, count(*) AS times
                FROM told t JOIN store.project_tellings p ON p.version_id = t.version_id
                 AND (CASE WHEN p.kind = 'acquisition' THEN p.organisations[-1] = t.name
                      ELSE list_contains(p.organisations, t.name) END)
                WHERE p.sector IS NOT NULL GROUP BY ALL),
            placed AS (
                SELECT t.organisation_id, list(DISTINCT pm.code ORDER BY pm.code) AS codes
                FROM told t JOIN store.project_tellings p ON p.version_id = t.version_id
                 AND list_contains(p.organisations, t.name)
                JOIN store.place_mentions pm ON pm.version_id = p.version_id AND pm.kind = 'commune'
                 AND pm.code IS NOT NULL AND list_contains(p.places, pm.name)
                GROUP BY ALL)
            SELECT organisation_id,
                   (SELECT form FROM counted c WHERE c.organisation_id = m.organisation_id AND c.times > 0
                    ORDER BY times DESC, length(form) DESC, form LIMIT 1) AS name,
                   (SELECT list(form ORDER BY form) FROM counted c
                    WHERE c.organisation_id = m.organisation_id) AS forms,
                   (SELECT kind FROM kinds k WHERE k.organisation_id = m.organisation_id
                    ORDER BY times DESC, kind LIMIT 1) AS kind,
                   (SELECT sector FROM carried s WHERE s.organisation_id = m.organisation_id
                    ORDER BY times DESC, sector LIMIT 1) AS sector,
                   (SELECT codes FROM placed d WHERE d.organisation_id = m.organisation_id) AS codes,
                   (SELECT min(published_on) FROM told t WHERE t.organisation_id = m.organisation_id) AS first,
                   (SELECT max(published_on) FROM told t WHERE t.organisation_id = m.organisation_id) AS last
            FROM mine m
            """
        )
        self.connection.execute(
            "UPDATE store.organisations o SET name = d.name, aliases = list_filter(d.forms, f -> f <> d.name), "
            "kind = d.kind, sector = d.sector, commune_codes = coalesce(d.codes, []), first_told_at = d.first, "
            "last_told_at = d.last FROM described d WHERE d.organisation_id = o.organisation_id"
        )


def _homes(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> dict[tuple[str, str], str]:
    """(version, folded name) -> code of where an article says an organisation is based: ``d59``, ``r32``, ``cDE``."""
    set_scope(connection, "scope_based", (r["version_id"] for r in rows if r["based_in"]))
    found = {}
    for version, name, kind, code, department in connection.execute(
        "SELECT p.version_id, p.name, p.kind, p.code, c.department_code FROM store.place_mentions p "
        "LEFT JOIN store.codes c ON c.level = p.kind AND c.code = p.code "
        "WHERE p.version_id IN (SELECT id FROM scope_based) AND p.code IS NOT NULL"
    ).fetchall():
        letter = {"commune": "d", "department": "d", "region": "r", "country": "c"}[kind]
        found[version, fold(name)] = letter + (department or code if letter == "d" else code)
    return found


def _homes_differ(one: str | None, other: str | None) -> bool:
    """Two homes contradict where both are departments, or both countries, or one is abroad. A region may hold the
    department, and France holds all of them."""
    if not one or not other or one == other or "cFR" in (one, other):
        return False
    if one[0] == other[0]:
        return True
    return "c" in (one[0], other[0])


# ------------------------------------------------------------------------------------------------ people


class _People(_Entities):
    entity, prefix, table = "person", "h-", "people"
    link_table, link_column = "person_links", "person_id"

    def judge(self, articles: Sequence[str]) -> None:
        rows = dicts(
            self.connection.execute(
                "SELECT m.mention_id, m.version_id, m.article_id, m.name, m.roles, a.published_on, v.region_code "
                "FROM store.person_mentions m JOIN store.articles a ON a.latest_version_id = m.version_id "
                "JOIN store.article_versions v ON v.version_id = m.version_id "
                "WHERE a.article_id IN (SELECT id FROM scope_entities)"
            )
        )
        index = []
        for row in rows:
            organisations = sorted({name_form(r["organisation"]).key for r in row["roles"] or [] if r["organisation"]})
            signature = {k: v for k, v in (("organisations", organisations), ("region", row["region_code"])) if v}
            index.append(
                {"entity": self.entity, "mention_id": row["mention_id"], "version_id": row["version_id"],
                 "article_id": row["article_id"], "key": _person_key(row["name"], row["article_id"]),
                 "signature": json.dumps(signature, sort_keys=True), "published_on": row["published_on"]}
            )  # fmt: skip
        self.judge_keys(self.replace_index(index))
        self._describe()

    def cluster(self, nodes: Sequence[_Node]) -> list[list[_Node]]:
        """Joined by whatever they share: an organisation or a region."""
        clusters: list[list[_Node]] = []
        for node in sorted(nodes, key=lambda n: (n.signature, n.key)):
            near = [c for c in clusters if any(self.compatible(node.said, other.said) for other in c)]
            joined = [node, *(n for c in near for n in c)]
            clusters = [c for c in clusters if c not in near] + [joined]
        return clusters

    def compatible(self, left: Signature, right: Signature) -> bool:
        if set(left.get("organisations", ())) & set(right.get("organisations", ())):
            return True
        return left.get("region") is not None and left.get("region") == right.get("region")

    def _describe(self) -> None:
        set_scope(
            self.connection,
            "scope_people",
            (
                row[0]
                for row in self.connection.execute(
                    "SELECT DISTINCT l.person_id FROM wanted_links w JOIN store.person_links l USING (mention_id) "
                    "WHERE w.article_id IN (SELECT id FROM scope_entities)"
                ).fetchall()
            ),
        )
        told: dict[str, list[Row]] = defaultdict(list)
        for row in dicts(
            self.connection.execute(
                "SELECT l.person_id, m.name, m.aliases, m.roles, m.version_id, a.published_on, a.article_id "
                "FROM store.person_links l JOIN store.person_mentions m USING (mention_id) "
                "JOIN store.articles a ON a.latest_version_id = m.version_id "
                "WHERE l.person_id IN (SELECT id FROM scope_people) ORDER BY a.published_on, a.article_id, m.mention_id"
            )
        ):
            told[row["person_id"]].append(row)
        organisations = self._organisations({r["version_id"] for rows in told.values() for r in rows})
        described = []
        for person, rows in sorted(told.items()):
            forms = sorted({r["name"] for r in rows} | {a for r in rows for a in r["aliases"] or []})
            name = max(forms, key=lambda f: (sum(r["name"] == f for r in rows), len(f), f))
            described.append(
                {"person_id": person, "name": name, "aliases": [f for f in forms if f != name],
                 "roles": _roles(rows, organisations), "first_told_at": rows[0]["published_on"],
                 "last_told_at": rows[-1]["published_on"], "recorded_at": self.now}
            )  # fmt: skip
        columns = ("name", "aliases", "roles", "first_told_at", "last_told_at")
        update_rows(self.connection, "people", "person_id", columns, described)

    def _organisations(self, versions: set[str]) -> dict[tuple[str, str], tuple[str, str]]:
        """(version, name) -> (kind, organisation_id)."""
        set_scope(self.connection, "scope_versions", versions)
        return {
            (version, name): (kind, ident)
            for version, name, kind, ident in self.connection.execute(
                "SELECT m.version_id, m.name, m.kind, l.organisation_id FROM store.organisation_mentions m "
                "LEFT JOIN store.organisation_links l USING (mention_id) "
                "WHERE m.version_id IN (SELECT id FROM scope_versions)"
            ).fetchall()
        }


def _person_key(name: str, article: str) -> str:
    """A full name; a surname alone says who is meant in its article only."""
    words = fold(name).split()
    return " ".join(words) if len(words) >= 2 else f"{' '.join(words)} @{article}"


def _roles(rows: Sequence[Row], organisations: Mapping[tuple[str, str], tuple[str, str]]) -> list[Row]:
    """Roles with the days between which they were told; union and court roles are the organisation's side, no profile
    of a person."""
    found: dict[tuple[str, str | None], Row] = {}
    for row in rows:
        for role in row["roles"] or []:
            if keeps_no_profile(role["title"], role["organisation"]):
                continue
            _, ident = organisations.get((row["version_id"], role["organisation"]), (None, None))
            key = (fold(role["title"]), ident or fold(role["organisation"] or ""))
            held = found.setdefault(
                key,
                {"title": role["title"], "organisation": role["organisation"], "organisation_id": ident,
                 "first_told_at": row["published_on"], "last_told_at": row["published_on"]},
            )  # fmt: skip
            held["last_told_at"] = row["published_on"]
    return [found[key] for key in sorted(found, key=lambda k: (found[k]["first_told_at"], k[0], k[1] or ""))]


def _side_words(side: str) -> frozenset[str]:
    return frozenset(history_rules()["sides"][side].split())


def keeps_no_profile(title: str, organisation: str | None) -> bool:
    """Whether a role is a union's or a court's: it is not kept as part of a person's profile (trade-union membership is
    special-category data, GDPR article 9).

    >>> keeps_no_profile("délégué syndical", "CFDT"), keeps_no_profile("directrice", "Laiterie Vanneau")
    (True, False)
    >>> keeps_no_profile("directeur général délégué", "Laiterie Vanneau")
    False
    """
    words = set(fold(title).split()) | set(fold(organisation or "").split())
    if words & _side_words("manager"):
        words -= {"delegue", "deleguee", "administrateur", "administratrice"}
    return bool(words & (_side_words("union") | _side_words("court"))) or {"comite", "social"} <= words


# ------------------------------------------------------------------------------------------------ places


def _places(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Links of the places that the articles in scope name: by code, areas by name."""
    rows = dicts(
        connection.execute(
            "SELECT m.mention_id, m.version_id, m.name, m.kind, m.code, c.name AS official FROM store.place_mentions m "
            "JOIN store.articles a ON a.latest_version_id = m.version_id "
            "LEFT JOIN store.codes c ON c.level = m.kind AND c.code = m.code "
            "WHERE a.article_id IN (SELECT id FROM scope_entities) ORDER BY m.mention_id"
        )
    )
    links: list[Row] = []
    places: dict[str, Row] = {}
    for row in rows:
        ident = place_id(row["kind"], row["code"], row["name"])
        links.append({"mention_id": row["mention_id"], "version_id": row["version_id"], "place_id": ident})
        place = places.setdefault(
            ident,
            {"place_id": ident, "name": row["official"] or row["name"], "aliases": set(), "kind": row["kind"],
             "code": row["code"], "recorded_at": now},
        )  # fmt: skip
        place["aliases"].add(row["name"])
    connection.execute(
        "DELETE FROM store.place_links WHERE version_id IN (SELECT version_id FROM store.article_versions "
        "WHERE article_id IN (SELECT id FROM scope_entities))"
    )
    insert_rows(connection, "place_links", links)
    known = {
        row[0]: (row[1], set(row[2]))
        for row in connection.execute("SELECT place_id, name, aliases FROM store.places").fetchall()
        if row[0] in places
    }
    fresh = []
    for ident, place in sorted(places.items()):
        name, aliases = known.get(ident, (place["name"], set()))
        # Of an area's forms the first in the alphabet is its name, whichever came first.
        forms = aliases | place["aliases"] | {name, place["name"]}
        name = place["name"] if place["code"] else min(forms)
        wanted = sorted(forms - {name})
        if ident not in known:
            fresh.append(place | {"name": name, "aliases": wanted})
        elif (name, set(wanted)) != known[ident]:
            connection.execute(
                "UPDATE store.places SET name = ?, aliases = ? WHERE place_id = ?", [name, wanted, ident]
            )
    insert_rows(connection, "places", fresh)


def place_id(kind: str, code: str | None, name: str) -> str:
    """``commune-59350``; for what has no code ``area-`` and a hash of its folded name."""
    if code is not None:
        return f"{kind}-{code}"
    return f"area-{hashlib.sha256(fold(name).encode()).hexdigest()[:12]}"
