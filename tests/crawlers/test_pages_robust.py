# ruff: noqa: E501  (pages and lines as they come)
"""Whatever the bytes: an article or an ExtractionError of the right kind, in bounded time and memory."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from pathlib import Path

import htmldate.utils
import pytest
import trafilatura.utils
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement

from crawlers.items import Article
from crawlers.pages import parse as parse_module
from crawlers.pages.errors import ExtractionError
from crawlers.pages.extract import extract

NOW = datetime(2026, 7, 1, tzinfo=UTC)
PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))
TAGS = ["html", "head", "body", "div", "p", "a", "article", "table", "tr", "td", "h1", "h2", "br", "b", "script", "figure",
        "figcaption", "form", "aside", "time", "meta", "title", "li", "ul", "section", "amp-img", "o:p", "svg"]  # fmt: skip


def outcome(data: bytes, **options: object) -> Article | str:
    try:
        return extract(data, "https://a.example/x", fetched_at=NOW, **options)  # type: ignore[arg-type]
    except ExtractionError as error:
        return error.kind


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=600))
def test_arbitrary_bytes(data: bytes) -> None:
    assert isinstance(outcome(data), Article | str)


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(["text/html", "text/html; charset=x-unknown", "application/pdf", "", "a;b;;"]),
)
def test_arbitrary_bytes_with_mark_up_and_headers(data: bytes, content_type: str) -> None:
    page = b"<html><body><p>" + data + b"</p></body></html>"
    assert isinstance(outcome(page, headers={"Content-Type": content_type}), Article | str)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_after_a_pdf_header(data: bytes) -> None:
    assert outcome(b"%PDF-1.4\n" + data) in ("not_pdf", "empty", "encrypted_pdf") or isinstance(
        outcome(data), Article | str
    )


@st.composite
def mark_up(draw: st.DrawFn) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 40))):
        tag = draw(st.sampled_from(TAGS))
        kind = draw(st.integers(0, 3))
        if kind == 0:
            parts.append(f"</{tag}>")
        elif kind == 1:
            name = draw(
                st.sampled_from(["class", "id", "itemprop", "itemtype", "itemscope", "datetime", "style", "rel"])
            )
            value = draw(st.text(max_size=12))
            parts.append(f'<{tag} {name}="{value}">')
        else:
            parts.append(f"<{tag}>{draw(st.text(max_size=80))}")
    return "".join(parts)


@settings(max_examples=200, deadline=None)
@given(mark_up())
def test_arbitrary_mark_up(page: str) -> None:
    assert isinstance(outcome(page.encode("utf-8", "replace")), Article | str)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["@type", "headline", "author", "datePublished", "hasPart", "isAccessibleForFree", "articleBody",
                        "keywords", "articleSection", "inLanguage", "wordCount", "publisher", "itemListElement"]),
       st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from(["name", "@id", "@type", "x"]), inner, max_size=3), max_leaves=8))  # fmt: skip
def test_arbitrary_json_ld(key: str, value: object) -> None:
    import json

    node = {"@type": "NewsArticle", "headline": "Titre", "datePublished": "2026-01-01"} | {key: value}
    page = f'<html><body><script type="application/ld+json">{json.dumps(node)}</script><h1>Titre</h1><p>Texte.</p></body></html>'
    assert isinstance(outcome(page.encode()), Article | str)


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_damaged_pages(page: Path) -> None:
    data = page.read_bytes()
    chance = random.Random(page.stem)
    for _ in range(6):
        cut = bytearray(data[: chance.randrange(len(data))])
        for _ in range(20):
            if cut:
                cut[chance.randrange(len(cut))] = chance.randrange(256)
        assert isinstance(outcome(bytes(cut)), Article | str)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"just words, no mark-up", "not_html"),
        (bytes(range(256)) * 40 + b"<p>", "bad_encoding"),
        (b"<html><body></body></html>", "empty"),
        (b"<html><body>" + b"<div>" * 900_000 + b"x", "too_deep"),
        (b"<html><body>" + b"<p>x</p>" * 400_000, "too_large"),
        (b"<p>" + b"x" * (13 << 20), "too_large"),
        (b"%PDF-1.7 nothing else", "not_pdf"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_each_bad_page_has_its_kind(data: bytes, kind: str) -> None:
    started = time.perf_counter()
    assert outcome(data) == kind
    assert time.perf_counter() - started < 10


def test_entities_do_not_expand() -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><html><body><p>&b;</p></body></html>'
    article = outcome(bomb.encode())
    assert not isinstance(article, Article) or "aaaaaaaaaa" not in str(article.body)


def test_nesting_of_an_honest_page_is_read() -> None:
    page = (
        "<html><body><h1>Une usine ouvre à Lens</h1>"
        + "<font>" * 400
        + "<p>L’usine ouvre lundi à Lens, avec trente salariés.</p>"
    )
    article = outcome(page.encode())
    assert isinstance(article, Article)
    assert [block.text for block in article.body] == ["L’usine ouvre lundi à Lens, avec trente salariés."]


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    ["<div><p>L’usine de Lens recrute trente personnes pour sa nouvelle ligne.</p></div>", "<table><tr><td>a<td>b", "<a href=x>", "<p>",
     "<b><i>", "<li>texte ", "<br>", "<h2>Un titre</h2>", "Par Jeanne Petit 2026 ", "<span class='a-lire newsletter'>x</span>",
     "<time datetime='2026-01-01'>", "publié le 3 mars 2026 "],
)  # fmt: skip
def test_large_pages_of_one_piece_take_bounded_time(piece: str) -> None:
    page = "<html><body><h1>Une usine ouvre à Lens</h1>" + piece * (2_000_000 // len(piece))
    started = time.process_time()
    outcome(page.encode())
    assert time.process_time() - started < 20


def test_each_page_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    once = parse_module._tree

    def counted(text: str, *, huge: bool) -> tuple[HtmlElement, bool]:
        parsed.append(text)
        return once(text, huge=huge)

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("parsed by a library")

    monkeypatch.setattr(parse_module, "_tree", counted)
    for module in (trafilatura.utils, htmldate.utils):
        monkeypatch.setattr(module, "fromstring", refused)
        monkeypatch.setattr(module, "fromstring_bytes", refused)
    for page in PAGES:
        assert isinstance(outcome(page.read_bytes()), Article)
    assert len(parsed) == len(PAGES)
