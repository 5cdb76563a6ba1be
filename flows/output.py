"""Rows on standard output: an aligned table for people, CSV or JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """A value as JSON takes it: dates in ISO form, decimals as numbers, other objects as text."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def cell(value: Any) -> str:
    """A value as text for a table or CSV; structures as JSON, NULL as nothing."""
    value = plain(value)
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], format: str) -> None:
    """Write rows to standard output.

    ``format``: table, csv (RFC 4180, header first) or json (a list of objects). ValueError for any other.
    """
    out = sys.stdout
    if format == "json":
        records = [dict(zip(columns, map(plain, row), strict=True)) for row in rows]
        out.write(json.dumps(records, ensure_ascii=False, indent=1) + "\n")
    elif format == "csv":
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([cell(value) for value in row] for row in rows)
        out.write(buffer.getvalue())
    elif format == "table":
        out.write(table(columns, [[cell(value) for value in row] for row in rows]))
    else:
        raise ValueError(f"format {format!r}: expected table, csv or json")
    out.flush()


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], limit: int = 80) -> str:
    """An aligned text table; long cells are cut at ``limit`` characters with an ellipsis."""
    shown = [[" ".join(text.split()) for text in row] for row in rows]
    shown = [[text if len(text) <= limit else text[: limit - 1] + "…" for text in row] for row in shown]
    widths = [max([len(name), *(len(row[i]) for row in shown)]) for i, name in enumerate(columns)]
    lines = ["  ".join(name.ljust(width) for name, width in zip(columns, widths, strict=True)).rstrip()]
    lines.append("  ".join("─" * width for width in widths))
    lines += ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in shown]
    count = f"{len(rows)} row" if len(rows) == 1 else f"{len(rows)} rows"
    return "\n".join([*lines, f"({count})"]) + "\n"


def print_hits(hits: Sequence[Any], format: str) -> None:
    """Write search hits: for people a paragraph each with its evidence, for programs rows."""
    if format != "table":
        names = list(hits[0].__dataclass_fields__) if hits else []
        print_rows(names, [[getattr(hit, name) for name in names] for hit in hits], format)
        return
    for number, hit in enumerate(hits, 1):
        about = [hit.project or ", ".join(hit.organisations), hit.kind, hit.status, ", ".join(hit.places)]
        sums = [
            f"{hit.investment_eur / 1e6:g} M€" if hit.investment_eur else "",
            f"{hit.jobs:g} jobs" if hit.jobs else "",
        ]
        sys.stdout.write(f"{number}. {hit.title}\n   {hit.source or ''}, {hit.published_on}  {hit.article_url or ''}\n")
        if hit.project_id:
            sys.stdout.write(f"   {' · '.join(part for part in [*about, *sums] if part)}\n")
        if hit.evidence_text:
            sys.stdout.write(f"   « {' '.join(hit.evidence_text.split())} »\n")
    if not hits:
        sys.stdout.write("nothing found\n")
    sys.stdout.flush()
