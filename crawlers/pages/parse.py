"""Text to tree, once a page, within bounds."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from crawlers.pages.decode import decode
from crawlers.pages.errors import ExtractionError

#: The largest French article pages seen weigh half a megabyte; beyond this a page is an attack or a data file.
MAX_BYTES = 12 * 1024 * 1024
#: Live pages run to some twenty thousand elements.
MAX_ELEMENTS = 150_000
#: Browsers stop at 512 levels.
MAX_DEPTH = 600

_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_MARKUP = re.compile(r"<\s*(?:!doctype|html|head|body|div|p|article|table|title|meta|span|section|main|h1|a)\b", re.I)
_OTHER_TYPES = re.compile(
    r"(?:image|audio|video|font)/|application/(?:pdf|zip|json|octet-stream|javascript|rss|atom)"
    r"|text/(?:css|javascript|csv|calendar)",
    re.I,
)


def parse(data: bytes, content_type: str | None = None) -> HtmlElement:
    """The root element of a page.

    Raises:
        ExtractionError: ``not_html``, ``too_large``, ``too_deep``, ``empty`` or ``bad_encoding``.
    """
    if len(data) > MAX_BYTES:
        raise ExtractionError("too_large", f"{len(data)} bytes, at most {MAX_BYTES}")
    if not data.strip():
        raise ExtractionError("empty", "no bytes")
    if content_type and _OTHER_TYPES.match(content_type.strip()):
        raise ExtractionError("not_html", content_type)
    text = _XML_DECLARATION.sub("", decode(data, content_type), count=1)
    if not _MARKUP.search(text):
        raise ExtractionError("not_html", "no mark-up in it")
    root, complete = _tree(text, huge=False)
    if not complete:
        # beyond 256 levels, which unclosed elements can reach on an honest page; once more without that limit
        root, complete = _tree(text, huge=True)
        if not complete or _depth(root) > MAX_DEPTH:
            raise ExtractionError("too_deep", f"more than {MAX_DEPTH} levels")
    count = int(root.xpath("count(//*)"))
    if count > MAX_ELEMENTS:
        raise ExtractionError("too_large", f"{count} elements, at most {MAX_ELEMENTS}")
    return root


def _tree(text: str, *, huge: bool) -> tuple[HtmlElement, bool]:
    """The tree, and whether the parser got to the end."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=huge, remove_comments=True, remove_pis=True)
    # lxml.html looks up a class for each element in Python, for methods of forms and links that nobody needs here
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise ExtractionError("empty", f"cannot be parsed: {error}") from error
    if root is None:
        raise ExtractionError("empty", "no elements")
    return root, all(entry.type_name != "ERR_RESOURCE_LIMIT" for entry in parser.error_log)


def _depth(root: HtmlElement) -> int:
    deepest = depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest
