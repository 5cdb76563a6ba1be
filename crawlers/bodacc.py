"""Legal notices: the BODACC's open-data API (to be filled)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from crawlers.discovery import Found
from crawlers.items import Article
from crawlers.registry import Endpoint, Source


@dataclass(slots=True)
class Bulletin:
    """Notices of one answer."""

    found: Found = field(default_factory=Found)
    articles: list[Article] = field(default_factory=list)


def notices_url(endpoint: Endpoint, day: date) -> str:
    """The question to ask."""
    return endpoint.url


def parse_notices(body: bytes, url: str, source: Source) -> Bulletin:
    """The answer's notices."""
    return Bulletin()
