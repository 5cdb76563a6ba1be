"""``python -m crawlers.pages FILE URL [PAGE_CLASS]``: the article of a saved page, as JSON.

For writing page classes. Exit code 1 where the page gives no article, with the reason on standard error.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated

import typer

from crawlers.pages.base import PageClassError
from crawlers.pages.errors import ExtractionError
from crawlers.pages.extract import extract


def main(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A saved page or release.")],
    url: Annotated[str, typer.Argument(help="Where it came from.")],
    page_class: Annotated[str | None, typer.Argument(help="Name of the page class that reads it.")] = None,
) -> None:
    """Print the article of a saved page as JSON."""
    try:
        article = extract(
            file.read_bytes(), url, fetched_at=datetime.now(UTC), source=SimpleNamespace(page_class=page_class)
        )
    except (ExtractionError, PageClassError) as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    typer.echo(article.model_dump_json(indent=1, exclude_none=True))


if __name__ == "__main__":
    typer.run(main)
