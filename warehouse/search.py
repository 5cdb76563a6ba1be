"""Search on the published copy: words and meaning, each hit with its evidence.

Words are compared as French stems, accents optional ("implantee" finds "implantée"); the score is BM25. Meaning is the
nearness of vectors, where an encoder is given and the copy holds vectors of the same model. Both rankings are joined by
reciprocal rank fusion. Near-copies of a hit are counted, not listed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from warehouse.embed import Encoder
from warehouse.load import name_key
from warehouse.store import WarehouseError, get_meta, open_reader, quoted, transaction

WORD = r"[a-zà-öø-ÿœ0-9]+"
K1, B = 1.2, 0.75
FUSION = 60  # Cormack, Clarke and Büttcher 2009
POOL = 200
BATCH = 20_000


def fts_extension() -> Path:
    """The full-text extension of this DuckDB, as the wheel carries it (French stems); loading it needs no network.

    Raises WarehouseError where the wheel does not match.
    """
    spec = find_spec("duckdb_extension_fts")
    roots = list(spec.submodule_search_locations or []) if spec else []
    path = Path(roots[0] if roots else "") / "extensions" / f"v{duckdb.__version__}" / "fts.duckdb_extension"
    if not path.exists():
        raise WarehouseError(f"duckdb-extension-fts=={duckdb.__version__} is not installed: no French stems")
    return path


def load_fts(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the extension into a connection."""
    connection.execute(f"LOAD '{quoted(fts_extension())}'")


@cache
def stopwords() -> frozenset[str]:
    """French function words that are left out of the index and of queries."""
    text = (files("warehouse") / "lexicon" / "stopwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.split("\n") if line and not line.startswith("#"))


_PENDING = """
    CREATE OR REPLACE TEMP TABLE pending AS
    SELECT a.article_id, a.latest_version_id AS version_id, a.latest_version_id || coalesce(r.facts_hash, '') ||
           v.redistribute_text::VARCHAR AS state
    FROM store.articles a
    JOIN store.article_versions v ON v.version_id = a.latest_version_id
    LEFT JOIN store.readings r ON r.version_id = a.latest_version_id
    LEFT JOIN store.search_documents d ON d.article_id = a.article_id
    WHERE d.state IS DISTINCT FROM a.latest_version_id || coalesce(r.facts_hash, '') || v.redistribute_text::VARCHAR
    ORDER BY a.published_on, a.article_id LIMIT {batch}
"""
# What may be published of an article, with the weight of each part; sentences that several facts share count once.
_PARTS = """
    CREATE OR REPLACE TEMP TABLE parts AS
    SELECT article_id, 3 AS weight, title AS text
        FROM store.article_versions JOIN pending USING (article_id, version_id)
    UNION ALL SELECT article_id, 2, standfirst FROM store.article_versions JOIN pending USING (article_id, version_id)
    UNION ALL SELECT article_id, 2, concat_ws(' ', name, array_to_string(aliases, ' '))
        FROM store.organisation_mentions JOIN pending USING (article_id, version_id)
    UNION ALL SELECT article_id, 2, name FROM store.person_mentions JOIN pending USING (article_id, version_id)
    UNION ALL SELECT article_id, 2, name FROM store.place_mentions JOIN pending USING (article_id, version_id)
    UNION ALL SELECT DISTINCT article_id, 1, evidence_sentence
        FROM store.figure_facts JOIN pending USING (article_id, version_id)
    UNION ALL SELECT DISTINCT article_id, 1, concat_ws(' ', name, evidence_text)
        FROM store.project_tellings JOIN pending USING (article_id, version_id)
    UNION ALL SELECT DISTINCT article_id, 1, text FROM store.quote_facts JOIN pending USING (article_id, version_id)
    UNION ALL SELECT p.article_id, 1, b.text FROM store.blocks b JOIN pending p USING (version_id)
        JOIN store.article_versions v USING (version_id) WHERE v.redistribute_text
"""
_WORDS = f"""
    CREATE OR REPLACE TEMP TABLE counted AS
    SELECT article_id, word, least(sum(weight), 65535)::USMALLINT AS weight
    FROM (SELECT article_id, weight, unnest(regexp_extract_all(lower(text), '{WORD}')) AS word FROM parts)
    WHERE word NOT IN (SELECT word FROM stopwords)
    GROUP BY ALL
"""  # noqa: S608
# Each word stands under its stem, and under the stem of its unaccented form where that is another.
_STEMS = """
    CREATE OR REPLACE TEMP TABLE stems AS
    SELECT word, stem(word, 'french') AS term FROM words
    UNION
    SELECT word, '~' || stem(strip_accents(word), 'french') FROM words
    WHERE stem(strip_accents(word), 'french') <> stem(word, 'french')
"""


def refresh_index(connection: duckdb.DuckDBPyConnection) -> int:
    """Bring the full-text index of a warehouse up to date with its articles; returns how many were indexed anew."""
    load_fts(connection)
    total = 0
    with transaction(connection):
        connection.execute("CREATE OR REPLACE TEMP TABLE stopwords AS SELECT unnest(?) AS word", [sorted(stopwords())])
        while True:
            connection.execute(_PENDING.format(batch=BATCH))
            count = _scalar(connection, "SELECT count(*) FROM pending")
            if not count:
                break
            total += count
            _index_pending(connection)
    return total


def _index_pending(connection: duckdb.DuckDBPyConnection) -> None:
    for statement in (_PARTS, _WORDS):
        connection.execute(statement)
    connection.execute("CREATE OR REPLACE TEMP TABLE words AS SELECT DISTINCT word FROM counted")
    connection.execute(_STEMS)
    connection.execute(
        "INSERT INTO store.search_terms SELECT (SELECT coalesce(max(term_id), 0) FROM store.search_terms) "
        "+ row_number() OVER (ORDER BY term), term FROM (SELECT DISTINCT term FROM stems) "
        "ANTI JOIN store.search_terms USING (term)"
    )
    connection.execute(
        "DELETE FROM store.search_postings WHERE article_no IN "
        "(SELECT article_no FROM store.search_documents SEMI JOIN pending USING (article_id))"
    )
    connection.execute(
        """
        MERGE INTO store.search_documents t USING (
            SELECT p.article_id, p.state, coalesce(sum(c.weight), 0)::INTEGER AS length,
                   (SELECT coalesce(max(article_no), 0) FROM store.search_documents)
                   + row_number() OVER (ORDER BY p.article_id) AS article_no
            FROM pending p LEFT JOIN counted c USING (article_id) GROUP BY p.article_id, p.state) s
        ON t.article_id = s.article_id
        WHEN MATCHED THEN UPDATE SET state = s.state, length = s.length
        WHEN NOT MATCHED THEN INSERT (article_no, article_id, state, length)
            VALUES (s.article_no, s.article_id, s.state, s.length)
        """
    )
    connection.execute(
        """
        INSERT INTO store.search_postings
        SELECT t.term_id, d.article_no, least(sum(c.weight), 65535)
        FROM counted c JOIN stems s USING (word) JOIN store.search_terms t USING (term)
        JOIN store.search_documents d USING (article_id)
        GROUP BY ALL ORDER BY t.term_id, d.article_no
        """
    )


def _scalar(connection: duckdb.DuckDBPyConnection, statement: str, parameters: Sequence[Any] = ()) -> int:
    row = connection.execute(statement, list(parameters)).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


@dataclass(frozen=True)
class Hit:
    """One article that was found, with the project that it tells where it tells one.

    ``score`` orders hits of one search only. ``evidence_text`` is the extract that answers the words best, else the
    clause that announces the project, else the standfirst. ``copies`` counts near-copies of the article.
    """

    article_id: str
    article_url: str | None
    title: str
    source: str | None
    published_on: date
    region_code: str | None
    score: float
    evidence_text: str | None
    copies: int
    project_id: str | None
    project: str | None
    kind: str | None
    status: str | None
    organisations: tuple[str, ...]
    places: tuple[str, ...]
    investment_eur: float | None
    jobs: float | None


@dataclass(frozen=True)
class Filters:
    """What hits must fulfil; None: anything."""

    region: str | None = None
    department: str | None = None
    kind: str | None = None
    since: date | str | None = None
    until: date | str | None = None
    min_investment: float | None = None
    min_jobs: float | None = None

    def where(self, connection: duckdb.DuckDBPyConnection) -> tuple[str, list[Any]]:
        """A condition on article_id and its parameters. Raises WarehouseError for a region that there is not."""
        clauses: list[str] = []
        values: list[Any] = []
        if self.since is not None:
            clauses.append("article_id IN (SELECT article_id FROM store.articles WHERE published_on >= ?::DATE)")
            values.append(str(self.since))
        if self.until is not None:
            clauses.append("article_id IN (SELECT article_id FROM store.articles WHERE published_on <= ?::DATE)")
            values.append(str(self.until))
        if self.region is not None:
            code = region_code(connection, self.region)
            clauses.append(
                "article_id IN (SELECT article_id FROM article_places WHERE region_code = ? "
                "UNION ALL SELECT article_id FROM articles WHERE region_code = ?)"
            )
            values += [code, code]
        if self.department is not None:
            clauses.append("article_id IN (SELECT article_id FROM article_places WHERE department_code = ?)")
            values.append(self.department)
        project = [
            (self.kind, "p.kind = ?"),
            (self.min_investment, "greatest(investment_eur_low, investment_eur_high) >= ?"),
            (self.min_jobs, "greatest(jobs_created_low, jobs_created_high, jobs_cut_low, jobs_cut_high) >= ?"),
        ]
        asked = [(value, clause) for value, clause in project if value is not None]
        if asked:
            every = " AND ".join(clause for _, clause in asked)
            clauses.append(
                "article_id IN (SELECT r.article_id FROM store.project_reports r "  # noqa: S608
                f"JOIN projects p USING (project_id) WHERE {every})"
            )
            values += [value for value, _ in asked]
        return " AND ".join(clauses) or "true", values


def region_code(connection: duckdb.DuckDBPyConnection, region: str) -> str:
    """A region's INSEE code from its code or its name."""
    for code, name in connection.execute("SELECT code, name FROM store.codes WHERE level = 'region'").fetchall():
        if region == code or name_key(region) == name_key(name):
            return str(code)
    raise WarehouseError(f"no region {region!r}: give its name or its INSEE code")


class Searcher:
    """An open published copy, ready for many searches. Use as a context manager, or :func:`search` for one."""

    def __init__(self, path: Path | str, encoder: Encoder | None = None) -> None:
        """Open the copy; raises WarehouseError where it is missing or was never published."""
        self.connection = open_reader(path, extensions=[fts_extension()])
        self.encoder = encoder if encoder and get_meta(self.connection, "encoder") == encoder.name else None
        self.documents = _scalar(self.connection, "SELECT count(*) FROM store.search_documents")
        self.length = _scalar(self.connection, "SELECT avg(length) FROM store.search_documents") or 1

    def __enter__(self) -> Searcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def search(self, words: str, filters: Filters, limit: int) -> list[Hit]:
        """The hits, best first."""
        terms = self._terms(words)
        condition = self._allow(filters)
        rankings = [self._by_words(terms, condition)]
        if self.encoder is not None and words.strip():
            rankings.append(self._by_meaning(words, condition))
        scores: dict[str, float] = {}
        for ranking in rankings:
            for rank, article in enumerate(ranking, 1):
                scores[article] = scores.get(article, 0.0) + 1 / (FUSION + rank)
        return self._hits(scores, terms, limit)

    def _allow(self, filters: Filters) -> str:
        """The condition on article_id under which an article may be a hit; what fulfils the filters is found once."""
        condition, values = filters.where(self.connection)
        if condition == "true":
            return condition
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE allowed AS SELECT article_id FROM store.articles WHERE {condition}",  # noqa: S608
            values,
        )
        return "article_id IN (FROM allowed)"

    def _terms(self, words: str) -> list[tuple[int, str]]:
        """Number of the word and stem, for each form under which a word of the query may stand."""
        asked = sorted(set(re.findall(WORD, unicodedata.normalize("NFC", words).lower())) - stopwords())
        forms = self.connection.execute(
            "SELECT n, stem(word, 'french'), stem(strip_accents(word), 'french') "
            "FROM (SELECT unnest($words::VARCHAR[]) AS word, generate_subscripts($words::VARCHAR[], 1) AS n)",
            {"words": asked},
        ).fetchall()
        return sorted({pair for n, stem, plain in forms for pair in ((n, stem), (n, plain), (n, f"~{plain}"))})

    def _by_words(self, terms: Sequence[tuple[int, str]], condition: str) -> list[str]:
        if not terms:
            # Nothing to look for but the filters: the newest first.
            rows = self.connection.execute(
                f"SELECT article_id FROM store.articles WHERE {condition} "  # noqa: S608
                f"ORDER BY published_on DESC, article_id LIMIT {POOL}"
            ).fetchall()
            return [row[0] for row in rows]
        pairs = ", ".join("(?, ?)" for _ in terms)
        rows = self.connection.execute(
            f"""
            WITH asked(word, term) AS (VALUES {pairs}),
            wanted AS (SELECT a.word, t.term_id FROM asked a JOIN store.search_terms t USING (term)),
            found AS (SELECT w.word, p.article_no, max(p.weight) AS tf FROM store.search_postings p
                      JOIN wanted w USING (term_id)
                      GROUP BY ALL),
            known AS (SELECT word, ln(1 + ({self.documents} - count(*) + 0.5) / (count(*) + 0.5)) AS idf
                      FROM found GROUP BY word)
            SELECT d.article_id,
                   sum(idf * tf * {K1 + 1} / (tf + {K1} * (1 - {B} + {B} * d.length / {self.length}))) AS score
            FROM found JOIN known USING (word) JOIN store.search_documents d USING (article_no)
            WHERE {condition}
            GROUP BY d.article_id ORDER BY score DESC, d.article_id LIMIT {POOL}
            """,  # noqa: S608
            [value for pair in terms for value in pair],
        ).fetchall()
        return [row[0] for row in rows]

    def _by_meaning(self, words: str, condition: str) -> list[str]:
        assert self.encoder is not None
        vector = self.encoder.encode([words], kind="query")[0]
        rows = self.connection.execute(
            f"""
            SELECT article_id FROM search_vectors WHERE {condition}
            ORDER BY array_inner_product(vector, ?::FLOAT[{len(vector)}]) DESC, article_id LIMIT {POOL}
            """,  # noqa: S608
            [str(vector.tolist())],
        ).fetchall()
        return [row[0] for row in rows]

    def _hits(self, scores: dict[str, float], terms: Sequence[tuple[int, str]], limit: int) -> list[Hit]:
        """Rows of the best articles, each near-copy under the oldest of its group."""
        if not scores:
            return []
        origins = dict(
            self.connection.execute(
                "SELECT article_id, copy_of FROM store.near_copies "
                "WHERE article_id IN (SELECT unnest(string_split(?, ' ')))",
                [" ".join(scores)],  # a long list as a parameter takes longer to hand over than to look up
            ).fetchall()
        )
        groups: dict[str, list[str]] = {}
        for article in scores:
            groups.setdefault(origins.get(article, article), []).append(article)
        best: dict[str, float] = {}
        for origin, found in groups.items():
            # The oldest stands for its copies, where the filters let it through.
            first = origin if origin in scores else min(found, key=lambda a: (-scores[a], a))
            best[first] = max(scores[article] for article in found)
        chosen = sorted(best, key=lambda a: (-best[a], a))[:limit]
        marks = ", ".join("?" for _ in chosen)
        rows = self.connection.execute(
            f"""
            WITH chosen AS MATERIALIZED (SELECT * FROM store.articles WHERE article_id IN ({marks})),
            reports AS MATERIALIZED (
                SELECT article_id, project_id, telling_id FROM store.project_reports WHERE article_id IN ({marks})),
            tellings AS MATERIALIZED (
                SELECT telling_id, ordinal, evidence_text FROM store.project_tellings WHERE article_id IN ({marks})),
            states AS MATERIALIZED (
                SELECT project_id, name, kind, status, organisations, places,
                       coalesce(investment_eur_high, investment_eur_low) AS investment_eur,
                       coalesce(jobs_created_high, jobs_created_low, jobs_cut_high, jobs_cut_low) AS jobs
                FROM store.project_states
                WHERE superseded_at IS NULL AND project_id IN (SELECT project_id FROM reports)),
            told AS (
                SELECT r.article_id, p.*, t.evidence_text FROM reports r JOIN states p USING (project_id)
                JOIN tellings t USING (telling_id)
                QUALIFY row_number() OVER (PARTITION BY r.article_id ORDER BY t.ordinal) = 1),
            copies AS (
                SELECT copy_of, count(*) AS number FROM store.near_copies WHERE copy_of IN ({marks}) GROUP BY copy_of)
            SELECT a.article_id, a.url, v.title, coalesce(s.name, v.source), a.published_on,
                   coalesce(v.region_code, s.region_code), v.standfirst, coalesce(c.number, 0),
                   p.project_id, p.name, p.kind, p.status, p.organisations, p.places, p.investment_eur, p.jobs,
                   p.evidence_text
            FROM chosen a JOIN store.article_versions v ON v.version_id = a.latest_version_id
            LEFT JOIN store.sources s ON s.source_id = a.source_id
            LEFT JOIN told p ON p.article_id = a.article_id
            LEFT JOIN copies c ON c.copy_of = a.article_id
            """,  # noqa: S608
            [*chosen, *chosen, *chosen, *chosen],
        ).fetchall()
        extracts = self._extracts(chosen, terms)
        hits = {
            row[0]: Hit(
                article_id=row[0], article_url=row[1], title=row[2], source=row[3], published_on=row[4],
                region_code=row[5], score=round(best[row[0]], 6),
                evidence_text=extracts.get(row[0]) or row[16] or row[6], copies=row[7], project_id=row[8],
                project=row[9], kind=row[10], status=row[11],
                organisations=tuple(row[12] or ()), places=tuple(row[13] or ()), investment_eur=row[14], jobs=row[15],
            )
            for row in rows
        }  # fmt: skip
        return [hits[article] for article in chosen if article in hits]

    def _extracts(self, articles: Sequence[str], terms: Sequence[tuple[int, str]]) -> dict[str, str]:
        """For each article the extract that holds the most of the words, where one holds any.

        A word of an extract counts where it begins like a stem: stemming every word of every extract would take the
        extension longer than the search itself.
        """
        beginnings: dict[int, set[str]] = {}
        for number, term in terms:
            plain = name_key(term.removeprefix("~"))
            beginnings.setdefault(number, set()).add(plain[: max(4, len(plain) - 1)])
        marks = ", ".join("?" for _ in articles)
        rows = self.connection.execute(
            f"""
            WITH chosen AS MATERIALIZED (
                SELECT article_id, latest_version_id AS version_id FROM store.articles WHERE article_id IN ({marks})),
            extracts AS MATERIALIZED (
                SELECT article_id, version_id, evidence_text AS text, 0 AS later FROM store.project_tellings
                WHERE article_id IN ({marks})
                UNION ALL SELECT article_id, version_id, evidence_sentence, 1 FROM store.figure_facts
                WHERE article_id IN ({marks})
                UNION ALL SELECT article_id, version_id, text, 2 FROM store.quote_facts WHERE article_id IN ({marks}))
            SELECT DISTINCT article_id, text, later FROM extracts SEMI JOIN chosen USING (article_id, version_id)
            WHERE text IS NOT NULL
            """,  # noqa: S608
            [*articles] * 4,
        ).fetchall()
        best: dict[str, tuple[tuple[int, int, int, str], str]] = {}
        for article, text, later in rows:
            there = name_key(text).split()
            shared = sum(any(w.startswith(b) for w in there for b in stems) for stems in beginnings.values())
            rank = (-shared, later, len(text), text)
            if shared and (article not in best or rank < best[article][0]):
                best[article] = (rank, text)
        return {article: text for article, (_, text) in best.items()}


def search(
    path: Path | str,
    words: str,
    *,
    region: str | None = None,
    department: str | None = None,
    kind: str | None = None,
    since: date | str | None = None,
    until: date | str | None = None,
    min_investment: float | None = None,
    min_jobs: float | None = None,
    limit: int = 10,
    encoder: Encoder | None = None,
) -> list[Hit]:
    """Search a published copy (or a warehouse that was indexed) once.

    ``words``: what is looked for ("data center refroidissement Cambrai"); empty: the newest articles that fulfil the
    filters. ``region``: INSEE code or name; ``kind``: kind of project; ``since``, ``until``: days; ``min_investment``:
    euros; ``min_jobs``: jobs created or cut. Returns at most ``limit`` hits. Raises WarehouseError where the file is
    missing or a region is unknown.
    """
    filters = Filters(region, department, kind, since, until, min_investment, min_jobs)
    with Searcher(path, encoder) as searcher:
        return searcher.search(words, filters, limit)
