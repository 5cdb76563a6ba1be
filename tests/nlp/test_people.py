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


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("« C’est fini », résume Antoine M’Bodj, délégué général de la CCI de l’Yonne.", "Antoine M’Bodj"),
        ("Le président sortant, Gilles de La Brosse-Perrin, a parlé.", "Gilles de La Brosse-Perrin"),
        ("Contact presse : Ysé Baumgart-Roth, agence Calliope – 03 00 00 00 00", "Ysé Baumgart-Roth"),
        ("Elle cède la présidence à la Norvégienne Ingrid Hansen, 41 ans.", "Ingrid Hansen"),
        ("Il a créé l’atelier avec la chimiste Yun-Seo Kim, en 2020.", "Yun-Seo Kim"),
    ],
)
def test_people_are_found(read: Read, text: str, name: str) -> None:
    assert name in {p.name for p in read(text).people}


@pytest.mark.parametrize(
    ("text", "organisation"),
    [
        ("« C’est long », glisse Denis Aubrun, petit-fils du fondateur et gérant de la société Ostravine.", "Ostravine"),
        ("Chez Ostravine, à Sens, le gérant Denis Aubrun respire. Le groupe Varembois, lui, a 900 salariés.", "Ostravine"),
        ("Le groupe Varembois achète. Plus gênant pour la CCI de l’Yonne, la vente traîne. « On attend », soupire son président, Denis Aubrun.", "CCI de l’Yonne"),
        ("Le promoteur Varembois livre. La société Ostravine emménage. « Enfin », dit Denis Aubrun, associé du promoteur.", "Varembois"),
        ("Denis Aubrun a été débauché chez un concurrent pour diriger la filiale Ostravine France.", "Ostravine France"),
        ("Contact presse : Denis Aubrun – agence Varembois – 03 00 00 00 00", "Varembois"),
        ("La société Ostravine a été créée en 2020. Léa Roy a fondé l’entreprise en 2020 avec le chimiste Denis Aubrun.", "Ostravine"),
        ("Denis Aubrun prend la parole. Ancien d’Airbus, il connaît le métier.", "Airbus"),
        ("Denis Aubrun s’est éteint lundi. PDG de 1971 à 2003 de la société Ostravine, il aimait la région.", "Ostravine"),
        ("Denis Aubrun rejoint comme associé le bureau parisien de la société Ostravine.", "Ostravine"),
        ("Denis Aubrun est nommé à Sens. Il dirigeait jusqu’ici l’antenne régionale de Business France.", "Business France"),
        ("Passage de relais chez Ostravine : Léa Roy cède la présidence à Denis Aubrun.", "Ostravine"),
        ("Léa Roy préside désormais la CCI de l’Yonne. Elle succède à Denis Aubrun.", "CCI de l’Yonne"),
        ("Assemblée de la CCI de l’Yonne. La présidente, Léa Roy, passera le témoin à Denis Aubrun.", "CCI de l’Yonne"),
        ("La société Ostravine grandit. « On tient », plaisante Denis Aubrun, qui dirige cette PME de 60 personnes.", "Ostravine"),
        ("La société Ostravine grandit. « On tient », assure Denis Aubrun, aux commandes depuis dix ans.", "Ostravine"),
        ("« Un tournant », a déclaré Denis Aubrun, Ph.D., directeur général de la société Ostravine.", "Ostravine"),
        ("La communauté de communes du Pernois vend. « Non », réplique Denis Aubrun, conseiller délégué à l’urbanisme.", "communauté de communes du Pernois"),
        ("Le Pôle céramique du Pernois recrute. « Oui », admet Denis Aubrun, qui préside le Pôle.", "Pôle céramique du Pernois"),
        ("Représentant des créanciers, Me Denis Aubrun a compté les dettes de la société Ostravine.", None),
        ("« On tiendra », dit Denis Aubrun, administrateur délégué. La société Ostravine investit.", None),
    ],
)  # fmt: skip
def test_role_by_its_context(read: Read, text: str, organisation: str | None) -> None:
    assert organisation in {org for _, org in roles(read(text), WHO)}


def test_a_role_takes_up_the_person_named_last(read: Read) -> None:
    facts = read("Léa Roy préside désormais le cluster Varembois. La cofondatrice d’Ostravine remplace Denis Aubrun.")
    assert roles(facts, "Léa Roy") == {("présidente", "Varembois"), ("cofondatrice", "Ostravine")}
    assert {org for _, org in roles(facts, WHO)} == {"Varembois"}


def test_a_vice_president_is_one_of_the_council(read: Read) -> None:
    facts = read(
        "La communauté de communes du Pernois a voté le parc, contre l’avis de la société Ostravine.",
        "« Le site de la société Ostravine coûterait trop », a rétorqué le vice-président Denis Aubrun.",
    )
    assert {org for _, org in roles(facts, WHO)} == {"communauté de communes du Pernois"}


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
