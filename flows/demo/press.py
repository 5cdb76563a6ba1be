"""The demo press: six invented regional titles on the loopback, for the demo and the end-to-end tests.

What the titles publish lies in ``press/<title>/`` (see the README there): ``title.yml``, one YAML file an
article, Jinja templates. The server behaves as an HTTP proxy (``GET http://www.some-title.example/path``), so
that an article's URL stays the same whatever port the server got; it answers plain requests by their Host
header too.

>>> with DemoPress(DAYS[0]).serve() as press:
...     press.url.startswith("http://127.0.0.1:")
True
"""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from babel.dates import format_date, format_time
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML

from crawlers.items import PARIS

DAYS: tuple[date, ...] = (date(2025, 6, 20), date(2025, 12, 16), date(2026, 1, 23))
"""The three logical days: an article with ``from_day: 2`` is out on the second, not on the first."""

PRESS = Path(__file__).parent / "press"

PartKind = Literal["paragraph", "heading", "caption", "lire_aussi"]


class _Content(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Content):
    """One block of a page: ``{paragraph: text}``, ``{heading: text}``, ``{caption: text, credit: who}``; or
    ``{lire_aussi: title}``, a link amid the text that is no part of the article."""

    kind: PartKind
    text: str
    credit: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, value: object) -> object:
        if not isinstance(value, dict) or "kind" in value:
            return value
        kinds = [key for key in value if key != "credit"]
        if len(kinds) != 1:
            raise ValueError("a block has one of paragraph, heading, caption, lire_aussi")
        return {"kind": kinds[0], "text": value[kinds[0]], "credit": value.get("credit")}


class Revision(_Content):
    """What an article says from ``from_day`` on; keys left out stay as they were."""

    from_day: int = Field(ge=1, le=len(DAYS))
    modified: AwareDatetime
    title: str | None = None
    standfirst: str | None = None
    body: tuple[Part, ...] | None = None


class DemoArticle(_Content):
    """One article of the demo press, as its content file has it.

    ``paywall`` is the notice under a teaser; the body then holds only what the page shows to everyone.
    """

    path: str = Field(pattern=r"^/")
    from_day: int = Field(ge=1, le=len(DAYS))
    published: AwareDatetime
    section: str
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    title: str
    standfirst: str | None = None
    paywall: str | None = None
    related: tuple[str, ...] = ()
    body: tuple[Part, ...]
    revisions: tuple[Revision, ...] = ()
    modified: AwareDatetime | None = None

    @property
    def summary(self) -> str:
        """What feeds and listings say of it: the standfirst, or the first paragraph cut after 160 characters."""
        if self.standfirst:
            return self.standfirst
        first = next(part.text for part in self.body if part.kind == "paragraph")
        return first if len(first) <= 160 else first[:160].rsplit(" ", 1)[0] + "…"

    @property
    def last_changed(self) -> datetime:
        """When its text last changed."""
        return self.modified or self.published

    def on(self, number: int) -> DemoArticle | None:
        """The article as it stands on a logical day (1..3); None where it is not out yet."""
        if number < self.from_day:
            return None
        current = self
        for revision in self.revisions:
            if revision.from_day <= number:
                current = current.model_copy(
                    update=revision.model_dump(exclude={"from_day", "body"}, exclude_none=True)
                )
                if revision.body is not None:
                    current = current.model_copy(update={"body": revision.body})
        return current


class Route(_Content):
    """A page, feed or file of a title other than its articles."""

    path: str = Field(pattern=r"^/")
    template: str
    type: str = "text/html"
    per_page: int | None = None


class Title(_Content):
    """``title.yml``: a title's name, host, character set and routes."""

    name: str
    host: str
    motto: str
    charset: str = "utf-8"
    sections: tuple[str, ...]
    routes: tuple[Route, ...]


T = TypeVar("T", bound=_Content)


class ContentError(ValueError):
    """A content file that cannot be used; the message names file and key."""


def _read(path: Path, model: type[T]) -> T:
    try:
        return model.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        raise ContentError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


@dataclass(frozen=True)
class PressRequest:
    """One request that the press answered."""

    method: str
    host: str
    path: str
    status: int
    conditional: bool


@dataclass(frozen=True)
class _Page:
    body: bytes
    content_type: str
    last_modified: datetime


class PressTitle:
    """One title: its content, its templates, and what it answers for a path on a logical day."""

    def __init__(self, folder: Path) -> None:
        self.id = folder.name
        self.folder = folder
        self.title = _read(folder / "title.yml", Title)
        self._articles = [_read(path, DemoArticle) for path in sorted((folder / "articles").glob("*.yml"))]

    @property
    def home(self) -> str:
        return f"http://{self.title.host}/"

    def articles(self, number: int) -> list[DemoArticle]:
        """The articles that are out on a logical day, newest first."""
        out = [article for stored in self._articles if (article := stored.on(number)) is not None]
        return sorted(out, key=lambda article: (article.published, article.path), reverse=True)

    @cached_property
    def _templates(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader([self.folder / "templates", PRESS]),
            autoescape=select_autoescape(disabled_extensions=("txt.jinja", "json.jinja"), default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["jour"] = lambda moment: format_date(moment.astimezone(PARIS), "d MMMM y", locale="fr")
        environment.filters["heure"] = lambda moment: format_time(
            moment.astimezone(PARIS), "HH'h'mm", tzinfo=PARIS, locale="fr"
        )
        environment.filters["rfc822"] = format_datetime
        environment.globals.update(title=self.title, home=self.home.rstrip("/"))
        return environment

    def page(self, path: str, query: dict[str, list[str]], number: int) -> _Page | None:
        """What stands at ``path`` on a logical day; None where nothing does."""
        out = self.articles(number)
        by_title = {article.title.replace("’", "'"): article.path for article in out}
        shared = {"articles": out, "link": lambda text: by_title.get(text.replace("’", "'"), "/recherche")}
        for article in out:
            if article.path == path:
                if path.endswith(".pdf"):
                    return _Page(release_pdf(article, self.title.name), "application/pdf", article.last_changed)
                text = self._templates.get_template("article.html.jinja").render(article=article, **shared)
                return self._encoded(text, "text/html", article.last_changed)
        for route in self.title.routes:
            if route.path == path:
                return self._route(route, query, out, shared)
        return None

    def _route(
        self, route: Route, query: dict[str, list[str]], out: list[DemoArticle], shared: dict[str, Any]
    ) -> _Page | None:
        shown, page, pages = out, 1, 1
        if route.per_page is not None:
            wanted = query.get("page", ["1"])[0]
            page, pages = int(wanted) if wanted.isdigit() else 0, -(-len(out) // route.per_page)
            if not 1 <= page <= pages:
                return None
            shown = out[(page - 1) * route.per_page : page * route.per_page]
        text = self._templates.get_template(route.template).render(shared | {"articles": shown}, page=page, pages=pages)
        changed = max((article.last_changed for article in out), default=datetime(2025, 1, 1, tzinfo=UTC))
        return self._encoded(text, route.type, changed)

    def not_found(self, number: int) -> _Page:
        text = self._templates.get_template("404.html.jinja").render(articles=self.articles(number))
        return self._encoded(text, "text/html", datetime(2025, 1, 1, tzinfo=UTC))

    def _encoded(self, text: str, content_type: str, changed: datetime) -> _Page:
        charset = self.title.charset
        errors = "xmlcharrefreplace" if "html" in content_type or "xml" in content_type else "strict"
        return _Page(text.encode(charset, errors), f"{content_type}; charset={charset}", changed)


def release_pdf(article: DemoArticle, publisher: str) -> bytes:
    """A press release as a PDF document: metadata, kicker, title, text, page foot."""
    from reportlab.lib.enums import TA_JUSTIFY
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    # Embedded fonts, as in releases set by an agency; reportlab brings these two along.
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
    pdfmetrics.registerFont(TTFont("Vera-Bold", "VeraBd.ttf"))
    text = ParagraphStyle(
        "text", spaceBefore=9, fontName="Vera", fontSize=10, leading=14.5, spaceAfter=9, alignment=TA_JUSTIFY
    )
    bullet = ParagraphStyle("bullet", parent=text, leftIndent=14, spaceBefore=0, spaceAfter=4)
    heading = ParagraphStyle("heading", parent=text, fontName="Vera-Bold", fontSize=12, spaceBefore=8)
    kicker = ParagraphStyle("kicker", parent=text, fontSize=9, textColor="#777777")
    head = ParagraphStyle("head", parent=text, fontName="Vera-Bold", fontSize=17, leading=21, spaceAfter=16)

    def line(part: Part) -> Paragraph:
        style = heading if part.kind == "heading" else bullet if part.text.startswith("•") else text
        return Paragraph(escape(part.text.replace("\u202f", "\u00a0")), style)

    def frame(canvas: Canvas, document: SimpleDocTemplate) -> None:
        # reportlab stamps its own clock: the document is dated by its article, so that its bytes stay the same.
        canvas.setDateFormatter(lambda *_: article.published.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'"))
        canvas.setFont("Vera", 8)
        canvas.drawString(57, 30, f"Diffusé par {publisher}")
        canvas.drawRightString(A4[0] - 57, 30, f"Page {document.page}")

    story = [Paragraph("COMMUNIQUÉ DE PRESSE", kicker), Paragraph(escape(article.title), head)]
    story += [line(part) for part in article.body] + [Spacer(1, 12)]
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=A4, margin=57, title=article.title, author=", ".join(article.authors), lang="fr", invariant=1
    )
    document.build(story, onFirstPage=frame, onLaterPages=frame)
    return buffer.getvalue()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    press: DemoPress


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "DemoPress"
    sys_version = ""
    server: _Server

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are kept in ``DemoPress.requests``, not written to stderr."""

    def _answer(self, *, with_body: bool) -> None:
        press, target = self.server.press, urlsplit(self.path)
        host = (target.hostname or self.headers.get("Host", "").partition(":")[0]).lower()
        if_none_match, since = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        title = press.titles.get(host)
        status = HTTPStatus.OK
        page: _Page | None
        if title is None:
            status = HTTPStatus.BAD_GATEWAY
            page = _Page(f"No title of the demo press lives at {host}\n".encode(), "text/plain", datetime.now(UTC))
        else:
            page = title.page(target.path or "/", parse_qs(target.query), press.number)
            if page is None:
                status, page = HTTPStatus.NOT_FOUND, title.not_found(press.number)
        etag = f'"{hashlib.sha256(page.body).hexdigest()[:16]}"'
        if status is HTTPStatus.OK and _unchanged(if_none_match, since, etag, page.last_modified):
            status = HTTPStatus.NOT_MODIFIED
        # Logged before it is answered: whoever has the answer finds the request in the log.
        press.requests.append(
            PressRequest(self.command, host, target.path or "/", status.value, bool(if_none_match or since))
        )
        self.send_response(status)
        if status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            self.send_header("ETag", etag)
            self.send_header("Last-Modified", format_datetime(page.last_modified.astimezone(UTC), usegmt=True))
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        if with_body and status is not HTTPStatus.NOT_MODIFIED:
            self.wfile.write(page.body)


def _unchanged(if_none_match: str | None, since: str | None, etag: str, changed: datetime) -> bool:
    """Whether a conditional request is answered 304; the entity tag outranks the date (RFC 9110, 13.2.2)."""
    if if_none_match is not None:
        tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return etag in tags or "*" in tags
    if since is None:
        return False
    try:
        return changed.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):  # an unreadable date is as none (RFC 9110, 13.1.3)
        return False


class DemoPress:
    """The demo press on one logical day.

    ``day`` is a calendar day: what is out is what the last of :data:`DAYS` up to it shows (nothing before the
    first). Raises :class:`ContentError` for a content file that cannot be used.
    """

    def __init__(self, day: date, folder: Path = PRESS) -> None:
        titles = [PressTitle(path.parent) for path in sorted(folder.glob("*/title.yml"))]
        self.titles: dict[str, PressTitle] = {title.title.host: title for title in titles}
        self.requests: list[PressRequest] = []
        self.url = ""
        self.set_day(day)

    def set_day(self, day: date) -> None:
        """Move to another day; takes effect with the next request."""
        self.day = day
        self.number = sum(known <= day for known in DAYS)

    @contextmanager
    def serve(self) -> Iterator[DemoPress]:
        """Serve on a free port of 127.0.0.1 while the block runs; ``url`` is then the proxy's address."""
        server = _Server(("127.0.0.1", 0), _Handler)
        server.press = self
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, name="demo-press", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            self.url = ""
