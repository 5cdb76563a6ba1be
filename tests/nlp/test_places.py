"""Places and their codes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nlp.facts import Facts
from nlp.gazetteer import demonyms, fold, gazetteer, inflect

Read = Callable[..., Facts]


def codes(facts: Facts) -> set[tuple[str, str | None]]:
    return {(p.kind, p.code) for p in facts.places if p.kind != "area"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L'usine ouvrira à Argentan (Orne).", {("commune", "61006"), ("department", "61")}),
        ("L'usine ouvrira à Saint-Denis (974).", {("commune", "97411"), ("department", "974")}),
        ("Le dépôt est à L'Aigle/61, dit-on.", {("commune", "61214"), ("department", "61")}),
        ("Elle exporte en Espagne et aux États-Unis.", {("country", "ES"), ("country", "US")}),
        ("Elle quitte Paris pour la Bretagne.", {("commune", "75056"), ("region", "53")}),
        ("Elle ouvre au Havre et aux Herbiers.", {("commune", "76351"), ("commune", "85109")}),
        ("Le bassin de Lacq et le port de Sète souffrent.", set()),
        ("Le train va vers le nord de la ville.", set()),
        ("Autrans-Méaudre en Vercors attend.", {("commune", "38225")}),
        ("L'usine de Cherbourg fermera.", {("commune", "50129")}),
        ("Elle ouvre un dépôt dans le val de Saône.", set()),
        (
            "À Vitry, rien. La commune de Vitry-le-François (Marne) attend.",
            {("commune", "51649"), ("department", "51")},
        ),
    ],
)
def test_codes(read: Read, text: str, expected: set[tuple[str, str]]) -> None:
    assert codes(read(text)) == expected


def test_homonym_by_region_of_the_source(read: Read) -> None:
    text = "Une usine s'installe à Saint-Sauveur, annonce la mairie."
    assert codes(read(text, region="Bourgogne-Franche-Comté")) != codes(read(text, region="Occitanie"))


def test_homonym_that_nothing_tells_apart_has_no_code(read: Read) -> None:
    assert codes(read("Une usine s'installe à Saint-Sauveur, annonce la mairie.")) == {("commune", None)}


def test_first_word_of_a_town_named_in_full_elsewhere(read: Read) -> None:
    facts = read("L'usine de Charnay-lès-Mâcon ferme.", "Le site de Charnay sera vendu.")
    assert codes(facts) == {("commune", "71105")}


def test_merged_commune_has_the_present_code() -> None:
    assert [e.code for e in gazetteer().find("Beaupréau")] == ["49023"]


def test_accents_and_hyphens_do_not_matter() -> None:
    assert [e.code for e in gazetteer().find("chalons en champagne")] == ["51108"]
    assert fold("St-Étienne") == fold("saint etienne")


def test_demonyms_in_all_forms() -> None:
    assert inflect("lillois") == {"lillois", "lilloise", "lilloises"}
    assert demonyms()["nanceienne"].place == "Nancy"
    assert demonyms()["turque"].place == "Turquie"
