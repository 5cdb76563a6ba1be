"""Mails: composed once, kept as bytes in the outbox, sent by SMTP or written as .eml files."""

from __future__ import annotations

import hashlib
import logging
import re
import smtplib
import socket
import ssl
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Protocol

from flows.settings import Settings, SmtpSettings
from warehouse.outbox import Outbox, Queued
from warehouse.store import Warehouse

logger = logging.getLogger("veilleur")
SUBJECT_MAX = 150


@dataclass
class SendReport:
    """What sending did."""

    queued: int = 0
    sent: int = 0
    waiting: int = 0
    refused: int = 0
    files: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    returns: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The report in a line; problems and files below."""
        line = f"{self.queued} mails queued, {self.sent} sent, {self.waiting} waiting, {self.refused} refused"
        files = [f"  {path}" for path in self.files]
        problems = [f"  problem: {problem}" for problem in self.problems]
        return "\n".join([line, *files, *problems, *(f"  came back: {said}" for said in self.returns)])


def clean_header(text: str, limit: int = SUBJECT_MAX) -> str:
    """A header's text without line ends or control and bidirectional characters, cut at a word.

    >>> clean_header("Lens\\r\\nBcc: x@y.fr : 45 M€")
    'Lens Bcc: x@y.fr : 45 M€'
    """
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    text = re.sub(r"\s+", " ", text).strip()
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


def message_id(subscriber: str, kind: str, steps: Iterable[str], domain: str) -> str:
    """The stable Message-ID of a mail: the same subscriber, kind and steps give the same one.

    >>> message_id("a", "daily", ["s1"], "x.fr") == message_id("a", "daily", ["s1"], "x.fr")
    True
    """
    digest = hashlib.sha256("\n".join([subscriber, kind, *sorted(steps)]).encode()).hexdigest()[:32]
    return f"<{digest}@{domain}>"


def sender_domain(smtp: SmtpSettings) -> str:
    """The domain of the sender's address, which Message-IDs carry."""
    return parseaddr(smtp.sender)[1].rpartition("@")[2] or "localhost.localdomain"


def compose(
    smtp: SmtpSettings, *, to_name: str, to_email: str, subject: str, html: str, text: str, ident: str, at: datetime,
    thread: str | None = None, unsubscribe_url: str | None = None,
) -> bytes:  # fmt: skip
    """A whole mail as bytes: text and HTML part, the headers of an automatic list mail.

    ``thread`` names the story that the mail is about, so that mail programs keep its mails together.
    ``unsubscribe_url`` is this subscriber's own one-click address (RFC 8058), where the service for it runs.
    """
    name, address = parseaddr(smtp.sender)
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = Address(display_name=clean_header(name), addr_spec=address)
    mail["To"] = Address(display_name=clean_header(to_name), addr_spec=to_email)
    mail["Subject"] = clean_header(subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = ident
    if smtp.reply_to:
        mail["Reply-To"] = smtp.reply_to
    if thread:
        story = f"<story.{hashlib.sha256(thread.encode()).hexdigest()[:24]}@{sender_domain(smtp)}>"
        mail["In-Reply-To"] = story
        mail["References"] = story
    mail["List-Id"] = f"Veilleur <veilleur.{sender_domain(smtp)}>"
    unsubscribe = smtp.unsubscribe_mailto or address
    ways = [f"<mailto:{unsubscribe}?subject=D%C3%A9sinscription>"]
    if unsubscribe_url:
        ways.insert(0, f"<{unsubscribe_url}>")
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["List-Unsubscribe"] = ", ".join(ways)
    mail["Auto-Submitted"] = "auto-generated"
    mail["Precedence"] = "list"
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    # The boundary is random by default: fixed, the same mail is the same bytes.
    mail.set_boundary(f"=_{hashlib.sha256(ident.encode()).hexdigest()[:32]}")
    return mail.as_bytes()


class Carrier(Protocol):
    """What takes mails away. Raises Later or Refused."""

    def send(self, mail: Queued) -> str:
        """Deliver one mail; the server's answer."""

    def close(self) -> None:
        """End the session."""


class Later(Exception):
    """The server asks to try again later, or did not answer."""


class Refused(Exception):
    """The server refuses this mail for good."""


class SmtpCarrier:
    """One SMTP session, opened at the first mail and again when the server dropped it."""

    def __init__(self, smtp: SmtpSettings) -> None:
        self.smtp = smtp
        self.session: smtplib.SMTP | None = None

    def _open(self) -> smtplib.SMTP:
        smtp = self.smtp
        assert smtp.host is not None
        context = ssl.create_default_context()
        if not smtp.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        session: smtplib.SMTP
        if smtp.security == "tls":
            session = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=smtp.timeout_s, context=context)
        else:
            session = smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout_s)
        try:
            if smtp.security == "starttls":
                session.starttls(context=context)
            if smtp.user and smtp.password:
                session.login(smtp.user, smtp.password.get_secret_value())
        except BaseException:
            session.close()
            raise
        return session

    def send(self, mail: Queued) -> str:
        """Deliver one mail. Raises Refused on 5xx, Later on 4xx, a dropped connection or no answer."""
        try:
            if self.session is None:
                self.session = self._open()
            parsed = message_from_bytes(mail.message, policy=policy.SMTP)
            sender = parsed["From"].addresses[0].addr_spec
            recipient = parsed["To"].addresses[0].addr_spec
            # The bytes go out as they were queued: parsing them anew could fold a header otherwise.
            self.session.sendmail(sender, [recipient], mail.message)
            return "accepted"
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = next(iter(error.recipients.values()))
            self._forget()
            raise (Refused if code >= 500 else Later)(f"{code} {_words(reply)}") from error
        except smtplib.SMTPAuthenticationError as error:
            # A wrong password is the house's fault, not the mail's: it waits for the settings to be mended.
            self._forget()
            raise Later(f"login: {error.smtp_code} {_words(error.smtp_error)}") from error
        except smtplib.SMTPResponseException as error:
            self._forget()
            raise (Refused if error.smtp_code >= 500 and self._about_mail(error) else Later)(
                f"{error.smtp_code} {_words(error.smtp_error)}"
            ) from error
        except (smtplib.SMTPException, ssl.SSLError, socket.gaierror, TimeoutError, OSError) as error:
            self._forget()
            raise Later(f"{type(error).__name__}: {error}") from error

    @staticmethod
    def _about_mail(error: smtplib.SMTPResponseException) -> bool:
        """Whether a 5xx is about this mail rather than the session (greeting, HELO, sender refused by policy)."""
        return isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused)

    def _forget(self) -> None:
        if self.session is not None:
            self.session.close()
            self.session = None

    def close(self) -> None:
        """Say goodbye; a server that has gone already is no fault."""
        if self.session is not None:
            try:
                self.session.quit()
            except (smtplib.SMTPException, OSError):
                self.session.close()
            self.session = None


class FileCarrier:
    """Writes .eml files: ``<folder>/<day>/<subscriber>-<id>.eml``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: list[Path] = []

    def send(self, mail: Queued) -> str:
        """Write one mail; writing it again replaces the same file."""
        path = self.folder / mail.day.isoformat() / f"{mail.subscriber}-{mail.message_id[1:9]}.eml"
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(mail.message)
        part.replace(path)
        self.files.append(path)
        return f"file {path}"

    def close(self) -> None:
        """Nothing to end."""


def carrier_for(settings: Settings) -> SmtpCarrier | FileCarrier:
    """SMTP where a server is set, files otherwise."""
    return SmtpCarrier(settings.smtp) if settings.smtp.host else FileCarrier(settings.mail_path)


def send_pending(outbox: Outbox, carrier: Carrier, now: datetime, report: SendReport) -> None:
    """Send every mail whose time has come; each is marked at once, so that a crash repeats one mail at most."""
    try:
        for mail in outbox.pending(now):
            try:
                reply = carrier.send(mail)
            except Refused as error:
                outbox.refused(mail.message_id, str(error))
                report.refused += 1
                report.problems.append(f"{mail.subscriber}: refused: {error}")
            except Later as error:
                if outbox.retry(mail, now, str(error)):
                    report.waiting += 1
                else:
                    report.refused += 1
                report.problems.append(f"{mail.subscriber}: {error}")
            else:
                outbox.sent(mail.message_id, datetime.now(UTC), reply)
                report.sent += 1
    finally:
        carrier.close()
    if isinstance(carrier, FileCarrier):
        report.files += carrier.files


def record_failures(house: Warehouse, outbox: Outbox) -> None:
    """A row in ``issues`` for every mail that was refused for good or came back; the same mail is one row.

    Addresses are blanked: the published copy shows the issues.
    """
    for failure in outbox.failures():
        house.record_issue(
            stage="mail", code=f"mail-{failure['state']}", severity="error", day=failure["day"],
            url=failure["message_id"], message=re.sub(r"[^\s<>@]+@[^\s<>@]+", "(adresse)", failure["last_reply"] or ""),
            detail={"subscriber": failure["subscriber"]},
        )  # fmt: skip


def _words(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return clean_header(text, 200)
