"""The page that shows an article with its facts: everything marked, everything escaped, nothing from outside."""

from __future__ import annotations

import html
import re
from datetime import date
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.items import Article, Block
from nlp.explain import number, quantity, render
from nlp.facts import Conflict, Evidence, Facts, Figure, Organisation, Quote, Reading
from nlp.pipeline import Reader

ARTICLE = Article(
    url="https://example.org/a?b=1&c=<2>",
    source="Le Fil",
    published=date(2025, 3, 13),
    title="Vire : la laiterie Dornelle & Fils investit 12 M€",
    body=(
        Block(kind="paragraph", text="Dornelle & Fils emploie 310 personnes, dont 240 à Vire et 85 à Caen. "
              "« Nous <b>croyons</b> à ce site », dit-elle."),
        Block(kind="heading", text="Un séchoir"),
    ),
)  # fmt: skip


class _Text(HTMLParser):
    """The text of the article element, the ids and the links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.text, self.ids, self.links, self.tags = 0, "", [], [], []  # type: ignore[var-annotated]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.depth += tag == "article"
        self.ids += [v for k, v in attrs if k == "id"]
        self.links += [v for k, v in attrs if k in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "article"

    def handle_data(self, data: str) -> None:
        self.text += data if self.depth else ""


def parsed(page: str) -> _Text:
    parser = _Text()
    parser.feed(page)
    return parser


def test_the_text_is_whole_and_every_fact_has_its_card(reader: Reader) -> None:
    reading = reader.read("a", ARTICLE)
    page = render(ARTICLE, reading)
    seen = parsed(page)
    for _, _, text in ARTICLE.texts():
        assert text in seen.text
    assert len([i for i in seen.ids if re.match(r"figures-\d", i)]) == len(reading.facts.figures) > 0
    assert len(seen.ids) == len(set(seen.ids))
    assert "Chiffres qui se contredisent" in page  # 240 and 85 are more than 310


def test_the_page_needs_nothing_from_outside(reader: Reader) -> None:
    seen = parsed(render(ARTICLE, reader.read("a", ARTICLE)))
    assert all(link.startswith("#") for link in seen.links)
    assert {"script", "link", "img", "iframe"}.isdisjoint(seen.tags)


def test_markup_in_names_and_text_is_escaped() -> None:
    text = '<script>alert("1")</script> & Cie'
    article = Article(title=text)
    evidence = Evidence(block=-2, start=0, end=len(text), text=text)
    facts = Facts(organisations=(Organisation(name=text, kind="company", evidence=evidence),))
    page = render(article, Reading(id="x", language="fr", facts=facts))
    assert "<script" not in page
    assert html.escape(text) .replace("&quot;", "&#34;") in page  # fmt: skip


def test_evidence_that_is_not_in_the_text_is_said_to_be_missing() -> None:
    evidence = Evidence(block=7, start=3, end=9, text="absent")
    facts = Facts(quotes=(Quote(text="absent", evidence=evidence),), conflicts=(
        Conflict(rule="sum of parts", stated=1, computed=2, evidence=(evidence,)),))  # fmt: skip
    page = render(ARTICLE, Reading(id="x", language="fr", facts=facts))
    assert page.count("preuve introuvable") == 2


def test_another_language_is_said() -> None:
    page = render(Article(title="Nothing here"), Reading(id="x", language="en"))
    assert "« en »" in page
    assert "Aucun fait relevé" in page


def test_values_read_as_french() -> None:
    evidence = Evidence(block=-2, start=0, end=1, text="x")

    def figure(low: float | None, high: float | None, qualifier: str = "exact", unit: str = "EUR") -> str:
        return quantity(Figure.model_validate(
            {"measure": "amount", "low": low, "high": high, "qualifier": qualifier, "unit": unit, "evidence": evidence}))  # fmt: skip

    assert figure(40e6, None, "at_least") == "au moins 40 M€"
    assert figure(None, 5e6, "at_most") == "au plus 5 M€"
    assert figure(15e6, 20e6, "range") == "15 M€ à 20 M€"
    assert figure(100, 100, "about", "person") == "environ 100 personnes"
    assert figure(-6.3, -6.3, unit="%") == "−6,3 %"
    assert number(2500, "m2") == "2\u202f500 m²"


@given(st.text(max_size=120), st.lists(st.tuples(st.integers(0, 120), st.integers(0, 120)), max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_text_with_any_spans_keeps_its_text(text: str, spans: list[tuple[int, int]]) -> None:
    article = Article(title="T", body=(Block(kind="paragraph", text=text),))
    lawful = [(a, b) for a, b in spans if a < b <= len(text)]
    quotes = tuple(Quote(text=text[a:b], evidence=Evidence(block=0, start=a, end=b, text=text[a:b])) for a, b in lawful)
    page = render(article, Reading(id="x", language="fr", facts=Facts(quotes=quotes)))
    body = page.split('<p class="paragraph">')[1].split("</p>")[0]
    assert html.unescape(re.sub(r"<[^>]*>", "", body)) == html.unescape(html.escape(text))
