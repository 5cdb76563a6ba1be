"""Golden: every page of the demo press reads as its content file has it, by itself and through a whole crawl."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlers.context import Options
from crawlers.items import PARIS, Article
from crawlers.pages.extract import extract
from crawlers.registry import load_registry
from crawlers.run import crawl
from flows.demo.press import DAYS, PRESS, DemoArticle, DemoPress, PressTitle

SOURCES = PRESS.parent / "sources"
REGISTRY = load_registry(SOURCES)


def cases() -> Iterator[Any]:
    """Every article on the first day that it is out, and again on each day that it is revised."""
    for title in DemoPress(DAYS[-1]).titles.values():
        before: dict[str, DemoArticle] = {}
        for number in range(1, len(DAYS) + 1):
            for article in title.articles(number):
                if before.get(article.path) != article:
                    yield pytest.param(title, article, number, id=f"{title.id}{article.path}@{number}")
                before[article.path] = article


def text_of(article: DemoArticle, *, exact_spaces: bool = True) -> list[tuple[str, str, str | None]]:
    """The blocks of a content file as (kind, text, credit); a PDF keeps no no-break spaces and gives no contacts."""
    parts = [part for part in article.body if part.kind != "lire_aussi"]
    if not exact_spaces:
        parts = [part for part in parts if not part.text.startswith("Contact presse")]
    return [(p.kind, p.text if exact_spaces else " ".join(p.text.split()), p.credit) for p in parts]


@pytest.mark.parametrize(("title", "article", "number"), list(cases()))
def test_page_reads_as_written(title: PressTitle, article: DemoArticle, number: int) -> None:
    page = title.page(article.path, {}, number)
    assert page is not None
    url = title.home.rstrip("/") + article.path
    fetched_at = datetime.combine(DAYS[number - 1], datetime.min.time(), UTC) + timedelta(hours=8)
    read = extract(
        page.body, url, fetched_at=fetched_at, headers={"Content-Type": page.content_type}, source=REGISTRY[title.id]
    )
    release = article.path.endswith(".pdf")
    assert (read.url, read.title, read.standfirst) == (url, article.title, article.standfirst)
    assert [(b.kind, b.text, b.credit) for b in read.body] == text_of(article, exact_spaces=not release)
    assert read.published_on == article.published.astimezone(PARIS).date()
    assert (read.access == "teaser") is bool(article.paywall)
    if not release:
        assert read.authors == article.authors
    if title.id in {"beffroi", "goeland", "mirabelle", "gaves"}:
        assert read.published == article.published
        assert (read.section, read.tags) == (article.section, article.tags)
    if article.modified:
        assert read.modified == article.modified


@pytest.mark.slow
def test_three_days_are_crawled_whole(tmp_path: Path) -> None:
    lines: dict[int, dict[str, Article]] = {}
    with DemoPress(DAYS[0]).serve() as press:
        options = Options(proxy=press.url, no_delay=True)
        for number, day in enumerate(DAYS, 1):
            press.set_day(day)
            lines[number] = {}
            for source in REGISTRY.values():
                report = crawl(source, day, data_dir=tmp_path, registry=[SOURCES], options=options)
                assert {issue["kind"] for issue in report["issues"]} <= {"tdm-reserved"}, report["issues"]
                path = tmp_path / "articles" / day.isoformat() / f"{source.id}.jsonl"
                for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
                    article = Article.model_validate(json.loads(line)["article"])
                    assert article.source_id == source.id
                    lines[number][str(article.url)] = article
        closed = [r.path for r in press.requests if r.path.startswith(("/abonnes", "/opinions", "/compte", "/cgi-bin"))]
        unwanted = [(r.host, r.path) for r in press.requests if r.status not in (200, 304) and "robots" not in r.path]
    assert closed == []
    assert {path for _, path in unwanted} <= {"/.well-known/tdmrep.json"}

    for number in lines:
        expected = {
            title.home.rstrip("/") + article.path
            for title in press.titles.values()
            for article in title.articles(number)
            if not any(article == before for before in title.articles(number - 1))
        }
        assert set(lines[number]) == expected

    tribune = lines[1]["http://www.gazette-autan.example/opinions/eau-reindustrialisation.html"]
    assert (tribune.rights.basis, tribune.body, bool(tribune.title)) == ("reserved", (), True)
    fixed = "http://www.mirabelle-eco.example/industrie/emailleries-vauthier-fermeture"
    assert lines[2][fixed].body != lines[3][fixed].body
    assert "[Rectificatif, 18 décembre]" in lines[3][fixed].body[-1].text
    everything = {url: article for day in lines.values() for url, article in day.items()}
    assert sum(article.access == "teaser" for article in everything.values()) == 3
    assert all(article.published_on for article in everything.values())
    assert {article.rights.basis for article in everything.values()} == {"accepted", "reserved"}
