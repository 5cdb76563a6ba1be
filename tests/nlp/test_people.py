"""People and their roles."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nlp.facts import Facts

Read = Callable[..., Facts]
WHO = "Denis Aubrun"


def roles(facts: Facts, name: str) -> set[tuple[str, str | None]]:
    return {(r.title, r.organisation) for p in facts.people if p.name == name for r in p.roles}


@pytest.mark.parametrize(
    ("text", "organisation"),
    [
        ("« Nous sommes prêts », assure Denis Aubrun, président du directoire d’Ostravine Industries.", "Ostravine Industries"),
        ("Le PDG du groupe Ostravine, Denis Aubrun, a présenté ses résultats.", "Ostravine"),
        ("Denis Aubrun, à la tête du groupe Ostravine, promet 50 emplois.", "Ostravine"),
        ("Président de la CCI de l’Yonne, Denis Aubrun plaide pour le canal.", "CCI de l’Yonne"),
        ("Denis Aubrun, qui préside la fédération du bâtiment, s’inquiète.", "fédération du bâtiment"),
        ("« C’est un choc », lâche Denis Aubrun, de la CGT.", "CGT"),
        ("« C’est un choc », lâche Denis Aubrun (CFDT).", "CFDT"),
        ("Denis Aubrun, professeur à l’université de Bourgogne, a mené l’étude.", "université de Bourgogne"),
        ("La start-up Ostravine, créée par Denis Aubrun, lève 3 millions.", "Ostravine"),
        ("Denis Aubrun, patron de la PME familiale Ostravine, investit.", "Ostravine"),
        ("Denis Aubrun, vice-président de la communauté de communes du Pernois, est satisfait.", "communauté de communes du Pernois"),
        ("Denis Aubrun, 52 ans, a été nommé directeur général du groupe Ostravine.", "Ostravine"),
        ("La société Ostravine ferme. Son patron, Denis Aubrun, invoque la crise.", "Ostravine"),
        ("Le maire de Sens, Denis Aubrun, a salué l’annonce du groupe Ostravine.", None),
        ("Le liquidateur du groupe Ostravine, Me Denis Aubrun, a vendu les stocks.", None),
        ("Le ministre délégué à l’Industrie, Denis Aubrun, a visité le groupe Ostravine.", None),
    ],
)  # fmt: skip
def test_role(read: Read, text: str, organisation: str | None) -> None:
    assert organisation in {org for _, org in roles(read(text), WHO)}


def test_two_roles_in_one_apposition(read: Read) -> None:
    facts = read("Denis Aubrun, président de la CCI de l’Yonne et dirigeant de la PME Ostravine, plaide pour le canal.")
    assert roles(facts, WHO) == {("président", "CCI de l’Yonne"), ("dirigeant", "Ostravine")}


def test_later_forms_are_the_same_person(read: Read) -> None:
    facts = read("Denis Aubrun dirige la société Ostravine.", "« Tout va bien », assure M. Aubrun.")
    assert [(p.name, p.aliases) for p in facts.people] == [(WHO, ("Aubrun",))]


def test_a_known_surname_keeps_no_title(read: Read) -> None:
    facts = read("L’administratrice judiciaire, Me Castellan, rendra son rapport.")
    assert [(p.name, [(r.title, r.organisation) for r in p.roles]) for p in facts.people] == [
        ("Castellan", [("administratrice judiciaire", None)])
    ]


def test_brothers_share_a_surname(read: Read) -> None:
    facts = read("Le groupe Ostravine, fondé en 1998 par les frères Marc et Denis Aubrun, recrute.")
    assert {p.name for p in facts.people} == {"Marc Aubrun", WHO}
    assert all(roles(facts, p.name) == {("fondateur", "Ostravine")} for p in facts.people)


def test_sex_from_title_and_given_name(reader, read: Read) -> None:
    facts = read("Mme Claire Vasnier et M. Denis Aubrun ont signé.")
    assert {p.name for p in facts.people} == {"Claire Vasnier", WHO}


@pytest.mark.parametrize(
    ("text", "organisation"),
    [
        ("Denis Aubrun, aux commandes du groupe Ostravine, investit.", "Ostravine"),
        ("Aux manettes de la société Ostravine, Denis Aubrun investit.", "Ostravine"),
        ("Denis Aubrun a fondé la société Ostravine en 2004.", "Ostravine"),
        ("La société Ostravine, que Denis Aubrun a créée en 2010, ferme.", "Ostravine"),
        ("Denis Aubrun succède à Claire Morvan à la présidence de la fédération du bâtiment.", "fédération du bâtiment"),
        ("Claire Morvan succède à Denis Aubrun à la tête du groupe Ostravine.", "Ostravine"),
        ("Claire Morvan cède les rênes du groupe Ostravine à son associé Denis Aubrun.", "Ostravine"),
        ("La direction du groupe Ostravine est confiée à Denis Aubrun.", "Ostravine"),
        ("Le poste de directeur financier du groupe Ostravine échoit à Denis Aubrun.", "Ostravine"),
        ("Le groupe Ostravine change de tête. Denis Aubrun en devient directeur général.", "Ostravine"),
        ("La start-up Ostravine lève 3 millions. Denis Aubrun (CEO) recrute.", "Ostravine"),
        ("La société Ostravine Industries, issue du groupe Belmont et dirigée par Denis Aubrun, recrute.", "Ostravine Industries"),
        ("Denis Aubrun rejoint le groupe Ostravine comme secrétaire général.", "Ostravine"),
        ("Les salariés du groupe Ostravine, défendus par Me Denis Aubrun, protestent.", None),
    ],
)  # fmt: skip
def test_role_told_in_a_sentence(read: Read, text: str, organisation: str | None) -> None:
    assert organisation in {org for _, org in roles(read(text), WHO)}
