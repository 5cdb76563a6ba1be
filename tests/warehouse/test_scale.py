"""The benchmark of the warehouse runs, with small counts here and the large ones in ``make soak`` and ``make bench``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.warehouse import build, run_day, time_queries
from warehouse.store import query

ARTICLES, DAY = (60_000, 3_000) if os.environ.get("VEILLEUR_SOAK") else (600, 200)


@pytest.mark.slow
@pytest.mark.soak
def test_a_day_on_top_of_many(tmp_path: Path) -> None:
    path = build(tmp_path, ARTICLES, DAY, vectors=True)
    assert query(path, "SELECT count(*) FROM articles")[1] == [(ARTICLES,)]
    day = run_day(tmp_path, DAY, vectors=True)
    assert min(day["copies_precision"], day["copies_recall"]) >= 0.95
    assert day["peak_mb"] < 4096
    published = tmp_path / "published.duckdb"
    assert query(published, "SELECT count(*) FROM articles")[1] == [(ARTICLES + DAY,)]
    took = time_queries(published, vectors=True)
    print(f"{ARTICLES} articles, a day of {DAY}: {day | took}")  # noqa: T201 - a soak says what it ran
    assert took["search_ms"] > 0
