"""Stories of invented companies, tied: hardly a pair missed, no pair wrong, whatever the order of loading."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from warehouse.store import Warehouse

DATA = Path(__file__).parent / "data" / "stories.yaml"
READER = Path(__file__).parent / "data" / "reader_stories.yaml"
Pairs = set[frozenset[str]]


def read() -> tuple[dict[str, list[dict[str, Any]]], dict[str, set[str]]]:
    """Tellings by article, and the articles of each story."""
    table = YAML(typ="safe").load(DATA)
    articles: dict[str, list[dict[str, Any]]] = defaultdict(list)
    stories: dict[str, set[str]] = defaultdict(set)
    for story, tellings in table["stories"].items():
        for number, spec in enumerate(tellings):
            article = spec.get("in", f"{story}-{number}")
            articles[article].append(spec)
            stories[story].add(article)
    for number, spec in enumerate(table["alone"]):
        articles[spec.get("in", f"alone-{number}")].append(spec)
    return articles, stories


def lines(told: Callable[..., Any]) -> list[Any]:
    made = []
    for article, specs in read()[0].items():
        organisations: dict[str, dict[str, Any]] = {}
        for spec in specs:
            for name in spec["orgs"]:
                organisations[name] = {
                    "aliases": spec.get("aliases", {}).get(name, ()),
                    "kind": spec.get("org_kinds", {}).get(name, "company"),
                }
        day = min(spec["day"] for spec in specs)
        made.append(told(article, day, *specs, organisations=organisations))
    return made


def reader_lines(told: Callable[..., Any]) -> tuple[list[Any], Pairs]:
    """Articles as a reader hands them over, and which of them tell one project."""
    table = YAML(typ="safe").load(READER)
    made = []
    for ident, spec in table["articles"].items():
        kinds = spec.get("org_kinds", {})
        organisations = {
            name: {"kind": kinds.get(name, "company"), "mention": spec.get("beside", {}).get(name, "main")}
            for name in [*spec.get("beside", {}), *(name for telling in spec["tell"] for name in telling["orgs"])]
        }
        made.append(told(ident, spec["day"], *spec["tell"], title=spec["title"], region=spec.get("region"),
                         organisations=organisations))  # fmt: skip
    return made, pairs(table["stories"].values())


def pairs(groups: Any) -> Pairs:
    return {frozenset(p) for group in groups for p in combinations(sorted(set(group)), 2)}


def tied(warehouse: Warehouse) -> dict[str, list[str]]:
    rows = warehouse.connection.execute(
        "SELECT r.project_id, list(a.ident ORDER BY a.ident) FROM store.project_reports r "
        "JOIN store.articles a USING (article_id) GROUP BY ALL"
    ).fetchall()
    return dict(rows)


def test_stories_are_tied_and_no_others(newsroom: Callable[..., Warehouse], told: Callable[..., Any]) -> None:
    warehouse = newsroom("all", lines(told))
    found, gold = pairs(tied(warehouse).values()), pairs(read()[1].values())
    wrong = sorted(sorted(p) for p in found - gold)
    missed = sorted(sorted(p) for p in gold - found)
    assert not wrong, wrong
    assert len(gold - found) <= len(gold) * 0.1, missed


def test_what_a_reader_hands_over_is_tied(newsroom: Callable[..., Warehouse], told: Callable[..., Any]) -> None:
    made, gold = reader_lines(told)
    found = pairs(tied(newsroom("reader", made)).values())
    assert sorted(map(sorted, found - gold)) == []
    assert sorted(map(sorted, gold - found)) == []


@pytest.mark.slow
def test_the_order_of_days_does_not_matter(newsroom: Callable[..., Warehouse], told: Callable[..., Any]) -> None:
    made = lines(told)
    whole = newsroom("whole", made)
    expected = sorted(tied(whole).values())
    content = history(whole)
    for seed in range(2):
        shuffled = random.Random(seed).sample(made, len(made))
        days = [shuffled[i : i + 13] for i in range(0, len(shuffled), 13)]
        warehouse = newsroom(f"shuffled-{seed}", *days)
        assert sorted(tied(warehouse).values()) == expected
        assert history(warehouse) == content


def history(warehouse: Warehouse) -> list[Any]:
    """What the projects are and what their history says, without ids and dates of recording."""
    projects = warehouse.connection.execute(
        "SELECT first_told_by, first_told_at, last_told_at, kind, status, organisations, places, investment_eur_low, "
        "jobs_created_low, jobs_cut_low, sources, reports, figures, milestones FROM projects"
    ).fetchall()
    steps = warehouse.connection.execute(
        'SELECT "at", article_url, field, before, after, said_by, evidence_text FROM project_history'
    ).fetchall()
    conflicts = warehouse.connection.execute("SELECT scope, rule, stated, computed, evidence_text FROM conflicts")
    return [sorted(map(repr, rows)) for rows in (projects, steps, conflicts.fetchall())]


@pytest.mark.slow
def test_published_ids_never_change(
    newsroom: Callable[..., Warehouse], told: Callable[..., Any], next_day: Callable[..., None]
) -> None:
    made = random.Random(7).sample(lines(told), len(lines(told)))
    warehouse = newsroom("growing")
    steps: dict[str, Any] = {}
    ids: set[str] = set()
    for start in range(0, len(made), 9):
        next_day(warehouse, made[start : start + 9])
        rows = warehouse.connection.execute(
            "SELECT step_id, article_id, field, after FROM store.history_steps"
        ).fetchall()
        now = {row[0]: row[1:] for row in rows}
        assert {k: now.get(k) for k in steps} == steps
        steps = now
        known = {r[0] for r in warehouse.connection.execute("SELECT project_id FROM store.projects").fetchall()}
        assert ids <= known
        ids = known
        standing = warehouse.connection.execute(
            "SELECT count(*) FROM store.projects p WHERE merged_into IS NULL AND project_id NOT IN "
            "(SELECT project_id FROM store.project_reports)"
        ).fetchone()
        assert standing == (0,)
    assert [r.name for r in warehouse.check() if r.severity == "stop" and r.failures] == []


def test_the_same_day_twice_changes_nothing(
    newsroom: Callable[..., Warehouse], told: Callable[..., Any], next_day: Callable[..., None]
) -> None:
    made = lines(told)
    warehouse = newsroom("twice", made)
    tables = ("projects", "project_reports", "history_steps", "project_states", "project_conflicts", "judgements",
              "organisations", "organisation_links", "people", "places", "telling_index", "entity_names")  # fmt: skip

    def content() -> dict[str, list[Any]]:
        return {
            t: sorted(map(repr, warehouse.connection.execute(f"SELECT * FROM store.{t}").fetchall())) for t in tables
        }

    before = content()
    next_day(warehouse, made)
    next_day(warehouse, list(reversed(made)))
    assert content() == before
