"""``veilleur status``: how things stand, for those who never open the Prefect UI."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from flows.output import cell, table
from flows.settings import Settings
from flows.stories import rows
from warehouse.store import open_reader


def last_reports(settings: Settings, upto: date | None = None) -> dict[str, dict[str, Any]]:
    """The newest crawl report of every source, up to a day."""
    found: dict[str, dict[str, Any]] = {}
    for folder in sorted((settings.data_dir / "reports").glob("????-??-??")):
        if upto is not None and folder.name > upto.isoformat():
            break
        for path in sorted(folder.glob("*.json")):
            try:
                found[path.stem] = json.loads(path.read_text(encoding="utf-8"))
            except json.JSONDecodeError as error:
                found[path.stem] = {
                    "day": folder.name,
                    "health": {"verdict": "unknown", "alarms": [f"{path}: {error}"]},
                }
    return found


def ailing_sources(settings: Settings, day: date) -> list[tuple[str, str]]:
    """Sources that a person should look at, with why: alarms of the last crawl up to that day."""
    ailing = []
    for source, report in last_reports(settings, day).items():
        alarms = list(report.get("health", {}).get("alarms", []))
        if alarms:
            ailing.append((source, "; ".join(alarms)))
    return ailing


def status_text(settings: Settings) -> str:
    """Runs, sources, issues, mails and promises past, from the reports and the published copy."""
    parts = [f"data folder  {settings.data_dir}"]
    parts += [f"{name:12} {_file(path)}" for name, path in (
        ("warehouse", settings.warehouse_path), ("published", settings.published_path), ("alerts", settings.alerts),
    )]  # fmt: skip
    reports = last_reports(settings)
    if reports:
        lines = []
        for source, report in sorted(reports.items()):
            health, counts = report.get("health", {}), report.get("counts", {})
            lines.append([
                source, health.get("verdict", ""), report.get("day", ""), health.get("last_new") or "",
                cell(counts.get("new", 0)), cell(len(report.get("issues", []))), "; ".join(health.get("alarms", [])),
            ])  # fmt: skip
        columns = ["source", "health", "crawled", "last new", "new", "issues", "alarms"]
        parts.append("\nSources\n" + table(columns, lines))
    if settings.published_path.exists():
        connection = open_reader(settings.published_path)
        try:
            for title, name in (
                ("Runs", "status_runs"),
                ("Issues", "status_issues"),
                ("Promises past", "status_overdue"),
            ):
                found = rows(connection, name)
                if found:
                    parts.append(
                        f"{title}\n" + table(list(found[0]), [[cell(value) for value in row.values()] for row in found])
                    )
        finally:
            connection.close()
    return "\n".join(parts)


def _file(path: Path) -> str:
    if not path.exists():
        return f"{path} (not there yet)"
    return f"{path} ({path.stat().st_size / 1e6:.1f} MB)"
