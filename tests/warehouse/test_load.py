"""Loading: the same rows however often and in whatever order; versions; what cannot be used is an issue."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.items import Article, Block, Rights, article_id
from nlp.facts import Evidence, Facts, Figure, Organisation, Reading
from warehouse.load import name_key, sentence_around, source_key
from warehouse.store import QueryError, Warehouse, WarehouseError, query

DAY = date(2025, 9, 10)
LATER = date(2026, 3, 1)  # after all gold articles
Line = tuple[str, Article, Reading]


def line(text: str, *, ident: str = "a", url: str | None = "https://x.example/a", **fields: Any) -> Line:
    article = Article(url=url, title="Un titre", body=(Block(kind="paragraph", text=text),), **fields)
    return ident, article, Reading(id=ident, language="fr", rules="r1", model="m1")


def with_facts(item: Line, **facts: Any) -> Line:
    return item[0], item[1], item[2].model_copy(update={"facts": Facts(**facts)})


def rows(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    return warehouse.connection.execute(sql).fetchall()


@pytest.fixture
def house(tmp_path: Path) -> Any:
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        yield warehouse


def test_loading_twice_changes_nothing(house: Warehouse, gold: list[Line], all_contents: Callable[..., Any]) -> None:
    first = house.load(gold, day=LATER, run_id="one")
    house.tie()
    house.connection.execute("CHECKPOINT")
    assert (first.articles, first.new_versions, first.issues) == (len(gold), len(gold), 0)
    house.close()
    before = all_contents(house.path)
    assert len(before["figures"]) > 300
    with Warehouse.open(house.path) as again:
        second = again.load(gold, day=LATER, run_id="two")
        again.tie()
        assert (second.new_versions, second.new_facts, second.changed_readings) == (0, 0, 0)
        assert second.unchanged == len(gold)
    assert all_contents(house.path) == before


@pytest.mark.parametrize("size", [3, 5000])
def test_order_and_batches_do_not_matter(
    tmp_path: Path, gold: list[Line], size: int, all_contents: Callable[..., Any]
) -> None:
    told = []
    for number in range(2):
        shuffled = random.Random(number).sample(gold, len(gold))
        with Warehouse.open(tmp_path / f"{number}.duckdb") as warehouse:
            warehouse.load(shuffled, day=DAY, run_id="r", batch_size=size if number else 7)
            warehouse.tie()
        told.append(all_contents(tmp_path / f"{number}.duckdb"))
    assert told[0] == told[1]


def test_days_in_another_order_give_the_same(
    tmp_path: Path, gold: list[Line], all_contents: Callable[..., Any]
) -> None:
    days: dict[date, list[Line]] = {}
    for item in gold:
        assert item[1].published_on is not None
        days.setdefault(item[1].published_on, []).append(item)
    told = []
    for name, order in (("up", sorted(days)), ("down", sorted(days, reverse=True))):
        with Warehouse.open(tmp_path / f"{name}.duckdb") as warehouse:
            for day in order:
                warehouse.load(days[day], day=day, run_id=str(day))
            warehouse.tie()
        told.append(all_contents(tmp_path / f"{name}.duckdb"))
    assert told[0] == told[1]


def test_a_new_text_is_a_new_version(house: Warehouse) -> None:
    house.load([line("Le groupe investit 3 M€.")], day=DAY, run_id="1")
    house.load([line("Le groupe investit 4 M€.")], day=DAY, run_id="2")
    assert rows(house, "SELECT count(*), count(DISTINCT article_id), sum(is_latest::INT) FROM article_versions") == [
        (2, 1, 1)
    ]
    assert rows(house, "SELECT text FROM article_texts") == [("Le groupe investit 4 M€.",)]


def test_the_version_seen_last_is_the_latest_whatever_comes_in_last(house: Warehouse) -> None:
    old, new = datetime(2025, 9, 1, tzinfo=UTC), datetime(2025, 9, 3, tzinfo=UTC)
    house.load([line("Nouveau texte.", fetched_at=new)], day=date(2025, 9, 3), run_id="1")
    house.load([line("Ancien texte.", fetched_at=old)], day=date(2025, 9, 1), run_id="2")
    assert rows(house, "SELECT text FROM article_texts") == [("Nouveau texte.",)]
    assert rows(house, "SELECT first_day FROM articles") == [(date(2025, 9, 1),)]
    # The old text stands there again: it is the latest now, and still one version.
    house.load([line("Ancien texte.", fetched_at=datetime(2025, 9, 5, tzinfo=UTC))], day=date(2025, 9, 5), run_id="3")
    assert rows(house, "SELECT text FROM article_texts") == [("Ancien texte.",)]
    assert rows(house, "SELECT count(*) FROM article_versions") == [(2,)]


def test_trackers_do_not_make_another_article(house: Warehouse) -> None:
    urls = ["https://x.example/a?utm_source=rss", "https://x.example/a#suite", "HTTPS://X.example/a"]
    house.load([line("Même texte.", url=url, ident=url) for url in urls], day=DAY, run_id="1")
    assert rows(house, "SELECT article_id FROM articles") == [(article_id("https://x.example/a", ""),)]
    assert rows(house, "SELECT url FROM articles")[0][0] in urls


def test_without_an_address_the_id_counts(house: Warehouse) -> None:
    house.load([line("Un.", url=None, ident="n1"), line("Deux.", url=None, ident="n2")], day=DAY, run_id="1")
    assert sorted(rows(house, "SELECT article_id, url FROM articles")) == sorted(
        [(article_id(None, "n1"), None), (article_id(None, "n2"), None)]
    )


def test_facts_of_a_version_are_replaced_together(house: Warehouse) -> None:
    text = "Luméa investit 3 M€ à Lacq."
    name = Organisation(name="Luméa", kind="company", evidence=Evidence(block=0, start=0, end=5, text="Luméa"))
    sum_ = Figure(measure="investment", low=3e6, high=3e6, qualifier="exact", unit="EUR",
                  evidence=Evidence(block=0, start=15, end=19, text="3 M€"))  # fmt: skip
    house.load([with_facts(line(text), organisations=(name,), figures=(sum_,))], day=DAY, run_id="1")
    assert rows(house, "SELECT measure, evidence_text, evidence_sentence, rules FROM figures") == [
        ("investment", "3 M€", text, "r1")
    ]
    reread = with_facts(line(text), figures=(sum_.model_copy(update={"measure": "amount"}),))
    counts = house.load([reread], day=DAY, run_id="2")
    assert (counts.new_versions, counts.changed_readings) == (0, 1)
    assert rows(house, "SELECT measure FROM figures") == [("amount",)]
    assert rows(house, "SELECT count(*) FROM article_organisations") == [(0,)]


def test_unlawful_evidence_is_an_issue_and_the_rest_is_loaded(house: Warehouse) -> None:
    good = Organisation(name="Luméa", kind="company", evidence=Evidence(block=0, start=0, end=5, text="Luméa"))
    wrong = good.model_copy(update={"evidence": Evidence(block=0, start=1, end=6, text="Luméa")})
    outside = good.model_copy(update={"evidence": Evidence(block=7, start=0, end=5, text="Luméa")})
    infinite = Figure(measure="amount", low=float("inf"), high=None, qualifier="at_least", unit="EUR",
                      evidence=Evidence(block=0, start=0, end=5, text="Luméa"))  # fmt: skip
    item = with_facts(line("Luméa ouvre."), organisations=(good, wrong, outside), figures=(infinite,))
    counts = house.load([item, ("vide", Article(), Reading(id="vide", language="fr"))], day=DAY, run_id="1")
    assert rows(house, "SELECT name FROM article_organisations") == [("Luméa",)]
    assert sorted(rows(house, "SELECT code, count(*) FROM issues GROUP BY code")) == [
        ("empty_article", 1), ("implausible_figure", 1), ("unlawful_evidence", 2),
    ]  # fmt: skip
    assert counts.issues == 4
    house.load([item], day=DAY, run_id="2")
    assert rows(house, "SELECT count(*) FROM issues") == [(4,)]


def test_dates(house: Warehouse) -> None:
    house.load(
        [
            line("Un.", url="https://x.example/1", published=date(2025, 9, 9)),
            line("Deux.", url="https://x.example/2", published=datetime(2025, 9, 8, 23, 30, tzinfo=UTC)),
            line("Trois.", url="https://x.example/3"),
            line("Quatre.", url="https://x.example/4", published=date(1902, 1, 1)),
            line("Cinq.", url="https://x.example/5", published=date(2026, 9, 1)),
        ],
        day=DAY,
        run_id="1",
    )
    assert [row[0] for row in rows(house, "SELECT published_on FROM articles ORDER BY url")] == [
        date(2025, 9, 9), date(2025, 9, 9), DAY, DAY, date(2026, 9, 1),
    ]  # fmt: skip
    assert rows(house, "SELECT published_at FROM articles WHERE url LIKE '%/1'") == [
        (datetime(2025, 9, 8, 22, tzinfo=UTC),)
    ]
    assert sorted(rows(house, "SELECT code FROM issues")) == [("date_in_future",), ("implausible_date",)]


def test_text_is_kept_only_where_its_rights_allow(house: Warehouse) -> None:
    house.load(
        [
            line("Gardé.", url="https://x.example/1", rights=Rights(basis="accepted", keep_text_until=DAY)),
            line("Interdit.", url="https://x.example/2", rights=Rights(basis="reserved", store_text=False)),
            line(
                "Passé.", url="https://x.example/3", rights=Rights(basis="accepted", keep_text_until=date(2025, 9, 9))
            ),
        ],
        day=DAY,
        run_id="1",
    )
    assert rows(house, "SELECT text FROM article_texts") == [("Gardé.",)]
    assert rows(house, "SELECT count(*) FROM articles") == [(3,)]


def test_a_killed_batch_leaves_nothing(house: Warehouse, gold: list[Line]) -> None:
    def broken() -> Any:
        yield from gold[:6]
        raise OSError("the file ended")

    with pytest.raises(OSError, match="the file ended"):
        house.load(broken(), day=DAY, run_id="1", batch_size=4)
    assert rows(house, "SELECT count(*) FROM articles") == [(4,)]
    assert house.half_loaded() == [str(DAY)]
    house.load(gold, day=DAY, run_id="2")
    assert rows(house, "SELECT count(*) FROM articles") == [(len(gold),)]
    assert house.half_loaded() == []


def test_records_of_the_house(house: Warehouse) -> None:
    house.record_sources([{"source_id": "s", "name": "S", "config": {"feeds": ["f"]}, "region_code": "32"}])
    house.record_sources([{"source_id": "s", "health": {"state": "ok"}}])
    assert rows(house, "SELECT name, region_code, config->>'$.feeds[0]', health->>'state' FROM store.sources") == [
        ("S", "32", "f", "ok")
    ]
    with pytest.raises(WarehouseError, match="unknown keys colour"):
        house.record_sources([{"source_id": "s", "colour": "blue"}])
    house.record_run("r", "load", day=DAY, state="running")
    house.record_run("r", "load", day=DAY, counts={"articles": 3})
    assert rows(house, "SELECT state, counts->>'articles' FROM runs") == [("completed", "3")]
    ids = {house.record_issue(stage="read", code="c", message="m \ud800", day=DAY, url="u") for _ in range(2)}
    assert len(ids) == 1
    assert rows(house, "SELECT message FROM issues") == [("m ?",)]
    house.load([line("Texte.", source_id="s")], day=DAY, run_id="1")
    assert rows(house, "SELECT region_code, source FROM articles") == [("32", "S")]
    assert rows(house, "SELECT articles FROM sources") == [(1,)]


def test_query_reads_and_does_nothing_else(house: Warehouse, tmp_path: Path) -> None:
    house.load([line("Texte.")], day=DAY, run_id="1")
    house.close()
    assert query(house.path, "SELECT title FROM articles WHERE title = ?", ["Un titre"]) == (["title"], [("Un titre",)])
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for sql in (
        f"SELECT * FROM read_csv('{secret}')",
        f"SELECT * FROM '{secret}'",
        "DELETE FROM store.articles",
        f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
        f"ATTACH '{tmp_path / 'other.duckdb'}'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "SELECT 1; SELECT 2",
        "SELECT nothing FROM nowhere",
        "",
    ):
        with pytest.raises(QueryError):
            query(house.path, sql)
    assert not (tmp_path / "out.csv").exists()
    with pytest.raises(WarehouseError, match="no such warehouse"):
        query(tmp_path / "none.duckdb", "SELECT 1")


def test_helpers() -> None:
    assert name_key("Île-de-France") == name_key("ILE DE FRANCE") == "ile de france"
    assert source_key(Article(title="t", url="https://www.gazette.example/a")) == "gazette.example"
    assert source_key(Article(title="t")) is None
    text = "M. Davy signe avec St. Omer. « Bien ! », dit-il. La suite."
    assert sentence_around(text, 0, 2) == "M. Davy signe avec St. Omer."
    long = "mot " * 300
    assert len(sentence_around(long, 600, 603)) <= 402


@pytest.mark.parametrize("issue_first", [True, False])
def test_a_page_that_is_gone(house: Warehouse, issue_first: bool) -> None:
    told = line("Le texte.", url="https://x.example/a?utm_source=rss")

    def issue(code: str, day: date) -> None:
        gone = {"stage": "page", "code": code, "message": code, "url": "https://x.example/a"}
        house.record_issues([gone], day=day, run_id="r")

    steps = [lambda: house.load([told], day=DAY, run_id="r"), lambda: issue("http-410", date(2025, 9, 20)),
             lambda: issue("http-404", date(2025, 9, 25)), lambda: issue("http-500", date(2025, 9, 12))]  # fmt: skip
    for step in reversed(steps) if issue_first else steps:
        step()
    assert rows(house, "SELECT withdrawn_on FROM articles") == [(date(2025, 9, 20),)]
    house.load([told], day=date(2025, 9, 22), run_id="r")  # seen again, then gone again
    assert rows(house, "SELECT withdrawn_on FROM articles") == [(date(2025, 9, 25),)]
    house.load([told], day=LATER, run_id="r")
    assert rows(house, "SELECT withdrawn_on FROM articles") == [(None,)]
