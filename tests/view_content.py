"""What end-to-end tests compare: the content of the analysts' views, with or without the moments of recording."""

from __future__ import annotations

from pathlib import Path

from warehouse.store import query

VIEWS = (
    "articles", "article_versions", "near_copies", "figures", "quotes", "organisations", "people", "places",
    "article_organisations", "projects", "project_reports", "project_history", "overdue_promises", "agenda", "conflicts",
    "sources", "runs", "issues", "judgements",
)  # fmt: skip
# When something was fetched or recorded differs from run to run; what is known must not.
MOMENTS = {"recorded_at", "fetched_at", "started_at", "finished_at", "health", "superseded_at", "counts"}


def content(path: Path, view: str, everything: bool = False) -> list[str]:
    """The rows of a view as sorted texts; ``everything`` keeps the moments of recording."""
    columns, rows = query(path, f"SELECT * FROM {view}")
    kept = [i for i, name in enumerate(columns) if everything or name not in MOMENTS]
    return sorted(repr([row[i] for i in kept]) for row in rows)
