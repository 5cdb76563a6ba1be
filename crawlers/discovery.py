"""What a source announces: feeds, sitemaps and listings read into :class:`Candidate` links.

Pure functions from bytes to :class:`Found`; nothing here fetches. Whatever a document gets wrong is a
:class:`Fault`, which the spider turns into a row of ``issues``.
"""

from __future__ import annotations

import codecs
import html
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from time import struct_time
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import feedparser
from courlan.filters import is_not_crawlable, type_filter
from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement
from lxml.html import fromstring as parse_html

from crawlers.items import PARIS
from crawlers.registry import Endpoint
from crawlers.urls import UrlError, canonical_url, same_site

MAX_ENTRIES = 1_000
"""Entries read of one feed: a regional title publishes some dozens a day; the rest is announced as a fault."""
MAX_FEED_BYTES = 16 * 1024 * 1024
"""What is left of a feed when only its first entries are read; parsing takes some twenty times its size in memory."""
MAX_LOCATIONS = 50_000
"""URLs read of one sitemap (the limit of sitemaps.org)."""
MAX_INFLATED_BYTES = 60 * 1024 * 1024
"""A sitemap unpacked: sitemaps.org allows 50 MB."""
MAX_LINKS = 500
"""Articles taken from one page of a listing; more of them is no listing of news."""
SUMMARY_CHARS = 500
FIRST_YEAR = 1995
"""Dates before are zeros and defaults (1970, 1900): no French title was on the web."""

USUAL_PATHS = (
    ("feed", "/feed/"),
    ("feed", "/rss.xml"),
    ("feed", "/rss"),
    ("feed", "/feed.xml"),
    ("feed", "/atom.xml"),
    ("feed", "/spip.php?page=backend"),
    ("feed", "/feed.json"),
    ("news-sitemap", "/news-sitemap.xml"),
    ("news-sitemap", "/sitemap-news.xml"),
    ("sitemap", "/sitemap_index.xml"),
    ("sitemap", "/sitemap.xml"),
)
"""Where feeds and sitemaps usually lie (WordPress, Drupal, SPIP, and the convention of sitemaps.org)."""

DocumentKind = Literal["feed", "json-feed", "sitemap", "text-sitemap", "html", "pdf", "json", "unknown"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One announced article: canonical ``url`` and what the announcement says of it."""

    url: str
    title: str = ""
    published: datetime | date | None = None
    published_raw: str | None = None
    modified: datetime | date | None = None
    modified_raw: str | None = None
    summary: str | None = None
    guid: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    announced_by: Literal["feed", "sitemap", "listing"] = "feed"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, dates in ISO form."""
        out = asdict(self)
        for key in ("published", "modified"):
            out[key] = out[key].isoformat() if out[key] else None
        return out

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Self:
        """What :meth:`as_json` gave."""
        out = dict(row)
        for key in ("published", "modified"):
            if value := out.get(key):
                out[key] = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        return cls(**(out | {"authors": tuple(out["authors"]), "tags": tuple(out["tags"])}))


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a document that could not be used; ``kind`` and ``message`` go to ``issues``."""

    kind: str
    message: str
    url: str | None = None


@dataclass(slots=True)
class Found:
    """What one document announced. ``children`` are further documents (kind, url, last change)."""

    candidates: list[Candidate] = field(default_factory=list)
    children: list[tuple[str, str, datetime | date | None]] = field(default_factory=list)
    next_url: str | None = None
    faults: list[Fault] = field(default_factory=list)


class UnreadableDocument(ValueError):
    """A document that cannot be read at all; ``kind`` names the issue."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


# --- what is it ------------------------------------------------------------------------------------------------------


def inflate(body: bytes, limit: int = MAX_INFLATED_BYTES) -> bytes:
    """Unpack a gzip body (other bodies come back as they are), at most ``limit`` bytes.

    Raises :class:`UnreadableDocument` for a bomb or a damaged file.
    """
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        out = unpacker.decompress(body, limit)
    except zlib.error as error:
        raise UnreadableDocument("decompression-failed", str(error)) from error
    if unpacker.unconsumed_tail:
        raise UnreadableDocument("decompression-bomb", f"more than {limit} bytes when unpacked")
    if not unpacker.eof:
        raise UnreadableDocument("decompression-failed", "the gzip file is cut off")
    return out


def sniff(body: bytes) -> DocumentKind:
    """What a document is by its own bytes: servers often declare another type.

    >>> sniff(b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>')
    'feed'
    """
    head = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith((b"{", b"[")):
        return "json-feed" if b"jsonfeed.org/version" in head else "json"
    root = re.search(rb"<(?![?!])(?:[\w.-]+:)?([A-Za-z]+)[\s>/]", head)
    name = root.group(1).lower() if root else b""
    if name in {b"rss", b"feed", b"rdf"}:
        return "feed"
    if name in {b"urlset", b"sitemapindex"}:
        return "sitemap"
    if name in {b"html", b"head", b"body"} or b"<!doctype html" in head.lower():
        return "html"
    first = head.split(b"\n", 1)[0].strip()
    if re.fullmatch(rb"https?://\S+", first):
        return "text-sitemap"
    return "html" if name else "unknown"


def as_utf8(body: bytes) -> bytes:
    """A UTF-16 or UTF-32 document as UTF-8, so that what is looked for in its bytes is found; others as they are."""
    for mark, codec in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if body.startswith(mark):
            text = body.decode(codec, "replace")
            return re.sub(r"""(<\?xml[^>]*?)\s+encoding\s*=\s*["'][^"']*["']""", r"\1", text, count=1).encode()
    return body


def refuse_entities(body: bytes) -> None:
    """Raise :class:`UnreadableDocument` where an XML document declares entities of its own.

    Neither feeds nor sitemaps need them; they are how a few hundred bytes grow to gigabytes or read local files.
    """
    if re.search(rb"<!ENTITY", body[:200_000], re.IGNORECASE) or re.search(
        rb"<!DOCTYPE[^>\[]*\[", body[:200_000], re.IGNORECASE
    ):
        raise UnreadableDocument("xml-entities", "the document declares XML entities, which are refused")


# --- feeds -----------------------------------------------------------------------------------------------------------


def parse_feed(body: bytes, url: str, content_type: str = "") -> Found:
    """RSS, Atom or JSON Feed to candidates, ill-formed ones as well as feedparser can.

    Raises :class:`UnreadableDocument` where nothing can be read of it.
    """
    body = as_utf8(body)
    if sniff(body) == "json-feed":
        return _json_feed(body, url)
    if b"\0" in body:
        body = body.replace(b"\0", b"")
        found = Found(faults=[Fault("null-bytes", "the feed contains null bytes; they were dropped")])
    else:
        found = Found()
    refuse_entities(body)
    body, cut = _first_entries(body)
    if cut:
        found.faults.append(Fault("feed-too-long", f"only the first {MAX_ENTRIES} entries are read"))
    if len(body) > MAX_FEED_BYTES:
        raise UnreadableDocument("too-large", f"{len(body)} bytes of feed, at most {MAX_FEED_BYTES} are read")
    # As a stream: feedparser opens a string that looks like a path or an address.
    feed = feedparser.parse(
        io.BytesIO(body), response_headers={"content-type": content_type, "content-location": url}, sanitize_html=False
    )
    trouble = feed.get("bozo_exception")
    if not feed.entries and not feed.get("version"):
        raise UnreadableDocument("feed-malformed", f"no feed can be read: {trouble or 'unknown format'}")
    if trouble is not None and not isinstance(
        trouble, feedparser.NonXMLContentType | feedparser.CharacterEncodingOverride
    ):
        found.faults.append(Fault("feed-ill-formed", f"read all the same: {trouble}"))
    _collect(found, (_feed_entry(entry) for entry in feed.entries), url)
    return found


def _first_entries(body: bytes) -> tuple[bytes, bool]:
    """Cut a feed after ``MAX_ENTRIES`` entries: parsing costs about a millisecond an entry."""
    for count, match in enumerate(re.finditer(rb"</(?:\w+:)?(item|entry)\s*>", body), start=1):
        if count == MAX_ENTRIES:
            rest = body[match.end() :]
            if not re.search(rb"<(?:\w+:)?(?:item|entry)[\s>]", rest):
                return body, False
            closing = b"</feed>" if match.group(1) == b"entry" else b"</channel></rss>"
            return body[: match.end()] + closing, True
    return body, False


@dataclass(slots=True)
class _Entry:
    link: str | None
    guid: str | None
    title: str
    published: datetime | date | None
    published_raw: str | None
    modified: datetime | date | None
    modified_raw: str | None
    summary: str | None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def _feed_entry(entry: Any) -> _Entry:
    guid = entry.get("id")
    link = entry.get("link") or (guid if guid and str(guid).startswith(("http://", "https://")) else None)
    published_raw = entry.get("published")
    modified_raw = entry.get("updated") if "updated_parsed" in entry else None
    summary = entry.get("summary") or next((c.get("value") for c in entry.get("content", [])), None)
    return _Entry(
        link=link,
        guid=guid,
        title=plain_text(entry.get("title", ""), 400) or "",
        published=_moment(entry.get("published_parsed"), published_raw) or _moment(entry.get("updated_parsed"), None),
        published_raw=published_raw,
        modified=_moment(entry.get("updated_parsed"), modified_raw) if modified_raw else None,
        modified_raw=modified_raw,
        summary=_feed_summary(summary),
        authors=tuple(name for a in entry.get("authors", []) if (name := plain_text(a.get("name", ""), 100))),
        tags=tuple(term for t in entry.get("tags", []) if (term := plain_text(t.get("term") or "", 100))),
    )


def _json_feed(body: bytes, url: str) -> Found:
    try:
        feed = json.loads(body)
        items = feed["items"]
        if not isinstance(items, list):
            raise TypeError("items is no list")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableDocument("feed-malformed", f"no JSON Feed can be read: {error}") from error
    found = Found()
    if len(items) > MAX_ENTRIES:
        found.faults.append(Fault("feed-too-long", f"only the first {MAX_ENTRIES} entries are read"))
    _collect(found, (_json_entry(item) for item in items[:MAX_ENTRIES] if isinstance(item, dict)), url)
    return found


def _json_entry(item: dict[str, Any]) -> _Entry:
    def text(key: str) -> str | None:
        value = item.get(key)
        return value if isinstance(value, str) and value.strip() else None

    authors = item.get("authors") or ([item["author"]] if isinstance(item.get("author"), dict) else [])
    return _Entry(
        link=text("url") or text("external_url"),
        guid=str(item["id"]) if item.get("id") is not None else None,
        title=plain_text(text("title") or "", 400) or "",
        published=parse_date(text("date_published")),
        published_raw=text("date_published"),
        modified=parse_date(text("date_modified")),
        modified_raw=text("date_modified"),
        summary=_feed_summary(text("summary") or text("content_text") or text("content_html")),
        authors=tuple(a["name"] for a in authors if isinstance(a, dict) and isinstance(a.get("name"), str)),
        tags=tuple(t for t in item.get("tags") or () if isinstance(t, str)),
    )


def _collect(found: Found, entries: Iterable[_Entry], url: str) -> None:
    guids: dict[str, str] = {}
    seen: set[str] = set()
    for entry in entries:
        if not entry.link:
            found.faults.append(Fault("entry-without-link", f"entry {entry.title[:80]!r} has no link"))
            continue
        try:
            link = canonical_url(entry.link, base=url)
        except UrlError as error:
            found.faults.append(Fault("bad-link", str(error)))
            continue
        if entry.published is None:
            raw = f": {entry.published_raw[:60]!r} cannot be read" if entry.published_raw else ""
            found.faults.append(Fault("entry-without-date", f"no date of publication{raw}", link))
        if entry.guid:
            first = guids.setdefault(entry.guid, link)
            if first != link:
                found.faults.append(Fault("duplicate-guid", f"{entry.guid[:120]!r} also stands for {first}", link))
        if link in seen:
            continue
        seen.add(link)
        found.candidates.append(
            Candidate(
                link,
                entry.title,
                entry.published,
                entry.published_raw,
                entry.modified,
                entry.modified_raw,
                entry.summary,
                entry.guid,
                entry.authors,
                entry.tags,
            )
        )


# --- sitemaps --------------------------------------------------------------------------------------------------------


def parse_sitemap(body: bytes, url: str) -> Found:
    """A sitemap, an index of sitemaps, a news sitemap or a text file of URLs, plain or gzipped.

    Raises :class:`UnreadableDocument` for a bomb or where nothing can be read.
    """
    body = as_utf8(inflate(body))
    if sniff(body) == "text-sitemap":
        lines = body.decode("utf-8", "replace").splitlines()
        rows: Iterator[dict[str, str]] = ({"loc": line.strip()} for line in lines if line.strip())
        return _locations(rows, url)
    refuse_entities(body)
    return _locations(_sitemap_rows(body), url)


def _sitemap_rows(body: bytes) -> Iterator[dict[str, str]]:
    try:
        for _, element in etree.iterparse(
            io.BytesIO(body), events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False
        ):
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name not in {"url", "sitemap"}:
                continue
            row = {"": name}
            for child in element.iter():
                if isinstance(child.tag, str) and child.text and child.text.strip():
                    qname = etree.QName(child)
                    if "image" in (qname.namespace or "") or "video" in (qname.namespace or ""):
                        continue
                    row.setdefault(qname.localname, child.text.strip())
            yield row
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise UnreadableDocument("sitemap-malformed", str(error)) from error


def _locations(rows: Iterator[dict[str, str]], url: str) -> Found:
    found = Found()
    seen: set[str] = set()
    read = 0
    for row in rows:
        read += 1
        if read > MAX_LOCATIONS:
            found.faults.append(Fault("sitemap-too-long", f"only the first {MAX_LOCATIONS} URLs are read"))
            break
        location = row.get("loc")
        if not location:
            found.faults.append(Fault("entry-without-link", "a sitemap entry has no loc"))
            continue
        try:
            link = canonical_url(location, base=url)
        except UrlError as error:
            found.faults.append(Fault("bad-link", str(error)))
            continue
        if link in seen:
            continue
        seen.add(link)
        changed_raw = row.get("lastmod")
        changed = parse_date(changed_raw)
        if row.get("") == "sitemap":
            found.children.append(("sitemap", link, changed))
            continue
        published_raw = row.get("publication_date")
        found.candidates.append(
            Candidate(
                link,
                html.unescape(row.get("title", "")),
                parse_date(published_raw),
                published_raw,
                changed,
                changed_raw,
                announced_by="sitemap",
                tags=tuple(t.strip() for t in row.get("keywords", "").split(",") if t.strip()),
            )
        )
    if not read:
        raise UnreadableDocument("sitemap-malformed", "no URL can be read of it")
    return found


# --- listings --------------------------------------------------------------------------------------------------------

_NEXT_WORDS = re.compile(
    r"^\W*(?:page\s+)?(?:suivante?s?|next|articles?\s+(?:plus\s+anciens|précédents)|plus\s+anciens|"
    r"(?:voir|afficher|charger)\s+plus(?:\s+d.\w+)?|plus\s+d.(?:articles|actualités)|older(?:\s+posts)?)\W*$",
    re.IGNORECASE,
)
_NEXT_ARROWS = {"»", "›", "→", ">", ">>"}
_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            ("janvier", "janv"),
            ("février", "fevrier", "févr", "fevr", "fév", "fev"),
            ("mars",),
            ("avril", "avr"),
            ("mai",),
            ("juin",),
            ("juillet", "juil"),
            ("août", "aout"),
            ("septembre", "sept"),
            ("octobre", "oct"),
            ("novembre", "nov"),
            ("décembre", "decembre", "déc", "dec"),
        ),
        start=1,
    )
    for name in names
}
_WRITTEN_DATE = re.compile(
    rf"\b(1er|\d{{1,2}})\s+({'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?\s+(\d{{4}})\b", re.IGNORECASE
)
_NUMBER_DATE = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})\b")
_ASIDE = frozenset({"nav", "header", "footer", "aside", "form"})
_CARDS = frozenset({"article", "li", "tr", "div", "section", "dd", "p"})
# Words of pages that every site has and that are no articles, as the last part of a path or before a short one; a
# section may be called the same (/recherche/un-laboratoire-lillois-invente-…), and its articles have long names.
_SERVICE_WORD = re.compile(
    r"(?:mentions-legales|contact|a-propos|qui-sommes-nous|abonnements?|abonnez-vous|s-abonner|connexion|login|"
    r"inscription|newsletters?|cgv|cgu|politique-de-confidentialite|confidentialite|cookies|plan-du-site|publicite|"
    r"annonceurs|boutique|panier|mon-compte|recherche|search|tags?|auteurs?|authors?|categor(?:y|ie)s?|rubriques?|"
    r"agenda|archives?|faq|conditions-generales[\w-]*|donnees-personnelles|recrutement|page)",
    re.IGNORECASE,
)


_MEDIA = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|mp[34]|webm|css|js|zip|xml|json|docx?|xlsx?|pptx?|ics)$", re.I
)


def like_article_path(url: str) -> bool:
    """Whether an address can be an article's by its path: not the front page, no service page, no media file.

    >>> [like_article_path("https://g.example" + p) for p in ("/", "/contact/", "/tag/lens", "/eco/une-usine-a-lens")]
    [False, False, False, True]
    """
    segments = [part for part in urlsplit(url).path.split("/") if part]
    if not segments and not urlsplit(url).query:
        return False
    if (segments and _MEDIA.search(segments[-1])) or is_not_crawlable(url) or not type_filter(url):
        return False
    if segments and _SERVICE_WORD.fullmatch(segments[-1].split(".")[0]):
        return False
    short = segments[-1].count("-") < 3 if segments else True
    return not (len(segments) > 1 and short and _SERVICE_WORD.fullmatch(segments[-2]))


def parse_listing(tree: HtmlElement, url: str, endpoint: Endpoint) -> Found:
    """A page of links to candidates with the titles and dates that stand beside them, and the next page.

    In: the parsed page, its address, the registry's endpoint (selectors and PDF or not by its type).
    """
    found = Found()
    by_url: dict[str, Candidate] = {}
    anchors = list(_anchors(tree, endpoint))
    wanted = {a for a, _ in anchors}
    for anchor, certain in anchors:
        try:
            link = canonical_url(anchor.get("href", ""), base=url)
        except UrlError:
            continue
        title = _link_title(anchor)
        is_pdf = link.lower().split("?")[0].endswith(".pdf")
        if is_pdf and endpoint.type != "newsroom":
            continue
        if not certain and not _like_article(link, title, url, is_pdf):
            continue
        published, raw, card_title = _card(anchor, wanted, url)
        if is_pdf and card_title and len(title.split()) < 4:
            title = card_title
        known = by_url.get(link)
        if known is None or len(title) > len(known.title):
            by_url[link] = Candidate(
                link,
                title,
                published or (known.published if known else None),
                raw or (known.published_raw if known else None),
                announced_by="listing",
            )
    found.candidates = [c for c in by_url.values() if c.url != canonical_url(url)]
    if len(found.candidates) > MAX_LINKS:
        found.faults.append(
            Fault("listing-too-long", f"{len(found.candidates)} links; the first {MAX_LINKS} are taken")
        )
        del found.candidates[MAX_LINKS:]
    found.next_url = _next_page(tree, url, endpoint)
    return found


def _anchors(tree: HtmlElement, endpoint: Endpoint) -> Iterator[tuple[HtmlElement, bool]]:
    if endpoint.links:
        for element in CSSSelector(endpoint.links)(tree):
            for anchor in [element] if element.tag == "a" else element.iter("a"):
                if anchor.get("href"):
                    yield anchor, True
        return
    for anchor in tree.iter("a"):
        if anchor.get("href") and not any(parent.tag in _ASIDE for parent in anchor.iterancestors() if parent.tag):
            yield anchor, False


def _like_article(link: str, title: str, page: str, is_pdf: bool) -> bool:
    if not same_site(link, page):
        return False
    if is_pdf:
        return True
    path = urlsplit(link).path
    if not like_article_path(link):
        return False
    last = path.rstrip("/").rsplit("/", 1)[-1]
    slug = last.count("-") >= 3 or last.count("_") >= 3 or re.search(r"\d{3,}", path + "?" + urlsplit(link).query)
    return bool(slug) and len(title) >= 20 and len(title.split()) >= 4


def _link_title(anchor: HtmlElement) -> str:
    for heading in anchor.iter("h1", "h2", "h3", "h4"):
        if text := _text(heading):
            return text
    return _text(anchor) or " ".join((anchor.get("title") or anchor.get("aria-label") or "").split())


def _text(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())


def _card(
    anchor: HtmlElement, wanted: set[HtmlElement], url: str
) -> tuple[datetime | date | None, str | None, str | None]:
    """The date (and heading) in the smallest block round the link that speaks of no other article."""
    target = anchor.get("href")
    for level, block in enumerate(anchor.iterancestors()):
        if level > 5 or block.tag not in _CARDS and block.tag not in {"h2", "h3", "h4", "span", "td"}:
            break
        others = {a.get("href") for a in block.iter("a") if a in wanted} - {target}
        if others and any(
            len(_link_title(a).split()) >= 4 for a in block.iter("a") if a in wanted and a.get("href") != target
        ):
            break
        for stamp in block.iter("time"):
            raw = stamp.get("datetime") or _text(stamp)
            if found := parse_date(raw):
                return found, raw, _heading(block)
        if found := written_date(text := " ".join(" ".join(block.itertext()).split())):
            return found, _date_words(text), _heading(block)
    return None, None, None


def _heading(block: HtmlElement) -> str | None:
    return next((text for h in block.iter("h1", "h2", "h3", "h4") if (text := _text(h))), None)


def _next_page(tree: HtmlElement, url: str, endpoint: Endpoint) -> str | None:
    candidates: list[str] = []
    if endpoint.next:
        candidates = [e.get("href", "") for e in CSSSelector(endpoint.next)(tree)]
    else:
        candidates = [
            e.get("href", "") for e in tree.iter("link", "a") if "next" in (e.get("rel") or "").lower().split()
        ]
        numbered = None
        here = _page_number(url)
        for anchor in tree.iter("a"):
            href, text = anchor.get("href", ""), _text(anchor)
            label = text or anchor.get("aria-label", "") or anchor.get("title", "")
            if _NEXT_WORDS.match(label) or text in _NEXT_ARROWS:
                candidates.append(href)
            elif text == str(here + 1) and _page_number(canonical_or_none(href, url) or "") == here + 1:
                numbered = numbered or href
        if numbered:
            candidates.append(numbered)
    for href in candidates:
        if not href or href.startswith("#"):
            continue
        link = canonical_or_none(href, url)
        if link and link != canonical_url(url) and same_site(link, url):
            return link
    return None


def _page_number(url: str) -> int:
    """The page that a listing's address names; 1 where it names none."""
    for name, value in parse_qsl(urlsplit(url).query):
        if name.lower() in {"page", "p", "paged", "pg", "debut_page"} and value.isdigit():
            return int(value)
    match = re.search(r"/(?:page[/-]?)(\d+)/?$", urlsplit(url).path)
    return int(match.group(1)) if match else 1


def canonical_or_none(href: str, base: str) -> str | None:
    """:func:`crawlers.urls.canonical_url`, or None where the address is none."""
    try:
        return canonical_url(href, base=base)
    except UrlError:
        return None


# --- autodiscovery ---------------------------------------------------------------------------------------------------


def find_alternates(tree: HtmlElement, url: str) -> list[tuple[str, str, str]]:
    """Feeds and sitemaps that a page links to: ``(kind, url, title)``, comment feeds left out."""
    out: list[tuple[str, str, str]] = []
    for link in tree.iter("link"):
        rel = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").lower()
        target = canonical_or_none(link.get("href", ""), url)
        if target is None or not same_site(target, url):
            continue
        title = link.get("title") or ""
        if "sitemap" in rel:
            out.append(("sitemap", target, title))
        elif "alternate" in rel and re.search(r"application/(?:rss|atom|feed)\+(?:xml|json)", kind):
            comment = re.search(r"comment", target + " " + title, re.IGNORECASE)
            if not comment and target not in {t for _, t, _ in out}:
                out.append(("feed", target, title))
    return out


# --- small words -----------------------------------------------------------------------------------------------------

_FOOTERS = re.compile(
    # What WordPress appends to each summary in French and English, and the usual calls to read on.
    r"(?:L[’']article\s.{0,300}?\s(?:est apparu en premier sur|a été publié en premier sur)\s.*$)|"
    r"(?:The post\s.{0,300}?\sappeared first on\s.*$)|(?:\s*(?:\[…\]|\[\.\.\.\]|\[&hellip;\])\s*$)|"
    r"(?:\s*(?:Lire la suite|En savoir plus|Continuer la lecture)\W*$)",
    re.IGNORECASE | re.DOTALL,
)


def _feed_summary(markup: str | None) -> str | None:
    text = plain_text(markup or "", 4 * SUMMARY_CHARS)
    if not text:
        return None
    for _ in range(2):
        text = _FOOTERS.sub("", text).strip()
    if len(text) > SUMMARY_CHARS:
        text = text[:SUMMARY_CHARS].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
    return text or None


def plain_text(markup: str, limit: int) -> str | None:
    """Markup or text to plain text on one line, at most ``limit`` characters; None where nothing is left."""
    text = markup[: 20 * limit]
    if "<" in text:
        try:
            text = str(parse_html(f"<div>{text}</div>").text_content())
        except (etree.ParserError, ValueError):
            text = re.sub(r"<[^>]*>", " ", text)
    text = " ".join(html.unescape(text).replace("\0", "").split())
    return text[:limit] or None


def _moment(parsed: struct_time | None, raw: str | None) -> datetime | date | None:
    if parsed is not None:
        try:
            return datetime(*parsed[:6], tzinfo=UTC) if parsed.tm_year >= FIRST_YEAR else None
        except ValueError:
            return None
    return parse_date(raw)


def parse_date(raw: str | None) -> datetime | date | None:
    """A date as sitemaps, JSON feeds and ``<time>`` write it (W3C), or as French pages do; None where unreadable.

    A time without an offset is one of Paris.

    >>> parse_date("2025-11-20T08:30:00+01:00").isoformat(), parse_date("jeudi 20 novembre 2025")
    ('2025-11-20T08:30:00+01:00', datetime.date(2025, 11, 20))
    """
    text = (raw or "").strip()
    if not text or len(text) > 100:
        return None
    found = _parsed(text)
    return found if found is not None and found.year >= FIRST_YEAR else None


def _parsed(text: str) -> datetime | date | None:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    if re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", text):
        try:
            moment = datetime.fromisoformat(text.replace(" ", "T", 1).replace(" ", ""))
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)
    return written_date(text)


def written_date(text: str) -> date | None:
    """The first French date written in a text: ``20 novembre 2025``, ``20/11/2025``, ``20.11.25``."""
    if match := _WRITTEN_DATE.search(text):
        day, month, year = match.groups()
        parts = (int(year), _MONTHS[month.lower()], 1 if day.lower() == "1er" else int(day))
    elif match := _NUMBER_DATE.search(text):
        day, month, year = match.groups()
        parts = (int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    else:
        return None
    try:
        return date(*parts)
    except ValueError:
        return None


def _date_words(text: str) -> str | None:
    match = _WRITTEN_DATE.search(text) or _NUMBER_DATE.search(text)
    return match.group(0) if match else None


def day_of(moment: datetime | date | None) -> date | None:
    """The day of a moment in Paris."""
    if isinstance(moment, datetime):
        return moment.astimezone(PARIS).date() if moment.tzinfo else moment.date()
    return moment


def with_query(url: str, **parameters: str) -> str:
    """The address with query parameters set."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | parameters
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))
