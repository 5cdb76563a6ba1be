# ruff: noqa: E501  (pages and lines as they come)
"""Page classes of sites: chosen by name and day, overriding one field and leaving the rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from crawlers.pages import base
from crawlers.pages.base import ArticlePage, PageClassError, page_class, page_class_for
from crawlers.pages.decode import clean
from crawlers.pages.extract import extract

PAGE = (
    "<html lang='fr'><body><h1>Une usine ouvre à Lens</h1><p class='qui'>Jeanne Petit</p><p class='kqui'>Marc Dubois</p>"
    "<p>L’usine ouvre lundi à Lens (Pas-de-Calais), avec trente salariés et une ligne de peinture.</p></body></html>"
).encode()


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    before = dict(base._CLASSES)

    @page_class("essai", valid_until=date(2026, 2, 28))
    class Before(ArticlePage):
        def find_authors(self) -> tuple[str, ...]:
            return tuple(clean(e.text_content()) for e in self.root.xpath("//p[@class='qui']"))

    @page_class("essai", valid_from=date(2026, 3, 1))
    class After(ArticlePage):
        def find_authors(self) -> tuple[str, ...]:
            return tuple(clean(e.text_content()) for e in self.root.xpath("//p[@class='kqui']"))

    yield
    base._CLASSES.clear()
    base._CLASSES.update(before)


@pytest.mark.parametrize(
    ("fetched_at", "author"),
    [
        (datetime(2026, 2, 28, 22, 30, tzinfo=UTC), "Jeanne Petit"),
        (datetime(2026, 2, 28, 23, 30, tzinfo=UTC), "Marc Dubois"),  # 1 March in Paris
        (datetime(2025, 1, 1, tzinfo=UTC), "Jeanne Petit"),
    ],
)
def test_the_class_of_the_day_reads_the_page(fetched_at: datetime, author: str) -> None:
    source = SimpleNamespace(id="essai", name="Essai", page_class="essai")
    article = extract(PAGE, "https://essai.example/a", fetched_at=fetched_at, source=source)
    assert article.authors == (author,)
    assert article.title == "Une usine ouvre à Lens"
    assert article.extraction is not None and article.extraction.startswith("essai/")
    assert (article.source, article.source_id) == ("Essai", "essai")


def test_two_classes_cannot_claim_one_day() -> None:
    with pytest.raises(PageClassError, match="same days"):
        page_class("essai", valid_from=date(2026, 2, 1), valid_until=date(2026, 2, 2))(ArticlePage)


def test_an_unknown_name_is_a_fault_and_none_is_the_general_class() -> None:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    with pytest.raises(PageClassError, match="no page class 'inconnu'"):
        page_class_for("inconnu", now)
    assert page_class_for(None, now) is ArticlePage
    assert page_class_for("general", now) is ArticlePage
