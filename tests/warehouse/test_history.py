"""What a project's history says: each change once, by whom, and what does not change by being told again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from warehouse.store import Warehouse

Make = Callable[..., Warehouse]
Tell = Callable[..., Any]
PLANT: dict[str, Any] = {"kind": "new_site", "status": "announced", "orgs": ["Vellune"], "places": ["Laval"]}


def steps(warehouse: Warehouse, *fields: str) -> list[tuple[Any, ...]]:
    rows = warehouse.connection.execute(
        'SELECT h."at"::VARCHAR, h.field, h.before, h.after FROM project_history h '
        'JOIN store.articles a USING (article_id) ORDER BY h."at", a.url, h.field'
    ).fetchall()
    return [row for row in rows if row[1] in fields]


def state(warehouse: Warehouse) -> dict[str, Any]:
    cursor = warehouse.connection.execute("SELECT * FROM projects")
    rows = cursor.fetchall()
    assert len(rows) == 1, rows
    return dict(zip([c[0] for c in cursor.description or []], rows[0], strict=True))


def test_a_project_from_announcement_to_delay(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom(
        "w",
        [told("a", "2025-03-13", PLANT | {"inv": 45e6, "jobs": 120,
                                          "when": {"opening": (date(2028, 1, 1), date(2028, 3, 31))}})],
        [told("b", "2025-03-17", PLANT | {"inv": ">40e6", "jobs": "~110",
                                          "when": {"opening": (None, date(2028, 12, 31))}})],
        [told("c", "2025-12-04", PLANT | {"status": "delayed", "inv": 62e6, "jobs": 90,
                                          "when": {"opening": (date(2029, 1, 1), date(2029, 6, 30))}})],
    )  # fmt: skip
    assert steps(warehouse, "status", "investment_eur", "jobs_created", "opening") == [
        ("2025-03-13", "investment_eur", None, "45000000"),
        ("2025-03-13", "jobs_created", None, "120"),
        ("2025-03-13", "opening", None, "2028-01-01/2028-03-31"),
        ("2025-03-13", "status", None, "announced"),
        ("2025-12-04", "investment_eur", "45000000", "62000000"),
        ("2025-12-04", "jobs_created", "120", "90"),
        ("2025-12-04", "opening", "2028-01-01/2028-03-31", "2029-01-01/2029-06-30"),
        ("2025-12-04", "status", "announced", "delayed"),
    ]
    now = state(warehouse)
    assert (now["status"], now["investment_eur_low"], now["jobs_created_high"]) == ("delayed", 62e6, 90)
    assert (now["first_told_by"], now["sources"], now["reports"]) == ("Journal a", 3, 3)


def test_a_vague_figure_becomes_exact_but_not_the_other_way(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", PLANT | {"inv": "~30e6", "jobs": ">50"})],
        [told("b", "2025-02-10", PLANT | {"inv": 31.5e6, "jobs": 62})],
        [told("c", "2025-03-10", PLANT | {"inv": "~30e6", "jobs": "~60"})],
    )
    assert steps(warehouse, "investment_eur", "jobs_created") == [
        ("2025-01-10", "investment_eur", None, "~30000000"),
        ("2025-01-10", "jobs_created", None, ">=50"),
        ("2025-02-10", "investment_eur", "~30000000", "31500000"),
        ("2025-02-10", "jobs_created", ">=50", "62"),
    ]


def test_a_phase_told_first_is_no_revision(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", PLANT | {"inv": 30e6, "jobs": 120})],
        [told("b", "2025-02-10", PLANT | {"inv": 30e6, "jobs": [80, 120, 200]})],
        [told("c", "2025-03-10", PLANT | {"inv": 30e6, "jobs": [90, ">80"]})],
    )
    assert steps(warehouse, "jobs_created") == [
        ("2025-01-10", "jobs_created", None, "120"),
        ("2025-03-10", "jobs_created", "120", "90"),
    ]


def test_a_teaser_overwrites_nothing(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", PLANT | {"inv": 30e6})],
        [told("b", "2025-02-10", PLANT | {"inv": 36e6, "status": "approved"}, access="teaser")],
    )
    assert steps(warehouse, "investment_eur", "status") == [
        ("2025-01-10", "investment_eur", None, "30000000"),
        ("2025-01-10", "status", None, "announced"),
        ("2025-02-10", "status", "announced", "approved"),
    ]


@pytest.mark.parametrize(
    ("told_as", "stands"),
    [
        (["announced", "considered"], "announced"),
        (["considered", "announced", "approved", "announced", "under_way"], "under_way"),
        (["announced", "delayed", "announced"], "delayed"),
        (["announced", "delayed", "under_way", "completed"], "completed"),
        (["announced", "cancelled", "completed"], "completed"),
        (["under_way", "cancelled", "delayed"], "cancelled"),
    ],
)
def test_the_ladder_is_climbed_not_descended(newsroom: Make, told: Tell, told_as: list[str], stands: str) -> None:
    days = [
        [told(f"n{i}", date(2025, 1 + 2 * i, 3), PLANT | {"status": status, "inv": 30e6})]
        for i, status in enumerate(told_as)
    ]
    warehouse = newsroom("w", *days)
    assert state(warehouse)["status"] == stands
    befores = [row[2:] for row in steps(warehouse, "status")]
    assert all(after == later for (_, after), (later, _) in zip(befores, befores[1:], strict=False))


def test_sides_that_differ_both_stand(newsroom: Make, told: Tell) -> None:
    closing = {"kind": "closure", "orgs": ["Vellune"], "places": ["Laval"], "status": "announced"}
    people = {"Anne Roux": [("directrice du site", "Vellune")], "Luc Petit": [("délégué", "CGT")]}
    union = {"CGT": {"kind": "association", "mention": "party"}}
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", closing | {"cut": 120, "by": {"jobs_cut": "Anne Roux"}}, people=people)],
        [told("b", "2025-01-12", closing | {"cut": 180, "by": {"jobs_cut": "Luc Petit"}}, people=people,
              organisations=union)],
        [told("c", "2025-03-12", closing | {"cut": 110, "by": {"jobs_cut": "Vellune"}})],
    )  # fmt: skip
    assert steps(warehouse, "jobs_cut") == [
        ("2025-01-10", "jobs_cut", None, "120"),
        ("2025-03-12", "jobs_cut", "120", "110"),
    ]
    conflicts = warehouse.connection.execute(
        "SELECT rule, measure, stated, computed, said_by, other_said_by FROM conflicts WHERE scope = 'project'"
    ).fetchall()
    assert conflicts == [("sides", "jobs_cut", 120, 180, "Anne Roux", "Luc Petit")]
    assert {r[0] for r in warehouse.connection.execute(
        "SELECT side FROM project_history WHERE field = 'jobs_cut'").fetchall()} == {"carrier"}  # fmt: skip


CLOSING = {"kind": "closure", "orgs": ["Vellune"], "places": ["Laval"], "status": "announced"}
PEOPLE = {"Luc Petit": [("délégué", "CGT")], "Léa Brun": [("préfète", None)]}
UNION = {"CGT": {"kind": "association", "mention": "party"}}


def claimed(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.connection.execute(
        "SELECT rule, measure, stated, computed, said_by, other_said_by FROM conflicts WHERE scope = 'project' ORDER BY ALL"
    ).fetchall()


@pytest.mark.parametrize("same_article", [True, False])
def test_what_a_side_claims_beside_the_project(newsroom: Make, told: Tell, same_article: bool) -> None:
    """The reader gives the project the paper's number; the union's stands in the article alone."""
    claims = [("cut", "~230", "Luc Petit", "Vellune", "familles")]
    first = told("a", "2025-01-10", CLOSING | {"cut": 147}, people=PEOPLE, organisations=UNION,
                 claims=claims if same_article else [])  # fmt: skip
    then = told("b", "2025-01-12", CLOSING, people=PEOPLE, organisations=UNION, claims=[] if same_article else claims)
    warehouse = newsroom("w", [first], [then])
    assert claimed(warehouse) == [("sides", "jobs_cut", 147, 230, None, "Luc Petit")]
    assert steps(warehouse, "jobs_cut") == [("2025-01-10", "jobs_cut", None, "147")]


def test_a_union_that_repeats_the_paper_s_number_to_dispute_it(newsroom: Make, told: Tell) -> None:
    by = {"jobs_cut": "Luc Petit"}
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", CLOSING | {"cut": [147, "~230"], "by": by}, people=PEOPLE, organisations=UNION,
              title="Vellune ferme à Laval, 147 emplois menacés")],
    )  # fmt: skip
    assert claimed(warehouse) == [("sides", "jobs_cut", 147, 230, None, "Luc Petit")]


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (("jobs", 200, "Léa Brun", "Vellune", "emplois indirects"), "jobs that are none of the project's"),
        (("jobs", 200, "Léa Brun", "Région Bretagne", ""), "of somebody else"),
        (("jobs", 105, "Léa Brun", "Vellune", ""), "near enough"),
        (("jobs", ">80", "Léa Brun", "Vellune", ""), "no contradiction"),
        (("jobs", 200, "Anne Roux", "Vellune", ""), "of no other side"),
        (("grant", 4e6, "Léa Brun", "Vellune", ""), "a part of the grants"),
    ],
)
def test_what_is_no_dispute(newsroom: Make, told: Tell, claim: tuple[Any, ...], why: str) -> None:
    line = told("a", "2025-01-10", PLANT | {"jobs": 104, "grant": 6.5e6}, people=PEOPLE, claims=[claim])
    assert claimed(newsroom("w", [line])) == [], why


def test_a_claim_that_may_be_of_another_project_is_nobody_s(newsroom: Make, told: Tell) -> None:
    other = {"kind": "restructuring", "orgs": ["Vellune"], "places": ["Angers"], "status": "announced", "cut": 20}
    claims = [("cut", 230, "Luc Petit", "Vellune", "")]
    line = told("a", "2025-01-10", CLOSING | {"cut": 147}, other, people=PEOPLE, organisations=UNION, claims=claims)
    assert claimed(newsroom("w", [line])) == []


def test_two_papers_of_one_day_that_differ(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom(
        "w", [told("a", "2025-01-10", PLANT | {"inv": 30e6}), told("b", "2025-01-10", PLANT | {"inv": 36e6})]
    )
    assert steps(warehouse, "investment_eur") == [("2025-01-10", "investment_eur", None, "30000000")]
    rows = warehouse.connection.execute("SELECT rule, stated, computed FROM conflicts").fetchall()
    assert rows == [("sources", 30e6, 36e6)]


def test_copies_count_once(newsroom: Make, told: Tell) -> None:
    text = "Le groupe Vellune construit une usine de composants à Laval pour un montant de trente millions d'euros."
    lines = [
        told(i, "2025-01-10", PLANT | {"inv": 30e6}, source=s, seed="same", more_text=text * 3, title="Vellune à Laval")
        for i, s in (("a", "Agence"), ("b", "Le Matin"), ("c", "Le Soir"))
    ]
    warehouse = newsroom("w", lines, [told("d", "2025-01-12", PLANT | {"inv": 30e6}, source="La Semaine")])
    now = state(warehouse)
    assert (now["sources"], now["reports"], now["first_told_by"]) == (2, 4, "Agence")


def test_a_corrected_article_withdraws_its_step(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", PLANT | {"inv": 300e6})],
        [told("a", "2025-01-10", PLANT | {"inv": 30e6}, seed="corrected")],
    )
    assert steps(warehouse, "investment_eur") == [("2025-01-10", "investment_eur", None, "30000000")]
    gone = warehouse.connection.execute(
        "SELECT after FROM store.history_steps WHERE withdrawn_at IS NOT NULL AND field = 'investment_eur'"
    ).fetchall()
    assert gone == [("300000000",)]
    assert state(warehouse)["investment_eur_low"] == 30e6


def test_an_older_day_that_comes_late_changes_no_id(newsroom: Make, told: Tell, next_day: Any) -> None:
    warehouse = newsroom("w", [told("b", "2025-06-10", PLANT | {"status": "delayed", "inv": 40e6})])
    before = dict(warehouse.connection.execute("SELECT field, step_id FROM project_history").fetchall())
    project = state(warehouse)["project_id"]
    next_day(warehouse, [told("a", "2025-01-10", PLANT | {"inv": 30e6})])
    assert state(warehouse)["project_id"] == project
    assert steps(warehouse, "investment_eur", "status") == [
        ("2025-01-10", "investment_eur", None, "30000000"),
        ("2025-01-10", "status", None, "announced"),
        ("2025-06-10", "investment_eur", "30000000", "40000000"),
        ("2025-06-10", "status", "announced", "delayed"),
    ]
    after = dict(
        warehouse.connection.execute(
            "SELECT field, step_id FROM project_history WHERE \"at\" = '2025-06-10'"
        ).fetchall()
    )
    assert after == {k: before[k] for k in after}


def test_a_takeover_ends_the_procedure(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", PLANT | {"kind": "insolvency", "status": "under_way"})],
        [told("b", "2025-05-10", {"kind": "acquisition", "status": "approved", "orgs": ["Ombrelle", "Vellune"],
                                  "places": ["Laval"], "saved": 40})],
    )  # fmt: skip
    rows = warehouse.connection.execute("SELECT kind, status, reports FROM projects ORDER BY kind").fetchall()
    assert rows == [("acquisition", "approved", 1), ("insolvency", "completed", 2)]


def test_a_carrier_that_changes_is_a_step(newsroom: Make, told: Tell) -> None:
    hotel = {"kind": "infrastructure", "status": "announced", "places": ["Laval"], "name": "Le Belvédère d'Ambre"}
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", hotel | {"orgs": ["Vellune"]})],
        [told("b", "2025-05-10", hotel | {"orgs": ["Ombrelle"], "status": "approved"})],
    )
    assert steps(warehouse, "carrier") == [("2025-05-10", "carrier", "Vellune", "Ombrelle")]


def test_past_states_can_be_asked_for(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", PLANT | {"inv": 30e6})],
        [told("b", "2025-06-10", PLANT | {"status": "under_way", "inv": 42e6})],
    )
    query = warehouse.connection.execute
    assert query("SELECT status, investment_eur FROM projects_told_by('2025-03-01')").fetchall() == [
        ("announced", "30000000")
    ]
    assert query("SELECT status, investment_eur FROM projects_told_by('2025-07-01')").fetchall() == [
        ("under_way", "42000000")
    ]
    assert query("SELECT count(*) FROM projects_told_by('2025-01-09')").fetchone() == (0,)
    # The tests' clock records on 1 January 2026, whatever day the articles are of.
    assert query("SELECT status FROM projects_as_of('2026-01-01')").fetchall() == [("under_way",)]
    assert query("SELECT count(*) FROM projects_as_of('2025-12-31')").fetchone() == (0,)
    states = query("SELECT status, superseded_at IS NULL FROM store.project_states ORDER BY recorded_at").fetchall()
    assert states == [("announced", False), ("under_way", True)]


def test_silence_is_not_delay(newsroom: Make, told: Tell) -> None:
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", PLANT | {"when": {"opening": (date(2025, 4, 1), date(2025, 6, 30))}})],
        [told("x", "2025-09-28", {"kind": "closure", "status": "announced", "orgs": ["Sarnelle"], "places": ["Pau"]})],
    )
    promises = warehouse.connection.execute("SELECT milestone, due::VARCHAR, days_overdue FROM overdue_promises")
    assert promises.fetchall() == [("opening", "2025-06-30", 90)]
    assert {row[0] for row in warehouse.connection.execute("SELECT status FROM projects").fetchall()} == {"announced"}


def test_balances_count_each_project_once(newsroom: Make, told: Tell) -> None:
    cuts = {"orgs": ["Sarnelle"], "places": ["Pau"], "sector": "25"}
    warehouse = newsroom(
        "w",
        [told("a", "2025-01-10", PLANT | {"inv": 30e6, "jobs": 50, "sector": "27"}),
         told("b", "2025-02-10", PLANT | {"inv": 30e6, "jobs": 50, "sector": "27"}),
         told("c", "2025-02-11", {"kind": "new_site", "status": "considered", "orgs": ["Orvelle"], "places": ["Laval"],
                                  "jobs": 400, "sector": "27"})],
        [told("d", "2025-03-01", cuts | {"kind": "insolvency", "status": "completed", "cut": 44},
              cuts | {"kind": "closure", "status": "announced", "cut": 29},
              cuts | {"kind": "acquisition", "status": "approved", "orgs": ["Orvelle", "Sarnelle"], "cut": 44})],
    )  # fmt: skip
    rows = warehouse.connection.execute(
        "SELECT department_code, sector, sum(investment_eur_low), sum(jobs_created_low), sum(jobs_cut_high) "
        "FROM balances WHERE quarter = '2025-01-01' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert rows == [("53", "27", 30e6, 50, 0), ("64", "25", 0, 0, 44)]
