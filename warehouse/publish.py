"""Publishing: the immutable copy that analysts open, replaced atomically after the checks have passed.

The copy holds facts, titles, standfirsts, links and bounded extracts; whole texts only where the source's licence
covers passing them on. It is made beside the old one and takes its place by one rename: whoever reads the old copy
goes on reading it, whoever opens the path sees the old or the new one and never half of either.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.checks import CheckResult
from warehouse.embed import Encoder, refresh_vectors
from warehouse.search import refresh_index
from warehouse.store import Warehouse, WarehouseError, connect, quoted, set_meta

# How much of a sentence is one bounded extract, in characters.
EXTRACT = 400
# What stays inside: mails and subscribers, the list of the forgotten, the machinery of near-copies and tying, stocks.
PRIVATE = (
    "outbox", "deliveries", "subscribers", "forgotten", "signatures", "boilerplate", "copy_pairs", "tie_queue",
    "telling_index", "telling_keys", "entity_index", "entity_edges", "entity_names", "embeddings", "sirene", "blocks",
)  # fmt: skip
# One extract a fact: for these the words themselves are it, the sentence around them stays inside.
WITHOUT_SENTENCE = ("organisation_mentions", "person_mentions", "place_mentions")
# A project's page asks by these: in their order a scan skips nearly all that is not asked for.
ORDERED = {
    "project_states": "project_id",
    "project_reports": "project_id",
    "history_steps": "project_id",
    "project_tellings": "telling_id",
}


class NotPublished(WarehouseError):
    """A check of severity stop failed: the former copy stays. ``results`` are the checks that failed."""

    def __init__(self, results: list[CheckResult]) -> None:
        super().__init__("not published, the former copy stays: " + "; ".join(str(result) for result in results))
        self.results = results


@dataclass(frozen=True)
class Published:
    """What was published."""

    path: Path
    articles: int
    projects: int
    bytes: int
    warnings: tuple[CheckResult, ...]


def publish(
    warehouse_path: Path | str,
    published_path: Path | str,
    encoder: Encoder | None = None,
    *,
    checked: bool = False,
    memory_limit: str | None = None,
    threads: int | None = None,
) -> Published:
    """Check the warehouse and replace the published copy.

    What was loaded whole and not tied yet, since a run was killed, is tied first. With an ``encoder`` the copy gets
    vectors for the search by meaning. ``checked`` says that the checks were run already. Raises NotPublished where a
    check of severity stop fails, WarehouseError where the file cannot be used.
    """
    source, target = Path(warehouse_path), Path(published_path)
    if not source.exists():
        raise WarehouseError(f"{source}: no such warehouse")
    warnings: tuple[CheckResult, ...] = ()
    with Warehouse.open(source, memory_limit=memory_limit, threads=threads) as warehouse:
        if not warehouse.half_loaded():
            warehouse.tie(encoder)
        if not checked:
            failed = [result for result in warehouse.check() if not result.passed]
            if stopping := [result for result in failed if result.stops]:
                raise NotPublished(stopping)
            warnings = tuple(failed)
        refresh_index(warehouse.connection)
        if encoder is not None:
            refresh_vectors(warehouse.connection, encoder)
        warehouse.connection.execute("CHECKPOINT")
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f".{target.name}.*.tmp*"):
        left.unlink()  # of a publishing that was killed: there is one writer, and this is it
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    temporary.unlink()  # DuckDB wants to make the file itself
    try:
        articles, projects = _copy(source, temporary, encoder, memory_limit, threads)
        _replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
        Path(f"{name}.wal").unlink(missing_ok=True)
    return Published(target, articles, projects, target.stat().st_size, warnings)


def _copy(
    source: Path, temporary: Path, encoder: Encoder | None, memory_limit: str | None, threads: int | None
) -> tuple[int, int]:
    """Write the copy to a new file; returns numbers of articles and projects."""
    config = {"preserve_insertion_order": "false"}
    if memory_limit:
        config["memory_limit"] = memory_limit
    if threads:
        config["threads"] = str(threads)
    connection = connect(temporary, read_only=False, config=config)
    try:
        connection.execute(f"ATTACH '{quoted(source)}' AS source (READ_ONLY)")
        database = _scalar(connection, "SELECT current_database()")
        connection.execute(f'COPY FROM DATABASE source TO "{database}" (SCHEMA)')
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'source' AND schema_name = 'store' ORDER BY 1"
        ).fetchall()
        for (table,) in tables:
            if table not in PRIVATE:
                connection.execute(f"INSERT INTO store.{table} {_selection(connection, table)}")
        connection.execute(
            "INSERT INTO store.blocks SELECT b.* FROM source.store.blocks b SEMI JOIN source.store.article_versions v "
            "ON v.version_id = b.version_id AND v.redistribute_text"
        )
        for table in PRIVATE:
            if table != "blocks":
                connection.execute(f"DROP TABLE store.{table}")
        connection.execute("CHECKPOINT")
        if encoder is not None:
            _copy_vectors(connection, encoder)
        connection.execute("DETACH source")
        connection.execute("CHECKPOINT")
        counts = connection.execute(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM projects)"
        ).fetchone()
        assert counts is not None
        return int(counts[0]), int(counts[1])
    finally:
        connection.close()


def _selection(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """The query that gives what may be published of a table."""
    columns = [
        row[0]
        for row in connection.execute(
            "SELECT column_name FROM duckdb_columns() WHERE database_name = 'source' AND schema_name = 'store' "
            "AND table_name = ? ORDER BY column_index",
            [table],
        ).fetchall()
    ]

    def expression(column: str) -> str:
        if column == "evidence_sentence":
            return "NULL" if table in WITHOUT_SENTENCE else f"left(evidence_sentence, {EXTRACT})"
        return f'"{column}"'

    order = f" ORDER BY {ORDERED[table]}" if table in ORDERED else ""
    return f"SELECT {', '.join(expression(column) for column in columns)} FROM source.store.{table}{order}"  # noqa: S608


def _copy_vectors(connection: duckdb.DuckDBPyConnection, encoder: Encoder) -> None:
    """Vectors of the articles as arrays of a fixed length, which DuckDB compares fastest.

    Not compressed: noise-like floats hardly shrink, and unpacking took three times as long as comparing.
    """
    row = connection.execute(
        "SELECT len(vector) FROM source.store.embeddings WHERE model = ? LIMIT 1", [encoder.name]
    ).fetchone()
    if row is None:
        return
    connection.execute("PRAGMA force_compression = 'uncompressed'")
    connection.execute(
        f"CREATE TABLE search_vectors AS SELECT owner_id AS article_id, vector::FLOAT[{row[0]}] AS vector "  # noqa: S608
        "FROM source.store.embeddings SEMI JOIN store.articles a ON a.article_id = owner_id WHERE model = ?",
        [encoder.name],
    )
    connection.execute("CHECKPOINT")
    connection.execute("PRAGMA force_compression = 'auto'")
    connection.execute("COMMENT ON TABLE search_vectors IS 'Vectors of the articles, for the search by meaning'")
    connection.execute("COMMENT ON COLUMN search_vectors.article_id IS 'Article'")
    connection.execute("COMMENT ON COLUMN search_vectors.vector IS 'Vector of length 1'")
    set_meta(connection, "encoder", encoder.name)


def _replace(temporary: Path, target: Path) -> None:
    """Put the finished file in the place of the old one, durably."""
    with temporary.open("rb") as written:
        os.fsync(written.fileno())
    temporary.chmod(0o444)
    temporary.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _scalar(connection: duckdb.DuckDBPyConnection, statement: str) -> str:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return str(row[0])
