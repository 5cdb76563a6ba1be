"""Who is meant by a name: one organisation under many names, two under one, people, places."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from warehouse.forget import forget
from warehouse.resolve import keeps_no_profile, place_id, section_of
from warehouse.store import Warehouse
from warehouse.tie_names import blocking_words, compare, fold, name_form, same_title

Make = Callable[..., Warehouse]
Tell = Callable[..., Any]


def organisations(warehouse: Warehouse) -> list[set[str]]:
    """The articles in which each organisation is named, as sets of ``ident:name``."""
    rows = warehouse.connection.execute(
        "SELECT list(a.ident || ':' || m.name) FROM store.organisation_links l "
        "JOIN store.organisation_mentions m USING (mention_id) JOIN store.articles a ON a.article_id = m.article_id "
        "GROUP BY l.organisation_id"
    ).fetchall()
    return sorted((set(row[0]) for row in rows), key=sorted)


def site(org: str, place: str, **more: Any) -> dict[str, Any]:
    return {"kind": "expansion", "status": "announced", "orgs": [org], "places": [place], "sector": "10"} | more


@pytest.mark.parametrize(
    ("left", "right", "strength"),
    [
        ("Vannerel & Söhne", "Vannerel und Söhne", 1.0),
        ("Vannerel Oy", "Vannerel France", 1.0),
        ("Société Vannerel S.A.S.", "vannerel", 1.0),
        ("SCBR", "Société de chaudronnerie Bresse-Revermont", 0.8),
        ("Vannerel", "Vannerel Énergies", 0.8),
        ("Vannerel Composite", "Vannerelle Composite", 0.75),
        ("Vannerel Logistique", "Vannerel Immobilier", 0.4),
        ("Laiterie du Nord", "Laiterie du Sud", 0.0),
        ("CCI Bretagne", "CCI Occitanie", 0.0),
        ("Port de Calais", "Port de Brest", 0.0),
        ("Tessari 3D", "Tessari 2M", 0.4),
    ],
)
def test_names_are_compared(left: str, right: str, strength: float) -> None:
    assert compare(left, right) == compare(right, left) == strength


def test_folding_opens_what_french_joins() -> None:
    assert fold("L’Œuvre d'Été S.A.") == "l oeuvre d ete sa"
    assert fold("Kerguen’h") == fold("Kerguen'h") == "kerguenh"
    assert name_form("Groupe Vannerel International").identity == "vannerel international"
    assert blocking_words("Société de chaudronnerie Bresse-Revermont") >= {"scbr", "revermont"}


def test_titles_of_projects() -> None:
    assert same_title("Campus Ardoise", "le campus Ardoise")
    assert not same_title("Ardoise 1", "Ardoise 2")
    assert not same_title("parc d'activités", "parc d'activités Est")


def test_legal_forms_and_aliases_are_one(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", site("Société laitière Bresse-Revermont", "Dijon"),
              organisations={"Société laitière Bresse-Revermont": {"aliases": ["SLBR"]}})],
        [told("b", "2025-02-10", site("SLBR", "Dijon"))],
        [told("c", "2025-03-10", site("Société laitière Bresse Revermont SAS", "Dijon"))],
    )  # fmt: skip
    assert len(organisations(warehouse)) == 1
    name, aliases = warehouse.connection.execute("SELECT name, aliases FROM organisations").fetchone() or ()
    assert name.startswith("Société laitière") and "SLBR" in aliases


def test_names_that_carry_one_project_are_one(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", site("Orvane Énergies", "Dijon", inv=30e6))],
        [told("b", "2025-02-10", site("Orvane", "Dijon", inv=30e6))],
    )
    assert len(organisations(warehouse)) == 1


def test_parent_and_subsidiary_of_one_article_are_two(newsroom: Make, told: Tell) -> None:
    both = {"kind": "new_site", "status": "announced", "orgs": ["Orvane", "Orvane France"], "places": ["Dijon"]}
    warehouse = newsroom(
        "w", [told("a", "2025-01-10", both)], [told("b", "2025-02-10", both | {"orgs": ["Orvane France"]})]
    )
    assert organisations(warehouse) == [{"a:Orvane"}, {"a:Orvane France", "b:Orvane France"}]


def test_homes_that_contradict_are_two(newsroom: Make, told: Tell) -> None:
    def based(ident: str, place: str) -> Any:
        return told(ident, "2025-01-10", organisations={"Transports Marivel": {"based_in": place, "mention": "main"}})

    warehouse = newsroom("w", [based("a", "Brest"), based("b", "Metz"), based("c", "Quimper")])
    assert organisations(warehouse) == [{"a:Transports Marivel", "c:Transports Marivel"}, {"b:Transports Marivel"}]


def test_other_place_and_other_trade_are_two(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", site("Marivel", "Brest", sector="10")),
         told("b", "2025-01-11", site("Marivel", "Metz", sector="62")),
         told("c", "2025-01-12", site("Marivel", "Nantes", sector="11"))],
    )  # fmt: skip
    assert organisations(warehouse) == [{"a:Marivel", "c:Marivel"}, {"b:Marivel"}]


def test_public_bodies_without_a_name_go_by_their_region(newsroom: Make, told: Tell) -> None:
    region = {"Région": {"kind": "public_body", "mention": "party"}, "Bpifrance": {"kind": "public_body"}}
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", region="Bretagne", organisations=region),
         told("b", "2025-01-10", region="Grand Est", organisations=region),
         told("c", "2025-01-10", region="Bretagne", organisations=region)],
    )  # fmt: skip
    assert {"a:Région", "c:Région"} in organisations(warehouse)
    assert {"b:Région"} in organisations(warehouse)
    assert {"a:Bpifrance", "b:Bpifrance", "c:Bpifrance"} in organisations(warehouse)


def test_an_alias_of_many_joins_nobody(newsroom: Make, told: Tell) -> None:
    def named(ident: str, name: str) -> Any:
        return told(ident, "2025-01-10", organisations={name: {"aliases": ["Marivel"], "mention": "main"}})

    warehouse = newsroom("w", [named("a", "Marivel Bois"), named("b", "Marivel Pharma")])
    assert organisations(warehouse) == [{"a:Marivel Bois"}, {"b:Marivel Pharma"}]


def test_people_share_an_organisation_or_a_region(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", region="Bretagne", people={"Anne Roux": [("directrice", "Orvane")]}),
         told("b", "2025-02-10", region="Grand Est", people={"Anne Roux": [("PDG", "Orvane SA")]}),
         told("c", "2025-03-10", region="Occitanie", people={"Anne Roux": [("maire", None)]}),
         told("d", "2025-03-10", region="Bretagne", people={"Luc Petit": [("délégué syndical", "CGT")]})],
    )  # fmt: skip
    rows = warehouse.connection.execute(
        "SELECT name, list_transform(roles, r -> r.title) FROM store.people ORDER BY name, len(roles) DESC"
    ).fetchall()
    assert rows == [("Anne Roux", ["directrice", "PDG"]), ("Anne Roux", ["maire"]), ("Luc Petit", [])]


def test_a_forgotten_person_leaves_no_name_in_what_identifies(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom("w", [told("a", "2025-01-10", people={"Anaëlle Quéré": [("directrice", "Orvane")]})])
    forget(warehouse, "Anaëlle Quéré")
    warehouse.tie()
    for table in ("entity_index", "entity_names", "people", "person_links"):
        rows = warehouse.connection.execute(f"SELECT * FROM store.{table}").fetchall()
        assert not [row for row in rows if any("quere" in fold(str(value)) for value in row)], table
    assert warehouse.connection.execute("SELECT count(*) FROM store.people").fetchone() == (0,)


def test_identity_does_not_depend_on_order(newsroom: Make, told: Tell) -> None:
    lines = [
        told("a", "2025-01-10", site("Orvane Énergies", "Dijon", inv=30e6)),
        told("b", "2025-02-10", site("Orvane", "Dijon", inv=30e6)),
        told("c", "2025-03-10", site("Orvane", "Brest", sector="62")),
        told("d", "2025-04-10", organisations={"Orvane": {"based_in": "Metz", "mention": "main"}}),
        told("e", "2025-05-10", organisations={"Groupe Orvane": {"mention": "passing"}}),
        told("f", "2025-06-10", organisations={"Orvane Énergies": {"aliases": ["Orvane"], "mention": "main"}}),
    ]
    expected = organisations(newsroom("whole", lines))
    for seed in range(2):
        order = random.Random(seed).sample(lines, len(lines))
        assert organisations(newsroom(f"n{seed}", order[:2], order[2:4], order[4:])) == expected


def test_ids_of_organisations_stay(newsroom: Make, told: Tell, next_day: Any) -> None:
    warehouse = newsroom("w", [told("a", "2025-03-10", site("Orvane", "Dijon", inv=30e6))])
    first = warehouse.connection.execute("SELECT id FROM organisations").fetchall()
    next_day(warehouse, [told("b", "2025-01-10", site("Orvane Énergies", "Dijon", inv=30e6))])
    assert first[0] in warehouse.connection.execute("SELECT organisation_id FROM store.organisations").fetchall()
    rows = warehouse.connection.execute("SELECT organisation_id, merged_into FROM store.organisations").fetchall()
    standing = [ident for ident, merged in rows if merged is None]
    assert len(standing) == 1
    assert all(merged in (None, standing[0]) for _, merged in rows)


def test_small_rules() -> None:
    assert section_of("01") == "A" and section_of("33") == "C" and section_of("96") == "S"
    assert place_id("commune", "59350", "Lille") == "commune-59350"
    assert place_id("area", None, "le Dunkerquois") == place_id("area", None, "Le dunkerquois")
    assert keeps_no_profile("secrétaire", "CFDT") and keeps_no_profile("mandataire judiciaire", None)
    assert not keeps_no_profile("directrice générale déléguée", "Orvane")
