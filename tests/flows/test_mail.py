"""Mails against a real SMTP server on loopback: refusals, drops, TLS, login, kills."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from flows.mail import (
    FileCarrier,
    SendReport,
    SmtpCarrier,
    clean_header,
    compose,
    message_id,
    record_failures,
    send_pending,
)
from flows.settings import SmtpSettings
from warehouse.outbox import BACKOFF_MINUTES, Outbox
from warehouse.store import Warehouse

DAY = date(2025, 6, 20)
NOW = datetime(2025, 6, 20, 5, 0, tzinfo=UTC)


class Mailbox:
    """Takes mails; ``script`` says what it answers to the next ones ("451 later", "550 no", "drop", then accepts)."""

    def __init__(self, script: list[str] | None = None) -> None:
        self.script = list(script or [])
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        said = self.script.pop(0) if self.script else "250 OK"
        if said == "drop":
            assert server.transport is not None
            server.transport.abort()
            await asyncio.sleep(0)
            return "421 gone"
        if said.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(envelope.content)
        return said


@contextmanager
def smtp_server(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    # The controller connects to its own port to see that it is up, so it must know it beforehand.
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def settings(port: int, **more: Any) -> SmtpSettings:
    return SmtpSettings(
        host="127.0.0.1", port=port, sender="Veilleur <veille@veilleur.example>",
        **{"security": "none", "timeout_s": 5, **more},
    )  # fmt: skip


def mail(smtp: SmtpSettings, ident: str = "<a@veilleur.example>", subject: str = "Lens : 45 M€") -> bytes:
    return compose(
        smtp, to_name="Élodie", to_email="elodie@region.example", subject=subject, html="<p>Été à Lens</p>",
        text="Été à Lens", ident=ident, at=NOW,
    )  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse.open(tmp_path / "w.duckdb") as opened:
        yield opened


def queue(house: Warehouse, smtp: SmtpSettings, ident: str = "<a@veilleur.example>", step: str = "s1") -> Outbox:
    outbox = Outbox(house.connection)
    assert outbox.queue(ident, "region", "daily", DAY, "Lens", mail(smtp, ident), [(step, "p1")], NOW)
    return outbox


def state(house: Warehouse) -> list[tuple[Any, ...]]:
    return house.connection.execute(
        "SELECT state, attempts, last_reply FROM store.outbox ORDER BY message_id"
    ).fetchall()


def test_delivered_intact(house: Warehouse) -> None:
    box = Mailbox()
    with smtp_server(box) as port:
        outbox, report = queue(house, settings(port)), SendReport()
        send_pending(outbox, SmtpCarrier(settings(port)), NOW, report)
    assert report.sent == 1 and state(house)[0][:2] == ("sent", 1)
    got = message_from_bytes(box.mails[0], policy=policy.SMTP)
    assert got["Subject"] == "Lens : 45 M€"
    assert got["To"] == "Élodie <elodie@region.example>"
    assert got["Message-ID"] == "<a@veilleur.example>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert "mailto:veille@veilleur.example" in got["List-Unsubscribe"]
    assert "List-Unsubscribe-Post" not in got
    assert got.get_body(("plain",)).get_content().strip() == "Été à Lens"
    assert "Été à Lens" in got.get_body(("html",)).get_content()


def test_later_then_accepted(house: Warehouse) -> None:
    """451 keeps the mail, not before its delay; then the same bytes go out."""
    box = Mailbox(["451 4.7.1 greylisted"])
    with smtp_server(box) as port:
        outbox, report = queue(house, settings(port)), SendReport()
        carrier = SmtpCarrier(settings(port))
        send_pending(outbox, carrier, NOW, report)
        assert (report.sent, report.waiting) == (0, 1)
        assert "451" in state(house)[0][2]
        assert outbox.pending(NOW) == []
        send_pending(outbox, carrier, NOW + timedelta(minutes=BACKOFF_MINUTES[0]), report)
    assert report.sent == 1 and len(box.mails) == 1


def test_refused_for_good(house: Warehouse) -> None:
    box = Mailbox(["550 5.1.1 no such user"])
    with smtp_server(box) as port:
        outbox, report = queue(house, settings(port)), SendReport()
        queue(house, settings(port), "<b@veilleur.example>", "s2")
        send_pending(outbox, SmtpCarrier(settings(port)), NOW, report)
    assert (report.sent, report.refused) == (1, 1), "the second mail goes out although the first was refused"
    assert sorted(row[0] for row in state(house)) == ["refused", "sent"]
    assert any("550" in problem for problem in report.problems)
    record_failures(house, outbox)
    record_failures(house, outbox)
    found = house.connection.execute("SELECT code, url, message, detail FROM issues WHERE stage = 'mail'").fetchall()
    assert [row[:2] for row in found] == [("mail-refused", "<a@veilleur.example>")], "one row a mail"
    assert "550 5.1.1 no such user" in found[0][2] and "region" in found[0][3]


def test_dropped_connection(house: Warehouse) -> None:
    box = Mailbox(["drop"])
    with smtp_server(box) as port:
        outbox, report = queue(house, settings(port)), SendReport()
        send_pending(outbox, SmtpCarrier(settings(port)), NOW, report)
        assert report.waiting == 1
        send_pending(outbox, SmtpCarrier(settings(port)), NOW + timedelta(minutes=2), report)
    assert report.sent == 1 and len(box.mails) == 1


def test_no_server(house: Warehouse) -> None:
    outbox, report = queue(house, settings(9)), SendReport()
    send_pending(outbox, SmtpCarrier(settings(9)), NOW, report)
    assert (report.sent, report.waiting) == (0, 1)


def test_given_up_in_the_end(house: Warehouse) -> None:
    outbox, now = queue(house, settings(9)), NOW
    report = SendReport()
    for _ in range(len(BACKOFF_MINUTES) + 1):
        send_pending(outbox, SmtpCarrier(settings(9)), now, report)
        now += timedelta(days=2)
    assert state(house)[0][0] == "refused" and state(house)[0][2].startswith("given up")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


def test_starttls_and_login(house: Warehouse, certificate: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def authenticator(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        ok = isinstance(data, LoginPassword) and (data.login, data.password) == (b"veilleur", b"s3cret")
        return AuthResult(success=ok, handled=ok)

    box = Mailbox()
    options = {"tls_context": context, "require_starttls": True, "authenticator": authenticator, "auth_required": True}
    with smtp_server(box, **options) as port:
        good = settings(port, security="starttls", verify=False, user="veilleur", password=SecretStr("s3cret"))
        outbox, report = queue(house, good), SendReport()
        wrong = good.model_copy(update={"password": SecretStr("wrong")})
        send_pending(outbox, SmtpCarrier(wrong), NOW, report)
        assert (report.sent, report.waiting) == (0, 1), "a wrong password loses no mail"
        strict = good.model_copy(update={"verify": True})
        send_pending(outbox, SmtpCarrier(strict), NOW + timedelta(minutes=1), report)
        assert report.sent == 0, "an unknown certificate is not trusted"
        send_pending(outbox, SmtpCarrier(good), NOW + timedelta(hours=1), report)
    assert report.sent == 1 and len(box.mails) == 1
    assert not any("s3cret" in problem for problem in report.problems)


def test_implicit_tls(house: Warehouse, certificate: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    box = Mailbox()
    with smtp_server(box, ssl_context=context) as port:
        smtp = settings(port, security="tls", verify=False)
        outbox, report = queue(house, smtp), SendReport()
        send_pending(outbox, SmtpCarrier(smtp), NOW, report)
    assert report.sent == 1 and len(box.mails) == 1


def test_files_without_a_server(house: Warehouse, tmp_path: Path) -> None:
    outbox, report = queue(house, settings(9)), SendReport()
    carrier = FileCarrier(tmp_path / "mail")
    send_pending(outbox, carrier, NOW, report)
    [path] = report.files
    assert path.parent.name == "2025-06-20" and path.suffix == ".eml"
    assert message_from_bytes(path.read_bytes(), policy=policy.SMTP)["Message-ID"] == "<a@veilleur.example>"
    assert list(path.parent.iterdir()) == [path]


def test_queued_once(house: Warehouse) -> None:
    outbox = queue(house, settings(9))
    again = outbox.queue("<a@veilleur.example>", "region", "daily", DAY, "x", b"x", [("s1", "p1")], NOW)
    assert again is False and len(state(house)) == 1
    assert outbox.told("region") == {"s1"} and outbox.told("other") == set()


def test_one_click_unsubscribe_only_with_a_url() -> None:
    smtp = settings(25, unsubscribe_mailto="off@veille.example")
    raw = compose(
        smtp, to_name="É", to_email="e@region.example", subject="Lens", html="<p>x</p>", text="x",
        ident="<a@veilleur.example>", at=NOW, unsubscribe_url="https://veille.example/off",
    )  # fmt: skip
    got = message_from_bytes(raw, policy=policy.SMTP)
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert got["List-Unsubscribe"].startswith("<https://veille.example/off>, <mailto:off@veille.example")


@given(st.text(max_size=400))
def test_subject_is_one_clean_line(text: str) -> None:
    cleaned = clean_header(text)
    assert len(cleaned) <= 150
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in cleaned)
    got = message_from_bytes(mail(settings(25), subject=text), policy=policy.SMTP)
    assert got["Bcc"] is None and got["X-Injected"] is None
    assert got["Message-ID"] == "<a@veilleur.example>"


def test_header_injection() -> None:
    got = message_from_bytes(
        mail(settings(25), subject="Lens\r\nBcc: tous@region.example\r\n\r\n<script>"), policy=policy.SMTP
    )
    assert got["Bcc"] is None
    assert got["Subject"] == "Lens Bcc: tous@region.example <script>"


def test_message_id_is_stable_and_differs() -> None:
    one = message_id("a", "daily", ["s2", "s1"], "x.fr")
    assert one == message_id("a", "daily", ["s1", "s2"], "x.fr")
    assert len({one, message_id("b", "daily", ["s1", "s2"], "x.fr"), message_id("a", "daily", ["s1"], "x.fr")}) == 3


SENDER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from flows.mail import SendReport, SmtpCarrier, send_pending
from flows.settings import SmtpSettings
from warehouse.outbox import Outbox
from warehouse.store import Warehouse
smtp = SmtpSettings(host="127.0.0.1", port=int(sys.argv[2]), security="none", timeout_s=5)
with Warehouse.open(Path(sys.argv[1])) as house:
    print("open", flush=True)
    send_pending(Outbox(house.connection), SmtpCarrier(smtp), datetime.now(UTC), SendReport())
"""


@pytest.mark.slow
@pytest.mark.soak
def test_killed_while_sending(tmp_path: Path) -> None:
    """kill -9 around sending: every mail arrives, a second copy only ever carries the first's Message-ID."""
    kills, count = (100 if os.environ.get("VEILLEUR_SOAK") else 4), 60
    path, box = tmp_path / "w.duckdb", Mailbox()
    with smtp_server(box) as port:
        with Warehouse.open(path) as house:
            for n in range(count):
                queue(house, settings(port), f"<m{n}@veilleur.example>", f"s{n}")
        for round_ in range(kills + 1):
            process = subprocess.Popen(
                [sys.executable, "-c", SENDER, str(path), str(port)], stdout=subprocess.PIPE, text=True
            )
            assert process.stdout is not None
            process.stdout.readline()
            if round_ < kills:
                time.sleep(0.004 * (round_ % 25))
                process.kill()
            assert process.wait(60) in (0, -9)
            process.stdout.close()
    seen = [message_from_bytes(content, policy=policy.SMTP)["Message-ID"] for content in box.mails]
    assert set(seen) == {f"<m{n}@veilleur.example>" for n in range(count)}
    print(f"sending killed {kills} times, {count} mails, {len(seen) - count} sent again")  # noqa: T201 - a soak says what it ran
    assert len(seen) - count <= kills, "at most the mail in flight is sent again after a kill"
    with Warehouse.open(path) as house:
        assert {row[0] for row in state(house)} == {"sent"}
