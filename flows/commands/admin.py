"""Commands for those who run Veilleur: sources, rights, alerts, judge, forget, sirene, housekeeping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import (
    AlertsFile,
    DataDir,
    Day,
    PublishedFile,
    RegistryFolders,
    WarehouseFile,
    day_of,
    settings,
)

sources_app = typer.Typer(no_args_is_help=True, help="The registry of sources: list, check, accept terms, add.")
rights_app = typer.Typer(no_args_is_help=True, help="What the sources' rights allow and what was used.")
alerts_app = typer.Typer(no_args_is_help=True, help="Subscribers and their rules.")
judge_app = typer.Typer(no_args_is_help=True, help="Decide which projects or organisations are the same.")
sirene_app = typer.Typer(no_args_is_help=True, help="The national register of companies.")

OverlayFolder = Annotated[
    Path, typer.Option("--folder", help="Your own folder of source entries (a setting: registry).")
]


@sources_app.command("list")
def sources_list(data: DataDir = None, registry: RegistryFolders = None) -> None:
    """List the sources: id, kind, discovery, access, rights, enabled or why not."""
    from flows.sources import list_text

    typer.echo(list_text(settings(data_dir=data, registry=registry)))


@sources_app.command("check")
def sources_check(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of sources; none: all enabled.")] = None,
    data: DataDir = None,
    registry: RegistryFolders = None,
) -> None:
    """Test sources: robots.txt, feeds and sitemaps, marks of reserved rights, one article; say what was found."""
    from flows.sources import check_text

    text, ok = check_text(settings(data_dir=data, registry=registry), ids or [])
    typer.echo(text)
    raise typer.Exit(0 if ok else 1)


@sources_app.command("accept")
def sources_accept(
    ids: Annotated[list[str], typer.Argument(help="Ids of sources whose terms somebody has read.")],
    by: Annotated[str, typer.Option(help="Who read the terms.")],
    folder: OverlayFolder,
    day: Day = None,
    registry: RegistryFolders = None,
) -> None:
    """Record that a source's terms were read and allow its text to be kept; until then only title, link and date."""
    from flows.sources import accept_terms

    for path in accept_terms(settings(registry=registry), ids, by=by, on=day_of(day), folder=folder):
        typer.echo(path)


@sources_app.command("add")
def sources_add(
    url: Annotated[str, typer.Argument(help="The title's home page.")],
    folder: Annotated[Path | None, typer.Option(help="Write the draft there; else it is printed.")] = None,
    data: DataDir = None,
) -> None:
    """Discover a title's feeds and sitemaps and write a draft entry, not yet enabled."""
    from flows.sources import draft_entry

    typer.echo(draft_entry(settings(data_dir=data), url, folder))


@rights_app.command("report")
def rights_report(
    month: Annotated[str, typer.Argument(help="YYYY-MM.")],
    data: DataDir = None,
    registry: RegistryFolders = None,
    format: Annotated[str, typer.Option("--format", "-f", help="table, csv or json.")] = "table",
) -> None:
    """List the month's uses by title, for declarations to rights holders."""
    from flows.output import print_rows
    from flows.sources import rights_rows

    columns, rows = rights_rows(settings(data_dir=data, registry=registry), month)
    print_rows(columns, rows, format)


@alerts_app.command("check")
def alerts_check(alerts: AlertsFile = None, data: DataDir = None) -> None:
    """Check alerts.yml: every error with its subscriber and key."""
    from flows.alerts import load_alerts

    chosen = settings(alerts=alerts, data_dir=data)
    loaded = load_alerts(chosen.alerts)
    typer.echo(f"{chosen.alerts}: {len(loaded.subscribers)} subscribers, no error")


Note = Annotated[str, typer.Option(help="Why, in a sentence; kept with the judgement.")]
By = Annotated[str, typer.Option(help="Who decides.")]


@judge_app.command("list")
def judge_list(data: DataDir = None, warehouse: WarehouseFile = None) -> None:
    """List the pairs that may be the same and wait for a decision."""
    from flows.judging import pending_text

    typer.echo(pending_text(settings(data_dir=data, warehouse=warehouse)))


def _decide(verb: str, left: str, right: str, by: str, note: str, data: Path | None, warehouse: Path | None) -> None:
    from flows.judging import decide

    typer.echo(decide(settings(data_dir=data, warehouse=warehouse), verb, left, right, by=by, note=note))


def _on_two_projects(verb: str) -> Callable[..., None]:
    """A command that judges two projects, given by their ids."""

    def command(
        left: str, right: str, by: By, note: Note = "", data: DataDir = None, warehouse: WarehouseFile = None
    ) -> None:
        _decide(verb, left, right, by, note, data, warehouse)

    return command


for _verb, _does in {
    "confirm": "Two projects that may be the same are the same. Kept for ever, applied again after every reading.",
    "refuse": "Two projects are not the same, whatever the rules say.",
    "merge": "Merge the second project into the first; the second's id stays as a tombstone.",
}.items():
    judge_app.command(_verb, help=_does)(_on_two_projects(_verb))


@judge_app.command("split")
def judge_split(
    project: str, article: str, by: By, note: Note = "", data: DataDir = None, warehouse: WarehouseFile = None
) -> None:
    """Take an article's telling (its URL) out of a project; it becomes a project of its own."""
    _decide("split", project, article, by, note, data, warehouse)


@judge_app.command("withdraw")
def judge_withdraw(
    judgement: Annotated[str, typer.Argument(help="Id of the judgement, as confirm or split printed it.")],
    data: DataDir = None,
    warehouse: WarehouseFile = None,
) -> None:
    """Take back an analyst's judgement; the rules decide again."""
    from flows.judging import withdraw

    typer.echo(withdraw(settings(data_dir=data, warehouse=warehouse), judgement))


@sirene_app.command("import")
def sirene_import(
    file: Annotated[Path, typer.Argument(help="StockEtablissement or StockUniteLegale, CSV or Parquet.")],
    data: DataDir = None,
    warehouse: WarehouseFile = None,
) -> None:
    """Take in the Sirene stock, so that companies get their SIREN and sites their SIRET where it is sure."""
    from flows.judging import import_sirene

    typer.echo(import_sirene(settings(data_dir=data, warehouse=warehouse), file))


def forget(
    person: Annotated[str, typer.Argument(help="The name, as written in articles.")],
    data: DataDir = None,
    warehouse: WarehouseFile = None,
    published: PublishedFile = None,
) -> None:
    """Remove a person everywhere, and keep them out through every re-reading and reloading."""
    from flows.privacy import forget_person

    typer.echo(forget_person(settings(data_dir=data, warehouse=warehouse, published=published), person))


def housekeeping(data: DataDir = None, day: Day = None, registry: RegistryFolders = None) -> None:
    """Delete text past its days from archive and warehouse, compact the archive, prune Prefect's database."""
    from flows.housekeeping import keep_house

    typer.echo(keep_house(settings(data_dir=data, registry=registry), day_of(day)))


def unsubscribe(
    host: Annotated[str, typer.Option(help="Address to listen on, behind your own TLS proxy.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8765,
    data: DataDir = None,
    alerts: AlertsFile = None,
) -> None:
    """Run the small service behind one-click unsubscribing (RFC 8058), until Ctrl-C.

    Optional: without it mails carry a mailto address. It needs VEILLEUR_PRIVACY__KEY and the setting
    smtp.unsubscribe_url, which names the address at which the world reaches it.
    """
    from flows.returns import serve

    serve(settings(data_dir=data, alerts=alerts), host, port)


COMMANDS: list[Callable[..., None]] = [forget, housekeeping, unsubscribe]
