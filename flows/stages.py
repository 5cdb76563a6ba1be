"""The stages of a day: crawl, read, load, publish. Each leaves a file behind it and can be run again alone.

Under ``DATA``: ``articles/<day>/<source>.jsonl`` (and ``reports/<day>/<source>.json``) from the crawl,
``facts/<day>/<source>.jsonl`` from reading, the warehouse, its published copy. The command line and the Prefect
flows call the same functions.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from filelock import FileLock, Timeout

from flows.progress import progress
from flows.settings import Settings

if TYPE_CHECKING:
    from crawlers.items import Article
    from nlp.facts import Reading
    from warehouse.store import Warehouse

logger = logging.getLogger("veilleur")

IN_USE_S = 180.0
"""How long a crawl waits for another one of the same source."""


class StageError(RuntimeError):
    """A stage could not do its work; the message says which file or source and why."""


class Busy(StageError):
    """Another process holds the writer's lock."""


@dataclass(frozen=True)
class CrawlOutcome:
    """How one source's crawl ended. ``error`` is None where it ended well."""

    source_id: str
    articles: int = 0
    new: int = 0
    issues: list[dict[str, Any]] = field(default_factory=list)
    health: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    error: str | None = None


@contextlib.contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Hold the data folder's lock of runs: a second run steps aside with Busy. It goes with the process."""
    lock = FileLock(settings.data_dir / "run.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise Busy(f"{settings.data_dir}: another run is at work there; this one steps aside") from error
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def writer(settings: Settings, wait_s: float = 0) -> Iterator[None]:
    """Hold the single writer's lock of a data folder.

    Raises Busy where another process still holds it after ``wait_s`` seconds. The lock goes with the process:
    a killed run leaves none behind.
    """
    path = settings.warehouse_path.with_name(settings.warehouse_path.name + ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=wait_s)
    except Timeout as error:
        raise Busy(f"{settings.warehouse_path}: another run is writing; try again when it has ended") from error
    try:
        yield
    finally:
        lock.release()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a small file so that a reader sees the old or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


# --- crawl ---------------------------------------------------------------------------------------------------------


def fast_sources(settings: Settings, faster_than_hours: int) -> list[str]:
    """Ids of the enabled sources that are expected to tell something more often than that."""
    from crawlers.registry import load_registry

    enabled = load_registry(settings.registry_folders).enabled()
    return sorted(source.id for source in enabled if source.cadence_hours < faster_than_hours)


def due_sources(settings: Settings, only: Sequence[str] = ()) -> list[str]:
    """Ids of the sources to crawl: those named in ``only``, else all that are enabled.

    Raises StageError where an id is not in the registry; crawlers.registry's errors name file and key.
    """
    from crawlers.registry import load_registry

    registry = load_registry(settings.registry_folders)
    known = {source.id: source for source in registry.values()}
    unknown = sorted(set(only) - set(known))
    if unknown:
        raise StageError(f"not in the registry: {', '.join(unknown)}")
    return sorted(only) if only else sorted(ident for ident, source in known.items() if source.enabled)


def crawl_source(settings: Settings, source_id: str, day: date, *, from_archive: bool = False) -> CrawlOutcome:
    """Crawl one source in a process of its own, within its time budget, tried again where the process failed.

    A crawl that fails does not raise: its outcome carries the error, so that the others go on.
    """
    from crawlers.context import Options
    from crawlers.registry import load_registry
    from crawlers.run import crawl

    started = time.monotonic()
    source = load_registry(settings.registry_folders)[source_id]
    options = Options(
        proxy=settings.crawl.proxy, allow_private=settings.crawl.allow_private, no_delay=not settings.crawl.delay,
        contact=settings.crawl.contact,
    )  # fmt: skip
    tries = settings.crawl.retries
    while True:
        report = crawl(
            source, day, data_dir=settings.data_dir, registry=settings.registry_folders, options=options,
            from_archive=from_archive,
        )  # fmt: skip
        broken = [i for i in report.get("issues", []) if i["kind"] in ("process-failed", "process-killed", "in-use")]
        # A crawl whose run was killed may outlive it for some seconds: it is waited for, not given up.
        if broken and broken[-1]["kind"] == "in-use" and time.monotonic() - started < IN_USE_S:
            time.sleep(2)
        elif broken and tries > 0:
            tries -= 1
        else:
            break
    return CrawlOutcome(
        source_id,
        articles=count_lines(settings.data_dir / "articles" / day.isoformat() / f"{source_id}.jsonl"),
        new=int(report.get("counts", {}).get("new", 0)),
        issues=list(report.get("issues", [])),
        health=report.get("health", {}),
        seconds=time.monotonic() - started,
        error=broken[-1]["message"] if broken else None,
    )


def count_lines(path: Path) -> int:
    """Lines of a file; 0 where there is none."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


def prepare(settings: Settings) -> None:
    """Make the data folder; raises StageError where it cannot be written."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StageError(f"data folder {settings.data_dir}: {error}") from error


def side_by_side(sources: Sequence[str], parallel: int) -> Iterator[Sequence[str]]:
    """Groups of at most ``parallel`` sources."""
    for start in range(0, len(sources), parallel):
        yield sources[start : start + parallel]


def crawl_all(
    settings: Settings, day: date, *, only: Sequence[str] = (), from_archive: bool = False
) -> list[CrawlOutcome]:
    """Crawl all due sources, ``crawl.parallel`` at a time, without Prefect; outcomes by source."""
    prepare(settings)
    sources = due_sources(settings, only)
    with progress("crawling", len(sources)) as bar, ThreadPoolExecutor(settings.crawl.parallel) as pool:

        def one(source_id: str) -> CrawlOutcome:
            outcome = crawl_source(settings, source_id, day, from_archive=from_archive)
            bar.advance()
            return outcome

        return list(pool.map(one, sources))


# --- read ----------------------------------------------------------------------------------------------------------


def articles_files(settings: Settings, day: date) -> list[Path]:
    """The articles files that a day's crawl left, by source."""
    return sorted((settings.data_dir / "articles" / day.isoformat()).glob("*.jsonl"))


def facts_file(settings: Settings, day: date, articles: Path) -> Path:
    """Where the facts of an articles file go."""
    return settings.data_dir / "facts" / day.isoformat() / articles.name


def reading_key(settings: Settings, articles: Path) -> str:
    """What a facts file depends on: the articles' bytes, the rules and the model."""
    from nlp.version import rules_version

    digest = hashlib.sha256(articles.read_bytes())
    digest.update(f"\n{rules_version()}\n{settings.read.model}".encode())
    return digest.hexdigest()


def read_day(settings: Settings, day: date, *, again: bool = False) -> list[tuple[Path, Path]]:
    """Read a day's articles into facts files; a file whose articles, rules and model are as before is kept.

    Returns pairs of articles file and facts file.
    """
    pairs = [(path, facts_file(settings, day, path)) for path in articles_files(settings, day)]
    return read_files(settings, pairs, again=again)


def read_files(settings: Settings, pairs: list[tuple[Path, Path]], *, again: bool = False) -> list[tuple[Path, Path]]:
    """Read articles files into facts files, only those that changed (all with ``again``)."""
    pending = []
    for articles, facts in pairs:
        key, mark = reading_key(settings, articles), facts.with_suffix(".key")
        if again or not facts.exists() or not mark.exists() or mark.read_text() != key:
            pending.append((articles, facts, key))
    if not pending:
        return pairs
    lines: list[bytes] = []
    counts: list[int] = []
    for articles, _, _ in pending:
        # Only U+000A ends a line: U+2028 and its kind stand inside texts.
        own = [line for line in articles.read_bytes().split(b"\n") if line.strip()]
        lines += own
        counts.append(len(own))
    answers: list[bytes] = []
    with progress("reading", len(lines)) as bar:

        def take(answer: bytes) -> None:
            answers.append(answer)
            bar.advance()

        read_lines(settings, lines, take)
    start = 0
    for (_, facts, key), count in zip(pending, counts, strict=True):
        mark = facts.with_suffix(".key")
        mark.unlink(missing_ok=True)
        write_atomically(facts, b"".join(answer.rstrip(b"\n") + b"\n" for answer in answers[start : start + count]))
        write_atomically(mark, key.encode())
        start += count
    return pairs


def read_lines(
    settings: Settings, lines: Iterable[bytes], write: Callable[[bytes], object], waiting: bool = False
) -> None:
    """Answer each line in its order: on this machine or over a Dask cluster, as the settings say. ``waiting``: whoever
    writes the lines waits for each answer."""
    if settings.read.engine == "dask":
        from flows.cluster import read_on_cluster

        read_on_cluster(settings, lines, write)
    else:
        from nlp.jsonl import read_stream

        read_stream(lines, write, processes=settings.read.processes, model=settings.read.model, waiting=waiting)


def read_to(settings: Settings, source: BinaryIO, target: BinaryIO) -> None:
    """``veilleur read``: JSON Lines in, JSON Lines out, in order, each answer as soon as it is there."""
    from nlp.jsonl import lines

    with progress("reading") as bar:

        def put(answer: bytes) -> None:
            target.write(answer)
            target.flush()
            bar.advance()

        read_lines(settings, lines(source), put, waiting=not _is_file(source))


def _is_file(stream: BinaryIO) -> bool:
    """Whether all of a stream is there already: a regular file, no pipe or terminal."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False


# --- load ----------------------------------------------------------------------------------------------------------


def pair_up(articles: IO[str], facts: IO[str]) -> Iterator[tuple[str, Article, Reading] | dict[str, Any]]:
    """Articles with their readings, joined by id; what cannot be joined is an issue (a dict), never lost.

    Both files are JSON Lines; answers stand in the order of their articles, a broken line has an error.
    """
    from pydantic import ValidationError

    from crawlers.items import ArticleLine
    from nlp.facts import Reading

    readings: dict[str, str] = {}
    for number, line in enumerate(facts, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            yield {"stage": "load", "kind": "bad_line", "url": None, "message": f"facts line {number}: {error}"}
            continue
        if not isinstance(row, dict) or not isinstance(row.get("id"), str) or "facts" not in row:
            said = row.get("error") if isinstance(row, dict) else None
            message = f"facts line {number}: {said or 'no id or no facts'}"
            yield {"stage": "read", "kind": "unreadable_article", "url": None, "message": message}
            continue
        readings[row["id"]] = line
    for number, line in enumerate(articles, 1):
        if not line.strip():
            continue
        try:
            item = ArticleLine.model_validate_json(line)
        except ValidationError as error:
            what = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False))
            yield {"stage": "load", "kind": "bad_line", "url": None, "message": f"articles line {number}: {what}"}
            continue
        answer = readings.get(item.id)
        if answer is None:
            url = item.article.url
            yield {"stage": "load", "kind": "no_facts", "url": url, "message": f"no facts for article {item.id}"}
            continue
        try:
            yield item.id, item.article, Reading.model_validate_json(answer)
        except ValidationError as error:
            what = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False))
            yield {"stage": "load", "kind": "bad_facts", "url": item.article.url, "message": f"{item.id}: {what}"}


@dataclass(frozen=True)
class LoadSummary:
    """What a load did; ``problems`` are failed checks."""

    articles: int = 0
    new_versions: int = 0
    projects: int = 0
    new_steps: int = 0
    issues: int = 0
    problems: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The summary in a line, problems below."""
        line = (
            f"{self.articles} articles ({self.new_versions} new or changed), {self.projects} projects, "
            f"{self.new_steps} new steps, {self.issues} issues"
        )
        return "\n".join([line, *(f"  check: {text}" for text in self.problems)])


def encoder_for(settings: Settings) -> Any:
    """The encoder that the settings name, or None where embeddings are switched off."""
    if not settings.embeddings.enabled:
        return None
    from nlp.embeddings import load_encoder

    return load_encoder(settings.embeddings.model, cache_dir=settings.embeddings.cache_dir)


def forget_key(settings: Settings) -> bytes | None:
    """The key of the hashes of forgotten people, where the environment gives one."""
    key = settings.privacy.key
    return key.get_secret_value().encode() if key is not None else None


def load_files(
    settings: Settings,
    pairs: Sequence[tuple[Path, Path]],
    *,
    day: date,
    run_id: str,
    crawls: Sequence[CrawlOutcome] = (),
    wait_s: float = 60,
) -> LoadSummary:
    """Load pairs of articles and facts files, tie and check: what ``veilleur load`` does, and a day's run.

    ``crawls`` are recorded beside them (issues, health of the sources). Raises Busy where another run is still
    writing after ``wait_s`` seconds.
    """
    from warehouse.store import Warehouse

    batch: list[tuple[str, Article, Reading]] = []
    issues: list[dict[str, Any]] = [issue for outcome in crawls for issue in outcome.issues]
    for articles, facts in pairs:
        with articles.open(encoding="utf-8", newline="\n") as one, facts.open(encoding="utf-8", newline="\n") as two:
            for row in pair_up(one, two):
                if isinstance(row, dict):
                    issues.append({**row, "source_id": row.get("source_id") or articles.stem})
                else:
                    batch.append(row)
    with writer(settings, wait_s), Warehouse.open(settings.warehouse_path, forget_key=forget_key(settings)) as house:
        if crawls:
            house.record_sources(fresh_sources(house, source_rows(settings, day, crawls)))
        with progress("loading") as bar:
            counts = house.load(batch, day=day, run_id=run_id)
            bar.say("tying")
            tied = house.tie(encoder_for(settings), day=day)
            bar.say("checking")
            checks = house.check(day=day)
        if issues:
            house.record_issues(issues, day=day, run_id=run_id)
        problems = [check_text(result) for result in checks if not result.passed]
        projects = house.connection.execute("SELECT count(*) FROM projects").fetchall()[0][0]
        summary = LoadSummary(
            articles=len(batch), new_versions=counts.new_versions, projects=projects, new_steps=tied.new_steps,
            issues=len(issues), problems=problems,
        )  # fmt: skip
        known = house.connection.execute(
            "SELECT 1 FROM store.runs WHERE run_id = ? AND stage = 'load'", [run_id]
        ).fetchone()
        # A run of the same day that finds nothing new leaves no trace: twice the same is once.
        if known is None or counts.new_versions or tied.new_steps:
            house.record_run(
                run_id, "load", day=day, state="completed", finished_at=house.now(),
                counts={"articles": summary.articles, "new_versions": summary.new_versions,
                        "projects": summary.projects, "new_steps": summary.new_steps, "issues": summary.issues},
            )  # fmt: skip
    return summary


def check_text(result: Any) -> str:
    """A failed check in a line."""
    example = f", for example {result.examples[0]}" if result.examples else ""
    return f"{result.name} ({result.severity}): {result.what}: {result.failures} rows{example}"


def source_rows(settings: Settings, day: date, crawls: Sequence[CrawlOutcome]) -> list[dict[str, Any]]:
    """What the warehouse keeps of the sources: the registry's facts and the health that the crawl found."""
    from crawlers.registry import load_registry
    from crawlers.rights import may_read

    registry = load_registry(settings.registry_folders)
    rows = []
    for outcome in crawls:
        source = registry[outcome.source_id]
        rights = may_read(source, day)
        # When it is to be asked next is the crawler's affair and changes with the clock.
        health = {key: value for key, value in outcome.health.items() if key != "next_due_at"}
        health["day"] = day.isoformat()
        rows.append({
            "source_id": source.id, "name": source.name, "homepage": source.home, "kind": source.kind,
            "region_code": source.regions[0] if len(source.regions) == 1 else None,
            "rights_basis": rights.basis, "redistribute_text": rights.redistribute_text,
            "expected_per_week": 7 * 24 / source.cadence_hours, "health": health,
        })  # fmt: skip
    return rows


def fresh_sources(house: Warehouse, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that say something new of a source: not those of an earlier day run again, not those that say the same
    as what is recorded."""
    names = [name for name in found[0] if name != "health"] if found else []
    known = {
        row[0]: (row[:-1], json.loads(row[-1] or "{}"))
        for row in house.connection.execute(
            f"SELECT {', '.join(names)}, health FROM store.sources"  # noqa: S608 - our own column names
        ).fetchall()
    } if names else {}  # fmt: skip
    fresh = []
    for source in found:
        row, health = known.get(source["source_id"], ((), {}))
        if source["health"].get("day", "") < health.get("day", ""):
            continue
        if row != tuple(source[name] for name in names) or health != source["health"]:
            fresh.append(source)
    return fresh


def publish_checked(settings: Settings, wait_s: float = 60) -> Path:
    """Check the warehouse and replace the published copy.

    Raises StageError where a check of severity stop fails; the old copy then stays.
    """
    from warehouse.publish import NotPublished, publish

    if not settings.warehouse_path.exists():
        raise StageError(f"{settings.warehouse_path}: no warehouse yet; run veilleur daily or veilleur ingest first")
    with writer(settings, wait_s), progress("publishing"):
        try:
            publish(settings.warehouse_path, settings.published_path, encoder=encoder_for(settings))
        except NotPublished as error:
            why = "; ".join(check_text(result) for result in error.results)
            raise StageError(f"not published, the former copy stays: {why}") from error
    return settings.published_path


def backfill_day(settings: Settings, day: date, *, from_archive: bool = False) -> str:
    """Read and load one past day again from its files; never mails."""
    if from_archive:
        crawl_all(settings, day, from_archive=True)
    pairs = read_day(settings, day)
    return f"{day}: {load_files(settings, pairs, day=day, run_id=f'backfill-{day.isoformat()}').text()}"


def reread_since(settings: Settings, since: date) -> str:
    """Read the articles of the days from ``since`` on again with today's rules, load the facts, say what changed.

    Days are worked through in their order, each from its articles file; ids that were published stay.
    """
    days = sorted(
        date.fromisoformat(folder.name)
        for folder in (settings.data_dir / "articles").glob("????-??-??")
        if folder.name >= since.isoformat()
    )
    if not days:
        raise StageError(f"{settings.data_dir / 'articles'}: no articles since {since}")
    lines = []
    before = fact_counts(settings)
    for day in days:
        pairs = read_day(settings, day, again=True)
        summary = load_files(settings, pairs, day=day, run_id=f"reread-{day.isoformat()}")
        lines.append(f"{day}: {summary.text()}")
    after = fact_counts(settings)
    lines += [
        f"{name}: {before.get(name, 0)} -> {count}" for name, count in after.items() if before.get(name, 0) != count
    ]
    return "\n".join(lines)


def fact_counts(settings: Settings) -> dict[str, int]:
    """Rows of the analysts' views, for saying what a re-reading changed."""
    from warehouse.store import query

    if not settings.warehouse_path.exists():
        return {}
    views = ("organisations", "people", "places", "figures", "quotes", "projects", "project_reports", "project_history")
    counts = " UNION ALL ".join(f"SELECT '{view}', count(*) FROM {view}" for view in views)  # noqa: S608 - our own names
    return {str(name): int(count) for name, count in query(settings.warehouse_path, counts)[1]}
