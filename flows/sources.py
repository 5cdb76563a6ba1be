"""What the commands ``veilleur sources`` and ``veilleur rights`` do, on the crawler's own functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crawlers.context import Options
from crawlers.registry import load_registry
from crawlers.rights import may_read
from crawlers.sources_admin import Use, accept, check, draft, rights_report
from flows.output import table
from flows.settings import Settings
from flows.stages import StageError, write_atomically


def crawl_options(settings: Settings) -> Options:
    """How a crawl is run, from the settings."""
    crawl = settings.crawl
    return Options(
        proxy=crawl.proxy, allow_private=crawl.allow_private, no_delay=not crawl.delay, contact=crawl.contact
    )


def list_text(settings: Settings) -> str:
    """The registry as a table."""
    day = datetime.now(UTC).date()
    lines = [
        [
            source.id, source.kind, ", ".join(dict.fromkeys(e.type for e in source.discovery)) or "auto",
            source.access, may_read(source, day).basis, "yes" if source.enabled else f"no: {source.disabled_reason}",
        ]
        for source in load_registry(settings.registry_folders).values()
    ]  # fmt: skip
    return table(["id", "kind", "discovery", "access", "rights", "enabled"], sorted(lines))


def check_text(settings: Settings, ids: Sequence[str]) -> tuple[str, bool]:
    """Test sources and say what was found; whether all of them are well."""
    day = datetime.now(UTC).date()
    found = check(load_registry(settings.registry_folders), ids, day=day, options=crawl_options(settings))
    lines = [f"{'ok ' if finding.ok else 'BAD'} {finding.source_id}: {finding.words}" for finding in found]
    return "\n".join(lines), all(finding.ok for finding in found)


def accept_terms(settings: Settings, ids: Sequence[str], *, by: str, on: date, folder: Path) -> list[Path]:
    """Record that the terms of these sources were read and accepted, in the user's own folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return accept(ids, by=by, on=on, folder=folder, registry=load_registry(settings.registry_folders))


def draft_entry(settings: Settings, url: str, folder: Path | None) -> str:
    """A draft entry for a title; written into ``folder`` where one is given. An entry that is there stays."""
    text = draft(url, day=datetime.now(UTC).date(), options=crawl_options(settings))
    if folder is None:
        return text
    ident = next(line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("id:"))
    path = folder / f"{ident}.yml"
    if path.exists():
        raise StageError(f"{path}: there is an entry already; the draft was not written")
    write_atomically(path, text.encode())
    return str(path)


def rights_rows(settings: Settings, month: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The month's uses by title: names of columns, rows. Raises StageError where ``month`` is none."""
    try:
        uses = rights_report(settings.data_dir, month, registry=load_registry(settings.registry_folders))
    except ValueError as error:
        raise StageError(str(error)) from error
    return [field.name for field in fields(Use)], [astuple(use) for use in uses]
