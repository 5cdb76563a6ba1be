"""Cut INSEE's geographic code down to what the reader needs.

    python -m nlp.lexicon.build_cog FOLDER

``FOLDER`` holds ``communes.csv``, ``departments.csv`` and ``regions.csv`` as exported from
``@etalab/decoupage-administratif`` (code MIT, data Licence Ouverte 2.0, source INSEE). Written beside this file, in
``cog/``: ``communes.csv.gz`` (code, name, department, region, population; a former or delegated commune has the
code of the commune that it belongs to today), ``departments.csv`` and ``regions.csv``.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from pathlib import Path

TARGET = Path(__file__).parent / "cog"


def build(folder: Path, target: Path = TARGET) -> int:
    """Write the cut; returns the number of commune names."""
    target.mkdir(exist_ok=True)
    with (folder / "communes.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    present = {row["code"]: row for row in rows if row["kind"] == "commune-actuelle"}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["code", "name", "department", "region", "population", "former"])
    count = 0
    for row in sorted(rows, key=lambda r: (r["code"], r["kind"], r["name"])):
        if row["kind"] == "arrondissement-municipal":
            continue
        current = row if row["kind"] == "commune-actuelle" else present.get(row["parent_code"])
        if current is None or (current is not row and current["name"] == row["name"]):
            continue
        former = int(current is not row)
        people = 0 if former else int(row["population"] or 0)
        writer.writerow(
            [current["code"], row["name"], current["department_code"], current["region_code"], people, former]
        )
        count += 1
    with (target / "communes.csv.gz").open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(text.getvalue().encode())
    for name, columns in (("departments", ["code", "name", "region_code"]), ("regions", ["code", "name"])):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as source:
            table = [[row[column] for column in columns] for row in csv.DictReader(source)]
        with (target / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows([columns, *table])
    return count


if __name__ == "__main__":
    build(Path(sys.argv[1]))
