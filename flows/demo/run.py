"""``veilleur demo``: the whole daily flow over the bundled demo press, three logical days."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from flows.demo.press import DAYS, DemoPress
from flows.output import cell, table
from flows.run import DayReport, run_daily
from flows.settings import Settings, load_settings
from warehouse.store import query

logger = logging.getLogger("veilleur")
HERE = Path(__file__).resolve().parent

FOUND = """
SELECT kind, status, count(*) AS projects, sum(investment_eur_high) / 1e6 AS millions_eur,
       sum(jobs_created_high) AS jobs_created
FROM projects GROUP BY ALL ORDER BY projects DESC, kind, status LIMIT 12
"""
# The stories that moved most, each with its steps.
MOVED = """
WITH moved AS (
    SELECT project_id, count(*) AS n FROM project_history WHERE before IS NOT NULL GROUP BY project_id
    ORDER BY n DESC, project_id LIMIT 3
)
SELECT h."at", coalesce(p.name, array_to_string(p.organisations[:2], ', ')) AS project, h.field, h.before, h.after,
       h.said_by
FROM project_history h JOIN moved USING (project_id) JOIN projects p USING (project_id)
WHERE h.before IS NOT NULL
ORDER BY project, h."at", h.step_id
"""


def demo_settings(data: Path, proxy: str | None) -> Settings:
    """The demo's settings: its own sources, subscribers and data folder; mails become files."""
    settings = load_settings(
        data_dir=data.resolve(), registry=[HERE / "sources"], bundled_sources=False, alerts=HERE / "alerts.yml"
    )
    settings.crawl.proxy = proxy
    settings.crawl.delay = False
    settings.smtp.host = None
    return settings


def run_demo(data: Path) -> str:
    """Serve the demo press on loopback, run its three days, and say what was found and where it lies."""
    reports: list[DayReport] = []
    with DemoPress(DAYS[0]).serve() as press:
        settings = demo_settings(data, press.url)
        for day in DAYS:
            press.set_day(day)
            started = time.monotonic()
            reports.append(run_daily(settings, day))
            logger.info("%s done in %.0f s", day, time.monotonic() - started)
    return "\n".join([*(report.text() for report in reports), "", summary(settings, reports)])


def summary(settings: Settings, reports: list[DayReport]) -> str:
    """What the demo found, and where the warehouse and the digests lie."""
    parts = []
    for title, statement in (("Projects found", FOUND), ("The three stories that moved most", MOVED)):
        columns, rows = query(settings.published_path, statement)
        parts.append(f"{title}\n{table(columns, [[cell(value) for value in row] for row in rows])}")
    mails = sorted(settings.mail_path.rglob("*.eml"))
    parts.append(
        f"warehouse  {settings.warehouse_path}\n"
        f'published  {settings.published_path}   (veilleur sql --warehouse {settings.published_path} "…")\n'
        f"digests    {settings.mail_path}   ({len(mails)} mails)"
    )
    if not any(report.new_versions or report.mails for report in reports):
        parts.append("Nothing new since the last demo run: nothing was loaded or sent again.")
    return "\n".join(parts)


def serve_demo() -> None:
    """Serve the last day of the demo press until Ctrl-C."""
    with DemoPress(DAYS[-1]).serve() as press:
        logger.info("demo press on %s (an HTTP proxy: curl -x %s http://…)", press.url, press.url)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            logger.info("stopped")
