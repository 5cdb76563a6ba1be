"""The learned models: their files, their features, the marked texts that they learn from."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from crawlers.items import Article, Block
from nlp.components.features import clauses, told
from nlp.components.linear import Linear, load, trial
from nlp.components.projects_beliefs import family
from nlp.facts import Measure, MilestoneKind, ProjectKind, Status
from nlp.pipeline import Reader
from nlp.training.__main__ import KINDS, fit
from nlp.training.samples import assemble, labels_of, marked, read_document, rows, unmark


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def test_a_model_survives_its_file() -> None:
    model = Linear(
        ("a", "b"), {"x": 0, "y": 1}, np.array([[1, -1], [0.5, 2]], np.float32), np.zeros(2, np.float32), True
    )
    path = "saved"
    with trial({path: model}):
        assert load(path) is model
    with pytest.raises(FileNotFoundError):
        load(path)
    chances = model.probabilities({"x": 1.0, "unknown": 9.0})
    assert chances["a"] == pytest.approx(1 / (1 + np.exp(-2)))
    assert sum(chances.values()) == pytest.approx(1.0)
    assert model.weight(["x", "y", "unknown"], "b") == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("events", set(get_args(ProjectKind))),
        ("status", set(get_args(Status))),
        ("fresh", {"fresh", "old"}),
        ("carriers", {"carrier", "other"}),
        ("records", {"record", "none"}),
        ("attached_figures", {"own", "other"}),
        ("attached_places", {"own", "other"}),
    ],
)
def test_the_shipped_models_know_their_classes(name: str, classes: set[str]) -> None:
    assert set(load(name).classes) == classes


def test_the_kinds_that_are_learned_are_those_of_the_contract() -> None:
    assert set(KINDS) == set(get_args(ProjectKind))
    assert all(kind in family(kind) for kind in KINDS)


def test_fit_finds_the_telling_feature() -> None:
    data = [{"w=ouvrir": 1.0, "w=le": 1.0}, {"w=fermer": 1.0, "w=le": 1.0}] * 10
    model = fit(data, [["new_site"], ["closure"]] * 10, [1.0] * 20, (), 10.0, True)
    assert model.probabilities({"w=ouvrir": 1.0})["new_site"] > 0.8
    assert "w=le" not in model.rows or abs(model.weights[model.rows["w=le"]]).max() < 0.1


def test_every_marked_line_is_lawful() -> None:
    kinds, statuses = set(get_args(ProjectKind)), set(get_args(Status))
    measures, steps = set(get_args(Measure)), {*get_args(MilestoneKind), "none"}
    lines = 0
    for name, text in rows():
        for column, position, marks in text:
            lines += 1
            where = f"{name}: {marks[:60]}"
            assert all(x.kind in kinds and x.status in statuses for x in labels_of(column)), where
            assert position in "TSLMBQX", where
            plain, figures, dates = unmark(marks)
            assert not any(mark in plain for mark in ("[[", "]]", "{{", "}}")), where
            assert all(label in measures for _, _, label in figures), where
            assert all(label in steps for _, _, label in dates), where
    assert lines > 4000


def test_marks_become_offsets() -> None:
    text, figures, dates = unmark("X investit [[3 M€|investment]] à Lens {{en 2027|opening}}.")
    assert text == "X investit 3 M€ à Lens en 2027."
    assert [text[a:b] for a, b, _ in figures] == ["3 M€"]
    assert [text[a:b] for a, b, _ in dates] == ["en 2027"]


def test_lines_become_an_article_with_their_places() -> None:
    article, lines = assemble(
        [
            ("more:new_site:announced", "T", "Une usine à Vire"),
            ("new_site:announced", "L", "Rotwald bâtira une usine à Vire."),
            ("none", "M", "Il emploie [[40 salariés|workforce]]."),
        ]
    )
    assert article.title == "Une usine à Vire"
    assert [b.text for b in article.body] == ["Rotwald bâtira une usine à Vire. Il emploie 40 salariés."]
    last = lines[-1]
    text = article.body[last.block].text
    assert text[last.start : last.end] == "Il emploie 40 salariés."
    assert [text[a:b] for a, b, _ in last.figures] == ["40 salariés"]


def test_clauses_have_verbs_of_their_own(reader: Reader) -> None:
    text = "Le groupe Rotwald rachète la fonderie Castan, qui doit employer 40 salariés, et fermera son site de Vire."
    _, projects = read_document(reader, Article(source="", title="", body=(Block(kind="paragraph", text=text),)))
    sentence = projects.reader.sentences[0]
    ranges = clauses(sentence)
    assert [sentence.words[a].canon for a, _ in ranges][1:] == ["qui", "et"]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == len(sentence.words)
    assert all(a[1] == b[0] for a, b in zip(ranges, ranges[1:], strict=False))
    features = told(sentence, *ranges[-1])
    assert features["v=fermer fut"] == 1.0
    assert features["x=racheter"] < 1.0


def test_a_marked_line_gives_its_dates_their_labels(reader: Reader) -> None:
    line = "new_site:announced", "L", "Rotwald investira [[12 millions d’euros|investment]] à Vire {{en 2027|opening}}."
    [sample] = list(marked(reader, [("sentences-0", [line])]))
    assert [label for _, label in sample.dates] == ["opening"]
    assert [x.kind for x in sample.labels] == ["new_site"]
