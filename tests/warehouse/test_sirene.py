"""Company numbers from a Sirene stock: only where exactly one company fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.sirene import SireneError, import_stock
from warehouse.store import Warehouse

COMPANIES = """siren,denominationUniteLegale,sigleUniteLegale,activitePrincipaleUniteLegale,etatAdministratifUniteLegale
111111111,LAITERIE ORVANE,,10.51A,A
222222222,ORVANE TRANSPORTS,,49.41A,A
333333333,MARIVEL,,10.11Z,A
444444444,MARIVEL,,62.01Z,A
555555555,SOCIETE DE CHAUDRONNERIE BRESSE REVERMONT,SCBR,25.29Z,A
666666666,TESSARI,,27.20Z,C
,,,,
777777777,,,96.02A,A
"""
_SITE_COLUMNS = (
    "siren,siret,denominationUsuelleEtablissement,activitePrincipaleEtablissement,codeCommuneEtablissement,"
    "etablissementSiege,etatAdministratifEtablissement"
)
SITES = f"""{_SITE_COLUMNS}
111111111,11111111100011,,10.51A,29019,true,A
111111111,11111111100029,,10.51A,29232,false,A
333333333,33333333300019,,10.11Z,57463,true,A
444444444,44444444400018,,62.01Z,29019,true,A
"""


@pytest.fixture
def warehouse(newsroom: Callable[..., Warehouse], told: Callable[..., Any]) -> Warehouse:
    def site(org: str, place: str, sector: str) -> dict[str, Any]:
        return {"kind": "expansion", "status": "announced", "orgs": [org], "places": [place], "sector": sector}

    return newsroom(
        "w",
        [told("a", "2025-01-10", site("Laiterie Orvane", "Quimper", "10")),
         told("b", "2025-01-10", site("Marivel", "Brest", "62")),
         told("c", "2025-01-10", site("SCBR", "Dijon", "25")),
         told("d", "2025-01-10", site("Tessari", "Lens", "27")),
         told("e", "2025-01-10", site("Inconnue", "Lens", "27"))],
    )  # fmt: skip


def numbers(warehouse: Warehouse) -> dict[str, tuple[str | None, str | None]]:
    rows = warehouse.connection.execute("SELECT name, siren, siret FROM organisations").fetchall()
    return {name: (siren, siret) for name, siren, siret in rows}


def test_numbers_only_where_one_company_fits(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "companies.csv").write_text(COMPANIES, encoding="utf-8")
    (tmp_path / "sites.csv").write_text(SITES, encoding="utf-8")
    assert import_stock(warehouse, tmp_path / "companies.csv") == 6
    assert numbers(warehouse)["Marivel"] == ("444444444", None)
    assert import_stock(warehouse, tmp_path / "sites.csv") == 4
    assert numbers(warehouse) == {
        "Laiterie Orvane": ("111111111", "11111111100029"),
        "Marivel": ("444444444", "44444444400018"),
        "SCBR": ("555555555", None),
        "Tessari": (None, None),
        "Inconnue": (None, None),
    }
    import_stock(warehouse, tmp_path / "companies.csv")
    assert warehouse.connection.execute("SELECT count(*) FROM store.sirene").fetchone() == (10,)


def test_later_articles_are_numbered_when_tied(
    warehouse: Warehouse, told: Callable[..., Any], next_day: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "companies.csv").write_text(COMPANIES, encoding="utf-8")
    import_stock(warehouse, tmp_path / "companies.csv")
    next_day(warehouse, [told("f", "2025-02-10", organisations={"Orvane Transports": {"mention": "main"}})])
    assert numbers(warehouse)["Orvane Transports"] == ("222222222", None)


def test_parquet_is_read_and_other_files_are_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    source, target = tmp_path / "companies.csv", tmp_path / "companies.parquet"
    source.write_text(COMPANIES, encoding="utf-8")
    duckdb.execute(f"COPY (SELECT * FROM read_csv('{source}', all_varchar = true)) TO '{target}' (FORMAT parquet)")
    assert import_stock(warehouse, target) == 6
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(SireneError, match="no Sirene stock"):
        import_stock(warehouse, tmp_path / "other.csv")
    with pytest.raises(SireneError, match="no such file"):
        import_stock(warehouse, tmp_path / "missing.csv")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 broken")
    with pytest.raises(SireneError, match="not readable"):
        import_stock(warehouse, tmp_path / "broken.parquet")
    assert warehouse.connection.execute("SELECT count(*) FROM store.sirene").fetchone() == (6,)
