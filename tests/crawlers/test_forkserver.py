"""Crawls forked off a warm process: each its own, none left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psutil
import pytest

from crawlers import forkserver
from crawlers.context import Options
from crawlers.registry import load_registry
from crawlers.run import crawl

TEXT = "La société ouvre une usine à Lens et recrute quarante personnes d'ici la fin de l'année prochaine."
DAY = date(2025, 11, 20)
OWN = Options(allow_private=True, no_delay=True)


def titles(press, desk, names):
    press.article("/eco/1", "Une usine ouvre à Lens", TEXT)
    press.feed({"path": "/eco/1", "title": "Une usine ouvre à Lens"})
    for name in names:
        desk.source(name, press.url, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}])
    return load_registry(desk.registry)


def test_many_crawls_at_once_from_threads(press, desk):
    names = [f"titre-{n}" for n in range(6)]
    registry = titles(press, desk, names)
    with ThreadPoolExecutor(3) as pool:
        reports = list(
            pool.map(
                lambda name: crawl(registry[name], DAY, data_dir=desk.data, registry=[desk.registry], options=OWN),
                names,
            )
        )
    assert [report["counts"]["articles_new"] for report in reports] == [1] * 6
    assert [report["issues"] for report in reports] == [[]] * 6


def test_a_child_that_fails_or_hangs_is_told_and_the_next_one_works(press, desk):
    registry = titles(press, desk, ["gazette"])
    pool = forkserver.server()
    status, words = pool.run(["--source", "gazette"], 60)
    assert status == 2
    assert "--registry" in words
    arguments = ["--source", "gazette", "--registry", str(desk.registry), "--day", "2025-11-20"]
    press.pages["/eco/1"] = lambda handler: time.sleep(30)
    with pytest.raises(TimeoutError):
        pool.run([*arguments, "--data", str(desk.data), "--allow-private", "--no-delay"], 3)
    press.article("/eco/1", "Une usine ouvre à Lens", TEXT)
    deadline = time.monotonic() + 20
    while True:
        report = crawl(registry["gazette"], DAY, data_dir=desk.data, registry=[desk.registry], options=OWN)
        if "articles_new" in report["counts"] or time.monotonic() > deadline:
            break
    assert report["counts"]["articles_new"] == 1
    assert report["issues"] == []


def test_the_environment_of_the_call_counts(press, desk, monkeypatch):
    forkserver.server()
    monkeypatch.setenv("VEILLEUR_CONTACT", "veille@cci.example")
    registry = titles(press, desk, ["gazette"])
    crawl(registry["gazette"], DAY, data_dir=desk.data, registry=[desk.registry], options=OWN)
    assert {headers["user-agent"].split(" ", 1)[1] for _, _, headers in press.asked} == {"(+veille@cci.example)"}


def test_a_server_that_is_gone_is_replaced(press, desk):
    registry = titles(press, desk, ["gazette"])
    old = forkserver.server()
    old._process.kill()
    old._process.wait()
    report = crawl(registry["gazette"], DAY, data_dir=desk.data, registry=[desk.registry], options=OWN)
    assert report["counts"]["articles_new"] == 1
    assert forkserver.server() is not old


def test_nothing_is_left_when_the_caller_is_killed(press, desk):
    titles(press, desk, ["gazette"])
    press.pages["/eco/1"] = lambda handler: time.sleep(30)
    script = "import sys; from crawlers import forkserver; forkserver.server().run(sys.argv[1:], 60)"
    arguments = ["--source", "gazette", "--registry", str(desk.registry), "--day", "2025-11-20"]
    arguments += ["--data", str(desk.data), "--allow-private", "--no-delay"]
    caller = subprocess.Popen([sys.executable, "-c", script, *arguments])
    deadline = time.monotonic() + 60
    while press.requests("/eco/1") == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    family = psutil.Process(caller.pid).children(recursive=True)
    assert len(family) == 2
    os.kill(caller.pid, signal.SIGKILL)
    caller.wait()
    gone, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
    # The next run finishes what was left.
    press.article("/eco/1", "Une usine ouvre à Lens", TEXT)
    assert desk.crawl("gazette")["counts"]["articles_new"] == 1
