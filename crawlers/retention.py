"""Text goes when its days are over: archived pages and the articles' files.

What may stay (title, link, dates, rights) moves to ``articles/<day>/<source>.purged``, from which the declarations of
:func:`crawlers.sources_admin.rights_report` are still made; the text itself is deleted, not marked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from crawlers.archive import Archive, read_archive
from crawlers.articles import article_line, read_lines, replace_file
from crawlers.items import ArchiveRecord, Article, ArticleLine
from crawlers.registry import Registry
from crawlers.state import State, StateInUse, flush_journal


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge removed. ``skipped`` are sources that were just being crawled: run it again for them."""

    archives: int = 0
    records: int = 0
    texts: int = 0
    skipped: tuple[str, ...] = ()

    def __add__(self, other: Purged) -> Purged:
        return Purged(
            self.archives + other.archives,
            self.records + other.records,
            self.texts + other.texts,
            (*self.skipped, *other.skipped),
        )


def purge(data_dir: Path, day: date, *, registry: Registry | None = None) -> Purged:
    """Delete all text whose last day (``keep_text_until``) lies before ``day``.

    With ``registry`` also all text of sources whose terms are now known to refuse.
    """

    def over(article: Article) -> bool:
        until = article.rights.keep_text_until
        return until is not None and until < day

    total = Purged()
    for ident in _sources(data_dir):
        if registry is not None and ident in registry and registry[ident].rights.terms.result == "refused":
            total += withdraw(data_dir, ident)
        else:
            total += _with_state(data_dir, ident, partial(_purge_source, data_dir, ident, day, over))
    return total


def withdraw(data_dir: Path, source_id: str) -> Purged:
    """Delete all text of one source, whatever its days: its terms refuse, or its licence was ended."""

    def everything(state: State) -> Purged:
        flush_journal(data_dir, source_id, state)
        removed = 0
        for file, _, _ in state.archives():
            removed += _delete(data_dir / "archive" / file)
            state.forget_archive(file)
        texts = _strip_files(data_dir, source_id, lambda _: True)
        return Purged(archives=removed, texts=texts)

    return _with_state(data_dir, source_id, everything)


def forget(data_dir: Path, source_id: str, article_ids: Collection[str]) -> Purged:
    """Delete single articles for good, a person's for example: their archived pages and their lines altogether.

    They are not read again either, however often they are announced.
    The archive's other records move; the lines that point at them are rewritten with their new places.
    """

    def some(state: State) -> Purged:
        flush_journal(data_dir, source_id, state)
        records = lines = 0
        for file, day, until in state.archives():
            records += _forget_records(data_dir, source_id, state, file, day, until, article_ids)
        for path in sorted((data_dir / "articles").glob(f"*/{source_id}.*")):
            kept = list(read_lines(path))
            left = [line for ident, line in kept if ident.split(".")[0] not in article_ids]
            if len(left) < len(kept):
                lines += len(kept) - len(left)
                replace_file(path, "".join(line + "\n" for line in left))
        with state.transaction():
            for ident in article_ids:
                state.forget_article(ident)
        return Purged(records=records, texts=lines)

    return _with_state(data_dir, source_id, some)


def _sources(data_dir: Path) -> list[str]:
    return sorted(path.stem for path in (data_dir / "state").glob("*.sqlite"))


def _with_state(data_dir: Path, source_id: str, work: Callable[[State], Purged]) -> Purged:
    try:
        with State(data_dir / "state" / f"{source_id}.sqlite") as state:
            return work(state)
    except StateInUse:
        return Purged(skipped=(source_id,))


def _purge_source(data_dir: Path, source_id: str, day: date, over: Callable[[Article], bool], state: State) -> Purged:
    flush_journal(data_dir, source_id, state)
    removed = 0
    for file, _, until in state.archives():
        if until is not None and until < day:
            removed += _delete(data_dir / "archive" / file)
            state.forget_archive(file)
    return Purged(archives=removed, texts=_strip_files(data_dir, source_id, over))


def _delete(path: Path) -> int:
    if not path.exists():
        return 0
    path.unlink()
    with suppress(OSError):  # other sources' files of the day
        path.parent.rmdir()
    return 1


def _strip_files(data_dir: Path, source_id: str, over: Callable[[Article], bool]) -> int:
    """Move the lines of articles whose text is over to the text-free file beside."""
    count = 0
    for path in sorted((data_dir / "articles").glob(f"*/{source_id}.jsonl")):
        kept: list[str] = []
        gone: dict[str, str] = {}
        for ident, line in read_lines(path):
            article = ArticleLine.model_validate_json(line).article
            if over(article) and article.body:
                gone[ident] = article_line(
                    ident, article.model_copy(update={"body": (), "standfirst": None, "archive": None})
                )
            else:
                kept.append(line)
        if gone:
            beside = path.with_suffix(".purged")
            merged = dict(read_lines(beside)) | gone
            replace_file(beside, "".join(line + "\n" for line in merged.values()))
            replace_file(path, "".join(line + "\n" for line in kept))
            count += len(gone)
    return count


def _forget_records(
    data_dir: Path,
    source_id: str,
    state: State,
    file: str,
    day: date,
    until: date | None,
    article_ids: Collection[str],
) -> int:
    root = data_dir / "archive"
    if not (root / file).exists():
        return 0
    pages = list(read_archive(root, file))
    left = [page for page in pages if state.resolve(str(page.notes["id"])) not in article_ids]
    if len(left) == len(pages):
        return 0
    draft = f"{file}.rewriting"
    with suppress(FileNotFoundError):
        (root / draft).unlink()
    moved: dict[str, ArchiveRecord] = {}
    with Archive(root, draft, 0) as out:
        for page in left:
            record = out.write(page.url, 200, page.headers, page.body, page.fetched_at, page.notes)
            moved[page.record.record_id] = record.model_copy(update={"file": file})
        length = out.length
    if left:
        (root / draft).replace(root / file)
        state.put_archive(file, length, day, until)
    else:
        _delete(root / file)
        state.forget_archive(file)
    _repoint(data_dir / "articles" / day.isoformat() / f"{source_id}.jsonl", file, moved)
    return len(pages) - len(left)


def _repoint(path: Path, file: str, moved: Mapping[str, ArchiveRecord]) -> None:
    lines = []
    for ident, line in read_lines(path):
        article = ArticleLine.model_validate_json(line).article
        if article.archive is not None and article.archive.file == file:
            place = moved.get(article.archive.record_id)
            line = article_line(ident, article.model_copy(update={"archive": place}))
        lines.append(line)
    replace_file(path, "".join(line + "\n" for line in lines))
