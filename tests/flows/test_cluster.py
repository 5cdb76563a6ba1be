"""Reading on a Dask cluster of two workers gives the same facts, line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.settings import Settings
from flows.stages import read_lines

GOLD = Path(__file__).resolve().parents[1] / "gold" / "dev"


def gold_lines() -> list[bytes]:
    items = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(GOLD.glob("0*.json"))[:8]]
    lines = [json.dumps({"id": i["id"], "article": i["article"]}, ensure_ascii=False).encode() for i in items]
    return [*lines, b"{broken"]


@pytest.mark.slow
def test_same_facts() -> None:
    here: list[bytes] = []
    there: list[bytes] = []
    settings = Settings()
    read_lines(settings, gold_lines(), here.append)
    settings.read.engine = "dask"
    settings.read.processes = 2
    settings.read.batch = 3
    read_lines(settings, gold_lines(), there.append)
    assert len(here) == 9 and json.loads(here[0])["facts"]["figures"]
    assert [line for line in there if b'"error"' not in line] == here[:8]
    assert b'"error"' in there[8]
