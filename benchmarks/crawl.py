"""Crawl a loopback press: pages/s with extraction and archive, beside news-please's, and memory from page 200 on.

    python -m benchmarks.crawl --pages 2000 --hosts 20 --processes 2
    python -m benchmarks.crawl --memory                        # one process through all pages, memory as it goes
    VEILLEUR_NEWSPLEASE_PYTHON=/elsewhere/bin/python python -m benchmarks.crawl --pages 400

The press is made here (pages of our own gold articles with a site's usual furniture round them) and served by a
process of its own on 127.0.0.1 … 127.0.0.20; delays are off, robots.txt is obeyed. news-please is installed by whoever
measures, in a virtual environment outside the repository; it reads the same feeds with its own defaults (newspaper,
readability, dates, language; HTML and JSON files), as many processes at a time.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil

from crawlers import forkserver
from crawlers.context import Options
from crawlers.registry import Source, load_registry
from crawlers.run import crawl

GOLD = Path(__file__).parent.parent / "tests" / "gold" / "dev"
DAY = date(2025, 11, 20)
PORT = 18_080
SCRIPT = (
    "<script>(function(){var a=[" + ",".join(str(n * 7919 % 65521) for n in range(3_000)) + "];window.a=a})()</script>"
)


def page(host: int, number: int, articles: list[dict[str, Any]]) -> bytes:
    """One article page of some 40 KB: head with metadata and JSON-LD, navigation, text, boxes, footer."""
    rng = random.Random(host * 100_003 + number)
    article = articles[rng.randrange(len(articles))]
    title = f"{article['title']} ({host}-{number})"
    published = datetime(2025, 11, 19, 6, tzinfo=ZoneInfo("Europe/Paris")) + timedelta(minutes=number)
    told = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "datePublished": published.isoformat(),
        "author": [{"@type": "Person", "name": "Jeanne Petit"}],
        "isAccessibleForFree": True,
    }
    links = "".join(
        f"<li><a href='/rubrique/{n}'>{escape(a['title'][:60])}</a></li>" for n, a in enumerate(articles * 4)
    )
    text = "".join(
        f"<{'h2' if b['kind'] == 'heading' else 'p'}>{escape(b['text'])}</{'h2' if b['kind'] == 'heading' else 'p'}>"
        for b in article["body"]
        if b["kind"] != "caption"
    )
    boxes = "".join(
        f"<div class='card'><h3>{escape(a['title'])}</h3><span>Il y a 2 heures</span></div>" for a in articles
    )
    return f"""<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{escape(title)} | Titre {host}</title>
<meta property="og:type" content="article"><meta property="og:title" content="{escape(title)}">
<meta property="article:published_time" content="{published.isoformat()}">
<script type="application/ld+json">{json.dumps(told, ensure_ascii=False)}</script>{SCRIPT}</head><body>
<header><nav><ul>{links}</ul></nav></header><main><article><h1>{escape(title)}</h1>
<p class="chapo">{escape(article.get("standfirst") or "")}</p><div class="texte">{text}</div></article></main>
<aside>{boxes}</aside><footer><p>Mentions légales, abonnements, newsletter et publicité</p></footer>
</body></html>""".encode()


def serve_press(hosts: int, pages: int, ready: Any) -> None:
    """Serve the press until killed."""
    articles = [json.loads(p.read_text("utf-8"))["article"] for p in sorted(GOLD.glob("[0-9]*.json"))]
    each = pages // hosts
    made: dict[tuple[int, str], tuple[str, bytes]] = {}
    for host in range(1, hosts + 1):
        base = f"http://127.0.0.{host}:{PORT}"
        items = ""
        for number in range(each):
            path = f"/eco/2025/11/19/une-annonce-de-plus-{number}.html"
            made[host, path] = ("text/html; charset=utf-8", page(host, number, articles))
            when = format_datetime(datetime(2025, 11, 19, 6, tzinfo=ZoneInfo("Europe/Paris")))
            items += f"<item><title>Annonce {number}</title><link>{base}{path}</link><guid>{path}</guid>"
            items += f"<pubDate>{when}</pubDate></item>"
        feed = f"<rss version='2.0'><channel><title>Titre {host}</title>{items}</channel></rss>"
        made[host, "/feed.xml"] = ("application/rss+xml", feed.encode())
        home = f'<html><head><link rel="alternate" type="application/rss+xml" href="{base}/feed.xml"></head></html>'
        made[host, "/"] = ("text/html", home.encode())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            host = int(self.server.server_address[0].rsplit(".", 1)[1])  # type: ignore[union-attr]
            kind, body = made.get((host, self.path), ("", b""))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    for host in range(1, hosts + 1):
        server = ThreadingHTTPServer((f"127.0.0.{host}", PORT), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
    ready.set()
    threading.Event().wait()


@contextmanager
def press(hosts: int, pages: int) -> Iterator[None]:
    """The press in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=serve_press, args=(hosts, pages, ready), daemon=True)
    process.start()
    try:
        if not ready.wait(120):
            raise RuntimeError("the press does not open")
        yield
    finally:
        process.kill()
        process.join()


def write_source(folder: Path, ident: str, feeds: list[str], pages: int) -> None:
    """A registry entry over some feeds."""
    folder.mkdir(parents=True, exist_ok=True)
    entry = {
        "name": ident,
        "home": feeds[0].rsplit("/", 1)[0] + "/",
        "kind": "press",
        "discovery": [{"type": "feed", "url": url} for url in feeds],
        "rights": {"terms": {"result": "accepted", "checked_on": "2025-11-01"}},
        "politeness": {"max_pages": pages + 1},
    }
    text = json.dumps(entry).replace('"2025-11-01"', "2025-11-01")
    (folder / f"{ident}.yml").write_text(text, encoding="utf-8")


def command(root: Path, ident: str) -> list[str]:
    """One crawl as the flow starts it."""
    flags = ["--registry", str(root / "registry"), "--day", DAY.isoformat(), "--data", str(root / "data")]
    return [sys.executable, "-m", "crawlers.run", "--source", ident, *flags, "--allow-private", "--no-delay"]


def count_articles(root: Path) -> int:
    """Articles with a text in the files of the day."""
    files = (root / "data" / "articles").rglob("*.jsonl")
    return sum('"body"' in line for path in files for line in path.read_text("utf-8").splitlines())


def cpu_of_children() -> float:
    """CPU seconds of all processes that were started and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def veilleur(hosts: int, pages: int, processes: int) -> tuple[int, float, float]:
    """Articles, seconds and CPU seconds of a crawl of all hosts, as the flow does it: a source and a process each."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for host in range(1, hosts + 1):
            write_source(root / "registry", f"titre-{host}", [f"http://127.0.0.{host}:{PORT}/feed.xml"], pages)
        registry = load_registry(root / "registry")
        own = Options(allow_private=True, no_delay=True)

        def one(source: Source) -> None:
            crawl(source, DAY, data_dir=root / "data", registry=[root / "registry"], options=own)

        before, start = cpu_of_children(), time.perf_counter()
        with ThreadPoolExecutor(processes) as pool:
            list(pool.map(one, registry.values()))
        seconds = time.perf_counter() - start
        forkserver.server().close()
        return count_articles(root), seconds, cpu_of_children() - before


def memory(hosts: int, pages: int) -> tuple[int, float, list[tuple[int, float]]]:
    """One process through all pages: articles, seconds, and resident memory in MB by pages read."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        feeds = [f"http://127.0.0.{host}:{PORT}/feed.xml" for host in range(1, hosts + 1)]
        write_source(root / "registry", "tous", feeds, pages)
        start = time.perf_counter()
        process = subprocess.Popen(command(root, "tous"))
        watched, samples = psutil.Process(process.pid), []
        while process.poll() is None:
            try:
                read = pages_read(root / "data" / "state" / "tous.sqlite")
                samples.append((read, watched.memory_info().rss / 2**20))
            except psutil.NoSuchProcess:
                break
            time.sleep(0.5)
        process.wait()
        return count_articles(root), time.perf_counter() - start, samples


def pages_read(path: Path) -> int:
    """How many pages the crawl has read so far, by its journal."""
    import sqlite3

    if not path.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()[0])
    except sqlite3.Error:
        return 0


def news_please(python: str, hosts: int, processes: int) -> tuple[int, float, float]:
    """Articles, seconds and CPU seconds of news-please over the same feeds (until its last file)."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        where = "import newsplease, os; print(os.path.dirname(newsplease.__file__))"
        home = Path(subprocess.run([python, "-c", where], capture_output=True, text=True, check=True).stdout.strip())
        config = (home / "config" / "config.cfg").read_text("utf-8")
        for before, after in (
            ("default = SitemapCrawler", "default = RssCrawler"),
            ("number_of_parallel_crawlers = 5", f"number_of_parallel_crawlers = {processes}"),
            ("~/news-please-repo/", f"{root}/repo/"),
            ("LOG_LEVEL = INFO", "LOG_LEVEL = ERROR"),
            # The furniture of these pages would fail its headline heuristics: articles are told by og:type alone.
            (
                'pass_heuristics_condition = "og_type and (linked_headlines or self_linked_headlines)"',
                'pass_heuristics_condition = "og_type"',
            ),
        ):
            config = config.replace(before, after)
        (root / "config").mkdir()
        (root / "config" / "config.cfg").write_text(config, "utf-8")
        sites = [{"url": f"http://127.0.0.{n}:{PORT}/", "crawler": "RssCrawler"} for n in range(1, hosts + 1)]
        (root / "config" / "sitelist.hjson").write_text(json.dumps({"base_urls": sites}), "utf-8")
        before, start = cpu_of_children(), time.time()
        call = [python, "-m", "newsplease", "-c", str(root / "config")]
        subprocess.run(
            call, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        files = list((root / "repo").rglob("*.json"))
        seconds = max((path.stat().st_mtime for path in files), default=time.time()) - start
        return len(files), seconds, cpu_of_children() - before


def main() -> None:
    """Measure and say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crawl", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--memory", action="store_true", help="one process through all pages, memory as it goes")
    given = parser.parse_args()
    with press(given.hosts, given.pages):
        if given.memory:
            articles, seconds, samples = memory(given.hosts, given.pages)
            print(f"one process: {articles} articles in {seconds:.1f} s, {articles / seconds:.1f} pages/s")
            told = 0
            for read, megabytes in samples:
                if read >= told:
                    print(f"  page {read:5}: {megabytes:6.0f} MB")
                    told += max(given.pages // 10, 1)
            later = [m for n, m in samples if n >= 200]
            if later:
                print(f"from page 200 on: {min(later):.0f} to {max(later):.0f} MB")
            return
        ours = veilleur(given.hosts, given.pages, given.processes)
        say("veilleur", *ours)
        if python := os.environ.get("VEILLEUR_NEWSPLEASE_PYTHON"):
            theirs = news_please(python, given.hosts, given.processes)
            say("news-please", *theirs)
            rates = [(articles / seconds, articles / cpu) for articles, seconds, cpu in (ours, theirs)]
            print(f"veilleur / news-please: {rates[0][0] / rates[1][0]:.1f} by the clock, ", end="")
            print(f"{rates[0][1] / rates[1][1]:.1f} by CPU time (the fairer of the two on a busy machine)")


def say(name: str, articles: int, seconds: float, cpu: float) -> None:
    """One line of the result."""
    rate = f"{articles / seconds:.1f} pages/s, {articles / cpu:.1f} pages per CPU second"
    print(f"{name}: {articles} articles in {seconds:.1f} s and {cpu:.1f} CPU s, {rate}")


if __name__ == "__main__":
    main()
