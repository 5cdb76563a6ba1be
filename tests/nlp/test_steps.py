"""Dates as steps of a project and how far it is: what the learned models make of them."""

from datetime import date

import pytest

from crawlers.items import Article, Block
from nlp.facts import Project
from nlp.pipeline import Reader


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def read(reader: Reader, *paragraphs: str) -> list[Project]:
    body = tuple(Block(kind="paragraph", text=text) for text in paragraphs)
    article = Article(source="x", title="Brèves", body=body, published=date(2026, 3, 12))
    return list(reader.read("1", article).facts.projects)


def steps(project: Project) -> set[tuple[str, str, str]]:
    return {(m.milestone, str(m.from_), str(m.to)) for m in project.milestones}


def test_works_and_opening(reader: Reader) -> None:
    project, *_ = read(
        reader,
        "Le fabricant de skis Montarvel va construire une usine à Sallanches.",
        "Les travaux débuteront en juin 2026 pour une ouverture au premier trimestre 2028. "
        "L'entreprise a réalisé 12 millions d'euros de chiffre d'affaires en 2024.",
    )
    assert steps(project) == {("start", "2026-06-01", "2026-06-30"), ("opening", "2028-01-01", "2028-03-31")}


def test_recalled_deal_keeps_its_year(reader: Reader) -> None:
    project, *_ = read(reader, "Montarvel a racheté en 2021 le fabricant de fixations Alpirex pour 4 millions d'euros.")
    assert project.kind == "acquisition"
    assert project.status == "completed"
    assert ("completion", "2021-01-01", "2021-12-31") in steps(project)


def test_plan_named_after_a_year_is_no_step(reader: Reader) -> None:
    project, *_ = read(
        reader,
        "Montarvel va agrandir son usine de Sallanches pour 6 millions d'euros, dont 1 million au titre de France 2030.",
    )
    assert not any(end == "2030-12-31" for _, _, end in steps(project))


def test_takeover_by_judgment_is_approved(reader: Reader) -> None:
    projects = read(
        reader,
        "En redressement judiciaire depuis novembre, Alpirex a été repris mardi, à la barre, par le groupe Montarvel.",
    )
    assert "approved" in {p.status for p in projects if p.kind == "acquisition"}
