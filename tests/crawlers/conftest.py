"""A press of one's own on loopback: sites answered by plain functions, every request counted."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from crawlers import forkserver

Answer = tuple[int, dict[str, str], bytes]


FILLERS = (
    "Le bâtiment de six mille mètres carrés sortira de terre au printemps sur la zone d'activité des Deux-Canaux, où "
    "l'entreprise dispose déjà d'un terrain viabilisé par la communauté d'agglomération.",
    "« Nous voulions rester dans le bassin minier, où sont nos salariés », explique la présidente du groupe, qui a "
    "préféré ce site à deux autres, proposés en Belgique et dans l'Aisne.",
)


@dataclass
class Press:
    """Answers requests by path. ``pages`` maps a path (with query) to an answer, a body, or a function giving one."""

    pages: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    answered: list[tuple[str, int]] = field(default_factory=list)
    etags: bool = True
    port: int = 0
    wrap: Callable[[ThreadingHTTPServer], None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def requests(self, path: str) -> int:
        """How often a path was asked for."""
        return Counter(p for _, p, _ in self.asked)[path]

    def forget(self) -> None:
        self.asked.clear()
        self.answered.clear()

    def feed(self, *articles: dict[str, str], path: str = "/feed.xml") -> None:
        """Serve an RSS feed of articles (``path``, ``title``, ``date`` RFC 822, ``summary``)."""
        items = "".join(
            f"<item><title>{a['title']}</title><link>{self.url}{a['path']}</link><guid>{a['path']}</guid>"
            f"<pubDate>{a.get('date', 'Thu, 20 Nov 2025 08:00:00 +0100')}</pubDate>"
            f"<description>{a.get('summary', '')}</description></item>"
            for a in articles
        )
        rss = (
            f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>T</title>{items}</channel></rss>"
        )
        self.pages[path] = (200, {"Content-Type": "application/rss+xml"}, rss.encode())

    def article(self, path: str, title: str, *paragraphs: str, head: str = "") -> None:
        """Serve an article page: its first paragraph, two that every article here has, and the others."""
        first, *others = paragraphs
        body = "".join(f"<p>{p}</p>" for p in (first, *FILLERS, *others))
        html = (
            f"<!doctype html><html lang='fr'><head><meta charset='utf-8'><title>{title}</title>"
            f"<meta property='og:type' content='article'>"
            f"<meta property='article:published_time' content='2025-11-20T08:00:00+01:00'>{head}</head>"
            f"<body><main><article><h1>{title}</h1>{body}</article></main></body></html>"
        )
        self.pages[path] = (200, {"Content-Type": "text/html; charset=utf-8"}, html.encode())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        press: Press = self.server.press  # type: ignore[attr-defined]
        path = self.path.split("://", 1)[-1]
        path = "/" + path.split("/", 1)[1] if "://" in self.path else self.path
        press.asked.append((self.headers.get("Host", ""), path, {k.lower(): v for k, v in self.headers.items()}))
        page = press.pages.get(self.headers.get("Host", "") + path, press.pages.get(path))
        if callable(page):
            page = page(self)
            if page is None:
                self.close_connection = True
                press.answered.append((path, 0))
                return
        status, headers, body = page if page is not None else (404, {"Content-Type": "text/plain"}, b"nothing here")
        headers = dict(headers)
        if press.etags and status == 200:
            headers.setdefault("ETag", '"' + hashlib.sha256(body).hexdigest()[:16] + '"')
            if self.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
        press.answered.append((path, status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that hangs up is what some of these tests are about


@pytest.fixture
def press() -> Iterator[Press]:
    with serve(Press()) as one:
        yield one


class serve:  # noqa: N801
    """Context manager: a press on a free port of loopback."""

    def __init__(self, press: Press, address: str = "127.0.0.1") -> None:
        self.press, self.address = press, address

    def __enter__(self) -> Press:
        self.server = _Server((self.address, 0), _Handler)
        self.server.press = self.press  # type: ignore[attr-defined]
        if self.press.wrap:
            self.press.wrap(self.server)
        self.press.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self.press

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass
class Desk:
    """A registry and a data folder of one's own; crawls as the program does, in a process each."""

    root: Path

    @property
    def registry(self) -> Path:
        return self.root / "registry"

    @property
    def data(self) -> Path:
        return self.root / "data"

    def source(self, ident: str, home: str, *, accepted: bool = True, **keys: Any) -> None:
        """Write an entry; terms are accepted unless said otherwise."""
        self.registry.mkdir(parents=True, exist_ok=True)
        rights = keys.pop("rights", {})
        if accepted:
            rights = {"terms": {"result": "accepted", "checked_on": "2025-11-01"}} | rights
        entry = {"name": ident.title(), "home": home, "kind": "press", "rights": rights} | keys
        with (self.registry / f"{ident}.yml").open("w", encoding="utf-8") as stream:
            YAML(typ="safe").dump(json.loads(json.dumps(entry, default=str)), stream)

    def crawl(self, ident: str, day: str = "2025-11-20", *flags: str, private: bool = True, timeout: int = 120) -> dict:
        """Run one crawl and return its report."""
        command = ["--source", ident, "--registry", str(self.registry), "--day", day, "--data", str(self.data), *flags]
        if private:
            command += ["--allow-private"] + ([] if "--delays" in flags else ["--no-delay"])
        command = [part for part in command if part != "--delays"]
        status, words = forkserver.server().run(command, timeout)
        assert status == 0, words
        return self.report(ident, day)

    def report(self, ident: str, day: str = "2025-11-20") -> dict:
        return json.loads((self.data / "reports" / day / f"{ident}.json").read_text(encoding="utf-8"))

    def articles(self, ident: str, day: str = "2025-11-20") -> list[dict]:
        """The day's lines."""
        path = self.data / "articles" / day / f"{ident}.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def kinds(self, ident: str, day: str = "2025-11-20") -> set[tuple[str, str]]:
        """The issues of the day as (stage, kind)."""
        return {(issue["stage"], issue["kind"]) for issue in self.report(ident, day)["issues"]}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def serving() -> type[serve]:
    return serve


@pytest.fixture
def new_press() -> type[Press]:
    return Press


def rfc822(day: date) -> str:
    from datetime import datetime, time
    from zoneinfo import ZoneInfo

    return format_datetime(datetime.combine(day, time(8), ZoneInfo("Europe/Paris")))


def gzipped(body: bytes) -> bytes:
    return gzip.compress(body)
