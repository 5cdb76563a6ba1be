"""The stage file: ``articles/<day>/<source>.jsonl``, one ``{"id", "article"}`` a line, replaced whole."""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterable, Iterator
from datetime import date
from pathlib import Path

from crawlers.items import Article, ArticleLine, version_id


def articles_file(data_dir: Path, day: date, source_id: str) -> Path:
    """Where a source's articles of a day lie."""
    return data_dir / "articles" / day.isoformat() / f"{source_id}.jsonl"


def article_line(ident: str, article: Article) -> str:
    """One line of the file, without its end; what is unknown is left out."""
    line = ArticleLine(id=ident, article=article)
    return json.dumps(line.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)


def merge_lines(path: Path, fresh: Iterable[tuple[str, str, str]], instead_of: Container[str] = ()) -> int:
    """Merge ``(id, version, line)`` into a day's file and replace it atomically; returns the number of lines.

    Lines of articles in ``instead_of`` are dropped first (they were read anew). Otherwise the same version again
    replaces its line. Where an article changed within the day, the newest version keeps the article's id
    and an older one that the file already had stays under ``<id>.<version>``, so that none is lost.
    """
    lines: dict[str, str] = {}
    versions: dict[str, str] = {}
    for ident, line in read_lines(path):
        if ident.split(".")[0] in instead_of:
            continue
        lines[ident] = line
        if "." not in ident:
            versions[ident] = version_id(ArticleLine.model_validate_json(line).article)
    for ident, version, line in fresh:
        before = versions.get(ident)
        if before is not None and before != version:
            older = f"{ident}.{before[:8]}"
            lines[older] = _renamed(lines.pop(ident), older)
        lines[ident] = line
        versions[ident] = version
    replace_file(path, "".join(line + "\n" for line in lines.values()))
    return len(lines)


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """``(id, line)`` of a day's file; nothing where there is none."""
    if path.exists():
        with path.open(encoding="utf-8") as stream:
            for line in stream:
                if line.strip():
                    yield json.loads(line)["id"], line.rstrip("\n")


def _renamed(line: str, ident: str) -> str:
    return json.dumps(json.loads(line) | {"id": ident}, ensure_ascii=False)


def replace_file(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, also after a kill."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
