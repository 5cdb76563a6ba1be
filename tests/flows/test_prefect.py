"""Deployments on a real Prefect server with a real worker; schedules over both clock changes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from flows.demo.press import DAYS, DemoPress
from warehouse.store import query

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "flows" / "demo"


def deployments() -> list[dict[str, Any]]:
    return YAML(typ="safe").load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]  # type: ignore[no-any-return]


def test_entrypoints_exist() -> None:
    for deployment in deployments():
        file, _, name = deployment["entrypoint"].partition(":")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), deployment["name"]


@pytest.mark.parametrize(
    ("after", "clock"), [("2026-03-27T12:00", "spring"), ("2026-10-23T12:00", "autumn"), ("2026-07-01T12:00", "summer")]
)
def test_schedules_keep_the_hour(after: str, clock: str) -> None:
    """Every schedule stays at its hour in Paris over the change, once a day, and none lies in the hour that is skipped
    or repeated."""
    from prefect.server.schemas.schedules import CronSchedule

    scheduled = [(d["name"], s) for d in deployments() for s in d.get("schedules", [])]
    assert len(scheduled) >= 4
    for name, schedule in scheduled:
        cron = CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
        start = datetime.fromisoformat(after).replace(tzinfo=ZoneInfo("Europe/Paris"))
        dates = asyncio.run(cron.get_dates(n=12, start=start))
        local = [moment.astimezone(ZoneInfo("Europe/Paris")) for moment in dates]
        minutes, hours = schedule["cron"].split()[:2]
        wanted = range(int(hours.split("-")[0]), int(hours.split("-")[-1]) + 1)
        assert all(moment.minute == int(minutes) and moment.hour in wanted for moment in local), (name, clock)
        assert not any(moment.hour == 2 for moment in local), name
        assert len({moment.astimezone(UTC) for moment in local}) == len(local)
    daily = next(d for d in deployments() if d["name"] == "daily")["schedules"][0]
    cron = CronSchedule(cron=daily["cron"], timezone=daily["timezone"])
    start = datetime.fromisoformat(after).replace(tzinfo=ZoneInfo("Europe/Paris"))
    days = [m.astimezone(ZoneInfo("Europe/Paris")).date() for m in asyncio.run(cron.get_dates(n=5, start=start))]
    assert [(b - a).days for a, b in zip(days, days[1:], strict=False)] == [1, 1, 1, 1]


@dataclass
class Server:
    """A Prefect server with a worker, and the environment to talk to it."""

    url: str
    env: dict[str, str]

    def prefect(self, *arguments: str, timeout: int = 300) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "prefect", *arguments], cwd=ROOT, env=self.env, capture_output=True, text=True,
            timeout=timeout, check=False,
        )  # fmt: skip

    def ask(self, path: str, **body: Any) -> Any:
        request = urllib.request.Request(
            f"{self.url}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


@contextlib.contextmanager
def process(arguments: list[str], env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        started = subprocess.Popen(
            [sys.executable, "-m", "prefect", *arguments], cwd=ROOT, env=env, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGTERM)
        try:
            started.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("prefect")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with DemoPress(DAYS[0]).serve() as press:
        env = {
            **os.environ, "PREFECT_HOME": str(folder / "home"), "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "PREFECT_SERVER_UI_ENABLED": "false",
            "PREFECT_CLI_PROMPT": "false", "VEILLEUR_DATA_DIR": str(folder / "data"), "VEILLEUR_BUNDLED_SOURCES": "false",
            "VEILLEUR_REGISTRY": json.dumps([str(DEMO / "sources")]), "VEILLEUR_ALERTS": str(DEMO / "alerts.yml"),
            "VEILLEUR_CRAWL__PROXY": press.url, "VEILLEUR_CRAWL__DELAY": "false", "VEILLEUR_EMBEDDINGS__ENABLED": "false",
            "PYTHONPATH": str(ROOT), "VEILLEUR_OPERATORS": '["chef@veille.example"]',
        }  # fmt: skip
        (folder / "home").mkdir()
        made = Server(f"http://127.0.0.1:{port}/api", env)
        with process(["server", "start", "--host", "127.0.0.1", "--port", str(port)], env, folder / "server.log"):
            for _ in range(180):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{made.url}/health", timeout=2).close()
                    break
                time.sleep(0.5)
            else:
                pytest.fail((folder / "server.log").read_text()[-2000:])
            pool = made.prefect("work-pool", "create", "veilleur", "--type", "process")
            assert pool.returncode == 0, pool.stderr
            deployed = made.prefect("--no-prompt", "deploy", "--all")
            assert deployed.returncode == 0, deployed.stdout + deployed.stderr
            with process(["worker", "start", "--pool", "veilleur"], env, folder / "worker.log"):
                yield made


@pytest.mark.slow
def test_deployed_day(server: Server) -> None:
    """``prefect deploy --all``, a worker, and a run of the daily deployment over the demo press."""
    names = {item["name"] for item in server.ask("/deployments/filter")}
    assert names == {item["name"] for item in deployments()}
    day = DAYS[0].isoformat()
    done = server.prefect("deployment", "run", "daily/daily", "--param", f'day="{day}"', "--watch", timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    data = Path(server.env["VEILLEUR_DATA_DIR"])
    assert query(data / "published.duckdb", "SELECT count(*) FROM articles")[1][0][0] >= 20
    assert query(data / "published.duckdb", "SELECT count(*) FROM runs")[1][0][0] >= 1
    assert list((data / "mail").rglob("*.eml"))
    artifacts = {item["key"]: item for item in server.ask("/artifacts/filter")}
    assert "beffroi" in str(artifacts["sources"]["data"]) and day in artifacts["day"]["data"]
    crawls = [run for run in server.ask("/task_runs/filter") if run["name"].startswith("crawl ")]
    assert len(crawls) == 6 and all(run["state"]["type"] == "COMPLETED" for run in crawls)


@pytest.mark.slow
def test_failed_source_fails_alone(server: Server, tmp_path: Path) -> None:
    """A source that cannot be crawled is a failed task and an issue; the day is published all the same."""
    done = server.prefect("deployment", "run", "health/health", "--param", f'day="{DAYS[0]}"', "--watch", timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_failure_calls_the_operators(server: Server) -> None:
    """A silent source fails ``health``; the automation then runs ``alarm``, which writes to the operators."""
    made = subprocess.run(
        [sys.executable, "-m", "flows.automations"],
        cwd=ROOT,
        env=server.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    data = Path(server.env["VEILLEUR_DATA_DIR"])
    report = data / "reports" / DAYS[1].isoformat() / "goeland.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps({"health": {"verdict": "silent", "alarms": ["nothing new for 200 days"]}}))
    done = server.prefect("deployment", "run", "health/health", "--param", f'day="{DAYS[1]}"', "--watch", timeout=200)
    assert done.returncode != 0
    for _ in range(120):
        mails = [p.read_text() for p in (data / "mail").rglob("operator-*.eml")]
        if mails:
            break
        time.sleep(1)
    assert len(mails) == 1 and "health" in mails[0] and "chef@veille.example" in mails[0]
