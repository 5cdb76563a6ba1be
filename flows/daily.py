"""The daily flow: crawl every source, read, load, tie, check, publish, send the digests.

``prefect.yaml`` deploys it; ``veilleur daily`` runs it in process. Every stage is idempotent and leaves files, so a
run that was killed is finished by running it again; the writer's lock lets one run of a data folder write at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Failed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows import stages
from flows.mail import SendReport
from flows.run import DayReport
from flows.settings import Settings, load_settings

# How many crawls run at a time is a setting (crawl.parallel); the flow submits no more than that.
SOURCES_SIDE_BY_SIDE: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=64)

_settings: ContextVar[Settings | None] = ContextVar("veilleur_settings", default=None)


@contextmanager
def using(settings: Settings) -> Iterator[None]:
    """Let flows started inside use these settings instead of reading file and environment."""
    token = _settings.set(settings)
    try:
        yield
    finally:
        _settings.reset(token)


def current_settings() -> Settings:
    """The settings of this run."""
    return _settings.get() or load_settings()


def logical_day(day: date | None) -> date:
    """The day given, else the day in Paris for which the run was scheduled: a run that starts late keeps its day."""
    if day is not None:
        return day
    scheduled = flow_run.scheduled_start_time or datetime.now(UTC)
    return scheduled.astimezone(ZoneInfo("Europe/Paris")).date()


@task(task_run_name="crawl {source_id}", cache_policy=NO_CACHE)
def crawl(settings: Settings, source_id: str, day: date, found: list[stages.CrawlOutcome]) -> State[Any] | str:
    """One source: a failure is this task's alone and is reported; it never stops the others."""
    outcome = stages.crawl_source(settings, source_id, day)
    found.append(outcome)
    if outcome.error is not None:
        return Failed(message=outcome.error)
    return f"{outcome.articles} articles"


@task(cache_policy=NO_CACHE)
def read(settings: Settings, day: date) -> list[tuple[Path, Path]]:
    """All articles of the day into facts files; what did not change is not read again."""
    return stages.read_day(settings, day)


@task(cache_policy=NO_CACHE)
def load(settings: Settings, day: date, run_id: str, crawls: list[stages.CrawlOutcome]) -> stages.LoadSummary:
    """Load, tie and check in the warehouse, by one writer."""
    pairs = [(path, stages.facts_file(settings, day, path)) for path in stages.articles_files(settings, day)]
    return stages.load_files(settings, pairs, day=day, run_id=run_id, crawls=crawls, wait_s=3600)


@task(cache_policy=NO_CACHE)
def publish(settings: Settings) -> Path:
    """Replace the published copy; a failed check of severity stop keeps the old one and fails the task."""
    return stages.publish_checked(settings, wait_s=3600)


@task(cache_policy=NO_CACHE)
def digest(settings: Settings, day: date) -> SendReport:
    """Queue and send what each subscriber has not been told yet."""
    from flows.digest import send_digests

    return send_digests(settings, day)


@flow(name="daily", flow_run_name="daily-{day}", task_runner=SOURCES_SIDE_BY_SIDE)
def daily(day: date | None = None, only: list[str] | None = None, mail: bool = True) -> DayReport:
    """One logical day. ``day`` None: the day for which the run was scheduled. ``only``: these sources alone."""
    settings, day = current_settings(), logical_day(day)
    stages.prepare(settings)
    with stages.only_run(settings):
        report, outcomes = work(settings, day, only or [], mail)
    report_artifacts(report, outcomes)
    get_run_logger().info(report.text())
    return report


def crawl_sources(settings: Settings, sources: Sequence[str], day: date) -> list[stages.CrawlOutcome]:
    """Crawl sources as tasks of the running flow, ``crawl.parallel`` at a time."""
    outcomes: list[stages.CrawlOutcome] = []
    for group in stages.side_by_side(sources, settings.crawl.parallel):
        for future in [crawl.submit(settings, source, day, outcomes) for source in group]:
            future.wait()
    return outcomes


def work(settings: Settings, day: date, only: Sequence[str], mail: bool) -> tuple[DayReport, list[stages.CrawlOutcome]]:
    """The stages of a day, one after the other; what each source's crawl said."""
    sources = stages.due_sources(settings, only)
    outcomes = crawl_sources(settings, sources, day)
    read(settings, day)
    summary = load(settings, day, f"daily-{day.isoformat()}", outcomes)
    problems = list(summary.problems)
    published: Path | None = None
    mails = 0
    try:
        published = publish(settings)
    except stages.StageError as error:
        problems.append(str(error))
    if mail and published is not None:
        sent = digest(settings, day)
        mails = sent.sent
        problems += sent.problems
    failed = {outcome.source_id: outcome.error for outcome in outcomes if outcome.error is not None}
    report = DayReport(
        day=day, sources=len(sources), articles=sum(outcome.articles for outcome in outcomes),
        new_versions=summary.new_versions, projects=summary.projects, new_steps=summary.new_steps, mails=mails,
        published=published, failed=failed, problems=problems,
    )  # fmt: skip
    return report, outcomes


def report_artifacts(report: DayReport, outcomes: list[stages.CrawlOutcome]) -> None:
    """Leave the run's report where the Prefect UI shows it."""
    rows = [
        {"source": one.source_id, "articles": one.articles, "new": one.new, "issues": len(one.issues),
         "seconds": round(one.seconds, 1), "error": one.error or ""}
        for one in sorted(outcomes, key=lambda one: (one.error is None, one.source_id))
    ]  # fmt: skip
    if rows:
        create_table_artifact(table=rows, key="sources", description=f"Sources on {report.day}")
    create_markdown_artifact(markdown=f"```\n{report.text()}\n```", key="day", description=f"{report.day}")
