"""From a fetched page to an Article: kind of document, time limit, and what the announcement knew besides."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from types import FrameType

from crawlers.discovery import Candidate, day_of, sniff
from crawlers.items import PARIS, ArchiveRecord, Article, Rights
from crawlers.pages.errors import ExtractionError
from crawlers.pages.extract import extract
from crawlers.registry import REGION_NAMES, Source
from crawlers.urls import UrlError, canonical_url, same_site

READING_LIMIT_S = 20
"""Reading a page takes some hundredths of a second; what takes this long was made to."""


class Unreadable(Exception):
    """A page that gives no article. ``kind`` names the issue."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise :class:`Unreadable` where the block takes longer (main thread, Unix)."""

    def over(_number: int, _frame: FrameType | None) -> None:
        raise Unreadable("reading-too-slow", f"reading the page took more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def read_page(
    body: bytes, url: str, headers: Mapping[str, str], fetched_at: datetime, source: Source
) -> tuple[Article, list[tuple[str, str]]]:
    """The article of a page, HTML or PDF, and what was odd about it as ``(kind, message)``.

    Raises :class:`Unreadable` where the page gives none.
    """
    notes: list[tuple[str, str]] = []
    kind = sniff(body)
    if kind != "pdf" and (odd := _charset_fault(body, headers.get("content-type", ""))):
        notes.append(("wrong-charset", odd))
    if kind != "pdf" and b"\0" in body:
        if body.count(b"\0") > len(body) // 20:
            raise Unreadable("not-html", "a binary file")
        notes.append(("null-bytes", "the page contains null bytes; they were dropped"))
        body = body.replace(b"\0", b"")
    try:
        with time_limit(READING_LIMIT_S):
            article = extract(body, url, headers=headers, fetched_at=fetched_at, source=source)
    except ExtractionError as error:
        raise Unreadable(error.kind.replace("_", "-"), error.message) from error
    except (RecursionError, MemoryError) as error:
        raise Unreadable("reading-failed", f"{type(error).__name__} while reading the page") from error
    except Unreadable:
        raise
    except Exception as error:  # one page's surprise must not end the source; the issue names it
        raise Unreadable("reading-failed", f"{type(error).__name__}: {error}") from error
    if wall := _wall(article):
        raise Unreadable("wall", wall)
    return article, notes


_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_SINGLE_BYTE = frozenset({"iso-8859-1", "iso-8859-15", "latin-1", "latin1", "windows-1252", "cp1252"})


def _charset_fault(body: bytes, content_type: str) -> str | None:
    """What is wrong with the declared character set: UTF-8 that is none, or a single-byte set that is UTF-8."""
    match = _DECLARED.search(content_type.encode("latin-1", "replace")) or _DECLARED.search(body[:4096])
    if match is None or body.isascii():
        return None
    declared = match.group(1).decode("ascii").lower()
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "declared as UTF-8, which it is not" if declared in {"utf-8", "utf8"} else None
    return f"declared as {declared}, and is UTF-8" if declared in _SINGLE_BYTE else None


_CLAIMS = re.compile(
    rb"""og:type["']?[^>]{0,40}content\s*=\s*["']?article|content\s*=\s*["']?article["']?[^>]{0,40}og:type|"""
    rb""""@type"\s*:\s*\[?\s*"(?:\w*Article|\w*BlogPosting|Report|PressRelease)"|schema\.org/\w*(?:Article|BlogPosting)""",
    re.IGNORECASE,
)


def claims_article(body: bytes) -> bool:
    """Whether a page calls itself an article: Open Graph, JSON-LD or microdata."""
    return _CLAIMS.search(body) is not None


WALL_WORDS = 120
# What stands where an article should when a visitor has to accept or prove something first.
_WALL = re.compile(
    r"\b(?:cookies?|consentements?|traceurs|activer javascript|javascript|captcha|robots?|navigateur|"
    r"v[ée]rifi(?:er|ons|cation)|êtes humain|accepter et continuer|tout accepter|param[ée]trer)\b",
    re.IGNORECASE,
)


def _wall(article: Article) -> str | None:
    """The words of a consent or robot wall read in place of an article: short, and of little else."""
    text = " ".join((article.title, article.standfirst or "", *(block.text for block in article.body)))
    if len(text.split()) > WALL_WORDS or article.access == "teaser":
        return None
    hits = {match.lower() for match in _WALL.findall(text)}
    return f"a wall instead of an article: {text[:150]!r}" if len(hits) >= 2 else None


def complete(
    article: Article,
    candidate: Candidate,
    source: Source,
    *,
    url: str,
    rights: Rights,
    fetched_at: datetime,
    archive: ArchiveRecord | None,
) -> Article:
    """Fill what the page did not say from its announcement and its source.

    ``url`` is the address that answered; the page's own canonical address is kept where it is on the same site.
    """
    try:
        own = canonical_url(article.url) if article.url else url
    except UrlError:
        own = url
    return article.model_copy(
        update={
            "url": own if same_site(own, url) and not _front_page(own, url) else url,
            "source": source.name,
            "source_id": source.id,
            "title": article.title or candidate.title,
            "standfirst": article.standfirst or None,
            "authors": article.authors or candidate.authors,
            "tags": article.tags or candidate.tags,
            "region": article.region or region_of(source),
            "published": article.published or candidate.published,
            "published_raw": article.published_raw if article.published else candidate.published_raw,
            "fetched_at": fetched_at,
            "language": article.language or source.language,
            "rights": rights,
            "archive": archive,
        }
    )


def _front_page(own: str, url: str) -> bool:
    """A canonical link to the site's front page on an article is a fault of the site's template."""
    path = re.sub(r"^https?://[^/]+", "", own)
    return path in {"", "/"} and re.sub(r"^https?://[^/]+", "", url) not in {"", "/"}


def announced(candidate: Candidate, source: Source, rights: Rights, fetched_at: datetime) -> Article:
    """What may be told of an article that may not be read: title, link, date, authors and the feed's summary."""
    return Article(
        url=candidate.url,
        source=source.name,
        source_id=source.id,
        title=candidate.title,
        standfirst=candidate.summary,
        authors=candidate.authors,
        tags=candidate.tags,
        region=region_of(source),
        published=candidate.published,
        published_raw=candidate.published_raw,
        modified=candidate.modified,
        modified_raw=candidate.modified_raw,
        fetched_at=fetched_at,
        language=source.language,
        rights=rights,
        extraction="announcement",
    )


def region_of(source: Source) -> str | None:
    """The name of the source's region where it has exactly one."""
    return REGION_NAMES.get(source.regions[0]) if len(source.regions) == 1 else None


def in_future(moment: datetime | date | None, day: date, now: datetime) -> bool:
    """Whether a date lies more than a day after both the day of the crawl and the clock."""
    told = day_of(moment)
    return told is not None and told > max(day, now.astimezone(PARIS).date()) + timedelta(days=1)
