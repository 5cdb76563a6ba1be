"""``alerts.yml``: who is told about what.

A subscriber has rules; a project reaches a subscriber where at least one rule holds. In a rule every key that is
given must hold; a list holds where one of its entries does. Faults name the file, the subscriber and the key.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from nlp.facts import ProjectKind, Salience, Status

Frequency = Literal["instant", "daily", "weekly"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class AlertsError(ValueError):
    """The alerts file cannot be used; the message has a line a fault: file, subscriber, key."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _code(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError(f"write codes in quotes, e.g. '{value:02d}'")
    return value


Code = Annotated[str, BeforeValidator(_code)]


class Rule(_Part):
    """What a subscriber wants to hear of. All given keys must hold.

    ``regions``, ``departments``, ``communes``: INSEE codes; ``epci``: SIREN of an intercommunal body; ``zones``: named
    lists of the file's head. ``sectors``: NAF rev. 2 divisions ("27") or sections ("C"). ``organisations``: names or
    SIREN numbers; with them ``salience`` says how much part they must take in the article. ``min_investment_eur``
    and ``min_jobs`` (created or cut) keep a project that states no figure only with ``unknown_figures``.
    ``words``: any of these stands in title, evidence or name (case and accents do not count). ``like``: a phrase whose
    meaning is near (``like_at_least``: how far above the usual, in standard deviations; default 2.5). ``weight`` raises
    or lowers what this rule finds in the mail's order.
    """

    name: str | None = None
    regions: tuple[Code, ...] = ()
    departments: tuple[Code, ...] = ()
    communes: tuple[Code, ...] = ()
    epci: tuple[Code, ...] = ()
    zones: tuple[str, ...] = ()
    kinds: tuple[ProjectKind, ...] = ()
    statuses: tuple[Status, ...] = ()
    sectors: tuple[Code, ...] = ()
    organisations: tuple[str, ...] = ()
    salience: tuple[Salience, ...] = ("main", "party")
    sources: tuple[str, ...] = ()
    min_investment_eur: float | None = Field(None, ge=0)
    min_jobs: float | None = Field(None, ge=0)
    unknown_figures: bool = False
    words: tuple[str, ...] = ()
    like: str | None = None
    like_at_least: float = Field(2.5, ge=0, le=10)
    followed: bool = False
    weight: float = Field(1.0, gt=0)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        given = self.model_fields_set - {"name", "salience", "weight", "unknown_figures", "like_at_least"}
        if not given:
            raise ValueError("a rule needs at least one condition")
        return self


class Consent(_Part):
    """When and how a subscriber agreed to be written to."""

    on: date
    origin: str


class Subscriber(_Part):
    """A person or mailbox that gets digests.

    ``frequency``: ``daily``; ``weekly`` (on ``weekday``); ``instant`` gets followed projects, closures and deadlines
    several times a day and the rest daily. ``audience`` ``external`` gets only what may be redistributed.
    ``portfolio``: a CSV beside alerts.yml with a column ``name`` or ``siren``; these organisations are followed.
    ``empty_day``: what is sent on a day without news: ``broken`` (a short mail only where sources failed: silence then
    means that all was read and nothing concerned you), ``always`` or ``silent``. ``hour``: daily and weekly mails go
    out not before it (Europe/Paris). ``monthly_review``: once a month the promises that fell due in silence.
    ``remind_days``: dates to act on are recalled once, so many days ahead; 0: only that day itself.
    ``lookback_days``: a step told longer ago than this is no news any more (a late backfill does not flood).
    """

    id: str
    name: str = ""
    email: str
    language: Literal["fr"] = "fr"
    audience: Literal["internal", "external"] = "internal"
    frequency: Frequency = "daily"
    weekday: Weekday = "monday"
    hour: int | None = Field(None, ge=0, le=23)
    empty_day: Literal["broken", "always", "silent"] = "broken"
    remind_days: int = Field(7, ge=0, le=60)
    monthly_review: bool = True
    active: bool = True
    consent: Consent | None = None
    follow_projects: tuple[str, ...] = ()
    follow_organisations: tuple[str, ...] = ()
    portfolio: Path | None = None
    lookback_days: int = Field(7, ge=1, le=3660)
    max_items: int = Field(25, ge=1, le=200)
    rules: tuple[Rule, ...] = ()

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", value):
            raise ValueError("use a-z, 0-9, '.', '_' and '-', at most 64")
        return value

    @field_validator("email")
    @classmethod
    def _email(cls, value: str) -> str:
        # The library's own parser refuses header injection and malformed addresses.
        if parseaddr(value)[1] != value or "@" not in value:
            raise ValueError(f"{value!r} is no e-mail address")
        Address(addr_spec=value)
        return value

    @model_validator(mode="after")
    def _wants_something(self) -> Self:
        if not (self.rules or self.follow_projects or self.follow_organisations or self.portfolio):
            raise ValueError("needs rules, or projects or organisations to follow")
        return self


class Alerts(_Part):
    """The whole file. ``zones``: a name for a list of commune, EPCI, department or region codes (``"dep:59"``,
    ``"reg:32"``, ``"epci:245900428"``, a bare code is a commune)."""

    zones: dict[str, tuple[Code, ...]] = {}
    subscribers: tuple[Subscriber, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [subscriber.id for subscriber in self.subscribers]
        double = sorted({ident for ident in ids if ids.count(ident) > 1})
        if double:
            raise ValueError(f"subscribers: id given twice: {', '.join(double)}")
        for subscriber in self.subscribers:
            for number, rule in enumerate(subscriber.rules):
                for zone in rule.zones:
                    if zone not in self.zones:
                        raise ValueError(f"subscribers.{subscriber.id}.rules.{number}.zones: no zone {zone!r}")
        return self


def load_alerts(path: Path) -> Alerts:
    """Read and check an alerts file; portfolios are read into ``follow_organisations``.

    Raises AlertsError naming file, subscriber and key.
    """
    try:
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AlertsError(f"{path}: no such file (setting: alerts)") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise AlertsError(f"{path}: {error}") from error
    try:
        alerts = Alerts.model_validate(data or {})
    except ValidationError as error:
        raise AlertsError("\n".join(_fault(path, data, e) for e in error.errors(include_url=False))) from error
    return alerts.model_copy(update={"subscribers": tuple(_with_portfolio(path, s) for s in alerts.subscribers)})


def _fault(path: Path, data: Any, error: Any) -> str:
    """One line: the subscriber by its id rather than its number."""
    where = [str(part) for part in error["loc"]]
    if len(where) > 1 and where[0] == "subscribers":
        try:
            where[1] = str(data["subscribers"][int(where[1])].get("id", where[1]))
        except (KeyError, IndexError, ValueError, AttributeError, TypeError):
            where[1] = f"number {where[1]}"
    return f"{path}: {'.'.join(where) or 'file'}: {error['msg'].removeprefix('Value error, ')}"


def named(value: str) -> str:
    """An organisation as rules look it up: a SIREN or SIRET without its blanks is the SIREN, anything else a name.

    >>> named("552 100 554"), named("552 100 554 00013"), named("Groupe 3 Suisses")
    ('552100554', '552100554', 'Groupe 3 Suisses')
    """
    digits = re.sub(r"[\s.]", "", value)
    return digits[:9] if re.fullmatch(r"\d{9}(\d{5})?", digits) else value


def _with_portfolio(path: Path, subscriber: Subscriber) -> Subscriber:
    if subscriber.portfolio is None:
        return subscriber
    file = path.parent / subscriber.portfolio
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            sample = handle.read(4096)
            handle.seek(0)
            rows = list(csv.DictReader(handle, delimiter=";" if sample.count(";") > sample.count(",") else ","))
    except (OSError, UnicodeDecodeError) as error:
        raise AlertsError(f"{path}: subscribers.{subscriber.id}.portfolio: {file}: {error}") from error
    names = [named(value) for row in rows for key in ("siren", "name") if (value := (row.get(key) or "").strip())]
    if rows and not names:
        raise AlertsError(f"{path}: subscribers.{subscriber.id}.portfolio: {file}: no column name or siren")
    return subscriber.model_copy(update={"follow_organisations": (*subscriber.follow_organisations, *names)})
