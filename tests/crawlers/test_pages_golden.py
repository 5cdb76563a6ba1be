# ruff: noqa: E501  (pages and lines as they come)
"""Saved pages of our own making against their golden articles, all fields.

A page ``tests/crawlers/pages/<name>.html`` has ``<name>.json`` beside it: ``fetched_url``, the ``page_class`` where it is
not the general one, and the ``article``.
``VEILLEUR_UPDATE_GOLDEN=1 pytest tests/crawlers/test_pages_golden.py`` writes the articles anew; read the diff.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crawlers.items import Article
from crawlers.pages.extract import extract

PAGES = Path(__file__).parent / "pages"
NAMES = sorted(path.stem for path in PAGES.glob("*.html"))
FETCHED_AT = datetime(2026, 7, 1, 6, 0, tzinfo=UTC)


def read(name: str) -> dict[str, Any]:
    golden: dict[str, Any] = json.loads((PAGES / f"{name}.json").read_text("utf-8"))
    source = SimpleNamespace(id="titre", name="Titre d’essai", language="fr", page_class=golden.get("page_class"))
    article = extract(
        (PAGES / f"{name}.html").read_bytes(), golden["fetched_url"], fetched_at=FETCHED_AT, source=source
    )
    if os.environ.get("VEILLEUR_UPDATE_GOLDEN"):
        golden["article"] = article.model_dump(mode="json")
        text = json.dumps(golden, ensure_ascii=False, indent=1)
        (PAGES / f"{name}.json").write_text(text + "\n", "utf-8")
    return golden | {"read": article.model_dump(mode="json")}


@pytest.mark.parametrize("name", NAMES)
def test_page_gives_its_golden_article(name: str) -> None:
    golden = read(name)
    assert golden["read"] == golden["article"]


def test_golden_files_are_complete() -> None:
    assert len(NAMES) >= 12
    for name in NAMES:
        golden = json.loads((PAGES / f"{name}.json").read_text("utf-8"))
        assert set(golden["article"]) == set(Article.model_fields), name
        assert golden["article"]["title"] and golden["article"]["body"], name


@pytest.mark.parametrize("name", NAMES)
def test_no_furniture_is_left(name: str) -> None:
    article = read(name)["read"]
    text = "\n".join([article["title"], article["standfirst"] or "", *(block["text"] for block in article["body"])])
    for words in ("Lire aussi", "lire aussi", "newsletter", "Partager", "Les plus lus", "Tous droits", "cookies", "abonn",
                  "Imprimer", "commentaire", "PUBLICITE", "Sur le même sujet"):  # fmt: skip
        assert words not in text, (name, words)
    assert article["title"] not in [block["text"] for block in article["body"]]


def test_pages_cover_the_kinds_of_block_and_access() -> None:
    articles = [read(name)["article"] for name in NAMES]
    assert {block["kind"] for article in articles for block in article["body"]} == {"paragraph", "heading", "caption"}
    assert {article["access"] for article in articles} == {"full", "teaser", None}
    assert any(block["credit"] for article in articles for block in article["body"])


@pytest.mark.parametrize("name", NAMES)
def test_the_same_page_gives_the_same_article_again(name: str) -> None:
    assert read(name)["read"] == read(name)["read"]
