"""Commands for those who ask: sql, search, status, why, agenda, export, explore."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import AlertsFile, DataDir, PublishedFile, RegistryFolders, settings


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


AnyFile = Annotated[
    Path | None,
    typer.Option(
        "--warehouse", help="Warehouse or published copy. Default: DATA/published.duckdb.", show_default=False
    ),
]


def sql(
    query: Annotated[str, typer.Argument(help="One SQL statement; - reads it from standard input.")],
    warehouse: AnyFile = None,
    data: DataDir = None,
    format: Annotated[Format, typer.Option("--format", "-f", help="csv and json for other programs.")] = Format.TABLE,
) -> None:
    """Query a warehouse or a published copy. Reading only; files and the network are out of its reach.

    Example: veilleur sql "select kind, status, count(*) from projects group by all"
    """
    import sys

    from flows.output import print_rows
    from warehouse.store import query as run_query

    chosen = settings(data_dir=data)
    path = warehouse or (chosen.published_path if chosen.published_path.exists() else chosen.warehouse_path)
    columns, rows = run_query(path, sys.stdin.read() if query == "-" else query)
    print_rows(columns, rows, format.value)


def search(
    words: Annotated[list[str], typer.Argument(help='What is looked for: "data center refroidissement Cambrai".')],
    data: DataDir = None,
    published: PublishedFile = None,
    region: Annotated[str | None, typer.Option(help="INSEE code of a region (32) or its name.")] = None,
    department: Annotated[str | None, typer.Option(help="INSEE code of a department (59).")] = None,
    kind: Annotated[str | None, typer.Option(help="Kind of project (new_site, closure …).")] = None,
    since: Annotated[str | None, typer.Option(help="Published from this day on.")] = None,
    until: Annotated[str | None, typer.Option(help="Published up to this day.")] = None,
    min_investment: Annotated[float | None, typer.Option(help="Euros.")] = None,
    min_jobs: Annotated[int | None, typer.Option(help="Jobs created or cut.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    meaning: Annotated[bool, typer.Option(help="Search by meaning as well as by words.")] = True,
    format: Annotated[Format, typer.Option("--format", "-f")] = Format.TABLE,
) -> None:
    """Search the published copy by words (French stems, accents optional) and by meaning, with the evidence."""
    from flows.output import print_hits
    from flows.stages import encoder_for
    from warehouse.search import search as run_search

    chosen = settings(data_dir=data, published=published)
    hits = run_search(
        chosen.published_path, " ".join(words), region=region, department=department, kind=kind, since=since,
        until=until, min_investment=min_investment, min_jobs=min_jobs, limit=limit,
        encoder=encoder_for(chosen) if meaning else None,
    )  # fmt: skip
    print_hits(hits, format.value)


def status(data: DataDir = None, registry: RegistryFolders = None) -> None:
    """Say how things stand: the last runs, each source's health, what was refused, what is overdue."""
    from flows.status import status_text

    typer.echo(status_text(settings(data_dir=data, registry=registry)))


def why(
    url: Annotated[str, typer.Argument(help="An article's address.")],
    subscriber: Annotated[
        str | None, typer.Option(help="Id of a subscriber: why the mail did or did not come.")
    ] = None,
    data: DataDir = None,
    alerts: AlertsFile = None,
    registry: RegistryFolders = None,
) -> None:
    """Say at which gate an article stopped on its way to a mailbox."""
    from flows.why import why_text

    typer.echo(why_text(settings(data_dir=data, alerts=alerts, registry=registry), url, subscriber))


def agenda(
    data: DataDir = None,
    published: PublishedFile = None,
    ics: Annotated[Path | None, typer.Option(help="Write a calendar file.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day on. Default: today.")] = None,
) -> None:
    """Coming dates to act on or to wait for: bids, hearings, decisions, openings."""
    from flows.agenda import agenda_text
    from flows.commands.options import day_of

    typer.echo(agenda_text(settings(data_dir=data, published=published), day_of(since), ics))


def export(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")],
    data: DataDir = None,
    published: PublishedFile = None,
    format: Annotated[str, typer.Option(help="parquet or xlsx.")] = "parquet",
) -> None:
    """Write the published views as Parquet files or as one Excel workbook."""
    from warehouse.export import export as run_export

    for path in run_export(settings(data_dir=data, published=published).published_path, folder, format):
        typer.echo(path)


def explore(
    data: DataDir = None,
    published: PublishedFile = None,
    port: Annotated[int, typer.Option(help="0: any free port.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
) -> None:
    """Open a notebook on the published copy: map, timelines, biggest announcements, companies, sources, SQL."""
    from flows.explore import open_notebook

    raise typer.Exit(open_notebook(settings(data_dir=data, published=published), port, browser))


COMMANDS: list[Callable[..., None]] = [sql, search, status, why, agenda, export, explore]
