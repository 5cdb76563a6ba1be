"""Stories for the digests' tests, from a few words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flows.alerts import Alerts, Subscriber
from flows.digest import Chooser
from flows.matching import Matcher
from flows.stories import Report, Step, Story
from flows.writing import Digest

DAY = date(2026, 3, 10)
UNITS = {"investment": "EUR", "funding_round": "EUR", "deal_value": "EUR", "grant": "EUR"}
PLACES = {"Lens": ("62498", "62", "32"), "Roscoff": ("29239", "29", "53"), "Le Havre": ("76351", "76", "28"),
          "Dax": ("40088", "40", "75"), "Lille": ("59350", "59", "32"), "Brest": ("29019", "29", "53")}  # fmt: skip


def report(ident: str = "a1", **more: Any) -> Report:
    given = {
        "article_url": f"https://gazette.example/{ident}", "title": f"Titre {ident}", "source_id": "gazette",
        "source_name": "La Gazette", "published_at": DAY, "access": "full", "evidence_text": f"Phrase de {ident}.",
    }  # fmt: skip
    return Report(article_id=ident, **{**given, **more})


def story(
    ident: str = "p1", kind: str = "new_site", status: str = "announced", orgs: tuple[str, ...] = ("Vernois",),
    place: str | None = "Lens", name: str | None = None, figures: dict[str, float] | None = None,
    when: dict[str, tuple[date | None, date | None]] | None = None,
    changes: dict[str, tuple[str | None, str]] | None = None,
    sources: int = 1, reports: list[Report] | None = None, at: date = DAY, sector: str | None = None,
    said_by: dict[str, str] | None = None, conflicts: list[dict[str, Any]] | None = None, new: bool | None = None,
    mentions: dict[str, str] | None = None,
) -> Story:  # fmt: skip
    """A story that is new, or (``changes``: field -> before, after) has changed."""
    reports = [report(f"a-{ident}")] if reports is None else reports
    codes = PLACES.get(place or "")
    first = reports[0].article_id if reports else None
    figures, values = figures or {}, []
    for measure, value in figures.items():
        values.append({
            "measure": measure, "low": value, "high": value, "unit": UNITS.get(measure, "person"), "qualifier": "exact",
            "per": None, "said_by": (said_by or {}).get(measure), "article_id": first, "evidence_text": str(value),
        })  # fmt: skip
    ends = {end: figures.get("investment") for end in ("investment_eur_low", "investment_eur_high")}
    ends |= {f"{m}_{end}": figures.get(m) for m in ("jobs_created", "jobs_cut") for end in ("low", "high")}
    project = {
        "project_id": ident, "name": name, "kind": kind, "status": status, "sector": sector,
        "organisations": list(orgs), "places": [place] if place else [], "commune_codes": [codes[0]] if codes else [],
        "department_codes": [codes[1]] if codes else [], "region_codes": [codes[2]] if codes else [],
        "communes": [place] if codes else None, "first_told_at": at, "last_told_at": at, "first_told_by": "gazette",
        "sources": sources, "figures": values,
        "milestones": [{"milestone": m, "from": ends_[0], "to": ends_[1], "article_id": first, "evidence_text": ""}
                       for m, ends_ in (when or {}).items()],
    } | ends  # fmt: skip
    steps = []
    if new or (new is None and changes is None):
        steps += [Step(f"{ident}-told", ident, at, "told", None, kind, None, first),
                  Step(f"{ident}-status", ident, at, "status", None, status, None, first)]  # fmt: skip
    for number, (field, (before, after)) in enumerate((changes or {}).items()):
        speaker = (said_by or {}).get(field)
        steps.append(Step(f"{ident}-{number}", ident, at, field, before, after, speaker, first))
    return Story(project, steps, reports, conflicts or [], mentions or {})


def subscriber(**more: Any) -> Subscriber:
    given: dict[str, Any] = {"id": "agence", "name": "Agence", "email": "a@agence.example", "rules": [{"min_jobs": 0,
                             "unknown_figures": True}, {"min_investment_eur": 0}]}  # fmt: skip
    return Subscriber.model_validate(given | more)


def chosen(stories: list[Story], who: Subscriber, day: date = DAY, *, kind: str = "daily", told: set[str] | None = None,
           encoder: Any = None, **more: Any) -> Digest:  # fmt: skip
    """The digest of a subscriber, by the same steps as in a run."""
    matcher = Matcher(stories, Alerts(subscribers=(who,), **more.pop("alerts", {})), lambda code: frozenset(), encoder)
    items, left, deadlines = Chooser(stories, matcher, day).choose(who, told or set(), set(), kind)
    gaps = more.pop("gaps", {"read": ["La Gazette"]})
    return Digest(who, day, kind, items, left, deadlines, gaps=gaps, **more)


def in_days(days: int) -> tuple[date, date]:
    return (DAY + timedelta(days=days),) * 2
