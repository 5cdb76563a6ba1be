"""The one way from a fetched page to an Article."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crawlers.items import Article
from crawlers.pages.base import page_class_for
from crawlers.pages.errors import ExtractionError
from crawlers.pages.pdf import extract_pdf, is_pdf


def extract(
    html: bytes,
    url: str,
    *,
    fetched_at: datetime,
    headers: Mapping[str, str] | None = None,
    source: object | None = None,
) -> Article:
    """Read an article from a page, or from a press release in PDF.

    Args:
        html: the body as received, decompressed.
        url: the address that it came from, after redirects.
        fetched_at: when; bounds the dates that are believed and chooses the page class of a redesigned site.
        headers: the response's headers (``Content-Type`` is used).
        source: the registry entry; ``id``, ``name``, ``language`` and ``page_class`` are read where it has them.

    Returns:
        The article; ``url`` is the page's canonical address where it is of the same site. ``region``, ``rights``
        and ``archive`` are left to the caller.

    Raises:
        ExtractionError: for every page that gives no article; nothing else is raised for any bytes.
        PageClassError: ``source.page_class`` names no class.
    """
    if is_pdf(html):
        return extract_pdf(html, url, fetched_at=fetched_at, source=source)
    name = getattr(source, "page_class", None)
    cls = page_class_for(name if isinstance(name, str) else None, fetched_at)
    try:
        return cls(html, url, fetched_at=fetched_at, headers=headers, source=source).article()
    except RecursionError as error:
        raise ExtractionError("too_deep", "nested beyond Python's stack") from error
