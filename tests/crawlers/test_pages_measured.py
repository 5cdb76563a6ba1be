"""The measures of ``benchmarks.pages`` on saved pages outside the repository, where ``VEILLEUR_PAGES`` names them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.pages import MIN_SPEED, load, measure, ours

FOLDER = os.environ.get("VEILLEUR_PAGES")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER, reason="VEILLEUR_PAGES names no folder of saved pages"),
]


def test_text_dates_and_speed_beside_trafilatura_and_htmldate() -> None:
    report = measure(Path(str(FOLDER)), rounds=3)
    assert report["failed"] == []
    assert report["strings"] >= max(strings for strings, _ in report["modes"].values())
    assert not report["words"] < max(words for _, words in report["modes"].values())
    assert report["dates"] >= report["dates_htmldate"]
    assert report["speed"] >= MIN_SPEED


def test_every_page_has_a_title_and_text() -> None:
    for page in load(Path(str(FOLDER))):
        article = ours(page)
        assert article is not None, page.name
        assert article.title, page.name
        assert article.body, page.name
