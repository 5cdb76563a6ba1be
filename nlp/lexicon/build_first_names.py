"""Cut a table of given names with their sex out of the lists that ship in Faker (MIT licence).

    pip install faker && python -m nlp.lexicon.build_first_names

French-speaking locales first; names of the neighbours and of the languages of immigration follow. A name that the
lists give to both sexes gets an empty sex. Written to ``first_names.csv`` beside this file (name, sex).
"""

from __future__ import annotations

import csv
import importlib
import unicodedata
from pathlib import Path

LOCALES = (
    "fr_FR", "fr_BE", "fr_CH", "fr_CA", "fr_QC", "fr_DZ", "de_DE", "de_AT", "de_CH", "de_LU", "nl_BE", "nl_NL", "en_GB",
    "en_US", "en_IE", "es_ES", "es_CA", "it_IT", "pt_PT", "pt_BR", "tr_TR", "pl_PL", "no_NO", "sv_SE", "da_DK", "fi_FI",
    "cs_CZ", "hu_HU", "ro_RO", "hr_HR", "vi_VN", "en_IN",
)  # fmt: skip


def build(target: Path = Path(__file__).parent / "first_names.csv") -> int:
    """Write the table; returns how many names it holds."""
    sexes: dict[str, set[str]] = {}
    for locale in LOCALES:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for sex, attribute in (("f", "first_names_female"), ("m", "first_names_male")):
            for name in getattr(provider, attribute, ()):
                text = unicodedata.normalize("NFC", name.strip())
                if text.isalpha() or "-" in text:
                    sexes.setdefault(text, set()).add(sex)
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["name", "sex"])
        writer.writerows([name, sex.pop() if len(sex) == 1 else ""] for name, sex in sorted(sexes.items()))
    return len(sexes)


if __name__ == "__main__":
    build()
