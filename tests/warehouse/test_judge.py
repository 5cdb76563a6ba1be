"""What an analyst decides stands above the rules, is kept, and is applied again when articles are read anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from warehouse.judge import JudgementError, confirm, merge, refuse, split, withdraw
from warehouse.store import Warehouse

PLANT = {"kind": "new_site", "orgs": ["Ardelle"], "places": ["Brest"], "sector": "27"}


def days(told: Callable[..., Any]) -> list[list[Any]]:
    """Two tellings that the rules tie, a third by another carrier at the same place, a fourth that is doubtful."""
    return [
        [told("a1", "2025-01-10", PLANT | {"status": "announced", "inv": 30e6})],
        [told("a2", "2025-03-10", PLANT | {"status": "approved", "inv": 32e6})],
        [told("b1", "2025-03-11", PLANT | {"status": "announced", "orgs": ["Quernel"], "inv": 31e6})],
        [told("a3", "2025-05-10", PLANT | {"status": "under_way", "inv": 95e6})],
    ]


def projects(warehouse: Warehouse) -> dict[str, set[str]]:
    rows = warehouse.connection.execute(
        "SELECT p.project_id, list(a.ident) FROM projects p JOIN store.project_reports r USING (project_id) "
        "JOIN store.articles a USING (article_id) GROUP BY ALL"
    ).fetchall()
    return {project: set(idents) for project, idents in rows}


def of(warehouse: Warehouse, ident: str) -> str:
    return next(p for p, idents in projects(warehouse).items() if ident in idents)


@pytest.fixture
def warehouse(newsroom: Callable[..., Warehouse], told: Callable[..., Any]) -> Warehouse:
    made = newsroom("judged", *days(told))
    assert sorted(map(sorted, projects(made).values())) == [["a1", "a2"], ["a3"], ["b1"]]
    return made


def test_a_doubtful_pair_is_confirmed(warehouse: Warehouse) -> None:
    left, right = (
        warehouse.connection.execute("SELECT left_project, right_project FROM doubtful_pairs").fetchone() or ()
    )
    confirm(warehouse, left, right, by="Ana")
    warehouse.tie()
    assert sorted(map(sorted, projects(warehouse).values())) == [["a1", "a2", "a3"], ["b1"]]
    assert warehouse.connection.execute("SELECT count(*) FROM doubtful_pairs").fetchone() == (0,)


def test_a_doubtful_pair_is_refused_and_asked_no_more(warehouse: Warehouse) -> None:
    left, right = (
        warehouse.connection.execute("SELECT left_telling, right_telling FROM doubtful_pairs").fetchone() or ()
    )
    refuse(warehouse, left, right, by="Ana", note="une autre usine")
    warehouse.tie()
    assert len(projects(warehouse)) == 3
    asked = warehouse.connection.execute("SELECT left_telling, right_telling FROM doubtful_pairs").fetchall()
    assert (left, right) not in asked


def test_a_merge_leaves_a_tombstone_and_stays_merged(
    warehouse: Warehouse, told: Callable[..., Any], next_day: Callable[..., None]
) -> None:
    kept, gone = of(warehouse, "a1"), of(warehouse, "b1")
    steps = {r[0] for r in warehouse.connection.execute("SELECT step_id FROM project_history").fetchall()}
    merge(warehouse, gone, kept, by="Ana", note="Quernel est la filiale")
    warehouse.tie()
    assert projects(warehouse)[kept] == {"a1", "a2", "b1"}
    assert warehouse.connection.execute(
        "SELECT merged_into FROM store.projects WHERE project_id = ?", [gone]
    ).fetchone() == (kept,)
    after = {r[0] for r in warehouse.connection.execute("SELECT step_id FROM store.history_steps").fetchall()}
    assert steps <= after
    # Read again by other rules: the telling's words, its place in the article and its id differ, the judgement holds.
    again = told("b1", "2025-03-11", PLANT | {"status": "announced", "orgs": ["Quernel SAS"], "inv": 33e6})
    next_day(warehouse, [again])
    assert projects(warehouse)[kept] == {"a1", "a2", "b1"}
    with pytest.raises(JudgementError, match="merged into"):
        merge(warehouse, gone, kept, by="Ana")


def test_a_split_stays_split(warehouse: Warehouse, told: Callable[..., Any], next_day: Callable[..., None]) -> None:
    project = of(warehouse, "a1")
    split(warehouse, project, ["https://presse.example/a2"], by="Ana")
    warehouse.tie()
    assert projects(warehouse)[project] == {"a1"}
    assert of(warehouse, "a2") != project
    next_day(warehouse, [told("a2", "2025-03-10", PLANT | {"status": "approved", "inv": 32e6, "jobs": 5})])
    assert of(warehouse, "a1") == project != of(warehouse, "a2")
    # A later telling goes to one of the two; it does not join them again.
    next_day(warehouse, [told("a4", "2025-06-10", PLANT | {"status": "under_way", "inv": 32e6})])
    assert of(warehouse, "a1") != of(warehouse, "a2")


def test_judgements_do_not_depend_on_when_they_came(
    warehouse: Warehouse, newsroom: Callable[..., Warehouse], told: Callable[..., Any]
) -> None:
    merge(warehouse, of(warehouse, "a1"), of(warehouse, "b1"), by="Ana")
    warehouse.tie()
    early = newsroom("early", *days(told)[:1], *days(told)[2:3])
    merge(early, of(early, "a1"), of(early, "b1"), by="Ana")
    early.tie()
    for day in (days(told)[3], days(told)[1]):
        early.load(day, day=day[0][1].published_on, run_id="late")
        early.tie()
    assert sorted(map(sorted, projects(early).values())) == sorted(map(sorted, projects(warehouse).values()))


def test_a_judgement_is_withdrawn(warehouse: Warehouse) -> None:
    before = sorted(map(sorted, projects(warehouse).values()))
    made = merge(warehouse, of(warehouse, "a1"), of(warehouse, "b1"), by="Ana")
    warehouse.tie()
    withdraw(warehouse, made)
    warehouse.tie()
    assert sorted(map(sorted, projects(warehouse).values())) == before
    rows = warehouse.connection.execute("SELECT superseded_at IS NULL FROM judgements WHERE judgement_id = ?", [made])
    assert rows.fetchall() == [(False,)]


def test_what_cannot_be_judged_is_refused(warehouse: Warehouse) -> None:
    project = of(warehouse, "a1")
    with pytest.raises(JudgementError, match="about two"):
        confirm(warehouse, project, project, by="Ana")
    with pytest.raises(JudgementError, match="no such"):
        confirm(warehouse, project, "p-unknown", by="Ana")
    with pytest.raises(JudgementError, match="name of who"):
        refuse(warehouse, project, of(warehouse, "b1"), by="")
    with pytest.raises(JudgementError, match="2 of its 2"):
        split(warehouse, project, ["https://presse.example/a1", "https://presse.example/a2"], by="Ana")
