"""The other flows that ``prefect.yaml`` deploys: watch, digest, backfill, reread, housekeeping, health."""

from __future__ import annotations

from datetime import date, timedelta

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact

from flows import stages
from flows.daily import SOURCES_SIDE_BY_SIDE, crawl_sources, current_settings, load, logical_day, publish, read
from flows.status import ailing_sources


class SilentSources(RuntimeError):
    """Sources have fallen silent or keep failing; the automation on failure tells somebody."""


@flow(name="watch", flow_run_name="watch-{day}", task_runner=SOURCES_SIDE_BY_SIDE)
def watch(day: date | None = None, faster_than_hours: int = 24) -> str:
    """Sources whose rhythm is faster than ``faster_than_hours``, and alerts for what cannot wait."""
    from flows.digest import send_digests

    settings, day = current_settings(), logical_day(day)
    stages.prepare(settings)
    with stages.only_run(settings):
        outcomes = crawl_sources(settings, stages.fast_sources(settings, faster_than_hours), day)
        read(settings, day)
        summary = load(settings, day, f"watch-{day.isoformat()}", outcomes)
        publish(settings)
    return f"{summary.text()}\n{send_digests(settings, day, frequency='instant').text()}"


@flow(name="digest", flow_run_name="digest-{frequency}")
def digest(day: date | None = None, frequency: str = "daily") -> str:
    """The digests alone."""
    from flows.digest import send_digests

    return send_digests(current_settings(), logical_day(day), frequency=frequency).text()


@flow(name="backfill", flow_run_name="backfill-{since}-{until}")
def backfill(since: date, until: date, from_archive: bool = False) -> list[str]:
    """A range of past days, each read and loaded again; never mails."""
    settings = current_settings()
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    return [stages.backfill_day(settings, day, from_archive=from_archive) for day in days]


@flow(name="reread", flow_run_name="reread-{since}")
def reread(since: date) -> str:
    """Stored articles read again with today's rules; what changed."""
    text = stages.reread_since(current_settings(), since)
    create_markdown_artifact(markdown=f"```\n{text}\n```", key="reread", description=f"since {since}")
    return text


@flow(name="housekeeping")
def housekeeping(day: date | None = None) -> str:
    """Text past its days, archive, Prefect's own database."""
    from flows.housekeeping import keep_house

    return keep_house(current_settings(), logical_day(day))


@flow(name="health")
def health(day: date | None = None) -> str:
    """Fails with SilentSources where a source is silent against its cadence or keeps failing."""
    ailing = ailing_sources(current_settings(), logical_day(day))
    text = "\n".join(f"- {source}: {why}" for source, why in ailing) or "all sources are well"
    create_markdown_artifact(markdown=text, key="health", description="Sources' health")
    get_run_logger().info(text)
    if ailing:
        raise SilentSources(text)
    return text


@flow(name="alarm", flow_run_name="alarm-{flow_name}")
def alarm(flow_name: str, run_name: str, message: str = "") -> str:
    """Write to the operators that a run failed; an automation starts it (flows.automations)."""
    from flows.alarm import send_alarm

    return send_alarm(current_settings(), f"Veilleur : {flow_name} a échoué", f"{run_name}\n\n{message}")
