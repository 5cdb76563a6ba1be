"""The division of a project's activity, by the lexicon and by the model of activities."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crawlers.items import Article, Block
from nlp.components.activities import NOTHING, activities, chunks, phrase_of
from nlp.components.sector import Heard, Scores, together
from nlp.facts import Facts
from nlp.pipeline import Reader
from nlp.training.phrases import activities as named
from nlp.training.phrases import sector_rows
from nlp.training.samples import read_document


@pytest.mark.parametrize(
    ("phrase", "division"),
    [
        ("l'hôtelier de plein air", "55"),
        ("des machines à ensacher les céréales", "28"),
        ("la serrurerie-métallerie", "25"),
        ("le biscuitier", "10"),
        ("des résidences pour seniors dépendants", "87"),
        ("fermes de serveurs", "63"),
        ("ateliers de lingerie fine", "14"),
    ],
)
def test_the_model_knows_phrases_by_their_likeness(reader: Reader, phrase: str, division: str) -> None:
    likely = activities(reader.nlp.vocab).probabilities(phrase_of(phrase))
    assert max(likely, key=lambda d: likely[d]) == division


@pytest.mark.parametrize("phrase", ["une hausse de 12 %", "les administrateurs du groupe", "a annoncé sa décision"])
def test_the_model_hears_nothing_where_no_activity_is_named(reader: Reader, phrase: str) -> None:
    assert sum(activities(reader.nlp.vocab).probabilities(phrase_of(phrase)).values()) < 0.5


@pytest.mark.parametrize(
    ("text", "sector"),
    [
        # the target's activity, not the buyer's
        ("Le brasseur Kerdévot rachète la scierie Vaubelle, à Saint-Dié-des-Vosges.", "16"),
        # the use, for whoever builds for others
        ("La foncière Orvalis construira un entrepôt de 30 000 m² à Saran.", "52"),
        ("Le promoteur Orvalis construira un Ehpad de 84 lits à Limoges.", "87"),
        ("Le fonds Orvalis investit 80 M€ dans un data center à Saran.", "63"),
        ("Le promoteur Orvalis bâtira un hôtel de 90 chambres à Tours.", "55"),
        ("Voltarel va construire une usine de cellules de batteries à Dunkerque.", "27"),
        # land and walls, whoever sells them
        ("Le chocolatier Vaubelle rachète un terrain de trois hectares à Limoges.", "68"),
    ],
)
def test_the_rules_of_the_contract(read: Callable[..., Facts], text: str, sector: str) -> None:
    assert [p.sector for p in read(text).projects] == [sector]


def test_an_item_of_a_round_up_is_not_about_the_others(read: Callable[..., Facts]) -> None:
    facts = read(
        "– Tours : la scierie Vaubelle agrandit son site, pour 3 M€.",
        "– Bourges : Orvalis agrandit son site, pour 2 M€. L'entreprise fabrique des parfums.",
        title="La filière bois investit dans ses scieries",
    )
    assert [p.sector for p in facts.projects] == ["16", "20"]


def test_phrases_begin_at_verbs_and_end_at_names(reader: Reader) -> None:
    text = "Le groupe construit des pompes pour la marine, près de Nantes."
    article = Article(title="", body=(Block(kind="paragraph", text=text),), published="2025-03-11")
    _, projects = read_document(reader, article)
    found = chunks(projects.reader.sentences[0].words, text)
    assert [" ".join(canon for canon, _ in phrase) for phrase in found] == [
        "groupe",
        "construire pompe",
        "marine",
        "pres",
    ]


def test_several_witnesses_of_a_kind_say_more_but_not_twice_as_much() -> None:
    one = Heard({"10": 1.0}, {"11": 0.5})
    assert together([one] * 4) == Heard({"10": 2.0}, {"11": 1.0})
    scores = Scores()
    scores.add(one, (3.0, 2.0))
    assert scores == {"10": 3.0, "11": 1.0}
    assert scores.best() == "10"


def test_the_named_activities_are_one_phrase_each_of_one_division() -> None:
    rows = list(named())
    assert len({text for _, text in rows}) == len(rows)
    assert len({division for division, _ in rows} - {NOTHING}) >= 85


def test_what_is_heard_of_an_activity_is_not_learned_as_nothing() -> None:
    plain, sawmill = phrase_of("une belle surprise"), phrase_of("la scierie de demain")
    size = sum(1 for _ in named())
    rows = sector_rows([plain, sawmill, plain])
    assert [row[1] for row in rows[size:]] == [[NOTHING]]
