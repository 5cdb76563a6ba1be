"""``veilleur forget``: a person taken out everywhere, and kept out."""

from __future__ import annotations

import json

from flows import stages
from flows.settings import Settings
from warehouse.forget import forget
from warehouse.publish import publish
from warehouse.store import Warehouse


def forget_person(settings: Settings, person: str) -> str:
    """Remove a person from warehouse, published copy, facts, articles and page archive.

    The keyed hash list keeps them out of every later load. Articles files and archive of the articles concerned are
    purged of their text, since they name the person; title, link and facts of others stay in the warehouse.
    """
    from crawlers.retention import forget as forget_pages

    wanted: dict[str, set[str]] = {}
    for path in sorted((settings.data_dir / "articles").glob("*/*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if person.casefold() in line.casefold():
                wanted.setdefault(path.stem, set()).add(str(json.loads(line)["id"]))
    with stages.writer(settings, 60):
        with Warehouse.open(settings.warehouse_path, forget_key=stages.forget_key(settings)) as house:
            done = forget(house, person)
        pages = 0
        for source, articles in wanted.items():
            pages += forget_pages(settings.data_dir, source, articles).records
            for facts in (settings.data_dir / "facts").glob(f"*/{source}.*"):
                facts.unlink()
        if settings.published_path.exists():
            publish(settings.warehouse_path, settings.published_path, encoder=stages.encoder_for(settings))
    return f"forgotten: {done.articles} articles, {done.mentions} mentions, {pages} archived pages"
