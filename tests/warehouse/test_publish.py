"""Publishing: checks gate it, rights bound it, readers never notice it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from crawlers.items import Article, Block, Rights
from nlp.facts import Reading
from warehouse.publish import PRIVATE, NotPublished, publish
from warehouse.store import Warehouse, WarehouseError, query, sql_files

DAY = date(2026, 3, 1)
Line = tuple[str, Article, Reading]


@pytest.fixture
def house(tmp_path: Path, gold_house: Path) -> Path:
    return Path(shutil.copy(gold_house, tmp_path / "warehouse.duckdb"))


def one(path: Path, sql: str) -> Any:
    return query(path, sql)[1][0][0]


def test_the_copy_says_what_the_warehouse_says(house: Path, tmp_path: Path, all_contents: Callable[..., Any]) -> None:
    result = publish(house, tmp_path / "published.duckdb")
    copy, original = all_contents(result.path), all_contents(house)
    bounded = {"article_texts", "article_organisations"}  # texts and sentences that are not passed on
    for view in original.keys() - bounded:
        assert copy[view] == original[view], view
    assert result.articles == len(copy["articles"]) > 20
    assert result.projects == len(copy["projects"]) > 10
    assert not result.warnings
    assert stat.S_IMODE(result.path.stat().st_mode) == 0o444
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    comments = "SELECT count(*) FROM duckdb_columns() WHERE comment IS NULL AND schema_name IN ('main', 'store')"
    assert one(result.path, f"{comments} AND database_name = current_database() AND table_name <> 'migrations'") == 0


def test_only_licensed_texts_are_passed_on(tmp_path: Path) -> None:
    def article(name: str, rights: Rights) -> Line:
        secret = f"Le passage {name} ne se lit que chez {name}kilogramme. " * 5
        return name, Article(url=f"https://x.example/{name}", title=f"Titre {name}", source_id=name, rights=rights,
                             body=(Block(kind="paragraph", text=secret),)), Reading(id=name, language="fr")  # fmt: skip

    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        lines = [article("gratuit", Rights(basis="licensed", redistribute_text=True)),
                 article("interne", Rights(basis="accepted"))]  # fmt: skip
        warehouse.load(lines, day=DAY, run_id="r")
        warehouse.connection.execute(
            "INSERT INTO store.outbox (message_id, subscriber, kind, day, subject, message, state, created_at) "
            "VALUES ('<1@x>', 'abonnee@kundin.example', 'daily', current_date, 's', 'x'::BLOB, 'sent', now())"
        )
    publish(tmp_path / "w.duckdb", tmp_path / "p.duckdb")
    assert query(tmp_path / "p.duckdb", "SELECT DISTINCT article_url FROM article_texts")[1] == [
        ("https://x.example/gratuit",)
    ]
    tables = {row[0] for row in query(tmp_path / "p.duckdb", "SELECT table_name FROM duckdb_tables()")[1]}
    assert tables.isdisjoint(set(PRIVATE) - {"blocks"})
    raw = (tmp_path / "p.duckdb").read_bytes()
    assert b"internekilogramme" not in raw
    assert b"kundin" not in raw
    assert b"internekilogramme" in (tmp_path / "w.duckdb").read_bytes()


def test_a_failed_check_keeps_the_old_copy(house: Path, tmp_path: Path) -> None:
    target = tmp_path / "published.duckdb"
    publish(house, target)
    before = target.read_bytes()
    with duckdb.connect(str(house)) as connection:
        connection.execute("UPDATE store.figure_facts SET evidence_text = 'inventé' WHERE measure = 'investment'")
    with pytest.raises(NotPublished, match="evidence") as caught:
        publish(house, target)
    assert [result.name for result in caught.value.results] == ["evidence"]
    assert caught.value.results[0].failures > 10
    assert target.read_bytes() == before


def test_without_a_warehouse(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="no such warehouse"):
        publish(tmp_path / "none.duckdb", tmp_path / "p.duckdb")
    assert list(tmp_path.iterdir()) == []


READER = """
import sys, time, duckdb
path, until = sys.argv[1], time.time() + float(sys.argv[2])
seen = set()
while time.time() < until:
    with duckdb.connect(path, read_only=True) as connection:
        articles, versions, days = connection.execute(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM article_versions), "
            "(SELECT count(DISTINCT first_day) FROM articles)").fetchone()
        time.sleep(0.01)
        again = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
    assert articles == versions == again, (articles, versions, again)
    assert articles % 10 == 0, articles
    seen.add(articles)
print(sorted(seen))
"""


@pytest.mark.slow
def test_readers_never_see_an_error_or_half_a_day(tmp_path: Path) -> None:
    """Days of ten articles are loaded and published while two analysts query without a pause."""
    source, target = tmp_path / "w.duckdb", tmp_path / "p.duckdb"

    def day(number: int) -> None:
        lines = [
            (f"{number}-{i}", Article(url=f"https://x.example/{number}/{i}", title=f"Titre {number} {i}"),
             Reading(id="x", language="fr"))
            for i in range(10)
        ]  # fmt: skip
        with Warehouse.open(source) as warehouse:
            warehouse.load(lines, day=date(2025, 1, 1 + number), run_id=str(number))
        publish(source, target)

    day(0)
    readers = [
        subprocess.Popen([sys.executable, "-c", READER, str(target), "12"], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    number, deadline = 1, time.time() + 9
    while time.time() < deadline:
        day(number)
        number += 1
    for reader in readers:
        out, _ = reader.communicate(timeout=60)
        assert reader.returncode == 0
        assert len(out.split(",")) >= 2  # it saw one day after the other
    assert one(target, "SELECT count(*) FROM articles") == 10 * number


class Letters:
    """An encoder for tests: a text's vector counts its letters."""

    name = "letters"

    def __init__(self) -> None:
        self.calls = 0

    def encode(self, texts: list[str], kind: str = "passage") -> Any:
        self.calls += len(texts)
        rows = np.array([[text.lower().count(chr(97 + i)) for i in range(26)] for text in texts], dtype=np.float32)
        return rows / np.maximum(1, np.linalg.norm(rows, axis=1, keepdims=True))


def test_vectors_are_made_once(house: Path, tmp_path: Path, gold: list[Line]) -> None:
    encoder = Letters()
    publish(house, tmp_path / "p.duckdb", encoder)
    assert one(tmp_path / "p.duckdb", "SELECT count(*) FROM search_vectors") == len(gold) == encoder.calls
    publish(house, tmp_path / "p.duckdb", encoder)
    assert encoder.calls == len(gold)
    with Warehouse.open(house) as warehouse:
        ident, article, reading = gold[0]
        changed = (ident, article.model_copy(update={"title": "Tout autre chose"}), reading.model_copy())
        warehouse.load([changed], day=DAY, run_id="r2")
    publish(house, tmp_path / "p.duckdb", encoder)
    assert encoder.calls == len(gold) + 1
    assert one(tmp_path / "p.duckdb", "SELECT count(*) FROM search_vectors") == len(gold)
    publish(house, tmp_path / "p.duckdb")
    assert one(tmp_path / "p.duckdb", "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'search_vectors'") == 0


# What each check of severity stop is about, and a change that it must find.
BREAKS = {
    "codes": "UPDATE store.place_mentions SET code = '99999' WHERE kind = 'commune'",
    "codes_of_projects": "UPDATE store.project_states SET region_codes = ['77']",
    "evidence": "UPDATE store.quote_facts SET evidence_start = evidence_start + 1",
    "evidence_missing": "UPDATE store.figure_facts SET evidence_text = NULL",
    "merged": "UPDATE store.projects SET merged_into = 'p-nowhere'",
    "orphans": "DELETE FROM store.readings",
    "projects_without_report": "DELETE FROM store.project_reports",
    "unique_ids": "INSERT INTO store.figure_facts FROM store.figure_facts LIMIT 1",
    "whole_days": "INSERT INTO store.meta VALUES ('loading 2026-03-01', 'daily-2026-03-01')",
}


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_each_stopping_check_finds_its_fault(house: Path, name: str) -> None:
    with Warehouse.open(house) as warehouse:
        assert [r.name for r in warehouse.check() if r.stops] == []
        warehouse.connection.execute(BREAKS[name])
        failed = {r.name: r for r in warehouse.check() if r.stops}
    assert name in failed
    assert failed[name].examples
    assert str(failed[name].failures) in failed[name].message


def test_what_a_killed_run_did_not_tie_is_tied_before_anybody_sees_it(tmp_path: Path, gold: list[Line]) -> None:
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        warehouse.load(gold, day=date(2026, 3, 1), run_id="r")
    published = publish(tmp_path / "w.duckdb", tmp_path / "p.duckdb")
    assert published.projects >= 25
    assert query(
        published.path, "SELECT count(*) FROM store.project_tellings ANTI JOIN store.project_reports USING (telling_id)"
    )[1] == [(0,)]


def test_every_stopping_check_is_tried() -> None:
    stopping = {name.removesuffix(".sql") for name, text in sql_files("checks") if "severity: stop" in text}
    assert stopping == set(BREAKS)


def test_counts_per_source_warn(tmp_path: Path) -> None:
    def on(day: int, number: int) -> list[Line]:
        return [
            (f"{day}-{i}", Article(url=f"https://g.example/{day}/{i}", title=f"Titre {day} {i}", source_id="g",
                                   published=date(2025, 1, day)), Reading(id="x", language="fr"))
            for i in range(number)
        ]  # fmt: skip

    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        for day in range(1, 22):
            warehouse.load(on(day, 3), day=date(2025, 1, day), run_id="r")
        assert [r.name for r in warehouse.check(day=date(2025, 1, 21)) if not r.passed] == []
        silent = [r for r in warehouse.check(day=date(2025, 1, 30)) if not r.passed]
        assert [(r.name, r.severity) for r in silent] == [("counts", "warn")]
        warehouse.load(on(22, 90), day=date(2025, 1, 22), run_id="r")
        assert [r.name for r in warehouse.check(day=date(2025, 1, 22)) if not r.passed] == ["counts"]


def test_a_reader_blocks_no_publishing(house: Path, tmp_path: Path) -> None:
    target = tmp_path / "p.duckdb"
    publish(house, target)
    with duckdb.connect(str(target), read_only=True) as reader:
        inode = target.stat().st_ino
        publish(house, target)
        assert target.stat().st_ino != inode
        assert reader.execute("SELECT count(*) > 0 FROM projects").fetchone() == (True,)
    assert os.access(target, os.R_OK)
