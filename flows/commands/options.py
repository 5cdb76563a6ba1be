"""Options and helpers that several commands share."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from flows.settings import Settings

DataDir = Annotated[
    Path | None, typer.Option("--data", help="Data folder (archive, articles, facts, warehouse).", show_default=False)
]
WarehouseFile = Annotated[
    Path | None, typer.Option("--warehouse", help="Warehouse file. Default: DATA/warehouse.duckdb.", show_default=False)
]
PublishedFile = Annotated[
    Path | None,
    typer.Option("--published", help="Published copy. Default: DATA/published.duckdb.", show_default=False),
]
AlertsFile = Annotated[
    Path | None, typer.Option("--alerts", help="Subscribers and rules. Default: alerts.yml.", show_default=False)
]
RegistryFolders = Annotated[
    list[Path] | None,
    typer.Option("--registry", help="Folder of source entries; may be given again.", show_default=False),
]
Day = Annotated[
    str | None, typer.Option("--day", help="Logical day, YYYY-MM-DD. Default: today in Paris.", show_default=False)
]


def settings(**flags: Any) -> Settings:
    """Settings with the flags that were given."""
    from flows.settings import load_settings

    return load_settings(**flags)


def day_of(text: str | None) -> date:
    """The logical day: the flag's, else today in Paris (the clock is read here, at the edge, and nowhere inside)."""
    if text is None:
        return datetime.now(ZoneInfo("Europe/Paris")).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day, expected YYYY-MM-DD", param_hint="--day") from error
