"""Progress of long work: bars on a terminal, plain log lines elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

logger = logging.getLogger("veilleur")


class Bar:
    """What a stage tells while it works: ``advance`` counts, ``say`` changes the words beside the bar."""

    def advance(self, steps: int = 1) -> None:
        """Count finished steps."""

    def say(self, text: str) -> None:
        """Show what is being worked on."""


class _LogBar(Bar):
    """Logs at the start, every ten seconds, and at the end."""

    def __init__(self, label: str, total: int | None) -> None:
        self.label, self.total, self.done, self.last = label, total, 0, time.monotonic()

    def advance(self, steps: int = 1) -> None:
        self.done += steps
        if time.monotonic() - self.last > 10:
            self.last = time.monotonic()
            self.report()

    def report(self) -> None:
        """One line with the count so far."""
        logger.info("%s: %s", self.label, f"{self.done}/{self.total}" if self.total is not None else self.done)


class _RichBar(Bar):
    def __init__(self, progress: object, task: int, label: str) -> None:
        self.progress, self.task, self.label = progress, task, label

    def advance(self, steps: int = 1) -> None:
        self.progress.advance(self.task, steps)  # type: ignore[attr-defined]

    def say(self, text: str) -> None:
        self.progress.update(self.task, description=f"{self.label} {text}")  # type: ignore[attr-defined]


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Bar]:
    """A bar for ``total`` steps (None: unknown). On a terminal it is drawn on the error stream, so that what a
    command prints can still be piped.
    """
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
            yield _RichBar(shown, shown.add_task(label, total=total), label)
        return
    bar = _LogBar(label, total)
    try:
        yield bar
    finally:
        bar.report()
