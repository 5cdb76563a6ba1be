"""Digests: what each subscriber has not been told yet, ranked by its weight to them, rendered and sent.

No step of a project is told a subscriber twice: a mail and the steps it tells are queued in one transaction
(:mod:`warehouse.outbox`) before anything is sent.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from flows import french, stages
from flows.alerts import WEEKDAYS, Alerts, Rule, Subscriber, load_alerts
from flows.mail import SendReport, carrier_for, clean_header, compose, message_id, send_pending, sender_domain
from flows.matching import Matcher
from flows.settings import Settings
from flows.stories import Report, Step, Story, load_stories, rows, tell
from warehouse.outbox import Outbox
from warehouse.store import Warehouse, open_reader

logger = logging.getLogger("veilleur")

EXTRACT_MAX = 280
# Instant mails are for what cannot wait for the morning.
URGENT_KINDS = frozenset({"closure", "insolvency", "restructuring"})
DEADLINES = ("offers_due", "hearing", "decision", "inquiry")
FIELD_MEASURES = ("investment", "jobs_created", "jobs_cut", "jobs_saved", "funding_round", "deal_value", "workforce")


@dataclass(frozen=True)
class Change:
    """A step as readers see it: what, before, after, when, according to whom."""

    label: str
    before: str
    after: str
    at: str
    said_by: str
    first: bool


@dataclass
class Item:
    """One project in one subscriber's mail."""

    story: Story
    steps: list[Step]
    matched: list[str]
    weight: float
    followed: bool = False

    @property
    def new(self) -> bool:
        """Whether the project itself is news, rather than a change of one told before."""
        return self.story.project["first_told_at"] == self.steps[0].at and self.steps[0].before is None


@dataclass(frozen=True)
class Overdue:
    """A promise past, with nothing told since."""

    story: Story
    milestone: str
    due: date
    days_overdue: int
    last_told_at: date


@dataclass(frozen=True)
class Erratum:
    """What a subscriber was told and was corrected or withdrawn since."""

    step_id: str
    project_id: str
    change: Change
    headline: str


@dataclass
class Digest:
    """One subscriber's mail before it is written."""

    subscriber: Subscriber
    day: date
    kind: str
    items: list[Item]
    left_out: int = 0
    errata: list[Erratum] = field(default_factory=list)
    overdue: list[Overdue] = field(default_factory=list)
    gaps: dict[str, list[str]] = field(default_factory=dict)

    @property
    def steps(self) -> list[tuple[str, str]]:
        """What this mail tells, as (step_id, project_id)."""
        told = [(step.step_id, step.project_id) for item in self.items for step in item.steps]
        told += [(f"erratum:{erratum.step_id}", erratum.project_id) for erratum in self.errata]
        return told or [(f"overdue:{self.day:%Y-%m}", self.kind)]

    @property
    def gaps_lines(self) -> list[str]:
        """What the morning saw and did not see: an empty day and a broken one never look alike."""
        lines = []
        for what, words in french.labels()["gap"].items():
            names = self.gaps.get(what, [])
            if names or what == "read":
                listed = "" if what == "read" else " : " + ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
                lines.append(f"{words} : {len(names)}{listed}" if what == "read" else f"{words} ({len(names)}){listed}")
        return lines


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


def weight(story: Story, steps: Sequence[Step], rules: Sequence[Rule], followed: bool, day: date) -> float:
    """How much a story weighs for a subscriber: size first (a logarithm, so that a milliard does not hide all else),
    then what cannot wait, what is followed, what is new, what more than one independent source tells."""
    project = story.project
    investment = max((project[f"investment_eur_{end}"] or 0) for end in ("low", "high"))
    jobs = max((project[f"{m}_{end}"] or 0) for m in ("jobs_created", "jobs_cut") for end in ("low", "high"))
    score = math.log10(1 + investment / 100_000) + 1.2 * math.log10(1 + jobs)
    score += 1.0 if project["kind"] in URGENT_KINDS else 0.0
    score += 0.6 if any(step.field == "status" and step.after in ("delayed", "cancelled") for step in steps) else 0.0
    score += 0.3 * math.log2(max(1, project["sources"] or 1))
    score -= 0.4 if all(report.access == "teaser" for report in story.reports) else 0.0
    if any(0 <= (m["to"] or m["from"] or day).toordinal() - day.toordinal() <= 30 for m in coming(story, day)):
        score += 1.5
    score += 2.0 if followed else 0.0
    return score * max((rule.weight for rule in rules), default=1.0)


def coming(story: Story, day: date) -> list[dict[str, Any]]:
    """The story's dates to act on that are still ahead on that day, soonest first."""
    ahead = [m for m in story.milestones if m["milestone"] in DEADLINES and (m["to"] or m["from"]) >= day]
    return sorted(ahead, key=lambda m: m["to"] or m["from"])


def choose(
    subscriber: Subscriber, stories: Sequence[Story], matcher: Matcher, told: set[str], day: date, kind: str
) -> tuple[list[Item], int]:
    """The items of a subscriber's mail, heaviest first, and how many more were found than the mail may hold."""
    since = day - timedelta(days=subscriber.lookback_days)
    followed = matcher.followed(subscriber.follow_projects, subscriber.follow_organisations)
    masks = [(rule, matcher.match(rule, followed)) for rule in subscriber.rules]
    items = []
    for number, story in enumerate(stories):
        hits = [rule for rule, mask in masks if mask[number]]
        if not hits and not followed[number]:
            continue
        steps = [step for step in story.steps if since < step.at <= day and step.step_id not in told]
        if subscriber.audience == "external" and not any(r.redistribute for r in story.reports):
            continue
        if kind == "instant" and not (followed[number] or story.project["kind"] in URGENT_KINDS or coming(story, day)):
            continue
        if steps:
            names = [rule.name or f"règle {subscriber.rules.index(rule) + 1}" for rule in hits]
            names += ["suivi"] if followed[number] else []
            heavy = weight(story, steps, hits, bool(followed[number]), day)
            items.append(Item(story, steps, names, heavy, bool(followed[number])))
    items.sort(key=lambda item: (-item.weight, item.story.project["project_id"]))
    return items[: subscriber.max_items], max(0, len(items) - subscriber.max_items)


# --- writing -------------------------------------------------------------------------------------------------------


def safe_url(url: str | None) -> str | None:
    """The address if it is http or https and has a host, else None: nothing else becomes a link."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def extract(text: str | None) -> str:
    """A bounded extract, cut at a word."""
    text = " ".join((text or "").split())
    return text if len(text) <= EXTRACT_MAX else text[: EXTRACT_MAX - 1].rsplit(" ", 1)[0] + "…"


def value_of(field_name: str, text: str | None) -> str:
    """A history value as readers see it: statuses and kinds by their label, sums, counts and dates in French."""
    if text is None:
        return ""
    if field_name == "told":
        return french.label("kind", text)
    if field_name in ("status", "kind"):
        return french.label(field_name, text)
    if field_name.removesuffix("_eur") in french.labels()["measure"]:
        return _bounds(text, "EUR" if field_name.endswith("_eur") else "person")
    if field_name in french.labels()["milestone"]:
        start, _, end = text.partition("/")
        return french.interval(*(date.fromisoformat(part) if part else None for part in (start, end)))
    return text


def _bounds(text: str, unit: str) -> str:
    """A figure as the history writes it (``45``, ``15..20``, ``>=40``, ``<=5``, ``~100``) in French."""
    if text.startswith((">=", "<=")):
        value = float(text[2:])
        return french.extent(value, None, unit) if text.startswith(">") else french.extent(None, value, unit)
    low, _, high = text.removeprefix("~").partition("..")
    return french.extent(float(low), float(high or low), unit, "about" if text.startswith("~") else None)


def change_of(step: Step) -> Change:
    """A step in words."""
    name = step.field
    words = french.labels()
    title = (
        words["field"].get(name) or words["milestone"].get(name) or french.label("measure", name.removesuffix("_eur"))
    )
    return Change(
        label=title, before=value_of(name, step.before), after=value_of(name, step.after), at=french.day(step.at),
        said_by=step.said_by or "", first=step.before is None,
    )  # fmt: skip


def facts_of(project: dict[str, Any]) -> list[tuple[str, str]]:
    """The project's sums and jobs, labelled."""
    found = []
    for measure, unit in (("investment_eur", "EUR"), ("jobs_created", "person"), ("jobs_cut", "person")):
        text = french.extent(project[f"{measure}_low"], project[f"{measure}_high"], unit)
        if text:
            found.append((french.label("measure", measure.removesuffix("_eur")), text))
    return found


def conflict_text(conflict: dict[str, Any]) -> str:
    """Two claims that differ, in words."""
    unit = "person" if (conflict["measure"] or "").startswith(("jobs", "workforce")) else "EUR"
    values = [french.amount(v, unit) for v in (conflict["stated"], conflict["computed"]) if v is not None]
    speakers = [conflict["said_by"] or "l’article", conflict["other_said_by"] or "un autre article"]
    claims = [f"{value} selon {who}" for value, who in zip(values, speakers, strict=False)]
    return f"Désaccord – {french.label('measure', conflict['measure'])} : " + ", ".join(claims)


def headline(story: Story) -> str:
    """A project in one line: who, what, how much, where."""
    project = story.project
    who = ", ".join(project["organisations"][:2]) or project["name"] or french.label("kind", project["kind"])
    facts = [text if "€" in text else f"{text} {'emplois' if label == 'Emplois créés' else 'emplois supprimés'}"
             for label, text in facts_of(project)]  # fmt: skip
    what = ", ".join(facts) or french.label("kind", project["kind"]).lower()
    where = f" à {project['places'][0]}" if project["places"] and project["commune_codes"] else ""
    return f"{who} : {what}{where}"


def subject_of(digest: Digest) -> str:
    """A subject line that tells the main news."""
    day = french.day(digest.day)
    if digest.kind == "monthly":
        return f"Que sont-elles devenues ? {french.plural(len(digest.overdue), 'promesse échue', 'promesses échues')}"
    if not digest.items:
        return f"Veilleur du {day} : erratum" if digest.errata else f"Veilleur du {day}"
    more = len(digest.items) + digest.left_out - 1
    tail = f" (+ {more})" if more else ""
    return clean_header(headline(digest.items[0].story), 110 - len(tail)) + tail


@cache
def environment() -> Environment:
    """The templates: everything is escaped in HTML, and a missing value is an error, never an empty mail."""
    made = Environment(
        loader=FileSystemLoader(french.TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html", "html.jinja")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        day=french.day, label=lambda term, group: french.label(group, term), extract=extract, url=safe_url
    )
    made.globals.update(
        change_of=change_of, facts_of=facts_of, plural=french.plural, coming=coming, interval=french.interval,
        headline=headline, conflict_text=conflict_text, lead_report=lead_report,
    )  # fmt: skip
    return made


@cache
def _inliner() -> css_inline.CSSInliner:
    # No stylesheet is ever fetched; what cannot be inlined (dark mode, small screens) stays in the head.
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True, keep_at_rules=True)


def render(digest: Digest, *, explain: bool = False) -> tuple[str, str]:
    """A digest as HTML and as text. ``explain`` adds why each item matched."""
    context = {"digest": digest, "subject": subject_of(digest), "explain": explain}
    html = environment().get_template("digest.html.jinja").render(context)
    text = environment().get_template("digest.txt.jinja").render(context)
    return _inliner().inline(html), text


def lead_report(story: Story) -> Report | None:
    """The report whose words are shown: the newest full text, else the newest."""
    full = [report for report in story.reports if report.access != "teaser"]
    return (full or story.reports or [None])[0]


# --- sending -------------------------------------------------------------------------------------------------------


def read_gaps(published: Path, day: date) -> dict[str, Any]:
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


def read_errata(published: Path, withdrawn: Sequence[tuple[Any, ...]]) -> list[Erratum]:
    """What a subscriber was told and was withdrawn since, in words."""
    if not withdrawn:
        return []
    connection = open_reader(published)
    try:
        stories = {s.project["project_id"]: s for s in tell(connection, [row[1] for row in withdrawn])}
    finally:
        connection.close()
    errata = []
    for step_id, project_id, field_name, before, after, at in withdrawn:
        change = change_of(Step(step_id, project_id, at, field_name, before, after, None, None, None))
        story = stories.get(project_id)
        errata.append(Erratum(step_id, project_id, change, headline(story) if story else ""))
    return errata


def epci_communes(published: Path) -> Any:
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


def build_digests(
    settings: Settings, alerts: Alerts, day: date, *, only: Sequence[str], kind: str, outbox: Outbox | None
) -> list[Digest]:
    """The mails of a day, one a subscriber that has something to be told.

    ``outbox`` None: a preview, as if nothing had been told before. Raises AlertsError for an unknown ``only``.
    """
    subscribers = [s for s in alerts.subscribers if (s.id in only if only else due(s, day, kind))]
    unknown = sorted(set(only) - {s.id for s in alerts.subscribers})
    if unknown:
        raise stages.StageError(f"{settings.alerts}: no subscriber {', '.join(unknown)}")
    if not subscribers:
        return []
    since = day - timedelta(days=max(s.lookback_days for s in subscribers))
    overdue = read_overdue(settings.published_path, day) if kind == "monthly" else []
    stories = [promise.story for promise in overdue] or load_stories(settings.published_path, since, day)
    wants_meaning = any(rule.like for s in subscribers for rule in s.rules)
    encoder = stages.encoder_for(settings) if wants_meaning else None
    matcher = Matcher(stories, alerts, epci_communes(settings.published_path), encoder)
    gaps = read_gaps(settings.published_path, day)
    digests = []
    for subscriber in subscribers:
        told = outbox.told(subscriber.id) if outbox is not None else set()
        if kind == "monthly":
            followed = matcher.followed(subscriber.follow_projects, subscriber.follow_organisations)
            hit = followed.copy()
            for rule in subscriber.rules:
                hit |= matcher.match(rule, followed)
            mine = [promise for promise, wanted in zip(overdue, hit, strict=True) if wanted]
            if mine and f"overdue:{day:%Y-%m}" not in told:
                digests.append(Digest(subscriber, day, kind, [], overdue=mine, gaps=gaps))
            continue
        items, left = choose(subscriber, stories, matcher, told, day, kind)
        withdrawn = outbox.withdrawn(subscriber.id) if outbox is not None else []
        errata = read_errata(settings.published_path, withdrawn)
        if items or errata:
            digests.append(Digest(subscriber, day, kind, items, left, errata, gaps=gaps))
    return digests


def send_digests(
    settings: Settings, day: date, *, only: Sequence[str] = (), frequency: str = "daily", wait_s: float = 3600
) -> SendReport:
    """Queue what each subscriber has not been told, then send everything that waits.

    Without a published copy there is nothing to tell (StageError); without an alerts file nobody to tell it to.
    """
    if not settings.published_path.exists():
        raise stages.StageError(f"{settings.published_path}: no published copy yet; run veilleur publish first")
    report = SendReport()
    if not settings.alerts.exists():
        logger.warning("%s: no alerts file, so nobody is written to", settings.alerts)
        return report
    alerts = load_alerts(settings.alerts)
    domain = sender_domain(settings.smtp)
    # The mail's own date is the logical day's morning: the same digest is the same bytes whenever it is made.
    at = datetime.combine(day, time(7, 0), ZoneInfo("Europe/Paris"))
    with stages.writer(settings, wait_s), Warehouse.open(settings.warehouse_path) as house:
        outbox = Outbox(house.connection)
        for digest in build_digests(settings, alerts, day, only=only, kind=frequency, outbox=outbox):
            ident = message_id(digest.subscriber.id, digest.kind, [step for step, _ in digest.steps], domain)
            html, text = render(digest)
            thread = digest.items[0].story.project["project_id"] if len(digest.items) == 1 else None
            message = compose(
                settings.smtp, to_name=digest.subscriber.name, to_email=digest.subscriber.email,
                subject=subject_of(digest), html=html, text=text, ident=ident, at=at, thread=thread,
            )  # fmt: skip
            queued = outbox.queue(
                ident,
                digest.subscriber.id,
                digest.kind,
                day,
                subject_of(digest),
                message,
                digest.steps,
                datetime.now(UTC),
            )
            report.queued += queued
        send_pending(outbox, carrier_for(settings), datetime.now(UTC), report)
    return report


def preview_digests(settings: Settings, day: date, *, only: Sequence[str] = ()) -> list[Path]:
    """Write each subscriber's HTML of a day to DATA/preview, with why each item matched; nothing is sent or noted."""
    alerts = load_alerts(settings.alerts)
    chosen = list(only) or [s.id for s in alerts.subscribers if s.active]
    folder = settings.data_dir / "preview" / day.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for digest in build_digests(settings, alerts, day, only=chosen, kind="daily", outbox=None):
        path = folder / f"{digest.subscriber.id}.html"
        path.write_text(render(digest, explain=True)[0], encoding="utf-8")
        paths.append(path)
    return paths
