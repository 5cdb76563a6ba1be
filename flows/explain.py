"""``veilleur read --explain``: an article with every fact marked in it, as an HTML page."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from crawlers.items import Article, ArticleLine
from flows.settings import Settings
from flows.stages import StageError, write_atomically
from nlp.explain import render
from nlp.pipeline import Reader


def explain_page(settings: Settings, what: str, output: Path | None) -> Path:
    """Write the page of an article and return its path.

    ``what``: a saved page (.html, .pdf), a file of articles (its first is taken), or the address of an article that
    was crawled. Raises StageError where there is no such article.
    """
    article = find_article(settings, what)
    page = render(article, Reader(settings.read.model).read(what, article))
    path = output or settings.data_dir / "explain" / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.html"
    write_atomically(path, page.encode())
    return path


def find_article(settings: Settings, what: str) -> Article:
    """The article that a file or an address names."""
    if what.startswith(("http://", "https://")):
        for path in sorted((settings.data_dir / "articles").glob("*/*.jsonl"), reverse=True):
            for line in path.read_text(encoding="utf-8").split("\n"):
                if what in line and (item := ArticleLine.model_validate_json(line)).article.url == what:
                    return item.article
        raise StageError(f"{what}: not among the articles crawled into {settings.data_dir}")
    path = Path(what)
    if path.suffix in (".html", ".htm", ".pdf"):
        return from_page(path)
    text = path.read_text(encoding="utf-8")
    try:
        first = json.loads(text) if path.suffix == ".json" else json.loads(text.split("\n", 1)[0])
    except json.JSONDecodeError as error:
        raise StageError(f"{path}: {error}") from error
    return Article.model_validate(first.get("article", first))


def from_page(path: Path) -> Article:
    """A saved page as an article."""
    from crawlers.pages.extract import extract
    from crawlers.pages.pdf import extract_pdf

    now = datetime.now(UTC)
    if path.suffix == ".pdf":
        return extract_pdf(path.read_bytes(), path.resolve().as_uri(), fetched_at=now)
    return extract(path.read_bytes(), path.resolve().as_uri(), fetched_at=now)
