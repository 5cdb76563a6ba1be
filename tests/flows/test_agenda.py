"""The agenda as text and as a calendar that other programs take."""

from __future__ import annotations

from datetime import date
from typing import Any

from icalendar import Calendar

from flows.agenda import calendar

HOSTILE = 'Ogier; "Fils", \\ SA\r\nBEGIN:VEVENT\r\nSUMMARY:faux'


def row(**more: Any) -> dict[str, Any]:
    return {
        "project_id": "p-1",
        "milestone": "offers_due",
        "from": None,
        "to": date(2025, 11, 15),
        "name": None,
        "kind": "insolvency",
        "organisations": ["Tanneries Ogier"],
        "places": ["Lens"],
        "article_url": "https://gazette.example/a",
        "evidence_text": "jusqu’au 15 novembre 2025",
    } | more


def events(*rows: dict[str, Any]) -> list[Any]:
    raw = calendar(list(rows), date(2025, 6, 20))
    assert b"\r\n" in raw and all(len(line) <= 75 for line in raw.split(b"\r\n"))
    return list(Calendar.from_ical(raw).walk("VEVENT"))


def test_a_day_and_an_interval() -> None:
    one, two = events(row(), row(milestone="opening", **{"from": date(2027, 1, 1), "to": date(2027, 3, 31)}))
    assert str(one["SUMMARY"]) == "Limite des offres : Tanneries Ogier – procédure collective – Lens"
    assert one.decoded("DTSTART") == date(2025, 11, 15) and one.decoded("DTEND") == date(2025, 11, 16)
    assert str(one["URL"]) == "https://gazette.example/a"
    assert two.decoded("DTSTART") == date(2027, 1, 1) and two.decoded("DTEND") == date(2027, 4, 1)
    assert two["TRANSP"] == "TRANSPARENT"


def test_uids_stay_when_a_date_moves() -> None:
    [before], [after] = events(row()), events(row(to=date(2025, 12, 1)))
    assert before["UID"] == after["UID"] and before["DTSTART"].dt != after["DTSTART"].dt
    [other] = events(row(milestone="hearing"))
    assert other["UID"] != before["UID"]


def test_the_same_dates_are_the_same_bytes() -> None:
    rows = [row(), row(project_id="p-2")]
    assert calendar(rows, date(2025, 6, 20)) == calendar(rows, date(2025, 6, 20))


def test_hostile_names_are_words() -> None:
    found = events(row(organisations=[HOSTILE], evidence_text=HOSTILE, article_url="javascript:alert(1)"))
    assert len(found) == 1 and "URL" not in found[0]
    assert "BEGIN:VEVENT" in str(found[0]["SUMMARY"]) and '"Fils"' in str(found[0]["SUMMARY"])


def test_nothing_to_come() -> None:
    assert events() == []
