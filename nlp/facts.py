"""What reading hands on: the facts of one article, typed, frozen, each with its evidence.

The law of the house: ``block_text[start:end] == evidence.text``, where block -2 is the title, -1 the standfirst,
0.. the body, and offsets count Unicode code points.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from crawlers.items import Frozen

OrganisationKind = Literal["company", "public_body", "association", "research_education", "media"]
Salience = Literal["main", "party", "passing"]
PlaceKind = Literal["commune", "department", "region", "country", "area"]
Measure = Literal[
    "investment", "funding_round", "grant", "deal_value", "revenue", "amount", "jobs_created", "jobs_cut",
    "jobs_saved", "workforce", "area", "power", "energy", "output", "share", "growth", "count",
]  # fmt: skip
Qualifier = Literal["exact", "about", "at_least", "at_most", "range"]
Unit = Literal[
    "EUR", "USD", "GBP", "CHF", "person", "m2", "ha", "m3", "km", "MW", "GW", "MWh", "GWh", "t", "kt", "l", "%", "unit",
]  # fmt: skip
Per = Literal["year", "month", "day", "hour"]
ProjectKind = Literal[
    "new_site", "expansion", "relocation", "closure", "restructuring", "insolvency", "acquisition", "funding_round",
    "recruitment", "partnership", "infrastructure", "programme",
]  # fmt: skip
Status = Literal[
    "considered", "negotiating", "announced", "approved", "under_way", "completed", "delayed", "cancelled",
]  # fmt: skip
MilestoneKind = Literal[
    "announcement", "start", "completion", "opening", "offers_due", "hearing", "decision", "inquiry",
]  # fmt: skip


class Evidence(Frozen):
    """The words that prove a fact: a slice of one block."""

    block: int
    start: int
    end: int
    text: str


class Organisation(Frozen):
    """An organisation named as an actor. ``name`` is its fullest form in the article, as written."""

    name: str
    aliases: tuple[str, ...] = ()
    kind: OrganisationKind
    based_in: str | None = None
    mention: Salience = "passing"
    evidence: Evidence


class Role(Frozen):
    """A person's role: the title as written without article; the organisation in its fullest form, or None."""

    title: str
    organisation: str | None = None


class Person(Frozen):
    """A person of the article; bylines and photo credits are none."""

    name: str
    aliases: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    evidence: Evidence


class Place(Frozen):
    """A place named in its own right. ``code``: INSEE code of a commune, department or region, ISO 3166-1
    alpha-2 of a country, None for an area or where homonyms could not be told apart."""

    name: str
    kind: PlaceKind
    code: str | None = None
    evidence: Evidence


class Figure(Frozen):
    """A quantity that states an economic fact, on the line from ``low`` to ``high`` (None: open)."""

    measure: Measure
    low: float | None
    high: float | None
    qualifier: Qualifier
    unit: Unit
    per: Per | None = None
    of: str | None = None
    subject: str | None = None
    said_by: str | None = None
    year: int | None = None
    evidence: Evidence


class ProjectFigure(Frozen):
    """A figure of a project; the first four fields are the contract, the others carry it into the history."""

    measure: Measure
    low: float | None
    high: float | None
    unit: Unit
    qualifier: Qualifier = "exact"
    per: Per | None = None
    said_by: str | None = None
    evidence: Evidence | None = None


class Milestone(Frozen):
    """A dated step of a project: an interval whose ends may be open."""

    milestone: MilestoneKind
    from_: date | None = None
    to: date | None = None
    evidence: Evidence | None = None

    model_config = {"frozen": True, "extra": "ignore", "populate_by_name": True, "serialize_by_alias": True,
                    "alias_generator": lambda name: name.rstrip("_")}  # fmt: skip


class Project(Frozen):
    """What someone announces, does or stops doing.

    ``said_by`` is the person or organisation that announces it, None where the article speaks for itself.
    """

    name: str | None = None
    kind: ProjectKind
    sector: str | None = None
    status: Status
    organisations: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    figures: tuple[ProjectFigure, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    said_by: str | None = None
    evidence: Evidence


class Quote(Frozen):
    """A quoted span of at least four words, without its marks, and who says it."""

    text: str
    speaker: str | None = None
    evidence: Evidence


class Conflict(Frozen):
    """Figures of one article that contradict each other. ``rule`` names the sum that was made; ``stated`` is what
    the article says, ``computed`` what the others give, both in the unit of the stated figure."""

    rule: str
    stated: float
    computed: float
    evidence: tuple[Evidence, ...]


class Facts(Frozen):
    """All facts of one article."""

    organisations: tuple[Organisation, ...] = ()
    people: tuple[Person, ...] = ()
    places: tuple[Place, ...] = ()
    figures: tuple[Figure, ...] = ()
    projects: tuple[Project, ...] = ()
    quotes: tuple[Quote, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


class Reading(Frozen):
    """One answer of the reader. ``language`` is an ISO 639-1 code; an article that is not in French has no facts.

    ``rules`` and ``model`` are the versions that read it (kept on every fact in the warehouse).
    """

    id: str
    language: str
    facts: Facts = Facts()
    rules: str | None = None
    model: str | None = None
