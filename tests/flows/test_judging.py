"""``veilleur judge`` on a warehouse of gold articles: decisions are applied at once, stay, and can be taken back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.store import query

GOLD = Path(__file__).resolve().parents[1] / "gold" / "dev"


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_merge_split_withdraw(tmp_path: Path) -> None:
    items = [json.loads((GOLD / f"{n}.json").read_text(encoding="utf-8")) for n in ("001", "003", "004")]
    lines = [json.dumps({"id": i["id"], "article": i["article"]}, ensure_ascii=False) for i in items]
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    house = tmp_path / "w.duckdb"
    assert run("ingest", "a.jsonl", "--warehouse", house, cwd=tmp_path).returncode == 0

    def projects() -> list[str]:
        return [row[0] for row in query(house, "SELECT project_id FROM projects ORDER BY first_told_at, project_id")[1]]

    before = projects()
    assert len(before) >= 2
    merged = run("judge", "merge", before[0], before[1], "--by", "une analyste", "--warehouse", house, cwd=tmp_path)
    assert merged.returncode == 0, merged.stderr
    assert projects() == [ident for ident in before if ident != before[1]]
    again = run("ingest", "a.jsonl", "--warehouse", house, cwd=tmp_path)
    assert again.returncode == 0 and projects() == [ident for ident in before if ident != before[1]]
    judgement = merged.stdout.split("judgement ")[1].split(";")[0]
    assert run("judge", "withdraw", judgement, "--warehouse", house, cwd=tmp_path).returncode == 0
    assert len(projects()) == len(before)
    unknown = run("judge", "refuse", "p-none", before[0], "--by", "une analyste", "--warehouse", house, cwd=tmp_path)
    assert unknown.returncode == 2 and "p-none" in unknown.stderr
