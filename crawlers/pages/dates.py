"""When a page was published and changed, with the page's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

import htmldate
from lxml.html import HtmlElement

from crawlers.items import PARIS
from crawlers.pages.decode import clean
from crawlers.pages.furniture import fold, names_of, stands_elsewhere
from crawlers.pages.structured import PageData, texts

Moment = datetime | date

#: Before this no page was put on the web.
_EARLIEST = date(1995, 1, 1)
#: A page may be dated ahead by time zones and embargoes, not by more.
_AHEAD = timedelta(days=2)

MONTHS = {
    "janvier": 1, "janv": 1, "jan": 1, "fevrier": 2, "fevr": 2, "fev": 2, "mars": 3, "avril": 4, "avr": 4, "mai": 5,
    "juin": 6, "juillet": 7, "juil": 7, "aout": 8, "septembre": 9, "sept": 9, "sep": 9, "octobre": 10, "oct": 10,
    "novembre": 11, "nov": 11, "decembre": 12, "dec": 12,
}  # fmt: skip

_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:(?:T|t|\s+|\s*,\s*)(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?"
    r"\s*(Z|z|UTC|GMT|[+-]\d{1,2}:?(?:\d{2})?)?)?")  # fmt: skip
_TIME = r"(?:\s*(?:,|a|-|–|\||·|de)?\s*(\d{1,2})\s*(?:h|:|heures?)\s*(\d{2})?(?!\d))?"
_FRENCH = re.compile(r"\b(\d{1,2})(?:er)?\s*[ /.-]\s*(" + "|".join(MONTHS) + r")\b\.?\s*[ /.-]?\s*(\d{4})" + _TIME)
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?![\d/])" + _TIME)
_RFC = re.compile(r"(?:(?:mon|tue|wed|thu|fri|sat|sun),\s*)\d{1,2}\s+[a-z]{3}\s+\d{4}", re.I)

_PUBLISHED_META = (
    "article:published_time", "og:published_time", "og:article:published_time", "datepublished", "date_published",
    "article:published", "publish-date", "publish_date", "publication_date", "pubdate", "sailthru.date",
    "parsely-pub-date",
    "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "dc.date.issued", "dcterms.issued", "dc.date",
    "dcterms.date", "dcterms.created", "dc.date.created", "article:created", "date", "citation_publication_date",
    "bt:pubdate", "article.published", "originalpublicationdate", "og:pubdate", "displaydate",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "og:updated_time", "og:modified_time", "datemodified", "date_modified", "last-modified",
    "article:updated", "dcterms.modified", "dc.date.modified", "lastmod", "article:modified", "article.updated",
    "revised", "modificationdate",
)  # fmt: skip

_LABEL_PUBLISHED = re.compile(
    r"\b(?:publie|paru|poste|mis en ligne|cree|redige|date de publication|publication|parution)e?s?\b"
)
_LABEL_MODIFIED = re.compile(r"\b(?:mis a jour|mise a jour|modifie|actualise|maj|m\.a\.j|derniere modification)e?\b")
_LABELLED = re.compile(
    rf"({_LABEL_PUBLISHED.pattern}|{_LABEL_MODIFIED.pattern})[^\d]{{0,30}}?"
    rf"((?:\d{{1,2}}(?:er)?\s*[ /.-]\s*(?:{'|'.join(MONTHS)}|\d{{1,2}})\b\.?\s*[ /.-]?\s*\d{{2,4}}){_TIME})"
)


@dataclass(frozen=True, slots=True)
class Dates:
    """Publication and last change of a page, each with the words that it was read from."""

    published: Moment | None = None
    published_raw: str | None = None
    modified: Moment | None = None
    modified_raw: str | None = None


def parse_moment(raw: str, not_after: datetime | None = None) -> Moment | None:
    """A date or time as pages write it; None where it is none, or none that can be.

    ISO 8601 in its spellings, RFC 2822, and French ("12 mars 2025 à 18h30", "1er juin 2024", "03/07/24"). A time
    with no offset is the time in France.

    >>> parse_moment("Publié le 1er mars 2025 à 18h30").isoformat()
    '2025-03-01T18:30:00+01:00'
    >>> parse_moment("2025-03-12")
    datetime.date(2025, 3, 12)
    """
    text = raw.strip()
    moment: Moment | None = None
    try:
        if match := _ISO.search(text):
            moment = _from_iso(match)
        elif _RFC.search(text):
            moment = parsedate_to_datetime(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=PARIS)
        elif re.fullmatch(r"1\d{9}(?:\d{3})?", text):
            moment = datetime.fromtimestamp(int(text[:10]), UTC)
        else:
            folded = fold(text)
            if match := _FRENCH.search(folded):
                moment = _at(int(match[3]), MONTHS[match[2]], int(match[1]), match[4], match[5])
            elif match := _NUMERIC.search(folded):
                year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
                moment = _at(year, int(match[2]), int(match[1]), match[4], match[5])
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return moment if moment is not None and _plausible(moment, not_after) else None


def _from_iso(match: re.Match[str]) -> Moment:
    day = date(int(match[1]), int(match[2]), int(match[3]))
    if match[4] is None:
        return day
    clock = f"{int(match[4]):02d}:{match[5]}:{match[6] or '00'}"
    zone = match[7]
    moment = datetime.fromisoformat(f"{day.isoformat()}T{clock}")
    if zone is None:
        return moment.replace(tzinfo=PARIS)
    if zone.upper() in ("Z", "UTC", "GMT"):
        return moment.replace(tzinfo=UTC)
    digits = zone[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "00")
    return datetime.fromisoformat(f"{moment.isoformat()}{zone[0]}{int(hours):02d}:{minutes}")


def _at(year: int, month: int, day: int, hour: str | None, minute: str | None) -> Moment:
    if hour is None:
        return date(year, month, day)
    return datetime(year, month, day, int(hour), int(minute or 0), tzinfo=PARIS)


def _plausible(moment: Moment, not_after: datetime | None) -> bool:
    day = moment.astimezone(PARIS).date() if isinstance(moment, datetime) else moment
    return day >= _EARLIEST and (not_after is None or day <= (not_after + _AHEAD).date())


def find_dates(data: PageData, root: HtmlElement, url: str, fetched_at: datetime) -> Dates:
    """Publication and change from JSON-LD or microdata, meta elements, French labels, marked times, then htmldate.

    To be called while the tree still has its scripts. Dates after ``fetched_at`` (by more than two days) are not
    believed.
    """
    article = data.article
    published = _first(texts(article.get("datePublished")) + data.all(*_PUBLISHED_META)
                       + texts(article.get("dateCreated")), fetched_at)  # fmt: skip
    modified = _first(texts(article.get("dateModified")) + data.all(*_MODIFIED_META), fetched_at)
    if published is None or modified is None:
        labelled = _labelled(root, fetched_at)
        published = published or labelled[0]
        modified = modified or labelled[1]
    if published is None:
        published = _marked_time(root, fetched_at) or _plain_date(root, fetched_at)
    if published is None:
        found = _htmldate(root, url, fetched_at)
        published = (found, found.isoformat()) if found else None
    if modified and published and _day(modified[0]) < _day(published[0]):
        modified = None
    return Dates(*(published or (None, None)), *(modified or (None, None)))


def _day(moment: Moment) -> date:
    return moment.astimezone(PARIS).date() if isinstance(moment, datetime) else moment


def _first(values: list[str], fetched_at: datetime) -> tuple[Moment, str] | None:
    day_only: tuple[Moment, str] | None = None
    for raw in values:
        moment = parse_moment(raw, fetched_at)
        if isinstance(moment, datetime):
            # another spelling of the day already found, with its time: the finer one
            return (moment, raw) if day_only is None or _day(moment) == day_only[0] else day_only
        if moment is not None and day_only is None:
            day_only = (moment, raw)
    return day_only


def _marked_time(root: HtmlElement, fetched_at: datetime) -> tuple[Moment, str] | None:
    """The ``<time>`` that stands nearest to the title, outside of comments, boxes and lists."""
    before: list[HtmlElement] = []
    after: list[HtmlElement] = []
    title_seen = False
    for element in root.iter("h1", "time"):
        if element.tag == "h1":
            title_seen = True
        elif not stands_elsewhere(element) and not re.search(
            r"updat|modif", names_of(element) + (element.get("itemprop") or "").lower()
        ):
            (after if title_seen else before).append(element)
    if not title_seen:
        before, after = [], before
    for element in (*after[:2], *before[:-3:-1]):
        for raw in (element.get("datetime"), clean(element.text_content())):
            if raw and (moment := parse_moment(raw, fetched_at)):
                return moment, raw
    return None


_DAY = rf"(?:\d{{1,2}}(?:er)?\s*(?:{'|'.join(MONTHS)})\.?\s*\d{{4}}|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}})"
_DATE_LINE = re.compile(
    r"(?:[a-z][a-z' -]{2,40},\s*)?(?:le\s+)?(?:(?:lun|mar|mercre|jeu|vendre|same)di|dimanche)?\s*,?\s*"
    rf"{_DAY}{_TIME}"
    r"(?:\s*[|·–—-].{0,40})?"
)
_DATE_TEXT = (
    "//body//text()[string-length(.) < 90 and (contains(., ' 20') or contains(., '/20') or contains(., '.20'))"
    " and not(parent::script or parent::style or parent::a or parent::option)]"
)


def _plain_date(root: HtmlElement, fetched_at: datetime) -> tuple[Moment, str] | None:
    """A line that is nothing but a date, or a dateline ("Nanterre, le 18 mai 2026")."""
    for text in root.xpath(_DATE_TEXT)[:40]:
        raw = clean(text)
        if _DATE_LINE.fullmatch(fold(raw)) and not stands_elsewhere(text.getparent()):
            moment = parse_moment(raw, fetched_at)
            if moment is not None:
                return moment, raw
    return None


_LABELS = "//body//*[not(self::script or self::style or self::a or self::option)][text()[{}]]".format(
    " or ".join(
        f"contains(., '{stem}')"
        for stem in ("ubli", "UBLI", " jour", " JOUR", "is en ligne", "ise en ligne", "odifi", "ctualis", "arution",
                     "aru le", "ost", "MAJ", "Maj", "réé", "édig")
    )
)  # fmt: skip


def _labelled(root: HtmlElement, fetched_at: datetime) -> list[tuple[Moment, str] | None]:
    """Dates after "Publié le" and "Mis à jour le" in the page's text: the first of each."""
    found: list[tuple[Moment, str] | None] = [None, None]
    for element in root.xpath(_LABELS)[:80]:
        if stands_elsewhere(element):
            continue
        text = clean(" ".join(element.itertext()))[:300]
        if len(text) < 30 and not _LABELLED.search(fold(text)) and element.getparent() is not None:
            # the label in an element of its own, the date in the next
            text = clean(" ".join(element.getparent().itertext()))[:300]
        folded = fold(text)
        for match in _LABELLED.finditer(folded):
            index = 1 if _LABEL_MODIFIED.match(match[1]) else 0
            moment = parse_moment(match[2], fetched_at)
            if moment is not None and found[index] is None:
                # folding keeps each sign in its place but for ligatures
                raw = text[match.start() : match.end()] if len(folded) == len(text) else match[0]
                found[index] = (moment, raw)
        if all(found):
            break
    return found


def _htmldate(root: HtmlElement, url: str, fetched_at: datetime) -> date | None:
    try:
        raw = htmldate.find_date(
            root, extensive_search=False, original_date=True, url=url,
            max_date=(fetched_at + _AHEAD).strftime("%Y-%m-%d"),
        )  # fmt: skip
    except (ValueError, AttributeError, TypeError, RecursionError, OverflowError):
        return None
    return date.fromisoformat(raw) if raw else None
