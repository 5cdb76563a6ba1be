"""Organisations: heads, appositions, brackets, short forms, seats; and what is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nlp.components.organisations import key_of
from nlp.facts import Facts, Organisation

Read = Callable[..., Facts]


def by_name(facts: Facts) -> dict[str, Organisation]:
    return {o.name: o for o in facts.organisations}


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("La décision revient au tribunal de commerce de Vesoul.", "tribunal de commerce de Vesoul", "public_body"),
        ("L’Agence de l’eau Loire-Bretagne verse 2 M€.", "Agence de l’eau Loire-Bretagne", "public_body"),
        ("Le dossier est suivi par la communauté de communes Cœur de Beauce.", "communauté de communes Cœur de Beauce", "public_body"),
        ("La CCI de l’Yonne a publié ses chiffres.", "CCI de l’Yonne", "public_body"),
        ("Le projet réunit aussi l’université de Bourgogne.", "université de Bourgogne", "research_education"),
        ("Des chercheurs du CNRS y travaillent.", "CNRS", "research_education"),
        ("La start-up dijonnaise Ostravine lève 3 M€.", "Ostravine", "company"),
        ("L’italien Pelligrotti ferme son usine.", "Pelligrotti", "company"),
        ("Le groupe Varembois (CA : 12 M€ ; 80 salariés) recrute.", "Varembois", "company"),
        ("L’association Rivières Claires a déposé un recours.", "Rivières Claires", "association"),
        ("La CGT appelle à la grève.", "CGT", "association"),
        ("Vernois & Fils investit 4 M€ à Sens.", "Vernois & Fils", "company"),
        ("Le recyclage est confié à la biotech lyonnaise enzyvora, dit-on.", "enzyvora", "company"),
        ("Sens – verdalux double de taille.", "verdalux", "company"),
        ("Du mouvement chez verdalux, qui recrute.", "verdalux", "company"),
        ("La Banque de France relève ses prévisions.", "Banque de France", "public_body"),
        ("AU TRIBUNAL DE COMMERCE DE SENS. Trois dossiers ont été examinés.", "TRIBUNAL DE COMMERCE DE SENS", "public_body"),
        ("Le conseil municipal de Joigny a voté contre.", "conseil municipal de Joigny", "public_body"),
        ("Val d’Ornain Communauté s’est engagée à payer.", "Val d’Ornain Communauté", "public_body"),
        ("Le parc appartient au syndicat, le SDE 89, depuis 2019.", "SDE 89", "public_body"),
        ("Le collectif Plein vent sur la Puisaye, qui compte cent membres, attaque.", "Plein vent sur la Puisaye", "association"),
        ("À Dijon Ecole de Design, les effectifs montent.", "Dijon Ecole de Design", "research_education"),
        ("Les chercheurs du Lirmex-CNRS y ont travaillé.", "Lirmex-CNRS", "research_education"),
        ("– VAUTRIN USINAGE, à Avallon (Yonne) : 300 k€ d’avance.", "VAUTRIN USINAGE", "company"),
        ("Papeterie Varembois relance sa machine.", "Papeterie Varembois", "company"),
        ("La société Hydrelio du Torrent tourne depuis mars.", "Hydrelio du Torrent", "company"),
        ("La clinique des Arcades déménage à Sens.", "clinique des Arcades", "research_education"),
        ("La commission départementale d’aménagement commercial a dit oui.", "commission départementale d’aménagement commercial", "public_body"),
        ("Le Syndicat mixte de l’aéroport d’Auxerre paiera.", "Syndicat mixte de l’aéroport d’Auxerre", "public_body"),
        ("D’après le cluster Cuir en Morvan, la filière recrute.", "Cuir en Morvan", "association"),
        ("La Foncière du Serein attendra 2028.", "Foncière du Serein", "company"),
        ("L’éditeur de logiciels verdalux (240 salariés) a signé pour 4 200 m².", "verdalux", "company"),
        ("L’atelier est logé dans une société commune baptisée Refibra.", "Refibra", "company"),
        ("L’enseigne Krüth perd cette année dix-neuf de ses magasins, dont celui de la ville de Sens.", "Krüth", "company"),
        ("Complètent le tour de table Alvéa Composants et Bpifrance.", "Alvéa Composants", "company"),
        ("Ancien d’Hermès, il avait créé sa marque en 2012.", "Hermès", "company"),
    ],
)  # fmt: skip
def test_found_with_its_kind(read: Read, text: str, name: str, kind: str) -> None:
    found = by_name(read(text))
    assert name in found
    assert found[name].kind == kind


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Le projet « Horizon Vert » coûtera 3 M€ à la commune de Sens.", "Horizon Vert"),
        ("L’entreprise a reçu le label Imprim’Vert et une aide de France 2030.", "France 2030"),
        ("L’unité, baptisée Solvéa, ouvrira en 2027.", "Solvéa"),
        ("Le salon Pollutec se tient à Lyon.", "Pollutec"),
        ("Elle mise sur l’IA et sur la RSE.", "IA"),
        ("Le navire relie Ouistreham et Portsmouth, entre Sens et Portsmouth donc.", "Portsmouth"),
        ("SENS, 4 fév. 2026 (AEP) - Rien de neuf, a dit à l’AEP le maire.", "AEP"),
        ("Déjeuner-débat à Sens, vendredi.", "Déjeuner-débat"),
        ("Quarante-trois recrutements sont prévus.", "Quarante-trois"),
        ("Le Directoire a tranché.", "Directoire"),
        ("Les trente salariés d’Avallon partiront en mars.", "Avallon"),
        ("Le propriétaire d’Ostravine, à Vérone (9 M€ de chiffre d’affaires), vend.", "Vérone"),
        ("Avallon renonce à la piscine, Sens inaugure la sienne.", "Avallon"),
        ("Le patron de la société d’Austin (Texas) dément.", "Austin"),
    ],
)
def test_things_are_no_organisations(read: Read, text: str, name: str) -> None:
    assert name not in by_name(read(text))


def test_credits_and_subscription_lines_name_nobody(read: Read) -> None:
    facts = read("S’abonner", "Lire aussi : Ostravine ferme son site de Sens", "Rien de neuf à Dijon.")
    assert not facts.organisations


def test_acronym_and_short_form_are_aliases(read: Read) -> None:
    facts = read(
        "La Société industrielle du Vexin (SIV) a fermé. Selon le groupe Montaigu Logistique, la SIV devait 2 M€.",
        "Montaigu reprend 20 salariés.",
    )
    found = by_name(facts)
    assert "SIV" in found["Société industrielle du Vexin"].aliases
    assert "Montaigu" in found["Montaigu Logistique"].aliases
    assert len(found) == 2


def test_parent_and_subsidiary_stay_two(read: Read) -> None:
    found = by_name(read("Ostravine Services, filiale du groupe allemand Ostravine (CA : 860 M€), a signé un bail."))
    assert set(found) == {"Ostravine Services", "Ostravine"}
    assert found["Ostravine"].based_in == "Allemagne"


@pytest.mark.parametrize(
    ("text", "seat"),
    [
        ("La société nantaise Ostravine recrute.", "Nantes"),
        ("Ostravine, basée à Pontarlier, recrute vingt personnes.", "Pontarlier"),
        ("Le groupe Ostravine (Haute-Saône) recrute.", "Haute-Saône"),
        ("Le suédois Ostravine recrute.", "Suède"),
        ("OSTRAVINE (siège à Vesoul/70, 40 salariés) recrute.", "Vesoul"),
        ("À Pontarlier (Doubs), la start-up Ostravine recrute.", "Pontarlier"),
        ("Le groupe Ostravine, un fabricant industriel du Havre, recrute.", "Le Havre"),
        ("La société Ostravine, constructeur de Pontarlier, recrute.", "Pontarlier"),
    ],
)
def test_seat(read: Read, text: str, seat: str) -> None:
    assert [o.based_in for o in read(text).organisations] == [seat]


def test_capitals_run_on(read: Read) -> None:
    facts = read(
        "BOIS : SCIERIES DU HAUT PERCHE (siège à Mortagne-au-Perche/61, 64 salariés) rachète MENUISERIE DURET."
    )
    assert {"SCIERIES DU HAUT PERCHE", "MENUISERIE DURET"} == set(by_name(facts))


def test_shouted_title_repeats_known_names(read: Read) -> None:
    facts = read("Le groupe Ostravine ferme son usine de Vesoul.", title="VESOUL : OSTRAVINE FERME SON USINE")
    assert [o.name for o in facts.organisations] == ["Ostravine"]
    assert [p.code for p in facts.places] == ["70550"]


def test_key_of_drops_article_and_legal_form() -> None:
    assert key_of("La Société Ostravine SAS") == key_of("societe ostravine")
    assert key_of("SAS") == "sas"


def test_demonym_takes_up_the_firm_of_the_title(read: Read) -> None:
    facts = read(
        "Créée en 2009, l’enseigne dijonnaise a fermé trois magasins.",
        title="La société Ostravine ferme trois magasins",
    )
    assert by_name(facts)["Ostravine"].based_in == "Dijon"


def test_carriers_are_main_and_backers_parties(read: Read) -> None:
    found = by_name(
        read(
            "La société Ostravine vient de lever 9 M€, dont 4 M€ apportés par le groupe Belmont Industries.",
            "Le parc solaire voisin est porté à 60 % par le nantais Ventorel et à 40 % par la société Lumaris.",
            title="Ostravine lève 9 M€",
        )
    )
    mentions = {name: found[name].mention for name in ("Ostravine", "Belmont Industries", "Ventorel", "Lumaris")}
    assert mentions == {"Ostravine": "main", "Belmont Industries": "party", "Ventorel": "main", "Lumaris": "main"}
