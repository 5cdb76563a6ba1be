"""Search: French stems, accents optional, meaning, filters, evidence."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crawlers.items import Article
from nlp.facts import Reading
from warehouse.publish import publish
from warehouse.search import search
from warehouse.store import Warehouse, WarehouseError, query

DAY = date(2026, 3, 1)
Line = tuple[str, Article, Reading]


class Topics:
    """An encoder for tests that knows two topics by their words."""

    name = "topics"

    def encode(self, texts: list[str], kind: str = "passage") -> Any:
        topics = (("aimant", "terres rares", "recycl"), ("jambon", "salaison", "charcuterie", "cochonnaille"))
        rows = np.array([[1e-3 + sum(w in t.lower() for w in topic) for topic in topics] + [0.1] for t in texts])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, gold_house: Path) -> Path:
    folder = tmp_path_factory.mktemp("search")
    shutil.copy(gold_house, folder / "w.duckdb")
    return publish(folder / "w.duckdb", folder / "p.duckdb", Topics()).path


def urls(hits: Any) -> list[str]:
    return [hit.article_url for hit in hits]


def test_words_with_their_evidence(published: Path) -> None:
    hits = search(published, "entrepôts Gondreville", limit=5)
    assert "gondreville" in str(hits[0].article_url)
    assert hits[0].evidence_text
    assert "Gondreville" in hits[0].evidence_text
    assert hits[0].project_id
    assert hits[0].copies == 1  # its update is counted, not listed
    assert not any("-maj" in url for url in urls(hits))


@pytest.mark.parametrize(
    ("asked", "same"),
    [("rachetée", "rachat rachetées"), ("usines", "usine"), ("société mécanique", "SOCIETE MECANIQUE"),
     ("énergies", "energies"), ("levée de fonds", "levee de fonds"), ("aimants électriques", "aimant electrique")],
)  # fmt: skip
def test_stems_and_accents(published: Path, asked: str, same: str) -> None:
    first, second = urls(search(published, asked)), urls(search(published, same))
    assert first
    assert first[0] in second


def test_numbers_elisions_and_nothing(published: Path) -> None:
    assert search(published, "62.000 m² d'entrepôts")[0].article_url == search(published, "entrepôts")[0].article_url
    assert search(published, "xyzzyquux") == []
    newest = search(published, "", limit=3)
    assert [hit.published_on for hit in newest] == sorted((hit.published_on for hit in newest), reverse=True)
    assert len(newest) == 3
    assert search(published, "de la les") != []  # nothing but function words: the filters decide
    assert search(published, "'; DROP TABLE articles; --") is not None


def test_meaning_finds_what_the_words_do_not(published: Path) -> None:
    assert search(published, "cochonnaille") == []
    found = search(published, "cochonnaille", encoder=Topics(), limit=3)
    assert any("Jambon" in hit.title for hit in found)

    class Other(Topics):
        name = "another"

    assert search(published, "cochonnaille", encoder=Other()) == []  # vectors of another model are not compared


def test_filters(published: Path) -> None:
    everything = search(published, "usine", limit=100)
    north = search(published, "usine", region="Hauts-de-France", limit=100)
    assert north
    assert 0 < len(north) < len(everything)
    assert urls(north) == urls(search(published, "usine", region="32", limit=100))
    assert set(urls(search(published, "usine", department="62", limit=100))) <= set(urls(north))
    for hit in search(published, "", kind="closure", limit=100):
        told = "SELECT p.kind FROM project_reports JOIN projects p USING (project_id) WHERE article_id = ?"
        assert ("closure",) in query(published, told, [hit.article_id])[1]
    late = search(published, "", since="2025-06-01", until=date(2025, 9, 30), limit=100)
    assert late
    assert all(date(2025, 6, 1) <= hit.published_on <= date(2025, 9, 30) for hit in late)
    assert 0 < len(search(published, "", min_investment=100e6, limit=100)) < len(search(published, "", limit=100))
    assert search(published, "", min_jobs=100, limit=100)
    assert search(published, "", min_jobs=10**6) == []
    with pytest.raises(WarehouseError, match="no region"):
        search(published, "usine", region="Bourgogne")


def test_what_is_indexed_follows_the_articles(tmp_path: Path, gold: list[Line]) -> None:
    ident, article, reading = gold[0]
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        warehouse.load([gold[0]], day=DAY, run_id="r")
        publish_to = tmp_path / "p.duckdb"
    publish(tmp_path / "w.duckdb", publish_to)
    assert search(publish_to, "aimants")
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        changed = article.model_copy(update={"title": "Tramway", "standfirst": None, "body": ()})
        warehouse.load(
            [(ident, changed, reading.model_copy(update={"facts": type(reading.facts)()}))], day=DAY, run_id="r"
        )
    publish(tmp_path / "w.duckdb", publish_to)
    assert search(publish_to, "aimants") == []
    assert [hit.title for hit in search(publish_to, "tramways")] == ["Tramway"]
