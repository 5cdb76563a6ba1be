"""``kill -9`` at any moment of loading, tying and publishing: the next run ends where an undisturbed one does."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

KILLS = 50 if os.environ.get("VEILLEUR_SOAK") else 2

# Two days of made articles with copies, loaded in small batches; each stage says when it has begun.
WORKER = """
import random, sys
from datetime import date, timedelta
from pathlib import Path
from benchmarks.corpus import Corpus
from warehouse.publish import NotPublished, publish
from warehouse.store import Warehouse

folder = Path(sys.argv[1])
for number in range(2):
    day = date(2025, 3, 3) + timedelta(days=number)
    corpus, chance = Corpus(number), random.Random(number)
    lines = list(corpus.articles(60, day, f"d{number}"))
    lines += [corpus.copy(chance.choice(lines), "retitled", f"c{number}-{i}", day) for i in range(15)]
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        print("load", flush=True)
        warehouse.load(lines, day=day, run_id=str(day), batch_size=20)
        print("tie", flush=True)
        warehouse.tie(day=day)
        warehouse.record_run(str(day), "load", day=day)
    print("publish", flush=True)
    try:
        publish(folder / "warehouse.duckdb", folder / "published.duckdb")
    except NotPublished:
        print("a later day that a kill cut short is not shown", flush=True)
print("done", flush=True)
"""


def start(folder: Path) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


def finish(folder: Path) -> float:
    """Run to the end; returns the seconds from the first stage on."""
    process = start(folder)
    assert process.stdout is not None
    process.stdout.readline()
    begun = time.monotonic()
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert out.endswith("done\n")
    return time.monotonic() - begun


def killed(folder: Path, after: float) -> bool:
    """Kill the worker ``after`` seconds of work; returns whether it was still at work."""
    process = start(folder)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    out, _ = process.communicate(timeout=60)
    if (folder / "published.duckdb").exists():
        # Whoever opens the published copy now sees a whole one, with all its projects.
        with duckdb.connect(str(folder / "published.duckdb"), read_only=True) as connection:
            row = connection.execute("SELECT count(*), count(DISTINCT first_day) FROM articles").fetchone()
            untied = connection.execute(
                "SELECT count(*) FROM store.project_tellings ANTI JOIN store.project_reports USING (telling_id)"
            ).fetchone()
        assert row in ((75, 1), (150, 2))
        assert untied == (0,)
    return "done" not in out


@pytest.mark.slow
@pytest.mark.soak
def test_killed_at_random_moments(tmp_path: Path, all_contents: Callable[..., Any]) -> None:
    lasts = finish(tmp_path / "undisturbed")
    expected = all_contents(tmp_path / "undisturbed" / "warehouse.duckdb")
    assert len(expected["near_copies"]) >= 25
    assert expected["project_history"]
    shown = all_contents(tmp_path / "undisturbed" / "published.duckdb")
    chance, hits = random.Random(20250303), 0
    for number in range(KILLS):
        folder = tmp_path / f"killed-{number}"
        # One in three is killed twice before it may end.
        for _ in range(1 + (number % 3 == 0)):
            hits += killed(folder, chance.uniform(0, lasts))
        finish(folder)
        assert all_contents(folder / "warehouse.duckdb") == expected, number
        assert all_contents(folder / "published.duckdb") == shown, number
        assert [p.name for p in folder.iterdir() if p.name.startswith(".")] == []
    print(f"killed {hits} times, {KILLS} runs")  # noqa: T201 - a soak says what it ran
    assert hits
