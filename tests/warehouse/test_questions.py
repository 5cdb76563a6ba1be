"""The analysts' questions of docs/questions.md run, and the development articles answer them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from warehouse.publish import publish
from warehouse.store import query

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "questions.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^## (\d+)\. (.+?)$.*?```sql\n(.+?)```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, gold_house: Path) -> Path:
    folder = tmp_path_factory.mktemp("questions")
    return publish(shutil.copy(gold_house, folder / "w.duckdb"), folder / "p.duckdb").path


def rows(published: Path, number: int) -> list[dict[str, Any]]:
    columns, found = query(published, QUESTIONS[number - 1][2])
    return [dict(zip(columns, row, strict=True)) for row in found]


def test_there_are_twenty() -> None:
    assert [int(number) for number, _, _ in QUESTIONS] == list(range(1, 21))


@pytest.mark.parametrize("number", range(1, 21))
def test_a_question_has_an_answer(published: Path, number: int) -> None:
    assert rows(published, number), QUESTIONS[number - 1][1]


def test_answers(published: Path) -> None:
    """What the development articles tell, checked by hand."""
    assert [row["places"] for row in rows(published, 1)] == [["Billy-Berclau"]]
    sums = [row["meur"] for row in rows(published, 2)]
    assert sums == sorted(sums, reverse=True)
    kestrava = [r for r in rows(published, 3) if any("Kestrava" in name for name in r["organisations"])]
    assert [(row["avant"], row["apres"]) for row in kestrava] == [("45000000", "62000000")]  # "plus de 40" is vaguer
    said = [(r["measure"], r["stated"], r["computed"], r["other_said_by"]) for r in rows(published, 8)]
    assert said == [("jobs_cut", 147, 230, "Franck Lallement")]  # the union counts temps and subcontractors as well
    assert {row["relation"] for row in rows(published, 11)} == {"copy", "teaser", "update"}
    assert any("Lacq" in (row["places"] or []) for row in rows(published, 16))
    assert all(row["jours_de_silence"] >= 0 for row in rows(published, 20))
