"""``veilleur why``: the gate at which an article stopped."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from flows.demo.run import demo_settings
from flows.settings import Settings
from flows.stages import StageError
from flows.why import why_text
from warehouse.store import Warehouse, query

pytestmark = pytest.mark.slow

PLANT = "http://www.beffroi-economique.example/industrie/kestrava-report-magnea"


@pytest.fixture(scope="module")
def settings(demo_run: Any, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of the demo's data, so that tests may change it."""
    data = tmp_path_factory.mktemp("why") / "data"
    shutil.copytree(demo_run.data, data, ignore=shutil.ignore_patterns("prefect", "archive"))
    return demo_settings(data, None)


def write(settings: Settings, sql: str, *values: Any) -> None:
    with Warehouse.open(settings.warehouse_path) as house:
        house.connection.execute(sql, list(values))


def last(text: str) -> str:
    return text.splitlines()[-1]


def test_sent_when_and_in_which_mail(settings: Settings) -> None:
    said = why_text(settings, PLANT + "/?utm_source=lettre#suite".replace("/?", "?"), "agence-hauts-de-france")
    assert "source: beffroi (Le Beffroi économique), enabled" in said
    assert "arrived: sent on " in last(said) and "@localhost.localdomain> of 2025-12-16" in last(said)


def test_no_rule_matched_and_which_condition_failed(settings: Settings) -> None:
    said = why_text(settings, PLANT, "redaction-sociale").splitlines()
    assert said[-1].endswith("stopped: no rule matched")
    assert said[-2].endswith("Fermetures, plans sociaux et défaillances: kinds did not hold")


def test_not_in_the_registry_and_no_address(settings: Settings) -> None:
    assert "not in the registry: no source has the site ailleurs.example" in last(
        why_text(settings, "https://ailleurs.example/a")
    )
    assert "not a web address" in why_text(settings, "javascript:alert(1)")


def test_never_announced(settings: Settings) -> None:
    assert "never announced" in last(why_text(settings, "http://www.beffroi-economique.example/nulle-part"))


def test_reserved(settings: Settings) -> None:
    said = why_text(settings, "http://www.gazette-autan.example/opinions/eau-reindustrialisation.html")
    assert "text and data mining is reserved on this page" in said and last(said).startswith("stopped: rights reserved")


def test_robots_and_other_issues(settings: Settings) -> None:
    url = "http://www.beffroi-economique.example/prive/a"
    with Warehouse.open(settings.warehouse_path) as house:
        house.record_issue(
            stage="robots", code="robots-disallowed", message="Disallow: /prive", url=url, source_id="beffroi"
        )
    assert "robots.txt does not allow it (Disallow: /prive)" in last(why_text(settings, url))


def test_terms_unread_and_source_switched_off(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "beffroi.yml").write_text(
        "enabled: false\ndisabled_reason: essai\nrights:\n  terms: {result: unread, checked_on: null}\n",
        encoding="utf-8",
    )
    changed = settings.model_copy(update={"registry": [*settings.registry, tmp_path]})
    said = why_text(changed, "http://www.beffroi-economique.example/nulle-part")
    assert "not enabled" in said and "terms unread" in said and last(said) == "stopped: the source is not enabled"


def test_teaser_and_near_copy(settings: Settings) -> None:
    said = why_text(settings, "http://www.courrier-gaves.example/article/2025/12/ossalyse-ferme-mourenx")
    assert "text: a teaser" in said and "near-copy: of http://www.agence-apt.example/" in said


def test_no_project_and_nothing_found(settings: Settings) -> None:
    told = "SELECT a.url FROM articles a WHERE rights_basis = 'accepted' AND NOT EXISTS (SELECT 1 FROM project_reports r WHERE r.article_id = a.article_id)"
    for (url,) in query(settings.published_path, told)[1]:
        assert last(why_text(settings, url)).startswith(("stopped: no project", "stopped: nothing found"))


def test_not_published_yet(settings: Settings) -> None:
    hidden = settings.model_copy(update={"published": settings.data_dir / "none.duckdb"})
    assert "not in the published copy yet" in last(why_text(hidden, PLANT))


def test_merged(settings: Settings) -> None:
    ids = query(settings.published_path, "SELECT DISTINCT project_id FROM projects ORDER BY 1 LIMIT 50")[1]
    [(project,)] = query(
        settings.published_path, f"SELECT DISTINCT project_id FROM project_history WHERE article_url = '{PLANT}'"
    )[1]
    other = next(ident for (ident,) in ids if ident != project)
    write(settings, "UPDATE store.projects SET merged_into = ? WHERE project_id = ?", other, project)
    try:
        assert f"{project} was merged into {other}" in why_text(settings, PLANT)
    finally:
        write(settings, "UPDATE store.projects SET merged_into = NULL WHERE project_id = ?", project)


@pytest.mark.parametrize(
    ("state", "said"),
    [("queued", "waiting: in mail "), ("refused", "was refused: 550 no"), ("bounced", "was bounced: 550 no")],
)
def test_mail_waiting_or_failed(settings: Settings, state: str, said: str) -> None:
    write(
        settings,
        "UPDATE store.outbox SET state = ?, last_reply = '550 no' WHERE subscriber = 'agence-hauts-de-france'",
        state,
    )
    assert said in last(why_text(settings, PLANT, "agence-hauts-de-france"))


def test_lookback_unsubscribed_and_waiting(settings: Settings) -> None:
    write(settings, "DELETE FROM store.deliveries WHERE subscriber = 'agence-hauts-de-france'")
    assert "waiting: matched, in no mail yet" in last(why_text(settings, PLANT, "agence-hauts-de-france"))
    text = settings.alerts.read_text(encoding="utf-8")
    short = settings.data_dir / "short.yml"
    short.write_text(text.replace("lookback_days: 200", "lookback_days: 5"), encoding="utf-8")
    changed = settings.model_copy(update={"alerts": short})
    assert "more than 5 days before 2026-01-23 (lookback_days)" in last(
        why_text(changed, PLANT, "agence-hauts-de-france")
    )
    write(
        settings,
        "UPDATE store.subscribers SET unsubscribed_on = DATE '2026-01-01' WHERE subscriber = 'agence-hauts-de-france'",
    )
    assert "unsubscribed" in last(why_text(settings, PLANT, "agence-hauts-de-france"))


def test_unknown_subscriber(settings: Settings) -> None:
    with pytest.raises(StageError, match="no subscriber nobody"):
        why_text(settings, PLANT, "nobody")
