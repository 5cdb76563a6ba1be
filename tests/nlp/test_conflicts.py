"""Arithmetic: contradictions are found, rounding raises no alarm."""

from __future__ import annotations

import pytest

from crawlers.items import Article, Block
from nlp.facts import Conflict
from nlp.pipeline import Reader


def conflicts(reader: Reader, *paragraphs: str) -> tuple[Conflict, ...]:
    article = Article(title="", body=tuple(Block(kind="paragraph", text=p) for p in paragraphs))
    return reader.read("c", article).facts.conflicts


@pytest.mark.parametrize(
    ("text", "rule", "stated", "computed"),
    [
        ("Au total, 52 licenciements seront notifiés : 31 à Limoges et 23 à Guéret.", "sum of parts", 52, 54),
        ("Le groupe emploie 410 personnes, dont 320 à Rodez et 110 à Millau.", "sum of parts", 410, 430),
        ("Le budget atteint 9 M€ : 5 M€ pour le bâtiment et 3 M€ pour les machines.", "sum of parts", 9e6, 8e6),
        ("La facture passe de 30 à 45 millions d'euros, soit une hausse de 38 %.", "change in per cent", 38, 50),
        ("Douze projets ont été recensés en Bretagne. Soit 25 % des 60 projets français.", "share of a whole", 25, 20),
        ("Le plan supprime 38 postes sur 160, soit 34 % de l'effectif.", "share of a whole", 34, 23.75),
        ("Le terrain s'étend sur 12 hectares, soit 12 000 m².", "conversion", 12_000, 120_000),
        ("Le loyer est de 5 000 euros par mois, soit 80 000 euros par an.", "per period", 80_000, 60_000),
        ("L'effectif passera de 30 à 50 salariés, soit 25 salariés de plus.", "difference", 25, 20),
    ],
)
def test_contradictions_are_found(reader: Reader, text: str, rule: str, stated: float, computed: float) -> None:
    (found,) = conflicts(reader, text)
    assert (found.rule, found.stated) == (rule, stated)
    assert found.computed == pytest.approx(computed)
    assert len(found.evidence) >= 2
    for evidence in found.evidence:
        assert text[evidence.start : evidence.end] == evidence.text


@pytest.mark.parametrize(
    "text",
    [
        "Au total, 54 licenciements seront notifiés : 31 à Limoges et 23 à Guéret.",
        "Le groupe emploie 410 personnes, dont 120 à Rodez et 110 à Millau.",
        "La facture passe de 45 à 62 millions d'euros, soit une hausse de 38 %.",
        "La capacité passera de 21 000 à 30 000 tonnes par an, soit + 43 %.",
        "Son chiffre d'affaires est passé de 1,2 à 1,5 Md€, soit une hausse de 24 %.",
        "Neuf projets ont été recensés. Soit 26 % des 35 projets français.",
        "Près de 40 postes sur 160 sont supprimés, soit 34 % de l'effectif.",
        "Le terrain s'étend sur 12 hectares, soit 120 000 m².",
        "Le loyer est de 5 000 euros par mois, soit 60 000 euros par an.",
        "L'usine produit 40 tonnes par jour, soit 10 000 tonnes par an.",
        "Le tour réunit 12,5 M€ : 8 M€ en capital, 3 M€ de dette et 1,5 M€ d'aides.",
        "L'effectif passera de 30 à 50 salariés, soit 20 de plus.",
        "La région compte 60 projets, contre 54 en 2023 et 50 en 2022.",
    ],
)
def test_sums_that_hold_raise_no_alarm(reader: Reader, text: str) -> None:
    assert conflicts(reader, text) == ()
