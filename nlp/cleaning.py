"""Text as the rules want it, and the way back: evidence always points into the text as it came.

Scans, PDFs and bad mark-up leave doubled blanks, blanks behind an apostrophe or before a comma, soft hyphens,
control characters, decomposed accents and words broken over lines. The reader works on a cleaned copy of the article;
:func:`restore` turns the offsets of all facts back into those of the original.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from crawlers.items import Article, Block
from nlp.facts import Evidence, Facts

DROPPED = r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]+"
FAULTS = re.compile(
    rf"(?P<drop>{DROPPED})"
    r"|(?P<broken>(?<=[^\W\d_])-[ \t]*\n[ \t]*(?=[a-zà-ÿ]))"
    r"|(?P<elided>(?<![\w'’])(?:[ldcjmnstLDCJMNST]|[Qq]u) ?['’] +(?=[^\W\d_]))"
    r"|(?P<apart>(?<![\w'’])(?:[ldcjmnstLDCJMNST]|[Qq]u) ['’](?=[^\W\d_]))"
    r"|(?P<blanks>\s{2,})"
    r"|(?P<before>(?<=[\w)»]) (?=[,.](?:\s|$)))"
    r"|(?P<composed>[^\W_][\u0300-\u036f]+)"
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned text: where each of its characters begins and ends in the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def clean(text: str) -> Cleaned | None:
    """The cleaned text with its way back, or None where there is nothing to clean.

    >>> clean("l' usine ,  à Lens").text
    "l'usine, à Lens"
    """
    if not FAULTS.search(text):
        return None
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def put(char: str, start: int, end: int) -> None:
        out.append(char)
        starts.append(start)
        ends.append(end)

    at = 0
    for match in FAULTS.finditer(text):
        for i in range(at, match.start()):
            put(text[i], i, i + 1)
        at = match.end()
        kind, written = match.lastgroup, match[0]
        if kind in ("elided", "apart"):
            for i, char in enumerate(written):
                if not char.isspace():
                    put(char, match.start() + i, match.start() + i + 1)
        elif kind == "blanks":
            put("\n" if "\n" in written else " ", match.start(), match.end())
        elif kind == "composed":
            for char in unicodedata.normalize("NFC", written):
                put(char, match.start(), match.end())
    for i in range(at, len(text)):
        put(text[i], i, i + 1)
    return Cleaned("".join(out), tuple(starts), tuple(ends))


# The rules look around inside a block; a block beyond this many characters is read as several.
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Way:
    """From a block as it was read back to the original: its block, and where its cleaned text begins there."""

    block: int
    shift: int
    cleaned: Cleaned | None


def pieces(text: str) -> Iterator[str]:
    """A text in pieces of at most ``LONGEST`` characters that end in a blank, behind a sentence where there is one.

    Joined, the pieces are the text.
    """
    begin = 0
    while len(text) - begin > LONGEST:
        stop = begin + LONGEST
        cut = max(text.rfind(". ", begin, stop) + 2, text.rfind("\n", begin, stop) + 1)
        if cut - begin < LONGEST // 2:
            cut = text.rfind(" ", begin, stop) + 1
        if cut - begin < LONGEST // 2:
            cut = stop
        yield text[begin:cut]
        begin = cut
    yield text[begin:]


def clean_article(article: Article) -> tuple[Article, dict[int, Way]]:
    """The article as the rules read it, and the way back of each of its blocks (empty where nothing was changed)."""
    cleaned = {index: clean(text) for index, _, text in article.texts()}
    if not any(cleaned.values()) and all(len(block.text) <= LONGEST for block in article.body):
        return article, {}
    ways: dict[int, Way] = {}
    body: list[Block] = []
    for index, block in enumerate(article.body):
        found = cleaned[index]
        shift = 0
        for piece in pieces(found.text if found else block.text):
            ways[len(body)] = Way(index, shift, found)
            body.append(block.model_copy(update={"text": piece}))
            shift += len(piece)
    changed: dict[str, object] = {"body": tuple(body)}
    for index, field in ((-2, "title"), (-1, "standfirst")):
        head = cleaned.get(index)
        if head:
            ways[index] = Way(index, 0, head)
            changed[field] = head.text
    return article.model_copy(update=changed), ways


def restore(facts: Facts, article: Article, ways: dict[int, Way]) -> Facts:
    """The facts with every evidence in the blocks, offsets and words of the original article."""
    if not ways:
        return facts
    texts = {index: text for index, _, text in article.texts()}

    def back(evidence: Evidence) -> Evidence:
        way = ways.get(evidence.block)
        if way is None or evidence.end <= evidence.start:
            return evidence
        start, end = evidence.start + way.shift, evidence.end + way.shift
        if way.cleaned:
            start, end = way.cleaned.starts[start], way.cleaned.ends[end - 1]
        return Evidence(block=way.block, start=start, end=end, text=texts[way.block][start:end])

    projects = []
    for project in facts.projects:
        figures = tuple(
            f.model_copy(update={"evidence": back(f.evidence)}) if f.evidence else f for f in project.figures
        )
        milestones = tuple(
            m.model_copy(update={"evidence": back(m.evidence)}) if m.evidence else m for m in project.milestones
        )
        projects.append(
            project.model_copy(
                update={"evidence": back(project.evidence), "figures": figures, "milestones": milestones}
            )
        )
    return facts.model_copy(
        update={
            "organisations": _each(facts.organisations, back),
            "people": _each(facts.people, back),
            "places": _each(facts.places, back),
            "figures": _each(facts.figures, back),
            "quotes": _each(facts.quotes, back),
            "projects": tuple(projects),
            "conflicts": tuple(
                c.model_copy(update={"evidence": tuple(back(e) for e in c.evidence)}) for c in facts.conflicts
            ),
        }
    )


Fact = TypeVar("Fact")


def _each(items: tuple[Fact, ...], back: Callable[[Evidence], Evidence]) -> tuple[Fact, ...]:
    return tuple(
        item.model_copy(update={"evidence": back(item.evidence)})  # type: ignore[attr-defined]
        for item in items
    )
