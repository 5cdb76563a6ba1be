"""Housekeeping: text past its days, Prefect's own database, old logs."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from crawlers.registry import load_registry
from crawlers.retention import purge
from flows import stages
from flows.settings import Settings
from warehouse.retention import expire_texts
from warehouse.store import Warehouse

LOG_DAYS = 90
PREFECT_DAYS = 90


def keep_house(settings: Settings, day: date) -> str:
    """Delete text past its days from archive, articles files and warehouse; prune Prefect's events and old logs."""
    # With the registry, the text of sources whose terms now refuse goes as well.
    purged = purge(settings.data_dir, day, registry=load_registry(settings.registry_folders))
    lines = [f"archive: {purged.archives} files and {purged.records} records deleted, {purged.texts} texts purged"]
    lines += [f"archive: {source}: being crawled, run again" for source in purged.skipped]
    if settings.warehouse_path.exists():
        with stages.writer(settings, 3600), Warehouse.open(settings.warehouse_path) as house:
            expired = expire_texts(house, day)
        lines.append(f"warehouse: {expired.versions} texts expired")
    old = [p for p in (settings.data_dir / "logs").glob("*/*.log") if p.parent.name < str(day - timedelta(LOG_DAYS))]
    for path in old:
        path.unlink()
    lines.append(f"logs: {len(old)} deleted")
    database = settings.data_dir / "prefect" / "prefect.db"
    if database.exists():
        lines.append(f"prefect: {prune_prefect(database)} old events deleted")
    return "\n".join(lines)


def prune_prefect(database: Path) -> int:
    """Delete events older than PREFECT_DAYS from an in-process Prefect's own SQLite database, which grows for ever.

    A Prefect server of one's own prunes by its setting ``server.events.retention_period``.
    """
    before = (datetime.now(UTC) - timedelta(days=PREFECT_DAYS)).strftime("%Y-%m-%d %H:%M:%S")
    connection = sqlite3.connect(database, timeout=30)
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        deleted = 0
        for table in ("event_resources", "events"):
            if table in tables:
                deleted += connection.execute(f"DELETE FROM {table} WHERE occurred < ?", [before]).rowcount  # noqa: S608
        connection.commit()
        return deleted
    finally:
        connection.close()
