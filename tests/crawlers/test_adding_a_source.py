"""docs/adding-a-source.md, done step by step with its own blocks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crawlers.items import Article
from crawlers.pages import base
from crawlers.pages.extract import extract
from crawlers.registry import load_registry

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "adding-a-source.md"
NOW = datetime(2026, 2, 11, 6, 0, tzinfo=UTC)


@pytest.fixture
def steps(tmp_path: Path) -> Iterator[Path]:
    """The guide's files, written where it says, under a folder of one's own."""
    blocks = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", GUIDE.read_text("utf-8"), re.S)
    assert [name for name, _ in blocks] == [
        "registry/tribune-jura.yml", "pages/tribune-jura.html", "sites/tribune_jura.py", "pages/tribune-jura.json",
    ]  # fmt: skip
    for name, text in blocks:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    before = dict(base._CLASSES)
    yield tmp_path
    base._CLASSES.clear()
    base._CLASSES.update(before)


def test_entry_class_page_and_golden_article(steps: Path) -> None:
    source = load_registry(steps / "registry")["tribune-jura"]
    assert (source.page_class, source.cadence_hours, source.regions) == ("tribune-jura", 24, ("27",))
    page = (steps / "pages/tribune-jura.html").read_bytes()
    golden = json.loads((steps / "pages/tribune-jura.json").read_text("utf-8"))
    url = golden["fetched_url"]

    general = extract(page, url, fetched_at=NOW)
    assert general.title == "Lunettes Cuvier ouvre un atelier à Morez"
    assert len(general.body) == 3
    assert (general.authors, general.published) == ((), None)

    exec(compile((steps / "sites/tribune_jura.py").read_text("utf-8"), "tribune_jura.py", "exec"), {})
    article = extract(page, url, fetched_at=NOW, source=source)
    assert (article.authors, article.published) == (("A. Ravier",), date(2026, 2, 10))
    own = {name for name in Article.model_fields if getattr(article, name) != getattr(general, name)}
    assert own == {"authors", "published", "published_raw", "source", "source_id", "extraction"}
    assert (article.source, article.source_id, article.language) == ("La Tribune du Jura", "tribune-jura", "fr")

    # what is committed is read back as the same article
    saved = article.model_dump(mode="json")
    assert Article.model_validate(saved) == article
    # before the redesign that the class is for, the general class reads the page
    assert extract(page, url, fetched_at=datetime(2025, 8, 1, tzinfo=UTC), source=source).authors == ()


def test_the_command_that_shows_an_article(steps: Path) -> None:
    command = [sys.executable, "-m", "crawlers.pages", str(steps / "pages/tribune-jura.html"), "https://t.example/a"]
    shown = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=os.environ, check=True)
    assert json.loads(shown.stdout)["title"] == "Lunettes Cuvier ouvre un atelier à Morez"
    refused = subprocess.run(
        [*command, "inconnu"], capture_output=True, text=True, cwd=ROOT, env=os.environ, check=False
    )
    assert refused.returncode == 1
    assert "no page class 'inconnu'" in refused.stderr
