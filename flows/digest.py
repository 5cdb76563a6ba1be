"""Digests: what each subscriber has not been told yet, ranked by its weight to them, rendered and sent.

No step of a project is told a subscriber twice: a mail and the steps it tells are queued in one transaction
(:mod:`warehouse.outbox`) before anything is sent. What a mail says is written in :mod:`flows.writing`.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from flows import stages
from flows.alerts import WEEKDAYS, Alerts, Rule, Subscriber, load_alerts
from flows.mail import SendReport, carrier_for, compose, message_id, record_failures, send_pending, sender_domain
from flows.matching import Mask, Matcher, Scores
from flows.returns import leave_url, take_returns
from flows.settings import Settings
from flows.stories import Step, Story, load_stories, rows, tell
from flows.writing import (
    Deadline,
    Digest,
    Erratum,
    Item,
    Overdue,
    change_of,
    coming,
    net_steps,
    once,
    phrase,
    render,
    subject_of,
    together,
)
from warehouse.outbox import Outbox
from warehouse.store import Warehouse, open_reader

logger = logging.getLogger("veilleur")

PARIS = ZoneInfo("Europe/Paris")
# Instant mails are for what cannot wait for the morning.
URGENT_KINDS = frozenset({"closure", "insolvency", "restructuring"})
# At most so many deadlines at the head of a mail.
DEADLINES_SHOWN = 8
# What lies further ahead stands with the project alone.
AHEAD_DAYS = 200
# How much of a story's size counts by what is new in it: 1 for the project itself or a turn in its fate.
NOVELTY = {"told": 1.0, "status": 1.0, "offers_due": 1.0, "hearing": 0.9, "decision": 0.8, "inquiry": 0.8,
           "investment_eur": 0.8, "jobs_created": 0.8, "jobs_cut": 0.9, "jobs_saved": 0.8, "funding_round_eur": 0.8,
           "deal_value_eur": 0.8, "grant_eur": 0.5, "opening": 0.5, "completion": 0.5, "start": 0.5,
           "carrier": 0.5}  # fmt: skip
# A name, a place or a sector that is told later is hardly news.
MINOR = 0.1
# What the subscriber follows.
FOLLOWED = 2.5


# --- choosing ------------------------------------------------------------------------------------------------------


def due(subscriber: Subscriber, day: date, frequency: str) -> bool:
    """Whether a run of that frequency writes to a subscriber on that day.

    Weekly subscribers are served by the daily run of their weekday; instant ones get the daily digest as well.
    """
    if not subscriber.active:
        return False
    if frequency == "instant":
        return subscriber.frequency == "instant"
    if frequency == "weekly":
        return subscriber.frequency == "weekly"
    if frequency == "monthly":
        return subscriber.monthly_review
    return subscriber.frequency in ("daily", "instant") or (
        subscriber.frequency == "weekly" and WEEKDAYS[day.weekday()] == subscriber.weekday
    )


def size(story: Story) -> float:
    """How big a project is: euros and jobs, each by a logarithm, so that a milliard does not hide all else.

    10 M€ weigh as much as some 20 jobs; jobs kept in a takeover count half.
    """
    euros, jobs = 0.0, 0.0
    for figure in story.project["figures"] or []:
        top = max((abs(v) for v in (figure["low"], figure["high"]) if v is not None), default=0.0)
        if figure["measure"] in ("investment", "funding_round", "deal_value") and figure["unit"] == "EUR":
            euros = max(euros, top)
        elif figure["measure"] in ("jobs_created", "jobs_cut"):
            jobs = max(jobs, top)
        elif figure["measure"] == "jobs_saved":
            jobs = max(jobs, top / 2)
    return math.log10(1 + euros / 100_000) + 1.5 * math.log10(1 + jobs)


def weight(story: Story, steps: Sequence[Step], day: date) -> float:
    """How much a story weighs before it is known for whom.

    Its size counts by what is new in it (:data:`NOVELTY`); then what cannot wait, what turned out badly, what several
    independent sources tell. A rumour and a teaser weigh less.
    """
    project = story.project
    new = max((NOVELTY.get(step.field, MINOR) for step, _ in net_steps(steps)), default=MINOR)
    score = size(story) * new
    score += 1.2 * new if project["kind"] in URGENT_KINDS else 0.0
    score += 0.8 if any(s.field == "status" and s.after in ("delayed", "cancelled") for s in steps) else 0.0
    score += 0.3 * math.log2(max(1, project["sources"] or 1))
    score -= 0.5 if project["status"] == "considered" else 0.0
    score -= 0.4 if story.reports and all(report.access == "teaser" for report in story.reports) else 0.0
    # A date to act on within a month, the nearer the more.
    ahead = [(deadline.due - day).days for deadline in coming(story, day)]
    return score + max((2.5 * (1 - days / 40) for days in ahead if days <= 30), default=0.0)


@dataclass(frozen=True)
class _News:
    """What stories tell readers of one audience who were told nothing of them: an entry a story."""

    steps: list[list[Step]]
    tells: Mask
    weights: Scores


class Chooser:
    """Chooses what each subscriber is told of one set of stories on one day.

    What does not depend on the subscriber is worked out once: for hundreds of them, the arrays are all that is left.
    """

    def __init__(self, stories: Sequence[Story], matcher: Matcher, day: date) -> None:
        self.stories = stories
        self.matcher = matcher
        self.day = day
        self._news: dict[tuple[int, str], _News] = {}
        self._of_step = {step.step_id: number for number, story in enumerate(stories) for step in story.steps}
        self._of_project = {story.project["project_id"]: number for number, story in enumerate(stories)}
        self._ahead = {number: dates for number, story in enumerate(stories) if (dates := coming(story, day))}
        self._urgent = np.array(
            [n in self._ahead or story.project["kind"] in URGENT_KINDS for n, story in enumerate(stories)], dtype=bool
        )
        by_id = sorted(range(len(stories)), key=lambda n: stories[n].project["project_id"])
        self._rank = np.empty(len(stories), dtype=int)
        self._rank[by_id] = np.arange(len(stories))

    def wanted(self, subscriber: Subscriber) -> tuple[list[tuple[Rule, Mask]], Mask, Mask]:
        """Each rule with the stories it holds for, the stories followed, and those of interest for either reason."""
        followed = self.matcher.followed(subscriber.follow_projects, subscriber.follow_organisations)
        masks = [(rule, self.matcher.match(rule, followed)) for rule in subscriber.rules]
        interest = followed.copy()
        for _, mask in masks:
            interest |= mask
        return masks, followed, interest

    def choose(
        self, subscriber: Subscriber, told: set[str], told_before: set[tuple[Any, ...]], kind: str
    ) -> tuple[list[Item], int, list[Deadline]]:
        """The items of a mail, heaviest first; how many more were found than it may hold; the dates to act on."""
        masks, followed, interest = self.wanted(subscriber)
        news = self._fresh(subscriber.lookback_days, subscriber.audience)
        tells, weights, steps = news.tells.copy(), news.weights.copy(), {}
        touched = {self._of_step[step] for step in told if step in self._of_step}
        touched |= {self._of_project[row[0]] for row in told_before if row[0] in self._of_project}
        for number in touched:
            steps[number] = [
                step for step in news.steps[number]
                if step.step_id not in told and (step.project_id, step.field, step.after, step.at) not in told_before
            ]  # fmt: skip
            tells[number] = bool(net_steps(steps[number]))
            weights[number] = weight(self.stories[number], steps[number], self.day)
        tells &= interest
        if kind == "instant":
            tells &= self._urgent | followed
        factor = np.zeros(len(self.stories))
        for rule, mask in masks:
            factor = np.maximum(factor, np.where(mask, rule.weight, 0.0))
        weights = (weights + FOLLOWED * followed) * np.where(factor > 0, factor, 1.0)
        order = [int(n) for n in np.lexsort((self._rank, -weights)) if tells[n]]
        items = []
        # A few more than fit, since some are told together with others.
        for number in order[: 2 * subscriber.max_items]:
            hits = [rule for rule, mask in masks if mask[number]]
            names = [rule.name or f"règle {subscriber.rules.index(rule) + 1}" for rule in hits]
            names += ["suivi"] if followed[number] else []
            fresh = steps.get(number, news.steps[number])
            items.append(Item(self.stories[number], fresh, names, float(weights[number]), bool(followed[number])))
        kept = together(items)
        left = len(order) - (len(items) - len(kept)) - subscriber.max_items
        items = kept[: subscriber.max_items]
        return items, max(0, left), self._dates(subscriber, items, interest, told)

    def _fresh(self, lookback_days: int, audience: str) -> _News:
        news = self._news.get((lookback_days, audience))
        if news is None:
            since = self.day - timedelta(days=lookback_days)
            steps = [
                [s for s in story.steps if since < s.at <= self.day and shown(story, s, audience)]
                if any(report.shown_to(audience) for report in story.reports) else []
                for story in self.stories
            ]  # fmt: skip
            tells = np.array([bool(net_steps(several)) for several in steps], dtype=bool)
            weights = [weight(story, several, self.day) for story, several in zip(self.stories, steps, strict=True)]
            news = self._news[lookback_days, audience] = _News(steps, tells, np.array(weights, dtype=float))
        return news

    def _dates(self, subscriber: Subscriber, items: Sequence[Item], interest: Mask, told: set[str]) -> list[Deadline]:
        """Dates to act on: of what this mail tells, and those told before that are near by now."""
        chosen = {item.story.project["project_id"] for one in items for item in (one, *one.also)}
        ahead = []
        for number, dates in self._ahead.items():
            story = self.stories[number]
            if story.project["project_id"] in chosen:
                ahead += [d for d in dates if (d.due - self.day).days <= AHEAD_DAYS]
            elif interest[number] and any(report.shown_to(subscriber.audience) for report in story.reports):
                near = [d for d in dates if (d.due - self.day).days <= subscriber.remind_days]
                ahead += [d for d in near if d.key not in told]
        return once(ahead)[:DEADLINES_SHOWN]


def shown(story: Story, step: Step, audience: str) -> bool:
    """Whether readers of that audience may hear of a step: not where only what stays inside tells it."""
    report = story.by_article.get(step.article_id or "")
    return report is None or report.shown_to(audience)


# --- reading the published copy ------------------------------------------------------------------------------------


def read_gaps(published: Path, day: date) -> dict[str, list[str]]:
    """What the morning could not see: titles read, reserved, teasers, failed, silent."""
    connection = open_reader(published)
    try:
        return {row["what"]: row["names"] for row in rows(connection, "gaps", day=day)}
    finally:
        connection.close()


def read_overdue(published: Path, day: date) -> list[Overdue]:
    """Milestones that have passed on that day with nothing told since, latest first."""
    connection = open_reader(published)
    try:
        found = rows(connection, "overdue", day=day)
        stories = {s.project["project_id"]: s for s in tell(connection, [row["project_id"] for row in found])}
    finally:
        connection.close()
    return [Overdue(story=stories[row.pop("project_id")], **row) for row in found if row["project_id"] in stories]


def read_errata(published: Path, withdrawn: Sequence[tuple[Any, ...]]) -> tuple[list[Erratum], list[tuple[str, str]]]:
    """What a subscriber was told and was withdrawn since, in words; and what needs none, as (step_id, project_id).

    A step that was withdrawn because its article was read again, while another says the same, needs no erratum.
    """
    if not withdrawn:
        return [], []
    connection = open_reader(published)
    try:
        projects = sorted({row[1] for row in withdrawn})
        stories = {s.project["project_id"]: s for s in tell(connection, projects)}
        held: dict[tuple[str, str], list[str | None]] = {}
        for project, name, after in connection.execute(
            'SELECT project_id, field, after FROM project_history WHERE project_id IN (SELECT unnest(?::VARCHAR[])) '
            'ORDER BY "at", step_id', [projects],
        ).fetchall():  # fmt: skip
            held.setdefault((project, name), []).append(after)
    finally:
        connection.close()
    errata, needless = [], []
    for step_id, project_id, field_name, before, after, at in withdrawn:
        values = held.get((project_id, field_name), [])
        if after in values:
            needless.append((f"erratum:{step_id}", project_id))
            continue
        change = change_of(Step(step_id, project_id, at, field_name, before, after, None, None))
        now = change_of(Step("", project_id, at, field_name, None, values[-1], None, None)).after if values else ""
        story = stories.get(project_id)
        errata.append(Erratum(step_id, project_id, change, now, phrase(story) if story else ""))
    return errata, needless


def epci_communes(published: Path) -> Callable[[str], frozenset[str]]:
    """A function from an EPCI's SIREN to its communes."""

    @cache
    def communes(code: str) -> frozenset[str]:
        connection = open_reader(published)
        try:
            found = connection.execute(
                "SELECT code FROM store.codes WHERE level = 'commune' AND epci_code = ?", [code]
            ).fetchall()
        finally:
            connection.close()
        return frozenset(row[0] for row in found)

    return communes


# --- building and sending ------------------------------------------------------------------------------------------


def build_digests(
    settings: Settings, alerts: Alerts, day: date, *, only: Sequence[str], kind: str, outbox: Outbox | None
) -> list[Digest]:
    """The mails of a day, one a subscriber that has something to be told.

    ``outbox`` None: a preview, as if nothing had been told before. Raises StageError for an unknown ``only``.
    """
    subscribers = [s for s in alerts.subscribers if (s.id in only and s.active if only else due(s, day, kind))]
    unknown = sorted(set(only) - {s.id for s in alerts.subscribers})
    if unknown:
        raise stages.StageError(f"{settings.alerts}: no subscriber {', '.join(unknown)}")
    if not subscribers:
        return []
    published = settings.published_path
    overdue = read_overdue(published, day) if kind == "monthly" else []
    if kind == "monthly":
        stories = [promise.story for promise in overdue]
    else:
        since = day - timedelta(days=max(s.lookback_days for s in subscribers))
        stories = load_stories(published, since, day, day + timedelta(days=max(s.remind_days for s in subscribers)))
    wants_meaning = any(rule.like for s in subscribers for rule in s.rules)
    encoder = stages.encoder_for(settings) if wants_meaning else None
    chooser = Chooser(stories, Matcher(stories, alerts, epci_communes(published), encoder), day)
    gaps = read_gaps(published, day)
    digests = []
    for subscriber in subscribers:
        told = outbox.told(subscriber.id) if outbox is not None else set()
        if kind == "monthly":
            interest = chooser.wanted(subscriber)[2]
            mine = [
                promise for promise, wanted in zip(overdue, interest, strict=True)
                if wanted and promise.key not in told
                and any(report.shown_to(subscriber.audience) for report in promise.story.reports)
            ]  # fmt: skip
            digest = Digest(subscriber, day, kind, [], overdue=mine[: subscriber.max_items], gaps=gaps)
        else:
            before = outbox.told_before(subscriber.id) if outbox is not None else set()
            items, left, deadlines = chooser.choose(subscriber, told, before, kind)
            errata, needless = read_errata(published, outbox.withdrawn(subscriber.id) if outbox is not None else [])
            if outbox is not None and needless:
                outbox.settle(subscriber.id, needless)
            digest = Digest(subscriber, day, kind, items, left, deadlines, errata, gaps=gaps)
        if not digest.empty or tells_empty_day(digest, told):
            digests.append(digest)
    return digests


def tells_empty_day(digest: Digest, told: set[str]) -> bool:
    """Whether a subscriber gets a short mail on a day without news: once a day, and only as they chose."""
    subscriber = digest.subscriber
    if digest.kind not in ("daily", "weekly") or any(step in told for step, _ in digest.steps):
        return False
    return subscriber.empty_day == "always" or (subscriber.empty_day == "broken" and digest.broken)


def send_digests(
    settings: Settings, day: date, *, only: Sequence[str] = (), frequency: str = "daily", wait_s: float = 3600
) -> SendReport:
    """Queue what each subscriber has not been told, then send everything that waits.

    Without a published copy there is nothing to tell (StageError); without an alerts file nobody to tell it to. A day
    before the last one that was loaded tells nothing new.
    """
    if not settings.published_path.exists():
        raise stages.StageError(f"{settings.published_path}: no published copy yet; run veilleur publish first")
    report = SendReport()
    if not settings.alerts.exists():
        logger.warning("%s: no alerts file, so nobody is written to", settings.alerts)
        return report
    alerts = load_alerts(settings.alerts)
    with stages.writer(settings, wait_s), Warehouse.open(settings.warehouse_path) as house:
        outbox, now = Outbox(house.connection), datetime.now(UTC)
        report.returns = take_returns(settings, outbox, day, now)
        alerts = reachable(alerts, outbox, day, now)
        last = house.connection.execute("SELECT day FROM today").fetchall()[0][0]
        # A day run again after later ones knows what it could not know then: it sends what waits, tells nothing.
        if last is None or day >= last:
            for digest in build_digests(settings, alerts, day, only=only, kind=frequency, outbox=outbox):
                report.queued += queue(settings, outbox, digest, now)
        send_pending(outbox, carrier_for(settings), now, report)
        record_failures(house, outbox)
    return report


def reachable(alerts: Alerts, outbox: Outbox, day: date, now: datetime) -> Alerts:
    """The subscribers with those switched off who unsubscribed; who is written to and why is kept."""
    kept = []
    for subscriber in alerts.subscribers:
        consent = (subscriber.consent.on, subscriber.consent.origin) if subscriber.consent else None
        there = outbox.record_subscriber(subscriber.id, subscriber.email, subscriber.audience, consent, day, now)
        kept.append(subscriber if there else subscriber.model_copy(update={"active": False}))
    return alerts.model_copy(update={"subscribers": tuple(kept)})


def queue(settings: Settings, outbox: Outbox, digest: Digest, now: datetime) -> bool:
    """Write a digest as a mail and queue it; False where the same was queued before.

    The mail's own date is the logical day's morning: the same digest is the same bytes whenever it is made.
    """
    subscriber, smtp = digest.subscriber, settings.smtp
    ident = message_id(subscriber.id, digest.kind, [":".join(step) for step in digest.steps], sender_domain(smtp))
    leave = leave_url(settings, subscriber)
    html, text = render(digest, leave_url=leave)
    scheduled = subscriber.hour if digest.kind != "instant" else None
    at = datetime.combine(digest.day, time(7 if scheduled is None else scheduled), PARIS)
    message = compose(
        smtp, to_name=subscriber.name, to_email=subscriber.email, subject=subject_of(digest), html=html, text=text,
        ident=ident, at=at, unsubscribe_url=leave if leave.startswith("http") else None,
        thread=digest.items[0].story.project["project_id"] if len(digest.items) == 1 else None,
    )  # fmt: skip
    return outbox.queue(
        ident, subscriber.id, digest.kind, digest.day, subject_of(digest), message, digest.steps, now,
        not_before=at.astimezone(UTC) if scheduled is not None else None,
    )  # fmt: skip


def preview_digests(settings: Settings, day: date, *, only: Sequence[str] = ()) -> list[Path]:
    """Write each subscriber's HTML of a day to DATA/preview, with why each item matched; nothing is sent or noted."""
    alerts = load_alerts(settings.alerts)
    chosen = list(only) or [s.id for s in alerts.subscribers if s.active]
    folder = settings.data_dir / "preview" / day.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for digest in build_digests(settings, alerts, day, only=chosen, kind="daily", outbox=None):
        path = folder / f"{digest.subscriber.id}.html"
        path.write_text(render(digest, explain=True, leave_url=leave_url(settings, digest.subscriber))[0], "utf-8")
        paths.append(path)
    return paths
