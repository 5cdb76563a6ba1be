"""The registry of sources: one YAML file a source, checked before anything is fetched.

A folder holds ``<id>.yml`` files. Several folders can be named: a later one adds sources, and a file of an id that an
earlier folder has overrides it key by key (an *overlay*: how ``veilleur sources accept`` records that terms were read
without touching the shipped files). Every fault names its file and key.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from crawlers.urls import UrlError, canonical_url

SourceKind = Literal["press", "agency", "public-body", "company", "legal-notices"]
Act = Literal["crawl", "store", "extract", "redistribute"]
EndpointKind = Literal["feed", "sitemap", "news-sitemap", "listing", "newsroom", "api"]

# INSEE codes officiels géographiques: 18 regions, and 01-95 with 2A and 2B, 971-978 and 987-988.
REGION_NAMES = {
    "01": "Guadeloupe",
    "02": "Martinique",
    "03": "Guyane",
    "04": "La Réunion",
    "06": "Mayotte",
    "11": "Île-de-France",
    "24": "Centre-Val de Loire",
    "27": "Bourgogne-Franche-Comté",
    "28": "Normandie",
    "32": "Hauts-de-France",
    "44": "Grand Est",
    "52": "Pays de la Loire",
    "53": "Bretagne",
    "75": "Nouvelle-Aquitaine",
    "76": "Occitanie",
    "84": "Auvergne-Rhône-Alpes",
    "93": "Provence-Alpes-Côte d'Azur",
    "94": "Corse",
}
_REGIONS = frozenset(REGION_NAMES)
_DEPARTMENTS = frozenset(
    [f"{n:02d}" for n in range(1, 96) if n != 20] + ["2A", "2B"] + [f"{n}" for n in (*range(971, 979), 986, 987, 988)]
)
_WORDS = {"hourly": 1, "daily": 24, "weekdays": 24, "weekly": 7 * 24, "fortnightly": 14 * 24, "monthly": 31 * 24}


class RegistryError(ValueError):
    """An entry that cannot be used. ``problems`` are ``(file, key, message)``; the text names them all."""

    def __init__(self, problems: Iterable[tuple[str, str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{file}: {key}: {message}" for file, key, message in self.problems))


class Entry(BaseModel):
    """Base of every part of an entry: immutable, and a key that does not exist is a fault, not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _web_address(value: str) -> str:
    try:
        canonical_url(value)
    except UrlError as error:
        raise ValueError(str(error)) from error
    return value


def _code(value: object) -> object:
    # An unquoted 01 in YAML is the number 1: too easy a slip to accept, too common to leave unexplained.
    if isinstance(value, int):
        raise ValueError(f"write INSEE codes in quotes, e.g. '{value:02d}'")
    return value


Url = Annotated[str, Field(max_length=2000)]
Code = Annotated[str, BeforeValidator(_code)]


class Endpoint(Entry):
    """One place where a source announces its articles.

    ``type``: ``feed`` (RSS, Atom, JSON Feed), ``sitemap`` (or an index), ``news-sitemap``, ``listing`` (a page of
    links), ``newsroom`` (a listing whose releases may be PDF) or ``api`` (``api`` names which: ``bodacc``).
    ``match`` and ``skip`` are regular expressions on article URLs. For listings ``links`` and ``next`` are CSS
    selectors of the article links and of the link to the next page, found by themselves where not given;
    ``max_pages`` and ``lookback_days`` (days before the day of the crawl) bound the pagination and sitemaps.
    """

    type: EndpointKind
    url: Url
    match: str | None = None
    skip: str | None = None
    links: str | None = None
    next: str | None = None
    max_pages: int = Field(default=10, ge=1, le=200)
    lookback_days: int = Field(default=7, ge=1, le=400)
    api: Literal["bodacc"] | None = None
    departments: tuple[Code, ...] = ()

    _check_url = field_validator("url")(_web_address)

    @model_validator(mode="after")
    def _api_named(self) -> Self:
        if (self.type == "api") != (self.api is not None):
            raise ValueError("type: api and the key api go together")
        return self


class Terms(Entry):
    """Whether somebody has read the site's terms of use, and what they say about reading by machine."""

    url: Url | None = None
    checked_on: date | None = None
    checked_by: str | None = None
    result: Literal["unread", "accepted", "refused"] = "unread"

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if self.result != "unread" and self.checked_on is None:
            raise ValueError("terms that were read carry the date: checked_on")
        return self


class TdmMark(Entry):
    """A machine-readable mark as found: TDMRep file, header or meta, robots meta or header (noai, noarchive)."""

    where: Literal["tdmrep.json", "tdm-header", "tdm-meta", "robots-header", "robots-meta"]
    value: str
    seen_on: date
    policy: str | None = None

    @property
    def reserves(self) -> bool:
        """Whether the mark reserves text and data mining for the whole source."""
        return self.value == "noai" or (self.where.startswith("tdm") and self.value in {"1", "/ 1", "/* 1"})


class Licence(Entry):
    """A contract: who granted which acts, for whom, until when."""

    holder: str = Field(min_length=1)
    contract: str = Field(min_length=1)
    acts: tuple[Act, ...]
    audience: Literal["internal", "external"] = "internal"
    until: date | None = None

    def allows(self, act: Act, day: date) -> bool:
        """Whether the licence covers ``act`` on ``day``."""
        return act in self.acts and (self.until is None or day <= self.until)


class RightsEntry(Entry):
    """What is known of a source's rights. ``keep_text_days``: days that text is kept, None: no limit of its own."""

    terms: Terms = Terms()
    tdm: tuple[TdmMark, ...] = ()
    licence: Licence | None = None
    keep_text_days: int | None = Field(default=365, ge=0)


class NightWindow(Entry):
    """Hours of Paris in which alone the source is fetched, e.g. ``from: "22:00"``, ``to: "06:00"``."""

    start: time = Field(alias="from")
    end: time = Field(alias="to")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def contains(self, moment: time) -> bool:
        """Whether a time of day lies in the window; it may pass midnight."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


class Politeness(Entry):
    """Overrides of the defaults: seconds between requests, requests at a time a host, hours, sizes."""

    delay_s: float | None = Field(default=None, ge=0, le=600)
    concurrency: int = Field(default=1, ge=1, le=8)
    night: NightWindow | None = None
    timeout_s: float = Field(default=30, gt=0, le=300)
    max_page_mb: float = Field(default=8, gt=0, le=100)
    max_pages: int = Field(default=400, ge=1, le=20_000)
    budget_s: float = Field(default=1800, gt=0, le=86_400)


class Source(Entry):
    """One source: a title, an agency, a public body, a company's newsroom or a bulletin of legal notices.

    ``discovery`` is empty where the file says ``auto``: the crawler finds the endpoints itself.
    ``cadence_hours`` is the longest usual silence (``daily``, ``weekly`` … or hours). ``cookies_env`` and
    ``headers_env`` name environment variables with a subscription's ``Cookie`` header and its headers as JSON; they
    need a licence that allows to crawl. ``page_class`` names the class that reads the source's pages where the
    general one is wrong. ``disabled_reason`` says why a source with ``enabled: false`` is not fetched.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    name: str = Field(min_length=1)
    home: Url
    kind: SourceKind
    regions: tuple[Code, ...] = ()
    departments: tuple[Code, ...] = ()
    discovery: tuple[Endpoint, ...] = ()
    cadence_hours: int = Field(default=24, ge=1, alias="cadence")
    language: str = Field(default="fr", pattern=r"^[a-z]{2,3}$")
    access: Literal["free", "metered", "subscribers"] = "free"
    rights: RightsEntry = RightsEntry()
    politeness: Politeness = Politeness()
    cookies_env: str | None = None
    headers_env: str | None = None
    page_class: str | None = None
    enabled: bool = True
    disabled_reason: str | None = None
    note: str | None = None

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    _check_home = field_validator("home")(_web_address)

    @field_validator("discovery", mode="before")
    @classmethod
    def _auto(cls, value: object) -> object:
        if value == "auto":
            return ()
        if not isinstance(value, list | tuple) or not value:
            raise ValueError("auto, or a list of at least one endpoint")
        return value

    @field_validator("cadence_hours", mode="before")
    @classmethod
    def _cadence(cls, value: object) -> object:
        if isinstance(value, str):
            if value not in _WORDS:
                raise ValueError(f"a number of hours or one of {', '.join(_WORDS)}")
            return _WORDS[value]
        return value

    @field_validator("regions")
    @classmethod
    def _regions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _known(value, _REGIONS, "region")

    @field_validator("departments")
    @classmethod
    def _departments(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _known(value, _DEPARTMENTS, "department")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.enabled and not self.disabled_reason:
            raise ValueError("enabled: false needs a disabled_reason")
        if self.cookies_env or self.headers_env:
            licence = self.rights.licence
            if licence is None or "crawl" not in licence.acts:
                raise ValueError("cookies_env and headers_env need a rights.licence whose acts name crawl")
        return self

    @property
    def cadence(self) -> timedelta:
        """The longest usual silence between two articles."""
        return timedelta(hours=self.cadence_hours)

    def subscription_headers(self, day: date, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The headers of a subscription on ``day``, out of the environment.

        Raises :class:`RegistryError` where a variable that the entry names is not set or no JSON object of strings,
        or where the licence has run out.
        """
        licence = self.rights.licence
        headers: dict[str, str] = {}
        for key, name in (("cookies_env", self.cookies_env), ("headers_env", self.headers_env)):
            if name is None:
                continue
            if licence is None or not licence.allows("crawl", day):
                raise RegistryError([(self.id, key, f"no licence allows a subscription's access on {day}")])
            value = environ.get(name)
            if not value:
                raise RegistryError([(self.id, key, f"the environment variable {name} is not set")])
            headers |= {"Cookie": value} if key == "cookies_env" else _json_headers(self.id, key, name, value)
        return headers


def _json_headers(ident: str, key: str, name: str, value: str) -> dict[str, str]:
    try:
        loaded = json.loads(value)
    except json.JSONDecodeError as error:
        raise RegistryError([(ident, key, f"{name} is no JSON object ({error})")]) from error
    if not isinstance(loaded, dict) or not all(isinstance(v, str) for v in loaded.values()):
        raise RegistryError([(ident, key, f"{name} is no JSON object of strings")])
    return {str(k): str(v) for k, v in loaded.items()}


def _known(value: tuple[str, ...], codes: frozenset[str], what: str) -> tuple[str, ...]:
    unknown = [code for code in value if code not in codes]
    if unknown:
        raise ValueError(f"no INSEE {what} code: {', '.join(unknown)}")
    return value


class Registry(Mapping[str, Source]):
    """All sources by id, in order of id; ``files`` tells which files an entry came from."""

    def __init__(self, sources: Mapping[str, Source], files: Mapping[str, tuple[Path, ...]]) -> None:
        self._sources = dict(sorted(sources.items()))
        self.files = dict(files)

    def __getitem__(self, key: str) -> Source:
        return self._sources[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def enabled(self) -> list[Source]:
        """The sources that are fetched."""
        return [source for source in self._sources.values() if source.enabled]


def load_registry(folders: Iterable[Path | str] | Path | str) -> Registry:
    """Read and check every ``*.yml`` of the folders, later folders over earlier ones.

    Raises :class:`RegistryError` naming the file and key of every fault at once (not only the first), also for a
    folder that does not exist.
    """
    problems: list[tuple[str, str, str]] = []
    raw: dict[str, dict[str, Any]] = {}
    files: dict[str, tuple[Path, ...]] = {}
    for folder in [folders] if isinstance(folders, Path | str) else folders:
        path = Path(folder)
        if not path.is_dir():
            problems.append((str(path), "(folder)", "no such folder"))
            continue
        for file in sorted([*path.glob("*.yml"), *path.glob("*.yaml")]):
            try:
                entry = read_entry(file)
            except RegistryError as error:
                problems += error.problems
                continue
            ident = entry.setdefault("id", file.stem)
            if ident != file.stem:
                problems.append((str(file), "id", f"{ident!r} is not the name of the file"))
                continue
            raw[ident] = _overlay(raw.get(ident, {}), entry)
            files[ident] = (*files.get(ident, ()), file)
    sources: dict[str, Source] = {}
    for ident, entry in raw.items():
        try:
            sources[ident] = Source.model_validate(entry)
        except ValidationError as error:
            where = ", ".join(str(file) for file in files[ident])
            problems += [(where, _key(e["loc"]), e["msg"]) for e in error.errors()]
    if problems:
        raise RegistryError(problems)
    return Registry(sources, files)


def read_entry(file: Path) -> dict[str, Any]:
    """The plain mapping of one YAML file. Raises :class:`RegistryError` where it is none, naming line and column."""
    try:
        loaded = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "(file)"
        raise RegistryError([(str(file), where, str(error.problem))]) from error
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        raise RegistryError([(str(file), "(file)", str(error))]) from error
    if not isinstance(loaded, dict):
        raise RegistryError([(str(file), "(file)", "not a mapping of keys")])
    return {str(key): value for key, value in loaded.items()}


def _overlay(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = _overlay(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return merged


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "(entry)"
