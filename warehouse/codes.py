"""Official codes in the warehouse: INSEE's geographic code as the reader ships it, intercommunal bodies, countries.

The reader's lexicon is data, read as a file; no module of another room is imported.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from importlib.resources import files
from importlib.resources.abc import Traversable

import duckdb
import pyarrow as pa
from babel import Locale

from warehouse.store import get_meta, set_meta, transaction

COLUMNS = ("level", "code", "name", "department_code", "region_code", "epci_code", "population")


def _text(entry: Traversable) -> str:
    data = entry.read_bytes()
    return (gzip.decompress(data) if entry.name.endswith(".gz") else data).decode("utf-8")


def _sources() -> dict[str, str]:
    cog = files("nlp") / "lexicon" / "cog"
    return {
        "communes": _text(cog / "communes.csv.gz"),
        "departments": _text(cog / "departments.csv"),
        "regions": _text(cog / "regions.csv"),
        "epci": _text(files("warehouse") / "geography" / "epci.csv.gz"),
    }


def _rows(texts: dict[str, str]) -> list[dict[str, object]]:
    """One row a code; a commune's former names are left out, its code is what counts."""

    def read(name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(texts[name])))

    def row(level: str, code: str, name: str, **more: object) -> dict[str, object]:
        return dict.fromkeys(COLUMNS) | {"level": level, "code": code, "name": name} | more

    epci = {line["commune"]: line["epci"] for line in read("epci")}
    bodies = {line["epci"]: line["name"] for line in read("epci")}
    rows = [row("region", r["code"], r["name"], region_code=r["code"]) for r in read("regions")]
    rows += [
        row("department", d["code"], d["name"], department_code=d["code"], region_code=d["region_code"])
        for d in read("departments")
    ]
    rows += [
        row("commune", c["code"], c["name"], department_code=c["department"] or None, region_code=c["region"] or None,
            epci_code=epci.get(c["code"]), population=int(c["population"]))
        for c in read("communes")
        if c["former"] != "1"
    ]  # fmt: skip
    rows += [row("epci", code, name) for code, name in bodies.items()]
    countries = Locale("fr").territories
    return rows + [row("country", code, name) for code, name in sorted(countries.items()) if len(code) == 2]


def refresh_codes(connection: duckdb.DuckDBPyConnection) -> bool:
    """Fill ``store.codes`` where the shipped files are not those that it was filled from; returns whether it did."""
    texts = _sources()
    digest = hashlib.sha256("\n".join(texts.values()).encode()).hexdigest()
    if get_meta(connection, "codes") == digest:
        return False
    schema = pa.schema([(c, pa.int32() if c == "population" else pa.string()) for c in COLUMNS])
    table = pa.Table.from_pylist(_rows(texts), schema=schema)
    with transaction(connection):
        connection.execute("DELETE FROM store.codes")
        connection.register("staged_codes", table)
        connection.execute(f"INSERT INTO store.codes ({', '.join(COLUMNS)}) SELECT * FROM staged_codes")  # noqa: S608
        connection.unregister("staged_codes")
        set_meta(connection, "codes", digest)
    return True
