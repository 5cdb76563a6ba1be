"""One reader for all tests of the room: loading the model takes seconds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crawlers.items import Article, Block
from nlp.facts import Facts
from nlp.pipeline import Reader


@pytest.fixture(scope="session")
def reader() -> Reader:
    """The reader with its standard model."""
    return Reader()


@pytest.fixture(scope="session")
def read(reader: Reader) -> Callable[..., Facts]:
    """Read paragraphs (and a title) written in a test."""

    def facts(*paragraphs: str, title: str = "", standfirst: str | None = None, region: str | None = None) -> Facts:
        body = tuple(Block(kind="paragraph", text=text) for text in paragraphs)
        article = Article(title=title, standfirst=standfirst, region=region, body=body, published="2025-03-11")
        return reader.read("test", article).facts

    return facts
