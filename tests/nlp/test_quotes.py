"""Quotations and their speakers, on marked sentences of our own.

Names stand in the text as {Person} or [Organisation]; the document is built from those marks, so that only the
quotation rules are tried, not the finding of names.
"""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from crawlers.items import Article, Block
from nlp.components.quotes import component, quoted_spans
from nlp.document import BlockSpan, Document, Mention, OrganisationEntity, PersonEntity
from nlp.facts import Role

BLANK = spacy.blank("fr")
MARK = re.compile(r"\{([^}]+)\}|\[([^\]]+)\]")
ROLES: dict[str, tuple[bool, str, str | None]] = {
    "Anne Roux": (True, "présidente", "Sablor"),
    "Paul Petit": (False, "directeur général", "Sablor"),
    "Karim Haddad": (False, "délégué syndical", "CGT"),
    "Sophie Le Goff": (True, "maire", None),
    "Jean Dupont": (False, "PDG", "Maréchal Frères"),
}


def document(*blocks: str, title: str = "") -> Document:
    """A document whose people and organisations are those marked in the text."""
    people: dict[str, PersonEntity] = {}
    organisations: dict[str, OrganisationEntity] = {}
    texts: list[str] = []
    for index, marked in enumerate(([title] if title else []) + list(blocks)):
        number = index - 2 if title and index == 0 else index - (1 if title else 0)
        text, position = "", 0
        for found in MARK.finditer(marked):
            text += marked[position : found.start()]
            mention = Mention(number, len(text), len(text) + len(found[1] or found[2]))
            if found[1]:
                last = found[1].split()[-1]
                name = next((n for n in ROLES if n.endswith(last)), found[1])
                female, role, owner = ROLES.get(name, (None, "", None))
                roles = [Role(title=role, organisation=owner)] if role else []
                people.setdefault(name, PersonEntity(name, roles=roles, female=female)).mentions.append(mention)
            else:
                organisations.setdefault(found[2], OrganisationEntity(found[2])).mentions.append(mention)
            text += found[1] or found[2]
            position = found.end()
        texts.append(text + marked[position:])
    article = Article(
        title=texts[0] if title else "",
        body=tuple(Block(kind="paragraph", text=t) for t in texts[1 if title else 0 :]),
    )
    rows = [row for row in article.texts() if row[2]]
    docs = [BLANK(row[2]) for row in rows]
    joined = Doc.from_docs(docs)
    spans, token = [], 0
    for (number, kind, text), doc in zip(rows, docs, strict=True):
        spans.append(BlockSpan(number, kind, text, token, token + len(doc), joined[token].idx))
        token += len(doc)
    found_document = Document(article, joined, spans, cast(Any, None))
    found_document.people = list(people.values())
    found_document.organisations = list(organisations.values())
    return found_document


def speakers(*blocks: str, title: str = "") -> list[str | None]:
    doc = document(*blocks, title=title)
    component(doc)
    return [quote.speaker for quote in doc.quotes]


ONE = "« Nous allons embaucher dès le printemps »"


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        (f"{ONE}, a déclaré le PDG, {{Jean Dupont}}.", "Jean Dupont"),
        (f"{ONE}, explique {{Anne Roux}}, présidente de [Sablor].", "Anne Roux"),
        (f"{ONE}, s’amuse la présidente de [Sablor], {{Anne Roux}}.", "Anne Roux"),
        (f"{ONE}, a-t-elle ajouté. Auparavant, {{Anne Roux}} avait visité l’usine.", "Anne Roux"),
        (f"{{Anne Roux}} dirige [Sablor]. {ONE}, nous confie-t-elle.", "Anne Roux"),
        (f"Pour {{Anne Roux}}, directrice de [Sablor], {ONE}.", "Anne Roux"),
        (f"Comme le résume {{Paul Petit}} : {ONE}.", "Paul Petit"),
        (f"Et {{Paul Petit}} d’ajouter : {ONE}.", "Paul Petit"),
        (f"{{Paul Petit}} l’assure : {ONE}.", "Paul Petit"),
        (f"{ONE}, s’interroge un chauffeur. {{Anne Roux}} l’a reçu.", None),
        (f"Le président de [Sablor], {{Paul Petit}}, ne décolère pas. {ONE}", "Paul Petit"),
        (f"Du côté de [Sablor], on assure que {ONE}.", "Sablor"),
        (f"À la [CGT], on prévient : {ONE}.", "CGT"),
        (f"Un constat partagé par {{Anne Roux}}, présidente du [Medef 44] : {ONE}.", "Anne Roux"),
        (f"Même son de cloche chez {{Paul Petit}} : {ONE}.", "Paul Petit"),
        (f"[Sablor] recrute. Contactée, la direction répond : {ONE}.", "Sablor"),
        (f"Dans un communiqué, [Sablor] explique : {ONE}.", "Sablor"),
        (f"{ONE}, explique-t-on chez [Sablor].", "Sablor"),
        (f"{ONE}, explique à l’AFP {{Jean Dupont}}.", "Jean Dupont"),
        (f"{{Jean Dupont}} a tout vendu. {ONE}, explique celui qui a repris l’entreprise en 2019.", "Jean Dupont"),
        (f"{{Jean Dupont}} a tout vendu. {ONE}, sourit ce Breton de 43 ans.", "Jean Dupont"),
        (f"{{Anne Roux}} a tout vendu. {ONE}, sourit l’ancienne rugbywoman.", "Anne Roux"),
        (f"{{Anne Roux}} croit en l’avenir. {ONE}, abonde son associé, {{Paul Petit}}.", "Paul Petit"),
        (f"{{Anne Roux}} croit en l’avenir. {ONE}, se souvient-elle.", "Anne Roux"),
        (f"Selon {{Sophie Le Goff}}, maire de la commune, {ONE}.", "Sophie Le Goff"),
        (f"{ONE}, selon les mots de {{Paul Petit}}.", "Paul Petit"),
        (f"{{Paul Petit}}, lui, parle d’{ONE}.", "Paul Petit"),
        (f"{ONE}, regrettent les élus [CGT].", "CGT"),
        (f"{ONE}, lance à la cantonade le patron de [Maréchal Frères]. {{Jean Dupont}} sourit.", "Jean Dupont"),
        (f"{ONE}, tranche la direction de [Sablor].", "Sablor"),
        (f"{ONE} ({{Karim Haddad}}, [CGT]).", "Karim Haddad"),
        (f"{ONE}, a relevé le procureur. [Sablor] fera appel.", None),
        (f"La présidente, {{Anne Roux}}, recrute. {ONE}, martèle la dirigeante.", "Anne Roux"),
        (f"{{Anne Roux}}, qui dirige [Sablor], et {{Paul Petit}}, son bras droit, partent. {ONE}, dit la première.", "Anne Roux"),
        (f"[Sablor] grandit. {ONE}, indique un porte-parole du groupe.", "Sablor"),
        ("« Nous allons embaucher, promet {Anne Roux}, mais pas avant le printemps. »", "Anne Roux"),
        ("{Anne Roux} est sereine. « Nous allons embaucher, poursuit-elle. Pas avant le printemps. »", "Anne Roux"),
        (f"{ONE}. C’est ce qu’a indiqué {{Anne Roux}} lundi.", "Anne Roux"),
        (f"{ONE}, assure, en marge du salon, {{Paul Petit}}, directeur général de [Sablor].", "Paul Petit"),
        (f"{ONE}, a fait savoir [Sablor] mardi.", "Sablor"),
        (f"{ONE}, peut-on lire dans le communiqué de [Sablor].", "Sablor"),
        ("[Sablor] se félicite « d’une reprise plus rapide que prévu ».", "Sablor"),
        ("{Anne Roux} se dit « très confiante pour la suite ».", "Anne Roux"),
        ("« C’est une bonne nouvelle pour tous », réagit de son côté {Sophie Le Goff}, la maire.", "Sophie Le Goff"),
        ("« C’est une bonne nouvelle pour tous », réagit M. {Haddad}.", "Karim Haddad"),
    ],
)  # fmt: skip
def test_the_speaker_is_found(text: str, speaker: str | None) -> None:
    assert speakers(text) == [speaker]


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        (["« Il faut y croire encore », dit {Anne Roux}. « Et nous y croyons tous. »"], ["Anne Roux", "Anne Roux"]),
        (["« Il faut y croire encore », dit {Anne Roux}. Qui ajoute : « Et nous y croyons tous. »"], ["Anne Roux"] * 2),
        (["« Il faut y croire encore", "et ne rien lâcher », dit {Anne Roux}."], ["Anne Roux", "Anne Roux"]),
        (["« Il faut y croire encore », dit {Anne Roux}.", "« Et nous y croyons tous ici. »"], ["Anne Roux"] * 2),
        (["« Il faut y croire encore », dit {Anne Roux}. {Paul Petit} est du même avis. « Nous y croyons tous ici. »"],
         ["Anne Roux", "Paul Petit"]),
        (["« Il faut y croire encore. » {Anne Roux} reste optimiste. « Nous y croyons tous ici », insiste-t-elle."],
         ["Anne Roux", "Anne Roux"]),
        (['"Il faut y croire encore", dit {Anne Roux}. "Et nous y croyons tous", renchérit {Paul Petit}.'],
         ["Anne Roux", "Paul Petit"]),
        (["“Il faut y croire encore”, dit {Anne Roux}."], ["Anne Roux"]),
    ],
)  # fmt: skip
def test_speakers_carry_over(blocks: list[str], expected: list[str]) -> None:
    assert speakers(*blocks) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Le site est labellisé « Entreprise du patrimoine vivant ».",
        "L’usine, baptisée « Les Hauts de la Seine », ouvrira en mai.",
        "Elle a répondu à l’appel à projets « Industrie zéro fossile en région ».",
        "C’est la « Vallée de la chimie verte » dont rêve la région.",
        "Une usine « clés en main » a été livrée.",
        "Le programme « Territoires d’industrie en Bretagne » finance le projet.",
        "Il parle de « méga-projets ».",
    ],
)
def test_names_titles_and_style_are_no_quotes(text: str) -> None:
    assert speakers(text) == []


def test_a_quote_keeps_its_words_and_place() -> None:
    doc = document('Avant. « Ce n’est pas un "petit" projet », dit {Anne Roux}.')
    component(doc)
    (quote,) = doc.quotes
    assert quote.text == 'Ce n’est pas un "petit" projet'
    assert doc.blocks[0].text[quote.evidence.start : quote.evidence.end] == quote.evidence.text == quote.text


def test_an_open_quote_ends_with_its_block() -> None:
    assert quoted_spans("« Nous verrons bien demain") == ([(0, 2, 26, 26)], True)
    assert quoted_spans("si tout va bien », dit-il.", carried=True)[0] == [(0, 0, 15, 17)]


def test_a_title_takes_the_speaker_of_the_same_words() -> None:
    title = "« Nous allons doubler nos effectifs »"
    text = "« Nous allons doubler nos effectifs en deux ans », annonce {Anne Roux}."
    assert speakers(text, title=title) == ["Anne Roux", "Anne Roux"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text(alphabet=st.sampled_from("ab A.,:«»“”\"’'\n-é(\u00a0dit il"), max_size=80), min_size=1, max_size=3)
)
def test_any_marks_keep_the_law_of_evidence(blocks: list[str]) -> None:
    blocks = [b.replace("[", "").replace("{", "") for b in blocks if b.strip()]
    if not blocks:
        return
    doc = document(*blocks)
    component(doc)
    texts = {b.index: b.text for b in doc.blocks}
    for quote in doc.quotes:
        evidence = quote.evidence
        assert texts[evidence.block][evidence.start : evidence.end] == evidence.text == quote.text


@pytest.mark.parametrize(
    ("blocks", "speaker"),
    [
        (["La [CGT], qui se plaint d’avoir été « mise devant le fait accompli », demande une réunion."], "CGT"),
        (["« Personne ne nous a rien dit ici », s’est indignée sa présidente, {Anne Roux}."], "Anne Roux"),
        (["« Personne ne nous a rien dit ici », respire {Paul Petit}."], "Paul Petit"),
        (["« Personne ne nous a rien dit ici », balaie {Paul Petit}."], "Paul Petit"),
        (["{Anne Roux} et {Paul Petit} ont créé [Sablor].", "« Le plus dur commence maintenant », juge la première."], "Anne Roux"),
        (["[CCI de l’Yonne] : dix offres.", "« Nous recevons des appels chaque jour », assure une élue consulaire."], "CCI de l’Yonne"),
        (["Un repreneur lorgne [Sablor].", "Du côté de la direction, on assure qu’« aucun départ n’est prévu »."], "Sablor"),
        (["{Anne Roux} dirige [Sablor]. Une réunion décrite comme « franche, pour ne pas dire fraîche » par un participant."], None),
        (["[Sablor] tient bon : « dix-huit mois de travail assuré » pour les équipes, selon la direction."], "Sablor"),
        (["« Personne n’a été oublié ici », tente de rassurer {Paul Petit}."], "Paul Petit"),
        (["{Anne Roux} se tait.", "Loin.", "Loin.", "Le belge [Varo] repousse son usine. Le budget tient, assure-t-il, « à condition que les prix baissent »."], "Varo"),
        (["« On a pris celui qui payait », s’amuse la présidente de l’usine, ex-contrôleuse de gestion de [Varo]. {Anne Roux} dirige [Sablor]."], "Anne Roux"),
        (["{Anne Roux} s’est tue, tandis que l’opposition réclamait « un vrai bilan des emplois »."], None),
        (["{Anne Roux} dirige [Sablor]. Selon l’observatoire [Varo], le marché baisse. « Tout le monde souffre ici », observe sa directrice."], "Varo"),
        (["« On ne nous a jamais rien promis ici » : entretien avec {Anne Roux}, présidente de [Sablor]"], "Anne Roux"),
        (["{Anne Roux} ne lâche rien.", "Le temps passe.", "Elle pense à la relève. « Mes enfants feront ce qu’ils veulent. »"], "Anne Roux"),
    ],
)  # fmt: skip
def test_wider_ways_of_speaking(blocks: list[str], speaker: str | None) -> None:
    doc = document(*blocks)
    component(doc)
    assert [q.speaker for q in doc.quotes] == [speaker]
