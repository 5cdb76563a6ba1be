"""Ties from end to end: short articles read by our own reader, then tied; what the reader misses may cost a pair, what
it misreads may not make a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from crawlers.items import Article, Block
from nlp.pipeline import Reader
from warehouse.store import Warehouse

DATA = Path(__file__).parent / "data" / "press_stories.yaml"


@pytest.mark.slow
def test_articles_read_by_ourselves_are_tied(newsroom: Callable[..., Warehouse]) -> None:
    table = YAML(typ="safe").load(DATA)
    articles = [
        (ident, Article(url=f"https://presse.example/{ident}", source=a["source"], region=a["region"], title=a["title"],
                        published=a["day"], body=tuple(Block(kind="paragraph", text=p) for p in a["body"])))
        for ident, a in table["articles"].items()
    ]  # fmt: skip
    readings = Reader().read_many(articles)
    lines = [(ident, article, reading) for (ident, article), reading in zip(articles, readings, strict=True)]
    warehouse = newsroom("read", lines)
    rows = warehouse.connection.execute(
        "SELECT list(DISTINCT a.ident ORDER BY a.ident) FROM store.project_reports r "
        "JOIN store.articles a USING (article_id) GROUP BY r.project_id"
    ).fetchall()
    tied = {pair for row in rows for pair in combinations(row[0], 2)}
    gold = {pair for story in table["stories"].values() for pair in combinations(sorted(story), 2)}
    assert not tied - gold, sorted(tied - gold)
    assert len(tied & gold) >= 0.7 * len(gold), sorted(gold - tied)
