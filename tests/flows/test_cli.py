"""The command line as its users meet it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOLD = ROOT / "tests" / "gold" / "dev"
COMMANDS = [
    "daily", "demo", "crawl", "read", "load", "ingest", "publish", "digest", "backfill", "reread", "sql", "search",
    "status", "why", "agenda", "export", "explore", "forget", "housekeeping", "sources", "rights", "alerts", "judge",
    "sirene", "unsubscribe",
]  # fmt: skip


def run(
    *arguments: str | Path, stdin: bytes | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        cwd=cwd,
    )


def gold_lines(count: int) -> bytes:
    lines = []
    for path in sorted(GOLD.glob("0*.json"))[:count]:
        item = json.loads(path.read_text(encoding="utf-8"))
        lines.append(json.dumps({"id": item["id"], "article": item["article"]}, ensure_ascii=False))
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six gold articles brought in by ``veilleur ingest``."""
    folder = tmp_path_factory.mktemp("ingest")
    (folder / "articles.jsonl").write_bytes(gold_lines(6))
    done = run(
        "ingest", folder / "articles.jsonl", "--warehouse", folder / "w.duckdb", "--day", "2025-06-01", cwd=folder
    )
    assert done.returncode == 0, done.stderr.decode()
    return folder


def test_help_is_quick_and_teaches() -> None:
    """Best of three: the machine may be busy, the imports may not be heavy."""
    took = []
    for _ in range(3):
        started = time.perf_counter()
        done = run("--help")
        took.append(time.perf_counter() - started)
    assert done.returncode == 0
    text = done.stdout.decode()
    assert all(f"  {command} " in text for command in COMMANDS)
    assert min(took) < 0.5, took


def test_heavy_imports_wait() -> None:
    code = "import sys, flows.cli; print([m for m in ('spacy', 'torch', 'scrapy', 'duckdb', 'prefect', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert len(done.stdout.decode().splitlines()) > 5


def test_sql_formats(ingested: Path) -> None:
    query = "select url, title, published_at from articles order by url"
    as_csv = run("sql", "--warehouse", ingested / "w.duckdb", "--format", "csv", query)
    rows = list(csv.DictReader(io.StringIO(as_csv.stdout.decode())))
    as_json = json.loads(run("sql", "--warehouse", ingested / "w.duckdb", "--format", "json", query).stdout)
    as_table = run("sql", "--warehouse", ingested / "w.duckdb", query).stdout.decode()
    assert [row["url"] for row in rows] == [row["url"] for row in as_json]
    assert len(rows) == 6 and "(6 rows)" in as_table


@pytest.mark.parametrize(
    "statement",
    [
        "delete from articles",
        "select * from read_csv('/etc/passwd')",
        "copy (select 1) to '/tmp/veilleur-test.csv'",
        "attach '/tmp/veilleur-other.duckdb'",
        "select 1; select 2",
        "select nothing from nowhere",
    ],
)
def test_sql_only_reads(ingested: Path, statement: str) -> None:
    done = run("sql", "--warehouse", ingested / "w.duckdb", statement)
    assert done.returncode == 2
    assert done.stderr.decode().startswith("veilleur: ") and "Traceback" not in done.stderr.decode()


def test_ingest_twice_changes_nothing(ingested: Path) -> None:
    views = ("articles", "figures", "projects", "project_reports", "project_history", "near_copies", "runs", "issues")

    def content() -> bytes:
        return b"".join(
            run(
                "sql", "--warehouse", ingested / "w.duckdb", "--format", "csv", f"select * from {view} order by all"
            ).stdout
            for view in views
        )

    before = content()
    done = run(
        "ingest", ingested / "articles.jsonl", "--warehouse", ingested / "w.duckdb", "--day", "2025-06-01", cwd=ingested
    )
    assert done.returncode == 0 and b"(0 new or changed)" in done.stdout
    assert content() == before


def test_read_keeps_its_contract(tmp_path: Path) -> None:
    """Answers in order, one a line; a line that cannot be used has an error, and the reading goes on."""
    lines = gold_lines(2).split(b"\n")
    stdin = b"\n".join([lines[0], b"{not json", b'{"id": "x"}', lines[1]]) + b"\n"
    done = run("read", stdin=stdin, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    answers = [json.loads(line) for line in done.stdout.split(b"\n") if line]
    assert [answer.get("id") for answer in answers] == ["dev-001", None, "x", "dev-002"]
    assert answers[1]["line"] == 2 and answers[2]["line"] == 3 and answers[1]["error"] and answers[2]["error"]
    assert answers[0]["language"] == "fr" and answers[0]["facts"]["figures"]


def test_load_says_what_it_cannot_use(tmp_path: Path) -> None:
    """Articles without facts and broken lines become issues; the rest is loaded."""
    (tmp_path / "a.jsonl").write_bytes(gold_lines(2) + b'{"id": "lost", "article": {"title": "Sans faits"}}\n{broken\n')
    facts = run("read", tmp_path / "a.jsonl", cwd=tmp_path).stdout.split(b"\n")
    (tmp_path / "f.jsonl").write_bytes(b"\n".join(facts[:2]) + b"\n")
    done = run("load", "--articles", tmp_path / "a.jsonl", "--facts", tmp_path / "f.jsonl", "--warehouse",
               tmp_path / "w.duckdb", "--day", "2025-06-01", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    codes = json.loads(
        run(
            "sql", "--warehouse", tmp_path / "w.duckdb", "-f", "json", "select code, message from issues order by code"
        ).stdout
    )
    assert [row["code"] for row in codes] == ["bad_line", "no_facts"]
    assert "articles line 4" in codes[0]["message"] and "lost" in codes[1]["message"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sql", "--warehouse", "missing.duckdb", "select 1"], "missing.duckdb"),
        (["ingest", "missing.jsonl"], "missing.jsonl"),
        (["publish", "--data", "nowhere"], "no warehouse yet"),
        (["digest", "--data", "nowhere"], "no published copy yet"),
        (["alerts", "check"], "alerts.yml"),
        (["daily", "--source", "no-such-source", "--data", "d"], "no-such-source"),
        (["crawl", "--day", "demain"], "YYYY-MM-DD"),
    ],
)
def test_errors_are_one_clear_line(tmp_path: Path, arguments: list[str], says: str) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_settings_file(tmp_path: Path) -> None:
    """A wrong key, a wrong value and a secret in the file are named with the file; the environment overrides it."""
    config = tmp_path / "veilleur.toml"
    config.write_text("[smtp]\nprot = 25\n")
    done = run("status", cwd=tmp_path)
    assert done.returncode == 2 and b"smtp.prot" in done.stderr and b"veilleur.toml" in done.stderr
    config.write_text('[smtp]\npassword = "s3cret"\n')
    done = run("status", cwd=tmp_path)
    assert done.returncode == 2 and b"VEILLEUR_SMTP__PASSWORD" in done.stderr and b"s3cret" not in done.stderr
    config.write_text('data_dir = "mine"\n')
    assert str(tmp_path / "mine") in run("status", cwd=tmp_path).stdout.decode()
    shown = subprocess.run(
        [sys.executable, "-m", "flows.cli", "status"], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"PATH": "/usr/bin:/bin", "VEILLEUR_DATA_DIR": str(tmp_path / "other")},
    )  # fmt: skip
    assert str(tmp_path / "other") in shown.stdout


def test_example_settings_are_valid() -> None:
    """Every commented key of the example is a key that exists."""
    import re
    import tomllib

    from flows.settings import Settings

    text = (ROOT / "veilleur.example.toml").read_text(encoding="utf-8")
    active = re.sub(r"(?m)^# (?=[a-z_]+ = )", "", text)
    Settings.model_validate(tomllib.loads(active))


def test_structured_logs(tmp_path: Path) -> None:
    """With --json-logs every line of the error stream is an object that a log collector can take."""
    done = run("--json-logs", "read", stdin=gold_lines(1), cwd=tmp_path)
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stderr.decode().splitlines()]
    assert lines and lines[-1]["levelname"] == "INFO" and "reading" in lines[-1]["message"]
