"""The one spider: reads what a source announces, fetches what is new, keeps what may be kept.

Driven by a registry entry through the :class:`~crawlers.context.Crawl` that it is given. All decisions that must
survive a kill go to the state in one transaction with what they decide about.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any, Self, cast

from lxml.html import HtmlElement
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from scrapy.http.request import VerboseCookie
from twisted.python.failure import Failure

from crawlers.articles import article_line
from crawlers.bodacc import DETAIL_URL, Bulletin, notices_url, parse_notices
from crawlers.context import Crawl
from crawlers.discovery import (
    USUAL_PATHS,
    Candidate,
    Found,
    UnreadableDocument,
    as_utf8,
    canonical_or_none,
    day_of,
    find_alternates,
    inflate,
    like_article_path,
    parse_feed,
    parse_listing,
    parse_sitemap,
    sniff,
)
from crawlers.failures import NotFetched, classify
from crawlers.items import Article, Rights, article_id, version_id
from crawlers.middlewares import POSTPONED, TdmFile
from crawlers.pages.errors import ExtractionError
from crawlers.pages.parse import parse
from crawlers.reading import Unreadable, announced, claims_article, complete, in_future, read_page, time_limit
from crawlers.registry import Endpoint
from crawlers.rights import may_read, page_marks, with_marks
from crawlers.state import FORGOTTEN, Document, Seen, announcement_hash, content_hash
from crawlers.urls import canonical_url, host_of, origin_of, same_site

WINDOW = 40
"""Page requests in Scrapy's hands at a time; the others wait in the state, so that memory does not grow."""
MAX_CHILD_SITEMAPS = 30
API_PAGES = 100
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
"""Feeds and sitemaps may be larger than pages: sitemaps.org allows 50 MB."""
DOCUMENT_LIMIT_S = 60
UNCONDITIONAL_AFTER = timedelta(days=2)
"""A document said to be unchanged for so long, or for the source's cadence, is asked for without conditions: servers
keep an ETag though the feed changed."""
RUNS_KEPT = 50
REVISITS = (1, 2, 4)
"""Days after the first, second and third reading on which a page is looked at again: on days 1, 3 and 7."""
YOUNG_DAYS = 8
REANNOUNCED_DAYS = 60
"""An older article is not read again because its announcement changed: that is a feed's template, not news."""
_ALL_STATUSES = [304, *range(400, 600)]


class NewsSpider(Spider):
    """Crawl one source."""

    name = "news"

    def __init__(self, crawl: Crawl, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.crawl = crawl
        self.rights = may_read(crawl.source, crawl.day)
        self.may_fetch = self.rights.basis in {"licensed", "accepted"} and not crawl.options.probe
        self.headers = crawl.source.subscription_headers(crawl.day)
        self.budget = min(crawl.options.max_pages or 1_000_000, crawl.source.politeness.max_pages)
        self._waiting: deque[str] = deque()
        self._taken: set[str] = set()
        self._in_hand = 0
        self._pages_of_listing: dict[str, int] = {}
        self._children = 0
        self._own_sites = (crawl.source.home, *(endpoint.url for endpoint in crawl.source.discovery))
        self._endpoints_found: list[dict[str, Any]] = []
        self._something_new = False
        self._revisited = False
        runs = [*(crawl.state.note("runs") or ()), crawl.now().isoformat()]
        crawl.state.put_note("runs", runs[-RUNS_KEPT:])
        # When the rights changed since the last run, what was announced before is looked at with new eyes.
        self._afresh = crawl.state.note("basis") not in {None, self.rights.basis}
        crawl.state.put_note("basis", self.rights.basis)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.idle, signal=signals.spider_idle)
        crawler.signals.connect(spider.surprised, signal=signals.spider_error)
        return spider

    # --- start

    async def start(self) -> AsyncIterator[Request]:
        """What was left over, what is to be looked at again, and what is announced."""
        state, day = self.crawl.state, self.crawl.day
        with state.transaction():
            state.retry_today(day)
        if self.may_fetch:
            self._waiting.extend(state.queued(day, self.budget))
            self.crawl.counts["resumed"] = len(self._waiting)
            for request in self._pages():
                yield request
        if self.crawl.options.probe:
            yield self._request(self.crawl.source.home, "discovery", self.parse_probe)
        endpoints = self.crawl.source.discovery
        if endpoints:
            for endpoint in endpoints:
                yield self._endpoint_request(endpoint, "registry")
            return
        known = state.documents("feed", "sitemap", "news-sitemap", "listing", found_by="auto")
        if known:
            for document in known:
                yield self._endpoint_request(_endpoint(document.kind, document.url), "auto")
        else:
            yield self._request(
                self.crawl.source.home, "discovery", self.parse_home, cb_kwargs={"home": self.crawl.source.home}
            )

    def _schedule_revisits(self) -> None:
        """Young articles to be looked at again, so that corrections nobody announces become versions.

        Not before the next day, and at the very next crawl only if the source had something new to say: one that is
        unchanged altogether is left in peace until the crawl after that.
        """
        crawl = self.crawl
        runs = [datetime.fromisoformat(run) for run in crawl.state.note("runs") or ()]
        for seen in crawl.state.young(crawl.day - timedelta(days=YOUNG_DAYS)):
            if seen.read_day is None or seen.read_at is None or seen.basis not in {"accepted", "licensed"}:
                continue
            days = (crawl.day - seen.read_day).days
            due = 1 <= seen.reads <= len(REVISITS) and days >= REVISITS[seen.reads - 1]
            since = sum(run > seen.read_at for run in runs)
            if crawl.options.revisit or (due and (self._something_new or since > 1)):
                self._waiting.append(seen.article_id)

    # --- requests

    def _request(self, url: str, stage: str, callback: Any, **kwargs: Any) -> Request:
        meta = {"stage": stage, "handle_httpstatus_list": _ALL_STATUSES, **kwargs.pop("meta", {})}
        priority = kwargs.pop("priority", 0 if stage == "page" else 10)
        headers = kwargs.pop("headers", {})
        cookies: list[VerboseCookie] = []
        if self.headers and same_site(url, self.crawl.source.home):
            # Scrapy's jar sends cookies back only to the host that they were given for.
            morsels = SimpleCookie(self.headers.get("Cookie", "")).items()
            cookies = [
                {"name": name, "value": morsel.value, "domain": host_of(url), "path": "/"} for name, morsel in morsels
            ]
            own = {name: value for name, value in self.headers.items() if name != "Cookie"}
            headers = own | headers
            meta["subscription"] = list(own)
        return Request(
            url,
            cookies=cookies,
            callback=callback,
            errback=kwargs.pop("errback", self.failed),
            dont_filter=True,
            meta=meta,
            priority=priority,
            headers=headers,
            **kwargs,
        )

    def _endpoint_request(self, endpoint: Endpoint, found_by: str, url: str | None = None, level: int = 0) -> Request:
        target = url or endpoint.url
        if endpoint.type == "api" and url is None:
            target = notices_url(endpoint, self.crawl.day)
        return self._request(
            target,
            endpoint.type,
            self.parse_endpoint,
            headers=self._validators(target),
            meta={"download_maxsize": MAX_DOCUMENT_BYTES},
            cb_kwargs={"endpoint": endpoint, "found_by": found_by, "asked": target, "level": level},
        )

    def _validators(self, url: str) -> dict[str, str]:
        known = self.crawl.state.document(url)
        if known is None or self._afresh:
            return {}
        patience = max(UNCONDITIONAL_AFTER, self.crawl.source.cadence)
        if known.changed_at is not None and self.crawl.now() - known.changed_at > patience:
            return {}
        headers = {"If-None-Match": known.etag} if known.etag else {}
        return headers | ({"If-Modified-Since": known.last_modified} if known.last_modified else {})

    def _pages(self) -> Iterator[Request]:
        """Requests for waiting articles, as many as the window and the budget allow."""
        state = self.crawl.state
        while self._waiting and self._in_hand < WINDOW and self.budget > 0:
            ident = self._waiting.popleft()
            if ident in self._taken:
                continue
            seen = state.seen(ident)
            candidate = state.queued_candidate(ident) or (Candidate(seen.url) if seen else None)
            if candidate is None:
                continue
            self._taken.add(ident)
            self._in_hand += 1
            self.budget -= 1
            headers: dict[str, str] = {}
            if seen is not None and seen.version_id and seen.basis == self.rights.basis:
                headers |= {"If-None-Match": seen.etag} if seen.etag else {}
                headers |= {"If-Modified-Since": seen.last_modified} if seen.last_modified else {}
            yield self._request(
                candidate.url,
                "page",
                self.parse_page,
                errback=self.page_failed,
                headers=headers,
                meta={"licensed": self.rights.basis == "licensed"},
                cb_kwargs={"ident": ident, "candidate": candidate},
            )

    def idle(self) -> None:
        """Scrapy's signal: nothing left in its hands. Hand on what still waits, at last what is to be seen again."""
        if self.may_fetch and not self._revisited:
            self._revisited = True
            self._schedule_revisits()
        more = list(self._pages())
        for request in more:
            cast("Any", self.crawler.engine).crawl(request)
        if more:
            raise DontCloseSpider

    # --- discovery

    def parse_home(self, response: Response, home: str) -> Iterator[Request]:
        """The home page of a source with ``discovery: auto``: its feeds and sitemaps, or the usual places."""
        tree = self._tree(response, "discovery")
        found = find_alternates(tree, response.url) if tree is not None and response.status == 200 else []
        if response.status != 200:
            self.crawl.issue(response.url, "discovery", f"http-{response.status}", f"HTTP {response.status}")
        feeds = [url for kind, url, _ in found if kind == "feed"][:3]
        if feeds:
            for url in feeds:
                yield self._endpoint_request(_endpoint("feed", url), "auto")
            return
        sitemaps = [url for kind, url, _ in found if kind == "sitemap"] + self._sitemaps_of_robots(response.url)
        places = [("sitemap", url) for url in dict.fromkeys(sitemaps)]
        # A news sitemap tells titles and dates: it comes first.
        places.sort(key=lambda place: not re.search(r"news|actu", place[1], re.IGNORECASE))
        places = places[:2] + [(kind, home_join(response.url, path)) for kind, path in USUAL_PATHS]
        yield from self._try_next(places, response.url)

    def _sitemaps_of_robots(self, url: str) -> list[str]:
        """The ``Sitemap`` lines of the robots.txt that the guard fetched before this page."""
        robots = origin_of(url) + "/robots.txt"
        document = self.crawl.state.document(robots)
        if document is None or document.body is None:
            return []
        pairs = (line.partition(":") for line in document.body.decode("utf-8", "replace").splitlines())
        links = [value.strip() for name, _, value in pairs if name.strip().lower() == "sitemap"]
        return [link for value in links if (link := canonical_or_none(value, robots))]

    def _try_next(self, places: list[tuple[str, str]], home: str) -> Iterator[Request]:
        if not places:
            self.crawl.issue(home, "discovery", "nothing-announced", "no feed and no sitemap found; reading the home")
            yield self._endpoint_request(_endpoint("listing", home), "auto")
            return
        (kind, url), rest = places[0], places[1:]
        yield self._request(
            url,
            "discovery",
            self.parse_guess,
            errback=self.guess_failed,
            cb_kwargs={"kind": kind, "url": url, "rest": rest, "home": home},
        )

    def parse_guess(
        self, response: Response, kind: str, url: str, rest: list[tuple[str, str]], home: str
    ) -> Iterator[Request]:
        """One of the usual places: take it if it is a feed or sitemap, else try the next."""
        wanted = {"feed": {"feed", "json-feed"}}.get(kind, {"sitemap", "text-sitemap", "feed"})
        if response.status == 200 and (_sniffed(response) in wanted):
            yield from self.parse_endpoint(response, _endpoint(kind, url), "auto", url)
        else:
            yield from self._try_next(rest, home)

    def guess_failed(self, failure: Failure) -> Iterator[Request]:
        """A usual place that cannot be fetched: the next."""
        kwargs = failure.request.cb_kwargs  # type: ignore[attr-defined]
        yield from self._try_next(kwargs["rest"], kwargs["home"])

    async def parse_probe(self, response: Response) -> None:
        """The home page of a source that is only looked at: its name for itself and the marks that it carries."""
        crawl = self.crawl
        if response.status != 200:
            crawl.issue(response.url, "discovery", f"http-{response.status}", f"HTTP {response.status}")
            return
        guard = self.crawler.get_downloader_middleware(TdmFile)
        rules = await guard.rules(response.url) if guard is not None else []
        marks = page_marks(
            response.url,
            crawl.day,
            rules=() if isinstance(rules, NotFetched) else rules,
            headers=_headers(response),
            body=response.body,
        )
        crawl.state.put_note("marks", [mark.model_dump(mode="json", exclude_none=True) for mark in marks.found])
        tree = self._tree(response, "discovery")
        if tree is not None:
            names = tree.xpath("//meta[@property='og:site_name']/@content | //title/text()")
            crawl.state.put_note("name", next((" ".join(str(n).split()) for n in names if str(n).strip()), None))

    # --- endpoints

    def parse_endpoint(
        self, response: Response, endpoint: Endpoint, found_by: str, asked: str, level: int = 0
    ) -> Iterator[Request]:
        """A feed, sitemap, listing or API answer: queue what is new, remember the document, go on to the next page."""
        crawl, state, stage = self.crawl, self.crawl.state, endpoint.type
        now = crawl.now()
        known = state.document(asked)
        if response.status == 304 and known is not None:
            crawl.counts["documents_unchanged"] += 1
            self._worked(asked, stage)
            state.put_document(replace(known, checked_at=now, failures=0))
            return
        if response.status != 200:
            crawl.issue(asked, stage, f"http-{response.status}", f"HTTP {response.status}")
            self._endpoint_failed(asked, stage, found_by)
            return
        crawl.counts["documents"] += 1
        hashed = content_hash(response.body)
        if known is not None and known.content_hash == hashed and not self._afresh:
            crawl.counts["documents_unchanged"] += 1
            self._worked(asked, stage)
            state.put_document(replace(known, checked_at=now, failures=0, etag=_header(response, "ETag")))
            return
        try:
            with time_limit(DOCUMENT_LIMIT_S):
                found, bulletin = self._read_endpoint(response, endpoint)
        except (UnreadableDocument, ExtractionError, Unreadable) as error:
            crawl.issue(asked, stage, error.kind.replace("_", "-"), str(error))
            self._endpoint_failed(asked, stage, found_by)
            return
        self._worked(asked, stage)
        for fault in found.faults:
            crawl.issue(fault.url or asked, stage, fault.kind, fault.message, asked)
        if not (found.candidates or found.children or bulletin or level):
            crawl.issue(asked, stage, "nothing-announced", "read, but there is nothing in it")
        document = Document(
            asked,
            stage,
            found_by if level == 0 else "index",
            _header(response, "ETag"),
            _header(response, "Last-Modified"),
            hashed,
            None,
            now,
            now,
        )
        self._something_new = True
        self._note_endpoint(asked, stage, level, found, bulletin)
        with state.transaction():
            fresh = self._sift(found.candidates, endpoint)
            if bulletin is not None:
                self._publish_notices(bulletin)
            state.put_document(document)
        yield from self._pages()
        yield from self._children_of(found, endpoint, found_by, level)
        yield from self._next_page(found, endpoint, found_by, asked, level, fresh)

    def _note_endpoint(self, url: str, kind: str, level: int, found: Found, bulletin: Bulletin | None) -> None:
        if not self.crawl.options.probe or level > 0:
            return
        articles = [notice.article for notice in bulletin.notices] if bulletin else found.candidates
        days = [day for article in articles if (day := day_of(article.published))]
        row = {"url": url, "kind": kind, "entries": len(articles), "parts": len(found.children)}
        self._endpoints_found.append(row | {"newest": max(days).isoformat() if days else None})
        self.crawl.state.put_note("endpoints", self._endpoints_found)

    def _read_endpoint(self, response: Response, endpoint: Endpoint) -> tuple[Found, Bulletin | None]:
        content_type = _header(response, "Content-Type") or ""
        if endpoint.type == "api":
            bulletin = parse_notices(response.body, response.url, self.crawl.source)
            return bulletin.found, bulletin
        if endpoint.type in {"listing", "newsroom"}:
            return parse_listing(parse(response.body, content_type), response.url, endpoint), None
        body = as_utf8(inflate(response.body))
        kind = sniff(body)
        if kind in {"sitemap", "text-sitemap"}:
            return parse_sitemap(body, response.url), None
        if kind == "html":
            raise UnreadableDocument("not-a-feed", "a web page where a feed or sitemap was expected")
        return parse_feed(body, response.url, content_type), None

    def _sift(self, candidates: list[Candidate], endpoint: Endpoint) -> int:
        """Queue what is to be read, publish what may only be announced; returns how many were new."""
        crawl = self.crawl
        oldest = crawl.day - timedelta(days=endpoint.lookback_days)
        match = re.compile(endpoint.match) if endpoint.match else None
        skip = re.compile(endpoint.skip) if endpoint.skip else None
        fresh = 0
        for candidate in candidates:
            crawl.counts["announced"] += 1
            if (match and not match.search(candidate.url)) or (skip and skip.search(candidate.url)):
                crawl.counts["announced_skipped"] += 1
                continue
            if candidate.announced_by == "sitemap" and not candidate.title and not like_article_path(candidate.url):
                crawl.counts["announced_skipped"] += 1
                continue
            if candidate.announced_by != "feed":
                told = [d for d in (day_of(candidate.published), day_of(candidate.modified)) if d]
                if told and max(told) < oldest:
                    crawl.counts["announced_old"] += 1
                    continue
            if in_future(candidate.published, crawl.day, crawl.now()):
                message = f"published {candidate.published_raw}"
                crawl.issue(candidate.url, endpoint.type, "date-in-future", message, endpoint.url)
                candidate = replace(candidate, published=None)
            fresh += self._sift_one(candidate)
        return fresh

    def _sift_one(self, candidate: Candidate) -> int:
        crawl, state = self.crawl, self.crawl.state
        ident = state.resolve(article_id(candidate.url, candidate.url))
        seen = state.seen(ident)
        said = _said(candidate)
        if seen is None:
            if state.in_queue(ident):
                return 0
            crawl.counts["new"] += 1
            self._take(ident, candidate, said)
            return 1
        if seen.basis == FORGOTTEN:
            crawl.counts["announced_forgotten"] += 1
            return 0
        before = seen.announced.get(candidate.announced_by)
        if before is None:
            # First announced in another way; these words are the measure from now on.
            state.put_article(replace(seen, announced=seen.announced | said))
        told_anew = before is not None and before not in said.values()
        if (self._afresh and seen.basis != self.rights.basis) or (
            told_anew and (crawl.day - seen.first_day).days <= REANNOUNCED_DAYS
        ):
            crawl.counts["reannounced"] += 1
            self._take(ident, candidate, said)
        return 0

    def _own_site(self, url: str) -> bool:
        """Whether an address belongs to the source: terms that were read speak for its own sites alone."""
        return any(same_site(url, own) for own in self._own_sites)

    def _take(self, ident: str, candidate: Candidate, said: dict[str, str]) -> None:
        if self.may_fetch and not self._own_site(candidate.url):
            self.crawl.counts["off_site"] += 1
            elsewhere = Rights(basis="unconfirmed", store_text=False, evidence="on another site than the source's")
            self._withhold(ident, candidate, elsewhere, said)
        elif self.may_fetch:
            self.crawl.state.enqueue(ident, candidate, self.crawl.day)
            self._waiting.append(ident)
        else:
            self._withhold(ident, candidate, self.rights, said)

    def _withhold(self, ident: str, candidate: Candidate, rights: Rights, said: dict[str, str]) -> None:
        """Publish title, link, date and summary alone; without a title there is nothing to publish."""
        crawl, state = self.crawl, self.crawl.state
        if not candidate.title:
            crawl.counts["withheld_untitled"] += 1
            self._remember(ident, candidate.url, None, said, rights.basis, read=False)
            return
        crawl.counts["withheld"] += 1
        article = announced(candidate, crawl.source, rights, crawl.now())
        self._publish(ident, article, candidate.url, None, said, read=False)
        state.dequeue(ident)

    def _children_of(self, found: Found, endpoint: Endpoint, found_by: str, level: int) -> Iterator[Request]:
        if not found.children:
            return
        oldest = self.crawl.day - timedelta(days=endpoint.lookback_days)
        live = [child for child in found.children if (day := day_of(child[2])) is None or day >= oldest]
        # Undated indexes: monthly or numbered parts; the newest are told last or first, by name.
        live.sort(key=lambda child: (str(day_of(child[2]) or ""), child[1]), reverse=True)
        if level >= 2:
            self.crawl.issue(
                endpoint.url, endpoint.type, "sitemap-too-deep", "an index within an index within an index"
            )
            return
        for _, url, _ in live:
            if self._children >= MAX_CHILD_SITEMAPS:
                message = f"only {MAX_CHILD_SITEMAPS} of its sitemaps are read"
                self.crawl.issue(endpoint.url, endpoint.type, "sitemap-too-long", message)
                break
            self._children += 1
            yield self._endpoint_request(endpoint, found_by, url, level + 1)

    def _next_page(
        self, found: Found, endpoint: Endpoint, found_by: str, asked: str, level: int, fresh: int
    ) -> Iterator[Request]:
        if found.next_url is None:
            return
        read = self._pages_of_listing[endpoint.url] = self._pages_of_listing.get(endpoint.url, 0) + 1
        oldest = self.crawl.day - timedelta(days=endpoint.lookback_days)
        dates = [day for c in found.candidates if (day := day_of(c.published))]
        past = bool(dates) and max(dates) < oldest
        if endpoint.type != "api" and (not fresh or past):
            return
        if read >= (API_PAGES if endpoint.type == "api" else endpoint.max_pages):
            message = f"stopped after {read} pages; {found.next_url} would be the next"
            self.crawl.issue(endpoint.url, endpoint.type, "pagination-limit", message)
            return
        yield self._endpoint_request(endpoint, found_by, found.next_url, level + 1)

    def failed(self, failure: Failure) -> None:
        """An endpoint or home page that could not be fetched."""
        request: Request = failure.request  # type: ignore[attr-defined]
        stage = request.meta["stage"]
        kind, message = classify(_error(failure), request.url)
        asked = request.cb_kwargs.get("asked") or request.cb_kwargs.get("home") or request.url
        self.crawl.issue(asked, stage, kind, message if request.url == asked else f"{message} ({request.url})")
        if "endpoint" in request.cb_kwargs:
            self._endpoint_failed(asked, stage, request.cb_kwargs["found_by"])

    def _endpoint_failed(self, url: str, kind: str, found_by: str) -> None:
        state = self.crawl.state
        self.crawl.counts["documents_failed"] += 1
        failures = state.document_failed(url, kind, found_by, self.crawl.now())
        if found_by == "auto" and failures >= 3:
            state.forget_document(url)

    # --- pages

    def parse_page(self, response: Response, ident: str, candidate: Candidate) -> Iterator[Request]:
        """An article's page: rights, archive, reading, state."""
        self._in_hand -= 1
        crawl, state = self.crawl, self.crawl.state
        seen = state.seen(ident)
        if response.status == 304 and seen is not None:
            crawl.counts["pages_unchanged"] += 1
            with state.transaction():
                self._remember(ident, seen.url, seen.version_id, {}, seen.basis)
        elif response.status != 200:
            self._page_refused(response, ident, seen)
        else:
            crawl.counts["pages"] += 1
            crawl.counts["bytes"] += len(response.body)
            self._page_read(response, ident, candidate, seen)
        yield from self._pages()

    def _page_refused(self, response: Response, ident: str, seen: Seen | None) -> None:
        crawl, state, url = self.crawl, self.crawl.state, response.url
        crawl.counts["pages_failed"] += 1
        crawl.issue(url, "page", f"http-{response.status}", f"HTTP {response.status}")
        with state.transaction():
            if response.status in {404, 410}:
                if seen is not None:
                    state.put_article(replace(seen, gone=True))
                state.dequeue(ident)
            else:
                state.tried(ident, crawl.day)

    def _page_read(self, response: Response, ident: str, candidate: Candidate, seen: Seen | None) -> None:
        crawl, state = self.crawl, self.crawl.state
        now = crawl.now()
        url = canonical_url(response.url)
        headers = _headers(response)
        said = _said(candidate)
        marks = page_marks(
            url, crawl.day, rules=response.meta.get("tdm_rules", ()), headers=headers, body=response.body
        )
        rights = with_marks(self.rights, marks, crawl.day)
        if not self._own_site(url):
            crawl.issue(candidate.url, "rights", "off-site", f"redirected to {url}, which is not the source's")
            rights = Rights(basis="unconfirmed", store_text=False, evidence="on another site than the source's")
        if marks.found:
            crawl.counts["pages_marked"] += 1
            state.put_note("marks", [mark.model_dump(mode="json") for mark in marks.found])
        if rights.basis in {"reserved", "unconfirmed"}:
            if rights.basis == "reserved":
                crawl.issue(url, "rights", "tdm-reserved", rights.evidence or "reserved")
            with state.transaction():
                self._withhold(ident, candidate, rights, said)
                state.dequeue(ident)
            return
        try:
            article, notes = read_page(response.body, url, headers, now, crawl.source)
            if not article.published and not candidate.published and not _is_article(candidate, response.body):
                raise Unreadable("not-an-article", "a page without a date that does not call itself an article")
        except Unreadable as error:
            crawl.counts["pages_failed"] += 1
            crawl.issue(url, "page", error.kind, str(error))
            with state.transaction():
                # The page will not read better tomorrow; should it change, its announcement will say so. What the
                # announcement told is told on.
                if seen is None and candidate.title and error.kind != "not-an-article":
                    self._publish(ident, announced(candidate, crawl.source, rights, now), url, seen, said)
                else:
                    self._remember(ident, url, None, said, rights.basis)
                state.dequeue(ident)
            return
        self._worked(url, "page", "rights")
        for kind, message in notes:
            crawl.issue(url, "page", kind, message)
        with state.transaction():
            record = None
            if rights.store_text:
                record = crawl.archive.write(
                    url, response.status, headers, response.body, now, _archive_notes(ident, candidate, rights)
                )
                state.put_archive(crawl.archive.file, crawl.archive.length, crawl.day, rights.keep_text_until)
            article = complete(article, candidate, crawl.source, url=url, rights=rights, fetched_at=now, archive=record)
            if in_future(article.published, crawl.day, now):
                crawl.issue(url, "page", "date-in-future", f"published {article.published_raw or article.published}")
                article = article.model_copy(update={"published": None})
            self._judge(article, url)
            self._publish(ident, article, url, seen, said, response=response)
            state.dequeue(ident)

    def _judge(self, article: Article, url: str) -> None:
        """Count and tell what an article lacks."""
        counts, issue = self.crawl.counts, self.crawl.issue
        if not article.body:
            counts["empty_bodies"] += 1
            issue(url, "page", "empty-body", "no text found on the page")
        if article.access == "teaser":
            counts["teasers"] += 1
        if article.published is None:
            issue(url, "page", "no-date", "no date of publication found on the page or in its announcement")

    def _publish(
        self,
        ident: str,
        article: Article,
        url: str,
        seen: Seen | None,
        said: dict[str, str],
        *,
        read: bool = True,
        response: Response | None = None,
    ) -> None:
        """Write an article to the journal if it is new or another version, and remember it."""
        crawl, state = self.crawl, self.crawl.state
        own = article_id(canonical_url(article.url), ident) if article.url else ident
        known = seen or state.seen(own)
        if known is not None:
            own = known.article_id
        version = version_id(article)
        if known is None or known.version_id is None:
            crawl.counts["articles_new"] += 1
        elif known.version_id != version:
            crawl.counts["articles_changed"] += 1
        else:
            crawl.counts["articles_unchanged"] += 1
        if known is None or known.version_id != version:
            state.journal(crawl.day, own, version, article_line(own, article))
            self._count_fields(article)
        state.add_alias(ident, own)
        state.add_alias(article_id(url, ident), own)
        self._remember(own, article.url or url, version, said, article.rights.basis, read=read, etag=response)

    def _count_fields(self, article: Article) -> None:
        counts = self.crawl.counts
        for name in ("title", "standfirst", "body", "authors", "published", "section", "tags", "modified"):
            if getattr(article, name):
                counts[f"field:{name}"] += 1
        counts["field:"] += 1

    def _remember(
        self,
        ident: str,
        url: str,
        version: str | None,
        said: dict[str, str],
        basis: str | None,
        *,
        read: bool = True,
        etag: Response | None = None,
    ) -> None:
        crawl, state = self.crawl, self.crawl.state
        seen = state.seen(ident)
        state.put_article(
            Seen(
                article_id=seen.article_id if seen else ident,
                url=url,
                first_day=seen.first_day if seen else crawl.day,
                read_day=crawl.day if read else (seen.read_day if seen else None),
                read_at=crawl.now() if read else (seen.read_at if seen else None),
                reads=(seen.reads if seen else 0) + int(read),
                version_id=version or (seen.version_id if seen else None),
                etag=_header(etag, "ETag") if etag else (seen.etag if seen else None),
                last_modified=_header(etag, "Last-Modified") if etag else (seen.last_modified if seen else None),
                announced=(seen.announced if seen else {}) | said,
                basis=basis,
                gone=False,
            )
        )
        state.dequeue(ident)

    def page_failed(self, failure: Failure) -> Iterator[Request]:
        """An article's page that could not be fetched: withheld, given up, or tried again another day."""
        self._in_hand -= 1
        crawl, state = self.crawl, self.crawl.state
        request: Request = failure.request  # type: ignore[attr-defined]
        ident, candidate = request.cb_kwargs["ident"], request.cb_kwargs["candidate"]
        kind, message = classify(_error(failure), request.url)
        crawl.issue(
            candidate.url, "page", kind, message if request.url == candidate.url else f"{message} ({request.url})"
        )
        crawl.counts["pages_failed"] += 1
        with state.transaction():
            if kind in {"tdm-reserved", "tdm-unknown", "robots-disallowed"}:
                rights = Rights(basis="reserved", store_text=False, evidence=message)
                self._withhold(ident, candidate, rights, _said(candidate))
                state.dequeue(ident)
            elif kind in POSTPONED:
                crawl.counts["pages_postponed"] += 1
            elif kind in _HOPELESS:
                self._remember(ident, candidate.url, None, _said(candidate), None)
            else:
                state.tried(ident, crawl.day)
        yield from self._pages()

    def _publish_notices(self, bulletin: Bulletin) -> None:
        """Legal notices come whole with the API's answer: no page is fetched, and each notice counts once."""
        crawl, state = self.crawl, self.crawl.state
        for notice in bulletin.notices:
            crawl.counts["announced"] += 1
            url = canonical_url(notice.article.url or notice.ident)
            ident = state.resolve(article_id(canonical_url(DETAIL_URL.format(notice.about)), notice.about))
            said = {f"api:{notice.ident}": notice.digest}
            seen = state.seen(ident)
            if seen is not None and seen.announced.get(f"api:{notice.ident}") == notice.digest:
                continue
            if seen is not None and seen.basis == FORGOTTEN:
                continue
            if notice.kind == "annulation" and seen is None:
                crawl.counts["notices_without_original"] += 1
                continue
            article = notice.article.model_copy(
                update={"fetched_at": crawl.now(), "rights": self.rights, "url": seen.url if seen else url}
            )
            if not self.may_fetch:
                article = article.model_copy(update={"body": ()})
            self._publish(ident, article, url, seen, said, read=False)
            # A correction of the correction finds the notice under this one's number too.
            own = canonical_url(DETAIL_URL.format(notice.ident))
            state.add_alias(article_id(own, notice.ident), ident)

    # --- small things

    def _worked(self, url: str, *stages: str) -> None:
        self.crawl.state.clear_issues(self.crawl.day, url, *stages)

    def _tree(self, response: Response, stage: str) -> HtmlElement | None:
        try:
            return parse(response.body, _header(response, "Content-Type"))
        except ExtractionError as error:
            self.crawl.issue(response.url, stage, error.kind.replace("_", "-"), error.message)
            return None

    def surprised(self, failure: Failure, response: Response | Failure) -> None:
        """Scrapy's signal: a callback raised what nobody foresaw. The source goes on; the issue names it."""
        url = getattr(response, "url", self.crawl.source.home)
        stage = getattr(getattr(response, "request", None), "meta", {}).get("stage", "page")
        self.crawl.issue(url, stage, "internal-error", f"{type(failure.value).__name__}: {failure.value}")
        ident = getattr(getattr(response, "request", None), "cb_kwargs", {}).get("ident")
        if ident is not None:
            self.crawl.state.tried(ident, self.crawl.day)


# Failures that another day will not mend: the article is not tried again unless announced anew.
_HOPELESS = frozenset(
    {
        "redirect-loop",
        "redirect-refused",
        "private-address",
        "unsupported-scheme",
        "bad-url",
        "too-large",
        "decompression-bomb",
        "decompression-failed",
        "ignored",
    }
)


def _said(candidate: Candidate) -> dict[str, str]:
    """The hash of an announcement under the way it came; empty for an article looked at again unannounced."""
    if candidate == Candidate(candidate.url):
        return {}
    return {candidate.announced_by: announcement_hash(candidate)}


def _archive_notes(ident: str, candidate: Candidate, rights: Rights) -> dict[str, Any]:
    return {"id": ident, "candidate": candidate.as_json(), "rights": rights.model_dump(mode="json")}


def _is_article(candidate: Candidate, body: bytes) -> bool:
    """Feeds and news sitemaps announce articles; a plain sitemap or a listing links to all sorts of pages."""
    return candidate.announced_by == "feed" or sniff(body) == "pdf" or claims_article(body)


def _error(failure: Failure) -> BaseException:
    return failure.value if failure.value is not None else RuntimeError("no reason given")


def _endpoint(kind: str, url: str) -> Endpoint:
    return Endpoint.model_validate({"type": kind, "url": url})


def home_join(home: str, path: str) -> str:
    """A path of the site whose home is given.

    >>> home_join("https://www.gazette.example/eco/", "/rss.xml")
    'https://www.gazette.example/rss.xml'
    """
    return origin_of(home) + path


def _sniffed(response: Response) -> str:
    try:
        return sniff(inflate(response.body))
    except UnreadableDocument:
        return "unknown"


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def _headers(response: Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): ", ".join(v.decode("latin-1") for v in values)
        for name, values in response.headers.items()
    }
