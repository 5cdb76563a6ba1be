"""The rules of ``furniture.yaml``, compiled: what stands on a page beside the article."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from lxml.html import HtmlElement
from ruamel.yaml import YAML

#: A list of at most so many entries may be the head of an article.
_HEAD_LIST = 4
# Where a name begins: "with-comments" and "has-sidebar" speak of something else on the page.
_NAME_START = "".join(f"(?<!{before})" for before in ("[a-z]", "with-", "has-", "no-", "avec-", "sans-", "without-"))
_ACCENTS = re.compile("[\u0300-\u036f]")
# One of these stems stands in every paywall rule: looked for first, since nearly no block has one.
_PAYWALL_STEM = re.compile(
    "abonn|serv|reste|connect|identifi|inscri|compte|bloqu|verrouill|lecture|gratuits|souscri|achet|suite", re.I
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|(?:\+33\s?\d|0\d)(?:[\s.]?\d{2}){4}|www\.\S+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = r"[A-ZÀ-ÖØ-Þ][\w.’'-]*|de|du|des|le|la|avec|et|&|[|·/–—-]|à|[dl]['’]\w+"
_BYLINE = re.compile(
    r"^(?:Par|PAR|Propos recueillis par|Recueilli par|De notre (?:correspondante?|envoyée? spéciale?)[^,]{0,30},?"
    r"|Texte ?:|Photos? ?:)\s+"
    rf"(?:[Ll]a [Rr]édaction\b.{{0,40}}|(?:{_WORD})(?:\s*,?\s*(?:{_WORD})){{0,9}})(?:\s*[|·,–—-]\s*.{{0,60}})?$"
)


def fold(text: str) -> str:
    """Lower case without accents, curly apostrophes straightened, spaces folded: what the phrases are matched on.

    >>> fold("À lire\\xa0aussi : l’Été")
    "a lire aussi : l'ete"
    """
    text = text.replace("’", "'").replace("\xa0", " ").replace("\u202f", " ").lower()
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFD", text)).replace("œ", "oe").replace("æ", "ae")
    return " ".join(text.split())


@dataclass(frozen=True)
class Furniture:
    """Compiled rules. Class rules take the string of :func:`names`, phrase rules that of :func:`fold`."""

    strong: re.Pattern[str]
    weak: re.Pattern[str]
    kicker: re.Pattern[str]
    standfirst: re.Pattern[str]
    caption: re.Pattern[str]
    credit: re.Pattern[str]
    pullquote: re.Pattern[str]
    body: re.Pattern[str]
    line: re.Pattern[str]
    paywall: re.Pattern[str]
    ending: re.Pattern[str]
    end: re.Pattern[str]
    contact: re.Pattern[str]
    label: re.Pattern[str]

    def is_line(self, text: str) -> bool:
        """Whether a whole block is furniture: "Lire aussi : …", "Partager", "Publié le 3 mars", "Par Jeanne Petit"."""
        if len(text) > 320:
            return False
        return bool(self.line.fullmatch(fold(text)) or (len(text) < 140 and _BYLINE.match(text)))

    def is_paywall(self, text: str) -> bool:
        """Whether a block says that the rest is for subscribers."""
        return len(text) < 700 and bool(_PAYWALL_STEM.search(text)) and bool(self.paywall.search(fold(text)))

    def is_ending(self, text: str) -> bool:
        """Whether a block heads what follows the article."""
        return len(text) < 80 and bool(self.ending.fullmatch(fold(text)))

    def is_end(self, text: str) -> bool:
        """Whether a block begins the comments."""
        return len(text) < 80 and bool(self.end.fullmatch(fold(text)))

    def is_contact(self, text: str) -> bool:
        """Whether a block gives the press officers' addresses, or is the heading over them."""
        if self.contact.fullmatch(fold(text[:160])):
            return True
        marks = _ADDRESS.findall(text)
        return bool(marks) and len(text) < 80 + 40 * len(marks) and not text.rstrip().endswith(".")


@lru_cache(maxsize=1)
def furniture() -> Furniture:
    """The rules, read once."""
    raw = YAML(typ="safe").load((files("crawlers.pages") / "furniture.yaml").read_text("utf-8"))

    def classes_of(key: str) -> re.Pattern[str]:
        return re.compile(_NAME_START + "(?:" + "|".join(f"(?:{rule})" for rule in raw[key]) + r")(?![a-z])")

    def phrases_of(key: str) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{fold_rule(rule)})" for rule in raw[key]))

    return Furniture(
        strong=classes_of("classes_strong"), weak=classes_of("classes_weak"), kicker=classes_of("classes_kicker"),
        standfirst=classes_of("classes_standfirst"), caption=classes_of("classes_caption"),
        credit=classes_of("classes_credit"), pullquote=classes_of("classes_pullquote"), body=classes_of("classes_body"),
        line=phrases_of("lines"), paywall=phrases_of("paywall"),
        ending=phrases_of("endings"), end=phrases_of("ends"),
        contact=phrases_of("contacts"),
        label=phrases_of("title_labels"),
    )  # fmt: skip


def fold_rule(rule: str) -> str:
    """A rule as it must look to match folded text."""
    return rule.replace("à", "a").replace("’", "'")


@lru_cache(maxsize=4096)
def names(raw: str) -> str:
    """Class and id attributes as the class rules want them: lower case, camel case parted by hyphens.

    >>> names("articleBody u-mt4")
    'article-body u-mt4'
    """
    if not raw.islower():
        raw = _CAMEL.sub("-", raw).lower()
    if not raw.isascii():
        raw = _ACCENTS.sub("", unicodedata.normalize("NFD", raw))
    return raw


def names_of(element: HtmlElement) -> str:
    """The class and id words of an element, as :func:`names` gives them."""
    joined = f"{element.get('class') or ''} {element.get('id') or ''}"
    return names(joined[:400]) if len(joined) > 1 else ""


def stands_elsewhere(element: HtmlElement, *also: str) -> bool:
    """Whether an element stands in a box, a long list, or any other furniture rather than in the article or its head.

    ``also`` are further tags that count as elsewhere. A short list is none: heads of articles are often set as one.
    """
    strong = furniture().strong
    for ancestor in element.iterancestors():
        tag = ancestor.tag
        if tag in ("body", "html", "main", "article"):
            continue
        if tag in ("aside", "footer", "nav", *also) or (tag == "li" and len(ancestor.getparent()) > _HEAD_LIST):
            return True
        if strong.search(names_of(ancestor)):
            return True
    return False
