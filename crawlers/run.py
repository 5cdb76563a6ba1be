"""One crawl of one source, as a process of its own.

``python -m crawlers.run --source ID --registry DIR --day YYYY-MM-DD --data DIR`` writes

- ``DIR/articles/<day>/<source>.jsonl``: the day's articles, merged and replaced atomically;
- ``DIR/archive/<day>/<source>.warc.gz``: the pages;
- ``DIR/state/<source>.sqlite``: what the next run must know;
- ``DIR/reports/<day>/<source>.json``: counts, issues, health.

A process each, because Twisted's reactor starts once, because one source's memory or hang must not be another's,
and because a kill must leave the others unharmed. Run again, it finishes what was left and changes nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crawlers import forkserver
from crawlers.articles import replace_file
from crawlers.context import Crawl, Options
from crawlers.health import assess
from crawlers.registry import Registry, RegistryError, Source, load_registry
from crawlers.rights import may_read

EXIT_BAD_CALL = 2
EXIT_IN_USE = 3
NOT_ATTEMPTED = frozenset({"outside-night-window", "subscription"})
"""Ends of a crawl that say nothing of the source's health."""
GRACE_S = 180.0
"""How long after its budget a crawl's process may still be closing before it is killed."""


def report_file(data_dir: Path, day: date, source_id: str) -> Path:
    """Where a source's report of a day lies."""
    return data_dir / "reports" / day.isoformat() / f"{source_id}.json"


def crawl(
    source: Source,
    day: date,
    *,
    data_dir: Path,
    registry: Sequence[Path],
    options: Options | None = None,
    from_archive: bool = False,
) -> dict[str, Any]:
    """Crawl a source in a process of its own and return its report.

    Never raises for what goes wrong in the crawl: a process that dies or overruns its budget is an issue of the
    report (``stage`` crawl, ``kind`` process-failed, process-killed, or in-use where another is crawling the source).
    """
    options = options or Options()
    arguments = ["--source", source.id, "--day", day.isoformat(), "--data", str(data_dir)]
    for folder in registry:
        arguments += ["--registry", str(folder)]
    arguments += _flags(options) + (["--from-archive"] if from_archive else [])
    started = datetime.now(UTC)
    limit = source.politeness.budget_s + GRACE_S
    try:
        status, words = _in_process(arguments, limit)
        kind = "in-use" if status == EXIT_IN_USE else "process-failed"
        failure = None if status == 0 else (kind, f"exit {status}: {words[-400:]}")
    except TimeoutError:
        failure = ("process-killed", f"still running {GRACE_S:g} s after its budget")
    path = report_file(data_dir, day, source.id)
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if failure is not None:
        report = {"source_id": source.id, "day": day.isoformat(), "counts": {}, "issues": [], "health": {}} | report
        report["issues"] = [issue for issue in report["issues"] if not issue["kind"].startswith("process-")]
        report["issues"].append(
            {
                "source_id": source.id,
                "url": source.home,
                "stage": "crawl",
                "kind": failure[0],
                "message": failure[1],
                "at": started.isoformat(),
            }
        )
        replace_file(path, json.dumps(report, ensure_ascii=False, indent=1))
    return report


def _in_process(arguments: Sequence[str], limit_s: float) -> tuple[int, str]:
    """Run :func:`main` in a process of its own: forked off a warm one, or a new interpreter where that is gone.

    Returns its exit status and last words; raises TimeoutError after killing it at its limit.
    """
    try:
        return forkserver.server().run(arguments, limit_s)
    except forkserver.ServerGone:
        command = [sys.executable, "-m", "crawlers.run", *arguments]
    try:
        done = subprocess.run(  # noqa: S603  (our own module, arguments as a list)
            command, capture_output=True, text=True, timeout=limit_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(str(error)) from error
    return done.returncode, done.stderr


def _flags(options: Options) -> list[str]:
    flags: list[str] = []
    flags += ["--proxy", options.proxy] if options.proxy else []
    flags += ["--allow-private"] if options.allow_private else []
    flags += ["--no-delay"] if options.no_delay else []
    flags += ["--contact", options.contact] if options.contact else []
    flags += ["--revisit"] if options.revisit else []
    flags += ["--probe"] if options.probe else []
    flags += ["--max-pages", str(options.max_pages)] if options.max_pages is not None else []
    return flags


def run(source: Source, day: date, data_dir: Path, options: Options, *, from_archive: bool = False) -> dict[str, Any]:
    """Crawl in this process (once: Twisted's reactor does not start again) and write all files.

    Raises :class:`crawlers.state.StateInUse` where another process is crawling the source.
    """
    from crawlers.archive import Archive, archive_file
    from crawlers.state import State, flush_journal

    started = datetime.now(UTC)
    with State(data_dir / "state" / f"{source.id}.sqlite") as state:
        name = archive_file(source.id, day)
        with Archive(data_dir / "archive", name, state.archive_length(name)) as archive:
            work = Crawl(source, day, data_dir, options, state, archive, lambda: datetime.now(UTC))
            reason = _reread(work) if from_archive else _fetch(work)
        work.close_issues()
        flush_journal(data_dir, source.id, state)
        report = _reread_report(work, started) if from_archive else _report(work, reason, started)
        replace_file(report_file(data_dir, day, source.id), json.dumps(report, ensure_ascii=False, indent=1))
    return report


def _fetch(work: Crawl) -> str:
    from scrapy.crawler import AsyncCrawlerProcess

    from crawlers.items import PARIS
    from crawlers.settings import settings_for
    from crawlers.spiders.news import NewsSpider

    night = work.source.politeness.night
    if night is not None and not night.contains(work.now().astimezone(PARIS).time()):
        message = f"fetched only from {night.start:%H:%M} to {night.end:%H:%M}, Paris time"
        work.issue(work.source.home, "crawl", "outside-night-window", message)
        return "outside-night-window"
    try:
        work.source.subscription_headers(work.day)
    except RegistryError as error:
        work.issue(work.source.home, "rights", "subscription", str(error))
        return "subscription"
    process = AsyncCrawlerProcess(settings_for(work))
    crawler = process.create_crawler(NewsSpider)
    process.crawl(crawler, crawl=work)
    process.start()
    reason = str(crawler.stats.get_value("finish_reason") if crawler.stats else "") or "failed"
    if reason != "finished":
        work.issue(work.source.home, "crawl", reason.replace("_", "-"), f"the crawl was ended: {reason}")
    return reason


def _reread(work: Crawl) -> str:
    from crawlers.reread import reread

    reread(work)
    return "finished"


def _report(work: Crawl, reason: str, started: datetime) -> dict[str, Any]:
    counts = {name: number for name, number in sorted(work.counts.items()) if not name.startswith("field:")}
    counts["queued"] = work.state.queue_length()
    issues = work.state.issues(work.day, work.source.id)
    attempted = reason not in NOT_ATTEMPTED
    health = assess(work.source, work.day, work.counts, issues, work.state, work.now(), attempted=attempted)
    return {
        "source_id": work.source.id,
        "day": work.day.isoformat(),
        "started_at": started.isoformat(),
        "finished_at": work.now().isoformat(),
        "reason": reason,
        "counts": counts,
        "issues": [issue.as_json() for issue in issues],
        "health": health.as_json(),
        "rights": {
            **may_read(work.source, work.day).model_dump(mode="json"),
            "marks": work.state.note("marks") or [],
        },
    }


def _reread_report(work: Crawl, started: datetime) -> dict[str, Any]:
    """The crawl's own report of the day, with what reading the archive again gave."""
    path = report_file(work.data_dir, work.day, work.source.id)
    before: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {
        "source_id": work.source.id,
        "day": work.day.isoformat(),
        "counts": {},
        "health": {},
        **before,
        "issues": [issue.as_json() for issue in work.state.issues(work.day, work.source.id)],
        "reread": {"started_at": started.isoformat(), "counts": dict(sorted(work.counts.items()))},
    }


def check_page_class(registry: Registry, source_id: str) -> None:
    """Raise :class:`~crawlers.registry.RegistryError` where a source names a page class that does not exist."""
    from crawlers.pages.base import PageClassError, page_class_for

    try:
        page_class_for(registry[source_id].page_class, datetime.now(UTC))
    except PageClassError as error:
        where = ", ".join(str(file) for file in registry.files[source_id])
        raise RegistryError([(where, "page_class", str(error))]) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status: 0 done (issues or not), 2 bad call, 3 already being crawled."""
    parser = argparse.ArgumentParser(prog="python -m crawlers.run", description="Crawl one source.")
    parser.add_argument("--source", required=True, metavar="ID")
    parser.add_argument("--registry", required=True, action="append", type=Path, metavar="DIR")
    parser.add_argument("--day", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--data", required=True, type=Path, metavar="DIR")
    parser.add_argument("--proxy", metavar="URL", help="send every request through this HTTP proxy")
    parser.add_argument("--allow-private", action="store_true", help="allow loopback and private addresses")
    parser.add_argument("--no-delay", action="store_true", help="no waits; for hosts of one's own only")
    parser.add_argument("--contact", default=os.environ.get("VEILLEUR_CONTACT"), help="address or page in User-Agent")
    parser.add_argument("--revisit", action="store_true", help="look again at all young articles")
    parser.add_argument("--probe", action="store_true", help="look at announcements and marks, fetch no article")
    parser.add_argument("--max-pages", type=int, metavar="N")
    parser.add_argument("--from-archive", action="store_true", help="read the archived pages again, no network")
    given = parser.parse_args(arguments)
    try:
        options = Options(
            proxy=given.proxy,
            allow_private=given.allow_private,
            no_delay=given.no_delay,
            contact=given.contact,
            revisit=given.revisit,
            max_pages=given.max_pages,
            probe=given.probe,
        )
        registry = load_registry(given.registry)
        if given.source not in registry:
            raise RegistryError([(", ".join(map(str, given.registry)), "id", f"no source {given.source!r}")])
        check_page_class(registry, given.source)
    except (RegistryError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_BAD_CALL
    from crawlers.state import StateInUse

    try:
        run(registry[given.source], given.day, given.data, options, from_archive=given.from_archive)
    except StateInUse as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_IN_USE
    return 0


if __name__ == "__main__":
    sys.exit(main())
