"""``veilleur forget`` on a data folder: warehouse, published copy, articles files and facts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crawlers.items import Article, Block, article_id
from flows.privacy import forget_person
from flows.settings import EmbeddingSettings, Settings
from flows.stages import StageError, publish_checked
from nlp.facts import Reading
from warehouse.store import Warehouse, query

DAY = date(2026, 3, 2)


def article(number: int, title: str, slug: str) -> Article:
    return Article(
        url=f"https://gazette.example/{slug}", source="Gazette", source_id="gazette", title=title,
        body=(Block(kind="paragraph", text=f"Le texte {number} parle de tout autre chose et reste ici."),),
    )  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data_dir=tmp_path, embeddings=EmbeddingSettings(enabled=False))
    told = [article(1, "Hélène Laverdanne s'en va", "1"), article(2, "Un départ", "helene-laverdanne"),
            article(3, "Une fête", "3")]  # fmt: skip
    keyed = [(article_id(a.url, ""), a) for a in told]
    folder = tmp_path / "articles" / DAY.isoformat()
    folder.mkdir(parents=True)
    (tmp_path / "facts" / DAY.isoformat()).mkdir(parents=True)
    (tmp_path / "facts" / DAY.isoformat() / "gazette.jsonl").write_text("{}\n")
    lines = [f'{{"id": "{ident}", "article": {a.model_dump_json()}}}\n' for ident, a in keyed]
    (folder / "gazette.jsonl").write_text("".join(lines[:2]), encoding="utf-8")
    (folder / "gazette.purged").write_text(lines[2], encoding="utf-8")
    with Warehouse.open(made.warehouse_path) as house:
        house.load([(ident, a, Reading(id=ident, language="fr")) for ident, a in keyed], day=DAY, run_id="r")
        house.tie()
    publish_checked(made)
    return made


def test_gone_from_the_whole_folder(settings: Settings) -> None:
    assert forget_person(settings, "Helene Laverdanne").startswith("forgotten: 2 articles")
    left = [p for p in settings.data_dir.rglob("*") if p.is_file() and b"averdanne" in p.read_bytes()]
    assert left == []
    assert not list(settings.data_dir.rglob("facts/*/gazette*"))
    rows = query(settings.published_path, "SELECT title, url FROM articles ORDER BY title DESC")[1]
    assert rows == [("■■■■■■ ■■■■■■■■■■ s'en va", "https://gazette.example/1"),
                    ("Une fête", "https://gazette.example/3"), ("Un départ", None)]  # fmt: skip


def test_where_nothing_may_be_published_it_says_so(settings: Settings) -> None:
    with Warehouse.open(settings.warehouse_path) as house:
        house.connection.execute("UPDATE store.articles SET latest_version_id = 'none' WHERE ident IS NOT NULL")
    with pytest.raises(StageError, match="the published copy still holds them"):
        forget_person(settings, "Hélène Laverdanne")
