"""What a page says about itself to machines: JSON-LD, microdata, Open Graph and other meta elements.

Read straight from the parsed tree: extruct parses the page anew for each syntax and gives up a whole page for one
broken script, both of which cost more than the few lines here.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml.html import HtmlElement

from crawlers.pages.decode import clean

#: schema.org types that are an article, best first (a page may carry several).
ARTICLE_TYPES = (
    "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "backgroundnewsarticle", "opinionnewsarticle",
    "reviewnewsarticle", "advertisercontentarticle", "article", "liveblogposting", "report", "blogposting",
    "socialmediaposting", "pressrelease", "scholarlyarticle", "techarticle",
)  # fmt: skip
_RANK = {name: rank for rank, name in enumerate(ARTICLE_TYPES)}
_MAX_NODES = 5_000
_MAX_SCRIPT = 3_000_000

_WRAPPING = re.compile(
    r"^\s*(?:<!\[CDATA\[|<!--|/\*\s*<!\[CDATA\[\s*\*/|//\s*<!\[CDATA\[)|"
    r"(?:\]\]>|-->|/\*\s*\]\]>\s*\*/|//\s*\]\]>)\s*;?\s*$"
)
_STRING = r'"(?:[^"\\]|\\.)*"'
_JSON_COMMENT = re.compile(rf"({_STRING})|/\*.*?\*/|(?<![:\w])//[^\n]*", re.S)
_TRAILING_COMMA = re.compile(rf"({_STRING})|,(?=\s*[}}\]])", re.S)
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_FIELD = re.compile(
    r'"(@type|headline|datePublished|dateModified|articleSection|description|isAccessibleForFree|inLanguage)"'
    r"\s*:\s*(?:\[\s*)?(\"(?:[^\"\\]|\\.)*\"|true|false)", re.I)  # fmt: skip
_AUTHOR_FIELD = re.compile(r'"author"\s*:\s*[\[{][^\]}]{0,400}?"name"\s*:\s*("(?:[^"\\]|\\.)*")', re.S)


@dataclass(slots=True)
class PageData:
    """The machine-readable part of one page."""

    meta: dict[str, list[str]] = field(default_factory=dict)
    #: JSON-LD or microdata node of the article, {} where there is none.
    article: dict[str, Any] = field(default_factory=dict)
    #: all JSON-LD nodes, flattened.
    nodes: list[dict[str, Any]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    language: str | None = None

    def first(self, *names: str) -> str | None:
        """The first non-empty value among these meta names or properties (lower case)."""
        for name in names:
            for value in self.meta.get(name, ()):
                if value:
                    return value
        return None

    def all(self, *names: str) -> list[str]:
        """All values of these meta names or properties, in this order."""
        return [value for name in names for value in self.meta.get(name, ()) if value]


def read_page_data(root: HtmlElement) -> PageData:
    """Gather JSON-LD, meta elements, links and, where no JSON-LD tells of an article, microdata."""
    data = PageData()
    scripts: list[str] = []
    for element in root.iter("meta", "link", "script"):
        tag = element.tag
        if tag == "meta":
            name = element.get("property") or element.get("name") or element.get("http-equiv")
            content = element.get("content")
            if name and content and element.get("itemprop") is None:
                data.meta.setdefault(name.strip().lower(), []).append(clean(content))
        elif tag == "link":
            href = element.get("href")
            for rel in (element.get("rel") or "").lower().split():
                if href:
                    data.links.setdefault(rel, href.strip())
        elif "ld+json" in (element.get("type") or "").lower() and element.text:
            scripts.append(element.text)
    data.language = (root.get("lang") or root.get("xml:lang") or "").strip() or None
    for script in scripts:
        data.nodes.extend(_flatten(load_json_ld(script)))
    data.article = _article_node(data.nodes) or read_microdata(root)
    return data


def load_json_ld(script: str) -> Any:
    """A JSON-LD script as Python values, however carelessly it was written.

    Comments, CDATA marks, raw line breaks in strings, trailing commas, wrong escapes and entities are put right;
    of what still cannot be parsed the usual fields are picked out singly. None where nothing is to be had.

    >>> load_json_ld('{"@type": "Article", "headline": "Lens : une usine",}')
    {'@type': 'Article', 'headline': 'Lens : une usine'}
    """
    if len(script) > _MAX_SCRIPT:
        return None
    text = _WRAPPING.sub("", script.strip()).strip().rstrip(";")
    repaired = text
    for repair in (_keep, _without_comments, _without_bad_escapes, html.unescape):
        repaired = repair(repaired)
        try:
            return json.loads(repaired, strict=False)
        except (ValueError, RecursionError):
            continue
    return _salvage(text)


def _keep(text: str) -> str:
    return text


def _without_comments(text: str) -> str:
    text = _JSON_COMMENT.sub(lambda match: match[1] or "", text)
    return _TRAILING_COMMA.sub(lambda match: match[1] or "", text)


def _without_bad_escapes(text: str) -> str:
    return _BAD_ESCAPE.sub(r"\\\\", text)


def _salvage(text: str) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for name, raw in _FIELD.findall(text):
        if name == "@type" and raw.strip('"').lower() not in _RANK:
            continue
        try:
            found.setdefault(name, json.loads(raw, strict=False))
        except ValueError:
            continue
    author = _AUTHOR_FIELD.search(text)
    if author and found:
        found["author"] = author[1].strip('"')
    return found if "@type" in found else None


def _flatten(value: Any) -> Iterator[dict[str, Any]]:
    """All nodes of a JSON-LD value, depth first, bounded: lists, ``@graph``, ``mainEntity`` and the like."""
    stack = [value]
    seen = 0
    while stack and seen < _MAX_NODES:
        item = stack.pop()
        seen += 1
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, dict):
            yield item
            for key in ("hasPart", "mainEntity", "mainEntityOfPage", "itemListElement", "item", "@graph"):
                if isinstance(item.get(key), list | dict):
                    stack.append(item[key])


def types_of(node: dict[str, Any]) -> list[str]:
    """The node's types in lower case, without a vocabulary's address."""
    raw = node.get("@type")
    values = raw if isinstance(raw, list) else [raw]
    return [re.split(r"[/#:]", value)[-1].lower() for value in values if isinstance(value, str)]


def _article_node(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    ranked = [
        (_RANK[kind] - 20 * ("articleBody" in node) - 10 * ("datePublished" in node), order, node)
        for order, node in enumerate(nodes)
        for kind in types_of(node)
        if kind in _RANK and ("headline" in node or "name" in node or "datePublished" in node or "articleBody" in node)
    ]
    if not ranked:
        return {}
    best = min(ranked, key=lambda row: row[:2])[2]
    return _resolved(best, nodes)


def _resolved(node: dict[str, Any], nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """The node with references (``{"@id": …}``) to other nodes of the page replaced by them, one level deep."""
    by_id = {other["@id"]: other for other in nodes if isinstance(other.get("@id"), str) and len(other) > 1}

    def look_up(value: Any) -> Any:
        if isinstance(value, list):
            return [look_up(item) for item in value]
        if isinstance(value, dict) and set(value) <= {"@id", "@type"} and isinstance(value.get("@id"), str):
            return by_id.get(value["@id"], value)
        return value

    return {key: look_up(value) for key, value in node.items()}


_MICRODATA_FIELDS = {
    "headline", "datePublished", "dateModified", "dateCreated", "author", "articleSection", "description", "keywords",
    "isAccessibleForFree", "inLanguage", "alternativeHeadline", "name", "publisher",
}  # fmt: skip


def read_microdata(root: HtmlElement) -> dict[str, Any]:
    """The first schema.org article in microdata, as a JSON-LD node would give it; {} where there is none."""
    for scope in root.xpath("//*[@itemscope and contains(@itemtype, 'schema.org')]"):
        kind = scope.get("itemtype").rstrip("/").rsplit("/", 1)[-1]
        if kind.lower() not in _RANK:
            continue
        node: dict[str, Any] = {"@type": kind}
        for element in scope.iter():
            names = element.get("itemprop") if isinstance(element.tag, str) else None
            if not names or element is scope or _scope_of(element, scope) is not scope:
                continue
            for name in names.split():
                if name in _MICRODATA_FIELDS and (value := _itemprop_value(element)):
                    _add(node, name, value)
        return node
    return {}


def _scope_of(element: HtmlElement, top: HtmlElement) -> HtmlElement:
    for ancestor in element.iterancestors():
        if ancestor is top or ancestor.get("itemscope") is not None:
            return ancestor
    return top


def _itemprop_value(element: HtmlElement) -> str | None:
    if element.get("itemscope") is not None:
        inner = element.xpath(".//*[@itemprop='name']")
        if inner:
            return _itemprop_value(inner[0])
    for attribute in ("content", "datetime"):
        if element.get(attribute):
            return clean(element.get(attribute))
    if element.tag == "link" and element.get("href"):
        return str(element.get("href"))
    return clean(element.text_content()) or None


def _add(node: dict[str, Any], name: str, value: str) -> None:
    if name not in node:
        node[name] = value
    elif name in ("author", "keywords"):
        present = node[name] if isinstance(node[name], list) else [node[name]]
        node[name] = [*present, value]


def texts(value: Any) -> list[str]:
    """The strings of a JSON-LD value: a string, an object with a name, or a list of these."""
    if isinstance(value, str):
        cleaned = clean(html.unescape(value))
        return [cleaned] if cleaned else []
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    if isinstance(value, dict):
        return texts(value.get("name") or value.get("@value") or value.get("headline"))
    return []


def text_of(value: Any) -> str | None:
    """The first string of a JSON-LD value."""
    return next(iter(texts(value)), None)


_FREE = {"true": True, "yes": True, "oui": True, "1": True, "free": True,
         "false": False, "no": False, "non": False, "0": False, "locked": False, "metered": False}  # fmt: skip


def truth(value: Any) -> bool | None:
    """A boolean in any spelling: true, "True", "http://schema.org/False", 0, ["false"], "locked" …

    >>> truth("https://schema.org/False"), truth("True"), truth(0), truth("peut-être")
    (False, True, False, None)
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value)
    if isinstance(value, list):
        return next((found for item in value if (found := truth(item)) is not None), None)
    if isinstance(value, dict):
        return truth(value.get("@id") or value.get("@value"))
    if isinstance(value, str):
        return _FREE.get(re.split(r"[/#:]", value.strip().lower().rstrip("/"))[-1])
    return None
