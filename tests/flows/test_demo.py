"""The whole morning, end to end, on the bundled demo press."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from view_content import VIEWS, content

from warehouse.store import query

pytestmark = pytest.mark.slow


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    return query(path, sql)[1]


def test_it_says_what_it_found(demo_run) -> None:  # type: ignore[no-untyped-def]
    assert "Projects found" in demo_run.said
    assert str(demo_run.warehouse) in demo_run.said and str(demo_run.data / "mail") in demo_run.said
    assert demo_run.warehouse.exists() and demo_run.published.exists()
    assert len(list((demo_run.data / "archive").rglob("*.warc.gz"))) >= 6
    assert not os.access(demo_run.published, os.W_OK) or os.geteuid() == 0
    assert demo_run.published.stat().st_mode & 0o222 == 0


def test_three_stories_develop(demo_run) -> None:  # type: ignore[no-untyped-def]
    """Announcement, then a revised sum and a delay, months later, each with its own article and words."""
    stories = rows(
        demo_run.published,
        """
        SELECT project_id FROM project_history
        WHERE before IS NOT NULL AND field IN ('status', 'investment_eur', 'jobs_created', 'opening', 'completion')
        GROUP BY project_id HAVING count(DISTINCT article_url) >= 1
        """,
    )
    told_again = rows(
        demo_run.published,
        "SELECT project_id FROM project_reports GROUP BY project_id "
        "HAVING max(published_on) - min(published_on) > 60 AND count(DISTINCT article_id) >= 2",
    )
    assert len({row[0] for row in stories} & {row[0] for row in told_again}) >= 3
    [(status, before, after)] = rows(
        demo_run.published,
        """
        SELECT p.status, h.before, h.after FROM project_history h JOIN projects p USING (project_id)
        WHERE list_contains(p.places, 'Billy-Berclau') AND h.field = 'status' AND h.before IS NOT NULL
        """,
    )
    assert (status, before, after) == ("delayed", "announced", "delayed")


def test_near_copies_count_once(demo_run) -> None:  # type: ignore[no-untyped-def]
    assert len(rows(demo_run.published, "SELECT DISTINCT article_url FROM near_copies")) >= 5
    over = rows(
        demo_run.published,
        "SELECT p.project_id FROM projects p JOIN project_reports r USING (project_id) "
        "GROUP BY p.project_id, p.sources HAVING p.sources > count(DISTINCT coalesce(r.copy_of, r.article_id))",
    )
    assert over == []


def test_every_fact_is_proven(demo_run) -> None:  # type: ignore[no-untyped-def]
    """The law of the house holds for every figure that was stored, against the stored blocks."""
    total, wrong = rows(
        demo_run.warehouse,
        """
        SELECT count(*), count(*) FILTER (substring(b."text", f.evidence_start + 1, f.evidence_end - f.evidence_start)
                                          <> f.evidence_text)
        FROM store.figure_facts f JOIN store.blocks b ON b.version_id = f.version_id AND b.block = f.evidence_block
        """,
    )[0]
    assert total > 200 and wrong == 0


def test_nothing_was_refused(demo_run) -> None:  # type: ignore[no-untyped-def]
    """The only thing to report of the demo press is the part of a title that reserves its texts."""
    assert {row[0] for row in rows(demo_run.warehouse, "SELECT code FROM issues")} <= {"tdm-reserved"}


def test_mails_are_whole(demo_run) -> None:  # type: ignore[no-untyped-def]
    mails = [message_from_bytes(p.read_bytes(), policy=policy.SMTP) for p in (demo_run.data / "mail").rglob("*.eml")]
    assert len(mails) >= 3
    idents = [mail["Message-ID"] for mail in mails]
    assert len(set(idents)) == len(idents)
    for mail in mails:
        html, text = mail.get_body(("html",)).get_content(), mail.get_body(("plain",)).get_content()
        assert "Billy-Berclau" in html + text or mail["To"] != "veille@agence-hdf.example"
        assert "http://www." in text and 'href="http://www.' in html and "<script" not in html


def test_second_run_changes_nothing(demo_run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """The same command again: every view the same to the last value, no mail written, no article fetched again."""
    data = tmp_path / "data"
    shutil.copytree(demo_run.data, data)
    before = {view: content(data / "warehouse.duckdb", view, everything=True) for view in VIEWS}
    mails = {p.name: p.stat().st_mtime_ns for p in (data / "mail").rglob("*.eml")}
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "demo", "--data", str(data)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    after = {view: content(data / "warehouse.duckdb", view, everything=True) for view in VIEWS}
    assert [view for view in VIEWS if before[view] != after[view]] == []
    assert {p.name: p.stat().st_mtime_ns for p in (data / "mail").rglob("*.eml")} == mails
    assert "Nothing new since the last demo run" in done.stdout


def test_killed_and_run_again(demo_run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """kill -9 at three random moments, then once more to the end: the same final state as an undisturbed run."""
    data, chance = tmp_path / "data", random.Random(os.environ.get("VEILLEUR_SEED"))
    command = [sys.executable, "-m", "flows.cli", "demo", "--data", str(data)]
    moments = sorted(chance.uniform(4, 45) for _ in range(3))
    for moment in moments:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            # The whole group: a power cut spares neither the crawls nor Prefect's server.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        time.sleep(0.2)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (moments, done.stderr[-3000:])
    different = [
        view for view in VIEWS
        if content(data / "warehouse.duckdb", view) != content(demo_run.warehouse, view)
    ]  # fmt: skip
    assert different == [], moments
    told = "SELECT step_id, project_id, subscriber FROM store.deliveries"
    assert sorted(rows(data / "warehouse.duckdb", told)) == sorted(rows(demo_run.warehouse, told))
