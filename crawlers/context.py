"""What one crawl carries about: the source, the day, the options, the state, the archive, and its issues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from crawlers.archive import Archive
from crawlers.registry import Source
from crawlers.state import Issue, State

MAX_ROWS_A_KIND = 25
"""Issues of one document (or stage) and kind that are told one by one; the rest is one row with their number."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a crawl is run. ``contact`` is an address or page that a site's owner can write to.

    ``no_delay`` leaves out every wait and is for hosts of one's own: it needs ``proxy`` or ``allow_private``.
    ``revisit`` looks again at all young articles whatever their schedule. ``probe`` only looks: announcements and
    marks, no article's page.
    """

    proxy: str | None = None
    allow_private: bool = False
    no_delay: bool = False
    contact: str | None = None
    revisit: bool = False
    max_pages: int | None = None
    probe: bool = False

    def __post_init__(self) -> None:
        if self.no_delay and not (self.proxy or self.allow_private):
            raise ValueError("no_delay is for one's own hosts: it needs proxy or allow_private")


@dataclass(slots=True)
class Crawl:
    """One crawl of one source for one day."""

    source: Source
    day: date
    data_dir: Path
    options: Options
    state: State
    archive: Archive
    now: Callable[[], datetime]
    counts: Counter[str] = field(default_factory=Counter)
    _kinds: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def issue(self, url: str, stage: str, kind: str, message: str, document: str | None = None) -> None:
        """Record what went wrong, where, in words that a person can act on.

        ``document`` is the feed or sitemap whose entry this is about: what is too much to tell is counted by it.
        """
        self.counts["issues"] += 1
        group = (document or self.source.home, stage, kind)
        self._kinds[group] += 1
        if self._kinds[group] <= MAX_ROWS_A_KIND:
            text = " ".join(message.split())[:500]
            self.state.put_issue(self.day, Issue(self.source.id, url[:2000], stage, kind, text, self.now()))

    def close_issues(self) -> None:
        """Add one row for the issues of each kind that were too many to tell."""
        for (document, stage, kind), number in self._kinds.items():
            if number > MAX_ROWS_A_KIND:
                message = f"{number - MAX_ROWS_A_KIND} more of this kind in this run"
                row = Issue(self.source.id, document, stage, kind, message, self.now())
                self.state.put_issue(self.day, row)
