"""From a page to an :class:`~crawlers.items.Article`: the general page class, and the registry of those of sites.

A site whose pages the general class reads wrongly gets a class of its own in ``crawlers/pages/sites/<site>.py``::

    @page_class("gazette-du-nord", valid_from=date(2026, 3, 1))
    class GazetteDuNord(ArticlePage):
        def find_authors(self) -> tuple[str, ...]:
            return tuple(clean(a.text_content()) for a in self.root.cssselect(".signataire"))

and its entry in the registry of sources says ``page_class: gazette-du-nord``. After a redesign a second class takes
the same name with the next dates, and old archives are still read by the old one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cached_property, lru_cache
from html import unescape as html_unescape
from typing import ClassVar

from lxml.html import HtmlElement

from crawlers.items import PARIS, Access, Article, Block
from crawlers.pages import access, head
from crawlers.pages.blocks import Candidate
from crawlers.pages.captions import clean_credit, split_credit
from crawlers.pages.content import Content, find_content
from crawlers.pages.dates import Dates, find_dates
from crawlers.pages.errors import ExtractionError
from crawlers.pages.parse import parse
from crawlers.pages.structured import PageData, read_page_data, text_of


class ArticlePage:
    """One fetched page, and the methods that read each field from it; subclasses override those that fail them.

    ``root`` is the parsed tree and ``data`` what the page says to machines. All ``find_*`` methods but
    :meth:`find_content` are called while the tree is whole; that one may take it apart.
    """

    name: ClassVar[str] = "general"

    def __init__(
        self,
        html: bytes,
        url: str,
        *,
        fetched_at: datetime,
        headers: Mapping[str, str] | None = None,
        source: object | None = None,
    ) -> None:
        self.url = url
        self.fetched_at = fetched_at
        self.source = source
        self.headers = {key.lower(): value for key, value in (headers or {}).items()}
        self.root: HtmlElement = parse(html, self.headers.get("content-type"))

    @cached_property
    def data(self) -> PageData:
        """JSON-LD, microdata, Open Graph and other meta elements."""
        return read_page_data(self.root)

    def find_url(self) -> str:
        """The article's own address (canonical, not that of an AMP or print version)."""
        return head.find_address(self.data, self.url)

    def find_title(self) -> str:
        """The title without site name, kicker and genre label."""
        return head.find_title(self.root, self.data, self.url, _text_attribute(self.source, "name"))

    def find_authors(self) -> tuple[str, ...]:
        """Names without "Par"."""
        return head.find_authors(self.root, self.data)

    def find_dates(self) -> Dates:
        """Publication and last change."""
        return find_dates(self.data, self.root, self.url, self.fetched_at)

    def find_section(self) -> str | None:
        """The section or rubric."""
        return head.find_section(self.root, self.data)

    def find_tags(self) -> tuple[str, ...]:
        """Keywords."""
        return head.find_tags(self.root, self.data)

    def find_free_access(self) -> bool | None:
        """Whether the page says that it is free to read."""
        return access.free_to_read(self.data, self.root)

    def standfirst_candidates(self) -> list[str]:
        """Texts that may be the standfirst, best first."""
        return head.standfirst_candidates(self.root)

    def find_content(self, title: str) -> Content:
        """The article's blocks. Takes the tree apart: called last."""
        body = self.data.article.get("articleBody")
        return find_content(
            self.root,
            title=title,
            article_body=html_unescape(body) if isinstance(body, str) else text_of(body),
            open_to_all=access.free_to_read(self.data, self.root) is not False,
        )

    def article(self) -> Article:
        """The whole article.

        Raises:
            ExtractionError: ``empty`` where the page has neither title nor text.
        """
        title = self.find_title()
        authors, dates, section, tags = self.find_authors(), self.find_dates(), self.find_section(), self.find_tags()
        free, all_there = self.find_free_access(), access.delivered(self.data, self.root)
        candidates = self.standfirst_candidates()
        content = self.find_content(title)
        standfirst, blocks = head.choose_standfirst(
            [*candidates, *content.lead[:1]], self.data, content.blocks, title, content.page_text
        )
        authors, blocks = head.take_signature(authors, blocks)
        body = to_blocks(blocks)
        if not title and not body:
            raise ExtractionError("empty", "neither title nor text")
        text = "\n".join(block.text for block in body if block.kind != "caption")
        return Article(
            url=self.find_url(),
            source=_text_attribute(self.source, "name"),
            source_id=_text_attribute(self.source, "id"),
            title=title,
            standfirst=standfirst,
            body=body,
            authors=authors,
            published=dates.published,
            published_raw=dates.published_raw,
            modified=dates.modified,
            modified_raw=dates.modified_raw,
            fetched_at=self.fetched_at,
            section=section,
            tags=tags,
            language=head.find_language(self.data, text, _text_attribute(self.source, "language")),
            access=self.find_access(free, content, text, all_there=all_there),
            extraction=f"{self.name}/{content.method}",
        )

    def find_access(self, free: bool | None, content: Content, text: str, *, all_there: bool) -> Access | None:
        """Whether ``text`` is the whole article."""
        return access.access_of(free, content.paywall, text, self.data.article.get("wordCount"), all_there=all_there)


def to_blocks(candidates: list[Candidate]) -> tuple[Block, ...]:
    """Candidates as the article's blocks: captions without their credits, and without those that are nothing else."""
    blocks: list[Block] = []
    for candidate in candidates:
        if candidate.kind != "caption":
            blocks.append(Block(kind=candidate.kind, text=candidate.text))
            continue
        text, credit = split_credit(candidate.text)
        credit = credit or (clean_credit(candidate.credit) if candidate.credit else None)
        if text:
            blocks.append(Block(kind="caption", text=text, credit=credit or None))
        elif credit and blocks and blocks[-1].kind == "caption" and blocks[-1].credit is None:
            blocks[-1] = blocks[-1].model_copy(update={"credit": credit})
    return tuple(blocks)


def _text_attribute(source: object | None, name: str) -> str | None:
    value = getattr(source, name, None)
    return value if isinstance(value, str) and value else None


class PageClassError(LookupError):
    """A page class that does not exist, or two that claim the same days."""


_CLASSES: dict[str, list[tuple[date | None, date | None, type[ArticlePage]]]] = {}


def page_class(
    name: str, *, valid_from: date | None = None, valid_until: date | None = None
) -> Callable[[type[ArticlePage]], type[ArticlePage]]:
    """Register a page class under a name for pages fetched from ``valid_from`` to ``valid_until``, both included.

    Raises:
        PageClassError: where another class has the name on some of these days.
    """

    def register(cls: type[ArticlePage]) -> type[ArticlePage]:
        for start, end, other in _CLASSES.get(name, []):
            before = end is not None and valid_from is not None and end < valid_from
            after = start is not None and valid_until is not None and valid_until < start
            if not before and not after:
                raise PageClassError(f"{name}: {cls.__name__} and {other.__name__} claim the same days")
        cls.name = name
        _CLASSES.setdefault(name, []).append((valid_from, valid_until, cls))
        return cls

    return register


def page_class_for(name: str | None, fetched_at: datetime) -> type[ArticlePage]:
    """The class that reads a site's pages of that day; the general one where no name is given or no dates fit.

    Raises:
        PageClassError: no class has this name.
    """
    if name is None or name == ArticlePage.name:
        return ArticlePage
    _load_sites()
    if name not in _CLASSES:
        raise PageClassError(f"no page class {name!r} (there are: {', '.join(sorted(_CLASSES)) or 'none'})")
    day = (fetched_at.astimezone(PARIS) if fetched_at.tzinfo else fetched_at).date()
    for start, end, cls in _CLASSES[name]:
        if (start is None or start <= day) and (end is None or day <= end):
            return cls
    return ArticlePage


@lru_cache(maxsize=1)
def _load_sites() -> None:
    from crawlers.pages import sites

    for module in pkgutil.iter_modules(sites.__path__):
        importlib.import_module(f"{sites.__name__}.{module.name}")
