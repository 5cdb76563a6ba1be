"""Telling the operators that a run failed."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from html import escape

from flows.mail import Later, Refused, carrier_for, compose, sender_domain
from flows.settings import Settings
from warehouse.outbox import Queued


def send_alarm(settings: Settings, subject: str, text: str) -> str:
    """Write to every operator of the settings, by SMTP or as .eml files; says to how many.

    A mail server that refuses is reported in what is returned, for the run's own log: an alarm that cannot be sent
    must not raise another.
    """
    now = datetime.now(UTC)
    carrier = carrier_for(settings)
    said = []
    try:
        for address in settings.operators:
            digest = hashlib.sha256(f"{now.isoformat()}{address}{subject}".encode()).hexdigest()[:32]
            ident = f"<{digest}@{sender_domain(settings.smtp)}>"
            message = compose(
                settings.smtp, to_name="", to_email=address, subject=subject, html=f"<pre>{escape(text)}</pre>",
                text=text, ident=ident, at=now,
            )  # fmt: skip
            try:
                said.append(f"{address}: {carrier.send(Queued(ident, 'operator', now.date(), message, 0))}")
            except (Later, Refused) as error:
                said.append(f"{address}: {error}")
    finally:
        carrier.close()
    return "; ".join(said) or "no operators in the settings: nobody was told"
