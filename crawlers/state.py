"""What a source's crawl remembers: documents and their validators, articles seen, the queue, the journal.

One SQLite file a source, written by one process. Each article is one transaction: its line in the journal, its
place among the seen, its removal from the queue and the new length of the archive stand or fall together, so that
a killed run is finished by the next one without fetching anything twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from crawlers.articles import articles_file, merge_lines
from crawlers.discovery import Candidate

MAX_ATTEMPTS = 4
"""Failing days after which a queued article is given up."""


FORGOTTEN = "forgotten"
"""The basis of an article that somebody asked to forget."""
_SEEN = "article_id, url, first_day, read_day, read_at, reads, version_id, etag, last_modified, announced, basis, gone"


class StateInUse(RuntimeError):
    """Another process is crawling this source."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as last seen. ``body`` only for robots.txt and tdmrep.json."""

    url: str
    kind: str
    found_by: str
    etag: str | None = None
    last_modified: str | None = None
    content_hash: str | None = None
    body: bytes | None = None
    checked_at: datetime | None = None
    changed_at: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """An article as last seen."""

    article_id: str
    url: str
    first_day: date
    read_day: date | None
    read_at: datetime | None
    reads: int
    version_id: str | None
    etag: str | None
    last_modified: str | None
    announced: dict[str, str]
    basis: str | None
    gone: bool


@dataclass(frozen=True, slots=True)
class Issue:
    """One row of ``issues``."""

    source_id: str
    url: str
    stage: str
    kind: str
    message: str
    at: datetime

    def as_json(self) -> dict[str, str]:
        """The row as it stands in the report."""
        return {**asdict(self), "at": self.at.isoformat()}


class State:
    """The memory of one source. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = path.with_suffix(".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise StateInUse(f"{path.stem} is being crawled by another process") from error
        self._db = sqlite3.connect(path, isolation_level=None)
        # WAL without a sync at each commit: a killed process loses nothing, and a power cut at most some articles
        # that are then fetched again.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(files("crawlers").joinpath("state.sql").read_text(encoding="utf-8"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let other processes in."""
        self._db.close()
        self._lock.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; not to be nested."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # --- documents

    def document(self, url: str) -> Document | None:
        """A document as last seen, or None."""
        row = self._db.execute("SELECT * FROM documents WHERE url = ?", [url]).fetchone()
        return _document(row) if row else None

    def documents(self, *kinds: str, found_by: str | None = None) -> list[Document]:
        """All documents of these kinds, in order of URL."""
        marks = ",".join("?" * len(kinds))
        rows = self._db.execute(
            f"SELECT * FROM documents WHERE kind IN ({marks}) AND (? IS NULL OR found_by = ?) ORDER BY url",  # noqa: S608
            [*kinds, found_by, found_by],
        )
        return [_document(row) for row in rows]

    def put_document(self, document: Document) -> None:
        """Insert or replace."""
        self._db.execute(
            "INSERT OR REPLACE INTO documents VALUES (?,?,?,?,?,?,?,?,?,?)",
            [
                document.url,
                document.kind,
                document.found_by,
                document.etag,
                document.last_modified,
                document.content_hash,
                document.body,
                document.checked_at and document.checked_at.isoformat(),
                document.changed_at and document.changed_at.isoformat(),
                document.failures,
            ],
        )

    def document_failed(self, url: str, kind: str, found_by: str, at: datetime) -> int:
        """Count a failure; returns how many in a row."""
        known = self.document(url) or Document(url, kind, found_by)
        self.put_document(replace(known, checked_at=at, failures=known.failures + 1))
        return known.failures + 1

    def forget_document(self, url: str) -> None:
        """Drop a document, so that discovery looks anew."""
        self._db.execute("DELETE FROM documents WHERE url = ?", [url])

    # --- articles

    def resolve(self, article_id: str) -> str:
        """The id under which an article is kept: its own, or that of the article it is another address of."""
        row = self._db.execute("SELECT article_id FROM aliases WHERE alias_id = ?", [article_id]).fetchone()
        return str(row[0]) if row else article_id

    def add_alias(self, alias_id: str, article_id: str) -> None:
        """Record another address."""
        if alias_id != article_id:
            self._db.execute("INSERT OR REPLACE INTO aliases VALUES (?,?)", [alias_id, article_id])

    def seen(self, article_id: str) -> Seen | None:
        """The article as last seen (aliases followed), or None."""
        row = self._db.execute(
            f"SELECT {_SEEN} FROM articles WHERE article_id = ?",  # noqa: S608
            [self.resolve(article_id)],
        ).fetchone()
        return _seen(row) if row else None

    def young(self, since: date) -> list[Seen]:
        """Articles first seen since a day, read and not gone, oldest first."""
        rows = self._db.execute(
            f"SELECT {_SEEN} FROM articles WHERE first_day >= ? AND NOT gone AND read_day IS NOT NULL"  # noqa: S608
            " ORDER BY first_day, article_id",
            [since.isoformat()],
        )
        return [_seen(row) for row in rows]

    def put_article(self, seen: Seen) -> None:
        """Insert or replace."""
        self._db.execute(
            "INSERT OR REPLACE INTO articles VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            [
                seen.article_id,
                seen.url,
                seen.first_day.isoformat(),
                seen.read_day and seen.read_day.isoformat(),
                seen.read_at and seen.read_at.isoformat(),
                seen.reads,
                seen.version_id,
                seen.etag,
                seen.last_modified,
                json.dumps(seen.announced),
                seen.basis,
                int(seen.gone),
            ],
        )

    def forget_article(self, article_id: str) -> None:
        """Never again: the article is not read, whoever announces it."""
        self._db.execute(
            "UPDATE articles SET basis = ?, gone = 1, version_id = NULL WHERE article_id = ?", [FORGOTTEN, article_id]
        )
        self._db.execute("DELETE FROM queue WHERE article_id = ?", [article_id])
        self._db.execute("DELETE FROM journal WHERE article_id = ?", [article_id])

    def count_articles(self) -> int:
        """How many articles were ever seen."""
        return int(self._db.execute("SELECT count(*) FROM articles").fetchone()[0])

    # --- queue

    def enqueue(self, article_id: str, candidate: Candidate, day: date) -> None:
        """Announced, to be read."""
        self._db.execute(
            "INSERT INTO queue VALUES (?,?,?,0,NULL) ON CONFLICT DO UPDATE SET candidate = excluded.candidate",
            [article_id, json.dumps(candidate.as_json(), ensure_ascii=False), day.isoformat()],
        )

    def queued(self, day: date, limit: int) -> list[str]:
        """The ids of what is to be read, the latest announced first; not what already failed today."""
        rows = self._db.execute(
            "SELECT article_id FROM queue WHERE attempts < ? AND coalesce(tried_day, '') <> ?"
            " ORDER BY queued_day DESC, rowid LIMIT ?",
            [MAX_ATTEMPTS, day.isoformat(), limit],
        )
        return [str(ident) for (ident,) in rows]

    def queue_length(self) -> int:
        """How many articles wait to be read."""
        return int(self._db.execute("SELECT count(*) FROM queue WHERE attempts < ?", [MAX_ATTEMPTS]).fetchone()[0])

    def queued_candidate(self, article_id: str) -> Candidate | None:
        """The announcement of a queued article, or None."""
        row = self._db.execute("SELECT candidate FROM queue WHERE article_id = ?", [article_id]).fetchone()
        return Candidate.from_json(json.loads(row[0])) if row else None

    def in_queue(self, article_id: str) -> bool:
        """Whether the article waits to be read."""
        return self._db.execute("SELECT 1 FROM queue WHERE article_id = ?", [article_id]).fetchone() is not None

    def dequeue(self, article_id: str) -> None:
        """Read, or given up."""
        self._db.execute("DELETE FROM queue WHERE article_id = ?", [article_id])

    def tried(self, article_id: str, day: date) -> None:
        """Failed today; it is tried again on another day, ``MAX_ATTEMPTS`` in all."""
        self._db.execute(
            "UPDATE queue SET attempts = attempts + 1, tried_day = ? WHERE article_id = ?",
            [day.isoformat(), article_id],
        )

    def retry_today(self, day: date) -> None:
        """A new run of the same day tries again what failed in an earlier one (which does not count as a day)."""
        self._db.execute(
            "UPDATE queue SET attempts = attempts - 1, tried_day = NULL WHERE tried_day = ? AND attempts > 0",
            [day.isoformat()],
        )

    # --- journal

    def journal(self, day: date, article_id: str, version_id: str, line: str) -> None:
        """Keep an article's line until it stands in its day's file."""
        self._db.execute(
            "INSERT INTO journal (day, article_id, version_id, line) VALUES (?,?,?,?)",
            [day.isoformat(), article_id, version_id, line],
        )

    def journal_days(self) -> list[date]:
        """Days with lines not yet written."""
        return [date.fromisoformat(d) for (d,) in self._db.execute("SELECT DISTINCT day FROM journal ORDER BY day")]

    def journal_lines(self, day: date) -> Iterator[tuple[str, str, str]]:
        """``(article_id, version_id, line)`` of a day, in order of reading."""
        yield from self._db.execute(
            "SELECT article_id, version_id, line FROM journal WHERE day = ? ORDER BY seq", [day.isoformat()]
        )

    def clear_journal(self, day: date) -> None:
        """The day's file has them now."""
        self._db.execute("DELETE FROM journal WHERE day = ?", [day.isoformat()])

    # --- issues, archives, history, notes

    def put_issue(self, day: date, issue: Issue) -> None:
        """Record an issue of the day; the same again replaces it."""
        self._db.execute(
            "INSERT OR REPLACE INTO issues VALUES (?,?,?,?,?,?)",
            [day.isoformat(), issue.url, issue.stage, issue.kind, issue.message, issue.at.isoformat()],
        )

    def clear_issues(self, day: date, url: str, *stages: str) -> None:
        """An address that worked in a later run of the day has no issue left (of these stages)."""
        marks = ",".join("?" * len(stages))
        self._db.execute(
            f"DELETE FROM issues WHERE day = ? AND url = ? AND stage IN ({marks})",  # noqa: S608
            [day.isoformat(), url, *stages],
        )

    def issues(self, day: date, source_id: str) -> list[Issue]:
        """The issues of a day in order."""
        rows = self._db.execute(
            "SELECT url, stage, kind, message, at FROM issues WHERE day = ? ORDER BY at, url, kind", [day.isoformat()]
        )
        return [Issue(source_id, u, s, k, m, datetime.fromisoformat(at)) for u, s, k, m, at in rows]

    def archive_length(self, file: str) -> int:
        """Up to where a WARC file's records are complete; 0 for a new one."""
        row = self._db.execute("SELECT length FROM archives WHERE file = ?", [file]).fetchone()
        return int(row[0]) if row else 0

    def put_archive(self, file: str, length: int, day: date, keep_until: date | None) -> None:
        """Record a WARC file's complete length and the last day on which its text may be kept."""
        self._db.execute(
            "INSERT OR REPLACE INTO archives VALUES (?,?,?,?)",
            [file, length, day.isoformat(), keep_until and keep_until.isoformat()],
        )

    def archives(self) -> list[tuple[str, date, date | None]]:
        """``(file, day, keep_until)`` of every WARC file."""
        rows = self._db.execute("SELECT file, day, keep_until FROM archives ORDER BY file")
        return [(f, date.fromisoformat(d), date.fromisoformat(k) if k else None) for f, d, k in rows]

    def forget_archive(self, file: str) -> None:
        """The file is gone."""
        self._db.execute("DELETE FROM archives WHERE file = ?", [file])

    def put_history(self, day: date, report: dict[str, Any]) -> None:
        """Record the day's figures."""
        self._db.execute(
            "INSERT OR REPLACE INTO history VALUES (?,?)", [day.isoformat(), json.dumps(report, ensure_ascii=False)]
        )

    def history(self, before: date, days: int) -> list[tuple[date, dict[str, Any]]]:
        """The last ``days`` days before a day, newest first."""
        rows = self._db.execute(
            "SELECT day, report FROM history WHERE day < ? ORDER BY day DESC LIMIT ?", [before.isoformat(), days]
        )
        return [(date.fromisoformat(d), json.loads(r)) for d, r in rows]

    def history_of(self, day: date) -> dict[str, Any] | None:
        """The figures of a day, or None."""
        row = self._db.execute("SELECT report FROM history WHERE day = ?", [day.isoformat()]).fetchone()
        return json.loads(row[0]) if row else None

    def note(self, name: str) -> Any:
        """A named value, or None."""
        row = self._db.execute("SELECT value FROM notes WHERE name = ?", [name]).fetchone()
        return json.loads(row[0]) if row else None

    def put_note(self, name: str, value: Any) -> None:
        """Set a named value (anything JSON can say)."""
        self._db.execute("INSERT OR REPLACE INTO notes VALUES (?,?)", [name, json.dumps(value, ensure_ascii=False)])


def flush_journal(data_dir: Path, source_id: str, state: State) -> None:
    """Write what was read to the files of its days, and only then strike it from the journal."""
    for day in state.journal_days():
        merge_lines(articles_file(data_dir, day, source_id), state.journal_lines(day))
        state.clear_journal(day)


def content_hash(body: bytes) -> str:
    """A hash of a document's bytes (32 hex digits)."""
    return hashlib.sha256(body).hexdigest()[:32]


def announcement_hash(candidate: Candidate) -> str:
    """A hash of what a feed or sitemap says of an article: when it changes, the page is looked at again."""
    said = [
        candidate.title,
        candidate.summary,
        candidate.modified.isoformat() if candidate.modified else candidate.modified_raw,
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:20]


def _document(row: tuple[Any, ...]) -> Document:
    url, kind, found_by, etag, last_modified, hashed, body, checked_at, changed_at, failures = row
    return Document(
        url,
        kind,
        found_by,
        etag,
        last_modified,
        hashed,
        body,
        datetime.fromisoformat(checked_at) if checked_at else None,
        datetime.fromisoformat(changed_at) if changed_at else None,
        failures,
    )


def _seen(row: tuple[Any, ...]) -> Seen:
    ident, url, first_day, read_day, read_at, reads, version, etag, modified, announced, basis, gone = row
    return Seen(
        ident,
        url,
        date.fromisoformat(first_day),
        date.fromisoformat(read_day) if read_day else None,
        datetime.fromisoformat(read_at) if read_at else None,
        reads,
        version,
        etag,
        modified,
        json.loads(announced) if announced else {},
        basis,
        bool(gone),
    )
