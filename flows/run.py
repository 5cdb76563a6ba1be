"""Run the daily flow in this process, without a Prefect server of one's own.

Prefect reads its settings when it is first imported: they are set here before that. What is already set in the
environment (a PREFECT_API_URL above all) is left alone.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from flows.settings import Settings

logger = logging.getLogger("veilleur")

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
    # An empty home needs up to half a minute before its server answers, more on a busy machine.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_UI_ENABLED": "false",
}


@dataclass(frozen=True)
class DayReport:
    """What a day's run did; ``failed`` names the sources that failed, ``problems`` the checks and mails that did."""

    day: date
    sources: int = 0
    articles: int = 0
    new_versions: int = 0
    projects: int = 0
    new_steps: int = 0
    mails: int = 0
    published: Path | None = None
    failed: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the day ended with a published copy: one failed source does not fail the day, all of them do."""
        return self.published is not None and (self.sources == 0 or len(self.failed) < self.sources)

    def text(self) -> str:
        """The report in a few lines."""
        lines = [
            f"{self.day}: {self.sources} sources, {self.articles} articles ({self.new_versions} new or changed), "
            f"{self.projects} projects, {self.new_steps} new steps, {self.mails} mails"
        ]
        lines += [f"  failed: {source}: {why}" for source, why in sorted(self.failed.items())]
        lines += [f"  problem: {text}" for text in self.problems]
        lines += [f"  published: {self.published}"] if self.published else ["  not published"]
        return "\n".join(lines)


def prepare_prefect(settings: Settings) -> None:
    """Set what Prefect needs to run in this process; to be called before Prefect is imported."""
    for key, value in QUIET.items():
        os.environ.setdefault(key, value)
    os.environ.setdefault("PREFECT_HOME", str(settings.data_dir / "prefect"))
    # Prefect makes its home but not the folders above, and its server then dies without a word.
    Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)
    end_orphans(Path(os.environ["PREFECT_HOME"]))
    if "PREFECT_API_URL" not in os.environ and not (Path(os.environ["PREFECT_HOME"]) / "prefect.db").exists():
        logger.info("first start: Prefect prepares its database, this can take half a minute")


def end_orphans(home: Path) -> None:
    """End temporary Prefect servers of this home that a killed run left behind: they would run for ever."""
    import psutil

    for process in psutil.process_iter():
        try:
            if (
                process.ppid() == 1
                and any("prefect.server.api.server" in part for part in process.cmdline())
                and process.environ().get("PREFECT_HOME") == str(home)
            ):
                logger.info("ending a temporary Prefect server that a killed run left behind (%d)", process.pid)
                process.terminate()
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue


def run_daily(settings: Settings, day: date, *, only: Sequence[str] = (), mail: bool = True) -> DayReport:
    """Run the daily flow for one logical day.

    Raises StageError for a source that is not in the registry (and the registry's own errors) before Prefect starts,
    Busy where another run is writing.
    """
    from flows import stages

    stages.prepare(settings)
    stages.due_sources(settings, only)
    prepare_prefect(settings)
    from flows.daily import daily, using

    with using(settings):
        report: DayReport = daily(day=day, only=list(only), mail=mail)
    return report
