"""What comes back: unsubscriptions by mail or by one click, and bounces.

Whoever runs Veilleur lets the mails to its sender's address fall into ``DATA/returns`` (one file a mail: getmail,
procmail, a Maildir's ``new`` folder). The next run reads them: a delivery report (RFC 3464) marks the mail as bounced,
a mail that asks for it unsubscribes its sender. The one-click service (RFC 8058) only drops a file there, so that the
warehouse keeps its single writer.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

from flows.alerts import Subscriber
from flows.french import fold
from flows.settings import Settings, SettingsError
from flows.stages import write_atomically
from warehouse.outbox import Outbox

logger = logging.getLogger("veilleur")

CLICKED = ".one-click"
# Subjects of mails that ask to be left in peace, folded; the List-Unsubscribe header writes the first.
LEAVING = re.compile(r"\b(desinscription|desinscrire|desabonner|desabonnement|unsubscribe|stop)\b")


def folder(settings: Settings) -> Path:
    """Where mails that came back lie."""
    return settings.data_dir / "returns"


def token(settings: Settings, subscriber: str) -> str | None:
    """What makes an unsubscribe address hard to guess; None where no key is set (VEILLEUR_PRIVACY__KEY)."""
    key = settings.privacy.key
    if key is None:
        return None
    return hmac.new(key.get_secret_value().encode(), f"unsubscribe:{subscriber}".encode(), hashlib.sha256).hexdigest()[
        :32
    ]


def leave_url(settings: Settings, subscriber: Subscriber) -> str:
    """The address by which a subscriber leaves: of the one-click service where it is set up, else a mailto."""
    secret = token(settings, subscriber.id)
    if settings.smtp.unsubscribe_url and secret:
        return f"{settings.smtp.unsubscribe_url.rstrip('/')}/{subscriber.id}/{secret}"
    address = settings.smtp.unsubscribe_mailto or parseaddr(settings.smtp.sender)[1]
    return f"mailto:{quote(address, safe='@')}?subject={quote('Désinscription')}"


def take_returns(settings: Settings, outbox: Outbox, day: date, now: datetime) -> list[str]:
    """Read what came back and put it aside in ``returns/read``; says what was done, a line a file."""
    lines = []
    for path in sorted(p for p in folder(settings).glob("*") if p.is_file() and not p.name.startswith(".")):
        if path.suffix == CLICKED:
            who = path.stem
            outbox.unsubscribe(who, day, "one-click", now)
            lines.append(f"{who}: unsubscribed by one click")
        else:
            lines.append(_take_mail(path, outbox, day, now))
        aside = folder(settings) / "read" / path.name
        aside.parent.mkdir(exist_ok=True)
        path.replace(aside)
    return lines


def _take_mail(path: Path, outbox: Outbox, day: date, now: datetime) -> str:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    if mail.get_content_type() == "multipart/report":
        ident, reason, action = _delivery_report(mail)
        if action != "failed":
            return f"{path.name}: delivery report ({action}), nothing to do"
        done = ident is not None and outbox.bounced(ident, reason)
        return f"{path.name}: " + (f"mail {ident} bounced: {reason}" if done else "bounce of no mail of ours")
    sender = parseaddr(str(mail.get("From", "")))[1]
    who = outbox.subscriber_of(sender)
    automatic = str(mail.get("Auto-Submitted", "no")).lower() != "no"
    if who is not None and not automatic and LEAVING.search(fold(f"{mail.get('Subject', '')} {_first_lines(mail)}")):
        outbox.unsubscribe(who, day, "mail", now)
        return f"{who}: unsubscribed by mail"
    return f"{path.name}: a mail for people, not read any further"


def _first_lines(mail: EmailMessage) -> str:
    """What the sender wrote, without what is quoted below."""
    body = mail.get_body(("plain",))
    if body is None:
        return ""
    lines = [line for line in body.get_content().splitlines() if line.strip() and not line.startswith(">")]
    return " ".join(lines[:3])


def _delivery_report(mail: EmailMessage) -> tuple[str | None, str, str]:
    """Message-ID of the mail that a report is about, the reason, and what was done with it (RFC 3464)."""
    ident, reason, action = None, "", "failed"
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for block in part.iter_parts() if isinstance(part, EmailMessage) and part.is_multipart() else []:
                action = str(block.get("Action", action)).strip().lower()
                reason = str(block.get("Diagnostic-Code") or block.get("Status") or reason)
        elif kind == "message/rfc822":
            inner = part.get_payload(0) if part.is_multipart() else None
            ident = str(inner.get("Message-ID", "")) if isinstance(inner, EmailMessage) else ident
        elif kind == "text/rfc822-headers":
            found = re.search(r"^message-id:\s*(<[^>\s]+>)", str(part.get_content()), re.I | re.M)
            ident = found[1] if found else ident
    return ident or None, " ".join(reason.split())[:200] or "bounced", action


@contextmanager
def one_click_service(settings: Settings, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """The small service behind List-Unsubscribe-Post: a POST to ``/<subscriber>/<token>`` unsubscribes.

    A GET (a link checker, a person) only shows a button: scanners that follow links must not unsubscribe anybody.
    Gives its address. Run it behind a web server with TLS. Needs VEILLEUR_PRIVACY__KEY.
    """

    class Handler(BaseHTTPRequestHandler):
        def _known(self) -> str | None:
            parts = self.path.split("?")[0].strip("/").split("/")[-2:]
            if len(parts) != 2 or not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", parts[0]):
                return None
            secret = token(settings, parts[0])
            return parts[0] if secret is not None and hmac.compare_digest(secret, parts[1]) else None

        def _answer(self, status: HTTPStatus, words: str) -> None:
            page = f'<!DOCTYPE html><html lang="fr"><meta charset="utf-8"><title>Veilleur</title><p>{words}</p></html>'
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def do_POST(self) -> None:
            # The body (List-Unsubscribe=One-Click) adds nothing; it is read so that the connection ends in order.
            self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 4096))
            who = self._known()
            if who is None:
                self._answer(HTTPStatus.NOT_FOUND, "Adresse inconnue.")
                return
            write_atomically(folder(settings) / f"{who}{CLICKED}", b"")
            self._answer(HTTPStatus.OK, "Vous êtes désinscrit de Veilleur.")

        def do_GET(self) -> None:
            if self._known() is None:
                self._answer(HTTPStatus.NOT_FOUND, "Adresse inconnue.")
            else:
                self._answer(HTTPStatus.OK, '<form method="post"><button>Se désinscrire de Veilleur</button></form>')

        def log_message(self, format: str, *args: object) -> None:
            logger.info("unsubscribe service: %s", format % args)

    server = ThreadingHTTPServer((host, port), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def serve(settings: Settings, host: str, port: int) -> None:
    """Run the one-click service until it is stopped. Raises SettingsError where no key is set."""
    if settings.privacy.key is None:
        raise SettingsError("the one-click service needs VEILLEUR_PRIVACY__KEY in the environment")
    with one_click_service(settings, host, port) as address:
        logger.info("unsubscribe service on %s", address)
        Event().wait()
