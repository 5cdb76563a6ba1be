"""The command line ``veilleur``. Heavy imports wait inside the commands, so that ``--help`` answers at once."""

from __future__ import annotations

import logging
import sys

import typer

from flows.commands import admin, query, stages

app = typer.Typer(
    name="veilleur",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="""Reads the French regional business press every morning: who announces what, where, for how much, with how
many jobs, according to whom.

One command does a whole day: veilleur daily. Its stages can be run alone, each on the file that the stage before
left: crawl, read, load, publish, digest. Analysts query the published copy: veilleur sql, veilleur search,
veilleur explore. Try it all on the bundled demo press: veilleur demo.

Settings come from veilleur.toml (see veilleur.example.toml), VEILLEUR_* environment variables and flags.""",
)

for command in stages.COMMANDS + query.COMMANDS + admin.COMMANDS:
    app.command()(command)
app.add_typer(admin.sources_app, name="sources")
app.add_typer(admin.rights_app, name="rights")
app.add_typer(admin.alerts_app, name="alerts")
app.add_typer(admin.judge_app, name="judge")
app.add_typer(admin.sirene_app, name="sirene")


@app.callback()
def _common(
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Say more on the error stream."),
    json_logs: bool = typer.Option(
        False, "--json-logs", envvar="VEILLEUR_JSON_LOGS", help="Log lines as JSON objects."
    ),
) -> None:
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, format="%(asctime)s %(levelname)s %(message)s",
        datefmt="%H:%M:%S", stream=sys.stderr,
    )  # fmt: skip
    if json_logs:
        from pythonjsonlogger.json import JsonFormatter

        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    for noisy in ("httpx", "httpcore", "sentence_transformers", "numba", "urllib3", "filelock", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def main() -> None:
    """Entry point: known errors become one line and exit status 2, anything else is a bug and shows its trace."""
    try:
        app()
    except Exception as error:
        if not known(error):
            raise
        typer.echo(f"veilleur: {error}", err=True)
        raise SystemExit(2) from error


def known(error: Exception) -> bool:
    """Whether an error is about what the user gave, so that its message is enough.

    Modules that are not loaded cannot have raised: nothing is imported only to be compared with.
    """
    names = {
        "flows.stages": ("StageError",),
        "flows.settings": ("SettingsError",),
        "flows.alerts": ("AlertsError",),
        "crawlers.registry": ("RegistryError",),
        "warehouse.store": ("WarehouseError", "QueryError"),
        "nlp.embeddings": ("EncoderError",),
        "duckdb": ("IOException",),
    }
    kinds = [
        getattr(sys.modules[module], name)
        for module, list_ in names.items()
        if module in sys.modules
        for name in list_
        if hasattr(sys.modules[module], name)
    ]
    return isinstance(error, (*kinds, FileNotFoundError, PermissionError, IsADirectoryError))


if __name__ == "__main__":
    main()
