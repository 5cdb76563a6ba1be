"""Company numbers from a Sirene stock file, where one is given.

Insee publishes the stock of companies (``StockUniteLegale``) and of establishments (``StockEtablissement``) as CSV and
Parquet under the Licence Ouverte 2.0, https://www.sirene.fr. Both files can be imported, one after the other; without
them ``siren`` and ``siret`` stay null.

An organisation gets a SIREN where exactly one active company of its name fits: by the commune or department where it
is told to be, by its activity, or because the name is the only one of its kind in the stock. Else null.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse.load import register_rows
from warehouse.resolve import section_of
from warehouse.store import WarehouseError, transaction
from warehouse.tie_names import name_form
from warehouse.tie_rows import dicts, set_scope, update_rows

if TYPE_CHECKING:
    from warehouse.store import Warehouse

# Column of ours -> the first of Insee's columns that the file has.
_COLUMNS: Mapping[str, Sequence[str]] = {
    "siren": ("siren",),
    "siret": ("siret",),
    "name": ("denominationUniteLegale", "denominationUsuelle1UniteLegale", "denominationUsuelleEtablissement",
             "enseigne1Etablissement"),
    "acronym": ("sigleUniteLegale",),
    "naf": ("activitePrincipaleEtablissement", "activitePrincipaleUniteLegale"),
    "commune_code": ("codeCommuneEtablissement",),
    "is_head_office": ("etablissementSiege",),
    "state": ("etatAdministratifEtablissement", "etatAdministratifUniteLegale"),
}  # fmt: skip
_BATCH = 100_000


class SireneError(WarehouseError):
    """The file is no Sirene stock; the message says what is missing."""


def import_stock(warehouse: Warehouse, path: Path | str) -> int:
    """Import a stock file (CSV, also gzipped, or Parquet; companies or establishments) and number the organisations.

    Rows of the same kind from an earlier import are replaced. Returns the number of rows imported. Raises SireneError
    where the file cannot be read or lacks the columns ``siren`` and a name.
    """
    connection, path = warehouse.connection, Path(path)
    if not path.is_file():
        raise SireneError(f"{path}: no such file")
    reader = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    options = "" if reader == "read_parquet" else ", all_varchar = true"
    source = f"{reader}('{str(path).replace(chr(39), chr(39) * 2)}'{options})"
    try:
        have = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}  # noqa: S608
    except duckdb.Error as error:
        raise SireneError(f"{path}: not readable as a stock file ({error})") from error
    names = [c for c in _COLUMNS["name"] if c in have]
    if "siren" not in have or not (names or "siret" in have):
        raise SireneError(f"{path}: no columns siren and {_COLUMNS['name'][0]}, this is no Sirene stock")

    def pick(column: str) -> str:
        found = [f"nullif(\"{c}\"::VARCHAR, '')" for c in _COLUMNS[column] if c in have]
        return f"coalesce({', '.join(found)})" if found else "NULL::VARCHAR"

    establishments = "siret" in have
    query = (
        f"SELECT siren::VARCHAR AS siren, {pick('siret')} AS siret, {pick('name')} AS name, "  # noqa: S608
        f"{pick('acronym')} AS acronym, "
        f"{pick('naf')} AS naf, {pick('commune_code')} AS commune_code, "
        f"lower({pick('is_head_office')}) = 'true' AS is_head_office, {pick('state')} = 'A' AS active FROM {source}"
    )
    with transaction(connection):
        before = "siret IS NOT NULL" if establishments else "siret IS NULL"
        connection.execute(f"DELETE FROM store.sirene WHERE {before}")  # noqa: S608
        count = _insert(connection, query)
        _fill_names(connection)
        number(connection)
    return count


def _insert(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    count = 0
    reading = connection.cursor().execute(query)
    columns = [c[0] for c in reading.description or []]
    while batch := reading.fetchmany(_BATCH):
        # A company without a name is a natural person's: none of our business.
        named = (dict(zip(columns, row, strict=True)) for row in batch)
        rows = [row for row in named if row["name"] or row["siret"]]
        for row in rows:
            row["name"] = row["name"] or ""
            row["name_key"] = name_form(row["name"]).identity if row["name"] else ""
        register_rows(connection, "sirene", rows, "stock_rows")
        connection.execute("INSERT INTO store.sirene BY NAME SELECT * FROM stock_rows")
        connection.unregister("stock_rows")
        count += len(rows)
    return count


def _fill_names(connection: duckdb.DuckDBPyConnection) -> None:
    """Establishments are named as their company where the stock of companies is there; unnamed ones are no use."""
    connection.execute(
        "UPDATE store.sirene e SET name = c.name, name_key = c.name_key, acronym = c.acronym "
        "FROM (SELECT siren, any_value(name) AS name, any_value(name_key) AS name_key, any_value(acronym) AS acronym "
        "FROM store.sirene WHERE siret IS NULL GROUP BY siren) c WHERE c.siren = e.siren AND e.name = ''"
    )


def number(connection: duckdb.DuckDBPyConnection, organisations: Iterable[str] | None = None) -> int:
    """Give companies their SIREN and, where it acts in one commune only, the SIRET of its site there.

    ``organisations`` are the ids to look at, None: all. Returns how many have a number.
    """
    if connection.execute("SELECT 1 FROM store.sirene LIMIT 1").fetchone() is None:
        return 0
    where = ""
    if organisations is not None:
        set_scope(connection, "scope_numbered", organisations)
        where = "AND organisation_id IN (SELECT id FROM scope_numbered)"
    rows = dicts(
        connection.execute(
            "SELECT organisation_id, name, aliases, sector, commune_codes, siren, siret, recorded_at "  # noqa: S608
            f"FROM store.organisations WHERE merged_into IS NULL AND kind = 'company' {where}"
        )
    )
    keys = {key for row in rows for key in _keys(row)}
    set_scope(connection, "scope_stock", keys)
    stock: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in dicts(
        connection.execute(
            "SELECT siren, siret, name_key, lower(acronym) AS acronym, naf, commune_code, is_head_office "
            "FROM store.sirene WHERE coalesce(active, true) AND (name_key IN (SELECT id FROM scope_stock) "
            "OR lower(acronym) IN (SELECT id FROM scope_stock)) ORDER BY siren, siret"
        )
    ):
        stock[entry["name_key"]].append(entry)
        if entry["acronym"] and entry["acronym"] != entry["name_key"]:
            stock[entry["acronym"]].append(entry)
    numbered = []
    count = 0
    for row in rows:
        entries = [e for key in _keys(row) for e in stock[key]]
        siren = _siren(row, entries)
        count += siren is not None
        siret = _siret(row, [e for e in entries if e["siren"] == siren])
        if (siren, siret) != (row["siren"], row["siret"]):
            numbered.append(row | {"siren": siren, "siret": siret})
    update_rows(connection, "organisations", "organisation_id", ("siren", "siret"), numbered)
    return count


def _keys(row: Mapping[str, Any]) -> set[str]:
    return {name_form(name).identity for name in (row["name"], *row["aliases"])} - {""}


def _siren(row: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> str | None:
    """The one company that fits: first by place, then by activity; several or none: null."""
    found = {e["siren"] for e in entries}
    communes = set(row["commune_codes"] or ())
    placed = {e["siren"] for e in entries if e["commune_code"] in communes}
    near = {e["siren"] for e in entries if e["commune_code"] and e["commune_code"][:2] in {c[:2] for c in communes}}
    section = section_of(row["sector"])
    trade = {e["siren"] for e in entries if section and section_of((e["naf"] or "")[:2]) == section}
    elsewhere = bool(communes) and any(e["commune_code"] for e in entries) and not near
    for candidates in (placed & trade, placed, near & trade, near):
        if len(candidates) == 1:
            only: str = next(iter(candidates))
            return only
        if candidates:
            return None
    if elsewhere:
        return None
    # Nobody says where: the only one of its trade, or the only one of that name in all the stock.
    if len(trade) == 1:
        of_trade: str = next(iter(trade))
        return of_trade
    if len(found) != 1:
        return None
    # Another trade than told is a contradiction.
    known = {section_of((e["naf"] or "")[:2]) for e in entries} - {None}
    alone: str = next(iter(found))
    return alone if not section or not known or section in known else None


def _siret(row: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> str | None:
    communes = set(row["commune_codes"] or ())
    sites = {e["siret"] for e in entries if e["siret"] and e["commune_code"] in communes}
    only: str | None = next(iter(sites)) if len(sites) == 1 else None
    return only
