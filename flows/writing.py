"""What a digest says, in French: a project as a title, facts, changes, an extract and its sources; the mail's subject.

Every text that comes from an article is hostile until it went through :func:`plain` (one line, no control or
direction characters) and through the template's escaping; every link through :func:`safe_url`.
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from flows import french
from flows.alerts import Subscriber
from flows.mail import clean_header
from flows.stories import Report, Step, Story

EXTRACT_MAX = 280
# Shorter words ("120 emplois") prove a value and say nothing beside it.
PROOF_MIN = 30
DEADLINES = ("offers_due", "hearing", "decision", "inquiry")
CALENDAR = ("start", "completion", "opening")
# The measures that stand in a project's line, by the unit in which they are told.
SHOWN = {"investment": "EUR", "funding_round": "EUR", "deal_value": "EUR", "grant": "EUR", "jobs_created": "person",
         "jobs_cut": "person", "jobs_saved": "person"}  # fmt: skip
NAMES = {"told", "status", "kind", "name", "carrier", "places", "sector"}


# --- what a mail holds ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """What changed between what was told before and now, in words. ``before`` is empty for what is told first."""

    field: str
    label: str
    before: str
    after: str
    at: str
    said_by: str


@dataclass
class Item:
    """One project in one subscriber's mail; ``steps`` are those not told before, oldest first."""

    story: Story
    steps: list[Step]
    matched: list[str] = field(default_factory=list)
    weight: float = 0.0
    followed: bool = False
    also: list[Item] = field(default_factory=list)

    @property
    def told(self) -> list[Step]:
        """All steps that this item tells, those of what is told along with it included."""
        return [*self.steps, *(step for item in self.also for step in item.steps)]

    @property
    def new(self) -> bool:
        """Whether the project itself is news, rather than a change of one told before."""
        return any(step.field == "told" and step.before is None for step in self.steps)


@dataclass(frozen=True)
class Deadline:
    """A date to act on, ahead."""

    story: Story
    milestone: str
    start: date | None
    end: date | None
    article_id: str | None

    @property
    def due(self) -> date:
        """The last day."""
        day = self.end or self.start
        assert day is not None
        return day

    @property
    def key(self) -> str:
        """What stands in the list of what was told, once it was."""
        return f"rappel:{self.story.project['project_id']}:{self.milestone}:{self.due}"


@dataclass(frozen=True)
class Overdue:
    """A promise past, with nothing told since."""

    story: Story
    milestone: str
    due: date
    days_overdue: int
    last_told_at: date

    @property
    def key(self) -> str:
        """What stands in the list of what was told, once it was."""
        return f"overdue:{self.story.project['project_id']}:{self.milestone}:{self.due}"


@dataclass(frozen=True)
class Erratum:
    """What a subscriber was told and was corrected or withdrawn since; ``now`` is what holds instead, if anything."""

    step_id: str
    project_id: str
    change: Change
    now: str
    subject: str


@dataclass
class Digest:
    """One subscriber's mail before it is written."""

    subscriber: Subscriber
    day: date
    kind: str
    items: list[Item]
    left_out: int = 0
    deadlines: list[Deadline] = field(default_factory=list)
    errata: list[Erratum] = field(default_factory=list)
    overdue: list[Overdue] = field(default_factory=list)
    gaps: dict[str, list[str]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell but the state of the morning."""
        return not (self.items or self.deadlines or self.errata or self.overdue)

    @property
    def steps(self) -> list[tuple[str, str]]:
        """What this mail tells, as (step_id, project_id)."""
        told = [(step.step_id, step.project_id) for item in self.items for step in item.told]
        told += [(f"erratum:{erratum.step_id}", erratum.project_id) for erratum in self.errata]
        told += [(d.key, d.story.project["project_id"]) for d in self.deadlines]
        told += [(promise.key, promise.story.project["project_id"]) for promise in self.overdue]
        return told or [(f"quiet:{self.day}", self.kind)]

    @property
    def gap_lines(self) -> list[str]:
        """What the morning saw and did not see: an empty day and a broken one never look alike."""
        words = french.labels()["gap"]
        read = len(self.gaps.get("read", []))
        lines = [f"{words['read']} : {read}" if read else "Aucun titre n’a pu être lu ce matin."]
        for what in list(words)[1:]:
            names = [plain(name) for name in self.gaps.get(what, [])]
            if names:
                more = f" et {len(names) - 12} autres" if len(names) > 12 else ""
                lines.append(f"{words[what]} ({len(names)}) : {', '.join(names[:12])}{more}")
        return lines

    @property
    def broken(self) -> bool:
        """Whether the morning missed something that it should have seen."""
        return bool(self.gaps.get("failed")) or not self.gaps.get("read")


# --- small words ---------------------------------------------------------------------------------------------------


def plain(text: str | None) -> str:
    """A text of an article as one clean line.

    >>> plain("Lens\\n\\x07 : 45\\u202e M€")
    'Lens : 45 M€'
    """
    return clean_header(text or "", 100_000)


def safe_url(url: str | None) -> str | None:
    """The address if it is http or https and has a host, else None: nothing else becomes a link.

    >>> safe_url("https://gazette.example/a"), safe_url("javascript:alert(1)"), safe_url("//gazette.example")
    ('https://gazette.example/a', None, None)
    """
    if not url or any(ord(c) < 33 or c in '"<>\\^`{|}' for c in url):
        return None
    try:
        parts = urlsplit(url)
        known = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return url if known and "@" not in parts.netloc else None


def extract(text: str | None) -> str:
    """A bounded extract, cut at a word."""
    line = plain(text)
    return line if len(line) <= EXTRACT_MAX else line[: EXTRACT_MAX - 1].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


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
    return plain(text)


def _bounds(text: str, unit: str) -> str:
    """A figure as the history writes it (``45``, ``15..20``, ``>=40``, ``<=5``, ``~100``) in French."""
    if text.startswith((">=", "<=")):
        value = float(text[2:])
        return french.extent(value, None, unit) if text.startswith(">") else french.extent(None, value, unit)
    low, _, high = text.removeprefix("~").partition("..")
    return french.extent(float(low), float(high or low), unit, "about" if text.startswith("~") else None)


def field_label(name: str) -> str:
    """The French word for a field of the history."""
    words = french.labels()
    return (
        words["field"].get(name) or words["milestone"].get(name) or french.label("measure", name.removesuffix("_eur"))
    )


# --- what changed --------------------------------------------------------------------------------------------------


def net_steps(steps: Sequence[Step]) -> list[tuple[Step, str | None]]:
    """Each field's steps as one: the last step with the value before the first.

    An article may state a date three times, and papers of one morning may differ: the reader is told from where to
    where it went, and nothing where it came back.
    """
    fields: dict[str, list[Step]] = {}
    for step in steps:
        fields.setdefault(step.field, []).append(step)
    net = []
    for several in fields.values():
        # Ids are in no order: the chain says which came first. A loop falls back on the days.
        afters, befores = {s.after for s in several}, {s.before for s in several}
        first = next((s for s in several if s.before is None or s.before not in afters), several[0])
        lasts = [s for s in several if s.after not in befores]
        last = lasts[-1] if lasts else several[-1]
        if first.before != last.after:
            net.append((last, first.before))
    return net


def changes_of(item: Item, audience: str = "internal") -> list[Change]:
    """What changed, in words: before and after, since when, according to whom.

    Of a new project nothing changed. What is told first of a project known before is a change without a before. Dates
    that had passed when they were told are no promise and are left out.
    """
    if item.new:
        return []
    changes = []
    order = [*NAMES, *SHOWN, *(f"{m}_eur" for m in SHOWN), *DEADLINES, *CALENDAR]
    for step, before in net_steps(item.steps):
        report = item.story.by_article.get(step.article_id or "")
        if report is not None and not report.shown_to(audience):
            continue
        if step.field in CALENDAR and _past(step) and before is None:
            continue
        changes.append(change_of(step, before, report, item.story.project["kind"]))
    return sorted(changes, key=lambda c: (order.index(c.field) if c.field in order else 99, c.field))


def change_of(step: Step, before: str | None = None, report: Report | None = None, kind: str = "programme") -> Change:
    """A step in words. Where no person or body is named as saying so, the paper does. Statuses agree with ``kind``."""
    if step.field == "status" and step.after:
        values = [status_label(kind, value) if value else "" for value in (before, step.after)]
    else:
        values = [value_of(step.field, before), value_of(step.field, step.after)]
    said_by = plain(step.said_by) or plain(report.source_name if report else "")
    return Change(
        step.field, field_label(step.field), values[0], values[1], french.day(step.at), said_by,
    )  # fmt: skip


def _past(step: Step) -> bool:
    end = (step.after or "").partition("/")[2]
    return bool(end) and date.fromisoformat(end) < step.at


# --- facts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """A sum, a number of jobs or a date of a project. ``note`` says who says so and what calls for caution."""

    measure: str
    label: str
    value: str
    note: str


def facts_of(story: Story, audience: str = "internal") -> list[Fact]:
    """The project's sums and jobs, with who says so, and figures from teasers or a single unnamed source marked."""
    facts = []
    for measure in SHOWN:
        for figure in story.project["figures"] or []:
            if figure["measure"] != measure:
                continue
            report = story.by_article.get(figure["article_id"])
            if report is not None and not report.shown_to(audience):
                continue
            value = french.extent(figure["low"], figure["high"], figure["unit"], figure["qualifier"])
            if value:
                facts.append(Fact(measure, french.label("measure", measure), value, _note(figure, report)))
    return facts


def counted(story: Story, facts: Sequence[Fact]) -> str:
    """How many tell it; figures that a single source gives, and nobody in it, are marked as such."""
    count = story.project["sources"] or 1
    if count > 1:
        return french.plural(count, "source indépendante", "sources indépendantes")
    unsaid = any(not fact.note.startswith("selon") for fact in facts)
    return "source unique" + (f", {french.labels()['mark']['single']}" if unsaid else "")


def status_label(kind: str, status: str) -> str:
    """A status that agrees with the French name of its kind.

    >>> status_label("closure", "announced"), status_label("programme", "announced")
    ('annoncée', 'annoncé')
    """
    words = french.labels()
    form = None if kind in words["masculine"] else words["status_feminine"].get(status)
    return form or french.label("status", status)


def _note(figure: dict[str, Any], report: Report | None) -> str:
    marks = french.labels()["mark"]
    notes = []
    if figure["said_by"]:
        notes.append(f"selon {plain(figure['said_by'])}")
    elif report is not None and anonymous(report):
        notes.append(marks["anonymous"])
    if report is not None and report.access == "teaser":
        notes.append(marks["teaser"])
    return ", ".join(notes)


def anonymous(report: Report) -> bool:
    """Whether the article says that its source does not want to be named."""
    words = french.fold(f"{report.evidence_sentence or ''} {report.evidence_text or ''}")
    return any(phrase in words for phrase in phrases()["anonymous"]["words"])


def calendar_of(story: Story, day: date) -> str:
    """The project's dates ahead, in a line."""
    ahead = [m for m in story.project["milestones"] or [] if m["milestone"] in CALENDAR
             and (m["to"] or m["from"]) is not None and (m["to"] or m["from"]) >= day]  # fmt: skip
    ahead.sort(key=lambda m: (m["to"] or m["from"], m["milestone"]))
    closing = french.labels()["milestone_closure"] if story.project["kind"] == "closure" else {}
    return " ; ".join(
        f"{closing.get(m['milestone']) or french.label('milestone', m['milestone']).lower()} "
        f"{french.interval(m['from'], m['to'])}"
        for m in ahead
    )


def coming(story: Story, day: date) -> list[Deadline]:
    """The story's dates to act on that are still ahead on that day, soonest first."""
    ahead = [
        Deadline(story, m["milestone"], m["from"], m["to"], m.get("article_id"))
        for m in story.project["milestones"] or []
        if m["milestone"] in DEADLINES and (m["to"] or m["from"]) is not None and (m["to"] or m["from"]) >= day
    ]
    return sorted(ahead, key=lambda d: (d.due, d.milestone))


def once(deadlines: Iterable[Deadline]) -> list[Deadline]:
    """Deadlines without those that say the same again: one article may tell the insolvency and the bid with one
    date."""
    kept: list[Deadline] = []
    seen: set[tuple[str, date, str]] = set()
    for deadline in sorted(deadlines, key=lambda d: (d.due, d.milestone, d.story.project["project_id"])):
        project = deadline.story.project
        keys = {(deadline.milestone, deadline.due, french.fold(name)) for name in project["organisations"]}
        keys.add((deadline.milestone, deadline.due, f"article:{deadline.article_id or project['project_id']}"))
        if not keys & seen:
            kept.append(deadline)
        seen |= keys
    return kept


def when_due(deadline: Deadline, day: date) -> str:
    """How far a deadline is.

    >>> from types import SimpleNamespace
    >>> when_due(SimpleNamespace(due=date(2025, 6, 21)), date(2025, 6, 20))
    'demain'
    """
    days = (deadline.due - day).days
    return ("aujourd’hui", "demain")[days] if days < 2 else f"dans {french.plural(days, 'jour')}"


def claims_of(story: Story, audience: str = "internal") -> list[str]:
    """Where sides or sources disagree: both claims, each with who makes it."""
    lines = []
    for conflict in story.conflicts:
        reports = [story.by_article.get(conflict.get(key) or "") for key in ("article_id", "other_article_id")]
        if any(report is not None and not report.shown_to(audience) for report in reports):
            continue
        unit = "person" if (conflict["measure"] or "").startswith(("jobs", "workforce")) else "EUR"
        claims = []
        for value, speaker, report in zip(
            (conflict["stated"], conflict["computed"]), (conflict["said_by"], conflict["other_said_by"]), reports,
            strict=True,
        ):  # fmt: skip
            if value is not None:
                paper = report.source_name if report else None
                who = plain(speaker or paper) or "un article"
                claims.append(f"{french.amount(value, unit)} selon {who}")
        if len(claims) == 2:
            lines.append(f"{french.label('measure', conflict['measure'])} : {claims[0]}, {claims[1]}")
    return list(dict.fromkeys(lines))


def together(items: Sequence[Item]) -> list[Item]:
    """Items without those that another tells along: an insolvency and the takeover out of it, told by one article and
    of one firm, are one piece of news."""
    kept: list[Item] = []
    for item in items:
        host = next((other for other in kept if _one_affair(other.story, item.story)), None)
        if host is None:
            kept.append(item)
        else:
            host.also.append(item)
            host.matched += [name for name in item.matched if name not in host.matched]
    return kept


def _one_affair(one: Story, two: Story) -> bool:
    if {one.project["kind"], two.project["kind"]} != {"acquisition", "insolvency"}:
        return False
    names = [{french.fold(name) for name in story.project["organisations"]} for story in (one, two)]
    return bool(names[0] & names[1]) and bool(one.by_article.keys() & two.by_article.keys())


# --- titles --------------------------------------------------------------------------------------------------------


@cache
def phrases() -> dict[str, dict[str, Any]]:
    """The phrases of ``phrases.fr.toml``."""
    return tomllib.loads((french.TEMPLATES / "phrases.fr.toml").read_text(encoding="utf-8"))


def where(story: Story) -> str:
    """The commune by its official name; empty where none or several are known."""
    communes = [name for name in story.project.get("communes") or [] if name]
    return communes[0] if len(communes) == 1 else ""


def buyer_and_target(story: Story) -> tuple[str, str] | None:
    """Who buys whom, where that is safe to say. The fact model puts the buyer first; a title or clause must name both,
    and none may couple the two ("A et B ont déposé une offre"), which tells of two of a kind."""
    names = [plain(name) for name in story.project["organisations"]]
    if len(names) != 2:
        return None
    buyer, target = map(french.fold, names)
    coupled = re.compile(rf"{re.escape(buyer)}\W+(?:et|ou)\W+(?:\w+\W+){{0,2}}?{re.escape(target)}")
    told = [french.fold(f"{r.title} {r.evidence_text or ''} {r.evidence_sentence or ''}") for r in story.reports]
    both = any(_named_in(buyer, text) and _named_in(target, text) for text in told)
    return (names[0], names[1]) if both and not any(coupled.search(text) for text in told) else None


def _named_in(name: str, text: str) -> bool:
    """Whether a text names an organisation, if only by one word of its name that is long enough to tell."""
    return any(re.search(rf"\b{re.escape(word)}\b", text) for word in re.findall(r"\w{4,}", name) or [name])


def brackets(*words: str) -> str:
    """What is known of these in brackets, with a blank before; nothing where nothing is.

    >>> brackets("Vernois", ""), brackets("", "")
    (' (Vernois)', '')
    """
    known = [word for word in words if word]
    return f" ({', '.join(known)})" if known else ""


def carriers(story: Story, most: int = 2) -> str:
    """Who carries a project, in a few words."""
    names = [plain(name) for name in story.project["organisations"]]
    return french.listed(names[:most]) + (" et autres" if len(names) > most else "")


def phrase(story: Story) -> str:
    """The project in a sentence: who does what where.

    Where it is not certain who is who (several firms of an insolvency, two bidders told in one breath) the newest
    article's own title is taken.
    """
    project = story.project
    kind, name, target = project["kind"], plain(project["name"]), ""
    who = carriers(story, 2 if kind == "partnership" else 1).removesuffix(" et autres")
    if kind in ("acquisition", "insolvency") and len(project["organisations"]) > 1:
        pair = buyer_and_target(story) if kind == "acquisition" else None
        title = next((extract(r.title) for r in story.reports if r.title and not r.copy), "")
        if pair is None and title:
            return title
        if pair is not None:
            kind, (who, target) = "takeover", pair
        else:
            who = carriers(story)
    place = where(story)
    if not who and not name:
        return f"{french.label('kind', kind)}{f' {french.at(place)}' if place else ''}, porteur non nommé"
    facts = {fact.measure: fact.value for fact in facts_of(story)}
    words = {
        "who": who or name, "of_who": french.of(who or name), "target": target, "of_target": french.of(target),
        "named": f" «{french.NBSP}{name}{french.NBSP}»" if name and who else "",
        "at": f" {french.at(place)}" if place else "",
        "in": brackets(place), "subject": (name or who) + brackets(who if name else "", place),
        "people": f" {facts['jobs_created']} personnes" if "jobs_created" in facts else "",
        "posts": f"{facts['jobs_cut']} postes" if "jobs_cut" in facts else "des postes",
        "funds": facts.get("funding_round", "des fonds"),
    }  # fmt: skip
    said = str(phrases()[kind][project["status"]]).format_map(words)
    # Bodies are often named with a small letter ("communauté d'agglomération"); the rest of the name stays as it is.
    return said if who[1:2].isupper() else said[:1].upper() + said[1:]


def headline(story: Story, audience: str = "internal") -> str:
    """A project in one line: who does what where, for how much, with how many jobs.

    Example: ``Algaléon annonce un nouveau site à Roscoff : 24 M€, 60 emplois``.
    """
    text = phrase(story)
    if any(text == extract(report.title) for report in story.reports):
        return text
    said = {"recruitment": "jobs_created", "restructuring": "jobs_cut", "funding_round": "funding_round"}
    parts: list[str] = []
    for fact in facts_of(story, audience):
        if fact.measure != said.get(story.project["kind"]) and fact.measure != "grant" and len(parts) < 3:
            noun = french.labels()["short"][fact.measure]
            parts.append(f"{fact.value} {noun}".strip())
    if not parts:
        return text
    return f"{text}{' –' if ' : ' in text else ' :'} {', '.join(parts)}"


def news_of(item: Item, audience: str = "internal") -> str:
    """What is new of a project in one line: the project itself, its new status, or what became of a figure or date."""
    changes = {change.field: change for change in changes_of(item, audience)}
    whole = headline(item.story, audience)
    if item.new or not changes or "status" in changes or whole in map(extract, (r.title for r in item.story.reports)):
        return whole
    parts: list[str] = []
    for name, change in changes.items():
        measure = name.removesuffix("_eur")
        if measure in SHOWN and change.after:
            noun = french.labels()["short"][measure]
            what = f"{change.after} {noun}".strip()
            parts.append(f"{what} au lieu de {change.before}" if change.before else what)
        elif name in DEADLINES + CALENDAR and change.after:
            was = f" (avant : {change.before})" if change.before else ""
            parts.append(f"{change.label.lower()} {change.after}{was}")
    name, who = plain(item.story.project["name"]), carriers(item.story)
    subject = (name or who) + brackets(who if name else "", where(item.story))
    return f"{subject} : {', '.join(parts[:2])}" if parts and subject else whole


def subject_of(digest: Digest) -> str:
    """A subject line that tells the main news."""
    day, audience = french.day(digest.day), digest.subscriber.audience
    if digest.kind == "monthly":
        return f"Que sont-elles devenues ? {french.plural(len(digest.overdue), 'promesse échue', 'promesses échues')}"
    if digest.items:
        more = len(digest.items) + digest.left_out - 1
        tail = f" (et {french.plural(more, 'autre', 'autres')})" if more else ""
        head = "Alerte : " if digest.kind == "instant" else ""
        return clean_header(head + news_of(digest.items[0], audience), 120 - len(tail)) + tail
    if digest.deadlines:
        first = digest.deadlines[0]
        what = french.label("milestone", first.milestone)
        return clean_header(f"{what} {when_due(first, digest.day)} : {headline(first.story, audience)}", 120)
    if digest.errata:
        return clean_header(f"Erratum : {digest.errata[0].subject or digest.errata[0].change.label}", 120)
    if digest.broken:
        return f"Veille du {day} : lecture incomplète, rien à signaler dans ce qui a été lu"
    return f"Veille du {day} : rien de nouveau pour vous"


def summary_of(digest: Digest) -> str:
    """The mail in a line, for its head and for the preview that mail programs show."""
    fresh = sum(item.new for item in digest.items)
    counts = [
        (len(digest.deadlines), "échéance à venir", "échéances à venir"),
        (len(digest.errata), "erratum", "errata"),
        (fresh, "nouveau projet", "nouveaux projets"),
        (len(digest.items) - fresh, "projet qui a évolué", "projets qui ont évolué"),
        (len(digest.overdue), "promesse échue", "promesses échues"),
    ]
    told = [french.plural(count, one, many) for count, one, many in counts if count]
    return french.listed(told) if told else "Rien de nouveau pour vous"


# --- an item as the templates take it ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """An article below an item."""

    title: str
    url: str | None
    line: str


@dataclass(frozen=True)
class Entry:
    """A project as the templates show it: nothing but clean text and safe links."""

    kicker: str
    title: str
    facts: list[Fact]
    calendar: str
    also: list[str]
    changes: list[Change]
    claims: list[str]
    extract: str
    sources: list[Source]
    more_sources: int
    counted: str
    why: str


def entry_of(item: Item, digest: Digest) -> Entry:
    """An item as the templates show it."""
    story, project, audience = item.story, item.story.project, digest.subscriber.audience
    reports = [r for r in reports_of(item) if r.shown_to(audience)]
    departments = ", ".join(project["department_codes"][:3])
    place = where(story) or ", ".join(plain(name) for name in project["places"][:2])
    kicker = [french.label("kind", project["kind"]), status_label(project["kind"], project["status"])]
    kicker += [f"{place} ({departments})" if departments and place else place or departments]
    kicker += ["suivi"] if item.followed else []
    facts = facts_of(story, audience)
    return Entry(
        kicker=" · ".join(part for part in kicker if part),
        title=news_of(item, audience),
        facts=facts,
        calendar=calendar_of(story, digest.day),
        also=[
            f"{french.label('kind', p['kind'])} : {status_label(p['kind'], p['status'])}"
            for p in (other.story.project for other in item.also)
        ],
        changes=changes_of(item, audience),
        claims=claims_of(story, audience)[:3],
        extract=_proof(item, audience),
        sources=[_source(report) for report in reports[:4]],
        more_sources=max(0, len(reports) - 4),
        counted=counted(story, facts),
        why=f"{', '.join(item.matched)} · poids {item.weight:.2f}",
    )


def reports_of(item: Item) -> list[Report]:
    """The reports of an item: first those that tell what is new in it, then the others; reprints last."""
    now = {step.article_id for step in item.steps}
    return sorted(item.story.reports, key=lambda r: (r.article_id not in now, r.copy))


def _proof(item: Item, audience: str) -> str:
    """The words that prove what is new: of an article that tells it, in full where there is one, whose rights allow it.

    Where that sentence only repeats the title, the sentence of a changed figure is taken, else the longest words
    that prove one of the changes; never those of an older article, which may say the contrary.
    """
    now = {step.article_id for step in item.steps}
    told = [report for report in reports_of(item) if report.article_id in now and report.quoted_to(audience)]
    told.sort(key=lambda report: report.access == "teaser")
    titles = {french.fold(extract(report.title)) for report in told}
    allowed = {report.article_id for report in told}
    proving = [step for step in item.steps if step.article_id in allowed]
    proofs = [extract(step.evidence_sentence or step.evidence_text) for step in proving]
    proofs = [words for words in proofs if len(words) >= PROOF_MIN and french.fold(words) not in titles]
    return next(filter(None, map(quoted, told)), "") or max(proofs, key=len, default="")


def quoted(report: Report) -> str:
    """The words that prove it: the sentence where it is short enough, else the clause; nothing that only repeats the
    title."""
    sentence = plain(report.evidence_sentence)
    words = sentence if sentence and len(sentence) <= EXTRACT_MAX else extract(report.evidence_text)
    return "" if french.fold(words) == french.fold(plain(report.title)) else words


def _source(report: Report) -> Source:
    parts = [plain(report.source_name) or "source inconnue", french.day(report.published_at)]
    authors = [name for name in map(plain, report.authors[:3]) if french.fold(name) != french.fold(parts[0])]
    parts += [", ".join(authors)]
    parts += ["début d’article seulement"] if report.access == "teaser" else []
    parts += ["reprise"] if report.copy else []
    return Source(
        extract(report.title) or "(sans titre)", safe_url(report.article_url), " · ".join(p for p in parts if p)
    )


# --- rendering -----------------------------------------------------------------------------------------------------


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
    made.filters.update(day=french.day, label=lambda term, group: french.label(group, term), wrap=wrap)
    made.globals.update(plural=french.plural, interval=french.interval, when_due=when_due)
    return made


def wrap(text: str, first: str = "", rest: str = "") -> str:
    """Text in lines of at most 78 characters; words and addresses are never cut."""
    return textwrap.fill(
        text, 78, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


@cache
def _inliner() -> css_inline.CSSInliner:
    # No stylesheet is ever fetched; what cannot be inlined (dark mode, small screens) stays in the head.
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True, keep_at_rules=True)


def render(digest: Digest, *, explain: bool = False, leave_url: str = "") -> tuple[str, str]:
    """A digest as HTML and as text. ``explain`` adds why each item matched; ``leave_url`` is the address by which the
    subscriber unsubscribes (mailto: or https:, ours)."""
    audience = digest.subscriber.audience
    entries = [(item.new, entry_of(item, digest)) for item in digest.items]
    context = {
        "digest": digest, "subject": subject_of(digest), "summary": summary_of(digest), "explain": explain,
        "sections": _sections(entries),
        "deadlines": [(d, headline(d.story, audience), _deadline_url(d, audience)) for d in digest.deadlines],
        "overdue": [(promise, headline(promise.story, audience)) for promise in digest.overdue],
        "leave_url": leave_url,
    }  # fmt: skip
    html = environment().get_template("digest.html.jinja").render(context)
    text = environment().get_template("digest.txt.jinja").render(context)
    text = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"
    return _inliner().inline(html), text


def _sections(entries: Sequence[tuple[bool, Entry]]) -> list[tuple[str, list[Entry]]]:
    """New projects and those that changed, each with its heading; the one with the heaviest item first."""
    fresh, moved = ([entry for new, entry in entries if new is wanted] for wanted in (True, False))
    found = [
        (french.plural(len(fresh), "nouveau projet", "nouveaux projets"), fresh),
        (french.plural(len(moved), "projet qui a évolué", "projets qui ont évolué"), moved),
    ]
    if entries and not entries[0][0]:
        found.reverse()
    return [(heading, several) for heading, several in found if several]


def _deadline_url(deadline: Deadline, audience: str) -> str | None:
    report = deadline.story.by_article.get(deadline.article_id or "")
    return safe_url(report.article_url) if report is not None and report.shown_to(audience) else None
