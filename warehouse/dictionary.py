"""The data dictionary, made from the comments in the warehouse: ``python -m warehouse.dictionary FILE``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import duckdb

from warehouse.store import Warehouse

_HEAD = """\
# Data dictionary

Made from the comments in the warehouse by `python -m warehouse.dictionary docs/data-dictionary.md`; a test says when it
is out of date. Analysts query the views; the tables below them live in the schema `store`. Tables marked *inside* are
not in the published copy.
"""


def dictionary(connection: duckdb.DuckDBPyConnection) -> str:
    """The dictionary of an open warehouse as Markdown. Raises ValueError where something has no comment."""
    from warehouse.publish import PRIVATE

    lines = [_HEAD, "## Views", ""]
    for name, comment in connection.execute(
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' "
        "AND database_name = current_database() ORDER BY view_name"
    ).fetchall():
        lines += _section(connection, "main", name, comment, "")
    macros = connection.execute(
        "SELECT function_name, parameters, comment FROM duckdb_functions() WHERE function_type = 'table_macro' "
        "AND NOT internal AND database_name = current_database() ORDER BY function_name"
    ).fetchall()
    if macros:
        lines += ["## Macros", "", "| macro | what |", "|---|---|"]
        lines += [f"| `{name}({', '.join(parameters)})` | {comment or ''} |" for name, parameters, comment in macros]
        lines.append("")
    lines += ["## Tables", ""]
    for name, comment in connection.execute(
        "SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'store' "
        "AND database_name = current_database() AND table_name <> 'migrations' ORDER BY table_name"
    ).fetchall():
        lines += _section(connection, "store", name, comment, " *inside*" if name in PRIVATE else "")
    return "\n".join(lines).rstrip() + "\n"


def _section(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, comment: str | None, mark: str
) -> list[str]:
    columns = connection.execute(
        "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? "
        "AND database_name = current_database() ORDER BY column_index",
        [schema, name],
    ).fetchall()
    bare = [column for column, _, text in columns if not text]
    if not comment or bare:
        raise ValueError(f"{schema}.{name}: no comment on {', '.join(bare) or 'itself'}")
    title = name if schema == "main" else f"{schema}.{name}"
    rows = [f"| `{column}` | `{_short(kind)}` | {text} |" for column, kind, text in columns]
    return [f"### {title}{mark}", "", f"{comment}.", "", "| column | type | what |", "|---|---|---|", *rows, ""]


def _short(kind: str) -> str:
    """A type that fits a table: the fields of a structure stay, their types go."""
    return kind if len(kind) <= 40 else ("list of structures" if kind.endswith("[]") else "structure")


def main(path: Path) -> None:
    """Write the dictionary of an empty warehouse of today's schema."""
    with tempfile.TemporaryDirectory() as folder, Warehouse.open(Path(folder) / "empty.duckdb") as warehouse:
        path.write_text(dictionary(warehouse.connection), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
