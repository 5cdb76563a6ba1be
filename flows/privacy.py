"""``veilleur forget``: a person taken out everywhere, and kept out."""

from __future__ import annotations

import json
from pathlib import Path

from flows import stages
from flows.settings import Settings
from warehouse.forget import address_words, forget, pattern_of
from warehouse.store import Warehouse


def forget_person(settings: Settings, person: str) -> str:
    """Remove a person from warehouse, published copy, facts, articles and page archive.

    The keyed hash list keeps them out of every later load. Articles files and archive lose the articles that name the
    person; title and facts of others stay in the warehouse. Raises StageError where the published copy could not be
    replaced, since a check forbids it: then it still names them.
    """
    from crawlers.retention import forget as forget_pages

    wanted = articles_naming(settings.data_dir / "articles", person)
    with stages.writer(settings, 60):
        with Warehouse.open(settings.warehouse_path, forget_key=stages.forget_key(settings)) as house:
            done = forget(house, person)
        pages = 0
        for source, articles in wanted.items():
            pages += forget_pages(settings.data_dir, source, articles).records
            for facts in (settings.data_dir / "facts").glob(f"*/{source}.*"):
                facts.unlink()
    said = f"forgotten: {done.articles} articles, {done.mentions} mentions, {pages} archived pages"
    if settings.published_path.exists():
        try:
            stages.publish_checked(settings)
        except stages.StageError as error:
            raise stages.StageError(f"{said}; the published copy still holds them: {error}") from error
    return said


def articles_naming(folder: Path, person: str) -> dict[str, set[str]]:
    """source -> keys of the articles in ``folder/<day>/<source>.*`` whose text or address names a person in full."""
    pattern = pattern_of([person], surnames=False)
    found: dict[str, set[str]] = {}
    for path in sorted(folder.glob("*/*")):
        for line in filter(str.strip, path.read_text(encoding="utf-8").split("\n")):
            row = json.loads(line)
            text = json.dumps(row, ensure_ascii=False)
            if pattern.search(text) or pattern.search(address_words(row["article"].get("url") or "")):
                found.setdefault(path.stem, set()).add(str(row["id"]).split(".")[0])
    return found
