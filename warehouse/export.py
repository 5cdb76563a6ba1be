"""Export of the published views for other tools: Parquet files, or one Excel workbook.

What comes from the web may begin like a formula: in a workbook such text is put behind an apostrophe, so that a
spreadsheet shows it and never runs it. Parquet keeps every value as it is.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from warehouse.store import WarehouseError, connect

FORMATS = ("parquet", "xlsx")
SHEET_ROWS = 1_048_576  # Excel's own limit, header included
CELL_LIMIT = 32_767
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Characters that XML 1.0 cannot hold.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def views(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Names of the analysts' views, in order."""
    rows = connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' "
        "AND database_name = current_database() ORDER BY view_name"
    ).fetchall()
    return [row[0] for row in rows]


def export(published: Path | str, folder: Path | str, format: str = "parquet") -> list[Path]:
    """Write every view of a published copy into ``folder``.

    ``format``: ``parquet`` (a file a view) or ``xlsx`` (``veilleur.xlsx``, a sheet a view). Returns the files written,
    each put in place whole. Raises WarehouseError for another format or where the copy is missing, ValueError where a
    view has more rows than a sheet takes.
    """
    if format not in FORMATS:
        raise WarehouseError(f"format {format!r}: expected {' or '.join(FORMATS)}")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    connection = connect(Path(published), read_only=True)
    try:
        if format == "xlsx":
            return [_workbook(connection, target / "veilleur.xlsx")]
        return [_parquet(connection, view, target / f"{view}.parquet") for view in views(connection)]
    finally:
        connection.close()


def _temporary(target: Path) -> Path:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}.", suffix=target.suffix)
    os.close(handle)
    return Path(name)


def _parquet(connection: duckdb.DuckDBPyConnection, view: str, target: Path) -> Path:
    temporary = _temporary(target)
    try:
        connection.execute(f'COPY (SELECT * FROM "{view}") TO ? (FORMAT parquet, COMPRESSION zstd)', [str(temporary)])  # noqa: S608
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def harmless(value: Any) -> Any:
    """A value as a cell takes it: no text that a spreadsheet would run, nothing that XML cannot hold.

    >>> harmless("=HYPERLINK(\\"http://mal.example\\")")
    '\\'=HYPERLINK("http://mal.example")'
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return value
    text = _FORBIDDEN.sub("\ufffd", value if isinstance(value, str) else _flat(value))
    # White space before the sign does not stop every spreadsheet.
    if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA):
        text = "'" + text
    return text[:CELL_LIMIT]


def _flat(value: Any) -> str:
    """Lists and structures as readable text."""
    if isinstance(value, list | tuple):
        return " ; ".join(_flat(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_flat(item)}" for key, item in value.items() if item is not None)
    return str(value)


def _workbook(connection: duckdb.DuckDBPyConnection, target: Path) -> Path:
    book = Workbook(write_only=True)
    for view in views(connection):
        cursor = connection.execute(f'SELECT * FROM "{view}"')  # noqa: S608
        columns = [column[0] for column in cursor.description or []]
        sheet = book.create_sheet(view[:31])
        sheet.freeze_panes = "A2"
        header = []
        for name in columns:
            cell = WriteOnlyCell(sheet, value=name)
            cell.font = Font(bold=True)
            header.append(cell)
        sheet.append(header)
        for number, row in enumerate(_rows(cursor), 2):
            if number > SHEET_ROWS:
                raise WarehouseError(f"view {view} has more rows than an Excel sheet takes; export to Parquet")
            sheet.append([_cell(sheet, value) for value in row])
    temporary = _temporary(target)
    try:
        book.save(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _cell(sheet: Any, value: Any) -> Any:
    """A cell that holds text as text, whatever it looks like."""
    value = harmless(value)
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(5000):
        yield from rows
