"""The warehouse file: opening, migrating, loading, and reading it by SQL.

One process writes ``warehouse.duckdb``; analysts open the copy that :mod:`warehouse.publish` makes. Tables live in the
schema ``store``, the views of ``views/*.sql`` in ``main``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import duckdb

from crawlers.items import Article
from nlp.facts import Reading

if TYPE_CHECKING:
    from warehouse.checks import CheckResult
    from warehouse.embed import Encoder
    from warehouse.load import LoadCounts

Severity = Literal["info", "warn", "error"]
BATCH = 5000


class WarehouseError(RuntimeError):
    """The warehouse file cannot be used; the message says which file and why."""


class QueryError(ValueError):
    """A statement of the user's cannot be run; the message is DuckDB's own."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def sql_files(folder: str) -> list[tuple[str, str]]:
    """Name and text of the SQL files of ``warehouse/<folder>``, in order of their names."""
    root = files("warehouse") / folder
    names = sorted(entry.name for entry in root.iterdir() if entry.name.endswith(".sql"))
    return [(name, (root / name).read_text(encoding="utf-8")) for name in names]


def quoted(path: Path) -> str:
    """A path inside an SQL string."""
    return str(path).replace("'", "''")


def connect(path: Path, *, read_only: bool, config: Mapping[str, str] | None = None) -> duckdb.DuckDBPyConnection:
    """Open a database file in UTC; raises WarehouseError where it is missing, locked or no database."""
    if read_only and not path.exists():
        raise WarehouseError(f"{path}: no such warehouse")
    try:
        connection = duckdb.connect(str(path), read_only=read_only, config=dict(config or {}))
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise WarehouseError(f"{path}: another process has it open for writing; analysts open the published copy"
                                 if read_only else f"{path}: another process has it open") from error  # fmt: skip
        raise WarehouseError(f"{path}: {error}") from error
    # Globally: another connection of this process to a locked copy shares its settings and cannot set its own.
    if not is_locked(connection):
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
    return connection


def is_locked(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the configuration is locked: another connection of this process has the same copy open."""
    row = connection.execute("SELECT current_setting('lock_configuration')").fetchone()
    return bool(row and row[0])


@contextlib.contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """One transaction: committed at the end, rolled back by any exception."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        # DuckDB has rolled back already where the statement's own failure ended the transaction.
        with contextlib.suppress(duckdb.TransactionException):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def migrate(connection: duckdb.DuckDBPyConnection, now: datetime, upto: int | None = None) -> list[int]:
    """Bring the schema up to date: each migration that is missing, in its own transaction.

    ``upto`` stops after that number (for tests). Returns the numbers applied. Raises WarehouseError where the file was
    written by a later release or by a migration of another text.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS store")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS store.migrations "
        "(version INTEGER PRIMARY KEY, name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL)"
    )
    done = dict(connection.execute("SELECT version, sha256 FROM store.migrations").fetchall())
    known = {int(name.split("_")[0]): (name, text) for name, text in sql_files("migrations")}
    if unknown := sorted(set(done) - set(known)):
        raise WarehouseError(f"the warehouse was written by a later release (migration {unknown[-1]})")
    applied = []
    for version, (name, text) in sorted(known.items()):
        digest = hashlib.sha256(text.encode()).hexdigest()
        if version in done:
            if done[version] != digest:
                raise WarehouseError(f"migration {name} is not the one that made this warehouse")
            continue
        if upto is not None and version > upto:
            break
        with transaction(connection):
            connection.execute(text)
            connection.execute("INSERT INTO store.migrations VALUES (?, ?, ?, ?)", [version, name, digest, now])
        applied.append(version)
    return applied


def refresh_views(connection: duckdb.DuckDBPyConnection) -> bool:
    """Make the views and macros of ``views/*.sql`` anew where their text changed; returns whether it did."""
    texts = sql_files("views")
    digest = hashlib.sha256("".join(name + text for name, text in texts).encode()).hexdigest()
    if get_meta(connection, "views") == digest:
        return False
    with transaction(connection):
        for (name,) in connection.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' "
            "AND database_name = current_database()"
        ).fetchall():
            connection.execute(f'DROP VIEW "{name}"')
        for (name,) in connection.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions() "
            "WHERE function_type = 'table_macro' AND NOT internal "
            "AND schema_name = 'main' AND database_name = current_database()"
        ).fetchall():
            connection.execute(f'DROP MACRO TABLE "{name}"')
        for _, text in texts:
            connection.execute(text)
        set_meta(connection, "views", digest)
    return True


def get_meta(connection: duckdb.DuckDBPyConnection, key: str) -> str | None:
    """What the file knows about itself under ``key``, or None."""
    row = connection.execute("SELECT value FROM store.meta WHERE key = ?", [key]).fetchone()
    return str(row[0]) if row else None


def set_meta(connection: duckdb.DuckDBPyConnection, key: str, value: str) -> None:
    """Keep ``value`` under ``key``."""
    connection.execute("INSERT OR REPLACE INTO store.meta VALUES (?, ?)", [key, value])


class Warehouse:
    """The writer's handle on a warehouse file. Use as a context manager: ``with Warehouse.open(path) as warehouse``.

    ``now`` gives the moment that is recorded with what is written (an aware datetime).
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: Path,
        now: Callable[[], datetime],
        key: bytes | None,
        config: Mapping[str, str],
    ) -> None:
        self.connection = connection
        self.path = path
        self.now = now
        self.forget_key = key
        self._config = config

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        now: Callable[[], datetime] = _utc_now,
        memory_limit: str | None = None,
        threads: int | None = None,
        forget_key: bytes | None = None,
    ) -> Self:
        """Open a warehouse for writing, made new where there is none, brought up to today's schema and views.

        ``memory_limit`` ("3GB") and ``threads`` bound DuckDB; ``forget_key`` is the key of the list of forgotten
        people (default: :func:`warehouse.forget.read_key`). Raises WarehouseError where another process has the
        file open, or where it was written by a later release.
        """
        from warehouse.codes import refresh_codes
        from warehouse.forget import read_key

        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        config = {"preserve_insertion_order": "false"}
        if memory_limit:
            config["memory_limit"] = memory_limit
        if threads:
            config["threads"] = str(threads)
        connection = connect(path, read_only=False, config=config)
        try:
            migrate(connection, now())
            refresh_views(connection)
            refresh_codes(connection)
        except BaseException:
            connection.close()
            raise
        return cls(connection, path, now, forget_key if forget_key is not None else read_key(path), config)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was committed is safe."""
        self.connection.close()

    def rewrite(self) -> None:
        """Write the file anew and put it in the place of the old one: freed pages keep nothing of what was deleted."""
        self.connection.execute("CHECKPOINT")
        temporary = self.path.with_name(f".{self.path.name}.rewrite")
        temporary.unlink(missing_ok=True)
        database = self.connection.execute("SELECT current_database()").fetchone()
        assert database is not None
        self.connection.execute(f"ATTACH '{quoted(temporary)}' AS rewritten")
        self.connection.execute(f'COPY FROM DATABASE "{database[0]}" TO rewritten')
        self.connection.execute("CHECKPOINT rewritten")
        self.connection.execute("DETACH rewritten")
        self.connection.close()
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(self.path)
        self.connection = connect(self.path, read_only=False, config=self._config)

    def load(
        self, batch: Iterable[tuple[str, Article, Reading]], *, day: date, run_id: str, batch_size: int = BATCH
    ) -> LoadCounts:
        """Load articles with their facts for a logical day: versions, facts, near-copies.

        Idempotent: the same articles and facts again change nothing, in whatever order. ``batch_size`` articles make
        one transaction. Rows that cannot be used become issues. Returns what was counted.
        """
        from warehouse.load import load

        return load(self, batch, day=day, run_id=run_id, batch_size=batch_size)

    def tie(self, encoder: Encoder | None = None, *, day: date | None = None) -> Any:
        """Tie the tellings that came in since the last time to projects, and bring projects and history up to date.

        With ``day`` a later logical day waits until its load is recorded as completed (:func:`warehouse.tie.tie`).
        """
        from warehouse.tie import tie

        return tie(self, encoder=encoder, day=day)

    def half_loaded(self) -> list[str]:
        """Days of which a load has committed some batches and not the last, since it was killed."""
        rows = self.connection.execute("SELECT substr(key, 9) FROM store.meta WHERE starts_with(key, 'loading ')")
        return sorted(row[0] for row in rows.fetchall())

    def check(self, *, day: date | None = None) -> list[CheckResult]:
        """Run the checks of ``checks/*.sql``; those of severity stop that fail forbid publishing."""
        from warehouse.checks import check

        return check(self.connection, day=day)

    def record_run(
        self,
        run_id: str,
        stage: str,
        *,
        day: date | None = None,
        state: str = "completed",
        started_at: datetime | None = None,
        finished_at: datetime | None = None,
        counts: Mapping[str, Any] | None = None,
        message: str | None = None,
    ) -> None:
        """Record a stage of a run; the same run and stage again replaces the row."""
        self.connection.execute(
            "INSERT OR REPLACE INTO store.runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [run_id, stage, day, state, started_at, finished_at,
             json.dumps(counts, ensure_ascii=False, default=str) if counts is not None else None, message],
        )  # fmt: skip

    def record_issue(
        self,
        *,
        stage: str,
        code: str,
        message: str,
        day: date | None = None,
        run_id: str | None = None,
        source_id: str | None = None,
        severity: Severity = "warn",
        url: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> str:
        """Record what was refused or looked wrong; the same issue on the same day is one row. Returns its id."""
        return self.record_issues(
            [{"stage": stage, "code": code, "message": message, "source_id": source_id, "severity": severity,
              "url": url, "detail": detail}], day=day, run_id=run_id,
        )[0]  # fmt: skip

    def record_issues(
        self, issues: Sequence[Mapping[str, Any]], *, day: date | None = None, run_id: str | None = None
    ) -> list[str]:
        """Record many issues: mappings with ``stage``, ``code`` (or ``kind``), ``message`` and, where known,
        ``source_id``, ``severity``, ``url``, ``detail``. Returns their ids."""
        from warehouse.load import insert_issues

        return insert_issues(self.connection, issues, day=day, run_id=run_id, now=self.now())

    def record_sources(self, sources: Iterable[Mapping[str, Any]]) -> int:
        """Record the registry's sources and what the crawler found of their health; returns how many.

        Each mapping has ``source_id`` and, where known, the columns of ``store.sources``: ``name``, ``homepage``,
        ``kind``, ``region_code``, ``rights_basis``, ``redistribute_text``, ``expected_per_week``, ``config``,
        ``health``. A key that is missing keeps what was recorded before.
        """
        columns = ("name", "homepage", "kind", "region_code", "rights_basis", "redistribute_text",
                   "expected_per_week", "config", "health")  # fmt: skip
        count = 0
        with transaction(self.connection):
            for source in sources:
                unknown = sorted(set(source) - set(columns) - {"source_id"})
                if unknown:
                    raise WarehouseError(f"source {source.get('source_id')}: unknown keys {', '.join(unknown)}")
                given = [c for c in columns if c in source]
                values = [
                    json.dumps(source[c], ensure_ascii=False, default=str)
                    if c in ("config", "health") and source[c] is not None
                    else source[c]
                    for c in given
                ]
                names = ["source_id", *given, "recorded_at"]
                updates = ", ".join(f"{c} = excluded.{c}" for c in [*given, "recorded_at"])
                self.connection.execute(
                    f"INSERT INTO store.sources ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "  # noqa: S608
                    f"ON CONFLICT (source_id) DO UPDATE SET {updates}",
                    [source["source_id"], *values, self.now()],
                )
                count += 1
        return count


def open_reader(path: Path | str, *, extensions: Sequence[Path] = ()) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a warehouse or a published copy that reaches no file and no network.

    ``extensions`` are loaded first. The configuration is locked: a statement cannot open the door again.
    """
    connection = connect(Path(path), read_only=True, config={"autoinstall_known_extensions": "false"})
    if is_locked(connection):
        return connection
    for extension in extensions:
        connection.execute(f"LOAD '{quoted(extension)}'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def query(path: Path | str, sql: str, parameters: Sequence[Any] = ()) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run one statement on a warehouse or a published copy: names of the columns, rows.

    Reading only; the statement cannot read or write files. Raises WarehouseError for the file, QueryError for the
    statement.

    >>> query("published.duckdb", "SELECT count(*) AS n FROM projects")  # doctest: +SKIP
    (['n'], [(12,)])
    """
    connection = open_reader(path)
    try:
        statements = connection.extract_statements(sql)
        if len(statements) != 1:
            raise QueryError(f"one statement at a time, not {len(statements)}")
        cursor = connection.execute(statements[0], list(parameters))
        return [column[0] for column in cursor.description or []], cursor.fetchall()
    except duckdb.Error as error:
        raise QueryError(str(error)) from error
    finally:
        connection.close()
