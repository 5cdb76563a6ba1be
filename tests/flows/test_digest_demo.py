"""The digests of the demo: each story told once, its reprint not at all, its delay and its revised jobs again."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from digest_mails import problems

from flows.french import NBSP, THIN
from warehouse.store import query

pytestmark = pytest.mark.slow
DAYS = ("2025-06-20", "2025-12-16", "2026-01-23")


def mails(demo_run: Any, subscriber: str) -> dict[str, str]:
    """A subscriber's mails as text, by day, with the subject before them."""
    found = {}
    for path in sorted(Path(demo_run.data, "mail").glob(f"*/{subscriber}-*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))  # type: ignore[attr-defined]
        assert path.parent.name not in found, "one mail a day"
        text = f"{mail['Subject']}\n{body.get_content()}".replace(NBSP, " ").replace(THIN, " ")
        found[path.parent.name] = " ".join(text.split())
    return found


def test_the_announcement_once_the_delay_and_the_revised_jobs_again(demo_run: Any) -> None:
    told = mails(demo_run, "agence-hauts-de-france")
    assert tuple(told) == DAYS
    first, second, third = told.values()
    assert "annonce un nouveau site « Magnéa » à Billy-Berclau : 45 M€, 120 emplois" in first
    assert "Statut : annoncée -> retardée (depuis le 4 décembre 2025, selon Le Beffroi économique)" in second
    assert "Emplois créés : 120 -> " in second + third, "the revised jobs"
    assert "Statut : annoncée -> retardée" not in third and "annonce un nouveau site" not in second + third


def test_no_step_twice_and_no_reprint_alone(demo_run: Any) -> None:
    twice = query(
        demo_run.warehouse,
        "SELECT step_id, subscriber FROM store.deliveries GROUP BY ALL HAVING count(*) > 1",
    )[1]
    assert twice == []
    copies = query(
        demo_run.warehouse,
        """
        SELECT count(*) FROM store.deliveries d JOIN project_history h USING (step_id)
            JOIN near_copies c ON c.article_id = h.article_id AND c.relation = 'copy'
            JOIN articles a ON a.article_id = c.article_id JOIN articles o ON o.url = c.copy_of_url
        WHERE a.published_on > o.published_on
        """,
    )[1]
    assert copies == [(0,)], "a later reprint has no step of its own that anybody was told"


def test_deadlines_stand_first(demo_run: Any) -> None:
    first = mails(demo_run, "agence-hauts-de-france")[DAYS[0]]
    assert first.index("À NE PAS MANQUER") < first.index("NOUVEAUX PROJETS")
    assert first.count("Limite des offres : 15 novembre 2025 (dans 148 jours)") == 1


def test_external_readers_get_facts_links_and_one_extract(demo_run: Any) -> None:
    told = mails(demo_run, "redaction-sociale")
    assert set(told) == set(DAYS)
    assert "Émailleries Vauthier" in told[DAYS[1]] and "147" in told[DAYS[1]] and "http://" in told[DAYS[1]]


def test_every_mail_of_the_demo_is_sound(demo_run: Any) -> None:
    paths = list(Path(demo_run.data, "mail").rglob("*.eml"))
    assert len(paths) >= 8
    assert [(path.name, wrong) for path in paths for wrong in problems(path.read_bytes())] == []
