"""Why a request came to nothing: every exception that Scrapy and Twisted can raise, as a kind of issue."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from OpenSSL import SSL
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
    StopDownload,
    UnsupportedURLSchemeError,
)
from scrapy.spidermiddlewares.httperror import HttpError
from service_identity import VerificationError
from twisted.internet import error as net
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError

from crawlers.network import RefusedAddress, refused_name
from crawlers.urls import host_of


class NotFetched(IgnoreRequest):  # noqa: N818  (Scrapy's own name for requests that are not made)
    """A request that our own rules stopped; ``kind`` names the issue."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


# From the particular to the general: the first class that fits names the kind.
_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (DownloadTimeoutError, "timeout"),
    (net.TimeoutError, "timeout"),
    (DownloadConnectionRefusedError, "refused"),
    (net.ConnectionRefusedError, "refused"),
    (VerificationError, "tls"),
    (SSL.Error, "tls"),
    (net.SSLError, "tls"),
    (net.CertificateError, "tls"),
    (CannotResolveHostError, "dns"),
    (net.DNSLookupError, "dns"),
    (net.UnknownHostError, "dns"),
    (DownloadCancelledError, "too-large"),
    (ResponseDataLossError, "data-loss"),
    (TunnelError, "proxy"),
    (UnsupportedURLSchemeError, "unsupported-scheme"),
    (NotSupported, "unsupported-scheme"),
    (StopDownload, "stopped"),
    (ParseError, "bad-response"),
    (net.ConnectionLost, "reset"),
    (net.ConnectionDone, "reset"),
    (net.ConnectionAborted, "reset"),
    (net.ConnectError, "connect"),
    (zlib.error, "decompression-failed"),
    (EOFError, "decompression-failed"),
    (ConnectionResetError, "reset"),
    (ValueError, "bad-response"),  # a header that cannot be read, a redirect to what is no address
    (DownloadFailedError, "download-failed"),
    (OSError, "decompression-failed"),
)


# Modules of the decoders for br and zstd, whichever is installed; their errors have no common class.
_DECODERS = frozenset({"brotli", "_brotli", "brotlicffi", "zstandard", "backports", "compression", "zstd", "_zstd"})


def classify(error: BaseException, url: str) -> tuple[str, str]:
    """The kind of issue and a message for an exception that ended a request for ``url``.

    Never raises; an exception that nobody foresaw is ``download-error`` with its class in the message.
    """
    message = str(error) or type(error).__name__
    if isinstance(error, NotFetched | RefusedAddress):
        return error.kind, message
    if isinstance(error, HttpError):
        response = error.response
        if 300 <= response.status < 400:
            target = (response.headers.get("Location") or b"").decode("latin-1")[:200]
            return "redirect-refused", f"HTTP {response.status} to {target or 'nowhere'}"
        return f"http-{response.status}", f"HTTP {response.status}"
    if isinstance(error, IgnoreRequest):
        if "max redirections" in message:
            return "redirect-loop", message
        if "during decompression" in message:
            return "decompression-bomb", message
        return "ignored", message
    refused = refused_name(host_of(url))
    if refused is not None and isinstance(error, CannotResolveHostError | net.DNSLookupError):
        return "private-address", f"{host_of(url)} leads to {refused}, which is not a public address"
    chain = list(_chain(error))
    for cls, kind in _KINDS:
        for cause in chain:
            if isinstance(cause, cls):
                return kind, _words(cause) or message
    if type(error).__module__.split(".")[0] in _DECODERS:
        return "decompression-failed", message
    return "download-error", f"{type(error).__name__}: {message}"


def _chain(error: BaseException, depth: int = 0) -> Iterator[BaseException]:
    """The exception, what it wraps (Twisted's ``reasons``) and what caused it."""
    if depth > 8:
        return
    yield error
    for reason in getattr(error, "reasons", None) or ():
        inner = reason.value if isinstance(reason, Failure) else reason
        if isinstance(inner, BaseException):
            yield from _chain(inner, depth + 1)
    if error.__cause__ is not None:
        yield from _chain(error.__cause__, depth + 1)


def _words(error: BaseException) -> str:
    if isinstance(error, SSL.Error) and error.args and isinstance(error.args[0], list):
        return "TLS: " + "; ".join(str(part[-1]) for part in error.args[0] if part)
    return str(error) or (type(error).__doc__ or "").strip().splitlines()[0]
