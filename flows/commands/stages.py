"""Commands that move the day along: daily, demo, crawl, read, load, ingest, publish, digest, backfill, reread …"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
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


def daily(
    day: Day = None,
    data: DataDir = None,
    registry: RegistryFolders = None,
    alerts: AlertsFile = None,
    source: Annotated[list[str] | None, typer.Option(help="Only this source; may be given again.")] = None,
    mail: Annotated[bool, typer.Option(help="Send the digests.")] = True,
) -> None:
    """Do a whole day: crawl all sources, read, load, tie, check, publish, send the digests.

    The same Prefect flow that a deployment runs, in this process; no server is needed. Run it again and it goes on
    where it was; nothing is fetched, loaded or sent twice.
    """
    from flows.run import run_daily

    report = run_daily(
        settings(data_dir=data, registry=registry, alerts=alerts), day_of(day), only=source or [], mail=mail
    )
    typer.echo(report.text())
    raise typer.Exit(0 if report.ok else 1)


def demo(
    data: Annotated[Path, typer.Option("--data", help="Where the demo keeps its files.")] = Path("demo-data"),
    serve: Annotated[bool, typer.Option(help="Only serve the demo press, until Ctrl-C.")] = False,
) -> None:
    """Run the whole daily flow over the bundled demo press: six titles on loopback, three logical days.

    Ends by saying what it found and where the warehouse and the digests lie. A second run changes nothing.
    """
    from flows.demo.run import run_demo, serve_demo

    if serve:
        serve_demo()
    else:
        typer.echo(run_demo(data))


def crawl(
    day: Day = None,
    data: DataDir = None,
    registry: RegistryFolders = None,
    source: Annotated[list[str] | None, typer.Option(help="Only this source; may be given again.")] = None,
    from_archive: Annotated[bool, typer.Option(help="Extract again from the page archive, without network.")] = False,
) -> None:
    """Fetch the day's pages into DATA/articles/<day>/<source>.jsonl, every page kept in the archive."""
    from flows.stages import crawl_all

    outcomes = crawl_all(
        settings(data_dir=data, registry=registry), day_of(day), only=source or [], from_archive=from_archive
    )
    for one in outcomes:
        typer.echo(f"{one.source_id:32} {one.articles:5} articles  {len(one.issues):4} issues  {one.error or 'ok'}")
    raise typer.Exit(0 if not outcomes or any(one.error is None for one in outcomes) else 1)


def read(
    file: Annotated[
        Path | None, typer.Argument(help="Articles, one JSON object a line. Default: standard input.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Default: standard output.")] = None,
    processes: Annotated[int | None, typer.Option(min=1, help="Processes that read side by side.")] = None,
    day: Annotated[str | None, typer.Option("--day", help="Read a day's crawl instead, into DATA/facts/<day>.")] = None,
    again: Annotated[bool, typer.Option(help="With --day: read again what did not change.")] = False,
    data: DataDir = None,
    explain: Annotated[
        str | None, typer.Option(metavar="URL|FILE", help="Write an HTML page with every fact marked in the article.")
    ] = None,
) -> None:
    """Read articles into facts: one {"id", "article"} a line in, one {"id", "language", "facts"} a line out.

    Answers come in the order of the articles. A line that cannot be used gets {"id", "line", "error"} and the
    reading goes on. Example: veilleur read < articles.jsonl > facts.jsonl
    """
    chosen = settings(data_dir=data)
    if processes is not None:
        chosen.read.processes = processes
    if explain is not None:
        from flows.explain import explain_page

        typer.echo(explain_page(chosen, explain, output))
    elif day is not None:
        from flows.stages import read_day

        for _, facts in read_day(chosen, day_of(day), again=again):
            typer.echo(facts)
    else:
        from flows.stages import read_to

        # Bytes in, lines out: only U+000A ends a line, whatever the platform or the texts hold.
        source = file.open("rb") if file is not None else sys.stdin.buffer
        target = output.open("wb") if output is not None else sys.stdout.buffer
        with source, target:
            read_to(chosen, source, target)


def load(
    articles: Annotated[Path, typer.Option(help="Articles, one {id, article} a line.")],
    facts: Annotated[Path, typer.Option(help="Facts, one {id, language, facts} a line.")],
    warehouse: WarehouseFile = None,
    data: DataDir = None,
    day: Day = None,
) -> None:
    """Load articles and their facts into the warehouse, tie and check them. The same file twice changes nothing."""
    from flows.stages import load_files

    chosen = settings(data_dir=data, warehouse=warehouse)
    typer.echo(load_files(chosen, [(articles, facts)], day=day_of(day), run_id=f"load-{articles.name}").text())


def ingest(
    articles: Annotated[Path, typer.Argument(help="Articles, one {id, article} a line.")],
    warehouse: WarehouseFile = None,
    data: DataDir = None,
    day: Day = None,
    processes: Annotated[int | None, typer.Option(min=1, help="Processes that read side by side.")] = None,
) -> None:
    """Take articles from elsewhere: read, load, tie and check them.

    The facts stay beside the articles, as NAME.facts.jsonl, so that loading can be repeated without reading.
    """
    from flows.stages import load_files, read_files

    chosen = settings(data_dir=data, warehouse=warehouse)
    if processes is not None:
        chosen.read.processes = processes
    pairs = read_files(chosen, [(articles, articles.with_suffix(".facts.jsonl"))])
    typer.echo(load_files(chosen, pairs, day=day_of(day), run_id=f"ingest-{articles.name}").text())


def publish(warehouse: WarehouseFile = None, published: PublishedFile = None, data: DataDir = None) -> None:
    """Check the warehouse and replace the published copy that analysts open. A failed check keeps the old copy."""
    from flows.stages import publish_checked

    chosen = settings(data_dir=data, warehouse=warehouse, published=published)
    typer.echo(publish_checked(chosen))


def digest(
    day: Day = None,
    data: DataDir = None,
    alerts: AlertsFile = None,
    published: PublishedFile = None,
    subscriber: Annotated[list[str] | None, typer.Option(help="Only this subscriber; may be given again.")] = None,
    frequency: Annotated[str, typer.Option(help="daily, weekly, instant or monthly.")] = "daily",
    preview: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Write and open the HTML of that day, with why each item matched."),
    ] = None,
) -> None:
    """Render each subscriber's digest from the published copy and send it (or write .eml files without a server)."""
    from flows.digest import preview_digests, send_digests

    chosen = settings(data_dir=data, alerts=alerts, published=published)
    if preview is not None:
        for path in preview_digests(chosen, day_of(preview), only=subscriber or []):
            typer.echo(path)
            typer.launch(str(path))
    else:
        typer.echo(send_digests(chosen, day_of(day), only=subscriber or [], frequency=frequency).text())


def backfill(
    since: Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")],
    until: Annotated[str, typer.Option(help="Last day, YYYY-MM-DD.")],
    data: DataDir = None,
    from_archive: Annotated[bool, typer.Option(help="Extract again from the page archive first.")] = False,
) -> None:
    """Read and load a range of days again from what was crawled. Never sends a mail."""
    from flows.stages import backfill_day

    chosen, first, last = settings(data_dir=data), day_of(since), day_of(until)
    if last < first:
        raise typer.BadParameter("is before --since", param_hint="--until")
    for offset in range((last - first).days + 1):
        typer.echo(backfill_day(chosen, first + timedelta(days=offset), from_archive=from_archive))


def reread(
    since: Annotated[str, typer.Option(help="First day of the articles to read again, YYYY-MM-DD.")],
    data: DataDir = None,
    warehouse: WarehouseFile = None,
) -> None:
    """Read stored articles again with today's rules, load the facts and say what changed."""
    from flows.stages import reread_since

    typer.echo(reread_since(settings(data_dir=data, warehouse=warehouse), day_of(since)))


COMMANDS: list[Callable[..., None]] = [daily, demo, crawl, read, load, ingest, publish, digest, backfill, reread]
