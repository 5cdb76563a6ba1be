"""The outbox: mails queued with the steps they tell, so that nothing is told twice and nothing is lost.

A mail and its steps are written in one transaction before anything is sent. The message is kept as bytes: should the
process die between the server's 250 and our commit, the same bytes with the same Message-ID go out again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

# Minutes until the next try after a temporary refusal; after the last one the mail is given up.
BACKOFF_MINUTES = (1, 5, 15, 60, 180, 360, 720, 1440)


@dataclass(frozen=True)
class Queued:
    """A mail that waits to be sent."""

    message_id: str
    subscriber: str
    day: date
    message: bytes
    attempts: int


class Outbox:
    """The outbox of an open warehouse. ``connection`` is the single writer's."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def told(self, subscriber: str) -> set[str]:
        """Ids of the steps that a subscriber was told, or that stand in a mail queued for them."""
        rows = self.connection.execute("SELECT step_id FROM store.deliveries WHERE subscriber = ?", [subscriber])
        return {step for (step,) in rows.fetchall()}

    def withdrawn(self, subscriber: str) -> list[tuple[str, str, str, str | None, str | None, date]]:
        """Steps that a subscriber was told and that were withdrawn since, with no erratum sent yet.

        Rows of step_id, project_id (of the project that it was merged into), field, before, after, at.
        """
        return self.connection.execute(
            """
            SELECT s.step_id, coalesce(p.merged_into, s.project_id), s.field, s.before, s.after, s."at"
            FROM store.deliveries d JOIN store.history_steps s USING (step_id)
            LEFT JOIN store.projects p ON p.project_id = s.project_id
            WHERE d.subscriber = ? AND s.withdrawn_at IS NOT NULL
              AND 'erratum:' || s.step_id NOT IN (SELECT step_id FROM store.deliveries WHERE subscriber = d.subscriber)
            ORDER BY s."at", s.step_id
            """,
            [subscriber],
        ).fetchall()

    def told_before(self, subscriber: str) -> set[tuple[str, str, str | None, date]]:
        """What withdrawn steps told a subscriber, as (project_id, field, after, at).

        An article that is read again may give the same change another step id: it is not news for all that.
        """
        rows = self.connection.execute(
            """
            SELECT coalesce(p.merged_into, s.project_id), s.field, s.after, s."at"
            FROM store.deliveries d JOIN store.history_steps s USING (step_id)
            LEFT JOIN store.projects p ON p.project_id = s.project_id
            WHERE d.subscriber = ? AND s.withdrawn_at IS NOT NULL
            """,
            [subscriber],
        )
        return {(project, field, after, at) for project, field, after, at in rows.fetchall()}

    def settle(self, subscriber: str, steps: Iterable[tuple[str, str]]) -> None:
        """Note steps (step_id, project_id) as told without a mail: what needs no erratum."""
        for step, project in steps:
            self.connection.execute(
                "INSERT OR IGNORE INTO store.deliveries VALUES (?, ?, ?, '')", [step, project, subscriber]
            )

    def record_subscriber(
        self, subscriber: str, email: str, audience: str, consent: tuple[date, str] | None, day: date, now: datetime
    ) -> bool:
        """Keep who is written to and on the strength of which consent (day, origin); False where they unsubscribed.

        A consent dated after the day of unsubscribing reopens. Nothing is written where nothing changed.
        """
        given = consent or (None, None)
        known = self.connection.execute(
            "SELECT email, audience, consent_on, consent_origin, unsubscribed_on FROM store.subscribers "
            "WHERE subscriber = ?",
            [subscriber],
        ).fetchone()
        left: date | None = known[4] if known else None
        if left is not None and given[0] is not None and given[0] > left:
            left = None
        row = (email, audience, *given, left)
        if known != row:
            self.connection.execute(
                """
                INSERT INTO store.subscribers VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?)
                ON CONFLICT (subscriber) DO UPDATE SET email = excluded.email, audience = excluded.audience,
                    consent_on = excluded.consent_on, consent_origin = excluded.consent_origin,
                    unsubscribed_on = excluded.unsubscribed_on, recorded_at = excluded.recorded_at
                """,
                [subscriber, email, audience, *given, day, left, now],
            )
        return left is None

    def unsubscribe(self, subscriber: str, on: date, how: str, now: datetime) -> bool:
        """Note that a subscriber asked not to be written to, and take back what still waits for them.

        False where the subscriber is not known or had left already.
        """
        changed = self.connection.execute(
            """
            UPDATE store.subscribers SET unsubscribed_on = ?, unsubscribed_by = ?, recorded_at = ?
            WHERE subscriber = ? AND unsubscribed_on IS NULL RETURNING subscriber
            """,
            [on, how, now, subscriber],
        ).fetchall()
        self.connection.execute(
            "UPDATE store.outbox SET state = 'withdrawn', last_reply = 'unsubscribed', next_attempt_at = NULL "
            "WHERE subscriber = ? AND state = 'queued'",
            [subscriber],
        )
        return bool(changed)

    def subscriber_of(self, email: str) -> str | None:
        """The subscriber of an address, letter case aside; None where nobody is known by it."""
        row = self.connection.execute(
            "SELECT subscriber FROM store.subscribers WHERE lower(email) = lower(?) ORDER BY subscriber", [email]
        ).fetchone()
        return row[0] if row else None

    def bounced(self, message_id: str, reason: str) -> bool:
        """A mail that the server took came back; False where it is not one of ours or had come back before."""
        return bool(
            self.connection.execute(
                "UPDATE store.outbox SET state = 'bounced', last_reply = ? "
                "WHERE message_id = ? AND state <> 'bounced' RETURNING message_id",
                [reason, message_id],
            ).fetchall()
        )

    def failures(self) -> list[dict[str, Any]]:
        """Mails that were refused for good or came back: message_id, subscriber, day, state, last_reply."""
        cursor = self.connection.execute(
            "SELECT message_id, subscriber, day, state, last_reply FROM store.outbox "
            "WHERE state IN ('refused', 'bounced') ORDER BY day, message_id"
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def queue(
        self, message_id: str, subscriber: str, kind: str, day: date, subject: str, message: bytes,
        steps: Iterable[tuple[str, str]], now: datetime, not_before: datetime | None = None,
    ) -> bool:  # fmt: skip
        """Queue a mail that tells ``steps`` (step_id, project_id); False where it was queued before.

        ``not_before``: the hour at which the subscriber wants it; None: at once.
        """
        self.connection.begin()
        try:
            known = self.connection.execute("SELECT 1 FROM store.outbox WHERE message_id = ?", [message_id]).fetchone()
            if known is None:
                self.connection.execute(
                    "INSERT INTO store.outbox VALUES (?, ?, ?, ?, ?, ?, 'queued', 0, ?, NULL, ?, NULL)",
                    [message_id, subscriber, kind, day, subject, message, not_before, now],
                )
                rows = list(dict.fromkeys(steps))
                if rows:
                    self.connection.execute(
                        """
                        INSERT OR IGNORE INTO store.deliveries
                        SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), ?, ?
                        """,
                        [[step for step, _ in rows], [project for _, project in rows], subscriber, message_id],
                    )
            self.connection.commit()
        except BaseException:
            self.connection.rollback()
            raise
        return known is None

    def pending(self, now: datetime) -> list[Queued]:
        """Mails whose time to be sent has come, oldest first."""
        rows = self.connection.execute(
            """
            SELECT message_id, subscriber, day, message, attempts FROM store.outbox
            WHERE state = 'queued' AND (next_attempt_at IS NULL OR next_attempt_at <= ?)
            ORDER BY created_at, message_id
            """,
            [now],
        ).fetchall()
        return [Queued(*row) for row in rows]

    def sent(self, message_id: str, now: datetime, reply: str) -> None:
        """The server took it (or the .eml file was written)."""
        self.connection.execute(
            """
            UPDATE store.outbox SET state = 'sent', sent_at = ?, attempts = attempts + 1, last_reply = ?,
                   next_attempt_at = NULL
            WHERE message_id = ?
            """,
            [now, reply, message_id],
        )

    def refused(self, message_id: str, reply: str) -> None:
        """The server refused it for good (5xx)."""
        self.connection.execute(
            """
            UPDATE store.outbox SET state = 'refused', attempts = attempts + 1, last_reply = ?, next_attempt_at = NULL
            WHERE message_id = ?
            """,
            [reply, message_id],
        )

    def retry(self, mail: Queued, now: datetime, reply: str) -> bool:
        """The server said later (4xx) or did not answer: try again after a growing delay; False: given up."""
        if mail.attempts >= len(BACKOFF_MINUTES):
            self.refused(mail.message_id, f"given up: {reply}")
            return False
        self.connection.execute(
            "UPDATE store.outbox SET attempts = attempts + 1, last_reply = ?, next_attempt_at = ? WHERE message_id = ?",
            [reply, now + timedelta(minutes=BACKOFF_MINUTES[mail.attempts]), mail.message_id],
        )
        return True
