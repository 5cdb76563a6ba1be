"""Whether the page carries the whole article."""

from __future__ import annotations

import re
from typing import Any

from lxml.html import HtmlElement

from crawlers.items import Access
from crawlers.pages.furniture import fold
from crawlers.pages.structured import PageData, truth

_TIERS = {"free": True, "gratuit": True, "metered": False, "locked": False, "paid": False, "premium": False,
          "payant": False, "abonne": False, "abonnes": False, "subscriber": False, "subscribers": False,
          "restricted": False}  # fmt: skip
_TIER_META = ("article:content_tier", "content_tier", "article:opinion_tier", "cxenseparse:access", "access",
              "isaccessibleforfree", "paywall", "premium", "article:premium", "contenttier")  # fmt: skip
#: The whole text is there if the page has this share of the words that it says the article has.
_WHOLE = 0.85
#: From so many words on, text that ends with its sentence and bears no mark is taken for whole.
_TEXT_WORDS = 60
#: Characters that a part marked as closed must hold to count as delivered all the same.
_DELIVERED = 600


def free_to_read(data: PageData, root: HtmlElement) -> bool | None:
    """What the page says of itself: ``isAccessibleForFree`` in JSON-LD, microdata or meta, ``article:content_tier``.

    A part that is not free (``hasPart``) makes the article not free.
    """
    said: list[bool] = []
    value = truth(data.article.get("isAccessibleForFree"))
    if value is not None:
        said.append(value)
    for node in (data.article, *data.nodes):
        for part in _as_list(node.get("hasPart")):
            if isinstance(part, dict) and truth(part.get("isAccessibleForFree")) is False:
                said.append(False)
    if not said:
        for node in data.nodes:
            value = truth(node.get("isAccessibleForFree"))
            if value is not None:
                said.append(value)
    if not said:
        for element in root.xpath("//*[@itemprop='isAccessibleForFree']")[:3]:
            value = truth(element.get("content") or element.get("href") or element.text_content())
            if value is not None:
                said.append(value)
    if not said:
        for name in _TIER_META:
            for content in data.meta.get(name, ()):
                tier = _TIERS.get(fold(content), truth(content))
                if tier is not None:
                    said.append(
                        tier
                        if name not in ("paywall", "premium", "article:premium") or content.lower() in _TIERS
                        else not tier
                    )
    return all(said) if said else None


def closed_parts(data: PageData) -> list[str]:
    """CSS classes of the parts that JSON-LD marks as not free."""
    found: list[str] = []
    for node in (data.article, *data.nodes):
        for part in _as_list(node.get("hasPart")):
            if isinstance(part, dict) and truth(part.get("isAccessibleForFree")) is False:
                for selector in _as_list(part.get("cssSelector")):
                    if isinstance(selector, str):
                        found += re.findall(r"[.#]([\w-]+)", selector)
    return found


def delivered(data: PageData, root: HtmlElement) -> bool:
    """Whether a part that the page calls closed is there all the same, with its text."""
    for name in closed_parts(data):
        for element in root.iter():
            if not isinstance(element.tag, str):
                continue
            names = (element.get("class") or "").split()
            if name in names or element.get("id") == name:
                text = "".join(paragraph.text_content() for paragraph in element.iter("p"))
                if len(text) > _DELIVERED:
                    return True
    return False


def access_of(
    free: bool | None, mark: str | None, text: str, words_stated: object, *, all_there: bool
) -> Access | None:
    """``teaser`` or ``full``; None where nothing tells.

    Args:
        free: what :func:`free_to_read` found.
        mark: the words on the page that say that there is more for subscribers.
        text: the article as extracted.
        words_stated: ``wordCount`` of the JSON-LD, if any.
        all_there: what :func:`delivered` found.
    """
    words = len(text.split())
    try:
        stated = int(str(words_stated))
    except ValueError:
        stated = 0
    if mark is not None and (free is not True or re.search(r"\d\s*%", mark)):
        return "teaser"
    if free is False:
        return "full" if all_there or (stated > 150 and words >= _WHOLE * stated) else "teaser"
    ending = text.rstrip()[-1:] if text else ""
    cut = text.rstrip().endswith(("…", "...", "[…]", "[...]"))
    if cut and words < 150:
        return "teaser"
    if stated > 150 and words < 0.5 * stated:
        return "teaser"
    if free is True:
        return "full"
    return "full" if words >= _TEXT_WORDS and ending and ending in '.!?»”)"' else None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
