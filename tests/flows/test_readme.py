"""The README is true: its commands exist, its queries run and find something, its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.store import query

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"\*\*([^*]+)\*\*[^\n]*\n```sql\n(.*?)```", README, re.DOTALL)


def test_two_commands() -> None:
    """Both targets are there; `make demo` itself is what the demo's tests run."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "quality", "bench", "soak", "lint"):
        assert f"make {target}" in README
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert len(links) >= 6
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_commands_exist() -> None:
    commands = set(re.findall(r"\.venv/bin/veilleur ([a-z]+)", README))
    assert {"sql", "search", "ingest", "read", "daily", "sources"} <= commands
    for command in sorted(commands):
        done = subprocess.run([sys.executable, "-m", "flows.cli", command, "--help"], capture_output=True, check=False)
        assert done.returncode == 0, command


def test_ten_queries() -> None:
    assert len(QUERIES) == 10


@pytest.mark.slow
@pytest.mark.parametrize(("question", "sql"), QUERIES, ids=[question for question, _ in QUERIES])
def test_query(demo_run, question: str, sql: str) -> None:  # type: ignore[no-untyped-def]
    """Every question has an answer in the demo press."""
    columns, rows = query(demo_run.published, sql)
    assert columns and rows


@pytest.mark.slow
def test_search(demo_run) -> None:  # type: ignore[no-untyped-def]
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "search", "--data", str(demo_run.data), "usine d'aimants près de Béthune"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "Billy-Berclau" in done.stdout.split("\n2. ")[0]
