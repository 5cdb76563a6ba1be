"""Canonical URLs: the identity of an article, whatever link led to it.

Only parameters that are known to be trackers are dropped. courlan's own list also drops ``ref``, ``source`` or
``uid``, which some French content systems use to tell articles apart, so the list here is narrower.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string

# Documented click and campaign identifiers: Google, Meta, Microsoft, Mailchimp, HubSpot, Matomo, Piano (xtor, at_*).
_TRACKERS = re.compile(
    r"^(?:utm_\w+|at_(?:medium|campaign|custom\d|format|emission|recipient_id\w*|send_date)|xtor|xts|"
    r"fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid|igsh|"
    r"mc_cid|mc_eid|mkt_tok|_hsenc|_hsmi|hsctatracking|mtm_\w+|pk_(?:campaign|kwd|source|medium|content)|"
    r"piwik_\w+|vero_id|oly_(?:anon|enc)_id|_ga|_gl|ns_(?:mchannel|source|campaign|linkname)|wt_mc|"
    r"phpsessid|jsessionid|sid_?session)$",
    re.IGNORECASE,
)
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/?#]*", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_WEB = frozenset(_DEFAULT_PORTS)


class UrlError(ValueError):
    """The text is no web address that can be fetched."""


def canonical_url(url: str, base: str | None = None) -> str:
    """The canonical form of a web address.

    In: ``url`` (absolute, or relative to ``base``). Out: scheme and host in lower case, no default port, dot
    segments resolved, no fragment, no tracker, parameters sorted, percent-encoding normalised. Raises
    :class:`UrlError` for anything but ``http`` and ``https`` with a host.

    >>> canonical_url("HTTP://www.Gazette.example:80/a/../eco/usine-lens?utm_source=rss&id=3#suite")
    'http://www.gazette.example/eco/usine-lens?id=3'
    """
    text = re.sub(r"[\t\r\n]", "", url.strip())
    try:
        if base:
            text = urljoin(base, text)
        parts = urlsplit(text)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError as error:
        raise UrlError(f"not a web address: {url[:200]!r} ({error})") from error
    if scheme not in _WEB or not host:
        raise UrlError(f"not a web address: {url[:200]!r}")
    try:
        host = host.rstrip(".").encode("idna").decode("ascii") if not host.isascii() else host.rstrip(".")
    except UnicodeError as error:
        raise UrlError(f"not a web address: {url[:200]!r} ({error})") from error
    if ":" in host:
        host = f"[{host}]"
    netloc = host if port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{port}"
    query = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKERS.match(name)
    ]
    path = _PATH_SESSION.sub("", _resolve_dots(parts.path or "/"))
    plain = urlunsplit((scheme, netloc, path, urlencode(query, quote_via=quote), ""))
    return str(canonicalize_url(safe_url_string(plain)))


def _resolve_dots(path: str) -> str:
    """Remove ``.`` and ``..`` segments (RFC 3986, 5.2.4)."""
    if "/." not in path:
        return path
    out: list[str] = []
    segments = path.split("/")
    for segment in segments[1:]:
        if segment == "..":
            if out:
                out.pop()
        elif segment != ".":
            out.append(segment)
    if segments[-1] in {".", ".."}:
        out.append("")
    return "/" + "/".join(out)


def host_of(url: str) -> str:
    """The host of a web address in lower case, without its port; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def origin_of(url: str) -> str:
    """Scheme, host and port: what robots.txt and tdmrep.json speak for.

    >>> origin_of("https://www.gazette.example/eco/1")
    'https://www.gazette.example'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def same_site(one: str, other: str) -> bool:
    """Whether two addresses belong to one site: equal hosts, or one a subdomain of the other (``www.`` apart).

    >>> same_site("https://www.gazette.example/a", "https://eco.gazette.example/b")
    True
    """
    a, b = (host_of(url).removeprefix("www.") for url in (one, other))
    return bool(a) and bool(b) and (a == b or a.endswith("." + b) or b.endswith("." + a))
