"""Dates and horizons against the conventions of the fact model, relative to a Thursday, 13 March 2025."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.components.dates import MONTHS, find_dates

PUBLISHED = date(2025, 3, 13)


def only(text: str, published: date | None = PUBLISHED) -> tuple[str | None, str | None, str]:
    (found,) = find_dates(text, published)
    return (
        found.from_.isoformat() if found.from_ else None,
        found.to.isoformat() if found.to else None,
        found.precision,
    )


@pytest.mark.parametrize(
    ("text", "from_", "to", "precision"),
    [
        ("Le bail court à compter du 1er septembre.", "2025-09-01", "2025-09-01", "day"),
        ("Ils rejoindront le site d'ici à la fin du mois de mai.", None, "2025-05-31", "day"),
        ("Le site ouvrira au plus tôt en 2028.", "2028-01-01", None, "year"),
        ("L'audience se tiendra dans la seconde quinzaine d'avril.", "2025-04-16", "2025-04-30", "day"),
        ("Le chantier s'achèvera en fin d'année prochaine.", "2026-10-01", "2026-12-31", "quarter"),
        ("L'usine recrutera 30 personnes cette année.", "2025-01-01", "2025-12-31", "year"),
        ("Le chantier débutera début 2026.", "2026-01-01", "2026-03-31", "quarter"),
        ("Livraison fin 2026.", "2026-10-01", "2026-12-31", "quarter"),
        ("L'usine ouvrira mi-2026.", None, "2026-06-30", "half"),
        ("Elle ouvrira à la rentrée.", "2025-09-01", "2025-09-30", "month"),
        ("L'enquête publique est attendue à l'automne.", "2025-09-23", "2025-12-20", "season"),
        ("Ouverture prévue au printemps 2026.", "2026-03-20", "2026-06-20", "season"),
        ("Mise en service à l'hiver 2026.", "2026-12-21", "2027-03-19", "season"),
        ("Les travaux s'achèveront fin juin.", "2025-06-21", "2025-06-30", "day"),
        ("La signature pourrait intervenir avant l'été.", None, "2025-06-20", "season"),
        ("Le site n'ouvrira pas avant 2028.", "2028-01-01", None, "year"),
        ("La décision n'interviendra pas avant le deuxième trimestre 2026.", "2026-04-01", None, "quarter"),
        ("Il n'est plus attendu avant 2027.", "2027-01-01", None, "year"),
        ("Elle sera construite d'ici trois ans.", None, "2028-12-31", "year"),
        ("Elle sera construite d’ici à 2030.", None, "2030-12-31", "year"),
        ("Elle recrutera d'ici à fin 2028.", None, "2028-12-31", "quarter"),
        ("Elle ouvrira dans trois ans.", "2028-01-01", "2028-12-31", "year"),
        ("Elle ouvrira dans dix-huit mois.", "2026-09-01", "2026-09-30", "month"),
        ("Le 13 mai dernier, il a signé.", "2024-05-13", "2024-05-13", "day"),
        ("Il a annoncé mardi son départ.", "2025-03-11", "2025-03-11", "day"),
        ("Une cellule sera ouverte lundi.", "2025-03-17", "2025-03-17", "day"),
        ("Il a signé vendredi dernier.", "2025-03-07", "2025-03-07", "day"),
        ("Il a signé hier.", "2025-03-12", "2025-03-12", "day"),
        ("Présenté la semaine dernière.", "2025-03-03", "2025-03-09", "vague"),
        ("Le chantier démarrera au premier semestre.", "2025-01-01", "2025-06-30", "half"),
        ("Le chantier démarrera au second semestre 2027.", "2027-07-01", "2027-12-31", "half"),
        ("Livraison au T1 2027.", "2027-01-01", "2027-03-31", "quarter"),
        ("La Cité existe depuis 2019.", "2019-01-01", "2019-12-31", "year"),
        ("Elle emploiera 65 personnes à partir de 2028.", "2028-01-01", "2028-12-31", "year"),
        ("Les travaux ont démarré en novembre.", "2024-11-01", "2024-11-30", "month"),
        ("Les travaux démarreront en novembre.", "2025-11-01", "2025-11-30", "month"),
        ("L'agglomération a voté l'aide en février.", "2025-02-01", "2025-02-28", "month"),
        ("Le prochain baromètre sera publié en février.", "2026-02-01", "2026-02-28", "month"),
        ("Les candidats ont jusqu'au 30 juin.", "2025-06-30", "2025-06-30", "day"),
        ("Trouver un repreneur d'ici au 31 mars.", None, "2025-03-31", "day"),
        ("Réponse d'ici à la fin de l'année.", None, "2025-12-31", "quarter"),
        ("Du 12 au 15 mai 2026 se tiendra le salon.", "2026-05-12", "2026-05-15", "day"),
        ("Le chiffre d'affaires de l'an dernier.", "2024-01-01", "2024-12-31", "year"),
        ("Elle doublera l'an prochain.", "2026-01-01", "2026-12-31", "year"),
        ("Entre 2025 et 2027, il investira.", "2025-01-01", "2027-12-31", "year"),
        ("Au premier semestre de l'année prochaine.", "2026-01-01", "2026-06-30", "half"),
        ("Publié le 12/05/2025.", "2025-05-12", "2025-05-12", "day"),
        ("STRASBOURG, 24 avr. 2025 (AEP) –", "2025-04-24", "2025-04-24", "day"),
        ("DEBUT 2026", "2026-01-01", "2026-03-31", "quarter"),
        ("Ouverture en aout 2026", "2026-08-01", "2026-08-31", "month"),
    ],
)  # fmt: skip
def test_conventions(text: str, from_: str | None, to: str | None, precision: str) -> None:
    assert only(text) == (from_, to, precision)


@pytest.mark.parametrize(
    "text",
    [
        "Elle a été créée.",
        "Le groupe Mars veut ouvrir.",
        "Le lundi, c'est fermé.",
        "Il compte 2 000 salariés.",
        "Du lundi au vendredi.",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert find_dates(text, PUBLISHED) == []


@pytest.mark.parametrize("text", ["Il a signé mardi.", "d'ici trois ans", "à la rentrée", "l'an dernier", "en mars"])
def test_without_a_day_of_publication_relative_dates_stay_open(text: str) -> None:
    assert only(text, None)[:2] == (None, None)


@pytest.mark.parametrize("text", ["en 2027", "le 30 juin 2026", "au premier trimestre 2026"])
def test_without_a_day_of_publication_whole_dates_are_read(text: str) -> None:
    assert None not in only(text, None)


NAMES = [name for name in MONTHS if "." not in name]


@given(
    st.dates(min_value=date(1950, 1, 1), max_value=date(2090, 12, 31)),
    st.sampled_from(["le {}", "d'ici au {}", "jusqu'au {}"]),
)
def test_a_whole_date_is_read_back(day: date, frame: str) -> None:
    name = next(n for n in NAMES if MONTHS[n] == day.month)
    number = "1er" if day.day == 1 else str(day.day)
    found = only("Rendez-vous " + frame.format(f"{number} {name} {day.year}"))
    assert found[1] == day.isoformat()


@given(
    st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 12, 31)),
    st.sampled_from(["lundi", "mardi", "mercredi", "jeudi", "vendredi"]),
)
def test_a_weekday_is_one_of_the_last_seven_days(published: date, name: str) -> None:
    (found,) = find_dates(f"Il l'a annoncé {name}.", published)
    assert found.from_ is not None
    assert timedelta(0) <= published - found.from_ < timedelta(7)
    assert found.from_.weekday() == ["lundi", "mardi", "mercredi", "jeudi", "vendredi"].index(name)


WORDS = "en fin début mi- d'ici à avant pas le 30 31 février juin 2026 2099 lundi prochain dernier été l'an trois ans dans T4 semestre premier rentrée il y a 300"


@given(st.lists(st.sampled_from(WORDS.split()), max_size=25), st.one_of(st.none(), st.dates()))
def test_any_mix_of_date_words_is_read_without_a_crash(words: list[str], published: date | None) -> None:
    text = " ".join(words)
    for found in find_dates(text, published):
        assert 0 <= found.start < found.end <= len(text)
        assert found.from_ is None or found.to is None or found.from_ <= found.to


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    for found in find_dates(text, PUBLISHED):
        assert text[found.start : found.end]
