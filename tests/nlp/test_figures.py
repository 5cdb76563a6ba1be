"""Figures: marked sentences of our own, the law of evidence, sources, subjects and years."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import score
from crawlers.items import Article, Block
from nlp.components import figures as figures_component
from nlp.components.dates import component as dates
from nlp.components.lexicon import weight_table
from nlp.document import Document
from nlp.facts import Figure
from nlp.pipeline import Reader

SENTENCES = [
    tuple(part.strip() for part in line.rsplit("|", 1))
    for line in (Path(__file__).parent / "figures_sentences.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]


def figures(reader: Reader, *paragraphs: str, title: str = "") -> tuple[Figure, ...]:
    body = tuple(Block(kind="paragraph", text=p) for p in paragraphs)
    return reader.read("f", Article(title=title, published="2025-03-13", body=body)).facts.figures  # type: ignore[arg-type]


def amount(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}" if abs(value) < 1e5 else str(int(value))


def shown(figure: Figure) -> str:
    low, high = figure.low, figure.high
    if high is None:
        value = ">" + amount(low)
    elif low is None:
        value = "<" + amount(high)
    elif low != high:
        value = f"{amount(low)}..{amount(high)}"
    else:
        value = ("~" if figure.qualifier == "about" else "") + amount(low)
    return f"{figure.measure} {value} {figure.unit}"


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES)
def test_marked_sentences(reader: Reader, sentence: str, expected: str) -> None:
    wanted = [] if expected == "-" else sorted(part.strip() for part in expected.split(";"))
    assert sorted(shown(f) for f in figures(reader, sentence)) == wanted


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Selon la Banque de France, les ventes ont reculé de 3 %.", "Banque de France"),
        ("Plus de 900 emplois seraient menacés, estime de son côté la CPME.", "CPME"),
        ("Le taux de chômage atteint 7,3 %, d'après l'Insee.", "Insee"),
        (
            "« Nous allons embaucher 40 personnes », promet Claire Vasseur, la présidente de Brevanne SAS.",
            "Claire Vasseur",
        ),
        ("Le groupe Brevanne va investir 3 M€.", None),
        ("L'Insee recense 4 200 commerces vacants dans la région.", "Insee"),
        ("Les prix ont augmenté de 4 %, un chiffre avancé par la CPME.", "CPME"),
        ("Le coût, estimé par la Banque de France à 3 M€, pèse sur le secteur.", "Banque de France"),
        ("L'industrie souffre, relève la CPME : 46 % des ateliers tournent au ralenti.", "CPME"),
        ("La société Brevanne a fermé 12 magasins. « Nous tenons bon », assure Claire Vasseur, sa présidente.", None),
        ("D'après son mandataire, Me Paul Ferrand, le passif atteint 3 M€.", "Paul Ferrand"),
        ("L'Insee dit avoir compté 900 ateliers.", "Insee"),
        ("La Région Bretagne soutient le projet à hauteur de 2 M€.", None),
        ("Il mettrait 4 M€ sur la table, selon nos informations.", None),
    ],
)
def test_who_says_so(reader: Reader, text: str, speaker: str | None) -> None:
    assert [f.said_by for f in figures(reader, text)] == [speaker]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Elle a réalisé 12 M€ de chiffre d'affaires en 2024.", [2024]),
        ("Son chiffre d'affaires a atteint 8 M€ l'an dernier, contre 7 M€ en 2023.", [2024, 2023]),
        ("La région a recensé 5 120 défaillances en 2024, un bond de 17 %.", [2024, 2024]),
        ("Elle créera 60 emplois d'ici à fin 2028.", [2028]),
        ("Elle emploie 60 personnes depuis 2019.", [None]),
        ("Les ventes ont baissé de 3 % par rapport à 2023.", [None]),
        ("La société a réalisé en 2024 un chiffre d'affaires de 12 M€ (+ 4 %).", [2024, 2024]),
        ("Elle vise 15 M€ de chiffre d'affaires cette année.", [2025]),
        ("Les ventes ont atteint 12 M€ en 2024, contre 9 M€ deux ans plus tôt.", [2024, 2022]),
        ("L'entreprise (210 salariés, 40 M€ de chiffre d'affaires en 2024) recrute.", [None, 2024]),
        ("Elle a racheté en 2023, pour 4 M€, la société Brevanne Outillage.", [2023]),
        ("Le nouvel atelier de 40 places, dont l'ouverture est prévue en 2027, est bâti.", [None]),
    ],
)
def test_for_which_year(reader: Reader, text: str, years: list[int | None]) -> None:
    assert [f.year for f in figures(reader, text)] == years


def test_the_one_interviewed_answers_for_all_figures(reader: Reader) -> None:
    found = figures(
        reader,
        "Claire Vasseur est la présidente de Brevanne Outillage, à Brest.",
        "Comment se porte l'entreprise ?",
        "Bien. Nous employons 140 salariés et notre chiffre d'affaires atteint 12 M€.",
        "Allez-vous investir ?",
        "Nous mettons 3 M€ dans nos machines.",
        "Et l'emploi ?",
        "Nous allons recruter 20 personnes.",
        title="Claire Vasseur : « Nous avons tenu »",
    )
    assert len(found) == 4
    assert {f.said_by for f in found} == {"Claire Vasseur"}
    assert {f.subject for f in found} == {"Brevanne Outillage"}


@pytest.mark.parametrize(
    ("paragraphs", "subjects"),
    [
        (["La société Brevanne Outillage compte 140 salariés. Elle a réalisé 12 M€ de chiffre d'affaires."], ["Brevanne Outillage"] * 2),
        (["Kermat SA a signé avec l'industriel allemand Holtz GmbH. Le groupe breton emploie 90 salariés."], ["Kermat SA"]),
        (["Holtz GmbH rachète 60 % du capital de Brevanne Outillage."], ["Brevanne Outillage"]),
        (["Brevanne Outillage et Kermat SA se marient.", "Ensemble, elles emploient 230 salariés."], [None]),
        (["« Nous employons 140 salariés », rappelle Claire Vasseur, présidente de Brevanne Outillage."], ["Brevanne Outillage"]),
        (["Brevanne Outillage investit. La CGT redoute 15 licenciements."], ["Brevanne Outillage"]),
    ],
)  # fmt: skip
def test_whom_a_figure_is_about(reader: Reader, paragraphs: list[str], subjects: list[str | None]) -> None:
    assert [f.subject for f in figures(reader, *paragraphs)] == subjects


def test_weights_of_subjects_are_learned_words_of_our_own() -> None:
    """The table holds names of features only: no name or place of an article can have got in."""
    names = {name.split(" ")[0].split("=")[0] for name in weight_table("subjects")}
    assert len(weight_table("subjects")) > 200
    assert all(name.isalpha() and name.islower() for name in names)


def test_a_bracket_belongs_to_the_company_in_front_of_it(reader: Reader) -> None:
    found = figures(
        reader, "Le transporteur Delorval SA a cédé sa filiale à la société Hurtevent SAS (CA : 30 M€ ; 210 salariés)."
    )
    assert {f.measure: f.subject for f in found} == {"revenue": "Hurtevent SAS", "workforce": "Hurtevent SAS"}


def test_a_value_told_again_is_one_figure(reader: Reader) -> None:
    found = figures(reader, "Brevanne SAS consacre 12 M€ à son usine.", "Les 12 M€ serviront à acheter des machines.",
                    title="Brevanne SAS investit 12 M€ à Vire")  # fmt: skip
    assert [(f.measure, f.low) for f in found] == [("investment", 12e6)]


TEXTS = st.lists(
    st.sampled_from(
        [
            "12",
            "M€",
            "45",
            "salariés",
            "%",
            "de",
            "hausse",
            "Selon",
            "la",
            "CCI,",
            "dont",
            "31",
            "à",
            "Tarbes",
            "et",
            "17",
            "contre",
            "soit",
            "(",
            ")",
            "«",
            "»",
            '"',
            ".",
            ":",
            ";",
            "2024",
            "en",
            "3.000",
            "m²",
            "une",
            "centaine",
            "d'emplois",
            "des",
            "35",
            "projets",
            "investit",
            "recul",
            "passe",
            "100",
            "à",
            "200",
            "personnes,",
            "assure-t-il",
            "\xa0",
            "\u202f",
            "\x00",
            "😀",
        ]
    ),
    max_size=40,
)


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_evidence_is_lawful_on_any_mix(reader: Reader, words: list[str]) -> None:
    text = " ".join(words)
    for figure in figures(reader, text):
        evidence = figure.evidence
        assert text[evidence.start : evidence.end] == evidence.text
        assert 0 < len(evidence.text) <= 200
        assert figure.low is not None or figure.high is not None


def test_time_is_linear_in_the_length_of_a_block(reader: Reader) -> None:
    sentence = "Le groupe investit 12,5 M€ à Lens, dont 3 M€ d'aides, et passera de 140 à 200 salariés d'ici à 2027, soit + 43 %. "

    def seconds(times: int) -> float:
        document: Document = reader.parse(Article(body=(Block(kind="paragraph", text=sentence * times),)))
        begin = time.perf_counter()
        dates(document)
        figures_component.component(document)
        assert len(document.figures) >= 4
        return time.perf_counter() - begin

    seconds(3)
    assert seconds(600) < 12 * max(seconds(100), 0.05)


def test_articles_of_our_own_keep_their_scores(reader: Reader) -> None:
    """Whole articles annotated for figures only, scored as the gold sets are."""
    tallies: dict[str, score.Tally] = defaultdict(score.Tally)
    rates: dict[str, score.Rate] = defaultdict(score.Rate)
    for path in sorted((Path(__file__).parent / "figures_gold").glob("*.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        facts = reader.read(gold["id"], Article.model_validate(gold["article"])).facts
        score.score_article(gold, {"figures": json.loads(facts.model_dump_json())["figures"]}, tallies, rates, [])
    assert tallies["figures"].as_dict()["f1"] >= 0.95
    assert tallies["figures.value"].as_dict()["f1"] >= 0.97
    assert tallies["figures.per"].as_dict()["f1"] >= 0.9
    assert rates["figures.qualifier"].as_dict()["acc"] >= 0.97
    assert rates["evidence"].as_dict()["acc"] == 1.0
