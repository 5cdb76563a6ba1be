"""Press releases in PDF to the same Article as pages: lines by place and font, paragraphs out of lines."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from crawlers.items import Article, Block
from crawlers.pages.blocks import squash
from crawlers.pages.captions import split_credit
from crawlers.pages.dates import Moment, parse_moment
from crawlers.pages.decode import clean
from crawlers.pages.errors import ExtractionError
from crawlers.pages.furniture import fold, furniture
from crawlers.pages.head import find_language, strip_label
from crawlers.pages.structured import PageData

MAX_BYTES = 40 * 1024 * 1024
#: A release is short; what stands behind this is an annex.
MAX_PAGES = 25
_MAX_CHARS = 400_000

#: How much larger than the text a title is set, at least.
_TITLE_SIZE = 1.15
_KICKER = re.compile(
    r"(?:communique(?: de presse)?|dossier de presse|information presse|cp|espace presse|note aux redactions|"
    r"invitation presse|pour diffusion immediate|embargo\b.*|presse)(?:\s*[|–—-].*)?",
    re.I,
)
_DATE = re.compile(
    r"(?:^|[,–—-]\s*|\ble\s+)((?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\s+)?\d{1,2}(?:er)?\s+\w+\.?\s+\d{4}"
    r"|\d{1,2}/\d{1,2}/\d{4})"
)
_DATELINE = re.compile(r"^[^.!?]{0,60}?(?:,\s*)?(?:le\s+)?"
                       r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\s+)?"
                       r"(?:\d{1,2}(?:er)?\s+\w+\.?\s+\d{4}|\d{1,2}/\d{1,2}/\d{4})\s*[.:–—-]?$", re.I)  # fmt: skip
_NUMBERED_FOOT = re.compile(r"\bpage\s*\d{1,3}(?:\s*(?:/|sur)\s*\d{1,3})?$", re.I)
_PAGE_NUMBER = re.compile(r"^(?:page\s*)?\d{1,3}(?:\s*(?:/|sur)\s*\d{1,3})?$|^[-–—]\s*\d{1,3}\s*[-–—]$", re.I)
_BULLET = re.compile(r"^(?:[-–—•●▪■◆*➢►✓]\s+|\d{1,2}[.)]\s+)")
_SOFT = "\u00ad\u2010"
# Words that keep their hyphen when a line ends after it: first parts of French compounds.
_COMPOUND = re.compile(
    r"(?:^|[\s(«'’])(?:non|mi|semi|demi|ex|vice|sous|avant|après|arrière|contre|entre|au|peut|vis|celui|celle|ceux|quelques?|"
    r"c[’']est|rendez|chef|porte|savoir|grand|centre|nord|sud|multi|éco|agro|micro|mini|inter|vingt|trente|"
    r"quarante|cinquante|soixante|quatre|dix)-$",
    re.I,
)


@dataclass(slots=True)
class _Line:
    text: str
    page: int
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool
    page_height: float


def is_pdf(data: bytes) -> bool:
    """Whether the bytes are those of a PDF file."""
    return b"%PDF-" in data[:1024]


def extract_pdf(data: bytes, url: str, *, fetched_at: datetime, source: object | None = None) -> Article:
    """Read a press release.

    The title is what is set largest on the first page, headings are short lines set bolder or larger than the text,
    lines are joined to paragraphs over hyphens and page breaks, running heads and page numbers are dropped, and the
    dateline ("Lens, le 12 mars 2025") gives the date.

    Args:
        data: the file.
        url: the address that it came from.
        fetched_at: when; bounds the dates that are believed.
        source: the registry entry, as for :func:`crawlers.pages.extract.extract`.

    Raises:
        ExtractionError: ``not_pdf``, ``encrypted_pdf``, ``too_large``, or ``empty`` (a scan without text).
    """
    if not is_pdf(data):
        raise ExtractionError("not_pdf", "no PDF header")
    if len(data) > MAX_BYTES:
        raise ExtractionError("too_large", f"{len(data)} bytes, at most {MAX_BYTES}")
    try:
        lines, metadata = _read(data)
    except ExtractionError:
        raise
    except Exception as error:  # noqa: BLE001 - pdfminer raises whatever a damaged file leads it to
        if isinstance(error.__cause__, PDFPasswordIncorrect) or (
            isinstance(error, PdfminerException) and any(isinstance(arg, PDFPasswordIncorrect) for arg in error.args)
        ):
            raise ExtractionError("encrypted_pdf", "needs a password") from error
        raise ExtractionError("not_pdf", f"cannot be read: {type(error).__name__}") from error
    if not lines:
        raise ExtractionError("empty", "no text in it (a scan?)")
    article_lines = _without_running_heads(lines)
    body_size = _body_size(article_lines)
    title, rest = _take_title(article_lines, body_size, metadata)
    published, raw, rest = _take_date(rest, metadata, fetched_at)
    standfirst, blocks = _to_blocks(rest, body_size, title)
    if not title and not blocks:
        raise ExtractionError("empty", "neither title nor text")
    text = "\n".join(block.text for block in blocks)
    name, ident = getattr(source, "name", None), getattr(source, "id", None)
    return Article(
        url=url,
        source=name if isinstance(name, str) else None,
        source_id=ident if isinstance(ident, str) else None,
        title=title,
        standfirst=standfirst,
        body=blocks,
        published=published,
        published_raw=raw,
        fetched_at=fetched_at,
        language=find_language(PageData(), text, getattr(source, "language", None)),
        access="full",
        extraction="pdf/pdfplumber",
    )


def _read(data: bytes) -> tuple[list[_Line], dict[str, Any]]:
    lines: list[_Line] = []
    chars = 0
    with pdfplumber.open(io.BytesIO(data)) as document:
        metadata = dict(document.metadata or {})
        for number, page in enumerate(document.pages[:MAX_PAGES]):
            words = page.extract_words(extra_attrs=["size", "fontname"], use_text_flow=False, x_tolerance_ratio=0.2)
            lines += _lines(words, number, float(page.height), float(page.width))
            chars += sum(len(word["text"]) for word in words)
            page.close()
            if chars > _MAX_CHARS:
                break
    return lines, metadata


def _lines(words: Sequence[dict[str, Any]], page: int, height: float, width: float) -> list[_Line]:
    """Words to lines, column by column where the page has a gutter down its middle."""
    columns = _columns(words, width)
    lines: list[_Line] = []
    for column in columns:
        rows: list[list[dict[str, Any]]] = []
        for word in sorted(column, key=lambda w: (w["bottom"], w["x0"])):
            middle = (word["top"] + word["bottom"]) / 2
            if rows and rows[-1][0]["top"] - 1 <= middle <= rows[-1][0]["bottom"] + 1:
                rows[-1].append(word)
            else:
                rows.append([word])
        for row in rows:
            row.sort(key=lambda w: w["x0"])
            text = clean(" ".join(word["text"] for word in row))
            if not text:
                continue
            sizes = Counter[float]()
            bold = 0
            for word in row:
                sizes[round(word["size"], 1)] += len(word["text"])
                bold += len(word["text"]) * bool(re.search(r"bold|black|heavy|semib|demi", word["fontname"], re.I))
            lines.append(_Line(
                text, page, min(w["x0"] for w in row), max(w["x1"] for w in row), min(w["top"] for w in row),
                max(w["bottom"] for w in row), sizes.most_common(1)[0][0], bold > 0.8 * sizes.total(), height,
            ))  # fmt: skip
    return lines


def _columns(words: Sequence[dict[str, Any]], width: float) -> list[list[dict[str, Any]]]:
    """Two columns where hardly any word crosses the middle and both sides are full; else one."""
    middle = width / 2
    if len(words) < 80:
        return [list(words)]
    crossing = [w for w in words if w["x0"] < middle - 4 and w["x1"] > middle + 4]
    near = [w for w in words if w["x0"] < middle + 6 and w["x1"] > middle - 6]
    left = [w for w in words if w["x1"] <= middle + 4]
    right = [w for w in words if w["x0"] >= middle - 4]
    if len(near) > 0.03 * len(words) or min(len(left), len(right)) < 0.25 * len(words):
        return [list(words)]
    # what stands above the lowest word that crosses (a title over both columns) is read first
    line = max((w["bottom"] for w in crossing), default=0.0)
    above = [w for w in words if w["bottom"] <= line + 1]
    return [above, [w for w in left if w not in above], [w for w in right if w not in above]]


def _without_running_heads(lines: list[_Line]) -> list[_Line]:
    places: dict[str, set[int]] = {}
    for line in lines:
        if line.top < 0.12 * line.page_height or line.bottom > 0.88 * line.page_height:
            places.setdefault(re.sub(r"\d+", "", squash(line.text)), set()).add(line.page)
    repeated = {key for key, pages in places.items() if len(pages) > 1}
    return [line for line in lines
            if not _PAGE_NUMBER.match(line.text)
            and not (line.bottom > 0.88 * line.page_height and _NUMBERED_FOOT.search(line.text))
            and not (re.sub(r"\d+", "", squash(line.text)) in repeated
                     and (line.top < 0.12 * line.page_height or line.bottom > 0.88 * line.page_height))]  # fmt: skip


def _body_size(lines: Iterable[_Line]) -> float:
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0]


def _take_title(lines: list[_Line], body_size: float, metadata: dict[str, Any]) -> tuple[str, list[_Line]]:
    first_page = [line for line in lines if line.page == 0 and not _KICKER.fullmatch(fold(line.text))
                  and len(squash(line.text)) > 2]  # fmt: skip
    for size in sorted({line.size for line in first_page if line.size >= _TITLE_SIZE * body_size}, reverse=True):
        start = next(i for i, line in enumerate(lines) if line.page == 0 and line.size == size and line in first_page)
        end = start
        while (
            end < len(lines) and lines[end].page == 0 and abs(lines[end].size - size) < 0.6 and lines[end] in first_page
        ):
            end += 1
        title = _join(line.text for line in lines[start:end])
        # a logo set as text is large too, but short
        if len(title) >= 15 and len(title.split()) >= 3:
            return strip_label(title), [
                line for line in lines[:start] + lines[end:] if not _KICKER.fullmatch(fold(line.text))
            ]
    rest = [line for line in lines if not _KICKER.fullmatch(fold(line.text))]
    bold = next((i for i, line in enumerate(rest[:12]) if line.bold and len(line.text.split()) >= 3
                 and not _DATELINE.match(line.text)), None)  # fmt: skip
    if bold is not None:
        end = bold
        while end < len(rest) and rest[end].bold and rest[end].size == rest[bold].size and rest[end].page == 0:
            end += 1
        return strip_label(_join(line.text for line in rest[bold:end])), rest[:bold] + rest[end:]
    stated = metadata.get("Title")
    stated = clean(stated) if isinstance(stated, str) else ""
    if len(stated.split()) >= 3 and not re.search(r"\.(?:docx?|pdf|indd|pptx?)$|^microsoft word", stated, re.I):
        return strip_label(stated), [line for line in rest if squash(line.text) != squash(stated)]
    return (rest[0].text if rest else ""), rest[1:]


def _take_date(
    lines: list[_Line], metadata: dict[str, Any], fetched_at: datetime
) -> tuple[Moment | None, str | None, list[_Line]]:
    head = [*lines[:15], *[line for line in lines[-6:] if _DATELINE.match(line.text)]]
    for line in head:
        match = _DATE.search(line.text)
        moment = parse_moment(match[1], fetched_at) if match else None
        if moment is not None and match is not None:
            alone = len(line.text) < 70 and _DATELINE.match(line.text)
            return moment, line.text if alone else match[1], [item for item in lines if item is not line or not alone]
    created = metadata.get("CreationDate")
    if isinstance(created, str) and (match := re.match(r"D:(\d{8})", created)):
        return parse_moment(match[1], fetched_at), created, lines
    return None, None, lines


def _to_blocks(lines: list[_Line], body_size: float, title: str) -> tuple[str | None, tuple[Block, ...]]:
    rules = furniture()
    standfirst: str | None = None
    blocks: list[Block] = []
    gap = _usual_gap(lines)
    for group in _paragraphs(lines, gap):
        text = _join(line.text for line in group)
        larger = group[0].size >= 1.08 * body_size
        marked = larger or group[0].bold
        if rules.contact.fullmatch(fold(text)[:120]) and blocks:
            break
        if (
            squash(text) == squash(title)
            or rules.is_line(text)
            or _KICKER.fullmatch(fold(text))
            or rules.is_contact(text)
        ):
            continue
        caption, credit = split_credit(text)
        if (
            credit
            and len(text) < 220
            and not marked
            and (group[0].size < 0.95 * body_size or not caption.endswith("."))
        ):
            if caption:
                blocks.append(Block(kind="caption", text=caption, credit=credit))
        elif marked and len(text) < 130 and text[-1] not in ".;,…" and (blocks or standfirst or len(text) < 70):
            blocks.append(Block(kind="heading", text=text))
        elif (
            marked and standfirst is None and not any(block.kind == "paragraph" for block in blocks) and len(text) > 50
        ):
            standfirst = text
        else:
            blocks.append(Block(kind="paragraph", text=text))
    while blocks and blocks[-1].kind == "heading":
        blocks.pop()
    return standfirst, tuple(blocks)


def _usual_gap(lines: Sequence[_Line]) -> float:
    gaps = [
        after.top - before.bottom
        for before, after in zip(lines, lines[1:], strict=False)
        if (after.page, after.size) == (before.page, before.size) and -5 < after.top - before.bottom < 30
    ]
    return median(gaps) if gaps else 3.0


def _paragraphs(lines: Sequence[_Line], gap: float) -> list[list[_Line]]:
    groups: list[list[_Line]] = []
    right = max((line.x1 for line in lines), default=0.0)
    for line in lines:
        if not groups or _starts(groups[-1], line, gap, right):
            groups.append([line])
        else:
            groups[-1].append(line)
    return groups


def _starts(group: list[_Line], line: _Line, gap: float, right: float) -> bool:
    """Whether a line starts a new paragraph after these lines."""
    last = group[-1]
    ended = last.text[-1] in '.!?…»:”"'
    if _BULLET.match(line.text) or abs(line.size - last.size) > 0.6 or line.bold != last.bold:
        return True
    if line.page != last.page or line.top < last.top - 20:
        return ended or line.text[:1].isupper()
    if line.top - last.bottom > gap + 0.45 * line.size:
        return True
    indented = line.x0 > last.x0 + 8 and len(group) > 1 and ended
    short = last.x1 < right - 0.2 * (right - last.x0) and ended and line.text[:1].isupper()
    return indented or short


def _join(texts: Iterable[str]) -> str:
    """Lines to one text; a word parted at the line's end is put together, a compound keeps its hyphen.

    >>> _join(["Le groupe va inves-", "tir en Hauts-", "de-France, c'est-", "à-dire à Lens."])
    "Le groupe va investir en Hauts-de-France, c'est-à-dire à Lens."
    """
    joined = ""
    for text in texts:
        if not joined:
            joined = text
        elif joined[-1] in _SOFT:
            joined = joined[:-1] + text
        elif joined[-1] == "-" and len(joined) > 1 and joined[-2].isalpha():
            start = text.split(" ", 1)[0]
            compound = not start[:1].islower() or "-" in start or _COMPOUND.search(joined[-20:])
            joined = joined + text if compound else joined[:-1] + text
        else:
            joined = f"{joined} {text}"
    return clean(joined)
