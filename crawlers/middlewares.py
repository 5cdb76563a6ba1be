"""What every request passes on its way out: address guard, robots.txt, the gate of its host, Retry-After.

Scrapy's own robots middleware allows everything when robots.txt cannot be fetched, applies no Crawl-delay and keeps
nothing from run to run; its retry knows no Retry-After. Hence these.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import TextIOWrapper
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, cast

from protego import Protego
from scrapy import Request, Spider
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.failures import NotFetched, classify
from crawlers.network import refusal
from crawlers.rights import WELL_KNOWN, TdmRule, parse_tdmrep, rule_for
from crawlers.state import Document, content_hash
from crawlers.urls import host_of, origin_of, same_site

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawlers.context import Crawl

ROBOTS_AGENT = "Veilleur"
ROBOTS_BYTES = 512 * 1024
"""What is read of a robots.txt: RFC 9309, 2.5 asks for at least 500 KiB."""
ROBOTS_REDIRECTS = 5
"""RFC 9309, 2.3.1.2: at least five consecutive redirects are followed."""
PATIENCE_S = 120.0
"""The longest Retry-After that is waited for; a longer one closes the host for this run."""


def crawl_of(crawler: Crawler) -> Crawl:
    """The crawl that the running spider carries."""
    return cast("Any", crawler.spider).crawl  # type: ignore[no-any-return]


POSTPONED = frozenset({"rate-limited", "delay-too-long"})
"""What is no failure of a page: it waits for the next run."""


class Guarded:
    """Base of the middlewares: finds the crawl that the spider carries."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def crawl(self) -> Crawl:
        """The running crawl."""
        return crawl_of(self.crawler)


class AddressGuard(Guarded):
    """Refuses other schemes and private addresses, redirects included; sends all requests to the proxy if any."""

    def process_request(self, request: Request) -> None:
        """Scrapy's interface."""
        options = self.crawl.options
        if error := refusal(request.url, allow_private=options.allow_private):
            raise error
        if options.proxy:
            request.meta["proxy"] = options.proxy
        if not same_site(request.url, self.crawl.source.home):
            # A redirect must not carry a subscription's headers to another site.
            for name in request.meta.get("subscription", ()):
                request.headers.pop(name, None)


async def conditional(crawler: Crawler, crawl: Crawl, url: str, kind: str) -> tuple[Response, bytes]:
    """Fetch robots.txt or tdmrep.json with the validators of last time; returns the response and its body.

    A 304 gives the body kept in the state. Raises what the download raises.
    """
    known = crawl.state.document(url)
    headers: dict[str, str] = {}
    if known and known.body is not None:
        headers |= {"If-None-Match": known.etag} if known.etag else {}
        headers |= {"If-Modified-Since": known.last_modified} if known.last_modified else {}
    request = Request(
        url,
        callback=NO_CALLBACK,
        priority=1000,
        headers=headers,
        meta={"stage": kind, "redirect_ttl": ROBOTS_REDIRECTS, "autothrottle_dont_adjust_delay": True},
    )
    response = await crawler.engine.download_async(request)
    now = crawl.now()
    if response.status == 304 and known and known.body is not None:
        crawl.state.put_document(replace(known, checked_at=now, failures=0))
        return response, known.body
    if response.status == 200:
        crawl.state.put_document(
            Document(
                url,
                kind,
                "convention",
                _header(response, "ETag"),
                _header(response, "Last-Modified"),
                content_hash(response.body),
                response.body[:ROBOTS_BYTES],
                now,
                now,
            )
        )
    return response, response.body


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


class Robots(Guarded):
    """robots.txt after RFC 9309, per origin, once a run.

    2xx is parsed (the first 512 KiB); 4xx but 429 means that there is none; 429, 5xx and network failures mean that
    nothing may be fetched. ``Crawl-delay`` and ``Request-rate`` go to the :class:`HostGate`.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, asyncio.Future[Protego | NotFetched]] = {}

    async def process_request(self, request: Request) -> None:
        """Scrapy's interface."""
        if request.meta.get("stage") == "robots":
            return
        found = await self.rules(request.url)
        if isinstance(found, NotFetched):
            raise NotFetched(found.kind, str(found))
        if not found.can_fetch(request.url, ROBOTS_AGENT):
            self.crawl.counts["robots_disallowed"] += 1
            raise NotFetched("robots-disallowed", f"robots.txt of {host_of(request.url)} does not allow it")

    async def rules(self, url: str) -> Protego | NotFetched:
        """The rules that hold for a URL's origin, fetched on first use."""
        origin = origin_of(url)
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._fetch(origin))
        return await asyncio.shield(self._rules[origin])

    async def _fetch(self, origin: str) -> Protego | NotFetched:
        url = f"{origin}/robots.txt"
        crawl = self.crawl
        try:
            response, body = await conditional(self.crawler, crawl, url, "robots")
        except Exception as error:  # noqa: BLE001  (whatever the download raised is a reason not to fetch)
            kind, message = classify(error, url)
            if kind == "redirect-loop":
                return Protego.parse("")  # RFC 9309, 2.3.1.2: too many redirects count as unavailable
            crawl.issue(url, "robots", kind, message)
            return NotFetched("robots-unreachable", f"robots.txt cannot be fetched ({kind}), so nothing of {origin} is")
        if response.status == 429 or response.status >= 500:
            crawl.issue(url, "robots", f"http-{response.status}", f"HTTP {response.status}")
            return NotFetched("robots-unreachable", f"robots.txt answers {response.status}, so nothing of {origin} is")
        if response.status not in {200, 304}:
            return Protego.parse("")
        if len(body) > ROBOTS_BYTES:
            crawl.issue(url, "robots", "robots-too-large", f"only the first {ROBOTS_BYTES // 1024} KiB are read")
            body = body[:ROBOTS_BYTES].rsplit(b"\n", 1)[0]
        rules = Protego.parse(body.decode("utf-8-sig", "replace"))
        self._pace(origin, rules)
        return rules

    def _pace(self, origin: str, rules: Protego) -> None:
        delay = float(rules.crawl_delay(ROBOTS_AGENT) or 0)
        if rate := rules.request_rate(ROBOTS_AGENT):
            delay = max(delay, rate.seconds / max(rate.requests, 1))
        gate = self.crawler.get_downloader_middleware(HostGate)
        if delay > 0 and gate is not None:
            gate.at_least(host_of(origin), delay)


class TdmFile(Guarded):
    """``/.well-known/tdmrep.json`` of each origin, once a run; pages that it reserves are not fetched.

    A file that cannot be fetched or read does not count as a permission: the page is left alone, in the first case
    until another day, and the issue says why.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, asyncio.Future[list[TdmRule] | NotFetched]] = {}

    async def process_request(self, request: Request) -> None:
        """Scrapy's interface."""
        if request.meta.get("stage") != "page" or request.meta.get("licensed"):
            return
        rules = await self.rules(request.url)
        if isinstance(rules, NotFetched):
            raise NotFetched(rules.kind, str(rules))
        request.meta["tdm_rules"] = rules
        rule = rule_for(rules, request.url)
        if rule is not None and rule.reserved:
            raise NotFetched("tdm-reserved", f"tdmrep.json: {rule.location} 1")

    async def rules(self, url: str) -> list[TdmRule] | NotFetched:
        """The rules of a URL's origin, fetched on first use."""
        origin = origin_of(url)
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._fetch(origin))
        return await asyncio.shield(self._rules[origin])

    async def _fetch(self, origin: str) -> list[TdmRule] | NotFetched:
        url = origin + WELL_KNOWN
        crawl = self.crawl
        try:
            response, body = await conditional(self.crawler, crawl, url, "tdmrep")
        except Exception as error:  # noqa: BLE001  (as for robots.txt)
            kind, message = classify(error, url)
            if kind in {"robots-disallowed", "redirect-loop"}:
                return []
            crawl.issue(url, "rights", kind, message)
            passing = kind if kind in POSTPONED else "tdm-unreachable"
            return NotFetched(passing, f"tdmrep.json cannot be fetched ({kind})")
        if response.status == 429 or response.status >= 500:
            crawl.issue(url, "rights", f"http-{response.status}", f"HTTP {response.status}")
            return NotFetched("tdm-unreachable", f"tdmrep.json answers {response.status}")
        if response.status not in {200, 304}:
            return []
        if body.lstrip()[:1] == b"<":
            return []  # a page that stands for "not found" with status 200
        try:
            return parse_tdmrep(body)
        except ValueError as error:
            crawl.issue(url, "rights", "tdmrep-malformed", str(error))
            return NotFetched("tdm-unknown", f"tdmrep.json cannot be read: {error}")


@dataclass(slots=True)
class _Host:
    permits: asyncio.Semaphore
    floor_s: float = 0.0
    last_start: float = 0.0
    robots_at: float = 0.0
    not_before: float = 0.0
    closed: str | None = None
    inside: int = 0
    lock: TextIOWrapper | None = None
    taking: asyncio.Lock = field(default_factory=asyncio.Lock)


class HostGate(Guarded):
    """One request at a time a host, over all processes, at the pace that robots.txt and the source ask for.

    A lock file a host makes parallel crawls of titles on one host take turns; a killed process leaves it open.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._hosts: dict[str, _Host] = {}
        self._opened = monotonic()

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            politeness = self.crawl.source.politeness
            self._hosts[name] = _Host(asyncio.Semaphore(politeness.concurrency), floor_s=politeness.delay_s or 0.0)
        return self._hosts[name]

    def at_least(self, name: str, delay_s: float) -> None:
        """Requests to a host start at least ``delay_s`` apart, from the first after its robots.txt on."""
        host = self._host(name)
        host.floor_s = max(host.floor_s, delay_s)
        host.robots_at = monotonic()

    def hold(self, name: str, seconds: float) -> None:
        """No request to a host for so long."""
        host = self._host(name)
        host.not_before = max(host.not_before, monotonic() + seconds)

    def close(self, name: str, why: str) -> None:
        """No further request to a host in this run."""
        self._host(name).closed = why

    async def process_request(self, request: Request) -> None:
        """Scrapy's interface."""
        name = host_of(request.url)
        host = self._host(name)
        if host.closed:
            raise NotFetched("rate-limited", host.closed)
        await host.permits.acquire()
        try:
            async with host.taking:
                if host.inside == 0:
                    await self._lock(name, host)
                host.inside += 1
            request.meta["gate"] = name
            await self._wait(name, host)
            if host.closed:
                raise NotFetched("rate-limited", host.closed)
        except BaseException:
            if request.meta.get("gate") is None:
                host.permits.release()
            raise
        host.last_start = monotonic()

    async def _wait(self, name: str, host: _Host) -> None:
        if self.crawl.options.no_delay:
            return
        while (left := max(self._last_start(name, host) + host.floor_s, host.not_before) - monotonic()) > 0:
            if monotonic() + left > self._opened + self.crawl.source.politeness.budget_s:
                raise NotFetched("delay-too-long", f"{name} wants {host.floor_s:g} s between requests: not in this run")
            await asyncio.sleep(left)

    def _last_start(self, name: str, host: _Host) -> float:
        """When the last request really set out: AutoThrottle may have held it back after it passed here."""
        slot = cast("Any", self.crawler.engine).downloader.slots.get(name)
        last = max(host.last_start, slot.lastseen if slot is not None else 0.0)
        return last if last > host.robots_at else float("-inf")

    async def _lock(self, name: str, host: _Host) -> None:
        folder = self.crawl.data_dir / "state" / "hosts"
        folder.mkdir(parents=True, exist_ok=True)
        safe = re.sub(r"[^a-z0-9.-]", "_", name)[:100] + "-" + hashlib.sha256(name.encode()).hexdigest()[:8]
        stream = (folder / f"{safe}.lock").open("a")
        wait = 0.01
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(wait)
                wait = min(wait * 1.5, 0.5)
        host.lock = stream

    def process_response(self, request: Request, response: Response) -> Response:
        """Scrapy's interface."""
        self._leave(request)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Scrapy's interface."""
        self._leave(request)

    def _leave(self, request: Request) -> None:
        name = request.meta.pop("gate", None)
        if name is None:
            return
        host = self._hosts[name]
        host.inside -= 1
        if host.inside == 0 and host.lock is not None:
            host.lock.close()
            host.lock = None
        host.permits.release()


class RetryAfter(RetryMiddleware):
    """Scrapy's retry, waiting as long as ``Retry-After`` asks; a host that asks for too long is left for this run."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Scrapy's interface."""
        if response.status in {429, 503}:
            self._slow_down(request, response)
        return super().process_response(request, response)

    def _slow_down(self, request: Request, response: Response) -> None:
        gate = self.crawler.get_downloader_middleware(HostGate)
        crawl = crawl_of(self.crawler)
        if gate is None:
            return
        name = host_of(request.url)
        asked = retry_after(_header(response, "Retry-After"), crawl.now())
        # Without a word from the server: 5 s, 10 s, 20 s …
        seconds = asked if asked is not None else 5.0 * 2 ** request.meta.get("retry_times", 0)
        if seconds > PATIENCE_S:
            why = f"HTTP {response.status}, Retry-After {seconds:.0f} s"
            crawl.issue(request.url, request.meta.get("stage", "page"), "rate-limited", why)
            gate.close(name, why)
            request.meta["dont_retry"] = True
        else:
            gate.hold(name, seconds)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for, a number or an HTTP date; None where there is none to read.

    >>> retry_after("120", datetime(2025, 11, 20, tzinfo=UTC))
    120.0
    """
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp())
