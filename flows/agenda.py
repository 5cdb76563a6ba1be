"""The agenda: coming dates to act on or to wait for, as text and as a calendar file."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from icalendar import Calendar, Event

from flows import french
from flows.settings import Settings
from flows.stories import rows
from flows.writing import plain, safe_url
from warehouse.store import open_reader


def agenda_text(settings: Settings, since: date, ics: Path | None) -> str:
    """The dates from ``since`` on, soonest first; with ``ics`` they are written there as well."""
    connection = open_reader(settings.published_path)
    try:
        dates = rows(connection, "agenda", since=since)
    finally:
        connection.close()
    if ics is not None:
        ics.write_bytes(calendar(dates, since))
    lines = [
        f"{french.interval(row['from'], row['to']):28} {french.label('milestone', row['milestone']):18} {_title(row)}"
        for row in dates
    ]
    lines += [f"{french.plural(len(dates), 'date')}" + (f", written to {ics}" if ics is not None else "")]
    return "\n".join(lines)


def calendar(dates: list[dict[str, object]], since: date) -> bytes:
    """An iCalendar file (RFC 5545): an all-day event a date, with a stable UID, so that a calendar that takes the
    file again updates it."""
    made = Calendar()
    made.add("prodid", "-//Veilleur//agenda//FR")
    made.add("version", "2.0")
    for row in dates:
        start, end = row["from"] or row["to"], row["to"] or row["from"]
        assert isinstance(start, date)
        assert isinstance(end, date)
        event = Event()
        event.add("uid", f"{row['project_id']}.{row['milestone']}@veilleur")
        event.add("dtstamp", datetime.combine(since, time(0), UTC))
        event.add("dtstart", start)
        event.add("dtend", end + timedelta(days=1))
        event.add("summary", f"{french.label('milestone', str(row['milestone']))} : {_title(row)}")
        url = safe_url(str(row["article_url"])) if row["article_url"] else None
        if url:
            event.add("url", url)
        if row["evidence_text"]:
            event.add("description", str(row["evidence_text"]))
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    return bytes(made.to_ical())


def _title(row: dict[str, object]) -> str:
    who = row["name"] or ", ".join(list(row["organisations"] or [])[:2])  # type: ignore[call-overload]
    places = list(row["places"] or [])[:1]  # type: ignore[call-overload]
    kind = french.label("kind", str(row["kind"])).lower()
    return plain(" – ".join(str(part) for part in (who, kind, *places) if part))
