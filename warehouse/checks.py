"""Checks of a warehouse: SQL files that say what must hold.

A file of ``checks/*.sql`` is one query that returns the rows at fault. Its first lines say what it is:

    -- severity: stop
    -- what: Evidence is the slice of the text that it says

A check of severity ``stop`` that returns a row forbids publishing, one of severity ``warn`` is reported. ``$day`` in a
query is the logical day (without one: the last day loaded). ``$since`` is the first day whose loads are looked at where
looking at all would cost too much every day: the day before ``$day``; without a day everything is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import duckdb

from warehouse.store import sql_files

SHOWN = 5
_HEADER = re.compile(r"^--\s*(severity|what):\s*(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class CheckResult:
    """How one check came out. ``failures`` counts the rows at fault, ``examples`` shows the first of them."""

    name: str
    what: str
    severity: Literal["warn", "stop"]
    failures: int
    examples: tuple[dict[str, Any], ...] = ()

    @property
    def passed(self) -> bool:
        """Whether no row was at fault."""
        return self.failures == 0

    @property
    def stops(self) -> bool:
        """Whether it forbids publishing."""
        return self.severity == "stop" and not self.passed

    @property
    def message(self) -> str:
        """What must hold, and where it does not how many rows are at fault with an example."""
        if self.passed:
            return self.what
        return f"{self.what}: {self.failures} at fault, such as {self.examples[0] if self.examples else ''}"

    def __str__(self) -> str:
        return f"{self.severity} {self.name}: {self.message}{' (passed)' if self.passed else ''}"


def header(name: str, text: str) -> tuple[Literal["warn", "stop"], str]:
    """Severity and description of a check's file; raises ValueError where they are missing."""
    found = dict(_HEADER.findall(text))
    severity, what = found.get("severity"), found.get("what")
    if severity not in ("warn", "stop") or not what:
        raise ValueError(f"checks/{name}: needs '-- severity: warn|stop' and '-- what: …' at its head")
    return ("stop" if severity == "stop" else "warn"), what


def check(connection: duckdb.DuckDBPyConnection, *, day: date | None = None) -> list[CheckResult]:
    """Run every check; returns their results in order of the files' names.

    ``day``: look only at what is new since the day before it.
    """
    since = day - timedelta(days=1) if day is not None else date.min
    if day is None:
        row = connection.execute("SELECT day FROM today").fetchone()
        day = row[0] if row else None
    values = {"day": day, "since": since}
    results = []
    for name, text in sql_files("checks"):
        severity, what = header(name, text)
        cursor = connection.execute(text, {key: value for key, value in values.items() if f"${key}" in text} or None)
        columns = [column[0] for column in cursor.description or []]
        rows = cursor.fetchmany(SHOWN)
        failures = len(rows)
        while more := cursor.fetchmany(10_000):
            failures += len(more)
        examples = tuple(dict(zip(columns, row, strict=True)) for row in rows)
        results.append(CheckResult(name.removesuffix(".sql"), what, severity, failures, examples))
    return results
