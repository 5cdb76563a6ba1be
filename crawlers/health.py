"""How a source fares: its failures weighed, its silence measured, its pages watched for a change of layout.

Weights, back-off and parking follow Media Cloud's rss-fetcher: a soft failure (a server's bad day) counts less than
a hard one (a feed that is gone), each success forgives them all, the waits grow with the failures, and a source that
keeps failing is parked for a person to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any, Literal

from crawlers.registry import Source
from crawlers.state import Issue, State

Verdict = Literal["ok", "watch", "failing", "parked", "silent", "off"]

# What a failed announcement counts by its kind; kinds that are not named count 1.
WEIGHTS: dict[str, float] = {
    "timeout": 0.25,
    "reset": 0.25,
    "refused": 0.25,
    "connect": 0.25,
    "data-loss": 0.25,
    "rate-limited": 0.25,
    "http-429": 0.25,
    "http-500": 0.25,
    "http-502": 0.25,
    "http-503": 0.25,
    "http-504": 0.25,
    "dns": 0.5,
    "tls": 0.5,
    "robots-unreachable": 0.5,
    "feed-malformed": 0.5,
    "http-401": 1.0,
    "http-403": 1.0,
    "http-404": 1.0,
    "not-a-feed": 1.0,
    "robots-disallowed": 1.0,
    "http-410": 2.0,
}
PARK_AT = 10.0
"""Weight of failures without a success between at which a source is parked."""
BACKOFF_FROM = 2.0
SILENCE_FACTOR = 3.0
"""A source is silent when it says nothing for so many times its usual interval."""
HISTORY_DAYS = 30
EMPTY_SHARE = 0.5
DRIFT_DROP = 0.5
"""A field that pages used to have and now have at less than half its rate: the layout changed."""
MIN_PAGES = 5
FIELDS = ("title", "standfirst", "body", "authors", "published", "section", "tags")
_ENDPOINT_STAGES = frozenset({"feed", "sitemap", "news-sitemap", "listing", "newsroom", "api", "discovery", "robots"})


@dataclass(frozen=True, slots=True)
class Health:
    """A source's health on a day. ``alarms`` say in words what a person should look at."""

    verdict: Verdict
    last_success: date | None
    last_new: date | None
    failure_weight: float
    next_due_at: datetime
    silent_days: int | None
    expected_days: float
    new_articles: int
    empty_share: float | None
    teaser_share: float | None
    fill: Mapping[str, float]
    drifted: tuple[str, ...]
    alarms: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON for the report."""
        return asdict(self) | {
            "last_success": self.last_success and self.last_success.isoformat(),
            "last_new": self.last_new and self.last_new.isoformat(),
            "next_due_at": self.next_due_at.isoformat(),
        }


def assess(
    source: Source,
    day: date,
    counts: Mapping[str, int],
    issues: Iterable[Issue],
    state: State,
    now: datetime,
    *,
    attempted: bool = True,
) -> Health:
    """Weigh the day's crawl against the source's history and record the day in it.

    ``attempted`` False: nothing was asked of the source (night window, no subscription), so nothing is held against it.
    """
    before = state.history_of(day) or {}
    fields = {name: counts.get(f"field:{name}", 0) + before.get("fields", {}).get(name, 0) for name in ("", *FIELDS)}
    told = {
        name: counts.get(name, 0) + before.get(name, 0)
        for name in ("articles_new", "articles_changed", "pages", "pages_failed", "empty_bodies", "teasers", "withheld")
    }
    documents = counts.get("documents", 0) + counts.get("documents_unchanged", 0)
    failed = [issue for issue in issues if issue.stage in _ENDPOINT_STAGES and issue.kind in WEIGHTS]
    worked = documents > 0
    history = state.history(day, HISTORY_DAYS)
    weight = (
        _weight(worked, failed, history) if attempted else float(history[0][1].get("weight", 0.0) if history else 0)
    )
    row = {**told, "fields": fields, "worked": worked or before.get("worked", False), "weight": weight}
    state.put_history(day, row)

    past = [(day, row), *history]
    last_success = next((d for d, r in past if r.get("worked")), None)
    last_new = next((d for d, r in past if r.get("articles_new")), None)
    expected = _expected_days(source, history)
    silent = (day - last_new).days if last_new else (day - past[-1][0]).days
    read = max(told["pages"] - told["pages_failed"], 0)
    empty = told["empty_bodies"] / read if read else None
    fill = {name: round(fields[name] / fields[""], 3) for name in FIELDS} if fields[""] else {}
    drifted = _drift(fill, fields[""], history)
    alarms = _alarms(source, weight, silent, expected, last_success, empty, read, drifted, failed)
    return Health(
        verdict=_verdict(source, weight, silent, expected, worked or not attempted, bool(alarms)),
        last_success=last_success,
        last_new=last_new,
        failure_weight=round(weight, 2),
        next_due_at=now + poll_interval(source, weight, history),
        silent_days=silent,
        expected_days=round(expected, 2),
        new_articles=told["articles_new"],
        empty_share=round(empty, 3) if empty is not None else None,
        teaser_share=round(told["teasers"] / read, 3) if read else None,
        fill=fill,
        drifted=drifted,
        alarms=alarms,
    )


def _weight(worked: bool, failed: list[Issue], history: list[tuple[date, dict[str, Any]]]) -> float:
    if worked:
        return 0.0
    carried = float(history[0][1].get("weight", 0.0)) if history else 0.0
    return carried + max((WEIGHTS.get(issue.kind, 1.0) for issue in failed), default=1.0)


def _expected_days(source: Source, history: list[tuple[date, dict[str, Any]]]) -> float:
    """The usual silence: the longer of the registry's cadence and the median interval seen between days with news."""
    days = [d for d, row in history if row.get("articles_new")]
    intervals = [(a - b).days for a, b in zip(days, days[1:], strict=False)]
    declared = source.cadence / timedelta(days=1)
    return max(declared, median(intervals)) if len(intervals) >= 3 else declared


def _drift(fill: Mapping[str, float], pages: int, history: list[tuple[date, dict[str, Any]]]) -> tuple[str, ...]:
    if pages < MIN_PAGES:
        return ()
    past = [row["fields"] for _, row in history if row.get("fields", {}).get("", 0)]
    total = sum(row[""] for row in past)
    if total < 2 * MIN_PAGES:
        return ()
    usual = {name: sum(row.get(name, 0) for row in past) / total for name in FIELDS}
    return tuple(name for name in FIELDS if usual[name] >= 0.5 and fill[name] < DRIFT_DROP * usual[name])


def _alarms(
    source: Source,
    weight: float,
    silent: int,
    expected: float,
    last_success: date | None,
    empty: float | None,
    read: int,
    drifted: tuple[str, ...],
    failed: list[Issue],
) -> tuple[str, ...]:
    alarms = []
    if weight >= PARK_AT:
        alarms.append(f"parked: failing since {last_success or 'the beginning'}")
    elif weight >= BACKOFF_FROM:
        kinds = ", ".join(sorted({issue.kind for issue in failed})) or "nothing could be fetched"
        alarms.append(f"failing since {last_success or 'the beginning'}: {kinds}")
    if silent > SILENCE_FACTOR * expected:
        alarms.append(f"silent for {silent} days, usually no more than {expected:g}")
    if empty is not None and read >= MIN_PAGES and empty >= EMPTY_SHARE:
        alarms.append(f"{empty:.0%} of the pages gave no text")
    if drifted:
        alarms.append(f"pages lost {', '.join(drifted)}: the layout may have changed")
    return tuple(alarms)


def _verdict(source: Source, weight: float, silent: int, expected: float, worked: bool, alarmed: bool) -> Verdict:
    if not source.enabled:
        return "off"
    if weight >= PARK_AT:
        return "parked"
    if not worked:
        return "failing"
    if silent > SILENCE_FACTOR * expected:
        return "silent"
    return "watch" if alarmed else "ok"


def poll_interval(source: Source, weight: float, history: list[tuple[date, dict[str, Any]]]) -> timedelta:
    """How long to wait before asking again: a quarter of the source's rhythm, an hour to a day; longer as it fails."""
    rhythm = _expected_days(source, history)
    hours = min(max(rhythm * 24 / 4, 1.0), 24.0)
    if weight >= BACKOFF_FROM:
        hours = min(hours * 2 ** (weight - BACKOFF_FROM + 1), 7 * 24.0)
    return timedelta(hours=hours)
