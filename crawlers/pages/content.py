"""Which of a page's blocks are the article."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import trafilatura
from lxml import etree
from lxml.html import HtmlElement
from rapidfuzz import fuzz
from trafilatura.settings import Document, Extractor

from crawlers.pages.blocks import Candidate, Pruner, read_blocks, squash
from crawlers.pages.captions import split_credit
from crawlers.pages.decode import clean
from crawlers.pages.furniture import Furniture, fold, furniture, names_of

#: trafilatura says at warning level that it found nothing; our own issue says so too.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

#: An element that holds this share of what trafilatura found is the article's container.
_CONTAINER_SHARE = 0.85
#: Likewise for a cell of a table: beside it stand menus and boxes.
_CELL_SHARE = 0.6
#: Blocks of fewer characters say nothing of where the text is.
_RUNNING = 60
#: Fewer characters than this are no text to go by.
_MIN_TEXT = 120
#: trafilatura is not asked about pages with more elements than this.
_MAX_WITNESS_ELEMENTS = 40_000
_MIN_SQUASHED = 12
#: After so many characters of text even a short first-level heading begins another article.
_WELL_UNDER_WAY = 800
#: Blocks before the text among which the opening picture's caption is looked for.
_LOOK_BACK = 15
_EDGE = 40
#: With its furniture put back, a page must give so many times the text for that to be believed.
_MUCH_MORE = 3


@dataclass(slots=True)
class Content:
    """The article's blocks, and whether the page says that there is more for subscribers."""

    blocks: list[Candidate] = field(default_factory=list)
    paywall: str | None = None
    method: str = ""
    #: all text blocks of the page, furniture apart, squashed
    page_text: str = ""
    #: paragraphs between the title and the text, outside of the text's element: a standfirst without a name
    lead: list[str] = field(default_factory=list)


def find_content(
    root: HtmlElement, *, title: str = "", article_body: str | None = None, open_to_all: bool = True
) -> Content:
    """The blocks of the article on a page.

    Furniture is taken out by class, role and phrase; trafilatura and the page's own ``articleBody``, where it has
    one, bear witness to what is left; blocks that both passed over are taken in where their place tells.

    Args:
        root: the page's tree. Scripts and furniture are removed from it.
        title: its title, to find the head of the article.
        article_body: the text in the page's JSON-LD.
        open_to_all: whether that text may stand for the page's, where the page shows less: not where it says that
            it is not free to read.
    """
    rules = furniture()
    pruner = Pruner(root, rules)
    pruner.strip()
    pruner.prune()
    pruner.prune_cards()
    content = _select(root, rules, title, article_body, pruner.paywall_marks)
    if len(_text(content)) < _MIN_TEXT:
        pruner.restore()
        second = _select(root, rules, title, article_body, pruner.paywall_marks)
        if not content.blocks or len(_text(second)) > _MUCH_MORE * len(_text(content)):
            content = second
    if article_body and open_to_all and content.paywall is None and len(_text(content)) < 0.5 * len(article_body):
        # the page is put together by scripts; its text stands in its JSON-LD alone
        content.blocks = _from_article_body(article_body)
        content.method = "article-body"
    return content


def _text(content: Content) -> str:
    return "\n".join(block.text for block in content.blocks if block.kind != "caption")


def _from_article_body(text: str) -> list[Candidate]:
    if "<" in text and ">" in text:
        text = re.sub(r"<(?:/p|br\s*/?|/h\d|/li)>", "\n", text, flags=re.I)
        text = re.sub(r"<[^<>]{1,300}>", "", text)
    element = etree.Element("div")
    lines = [clean(line) for line in re.split(r"\s*\n\s*", text)]
    return [Candidate("paragraph", line, element, squashed=squash(line)) for line in lines if line]


def _select(
    root: HtmlElement, rules: Furniture, title: str, article_body: str | None, marks: Sequence[tuple[str, HtmlElement]]
) -> Content:
    body = root.find("body")
    blocks = read_blocks(body if body is not None else root, rules)
    for block in blocks:
        block.squashed = squash(block.text)
    witness, method = _witness(root, article_body)
    seen = [block for block in blocks if block.kind != "caption" and _is_seen(block, witness)]
    page_text = "\n".join(block.squashed for block in blocks)
    if not seen:
        return Content([], None, method, page_text)
    container = _named_body(_container(seen), rules)
    ahead = _ahead(blocks, container, title)
    inside = [block for block in ahead if block.kind == "caption"] + [
        block for block in blocks if _within(block.element, container)
    ]
    chosen, paywall = _choose(inside, set(map(id, seen)), rules, title)
    if paywall is None:
        paywall = next((text for text, place in marks if _near(place, container)), None)
    lead = [
        block.text
        for block in ahead
        if block.kind == "paragraph"
        and len(block.text) >= _RUNNING
        and block.link_share < 0.3
        and block.text[-1] in ".!?…»"
        and not rules.is_line(block.text)
        and not rules.is_paywall(block.text)
    ]
    return Content(chosen, paywall, method, page_text, lead)


@lru_cache(maxsize=1)
def _witness_options() -> Extractor:
    """Fast, and rather too much than too little: what is too much our own rules have cut, or will."""
    return Extractor(output_format="python", fast=True, recall=True, comments=False)


def _witness(root: HtmlElement, article_body: str | None) -> tuple[str, str]:
    """What trafilatura finds on the page (and the page's own articleBody), squashed; and the method's name."""
    parts: list[str] = []
    method = "blocks"
    if article_body and len(article_body) > _MIN_TEXT:
        parts.append(squash(article_body))
        method = "json-ld"
    count = int(root.xpath("count(.//*)"))
    if count <= _MAX_WITNESS_ELEMENTS:
        try:
            document = trafilatura.bare_extraction(root, options=_witness_options())
        except (RecursionError, ValueError, AssertionError, TypeError, AttributeError, KeyError, IndexError):
            document = None
        if isinstance(document, Document) and document.text:
            parts.append(squash(document.text))
            method += "+trafilatura"
    return "\n".join(parts), method


def _is_seen(block: Candidate, witness: str) -> bool:
    text = block.squashed
    if len(text) < _MIN_SQUASHED:
        return False
    if text in witness:
        return True
    return len(text) > 2 * _EDGE and (text[:_EDGE] in witness or text[-_EDGE:] in witness)


def _container(seen: Sequence[Candidate]) -> HtmlElement:
    """The smallest element that holds nearly all of the running text seen; in pages set as tables, the main cell."""
    weights: dict[HtmlElement, int] = {}
    depths: dict[HtmlElement, int] = {}
    running = [block for block in seen if len(block.text) >= _RUNNING and block.link_share < 0.5] or seen
    for block in running:
        weight = len(block.text) - block.link_chars + 1
        chain = [block.element, *block.element.iterancestors()]
        for depth, element in enumerate(reversed(chain)):
            weights[element] = weights.get(element, 0) + weight
            depths[element] = depth
    total = weights[next(element for element, depth in depths.items() if depth == 0)]
    return max(
        (e for e in weights if weights[e] >= (_CELL_SHARE if e.tag == "td" else _CONTAINER_SHARE) * total),
        key=lambda e: depths[e],
    )


def _named_body(container: HtmlElement, rules: Furniture) -> HtmlElement:
    """The element close above that the page names as the article's text, where there is one: boxes with facts stand
    beside the paragraphs in it.
    """
    element = container
    for _ in range(3):
        if element.get("itemprop") == "articleBody" or rules.body.search(names_of(element)):
            return element
        parent = element.getparent()
        if parent is None or parent.tag in ("article", "main", "body", "html"):
            return container
        element = parent
    return container


def _ahead(blocks: list[Candidate], container: HtmlElement, title: str) -> list[Candidate]:
    """What many layouts put between the title and the text: the opening picture's caption, the standfirst."""
    start = next((i for i, block in enumerate(blocks) if _within(block.element, container)), 0)
    scope = next((a for a in container.iterancestors() if a.tag in ("article", "main")), None)
    found: list[Candidate] = []
    squashed_title = squash(title)
    titled = container.find(".//h1") is not None
    for block in reversed(blocks[max(0, start - _LOOK_BACK) : start]):
        if block.level == 1 or (squashed_title and block.squashed == squashed_title):
            titled = True
            if scope is None:
                break
        elif (block.kind != "heading" if not titled else block.kind == "caption" and scope is not None) and (
            scope is None or _within(block.element, scope)
        ):
            found.append(block)
    return found[::-1] if titled else []


def _near(place: HtmlElement, container: HtmlElement) -> bool:
    """Whether something was taken out of the article's container, or from close above it."""
    if _within(place, container):
        return True
    above: HtmlElement | None = container
    for _ in range(4):
        above = above.getparent() if above is not None else None
        if above is None or above.tag in ("body", "html"):
            return False
        if above is place:
            return True
    return False


def _within(element: HtmlElement, container: HtmlElement) -> bool:
    return element is container or any(ancestor is container for ancestor in element.iterancestors())


def _choose(
    inside: list[Candidate], seen: set[int], rules: Furniture, title: str
) -> tuple[list[Candidate], str | None]:
    """The blocks of the container that are the article's, in reading order."""
    paywall: str | None = None
    running = [i for i, block in enumerate(inside) if id(block) in seen and block.kind == "paragraph"]
    if not running:
        running = [i for i, block in enumerate(inside) if id(block) in seen]
    first, last = running[0], running[-1]
    # the elements themselves, not their ids: lxml makes them anew when nobody holds them
    homes = {inside[i].element.getparent() for i in running} | {inside[i].element for i in running}
    squashed_title = squash(title)
    kept: list[Candidate] = []
    for i, block in enumerate(inside):
        text = block.text
        if squashed_title and (
            block.squashed == squashed_title or (block.level == 1 and block.squashed.endswith(squashed_title))
        ):
            # what stands before the title is not the article's text, whatever it looks like
            if block.level and len(kept) < 3 and i <= first + 2:
                kept = [item for item in kept if item.kind == "caption"]
            continue
        if rules.is_paywall(text):
            paywall = paywall or text
            continue
        if rules.is_contact(text):
            continue
        so_far = sum(len(item.text) for item in kept if item.kind == "paragraph")
        another = block.level == 1 and so_far > (0 if len(text) > 25 else _WELL_UNDER_WAY)
        if kept and (rules.is_end(text) or another):
            # comments, or the next article of an endless page
            break
        if rules.is_line(text):
            if rules.is_ending(text) and i > last - 3 and kept and not _goes_on(inside[i + 1 :], homes):
                break
            continue
        if block.link_share > 0.6 and (len(text) < 200 or block.kind != "paragraph") and block.kind != "caption":
            continue
        if block.kind == "paragraph" and len(text) < 150 and (credit := split_credit(text)) and not credit[0]:
            if kept and kept[-1].kind == "caption" and inside[i - 1] is kept[-1]:
                kept[-1].credit = kept[-1].credit or credit[1]
            continue
        if id(block) in seen or _belongs(block, i, first, last, homes):
            kept.append(block)
    return _without_pullquotes(_tidy(kept), rules), paywall


def _goes_on(rest: Sequence[Candidate], homes: set[HtmlElement]) -> bool:
    """Whether running text of the article's own place follows."""
    return any(
        block.kind == "paragraph"
        and len(block.text) >= _RUNNING
        and block.link_share < 0.3
        and block.element.getparent() in homes
        for block in rest
    )


def _belongs(block: Candidate, i: int, first: int, last: int, homes: set[HtmlElement]) -> bool:
    """Whether a block that no witness saw belongs to the article by its place."""
    near = first - 3 <= i <= last + 3
    if block.kind == "caption":
        return near
    at_home = block.element.getparent() in homes or block.element in homes
    if block.kind == "heading":
        return first < i <= last and (at_home or block.level in (2, 3)) and len(block.text) < 200
    if block.element.tag == "tr" and first < i < last:
        return True
    if at_home and first <= i <= last + 2:
        return block.link_share < 0.5
    return len(block.text) > 60 and block.link_share < 0.3 and (first < i < last or block.text[-1:] in ".!?…»")


def _tidy(blocks: list[Candidate]) -> list[Candidate]:
    """Without repetitions, with crossheads told by their type, and without headings at the end that head nothing."""
    out: list[Candidate] = []
    known: set[str] = set()
    for block in blocks:
        if len(block.squashed) > 30:
            if block.squashed in known:
                continue
            known.add(block.squashed)
        out.append(block)
    for block, following in zip(out, out[1:], strict=False):
        if block.kind == "paragraph" and _is_crosshead(block, following):
            block.kind, block.level = "heading", 3
    while out and (out[-1].kind == "heading" or _heads_nothing(out[-1])):
        out.pop()
    return out


def _heads_nothing(last: Candidate) -> bool:
    """A bold line at the end: the heading of a box whose links were left out."""
    return last.kind == "paragraph" and last.is_bold and len(last.text) < 60 and last.text[-1] not in '.!?…»"'


def _is_crosshead(block: Candidate, following: Candidate) -> bool:
    """A short line without a full stop before a paragraph, set bold or in a class of its own."""
    text = block.text
    if len(text) > 110 or text[-1] in ".!?…:;,»" or not (text[0].isupper() or text[0].isdigit() or text[0] == "«"):
        return False
    if following.kind != "paragraph" or len(following.text) < 40 or block.element.tag in ("li", "tr", "td"):
        return False
    own, other = block.element, following.element
    apart = own is not other and own.tag == other.tag and own.get("class") != other.get("class")
    return len(text.split()) > 1 and (block.is_bold or (apart and own.getparent() is other.getparent()))


def _without_pullquotes(blocks: list[Candidate], rules: Furniture) -> list[Candidate]:
    marked = [
        block
        for block in blocks
        if len(block.text) < 400
        and any(rules.pullquote.search(names_of(e)) for e in (block.element, *_parents(block.element, 2)))
    ]
    if not marked:
        return blocks
    rest = [block for block in blocks if all(block is not other for other in marked)]
    whole = " ".join(fold(block.text) for block in rest)
    repeated = [block for block in marked if fuzz.partial_ratio(fold(block.text).strip('«»"“” '), whole) > 75]
    return [block for block in blocks if all(block is not other for other in repeated)]


def _parents(element: HtmlElement, count: int) -> list[HtmlElement]:
    return [parent for parent, _ in zip(element.iterancestors(), range(count), strict=False)]
