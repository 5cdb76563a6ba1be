"""Migrations: from nothing and from every earlier state to today's schema."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from crawlers.items import Article, Block
from nlp.facts import Reading
from warehouse import store
from warehouse.store import Warehouse, WarehouseError, migrate, sql_files

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATEST = len(sql_files("migrations"))


def schema(path: Path) -> list[tuple[str, ...]]:
    """Every column of every table, view and macro, with its comment."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(
            "SELECT schema_name, table_name, column_name, data_type, comment, is_nullable FROM duckdb_columns() "
            "WHERE NOT internal UNION ALL "
            "SELECT 'macro', function_name, array_to_string(parameters, ','), '', '', false FROM duckdb_functions() "
            "WHERE NOT internal ORDER BY ALL"
        ).fetchall()


def at(path: Path, version: int) -> None:
    """A warehouse as the release with ``version`` migrations left it, with an article in it."""
    with duckdb.connect(str(path)) as connection:
        migrate(connection, NOW, upto=version)
        if version:
            connection.execute(
                "INSERT INTO store.articles (article_id, url, latest_version_id, published_on, first_day) "
                "VALUES ('a1', 'https://x.example/1', 'v1', DATE '2025-01-01', DATE '2025-01-01')"
            )
            connection.execute(
                "INSERT INTO store.article_versions (version_id, article_id, text_hash, title, seen_at, day, last_day, "
                "recorded_at, published_on, redistribute_text, words) VALUES ('v1', 'a1', 'h', 'Un titre ancien', "
                "TIMESTAMPTZ '2025-01-01', DATE '2025-01-01', DATE '2025-01-01', TIMESTAMPTZ '2025-01-01', "
                "DATE '2025-01-01', false, 3)"
            )


def test_numbers_are_consecutive() -> None:
    assert [int(name.split("_")[0]) for name, _ in sql_files("migrations")] == list(range(1, LATEST + 1))


@pytest.mark.parametrize("version", range(LATEST + 1))
def test_from_every_earlier_state(tmp_path: Path, version: int) -> None:
    at(tmp_path / "old.duckdb", version)
    Warehouse.open(tmp_path / "new.duckdb").close()
    with Warehouse.open(tmp_path / "old.duckdb") as warehouse:
        applied = [r[0] for r in warehouse.connection.execute("SELECT version FROM store.migrations").fetchall()]
        assert sorted(applied) == list(range(1, LATEST + 1))
        titles = warehouse.connection.execute("SELECT title FROM articles").fetchall()
        assert titles == ([("Un titre ancien",)] if version else [])
        article = Article(url="https://x.example/2", title="Neuf", body=(Block(kind="paragraph", text="Texte."),))
        warehouse.load([("n", article, Reading(id="n", language="fr"))], day=date(2025, 1, 2), run_id="r")
        warehouse.tie()
    assert schema(tmp_path / "old.duckdb") == schema(tmp_path / "new.duckdb")


def test_opening_again_applies_nothing(tmp_path: Path) -> None:
    Warehouse.open(tmp_path / "w.duckdb").close()
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        assert migrate(connection, NOW) == []
        assert store.refresh_views(connection) is False


def test_a_later_release_is_not_touched(tmp_path: Path) -> None:
    Warehouse.open(tmp_path / "w.duckdb").close()
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("INSERT INTO store.migrations VALUES (9999, 'later', 'x', now())")
    with pytest.raises(WarehouseError, match="later release"):
        Warehouse.open(tmp_path / "w.duckdb")


def test_an_edited_migration_is_refused(tmp_path: Path) -> None:
    Warehouse.open(tmp_path / "w.duckdb").close()
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("UPDATE store.migrations SET sha256 = 'x' WHERE version = 1")
    with pytest.raises(WarehouseError, match="0001"):
        Warehouse.open(tmp_path / "w.duckdb")


def test_a_broken_migration_leaves_the_former_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at(tmp_path / "w.duckdb", LATEST)
    before = schema(tmp_path / "w.duckdb")
    real = sql_files
    broken = (f"{LATEST + 1:04}_broken.sql", "CREATE TABLE store.half (a INT); SELECT nothing FROM nowhere;")
    monkeypatch.setattr(
        store, "sql_files", lambda folder: [*real(folder), *([broken] if folder == "migrations" else [])]
    )
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection, pytest.raises(duckdb.CatalogException):
        migrate(connection, NOW)
    assert schema(tmp_path / "w.duckdb") == before


def test_views_follow_their_files(tmp_path: Path) -> None:
    """A view that has gone from the files goes from an older warehouse, one that was changed by hand comes back."""
    Warehouse.open(tmp_path / "w.duckdb").close()
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("CREATE VIEW left_over AS SELECT 1 AS one")
        connection.execute("UPDATE store.meta SET value = 'older' WHERE key = 'views'")
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        names = warehouse.connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    assert ("left_over",) not in names
    assert ("projects",) in names


def test_a_file_that_is_no_warehouse(tmp_path: Path) -> None:
    (tmp_path / "w.duckdb").write_text("not a database" * 1000)
    with pytest.raises(WarehouseError, match=r"w\.duckdb"):
        Warehouse.open(tmp_path / "w.duckdb")
