"""An article with every fact marked in it, as one HTML page that needs nothing else.

Marks may overlap (a figure in a quotation in a project's evidence), so a block is cut at every edge and each piece
carries the classes of all facts that cover it. Cards and passages link to each other; there is no script.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from crawlers.items import Article
from nlp.facts import Evidence, Figure, Milestone, ProjectFigure, Reading

KINDS = ("organisations", "people", "places", "figures", "projects", "quotes")
#: which fact a click on a passage goes to, where several cover it
_PRECEDENCE = ("figures", "people", "organisations", "places", "quotes", "projects")
#: the order of the cards
_SHEETS = ("projects", "figures", "organisations", "people", "places", "quotes")
_SCALES = ((1e9, "Md"), (1e6, "M"))


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("nlp") / "templates" / "explain.fr.toml").read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("nlp", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html", "jinja"), default=True),
        undefined=StrictUndefined,
    )


@dataclass(slots=True)
class Card:
    """A fact's card beside the text. ``anchor`` and ``mark`` are the ids of the card and of its passage."""

    kind: str
    anchor: str
    mark: str
    head: str
    fields: list[tuple[str, str]]
    said: str
    spans: list[tuple[int, int, int]] = field(default_factory=list)
    unlawful: bool = False


@dataclass(slots=True)
class Piece:
    """A run of a block's text that the same facts cover."""

    text: str
    facts: list[Card]
    title: str = ""
    classes: str = ""
    mark: str = ""


def number(value: float, unit: str) -> str:
    """A number as French readers write it, money and large counts with their magnitude.

    >>> number(1500000000, "EUR"), number(2500, "unit")
    ('1,5 Md€', '2 500')
    """
    words = _words()["unit"]
    suffix = words.get(unit, unit)
    if unit in ("EUR", "USD", "GBP", "CHF"):
        for scale, short in _SCALES:
            if abs(value) >= scale:
                return f"{_plain(value / scale)} {short}{suffix if len(suffix) == 1 else ' ' + suffix}"
    return f"{_plain(value)} {suffix}".rstrip()


def _plain(value: float) -> str:
    shown = f"{value:,.10g}" if abs(value) < 1e15 else f"{value:g}"
    return shown.replace(",", "\u202f").replace(".", ",").replace("-", "−")


def quantity(figure: Figure | ProjectFigure) -> str:
    """A figure's value in words: "au moins 40 M€", "15 M€ à 20 M€", "−6,3 %"."""
    low, high = figure.low, figure.high
    if low is None and high is None:
        return "—"
    qualifier = _words()["qualifier"]
    if low is None or high is None:
        which = "at_most" if low is None else "at_least"
        return f"{qualifier[which]} {number(high if low is None else low, figure.unit)}"  # type: ignore[arg-type]
    if low != high:
        return f"{number(low, figure.unit)} à {number(high, figure.unit)}"
    about = f"{qualifier['about']} " if figure.qualifier == "about" else ""
    return about + number(low, figure.unit)


def _milestone(milestone: Milestone) -> str:
    name = _words()["milestone"][milestone.milestone]
    start, end = milestone.from_, milestone.to
    if start and end:
        return f"{name} : {start:%d/%m/%Y}" if start == end else f"{name} : du {start:%d/%m/%Y} au {end:%d/%m/%Y}"
    if end:
        return f"{name} : d’ici au {end:%d/%m/%Y}"
    return f"{name} : à partir du {start:%d/%m/%Y}" if start else name


class _Page:
    """Builds the cards of one reading and cuts the text of its article."""

    def __init__(self, article: Article, reading: Reading) -> None:
        self.article, self.reading = article, reading
        self.words = _words()
        self.texts = {index: text for index, _, text in article.texts()}

    def card(self, kind: str, number_: int, head: str, fields: list[tuple[str, Any]], evidence: Evidence) -> Card:
        labels = self.words["field"]
        shown = [(labels[name], _join(value)) for name, value in fields if value not in (None, "", (), [])]
        text = self.texts.get(evidence.block, "")
        lawful = (
            0 <= evidence.start < evidence.end <= len(text) and text[evidence.start : evidence.end] == evidence.text
        )
        anchor = f"{kind}-{number_}"
        card = Card(kind, anchor, f"m-{anchor}", head, shown, evidence.text, unlawful=not lawful)
        if lawful:
            card.spans.append((evidence.block, evidence.start, evidence.end))
        return card

    def named(self, card: Card, names: list[str]) -> Card:
        """Mark every other place where one of the names stands."""
        forms = sorted({n for n in names if n.strip()}, key=len, reverse=True)
        if not forms:
            return card
        pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, forms)) + r")(?!\w)")
        for index, text in self.texts.items():
            for found in pattern.finditer(text):
                span = (index, found.start(), found.end())
                if span not in card.spans:
                    card.spans.append(span)
        return card

    def cards(self) -> dict[str, list[Card]]:
        facts, words = self.reading.facts, self.words
        fields: list[tuple[str, Any]]
        made: dict[str, list[Card]] = {kind: [] for kind in KINDS}
        for i, o in enumerate(facts.organisations):
            fields = [("kind", words["organisation_kind"][o.kind]), ("aliases", o.aliases), ("based_in", o.based_in),
                      ("mention", words["mention"][o.mention])]  # fmt: skip
            made["organisations"].append(
                self.named(self.card("organisations", i, o.name, fields, o.evidence), [o.name, *o.aliases])
            )
        for i, p in enumerate(facts.people):
            roles = [f"{r.title} ({r.organisation})" if r.organisation else r.title for r in p.roles]
            fields = [("roles", roles), ("aliases", p.aliases)]
            made["people"].append(self.named(self.card("people", i, p.name, fields, p.evidence), [p.name, *p.aliases]))
        for i, place in enumerate(facts.places):
            fields = [("kind", words["place_kind"][place.kind]), ("code", place.code)]
            made["places"].append(self.named(self.card("places", i, place.name, fields, place.evidence), [place.name]))
        for i, f in enumerate(facts.figures):
            head = f"{words['measure'][f.measure]} : {quantity(f)}"
            fields = [
                ("per", words["per"].get(f.per or "")),
                ("of", f.of),
                ("subject", f.subject),
                ("said_by", f.said_by),
                ("year", f.year),
            ]
            made["figures"].append(self.card("figures", i, head, fields, f.evidence))
        for i, project in enumerate(facts.projects):
            kind = words["project_kind"][project.kind]
            figures = [f"{words['measure'][f.measure]} {quantity(f)}" for f in project.figures]
            milestones = [_milestone(m) for m in project.milestones]
            fields = [
                ("status", words["status"][project.status]), ("sector", project.sector), ("places", project.places),
                ("organisations", project.organisations), ("figures", figures), ("milestones", milestones),
                ("said_by", project.said_by),
            ]  # fmt: skip
            head = f"{kind} : {project.name}" if project.name else kind
            made["projects"].append(self.card("projects", i, head, fields, project.evidence))
        for i, quote in enumerate(facts.quotes):
            made["quotes"].append(self.card("quotes", i, quote.speaker or "—", [], quote.evidence))
        return made

    def conflicts(self) -> list[Card]:
        cards = []
        for i, conflict in enumerate(self.reading.facts.conflicts):
            rule = self.words["rule"].get(conflict.rule, conflict.rule)
            fields: list[tuple[str, Any]] = [
                ("stated", _plain(conflict.stated)),
                ("computed", _plain(conflict.computed)),
            ]
            card = self.card("conflict", i, rule, fields, conflict.evidence[0])
            card.said = " · ".join(e.text for e in conflict.evidence)
            card.spans = [(e.block, e.start, e.end) for e in conflict.evidence]
            cards.append(card)
        return cards

    def blocks(self, cards: list[Card]) -> list[dict[str, Any]]:
        """The blocks, cut into pieces. Spans that a block does not hold are left out."""
        spans: dict[int, list[tuple[int, int, Card]]] = {}
        for card in cards:
            for block, start, end in card.spans:
                if 0 <= start < end <= len(self.texts.get(block, "")):
                    spans.setdefault(block, []).append((start, end, card))
        placed: set[str] = set()
        shown = []
        for index, kind, text in self.article.texts():
            shown.append({"kind": kind, "pieces": _cut(text, spans.get(index, []), placed)})
        return shown


def _cut(text: str, spans: list[tuple[int, int, Card]], placed: set[str]) -> list[Piece]:
    edges = sorted({0, len(text), *(s for s, _, _ in spans), *(e for _, e, _ in spans)})
    starts = sorted(spans, key=lambda span: span[0])
    active: list[tuple[int, int, Card]] = []
    position = 0
    pieces = []
    for left, right in zip(edges, edges[1:], strict=False):
        while position < len(starts) and starts[position][0] <= left:
            active.append(starts[position])
            position += 1
        active = [span for span in active if span[1] > left]
        unique = list({id(card): card for _, _, card in active}.values())
        facts = sorted(unique, key=lambda card: _PRECEDENCE.index(card.kind) if card.kind in _PRECEDENCE else -1)
        piece = Piece(text[left:right], facts)
        if facts:
            piece.classes = " ".join(dict.fromkeys(card.kind for card in facts[::-1]))
            piece.title = "\n".join(_tooltip(card) for card in facts)
            # one id a piece: that of the first fact that begins here and has no passage yet
            fresh = next((card for card in facts if card.mark not in placed), None)
            if fresh is not None:
                piece.mark = fresh.mark
                placed.add(fresh.mark)
        pieces.append(piece)
    return pieces


def _tooltip(card: Card) -> str:
    fields = " ; ".join(f"{label} : {value}" for label, value in card.fields)
    return f"{card.head} — {fields}" if fields else card.head


def _join(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def render(article: Article, reading: Reading) -> str:
    """The page of an article and its reading, as HTML text. Everything from the article is escaped.

    A fact whose evidence is not in the text is listed and says so. The words of the page are in
    ``nlp/templates/explain.fr.toml``.
    """
    page = _Page(article, reading)
    cards, conflicts = page.cards(), page.conflicts()
    everything = [card for kind in KINDS for card in cards[kind]] + conflicts
    words = page.words
    return _environment().get_template("explain.html.jinja").render(
        title=article.title or article.url or "",
        source=article.source or article.source_id or "",
        url=article.url,
        published=f"{article.published_on:%d/%m/%Y}" if article.published_on else None,
        read_by=words["page"]["read_by"].format(rules=reading.rules or "—", model=reading.model or "—"),
        reading=reading,
        words=words,
        kinds=KINDS,
        blocks=page.blocks(everything),
        conflicts=conflicts,
        sections=[(kind, cards[kind]) for kind in _SHEETS if cards[kind]],
    )  # fmt: skip
