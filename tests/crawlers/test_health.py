"""A source's health out of its history."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from crawlers.health import assess
from crawlers.registry import Source
from crawlers.state import Issue, State

START = date(2025, 11, 1)
NOW = datetime(2025, 11, 20, 6, tzinfo=UTC)


@pytest.fixture
def state(tmp_path):
    with State(tmp_path / "gazette.sqlite") as opened:
        yield opened


def source(**keys):
    entry = {"id": "gazette", "name": "Gazette", "home": "https://g.example", "kind": "press", "cadence": "daily"}
    return Source.model_validate(entry | keys)


def a_day(state, number, *, new=3, kinds=(), fields=None, worked=True, **counts):
    """The assessment of day ``number`` of a source that told ``new`` articles."""
    told = Counter({"documents": 1} if worked else {})
    told.update({"articles_new": new, "pages": new, **counts})
    filled = fields or {"title": 1, "body": 1, "published": 1, "authors": 1}
    told.update({f"field:{name}": round(share * new) for name, share in filled.items()} | {"field:": new})
    issues = [Issue("gazette", "https://g.example/feed", "feed", kind, "x", NOW) for kind in kinds]
    return assess(source(), START + timedelta(days=number), told, issues, state, NOW)


def test_a_source_that_works(state):
    for number in range(5):
        health = a_day(state, number)
    assert health.verdict == "ok"
    assert health.alarms == ()
    assert (health.failure_weight, health.silent_days) == (0, 0)
    assert health.last_success == health.last_new == START + timedelta(days=4)
    assert health.as_json()["last_new"] == "2025-11-05"


def test_failures_weigh_wait_longer_and_park(state):
    a_day(state, 0)
    waits = []
    for number in range(1, 15):
        health = a_day(state, number, new=0, kinds=["http-404"], worked=False)
        waits.append(health.next_due_at - NOW)
    assert health.verdict == "parked"
    assert any("parked" in alarm for alarm in health.alarms)
    assert waits == sorted(waits)
    assert waits[-1] > 4 * waits[0]
    # A server's bad days count a quarter, and one success forgives all.
    health = a_day(state, 15)
    assert (health.verdict, health.failure_weight) == ("ok", 0)
    for number in range(16, 20):
        health = a_day(state, number, new=0, kinds=["timeout"], worked=False)
    assert health.failure_weight == 1.0
    assert health.verdict == "failing"


def test_silence_is_measured_against_the_cadence(state):
    for number in range(4):
        a_day(state, number)
    verdicts = [a_day(state, number, new=0).verdict for number in range(4, 9)]
    assert verdicts[:2] == ["ok", "ok"]
    assert verdicts[-1] == "silent"
    health = a_day(state, 9, new=0)
    assert health.silent_days == 6
    assert any("silent for 6 days" in alarm for alarm in health.alarms)


def test_a_weekly_source_seen_to_be_weekly_is_not_silent_on_day_ten(state):
    for week in range(5):
        a_day(state, 7 * week)
    health = a_day(state, 38, new=0)
    assert health.expected_days == 7
    assert health.verdict == "ok"


def test_empty_bodies_and_teasers(state):
    health = a_day(state, 0, new=10, empty_bodies=6, teasers=3)
    assert (health.empty_share, health.teaser_share) == (0.6, 0.3)
    assert health.verdict == "watch"


def test_a_change_of_layout_shows_in_the_fields(state):
    for number in range(5):
        assert a_day(state, number, new=6).drifted == ()
    health = a_day(state, 5, new=6, fields={"title": 1, "body": 0.2, "published": 1, "authors": 0})
    assert set(health.drifted) == {"body", "authors"}
    assert any("layout" in alarm for alarm in health.alarms)


def test_a_second_run_of_the_day_adds_to_it(state):
    a_day(state, 0, new=4)
    health = a_day(state, 0, new=1)
    assert health.new_articles == 5
