"""Marked sentences and gold articles as samples for the learned models.

A line of ``nlp/training/sentences/*.tsv`` has three columns: labels, position, sentence (``README.md`` there explains
them). Each sentence goes through the reader's own components, so that a model learns from what it will see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from crawlers.items import Article, Block
from nlp.components.activities import Phrase, chunks
from nlp.components.carriers import Carriers
from nlp.components.features import clauses, meaning, told
from nlp.components.linear import Value
from nlp.components.milestones import date_view, spots
from nlp.components.projects import MEASURES, ProjectReader, component
from nlp.components.projects_beliefs import family
from nlp.components.projects_cluster import Cluster
from nlp.components.projects_events import Event
from nlp.components.projects_text import Sentence
from nlp.components.records import features as record_features
from nlp.document import DateSpan, Document
from nlp.folding import fold
from nlp.pipeline import Reader

SENTENCES = Path(__file__).parent / "sentences"
MARK = re.compile(r"\[\[([^|\]]+)\|(\w+)\]\]|\{\{([^|}]+)\|(\w+)\}\}")
PUBLISHED = date(2025, 11, 3)
# Files whose lines are whole articles.
ARTICLES = re.compile(r"articles")


@dataclass(frozen=True, slots=True)
class Label:
    """A project that a sentence tells: its kind, its status, and whether it was told before ("more")."""

    kind: str
    status: str
    more: bool = False


@dataclass(slots=True)
class Part:
    """A clause of a sentence: its features, its triggers' events with their kinds, the labels known to be its own."""

    features: dict[str, Value]
    events: list[tuple[Event, str | None]]
    labels: list[Label] = field(default_factory=list)


@dataclass(slots=True)
class Sample:
    """A read sentence with its labels; ``weight`` says how much a wrong answer costs. ``placed``: it is known which
    clause each label belongs to."""

    parts: list[Part]
    labels: list[Label]
    weight: float = 1.0
    placed: bool = False
    dates: list[tuple[dict[str, float], str]] = field(default_factory=list)
    carriers: list[tuple[dict[str, float], str]] = field(default_factory=list)
    phrases: list[Phrase] = field(default_factory=list)
    group: str = ""


def unmark(text: str) -> tuple[str, list[tuple[int, int, str]], list[tuple[int, int, str]]]:
    """A marked sentence as plain text with the spans and labels of its figures and of its dates.

    >>> unmark("pour [[3 M€|investment]] {{en 2027|opening}}")
    ('pour 3 M€ en 2027', [(5, 9, 'investment')], [(10, 17, 'opening')])
    """
    out: list[str] = []
    figures: list[tuple[int, int, str]] = []
    dates: list[tuple[int, int, str]] = []
    last = size = 0
    for mark in MARK.finditer(text):
        out.append(text[last : mark.start()])
        size += mark.start() - last
        words = mark[1] or mark[3]
        (figures if mark[1] else dates).append((size, size + len(words), mark[2] or mark[4]))
        out.append(words)
        size += len(words)
        last = mark.end()
    out.append(text[last:])
    return "".join(out), figures, dates


def labels_of(column: str) -> list[Label]:
    """The first column of a line: ``none`` or ``kind:status`` joined by ``+``, ``more:`` before what was told
    already."""
    labels: list[Label] = []
    for part in column.split("+"):
        if part != "none":
            pieces = part.split(":")
            labels.append(Label(pieces[-2], pieces[-1], pieces[0] == "more"))
    return labels


Row = tuple[str, str, str]


def rows(folder: Path = SENTENCES) -> Iterator[tuple[str, list[Row]]]:
    """File name and lines (labels, position, marked sentence) of every text: an article where a title opens it and
    a blank
    line ends it, else a single sentence. Raises ValueError naming file and line."""
    for path in sorted(folder.glob("*.tsv")):
        text: list[Row] = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            columns = line.split("\t")
            if line.strip() and len(columns) != 3:
                raise ValueError(f"{path.name}, line {number}: {len(columns)} columns instead of 3")
            if text and (not line.strip() or text[0][1] != "T" or not ARTICLES.match(path.stem)):
                yield path.stem, text
                text = []
            if line.strip():
                text.append((columns[0], columns[1], columns[2]))
        if text:
            yield path.stem, text


def read_document(reader: Reader, article: Article) -> tuple[Document, ProjectReader]:
    """An article with everything found that projects build on, and the reader of its events."""
    document = reader.prepare(article, component)
    projects = ProjectReader(document)
    projects.events = projects.reader.read()
    return document, projects


@dataclass(slots=True)
class Line:
    """A marked line in the article that it belongs to: its block and offsets, its labels, figures and dates."""

    block: int
    start: int
    end: int
    labels: list[Label]
    figures: list[tuple[int, int, str]]
    dates: list[tuple[int, int, str]]


def assemble(text: list[Row]) -> tuple[Article, list[Line]]:
    """Lines as an article: title, standfirst and headings, up to three sentences a paragraph."""
    title, standfirst = "", None
    body: list[tuple[str, str]] = []
    found: list[Line] = []
    run = 0
    for labels, position, marks in text:
        words, figures, dates = unmark(marks)
        start = 0
        if position == "T" and not title:
            title, block = words, -2
        elif position == "S" and standfirst is None and not body:
            standfirst, block = words, -1
        elif position in "MQ" and body and body[-1][0] == "paragraph" and run < 3:
            start = len(body[-1][1]) + 1
            body[-1] = ("paragraph", f"{body[-1][1]} {words}")
            block, run = len(body) - 1, run + 1
        else:
            body.append(("heading" if position in "XT" else "paragraph", words))
            block, run = len(body) - 1, 1
        shifted = [[(a + start, b + start, m) for a, b, m in spans] for spans in (figures, dates)]
        found.append(Line(block, start, start + len(words), labels_of(labels), *shifted))
    blocks = tuple(Block(kind=kind, text=words) for kind, words in body)
    return Article(source="", title=title, standfirst=standfirst, body=blocks, published=PUBLISHED), found


def marked(reader: Reader, texts: Iterable[tuple[str, list[Row]]]) -> Iterator[Sample]:
    """The samples of marked texts; a line that holds several sentences gives its labels to the longest."""
    for name, text in texts:
        article, lines = assemble(text)
        document, projects = read_document(reader, article)
        last = "none"
        for line in lines:
            inside = [
                s
                for s in projects.reader.sentences
                if s.block == line.block and line.start <= (s.start + s.end) // 2 < line.end
            ]
            if not inside:
                continue
            longest = max(inside, key=lambda s: s.end - s.start)
            for sentence in inside:
                if sentence is not longest and line.labels:
                    continue
                sample = _sample(document, projects, sentence, line.labels)
                sample.group = name
                kinds = [x.kind for x in line.labels]
                for at, word in enumerate(sentence.words):
                    if isinstance(word.entity, DateSpan):
                        label = next((m for a, b, m in line.dates if a < word.end and word.start < b), None)
                        if label is not None:
                            kind = _kind_near(sentence, at, kinds, last, projects)
                            sample.dates.append((_date(sentence, at, kind, projects, document), label))
                last = kinds[-1] if kinds else last
                yield sample


def _sample(document: Document, projects: ProjectReader, sentence: Sentence, labels: list[Label]) -> Sample:
    parts: list[Part] = []
    for first, end in clauses(sentence):
        events = [
            (e, None if e.trigger.kind == "stage" else projects.kind(e))
            for e in projects.events
            if e.sentence is sentence and first <= e.first < end
        ]
        words: dict[str, Value] = {**told(sentence, first, end), **meaning(document, sentence, first, end)}
        parts.append(Part(words, events))  # type: ignore[arg-type]
    phrases = chunks(sentence.words, document.block(sentence.block).text)
    return Sample(parts, labels, phrases=phrases)


def _date(sentence: Sentence, at: int, kind: str, projects: ProjectReader, document: Document) -> dict[str, float]:
    rows_ = [(e, projects.kind(e)) for e in projects.events if e.sentence is sentence and e.trigger.kind != "stage"]
    near = [e for e, other in rows_ if other in family(kind)]
    event = min(near, key=lambda e: abs(e.first - at)) if near else None
    rivals = [(e.first, other) for e, other in rows_ if other is not None and other not in family(kind)]
    return date_view(document, sentence, at, kind, event, spots(sentence), rivals)  # type: ignore[arg-type]


def _kind_near(sentence: Sentence, at: int, kinds: list[str], last: str, projects: ProjectReader) -> str:
    """The kind of project that a date is asked about: that of the nearest event among the told ones, else the last
    told."""
    near = [
        (abs(e.first - at), projects.kind(e) or "")
        for e in projects.events
        if e.sentence is sentence and e.trigger.kind != "stage"
    ]
    for _, kind in sorted(near):
        own = [k for k in kinds if kind in family(k)]
        if own:
            return own[0]
    return kinds[0] if kinds else last if last != "none" or not near else min(near)[1] or last


def gold(reader: Reader, folder: Path, weight: float = 0.4) -> Iterator[Sample]:
    """The sentences of gold articles. Those that hold the evidence of no project may still tell of one: they count
    ``weight``."""
    for path in sorted(folder.glob("*.json")):
        item = json.loads(path.read_text(encoding="utf-8"))
        if "facts" not in item:
            continue
        article = Article.model_validate(item["article"])
        document, projects = read_document(reader, article)
        facts: dict[str, list[dict[str, Any]]] = item["facts"]
        last = "none"
        carriers = Carriers(projects.reader)
        for sentence in projects.reader.sentences:
            if sentence.kind == "caption":
                continue
            mine = [p for p in facts["projects"] if _inside(p["evidence"], sentence)]
            sample = _sample(document, projects, sentence, [Label(p["kind"], p["status"]) for p in mine])
            sample.group = folder.name
            sample.weight = 1.0 if mine else weight
            sample.placed = True
            names = {o["name"]: {o["name"], *o["aliases"]} for o in facts["organisations"]}
            for p in mine:
                sample.carriers += _carriers(projects, carriers, sentence, p, names)
                middle = (max(p["evidence"]["start"], sentence.start) + min(p["evidence"]["end"], sentence.end)) / 2
                ranges = clauses(sentence)
                spans = [(sentence.words[a].start, sentence.words[b - 1].end) for a, b in ranges]
                nearest = min(range(len(spans)), key=lambda n: max(0, spans[n][0] - middle, middle - spans[n][1]))
                sample.parts[nearest].labels.append(Label(p["kind"], p["status"]))
            for at, word in enumerate(sentence.words):
                if isinstance(word.entity, DateSpan):
                    ends = (str(word.entity.from_ or ""), str(word.entity.to or ""))
                    steps = [
                        (p["kind"], m["milestone"])
                        for p in facts["projects"]
                        for m in p["milestones"]
                        if (m["from"] or "", m["to"] or "") == ends
                    ]
                    kind = _kind_near(sentence, at, [p["kind"] for p in mine], last, projects)
                    label = "none"
                    if steps:
                        kind, label = next((s for s in steps if s[0] == kind), steps[0])
                    sample.dates.append((_date(sentence, at, kind, projects, document), label))
            last = mine[-1]["kind"] if mine else last
            yield sample


def _carriers(
    projects: ProjectReader, carriers: Carriers, sentence: Sentence, project: dict[str, Any], names: dict[str, set[str]]
) -> list[tuple[dict[str, float], str]]:
    """The organisations of an article as candidates for carrying a gold project told in a sentence."""
    evidence = project["evidence"]
    middle = (evidence["start"] + evidence["end"]) // 2
    own = {fold(alias) for name in project["organisations"] for alias in names.get(name, {name})}
    if not own:
        return []
    events = [
        e
        for e in projects.events
        if e.sentence is sentence and e.trigger.kind != "stage" and projects.kind(e) in family(project["kind"])
    ]
    if events:
        event = min(events, key=lambda e: abs(sentence.words[e.first].start - middle))
    else:
        verbs = [i for i, w in enumerate(sentence.words) if w.verb is not None] or [0]
        at = min(verbs, key=lambda i: abs(sentence.words[i].start - middle))
        event = projects.beliefs.event_at(sentence, at, project["kind"])
        projects.reader.fill(event)
    return [
        (
            carriers.features(event, project["kind"], entity),
            "carrier" if own & {fold(n) for n in (entity.name, *entity.aliases)} else "other",
        )
        for entity in carriers.candidates(event)
    ]


def records(reader: Reader, folder: Path) -> Iterator[tuple[str, dict[str, float], str]]:
    """What the reader puts together in gold articles, and whether each is a record of the gold: of its kind, with
    one of
    its carriers (its place, where it has none). Of those that are: whether each figure and place of the article is
    theirs. Rows of task ("records", "attached_figures", "attached_places"), features and label."""
    for path in sorted(folder.glob("*.json")):
        item = json.loads(path.read_text(encoding="utf-8"))
        if "facts" not in item:
            continue
        _, projects = read_document(reader, Article.model_validate(item["article"]))
        projects.read()
        facts: dict[str, list[dict[str, Any]]] = item["facts"]
        names = {o["name"]: {o["name"], *o["aliases"]} for o in facts["organisations"]}
        free = list(facts["projects"])
        for cluster in sorted(projects.clusters, key=lambda c: -c.belief):
            own = {fold(n) for o in cluster.organisations for n in (o.name, *o.aliases)}
            where = {fold(p.name) for p in cluster.places}
            found = None
            for project in free:
                carriers = {fold(a) for name in project["organisations"] for a in names.get(name, {name})}
                same = own & carriers if carriers else where & {fold(p) for p in project["places"]}
                if project["kind"] == cluster.kind and same:
                    found = project
                    break
            if found is not None:
                free.remove(found)
            features = record_features(cluster, projects.clusters, MEASURES[cluster.kind])
            yield "records", features, "record" if found else "none"
            if found is not None and projects.attachments is not None and id(cluster) in projects.proposed:
                yield from _attached(projects, cluster, found)


def _attached(
    projects: ProjectReader, cluster: Cluster, project: dict[str, Any]
) -> Iterator[tuple[str, dict[str, float], str]]:
    attachments = projects.attachments
    assert attachments is not None
    figures, places = projects.proposed[id(cluster)]
    own = {(f["measure"], f["low"], f["high"], f["unit"]) for f in project["figures"]}
    for sentence, i, figure in attachments.figures:
        label = "own" if (figure.measure, figure.low, figure.high, figure.unit) in own else "other"
        ruled = any(f is figure for f in figures)
        yield "attached_figures", attachments.figure_features(cluster, sentence, i, figure, ruled), label
    named = {fold(p) for p in project["places"]}
    for place, standing in attachments.places.values():
        forms = {fold(projects.fullest(place)), fold(place.name)}
        ruled = any(p is place for p in places)
        yield (
            "attached_places",
            attachments.place_features(cluster, place, standing, ruled),
            "own" if forms & named else "other",
        )


def _inside(evidence: dict[str, Any], sentence: Sentence) -> bool:
    """Whether evidence begins in a sentence (its middle, for evidence over two)."""
    middle = (evidence["start"] + evidence["end"]) // 2
    return bool(evidence["block"] == sentence.block and sentence.start <= middle < sentence.end)
