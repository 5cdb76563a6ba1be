"""The analysts' notebook: its pages from a published copy, and the notebook itself run by marimo."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest

from warehouse import explore_pages as pages
from warehouse.publish import publish
from warehouse.store import QueryError, Warehouse, open_reader

ROOT = Path(__file__).parents[2]
PLANT: dict[str, Any] = {"kind": "new_site", "status": "announced", "orgs": ["Vellune"], "places": ["Laval"]}


@pytest.fixture
def published(newsroom: Callable[..., Warehouse], told: Callable[..., Any], tmp_path: Path) -> Path:
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", PLANT | {"inv": 30e6, "jobs": "~50", "said_by": "Anne Roux",
                                          "when": {"opening": (None, date(2027, 12, 31))}},
              people={"Anne Roux": [("présidente", "Vellune")]}, title="Vellune <b>& fils</b> à Laval")],
        [told("b", "2025-06-10", PLANT | {"status": "delayed", "inv": 42e6}, url="javascript:alert(1)")],
        [told("c", "2025-06-11", {"kind": "closure", "status": "announced", "orgs": ["Sarnelle"], "places": ["Pau"],
                                  "cut": 80})],
    )  # fmt: skip
    path = warehouse.path
    warehouse.close()
    return publish(path, tmp_path / "published.duckdb").path


@pytest.fixture
def copy(published: Path) -> duckdb.DuckDBPyConnection:
    return open_reader(published)


def test_the_map_colours_what_was_told(copy: duckdb.DuckDBPyConnection) -> None:
    values = pages.by_department(copy, "projets annoncés", list(pages.KINDS), date(2025, 1, 1))
    assert values == {"53": 1, "64": 1}
    assert pages.by_department(copy, "emplois supprimés", ["closure"], date(2025, 1, 1)) == {"64": 80}
    assert pages.by_department(copy, "projets annoncés", list(pages.KINDS), date(2026, 1, 1)) == {}
    page = pages.map_html({"53": 30e6, "64": 1e6, "974": 5e6}, "investissements (€)")
    svg = page[page.index("<svg") : page.index("</svg>") + 6]
    tree = ElementTree.fromstring(svg)
    fills = [path.get("fill") for path in tree.iter("path")]
    assert len(fills) == 96 and sum(fill != pages.SHADES[0] for fill in fills) == 2
    assert "974 : 5 M€" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert pages.map_html({}, "projets annoncés").count("<path") == 96


def test_a_projects_page_shows_what_changed_and_trusts_no_text(copy: duckdb.DuckDBPyConnection) -> None:
    choices = pages.project_choices(copy)
    assert next(iter(choices)) == "Vellune : implantation à Laval"
    page = pages.timeline_html(copy, choices["Vellune : implantation à Laval"]).replace("\N{NO-BREAK SPACE}", " ")
    assert "<s>30 M€</s> → 42 M€" in page
    assert "<s>annoncé</s> → retardé" in page
    assert "d'ici au 31/12/2027" in page.replace("&#x27;", "'")
    assert "environ 50" in page and "selon Anne Roux" in page
    assert "javascript:" not in page.split("<a ", 1)[-1].split(">", 1)[0] and 'href="javascript' not in page
    assert "Vellune &lt;b&gt;&amp; fils&lt;/b&gt; à Laval" in page and "<b>& fils" not in page
    assert "projet inconnu" in pages.timeline_html(copy, "p-none")


def test_a_companys_page(copy: duckdb.DuckDBPyConnection) -> None:
    choices = pages.company_choices(copy)
    page = pages.company_html(copy, choices["Vellune"])
    assert "Anne Roux, présidente" in page and "implantation à Laval" in page and "SIREN inconnu" in page
    assert "organisation inconnue" in pages.company_html(copy, "o-none")


def test_tables(copy: duckdb.DuckDBPyConnection) -> None:
    first, second = pages.biggest(copy, date(2025, 1, 1))
    assert first["investissement"] == f"42{chr(160)}M€" and second["emplois supprimés"] == "80"
    assert len(pages.source_rows(copy)) == 3
    with pytest.raises(QueryError, match="nothing"):
        pages.rows(copy, "SELECT * FROM nothing")


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("investment_eur", "45000000", "45 M€"), ("jobs_created", "~100", "environ 100"), ("status", None, "–"),
        ("investment_eur", "15000000..20000000", "15 M€ à 20 M€"), ("jobs_cut", ">=1200", "plus de 1 200"),
        ("opening", "2028-01-01/2028-03-31", "du 01/01/2028 au 31/03/2028"), ("carrier", "A/S Nord", "A/S Nord"),
        ("hearing", "2025-05-06/2025-05-06", "06/05/2025"), ("start", "2027-01-01/", "à partir du 01/01/2027"),
    ],
)  # fmt: skip
def test_values_as_french_readers_write_them(field: str, value: str | None, text: str) -> None:
    assert pages.value_text(field, value).replace("\N{NO-BREAK SPACE}", " ") == text


def test_a_second_reader_of_one_process_opens_the_copy(published: Path) -> None:
    first, second = open_reader(published), open_reader(published)
    assert second.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
    with pytest.raises(duckdb.Error):
        second.execute("SELECT * FROM read_csv('/etc/hostname')")
    first.close()
    second.close()


@pytest.mark.slow
def test_the_notebook_runs_from_top_to_bottom(published: Path) -> None:
    """As a script: every cell runs once, in its order."""
    environment = {**os.environ, "VEILLEUR_PUBLISHED_PATH": str(published), "MARIMO_SKIP_UPDATE_CHECK": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", "warehouse.explore"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
