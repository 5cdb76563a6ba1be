"""Digests over a real warehouse and its published copy: told once, corrected once, whatever is killed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from pydantic import SecretStr

from crawlers.items import Rights
from flows.alerts import load_alerts
from flows.digest import build_digests, preview_digests, send_digests
from flows.returns import one_click_service
from flows.settings import Settings, load_settings
from flows.writing import render
from warehouse.judge import merge
from warehouse.publish import publish
from warehouse.store import Warehouse

pytestmark = pytest.mark.slow

# Articles from a few words, as the warehouse's own tests make them.
_SPEC = importlib.util.spec_from_file_location(
    "warehouse_made", Path(__file__).parents[1] / "warehouse" / "conftest.py"
)
assert _SPEC is not None and _SPEC.loader is not None
_made = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_made)
tell = _made.tell

PLANT: dict[str, Any] = {"kind": "new_site", "orgs": ["Vernois"], "places": ["Lens"], "name": "Magnis"}
ALERTS = """
subscribers:
  - id: agence
    name: Agence
    email: agence@region.example
    consent: {on: 2025-01-03, origin: formulaire}
    lookback_days: 400
    rules: [{regions: ["32"]}]
  - id: loin
    email: loin@region.example
    rules: [{regions: ["53"]}]
"""


class House:
    """A warehouse with its mails, day by day."""

    def __init__(self, folder: Path) -> None:
        (folder / "alerts.yml").write_text(ALERTS, encoding="utf-8")
        self.settings: Settings = load_settings(data_dir=folder / "data", alerts=folder / "alerts.yml")
        self.settings.embeddings.enabled = False
        self.settings.smtp.host = None

    def load(self, day: date, *lines: Any) -> None:
        with Warehouse.open(self.settings.warehouse_path) as house:
            house.load([accepted(line) for line in lines], day=day, run_id=f"r{day}")
            house.tie()
        publish(self.settings.warehouse_path, self.settings.published_path)

    def send(self, day: date, **more: Any) -> list[EmailMessage]:
        before = set(self.mails())
        report = send_digests(self.settings, day, **more)
        assert report.problems == []
        return [read(path) for path in sorted(set(self.mails()) - before)]

    def mails(self) -> list[Path]:
        return list(self.settings.mail_path.rglob("*.eml"))

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with Warehouse.open(self.settings.warehouse_path) as house:
            return house.connection.execute(sql, list(values)).fetchall()


def accepted(line: Any) -> Any:
    ident, article, reading = line
    return ident, article.model_copy(update={"rights": Rights(basis="accepted")}), reading


def read(path: Path) -> EmailMessage:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().replace("\u202f", " ").replace("\u00a0", " ").split())


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with schema and codes: a copy of it opens faster than a new one is made."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    Warehouse.open(path).close()
    return path


@pytest.fixture
def house(tmp_path: Path, empty: Path) -> House:
    made = House(tmp_path)
    made.settings.warehouse_path.parent.mkdir()
    shutil.copyfile(empty, made.settings.warehouse_path)
    return made


ONE, TWO, THREE, FOUR = date(2025, 3, 10), date(2025, 3, 12), date(2025, 9, 1), date(2025, 11, 3)


def announced(**more: Any) -> Any:
    project = PLANT | {"status": "announced", "inv": 45e6, "jobs": 120} | more
    return tell("a1", ONE, project, source="Le Beffroi", title="Vernois s’implante à Lens", seed="one")


def test_announcement_once_reprint_never_delay_and_revised_jobs_again(house: House) -> None:
    house.load(ONE, announced())
    [first] = house.send(ONE)
    assert (
        first["Subject"].replace("\u00a0", " ")
        == "Vernois annonce un nouveau site « Magnis » à Lens : 45 M€, 120 emplois"
    )
    assert first["To"].addresses[0].addr_spec == "agence@region.example"
    assert house.send(ONE) == [], "the same day again sends nothing"
    reprint = tell("a2", TWO, PLANT | {"status": "announced", "inv": 45e6, "jobs": 120}, source="L’Écho",
                   title="Vernois s’implante à Lens", seed="one")  # fmt: skip
    house.load(TWO, reprint)
    assert house.send(TWO) == [], "a reprint tells nothing"
    house.load(THREE, tell("a3", THREE, PLANT | {"status": "delayed", "inv": 45e6, "jobs": 120}, source="Le Beffroi"))
    [late] = house.send(THREE)
    assert "reporte son nouveau site" in late[
        "Subject"
    ] and "Statut : annoncée -> retardée (depuis le 1er septembre 2025" in words(late)
    assert late["References"] == first["References"], "mails of one story stay together"
    house.load(FOUR, tell("a4", FOUR, PLANT | {"status": "delayed", "inv": 45e6, "jobs": 95}, source="Le Beffroi"))
    [revised] = house.send(FOUR)
    assert "95 emplois au lieu de 120" in revised["Subject"] and "Emplois créés : 120 -> 95" in words(revised)
    told = house.rows("SELECT step_id, subscriber, count(*) FROM store.deliveries GROUP BY ALL")
    assert told and all(count == 1 for _, _, count in told)


def test_a_rebuilt_digest_is_the_same_bytes(house: House) -> None:
    house.load(ONE, announced(), tell("b1", ONE, PLANT | {"orgs": ["Ogier"], "name": None, "status": "announced"}))
    alerts = load_alerts(house.settings.alerts)

    def built() -> list[tuple[str, str]]:
        return [
            render(d) for d in build_digests(house.settings, alerts, ONE, only=["agence"], kind="daily", outbox=None)
        ]

    assert built() == built()
    house.send(ONE)
    [path] = house.mails()
    sent = path.read_bytes()
    with Warehouse.open(house.settings.warehouse_path) as opened:
        opened.connection.execute("DELETE FROM store.outbox")
        opened.connection.execute("DELETE FROM store.deliveries")
    path.unlink()
    house.send(ONE)
    assert path.read_bytes() == sent, "the same name, the same Message-ID, the same bytes"


def test_an_erratum_once_with_what_holds(house: House) -> None:
    house.load(ONE, announced())
    house.send(ONE)
    house.load(TWO, announced(jobs=20))  # the paper corrects its article: the step told before is withdrawn
    [mail] = house.send(TWO)
    said = words(mail)
    assert "ERRATUM" in said and "Nous vous avions dit : emplois créés 120" in said and "Il faut lire : 20" in said
    assert house.send(TWO) == [] and house.send(THREE) == []


def test_reading_again_without_a_change_is_no_news_and_no_erratum(house: House) -> None:
    house.load(ONE, announced())
    house.send(ONE)
    house.load(TWO, announced())
    assert house.send(TWO) == []


def test_monthly_asks_once_what_became_of_a_promise(house: House) -> None:
    house.load(ONE, announced(when={"opening": ("2025-06-01", "2025-06-30")}))
    house.send(ONE)
    [mail] = house.send(THREE, frequency="monthly")
    assert mail["Subject"] == "Que sont-elles devenues ? 1 promesse échue"
    assert "« ouverture » : 30 juin 2025" in words(mail)
    assert house.send(FOUR, frequency="monthly") == []


def test_external_readers_hear_nothing_of_what_the_user_brought(house: House) -> None:
    text = house.settings.alerts.read_text(encoding="utf-8")
    house.settings.alerts.write_text(text.replace("id: agence", "id: agence\n    audience: external"), encoding="utf-8")
    with Warehouse.open(house.settings.warehouse_path) as opened:
        opened.load([announced()], day=ONE, run_id="r")
        opened.tie()
    publish(house.settings.warehouse_path, house.settings.published_path)
    assert house.send(ONE) == []


def test_a_broken_morning_is_told_once(house: House) -> None:
    house.load(ONE, announced())
    house.send(ONE)
    with Warehouse.open(house.settings.warehouse_path) as opened:
        opened.record_sources([{"source_id": "beffroi", "name": "Le Beffroi", "rights_basis": "accepted"}])
        opened.record_issue(stage="crawl", code="process-failed", message="x", day=TWO, source_id="beffroi")
    publish(house.settings.warehouse_path, house.settings.published_path)
    mails = house.send(TWO)
    assert len(mails) == 2 and all("lecture incomplète" in mail["Subject"] for mail in mails)
    assert "En échec ce matin (1) : Le Beffroi" in words(mails[0])
    assert house.send(TWO) == []


def test_a_mail_waits_for_the_hour_of_its_reader(house: House) -> None:
    text = house.settings.alerts.read_text(encoding="utf-8")
    future = date(2999, 3, 10)
    house.settings.alerts.write_text(text.replace("name: Agence", "name: Agence\n    hour: 8"), encoding="utf-8")
    house.load(ONE, tell("a1", future, PLANT | {"status": "announced"}))
    assert house.send(future) == []
    [(state, when)] = house.rows("SELECT state, next_attempt_at FROM store.outbox")
    assert state == "queued" and when.astimezone(UTC) == datetime(2999, 3, 10, 7, tzinfo=UTC), "winter time"


def test_consent_is_kept_and_unsubscribing_holds(house: House) -> None:
    house.load(ONE, announced())
    house.send(ONE)
    kept = "SELECT consent_on, consent_origin, unsubscribed_by FROM store.subscribers WHERE subscriber = 'agence'"
    assert house.rows(kept) == [(date(2025, 1, 3), "formulaire", None)]
    folder = house.settings.data_dir / "returns"
    folder.mkdir()
    asked = EmailMessage()
    asked["From"], asked["Subject"] = "L’Agence <AGENCE@region.example>", "Désinscription"
    asked.set_content("Merci.")
    (folder / "1.eml").write_bytes(asked.as_bytes())
    chat = EmailMessage()
    chat["From"], chat["Subject"] = "loin@region.example", "Re: votre revue"
    chat.set_content("Très bien !\n> Pour ne plus la recevoir, répondez « désinscription ».")
    (folder / "2.eml").write_bytes(chat.as_bytes())
    house.load(THREE, tell("a3", THREE, PLANT | {"status": "delayed"}, source="Le Beffroi"))
    assert house.send(THREE) == []
    assert house.rows(kept) == [(date(2025, 1, 3), "formulaire", "mail")]
    assert house.rows("SELECT count(*) FROM store.subscribers WHERE unsubscribed_on IS NOT NULL") == [(1,)]
    assert list(folder.glob("*.eml")) == [] and len(list((folder / "read").iterdir())) == 2
    text = house.settings.alerts.read_text(encoding="utf-8")
    house.settings.alerts.write_text(text.replace("2025-01-03", "2025-10-01"), encoding="utf-8")
    house.load(FOUR, tell("a4", FOUR, PLANT | {"status": "cancelled"}, source="Le Beffroi"))
    assert len(house.send(FOUR)) == 1, "a later consent reopens"


def test_one_click_unsubscribes_by_post_alone(house: House) -> None:
    house.settings.privacy.key = SecretStr("k" * 32)
    with one_click_service(house.settings) as address:
        house.settings.smtp.unsubscribe_url = address
        house.load(ONE, announced())
        [mail] = house.send(ONE)
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        url = str(mail["List-Unsubscribe"]).split(">")[0].strip(" <")
        with urlopen(url) as page:
            assert page.status == 200 and b"<form" in page.read()
        assert not (house.settings.data_dir / "returns").exists(), "looking at it unsubscribes nobody"
        for wrong in (url[:-1], f"{address}/../../etc/passwd/{url[-32:]}", address):
            with pytest.raises(OSError, match="404"):
                urlopen(Request(wrong, data=b"List-Unsubscribe=One-Click"))
        with urlopen(Request(url, data=b"List-Unsubscribe=One-Click")) as page:
            assert page.status == 200
    house.load(THREE, tell("a3", THREE, PLANT | {"status": "delayed"}, source="Le Beffroi"))
    assert house.send(THREE) == []
    assert house.rows("SELECT unsubscribed_by FROM store.subscribers WHERE subscriber = 'agence'") == [("one-click",)]


BOUNCE = b"""From: MAILER-DAEMON@mx.example
To: veilleur@localhost.localdomain
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; agence@region.example
Action: %(action)s
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <agence@region.example>: no such user

--b
Content-Type: text/rfc822-headers

Message-ID: %(ident)s
Subject: x

--b--
"""


def test_a_bounce_is_an_issue_without_the_address(house: House) -> None:
    house.load(ONE, announced())
    [mail] = house.send(ONE)
    folder = house.settings.data_dir / "returns"
    folder.mkdir()
    ident = mail["Message-ID"].encode()
    (folder / "late.eml").write_bytes(BOUNCE % {b"ident": ident, b"action": b"delayed"})
    house.send(TWO)
    assert house.rows("SELECT state FROM store.outbox") == [("sent",)]
    (folder / "gone.eml").write_bytes(BOUNCE % {b"ident": ident, b"action": b"failed"})
    house.send(TWO)
    house.send(TWO)
    assert house.rows("SELECT state FROM store.outbox") == [("bounced",)]
    found = house.rows("SELECT stage, code, url, message FROM issues WHERE stage = 'mail'")
    assert [row[:3] for row in found] == [("mail", "mail-bounced", ident.decode())]
    assert "550 5.1.1" in found[0][3] and "region.example" not in found[0][3]


def test_subscribers_and_mails_stay_out_of_the_published_copy(house: House) -> None:
    house.load(ONE, announced())
    house.send(ONE)
    publish(house.settings.warehouse_path, house.settings.published_path)
    from warehouse.store import query

    tables = {row[0] for row in query(house.settings.published_path, "SELECT table_name FROM duckdb_tables()")[1]}
    assert not {"outbox", "deliveries", "subscribers"} & tables
    assert b"agence@region.example" not in house.settings.published_path.read_bytes()


def test_a_preview_sends_and_notes_nothing(house: House) -> None:
    house.load(ONE, announced())
    [path] = preview_digests(house.settings, ONE, only=["agence"])
    assert "retenu par" in path.read_text(encoding="utf-8")
    assert house.rows("SELECT count(*) FROM store.outbox") == [(0,)] and house.mails() == []


RUN = """
import sys
from datetime import date
from pathlib import Path
from flows.digest import send_digests
from flows.settings import load_settings
settings = load_settings(data_dir=Path(sys.argv[1]), alerts=Path(sys.argv[2]))
settings.embeddings.enabled = False
print("ready", flush=True)
send_digests(settings, date.fromisoformat(sys.argv[3]))
"""


@pytest.mark.slow
@pytest.mark.soak
def test_whole_runs_killed_at_any_moment(house: House) -> None:
    """kill -9 of whole runs: in the end everybody has one mail with one Message-ID, and no step is told twice."""
    kills = 40 if os.environ.get("VEILLEUR_SOAK") else 6
    people = "\n".join(
        f"  - {{id: s{n}, email: s{n}@region.example, lookback_days: 9, rules: [{{regions: ['32']}}]}}"
        for n in range(25)
    )
    house.settings.alerts.write_text(f"subscribers:\n{people}\n", encoding="utf-8")
    house.load(
        ONE,
        announced(),
        *(tell(f"b{n}", ONE, PLANT | {"orgs": [f"Firme {n}"], "name": None, "status": "announced"}) for n in range(20)),
    )
    arguments = [sys.executable, "-c", RUN, str(house.settings.data_dir), str(house.settings.alerts), ONE.isoformat()]
    seen: set[tuple[str, str]] = set()
    for round_ in range(kills + 1):
        process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, text=True, env={**os.environ, "VEILLEUR_SMTP__HOST": ""}
        )
        assert process.stdout is not None
        process.stdout.readline()
        if round_ < kills:
            time.sleep(0.15 + 1.2 * round_ / kills)
            process.kill()
        assert process.wait(120) in (0, -9)
        process.stdout.close()
        seen |= {(str(read(path)["To"]), str(read(path)["Message-ID"])) for path in house.mails()}
    print(f"whole digest runs killed {kills} times")  # noqa: T201 - a soak says what it ran
    assert len(house.mails()) == 25 and len(seen) == 25 and len({who for who, _ in seen}) == 25
    assert house.rows("SELECT state, count(*) FROM store.outbox GROUP BY ALL") == [("sent", 25)]
    told = house.rows("SELECT subscriber, step_id, count(*) FROM store.deliveries GROUP BY ALL HAVING count(*) > 1")
    assert told == []
    assert house.rows("SELECT count(DISTINCT step_id) FROM store.deliveries")[0][0] >= 21


def test_two_projects_found_to_be_one_are_not_told_again(house: House) -> None:
    """An analyst merges what was told as two: the steps of the one that goes are neither news nor withdrawn."""
    other = PLANT | {"orgs": ["Ogier"], "name": None, "status": "announced", "inv": 45e6, "jobs": 120}
    house.load(ONE, announced(), tell("b1", TWO, other, source="L’Écho"))
    house.send(TWO)
    told = {row[0] for row in house.rows("SELECT project_id FROM projects")}
    assert len(told) == 2
    with Warehouse.open(house.settings.warehouse_path) as opened:
        merge(opened, *sorted(told), by="analyst")
        opened.tie()
    publish(house.settings.warehouse_path, house.settings.published_path)
    assert len(house.rows("SELECT project_id FROM projects")) == 1
    for mail in house.send(TWO):
        said = words(mail)
        assert "NOUVEAU PROJET" not in said and "Nous vous avions dit : emplois créés 120" not in said
    assert house.send(TWO) == []
