"""The head of an article: title, standfirst, authors, section, tags, language, canonical address."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import py3langid
from lxml.html import HtmlElement
from rapidfuzz import fuzz

from crawlers.pages.blocks import Candidate, squash
from crawlers.pages.decode import clean
from crawlers.pages.furniture import fold, furniture, names_of, stands_elsewhere
from crawlers.pages.structured import PageData, text_of, texts, types_of

#: Two titles are one from this similarity on (0-100, order of words counts not).
_SAME_TITLE = 75
_SEPARATORS = re.compile(r"\s+[|–—·•»›/-]\s+|\s+[-–—|]\s*|\s*\|\s*|\s+:\s+(?=[^:]{2,40}$)")
_LABEL = re.compile(r"^([A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ0-9’' ]{2,40}?)\s*[.:|–—-]\s+(?=\S)")


def site_names(data: PageData, url: str, source_name: str | None) -> set[str]:
    """What the site may be called at the end of a title, squashed."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    names = [source_name, *data.all("og:site_name", "application-name", "twitter:site", "dc.publisher"), host]
    names += [host.rsplit(".", 1)[0]] if "." in host else []
    names += texts(data.article.get("publisher"))
    for node in data.nodes:
        if set(types_of(node)) & {"website", "newsmediaorganization", "organization"}:
            names += texts(node.get("name"))
    return {squash(name) for name in names if name and len(squash(name)) > 1}


def strip_site(title: str, sites: set[str]) -> str:
    """A title without the site's name, and without what follows a separator and contains it.

    >>> strip_site("Lens : une usine ouvre | La Gazette du Nord", {"lagazettedunord"})
    'Lens : une usine ouvre'
    """
    while True:
        match = deque(_SEPARATORS.finditer(title), maxlen=1)
        last = match[0] if match else None
        if last is None or last.start() < 8:
            break
        rest = squash(title[last.end() :])
        if not rest or not any(rest == site or (len(site) > 3 and site in rest and len(rest) < 60) for site in sites):
            break
        title = title[: last.start()].strip()
    start = _SEPARATORS.search(title)
    if start is not None and squash(title[: start.start()]) in sites:
        title = title[start.end() :].strip()
    return title


def find_title(root: HtmlElement, data: PageData, url: str, source_name: str | None = None) -> str:
    """The article's title: the page's ``<h1>`` where it agrees with what the page tells machines, else that.

    Without the site's name, without kicker and genre label. "" where there is none.
    """
    sites = site_names(data, url, source_name)
    headline = text_of(data.article.get("headline")) or text_of(data.article.get("name"))
    shared = [strip_site(title, sites) for title in data.all("og:title", "twitter:title", "dc.title", "title")]
    element = root.find(".//head/title")
    if element is None:
        element = root.find(".//title")
    if element is not None:
        shared.append(strip_site(clean(element.text_content()), sites))
    said = [title for title in (headline, *shared) if title]
    on_page = [(text, kicker) for h1 in root.iter("h1") if (pair := _without_kicker(h1)) and pair[0]
               for text, kicker in (pair,) if squash(text) not in sites]  # fmt: skip
    best, kicker = _best(on_page, said)
    if not best:
        best = _shown_part(root, said[0]) if said else _heading_instead(root, sites)
    if headline and best != headline and squash(best).endswith(squash(headline)) and len(squash(headline)) > 15:
        best = headline
    stripped = strip_label(best, kicker or _kicker_before(root), text_of(data.article.get("articleSection")))
    told = [squash(title) for title in (headline, *shared[:1]) if title]
    if told and all(title == squash(best) for title in told):
        # "Logistique : …" that the publisher gives to machines as well is the title's own beginning
        return strip_label(best)
    return stripped


def _best(on_page: Sequence[tuple[str, str | None]], said: Sequence[str]) -> tuple[str, str | None]:
    if not said:
        return next(iter(on_page), ("", None))
    ranked = [
        (max(_alike(text, other) for other in said), -i, text, kicker) for i, (text, kicker) in enumerate(on_page)
    ]
    if not ranked:
        return "", None
    score, _, text, kicker = max(ranked)
    alone = len(on_page) == 1 and len(text) >= 20 and score >= 40
    return (text, kicker) if score >= _SAME_TITLE or alone else ("", None)


def _alike(text: str, other: str) -> float:
    """How far a heading of the page is the title that it tells machines (0-100); a part of it is less than it."""
    if len(text) < 0.5 * len(other):
        return 90.0 if len(text) >= 20 and squash(text) in squash(other) else 0.0
    return float(fuzz.token_set_ratio(fold(text), fold(other)))


def _without_kicker(heading: HtmlElement) -> tuple[str, str | None]:
    rules = furniture()
    whole = clean(_text(heading, None))
    for child in heading.iter():
        if child is heading or not (words := names_of(child)) or not rules.kicker.search(words):
            continue
        kicker, rest = clean(child.text_content()), clean(_text(heading, child))
        if kicker and len(rest) >= 12 and len(kicker) < len(rest):
            return rest, kicker
    return whole, None


def _text(element: HtmlElement, without: HtmlElement | None) -> str:
    parts = [element.text or ""]
    for child in element:
        if (
            child is not without
            and isinstance(child.tag, str)
            and child.tag not in ("script", "style", "svg", "button")
        ):
            parts.append(_text(child, without))
        if child.tag == "br":
            parts.append(" ")
        parts.append(child.tail or "")
    return "".join(parts)


def _kicker_before(root: HtmlElement) -> str | None:
    h1 = root.find(".//h1")
    previous = h1.getprevious() if h1 is not None else None
    if previous is None or not isinstance(previous.tag, str):
        return None
    text = clean(previous.text_content())
    return text if 2 < len(text) < 40 else None


def _shown_part(root: HtmlElement, title: str) -> str:
    """The part of a title that the page shows as a line by itself: the rest is the site's name or a section."""
    cuts = [(match.start(), match.end()) for match in _SEPARATORS.finditer(title)]
    if not cuts:
        return title
    shown = {
        squash("".join(element.itertext()))
        for element in root.iter("h2", "h3", "b", "strong", "font", "td", "div", "p", "span", "center")
        if len(element) < 4
    }
    if squash(title) in shown:
        return title
    parts = [part for start, end in cuts for part in (title[end:], title[:start])]
    return max((part for part in parts if len(part) >= 15 and squash(part) in shown), key=len, default=title)


def _heading_instead(root: HtmlElement, sites: set[str]) -> str:
    for heading in root.iter("h2", "h3"):
        text = clean(heading.text_content())
        if len(text) > 20 and squash(text) not in sites:
            return text
    return ""


def strip_label(title: str, *kickers: str | None) -> str:
    """A title without a kicker or label of its genre before it.

    >>> strip_label("REPORTAGE. À Douai, l'usine recrute")
    "À Douai, l'usine recrute"
    >>> strip_label("Industrie : l'usine recrute", "Industrie")
    "l'usine recrute"
    """
    for kicker in kickers:
        if kicker and fold(title).startswith(fold(kicker)):
            rest = title[len(kicker) :]
            if (match := re.match(r"\s*[.:|–—»›-]\s+", rest)) and len(rest) > 15:
                return rest[match.end() :]
    match = _LABEL.match(title)
    if match and furniture().label.fullmatch(fold(match[1])) and len(title) - match.end() > 12:
        return title[match.end() :]
    return title


def standfirst_candidates(root: HtmlElement) -> list[str]:
    """Texts of elements that carry a standfirst's class or stand as second heading under the title, in order."""
    rules = furniture()
    found: list[str] = []
    titled = False
    for element in root.iter("h1", "h2", "p", "div", "span", "section", "strong", "header", "blockquote"):
        if element.tag == "h1":
            titled = True
            following = element.getnext()
            if following is not None and following.tag == "h2":
                text = clean(following.text_content())
                if 60 <= len(text) <= 900:
                    found.append(text)
            continue
        if not element.attrib:
            continue
        described = element.get("itemprop") in ("description", "alternativeHeadline")
        words = names_of(element)
        if not described and not (words and rules.standfirst.search(words)):
            continue
        if not titled and not described:
            continue
        if stands_elsewhere(element):
            continue
        text = clean(" ".join(piece for piece in element.itertext()))
        if 40 <= len(text) <= 1200 and text not in found:
            found.append(text)
    return found


def choose_standfirst(
    candidates: Iterable[str], data: PageData, blocks: Sequence[Candidate], title: str, page_text: str
) -> tuple[str | None, list[Candidate]]:
    """The standfirst, and the body without it.

    An element marked as such; the first block where it is the page's own description word for word, a long second
    heading or wholly bold; a description that is shown elsewhere on the page, or that stands before hardly any text.
    A description that only cuts the first paragraph short is none.
    """
    rest = list(blocks)
    texts_ahead = [i for i, block in enumerate(rest) if block.kind != "caption"][:4]
    title_key = squash(title)
    paragraphs = sum(block.kind == "paragraph" for block in rest)
    for candidate in candidates:
        key = squash(candidate)
        if key == title_key or furniture().is_line(candidate) or furniture().is_paywall(candidate):
            continue
        inside = [i for i in texts_ahead if rest[i].squashed and (rest[i].squashed == key or (
            len(rest[i].squashed) > 30 and rest[i].squashed in key))]  # fmt: skip
        later = any(block.squashed == key for block in rest) and not inside
        if later or (inside and len(inside) == paragraphs) or not (inside or _shown_before(key, rest, page_text)):
            continue
        text = clean(re.sub(r"[ \t\r\n]+", " ", candidate))
        return text, [block for i, block in enumerate(rest) if i not in inside]
    descriptions = [text for text in (text_of(data.article.get("description")),
                                      *data.all("og:description", "description", "twitter:description"))
                    if text and len(text) >= 40 and squash(text) != title_key]  # fmt: skip
    keys = [squash(text) for text in descriptions]
    if texts_ahead and paragraphs > 1:
        block = rest[texts_ahead[0]]
        if block.squashed in keys or _set_apart(block):
            rest.remove(block)
            return block.text, rest
    whole = "".join(block.squashed for block in rest)
    for text, key in zip(descriptions, keys, strict=True):
        start = key.rstrip("…")[:60]
        if start in whole or text.endswith(("…", "...")):
            continue
        if (len(key) > 60 and key in page_text) or len(whole) < 400:
            return text, rest
    return None, rest


def _shown_before(key: str, blocks: Sequence[Candidate], page_text: str) -> bool:
    """Whether the page shows a text, and before the article's."""
    whole = page_text.replace("\n", "")
    place = whole.find(key)
    first = next((block.squashed for block in blocks if block.kind == "paragraph"), None)
    return place >= 0 and (first is None or place < whole.find(first))


def _set_apart(block: Candidate) -> bool:
    """A first block that is wholly bold, or a heading as long as a paragraph."""
    if len(block.text) < 80:
        return False
    if block.kind == "heading":
        return len(block.text) > 100 and block.text[-1:] in ".!?…»"
    return block.is_bold


_BY = re.compile(
    r"^(?:(?:article\s+)?(?:rédigé|écrit|publié|proposé|posté)e?\s+par|propos recueillis par|recueilli par|texte\s*:|"
    r"auteure?s?\s*:|par|by)\s*:?\s+",
    re.I,
)
_AFTER_NAME = re.compile(
    r"\s*(?:\(.*|\|.*|\s[–—-]\s.*|•.*|·.*|,?\s*(?:journaliste|rédact(?:eur|rice)|correspondante?|envoyée?|"
    r"grand reporter|publié|le \d|à \d|mis à jour|avec notre|pour (?:le|la|les)\b|suivre|voir|aller sur).*)$",
    re.I,
)
_NAME = r"(?:[A-ZÀ-ÖØ-Þ][\w.’'-]*)(?:\s+(?:de|du|des|d['’]|le|la|van|von|el|al|ben|[A-ZÀ-ÖØ-Þ][\w.’'-]*)){1,4}"
_TWO = re.compile(
    rf"^({_NAME})((?:\s*,\s*{_NAME})*)\s*(?:\s+et\s+|\s+avec\s+|\s*&\s*|\s*,\s*|\s*/\s*|\s*;\s*)({_NAME})$"
)
_NO_AUTHOR = re.compile(
    r"^(?:https?:|www\.|@|admin(?:istrat\w*)?$|webmaster|web$|anonyme|unknown|null|none|auteur$|author$|"
    r"redaction web$)",
    re.I,
)


def clean_author(raw: str) -> list[str]:
    """Names out of a byline: no "Par", no function, no address; two joined persons become two.

    >>> clean_author("Par Jeanne Petit et Marc Dubois, à Lille")
    ['Jeanne Petit', 'Marc Dubois']
    >>> clean_author("La rédaction avec AFP")
    ['La rédaction avec AFP']
    """
    text = clean(raw)
    text = re.sub(r"\S+@\S+\.\S+", "", text).strip()
    while (shorter := _BY.sub("", text)) != text:
        text = shorter
    text = re.sub(r",\s+(?:à|au|aux|en|dans)\s+[A-ZÀ-ÖØ-Þ].*$", "", text)
    text = re.sub(r"\s+(?:Auteure?|Journaliste|Rédact(?:eur|rice))$", "", _AFTER_NAME.sub("", text)).strip(
        " ,;:/|·•-–—"
    )
    if not text or len(text) > 120 or _NO_AUTHOR.match(fold(text)) or not re.search(r"[^\W\d_]{2}", text):
        return []
    if len(text.split()) > 16:
        return []
    match = _TWO.match(text)
    if match:
        middle = [part.strip() for part in match[2].split(",") if part.strip()]
        return [match[1], *middle, match[3]]
    return [text]


_PERSON = re.compile(rf"^(?!(?:La|Le|Les|L['’]|La [Rr]édaction|Rédaction|Service|Agence)\b){_NAME}$")
_AUTHOR_META = (
    "author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "citation_author",
    "og:article:author", "og:author",
)  # fmt: skip
_BYLINES = (
    "//*[@rel='author' or @itemprop='author' or contains(@class, 'author') or contains(@class, 'auteur') or "
    "contains(@class, 'Author') or contains(@class, 'byline') or contains(@class, 'Byline') or "
    "contains(@class, 'signature')]"
)


def find_authors(root: HtmlElement, data: PageData) -> tuple[str, ...]:
    """The authors: JSON-LD or microdata, meta elements, then the byline on the page."""
    found: list[str] = []
    for raw in texts(data.article.get("author")) or texts(data.article.get("creator")):
        found += clean_author(raw)
    if not found:
        for raw in data.all(*_AUTHOR_META):
            found += clean_author(raw)
    if not any(_PERSON.match(name) for name in found):
        # machines are often told the agency or the title alone, readers the journalist
        persons = [name for name in _byline(root) if _PERSON.match(name)]
        found = persons or found or _byline(root)
    return tuple(dict.fromkeys(_one_spelling(found)))


def _one_spelling(names: list[str]) -> list[str]:
    known: dict[str, str] = {}
    return [known.setdefault(squash(name), name) for name in names]


def _byline(root: HtmlElement) -> list[str]:
    for element in root.xpath(_BYLINES)[:40]:
        text = clean(" ".join(element.itertext()))
        if not 3 < len(text) < 160:
            continue
        if stands_elsewhere(element, "figure"):
            continue
        names = clean_author(text)
        if names and all(re.match(r"[A-ZÀ-ÖØ-Þ]", name) and len(name.split()) < 8 for name in names):
            return names
    for element in root.xpath(_PAR):
        text = clean("".join(element.itertext()))[:160]
        match = _PAR_NAME.match(text) or _DATED_PAR.match(text)
        if match:
            return clean_author(match[1])
    return []


_PAR = "//body//*[not(self::script or self::style or self::a)][text()[{}]]".format(
    " or ".join(
        f"starts-with(normalize-space(.), '{word} ')" for word in ("Par", "PAR", "Propos recueillis par", "par")
    )
    + " or (contains(., 'par ') and contains(., '20') and string-length(.) < 120)"
)
_DATED_PAR = re.compile(rf"^.{{0,60}}\b\d{{4}}\b.{{0,25}}\b[Pp]ar\s+({_NAME}(?:(?:\s*,\s*|\s+et\s+){_NAME})*)\s*\.?$")
_PAR_NAME = re.compile(
    rf"^(?:[Pp]ar|PAR|Propos recueillis par)\s+({_NAME}(?:(?:\s*,\s*|\s+et\s+|\s+avec\s+){_NAME})*)"
    r"(?=$|\s*[,|·–—(-]|\s+le\s|\s+à\s|\s+Publié)"
)


def take_signature(authors: tuple[str, ...], blocks: list[Candidate]) -> tuple[tuple[str, ...], list[Candidate]]:
    """The authors, and the blocks without the signature under the text; it names the author where nothing else does."""
    if not blocks or blocks[-1].kind != "paragraph" or len(blocks) < 2:
        return authors, blocks
    last = blocks[-1].text
    names = clean_author(last) if len(last) < 60 and last[-1] not in "!?…»" else []
    if names and all(squash(name) in {squash(author) for author in authors} for name in names):
        return authors, blocks[:-1]
    if not authors and names and all(_PERSON.match(name) for name in names) and squash(last) == squash("".join(names)):
        return tuple(names), blocks[:-1]
    return authors, blocks


_TRAIL = "//*[{} or contains(@id, 'ariane')]//a".format(
    " or ".join(f"contains(@class, '{name}')" for name in ("breadcrumb", "Breadcrumb", "ariane", "hierarchie"))
)


def find_section(root: HtmlElement, data: PageData) -> str | None:
    """The section that the article stands in: JSON-LD, meta, the last step but one of the breadcrumb."""
    section = text_of(data.article.get("articleSection")) or data.first("article:section", "og:section", "dc.subject",
                                                                        "section", "rubrique")  # fmt: skip
    if section:
        parts = [part.strip() for part in section.split(",") if fold(part) not in ("a la une", "une", "actualites")]
        return parts[0] if re.search(r",\S", section) and parts else section
    for node in data.nodes:
        if "breadcrumblist" in types_of(node) and isinstance(node.get("itemListElement"), list):
            steps = [text for item in node["itemListElement"] if isinstance(item, dict)
                     and (text := text_of(item.get("name")) or text_of(item.get("item")))]  # fmt: skip
            steps = [step for step in steps if fold(step) not in ("accueil", "home")]
            if len(steps) >= 2:
                return steps[-2]
    trail = root.xpath(_TRAIL)
    names = [clean(link.text_content()) for link in trail]
    names = [name for name in names if name and fold(name) not in ("accueil", "home")]
    return names[-1] if names and len(names[-1]) < 60 else None


def find_tags(root: HtmlElement, data: PageData) -> tuple[str, ...]:
    """Keywords: JSON-LD, ``article:tag``, ``news_keywords``, tag links, ``keywords``; the first that has any."""
    for values in (
        texts(data.article.get("keywords")),
        data.all("article:tag", "og:article:tag"),
        data.all("news_keywords"),
        [clean(link.text_content()) for link in root.xpath("//a[contains(concat(' ', @rel, ' '), ' tag ')]")],
        [clean(link.text_content()) for link in root.xpath(
            "//*[contains(@class, 'tags') or contains(@class, 'mots-cles') or contains(@class, 'tag-list')]//a")],
        data.all("keywords"),
    ):  # fmt: skip
        tags = [
            tag.strip(" #+\xa0")
            for value in values
            for tag in re.split(r"[,;]" if "," in value or ";" in value else "$", value)
        ]
        tags = [tag for tag in dict.fromkeys(tags) if 1 < len(tag) < 60]
        if tags:
            return tuple(tags[:30])
    return ()


# Words of French that its neighbours (Catalan, Occitan, Spanish, Italian) do not share: a sixth of any French text.
_FRENCH_WORDS = frozenset(
    ("le", "du", "des", "et", "une", "dans", "pour", "sur", "est", "au", "aux", "qui", "avec", "il", "elle", "ce",
     "cette", "ces", "sont", "ont", "par", "plus", "pas", "où", "leur", "leurs", "sera", "être", "été", "nous",
     "ses", "d", "l")
)  # fmt: skip
_FRENCH_SHARE = 0.14


def find_language(data: PageData, text: str, default: str | None) -> str | None:
    """ISO 639-1 code: what the page says where it says French; otherwise the text decides, if there is enough."""
    stated = (text_of(data.article.get("inLanguage")) or data.language
              or data.first("og:locale", "content-language", "language", "dc.language"))  # fmt: skip
    code = re.match(r"[A-Za-z]{2,3}", stated) if stated else None
    language = code[0].lower() if code else None
    if language != "fr" and len(text) > (300 if language else 100):
        words = re.findall(r"[^\W\d_]+", text[:1500].lower())
        if sum(word in _FRENCH_WORDS for word in words) > _FRENCH_SHARE * len(words):
            return "fr"
        return str(py3langid.classify(text[:1000])[0])
    return language or default


_VARIANT_KEYS = {"amp", "outputtype", "print", "imprimer", "imprime", "version", "format", "view", "mode"}
_VARIANT_VALUES = {"", "1", "true", "amp", "print", "imprimer", "imprimable", "pdf"}
_VARIANT_PATH = re.compile(
    r"(?<=[^/])(?:/amp|/print|/imprimer|/imprimable|/version-imprimable)/?$|(?<=\.)amp\.(?=html?$)", re.I
)
_VARIANT_HOST = re.compile(r"^(?:www\d?|amp|m|mobile|print)\.")


def find_address(data: PageData, url: str) -> str:
    """The article's address: the page's canonical link where it is of the same site and no mere home page; else the
    address fetched, without the marks of AMP and print versions.

    >>> find_address(PageData(), "https://gazette.example/eco/usine-lens/amp/")
    'https://gazette.example/eco/usine-lens'
    """
    here = urlsplit(url)
    for link in (data.links.get("canonical"), data.first("og:url")):
        if not link:
            continue
        try:
            there = urlsplit(urljoin(url, link.strip()))
        except ValueError:
            continue
        if there.scheme not in ("http", "https") or not _same_site(here.hostname, there.hostname):
            continue
        if there.path.strip("/") or not here.path.strip("/"):
            return urlunsplit(there._replace(fragment=""))
    query = parse_qsl(here.query, keep_blank_values=True)
    kept = [(key, value) for key, value in query
            if not (key.lower() in _VARIANT_KEYS and value.lower() in _VARIANT_VALUES)]  # fmt: skip
    path = _VARIANT_PATH.sub("", here.path)
    if len(kept) == len(query) and path == here.path:
        return url
    return urlunsplit(here._replace(path=path or "/", query=urlencode(kept), fragment=""))


def _same_site(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return False
    first, second = (_VARIANT_HOST.sub("", host.lower()) for host in (one, other))
    return first == second or first.endswith("." + second) or second.endswith("." + first)
