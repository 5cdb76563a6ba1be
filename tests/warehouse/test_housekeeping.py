"""Texts that expire, exports that cannot run, a dictionary that is up to date."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from crawlers.items import Article, Block, Rights
from nlp.facts import Reading
from warehouse.dictionary import dictionary
from warehouse.export import export, harmless
from warehouse.publish import publish
from warehouse.retention import expire_texts
from warehouse.store import Warehouse, WarehouseError

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2025, 5, 5)


def article(name: str, text: str = "Un texte.", title: str | None = None, **rights: Any) -> Any:
    item = Article(url=f"https://x.example/{name}", title=title or f"Titre {name}", rights=Rights(**rights),
                   body=(Block(kind="paragraph", text=text),))  # fmt: skip
    return name, item, Reading(id=name, language="fr")


def test_texts_expire_and_facts_stay(tmp_path: Path) -> None:
    lines = [article("toujours"), article("bref", "Le mot zircon.", keep_text_until=date(2025, 5, 7))]
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        warehouse.load(lines, day=DAY, run_id="r")
        assert expire_texts(warehouse, date(2025, 5, 7)).versions == 0
        assert expire_texts(warehouse, date(2025, 5, 8)).blocks == 1
        assert expire_texts(warehouse, date(2025, 5, 8)).blocks == 0
        assert warehouse.connection.execute("SELECT text FROM article_texts").fetchall() == [("Un texte.",)]
        assert warehouse.connection.execute(
            "SELECT text_expired_on FROM article_versions WHERE url LIKE '%bref'"
        ).fetchall() == [(date(2025, 5, 8),)]
        assert [r.name for r in warehouse.check() if r.stops] == []
        warehouse.load(lines, day=DAY, run_id="again")  # an old file does not bring the text back
        assert warehouse.connection.execute("SELECT count(*) FROM article_texts").fetchone() == (1,)
        assert warehouse.connection.execute("SELECT count(*) FROM store.signatures").fetchone() == (2,)
    assert b"zircon" not in (tmp_path / "w.duckdb").read_bytes()


EVIL = ['=HYPERLINK("http://mal.example")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", " =1+1", "\r=1", "=cmd|' /C calc'!A0"]


def test_exports_cannot_run(tmp_path: Path) -> None:
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        lines = [article(str(i), title=title) for i, title in enumerate(EVIL)]
        lines.append(article("nul", title="a\x00b\x0bc"))
        warehouse.load(lines, day=DAY, run_id="r")
    published = publish(tmp_path / "w.duckdb", tmp_path / "p.duckdb").path
    (book,) = export(published, tmp_path / "out", "xlsx")
    sheets = openpyxl.load_workbook(book)
    titles = []
    for row in sheets["articles"].iter_rows():
        for cell in row:
            assert cell.data_type != "f"
            assert not (isinstance(cell.value, str) and cell.value.lstrip().startswith(("=", "+", "-", "@")))
        titles.append(row[4].value)
    assert '\'=HYPERLINK("http://mal.example")' in titles
    files = export(published, tmp_path / "out")
    with duckdb.connect() as connection:
        told = connection.execute("SELECT title FROM read_parquet(?)", [str(tmp_path / "out" / "articles.parquet")])
        assert {row[0] for row in told.fetchall()} >= set(EVIL)
    assert {path.stem for path in files} >= {"articles", "projects", "figures", "issues"}
    with pytest.raises(WarehouseError, match="parquet or xlsx"):
        export(published, tmp_path / "out", "pdf")


def test_gold_exports(tmp_path: Path, gold_house: Path) -> None:
    published = publish(shutil.copy(gold_house, tmp_path / "w.duckdb"), tmp_path / "p.duckdb").path
    (book,) = export(published, tmp_path, "xlsx")
    sheet = openpyxl.load_workbook(book, read_only=True)["projects"]
    assert sum(1 for _ in sheet.iter_rows()) > 20


def test_harmless_values() -> None:
    assert harmless(None) is None
    assert harmless(-3.5) == -3.5
    assert harmless(["a", None]) == "a ; None"
    assert harmless({"low": 1, "high": None}) == "low: 1"
    assert len(harmless("x" * 40_000)) == 32_767


def test_the_dictionary_is_up_to_date(tmp_path: Path) -> None:
    """Make it anew with: python -m warehouse.dictionary docs/data-dictionary.md"""
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        made = dictionary(warehouse.connection)
    assert made == (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")


def test_every_view_of_the_design_is_there(tmp_path: Path) -> None:
    wanted = {
        "articles": "article_id url source_id title standfirst published_at modified_at fetched_at access region_code "
        "language",
        "projects": "project_id name kind status sector organisations places commune_codes department_codes "
        "region_codes investment_eur_low investment_eur_high jobs_created_low jobs_created_high jobs_cut_low "
        "jobs_cut_high first_told_at last_told_at first_told_by sources",
        "project_reports": "project_id article_id article_url published_at kind status figures milestones "
        "evidence_text",
        "project_history": "project_id step_id at recorded_at field before after said_by article_url evidence_text",
        "overdue_promises": "project_id milestone due days_overdue last_told_at",
        "agenda": "project_id milestone from to",
        "organisations": "id name aliases kind",
        "people": "id name aliases kind roles",
        "places": "id name aliases kind code",
        "figures": "figure_id article_url measure low high qualifier unit per of subject said_by year evidence_text "
        "evidence_sentence",
        "quotes": "article_url text speaker",
        "near_copies": "article_url copy_of_url similarity relation",
        "conflicts": "scope rule stated computed article_url project_id evidence_text",
        "sources": "source_id health",
        "runs": "run_id",
        "issues": "source_id message",
        "article_versions": "version_id",
    }  # fmt: skip
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        for view, columns in wanted.items():
            there = [c[0] for c in warehouse.connection.execute(f"SELECT * FROM {view} LIMIT 0").description]
            assert set(columns.split()) <= set(there), view
