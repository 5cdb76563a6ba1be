"""What the crawler hands on: an :class:`Article`, typed and frozen.

The field names are those of the JSON Lines that ``veilleur read`` and ``veilleur ingest`` take
(``{"id", "article": {"url", "source", "published", "title", "standfirst", "authors", "region", "body"}}``);
what the crawler knows besides (access, rights, archive record …) has a default, so that an article from
elsewhere needs only a title or a body.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from crawlers.urls import UrlError, canonical_url

PARIS = ZoneInfo("Europe/Paris")

BlockKind = Literal["paragraph", "heading", "caption"]
Access = Literal["full", "teaser"]
RightsBasis = Literal["licensed", "accepted", "supplied", "unconfirmed", "reserved"]


class Frozen(BaseModel):
    """Base of every contract: immutable; keys that the contract does not name are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Block(Frozen):
    """One block of an article's body, in reading order.

    ``credit`` is the photographer or agency of a caption where the page tells it apart; it is never part of
    ``text``.
    """

    kind: BlockKind
    text: str
    credit: str | None = None


class Rights(Frozen):
    """What may be done with an article's text, decided when it was fetched.

    ``basis``: ``licensed`` (a contract names the acts), ``accepted`` (somebody read the source's terms and
    recorded it), ``supplied`` (brought by the user, not crawled), ``unconfirmed`` (nobody has read the terms
    yet) or ``reserved`` (text and data mining reserved). With the last two an article carries title, link, date
    and feed summary only. ``keep_text_until`` is the last day on which the text may be kept; None: no limit.
    ``evidence`` quotes the mark or the terms that decided.
    """

    basis: RightsBasis = "supplied"
    store_text: bool = True
    redistribute_text: bool = False
    audience: Literal["internal", "external"] = "internal"
    keep_text_until: date | None = None
    evidence: str | None = None


class ArchiveRecord(Frozen):
    """Where the page lies: WARC file (relative to the archive), byte offset and record id."""

    file: str
    offset: int
    record_id: str


class Article(Frozen):
    """One article as published, at one moment.

    ``url`` is the address as given; :func:`article_id` hashes its canonical form. ``published`` and ``modified``
    are a day or a moment with its offset; ``*_raw`` keep the page's own words. ``access`` is None where unknown.
    ``extraction`` names the method that read the page.
    """

    url: str | None = None
    source: str | None = None
    source_id: str | None = None
    title: str = ""
    standfirst: str | None = None
    body: tuple[Block, ...] = ()
    authors: tuple[str, ...] = ()
    region: str | None = None
    published: datetime | date | None = None
    published_raw: str | None = None
    modified: datetime | date | None = None
    modified_raw: str | None = None
    fetched_at: datetime | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    access: Access | None = None
    rights: Rights = Field(default_factory=Rights)
    archive: ArchiveRecord | None = None
    extraction: str | None = None

    @field_validator("published", "modified", mode="before")
    @classmethod
    def _day_stays_a_day(cls, value: object) -> object:
        # "2026-03-12" would become midnight, and a page that tells the day alone would come back from its file changed
        if isinstance(value, str) and len(value) == 10:
            try:
                return date.fromisoformat(value)
            except ValueError:
                return value
        return value

    @property
    def published_on(self) -> date | None:
        """The day of publication in France, or None."""
        if isinstance(self.published, datetime):
            moment = self.published
            return (moment.astimezone(PARIS) if moment.tzinfo else moment).date()
        return self.published

    def texts(self) -> list[tuple[int, str, str]]:
        """All blocks as ``(index, kind, text)``: -2 the title, -1 the standfirst, 0.. the body.

        >>> Article(title="Lens : une usine", body=[Block(kind="paragraph", text="Elle ouvre.")]).texts()
        [(-2, 'title', 'Lens : une usine'), (0, 'paragraph', 'Elle ouvre.')]
        """
        head = [(-2, "title", self.title or ""), (-1, "standfirst", self.standfirst or "")]
        body = [(i, str(block.kind), block.text) for i, block in enumerate(self.body)]
        return [row for row in head if row[2]] + body


class ArticleLine(Frozen):
    """One line of an articles file: ``{"id", "article"}``."""

    id: str
    article: Article


def article_id(canonical_url: str | None, ident: str) -> str:
    """The article's key: a hash of its canonical URL, of ``ident`` where there is none (20 hex digits)."""
    return hashlib.sha256((canonical_url or f"id:{ident}").encode()).hexdigest()[:20]


def canonical_form(url: str | None) -> str | None:
    """The canonical form of an article's address; the address itself where it is no web address, None without one.

    >>> canonical_form("https://www.gazette.example/lens?utm_source=rss")
    'https://www.gazette.example/lens'
    """
    if not url or not url.strip():
        return None
    try:
        return canonical_url(url)
    except UrlError:
        return url.strip()


def version_id(article: Article) -> str:
    """The version's key: a hash of title, standfirst and blocks (20 hex digits); dates and tags do not count."""
    text = [article.title, article.standfirst or "", [[b.kind, b.text] for b in article.body]]
    return hashlib.sha256(json.dumps(text, ensure_ascii=False).encode()).hexdigest()[:20]
