"""What the published copy tells of projects between two days: the material of digests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from flows.french import fold
from warehouse.store import open_reader

SALIENCE = ("main", "party", "passing")
QUERIES = Path(__file__).resolve().parent / "queries"


@dataclass(frozen=True)
class Step:
    """One step of a project's history."""

    step_id: str
    project_id: str
    at: date
    field: str
    before: str | None
    after: str | None
    said_by: str | None
    article_id: str | None
    evidence_text: str | None = None
    evidence_sentence: str | None = None


@dataclass(frozen=True)
class Report:
    """One article that tells of a project, and what its rights let be passed on."""

    article_id: str
    article_url: str | None
    title: str
    authors: tuple[str, ...] = ()
    source_id: str | None = None
    source_name: str | None = None
    published_at: date | None = None
    access: str | None = None
    evidence_text: str | None = None
    evidence_sentence: str | None = None
    copy: bool = False
    rights_basis: str | None = "accepted"
    audience: str | None = "internal"
    redistribute: bool = False

    def shown_to(self, audience: str) -> bool:
        """Whether readers of that audience may hear of this article at all.

        Facts, title and link of what anybody may open may leave the house. What the user brought along
        (``supplied``) or what a licence gives to the house alone stays inside.
        """
        if audience == "internal":
            return True
        if self.rights_basis == "licensed":
            return self.redistribute or self.audience == "external"
        return self.rights_basis in ("accepted", "unconfirmed", "reserved")

    def quoted_to(self, audience: str) -> bool:
        """Whether an extract may stand beside title and link: not where mining is reserved or terms are unread."""
        return self.shown_to(audience) and self.rights_basis not in ("reserved", "unconfirmed")


@dataclass
class Story:
    """A project as it stands, with what was told of it in the period and by whom."""

    project: dict[str, Any]
    steps: list[Step] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    mentions: dict[str, str] = field(default_factory=dict)

    @cached_property
    def searchable(self) -> str:
        """The words in which rules look: names, titles, evidence."""
        parts = [self.project["name"] or "", *self.project["organisations"], *self.project["places"]]
        parts += [text for report in self.reports for text in (report.title, report.evidence_text or "")]
        return " . ".join(dict.fromkeys(part for part in parts if part))

    @cached_property
    def by_article(self) -> dict[str, Report]:
        """The reports by article."""
        return {report.article_id: report for report in self.reports}

    @cached_property
    def carriers(self) -> frozenset[str]:
        """Who carries the project, folded."""
        return frozenset(fold(name) for name in self.project["organisations"])

    def names(self, organisation: str, salience: Sequence[str]) -> bool:
        """Whether an organisation (folded name or SIREN) carries the project or is told of with that salience."""
        if organisation in self.carriers and "main" in salience:
            return True
        return self.mentions.get(organisation) in salience


def sql(name: str) -> str:
    """The text of a query file."""
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def rows(connection: Any, name: str, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of a query file as dicts."""
    cursor = connection.execute(sql(name), parameters)
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def load_stories(published: Path, since: date, until: date, remind_until: date | None = None) -> list[Story]:
    """Stories with steps from ``since`` to ``until``, both included, in order of their first step there.

    With ``remind_until``, projects with a date to act on from ``until`` to that day follow, without steps.
    """
    connection = open_reader(published)
    try:
        steps: dict[str, list[Step]] = defaultdict(list)
        for row in rows(connection, "steps", since=since, until=until):
            steps[row["project_id"]].append(Step(**row))
        wanted = list(steps)
        if remind_until is not None:
            due = rows(connection, "reminders", day=until, until=remind_until)
            wanted += [row["project_id"] for row in due if row["project_id"] not in steps]
        stories = tell(connection, wanted)
    finally:
        connection.close()
    for story in stories:
        story.steps = steps.get(story.project["project_id"], [])
    return sorted(stories, key=lambda s: (s.steps[0].at if s.steps else date.max, s.project["project_id"]))


def tell(connection: Any, projects: Sequence[str]) -> list[Story]:
    """Stories of these projects, without steps. Merged or unknown ids are left out."""
    chosen = {"projects": list(projects)}
    stories = {row["project_id"]: Story(row) for row in rows(connection, "projects", **chosen)}

    def of(name: str) -> Iterator[tuple[Story, dict[str, Any]]]:
        for row in rows(connection, name, **chosen):
            story = stories.get(row.pop("project_id"))
            if story is not None:
                yield story, row

    for story, row in of("reports"):
        story.reports.append(Report(**{**row, "authors": tuple(row["authors"] or ())}))
    for story, row in of("conflicts"):
        story.conflicts.append(row)
    for story, row in of("mentions"):
        for key in filter(None, (fold(row["name"]), row["siren"])):
            if key not in story.mentions or SALIENCE.index(row["mention"]) < SALIENCE.index(story.mentions[key]):
                story.mentions[key] = row["mention"]
    return list(stories.values())
