"""Where the crawler may connect: web addresses on public hosts.

A page, a feed or a redirect must not lead the crawler into the network it runs in. The guard stands in two
places: :func:`refusal` looks at every request (redirects too) for its scheme and for literal addresses, and
:class:`GuardedResolver` looks at what a name resolves to at the moment of connecting, so that a name that changes
between check and use gains nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError


class RefusedAddress(IgnoreRequest):  # noqa: N818  (Scrapy's own name for requests that are not made)
    """The request is not made: its scheme or address is not allowed. ``kind`` names the issue."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


_refused_names: dict[str, str] = {}


def refused_name(host: str) -> str | None:
    """The private address because of which a name was refused in this process (Twisted does not pass on why)."""
    return _refused_names.get(host)


class PrivateAddress(DNSLookupError):
    """A name resolved to an address that is not public."""


def is_public(address: str) -> bool:
    """Whether a literal IPv4 or IPv6 address is public (IANA special-purpose registries; mapped IPv4 unwrapped).

    >>> [is_public(a) for a in ("192.0.43.8", "10.0.0.1", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1")]
    [True, False, False, False, False]
    """
    parsed = ipaddress.ip_address(address.split("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        embedded = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if embedded is not None:
            return is_public(str(embedded))
    return parsed.is_global and not parsed.is_multicast


def refusal(url: str, *, allow_private: bool) -> RefusedAddress | None:
    """Why a request may not be made, or None: another scheme than http(s), or a literal address that is not public."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        return RefusedAddress("bad-url", f"{url[:200]}: {error}")
    if parts.scheme.lower() not in {"http", "https"}:
        return RefusedAddress("unsupported-scheme", f"{parts.scheme}: is never fetched")
    if not host:
        return RefusedAddress("bad-url", f"{url[:200]} names no host")
    if allow_private:
        return None
    try:
        public = is_public(host)
    except ValueError:
        public = host != "localhost" and not host.endswith(".localhost")
    if not public:
        return RefusedAddress("private-address", f"{host} is not a public address")
    return None


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, refusing names that lead to private addresses.

    Names of ``VEILLEUR_PRIVATE_HOSTS`` (the proxy's) pass; ``VEILLEUR_ALLOW_PRIVATE`` lets all pass.
    """

    allow_private = False
    private_hosts: frozenset[str] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Self:
        resolver: Self = super().from_crawler(crawler, reactor)
        resolver.allow_private = crawler.settings.getbool("VEILLEUR_ALLOW_PRIVATE")
        resolver.private_hosts = frozenset(crawler.settings.getlist("VEILLEUR_PRIVATE_HOSTS"))
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802
        """Twisted's interface: a deferred dotted-quad address, or :class:`PrivateAddress`."""
        found = super().getHostByName(name, timeout)
        if not self.allow_private and name not in self.private_hosts:
            found.addCallback(_check, name)
        return found


def _check(address: str, name: str) -> str:
    if not is_public(address):
        _refused_names[name] = address
        raise PrivateAddress(f"{name} leads to {address}, which is not a public address")
    return address
