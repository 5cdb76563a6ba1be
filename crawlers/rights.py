"""What may be done with a source's text: terms, licences, and the marks that sites set.

Marks read: the TDM Reservation Protocol of the W3C community group (``/.well-known/tdmrep.json``, the response header
``tdm-reservation``, the HTML meta of the same name; the header overrides the file, the meta overrides both), and the
directives ``noai`` and ``noarchive`` of ``X-Robots-Tag`` and ``<meta name="robots">``.
The French law behind it: article L. 122-5-3 of the Code de la propriété intellectuelle, reservation "par des procédés
lisibles par machine".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import unquote, urlsplit

from lxml.html import HTMLParser, document_fromstring

from crawlers.items import Rights
from crawlers.registry import Source, TdmMark

AGENT_TOKENS = frozenset({"veilleur", "veilleurbot"})
"""Names under which a robots directive addresses this crawler."""
WELL_KNOWN = "/.well-known/tdmrep.json"


@dataclass(frozen=True, slots=True)
class TdmRule:
    """One rule of a tdmrep.json: paths that match ``location`` are reserved or not."""

    location: str
    reserved: bool
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks that hold for one page. ``reserved`` None: nothing was said."""

    reserved: bool | None = None
    noarchive: bool = False
    found: tuple[TdmMark, ...] = field(default=())

    @property
    def evidence(self) -> str | None:
        """The decisive mark in words, e.g. ``tdm-header: 1``."""
        return "; ".join(f"{mark.where}: {mark.value}" for mark in self.found) or None


def parse_tdmrep(body: bytes) -> list[TdmRule]:
    """The rules of a tdmrep.json in order.

    Raises ValueError where it is no list of rules: the caller must then not assume that nothing is reserved.
    """
    try:
        loaded = json.loads(body.decode("utf-8-sig"))
    except (UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"no JSON: {error}") from error
    rules = [loaded] if isinstance(loaded, dict) else loaded
    if not isinstance(rules, list):
        raise ValueError("no list of rules")
    out = []
    for rule in rules:
        if not isinstance(rule, dict) or not isinstance(rule.get("location"), str):
            raise ValueError("a rule without a location")
        value = _reservation(str(rule.get("tdm-reservation", "")))
        if value is None:
            raise ValueError(f"tdm-reservation is neither 0 nor 1 at {rule['location']!r}")
        policy = rule.get("tdm-policy")
        out.append(TdmRule(rule["location"], value, policy if isinstance(policy, str) else None))
    return out


def _reservation(value: str) -> bool | None:
    return {"1": True, "0": False, "true": True, "false": False}.get(value.strip().strip("\"'").lower())


def rule_for(rules: Iterable[TdmRule], url: str) -> TdmRule | None:
    """The rule that holds for a URL: the longest matching location, a reservation where two are equally long.

    ``*`` stands for any characters and a final ``$`` for the end, as in robots.txt.
    """
    parts = urlsplit(url)
    path = unquote(parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    matching = [rule for rule in rules if _location(rule.location).match(path)]
    return max(matching, key=lambda rule: (len(rule.location), rule.reserved), default=None)


def _location(pattern: str) -> re.Pattern[str]:
    ends = pattern.endswith("$")
    core = unquote(pattern[:-1] if ends else pattern)
    if not core.startswith(("/", "*")):
        core = "/" + core
    return re.compile(".*".join(re.escape(part) for part in core.split("*")) + ("$" if ends else ""), re.DOTALL)


def page_marks(
    url: str,
    day: date,
    *,
    rules: Iterable[TdmRule] = (),
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Marks:
    """The marks that hold for a page, each kept with where and when it was found.

    ``headers`` with lower-case names; several values of one name joined with a comma. ``body`` the page's bytes; only
    its ``<meta>`` tags are looked at.
    """
    reserved: bool | None = None
    found: list[TdmMark] = []

    def say(where: str, value: str, policy: str | None = None) -> None:
        found.append(TdmMark.model_validate({"where": where, "value": value, "seen_on": day, "policy": policy}))

    rule = rule_for(rules, url)
    if rule is not None:
        reserved = rule.reserved
        say("tdmrep.json", f"{rule.location} {int(rule.reserved)}", rule.policy)
    header = (headers or {}).get("tdm-reservation")
    if header is not None and (value := _strictest(header.split(","))) is not None:
        reserved = value
        say("tdm-header", header, (headers or {}).get("tdm-policy"))
    metas = _metas(body)
    contents = metas.get("tdm-reservation", [])
    if (value := _strictest(contents)) is not None:
        reserved = value
        say("tdm-meta", ",".join(contents), next(iter(metas.get("tdm-policy", [])), None))
    noarchive = False
    for where, directives in (
        ("robots-header", _header_directives((headers or {}).get("x-robots-tag", ""))),
        ("robots-meta", {w for name in ("robots", *AGENT_TOKENS) for c in metas.get(name, ()) for w in _words(c)}),
    ):
        if "noai" in directives:
            # A refusal of machine reading in words other than TDMRep's; nothing can lift it but a licence.
            reserved = True
            say(where, "noai")
        if "noarchive" in directives:
            noarchive = True
            say(where, "noarchive")
    return Marks(reserved, noarchive, tuple(found))


def _strictest(values: Iterable[str]) -> bool | None:
    """The reservation that several values amount to: reserved if any says so; unreadable ones say nothing."""
    read = [flag for value in values if (flag := _reservation(value)) is not None]
    return any(read) if read else None


_META = re.compile(rb"""<meta\b(?:[^>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)


def _metas(body: bytes) -> dict[str, list[str]]:
    """The page's meta tags, contents by lower-case name, without parsing the whole page.

    A mark counts wherever it stands, in a comment too: whoever wrote it meant something by it.
    """
    tags = b"".join(_META.findall(body[:2_000_000]))
    out: dict[str, list[str]] = {}
    if not tags:
        return out
    parsed = document_fromstring(b"<html><head>" + tags + b"</head></html>", parser=HTMLParser(encoding="iso-8859-1"))
    for meta in parsed.iter("meta"):
        name = (meta.get("name") or meta.get("property") or meta.get("http-equiv") or "").strip().lower()
        if name:
            out.setdefault(name, []).append(meta.get("content") or "")
    return out


def _words(content: str) -> list[str]:
    return [word.strip().lower() for word in content.split(",")]


def _header_directives(value: str) -> set[str]:
    """The directives of ``X-Robots-Tag`` that address every crawler or this one (``otherbot: noindex`` does not)."""
    out: set[str] = set()
    agent: str | None = None
    for part in _words(value):
        name, colon, rest = part.partition(":")
        if colon and name.strip() not in {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"}:
            agent, part = name.strip(), rest.strip()
        if agent is None or agent in AGENT_TOKENS or agent == "*":
            out.add(part)
    return out


def may_read(source: Source, day: date) -> Rights:
    """What a source's terms and licence allow on ``day``, before any page is asked for.

    The basis is ``licensed``, ``accepted``, ``unconfirmed`` (nobody has read the terms) or ``reserved`` (they were
    read and refuse). Only with the first two is a page fetched.
    """
    licence, terms = source.rights.licence, source.rights.terms
    if licence is not None and licence.allows("crawl", day) and licence.allows("extract", day):
        store = licence.allows("store", day)
        return Rights(
            basis="licensed",
            store_text=store,
            redistribute_text=licence.allows("redistribute", day),
            audience=licence.audience,
            keep_text_until=_keep_until(source, day, store, licence.until),
            evidence=f"licence of {licence.holder}, contract {licence.contract}, acts {', '.join(licence.acts)}",
        )
    reserving = [f"{mark.where}: {mark.value}" for mark in source.rights.tdm if mark.reserves]
    if reserving:
        return Rights(basis="reserved", store_text=False, evidence="; ".join(reserving))
    if terms.result == "accepted":
        return Rights(
            basis="accepted",
            keep_text_until=_keep_until(source, day, True, None),
            evidence=f"terms read on {terms.checked_on}" + (f" by {terms.checked_by}" if terms.checked_by else ""),
        )
    if terms.result == "refused":
        return Rights(basis="reserved", store_text=False, evidence=f"terms read on {terms.checked_on} refuse")
    return Rights(basis="unconfirmed", store_text=False, evidence="nobody has read the terms yet")


def _keep_until(source: Source, day: date, store: bool, licence_until: date | None) -> date | None:
    if not store:
        return day
    days = source.rights.keep_text_days
    limits = [day + timedelta(days=days)] if days is not None else []
    return min([*limits, *([licence_until] if licence_until else [])], default=None)


def with_marks(rights: Rights, marks: Marks, day: date) -> Rights:
    """The rights of one page after its marks: a reservation withdraws the text, unless a licence granted it.

    ``noarchive`` lets the page be read but not kept: neither archived nor stored past the day.
    """
    if rights.basis == "licensed":
        return rights
    if marks.reserved:
        return Rights(basis="reserved", store_text=False, evidence=marks.evidence)
    if marks.noarchive and rights.basis == "accepted":
        return rights.model_copy(
            update={"store_text": False, "keep_text_until": day, "evidence": f"{rights.evidence}; {marks.evidence}"}
        )
    return rights
