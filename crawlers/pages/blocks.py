"""A page's tree to its text blocks in reading order, furniture left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from crawlers.items import BlockKind
from crawlers.pages.decode import clean
from crawlers.pages.furniture import Furniture, fold, furniture, names_of

#: Never article text, whatever their classes say.
_DROPPED = frozenset((
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "select", "option",
    "datalist", "button", "input", "textarea", "audio", "video", "map", "area", "math", "dialog", "head", "meta",
    "link", "title", "applet",
))  # fmt: skip
#: Article text only by exception.
_DOUBTFUL = frozenset(("nav", "footer", "aside", "form", "menu"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "output", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr", "nobr", "img", "picture", "source", "o:p", "amp-img",
))  # fmt: skip
#: A stretch of text of this many characters counts as running text.
_RUNNING = 25
#: So many teasers in a row are a list of other articles; each has at most so many characters.
_CARDS = 3
_CARD_TEXT = 500
#: Inline elements of which it is counted how much of a block stands in them: links and bold type.
_COUNTED = {"a": "a", "b": "b", "strong": "b"}
_STYLE_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
_LINE_END = re.compile(r"(?<=[.!?…:»”])[ \t\xa0]*\n|\n(?=\s*(?:[-–—•●▪■◆*]\s|\d{1,2}[.)]\s))")


@dataclass(slots=True)
class Candidate:
    """One text block of the page, before it is decided whether it belongs to the article."""

    kind: BlockKind
    text: str
    element: HtmlElement
    link_chars: int = 0
    bold_chars: int = 0
    level: int = 0
    credit: str | None = None
    squashed: str = ""

    @property
    def is_bold(self) -> bool:
        """Whether all of the text is set bold."""
        return self.bold_chars >= 0.95 * len(self.text)

    @property
    def link_share(self) -> float:
        """Share of the text that stands in links."""
        return self.link_chars / max(len(self.text), 1)


def squash(text: str) -> str:
    """Letters and digits only, folded: two spellings of one text give the same."""
    return re.sub(r"\W+", "", fold(text))


class Pruner:
    """Takes furniture out of a tree and can put it back."""

    def __init__(self, root: HtmlElement, rules: Furniture | None = None) -> None:
        self.root = root
        self.rules = rules or furniture()
        #: furniture taken out that says that there is more for subscribers, and where it stood
        self.paywall_marks: list[tuple[str, HtmlElement]] = []
        self._removed: list[tuple[HtmlElement, HtmlElement | None, HtmlElement]] = []
        self._weights: dict[HtmlElement, int] = {}
        self._total = 0

    def strip(self) -> None:
        """Drop what never is text (for good: scripts must have been read before)."""
        for element in list(self.root.iter(*_DROPPED)):
            if element is not self.root and element.tag != "head":
                _remove(element)

    def prune(self) -> None:
        """Take out hidden elements and furniture, unless they hold much of the running text or the title."""
        self._weigh()
        rules = self.rules
        strong_limit = 0.3 * self._total
        weak_limit = min(0.1 * self._total, 500)
        doomed: list[HtmlElement] = []
        alike: dict[tuple[str, str], int] = {}
        skip_until: HtmlElement | None = None
        for event, element in etree.iterwalk(self.root, events=("start", "end")):
            if event == "end":
                if element is skip_until:
                    skip_until = None
                continue
            if skip_until is not None or element.tag in ("html", "body", "main", "article"):
                continue
            limit = self._limit(element, rules, strong_limit, weak_limit)
            if limit is None or self._weights.get(element, 0) > limit:
                continue
            if element.tag in _HEADINGS or (element.tag not in _INLINE and element.find(".//h1") is not None):
                continue
            if element.tag in ("figure", "figcaption") or rules.caption.search(names_of(element)):
                continue
            if element.getparent().tag in ("figure", "figcaption"):
                # credits are often hidden from screen readers
                continue
            doomed.append(element)
            key = (element.tag, names_of(element))
            alike[key] = alike.get(key, 0) + self._weights.get(element, 0)
            skip_until = element
        for element in doomed:
            # many small ones of a kind may be the article itself: the entries of a live page, say
            if alike[element.tag, names_of(element)] <= strong_limit:
                self._take(element)

    def prune_cards(self) -> None:
        """Take out rows of teasers: three or more siblings alike, each headed by a link to another page.

        They can hold more text than a short article, so that :meth:`prune` would spare them.
        """
        rows: dict[tuple[HtmlElement, str, str], list[HtmlElement]] = {}
        for heading in self.root.iter("h2", "h3", "h4", "h5", "h6"):
            card = self._card(heading)
            if card is not None and card.getparent() is not None:
                rows.setdefault((card.getparent(), card.tag, card.get("class") or ""), []).append(card)
        for cards in rows.values():
            if len(cards) >= _CARDS and not any(card.find(".//h1") is not None for card in cards):
                for card in cards:
                    self._take(card)

    def _card(self, heading: HtmlElement) -> HtmlElement | None:
        """The element that a heading and what belongs to it fill alone, where the heading is a link elsewhere."""
        link = (
            heading.find(".//a")
            if heading.getparent() is None or heading.getparent().tag != "a"
            else heading.getparent()
        )
        if link is None or (link.get("href") or "#").startswith("#"):
            return None
        if link is not heading.getparent() and len("".join(link.itertext()).strip()) < 0.8 * len(
            "".join(heading.itertext()).strip()
        ):
            return None
        card = None
        for ancestor in heading.iterancestors("div", "article", "li", "section", "a"):
            if len("".join(ancestor.itertext())) > _CARD_TEXT or len(ancestor.findall(".//" + heading.tag)) > 1:
                break
            card = ancestor
        return card

    def _limit(self, element: HtmlElement, rules: Furniture, strong: float, weak: float) -> float | None:
        """How much running text the element may hold and still be left out; None: it stays in any case."""
        attributes = element.attrib
        tag = element.tag
        if tag == "nav":
            return strong
        if attributes:
            if "hidden" in attributes or attributes.get("aria-hidden") == "true":
                return weak
            style = attributes.get("style")
            if style and _STYLE_HIDDEN.search(style):
                return weak
            if attributes.get("role") in ("navigation", "complementary", "search", "dialog", "alertdialog", "banner",
                                          "contentinfo"):  # fmt: skip
                return weak
            if "class" in attributes or "id" in attributes:
                words = names_of(element)
                if rules.strong.search(words):
                    return strong
                if rules.weak.search(words):
                    return weak
        if tag in _DOUBTFUL:
            return weak
        return None

    def _weigh(self) -> None:
        """Running text under each element: stretches of some length that are no link or heading."""
        weights = self._weights
        total = 0
        link_depth = 0
        for event, element in etree.iterwalk(self.root, events=("start", "end")):
            is_link = element.tag == "a"
            if event == "start":
                link_depth += is_link
                text, holder = element.text, element
            else:
                link_depth -= is_link
                text, holder = element.tail, element.getparent()
            if not text or link_depth or len(text) < _RUNNING or holder is None:
                continue
            weight = len(text.strip())
            if weight < _RUNNING or holder.tag in _HEADINGS:
                continue
            total += weight
            weights[holder] = weights.get(holder, 0) + weight
        for holder, weight in list(weights.items()):
            for ancestor in holder.iterancestors():
                weights[ancestor] = weights.get(ancestor, 0) + weight
        self._total = total

    def _take(self, element: HtmlElement) -> None:
        parent = element.getparent()
        if parent is None:
            return
        if len(element) < 60:
            text = clean(" ".join(element.itertext()))
            if self.rules.is_paywall(text):
                self.paywall_marks.append((text, parent))
        # a placeholder keeps the place, so that putting back needs no index that may have shifted
        mark = etree.SubElement(parent, "wbr")
        mark.tail, element.tail = element.tail, None
        parent.replace(element, mark)
        self._removed.append((parent, mark, element))

    def restore(self) -> None:
        """Put back everything that :meth:`prune` took out."""
        while self._removed:
            parent, mark, element = self._removed.pop()
            if mark is not None and mark.getparent() is parent:
                element.tail = mark.tail
                mark.tail = None
                parent.replace(mark, element)


def _remove(element: HtmlElement) -> None:
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is not None:
            previous.tail = (previous.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def read_blocks(root: HtmlElement, rules: Furniture | None = None) -> list[Candidate]:
    """All text blocks under an element, in reading order.

    A block ends where a block-level element begins or ends, at two line breaks in a row, and at one line break
    after a finished sentence or before a list sign (pages set as tables know no other paragraphs). The cells of a
    row of figures stay together in one block. Text of an element named as a credit inside a figure becomes the
    ``credit`` of its caption.
    """
    reader = _BlockReader(rules or furniture())
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            reader.start(element)
            if element.text:
                reader.write(element.text)
        else:
            reader.end(element)
            if element.tail and element is not root:
                reader.write(element.tail)
    reader.flush()
    return reader.blocks


class _BlockReader:
    def __init__(self, rules: Furniture) -> None:
        self.rules = rules
        self.blocks: list[Candidate] = []
        self._open: list[HtmlElement] = []
        self._parts: list[str] = []
        self._length = 0
        self._depth = {"a": 0, "b": 0}
        self._ranges: dict[str, list[tuple[int, int]]] = {"a": [], "b": []}
        self._credit_root: HtmlElement | None = None
        self._credit_parts: list[str] = []
        self._credit: str | None = None
        self._row: HtmlElement | None = None

    def start(self, element: HtmlElement) -> None:
        tag = element.tag
        if self._credit_root is None and element.attrib and self._is_credit(element):
            self._credit_root = element
        if tag == "br":
            self.write("\n")
        elif tag in _INLINE:
            if tag in _COUNTED:
                self._depth[_COUNTED[tag]] += 1
        elif self._row is not None:
            if tag in ("td", "th") and self._parts:
                self.write(" | ")
        else:
            self.flush()
            self._open.append(element)
            if tag == "tr" and _is_data_row(element):
                self._row = element

    def end(self, element: HtmlElement) -> None:
        tag = element.tag
        if element is self._credit_root:
            self._credit_root = None
            self._close_credit()
        if tag in _COUNTED:
            self._depth[_COUNTED[tag]] -= 1
        elif tag == "br" or tag in _INLINE or (self._row is not None and element is not self._row):
            pass
        else:
            self._row = None
            self.flush()
            self._open.pop()
            if tag == "figure":
                self._credit = None

    def write(self, text: str) -> None:
        if self._credit_root is not None:
            self._credit_parts.append(text)
            return
        if "\n" in text and text != "\n":
            text = text.replace("\n", " ")
        for kind, depth in self._depth.items():
            if depth > 0:
                self._ranges[kind].append((self._length, self._length + len(text)))
        self._length += len(text)
        self._parts.append(text)

    def flush(self) -> None:
        if not self._parts:
            return
        raw = "".join(self._parts)
        ranges, self._ranges = self._ranges, {"a": [], "b": []}
        self._length = 0
        self._parts.clear()
        if not raw.strip() or not self._open:
            return
        kind, level = self._kind()
        start = 0
        for piece in _pieces(raw, kind) if "\n" in raw else [raw]:
            start = raw.find(piece, start)
            end = start + len(piece)
            text = clean(piece).lstrip(".,; ")
            if text:
                counts = {k: sum(max(0, min(e, end) - max(b, start)) for b, e in ranges[k]) for k in ranges}
                block = Candidate(kind, text, self._open[-1], counts["a"], counts["b"], level)
                if kind == "caption":
                    block.credit, self._credit = self._credit, None
                self.blocks.append(block)
            start = end

    def _kind(self) -> tuple[BlockKind, int]:
        for depth, element in enumerate(reversed(self._open)):
            tag = element.tag
            if tag in _HEADINGS:
                return "heading", int(tag[1])
            if tag in ("figure", "figcaption"):
                return "caption", 0
            if depth < 3 and element.attrib and (words := names_of(element)) and self.rules.caption.search(words):
                return "caption", 0
            if tag in ("li", "td", "blockquote", "pre", "tr"):
                break
        return "paragraph", 0

    def _is_credit(self, element: HtmlElement) -> bool:
        words = names_of(element)
        named = bool(words and self.rules.credit.search(words))
        if not named and element.get("itemprop") not in ("copyrightHolder", "author", "creditText"):
            return False
        return any(
            ancestor.tag in ("figure", "figcaption") or self.rules.caption.search(names_of(ancestor))
            for ancestor in self._open[-4:]
        )

    def _close_credit(self) -> None:
        credit = clean(" ".join(self._credit_parts))
        self._credit_parts.clear()
        if not credit:
            return
        figure = next((element for element in reversed(self._open) if element.tag == "figure"), None)
        last = self.blocks[-1] if self.blocks else None
        if (
            not "".join(self._parts).strip()
            and last is not None
            and last.kind == "caption"
            and last.credit is None
            and figure is not None
            and any(ancestor is figure for ancestor in last.element.iterancestors())
        ):
            last.credit = credit
        else:
            self._credit = credit


def _pieces(raw: str, kind: BlockKind) -> list[str]:
    """A block's text, parted at the line breaks that part paragraphs."""
    parts = _PARAGRAPH_BREAK.split(raw)
    return [piece for part in parts for piece in _LINE_END.split(part)] if kind == "paragraph" else parts


def _is_data_row(row: HtmlElement) -> bool:
    """Whether a table's row carries figures or short entries rather than the page's layout."""
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    if len(cells) < 2 or row.find(".//table") is not None or row.find(".//div") is not None:
        return False
    lengths = [len(cell.text_content().strip()) for cell in cells]
    return sum(lengths) < 300 and all(len(list(cell.iter("p", "br", "h1", "h2", "li"))) < 2 for cell in cells)
