"""An article in the reader's hands: one spaCy Doc over all blocks, and what the components found so far.

Each block is parsed by itself (a title must not glue to the standfirst), then the blocks' Docs are joined into
one, so that components see the whole article: names introduced in one block are found again in another.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from spacy.tokens import Doc, Span

from crawlers.items import Article
from nlp.facts import Conflict, Evidence, Figure, OrganisationKind, PlaceKind, Project, Quote, Role, Salience
from nlp.folding import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nlp.components.words import Words


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """Where something is named: character offsets inside one block."""

    block: int
    start: int
    end: int


@dataclass(slots=True)
class OrganisationEntity:
    """An organisation with all its mentions; ``name`` is the fullest form."""

    name: str
    kind: OrganisationKind = "company"
    aliases: list[str] = field(default_factory=list)
    based_in: str | None = None
    salience: Salience = "passing"
    mentions: list[Mention] = field(default_factory=list)


@dataclass(slots=True)
class PersonEntity:
    """A person with all mentions; ``female`` is None where the text does not tell."""

    name: str
    aliases: list[str] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    female: bool | None = None
    mentions: list[Mention] = field(default_factory=list)


@dataclass(slots=True)
class PlaceEntity:
    """A place with all its mentions."""

    name: str
    kind: PlaceKind
    code: str | None = None
    department: str | None = None
    region: str | None = None
    mentions: list[Mention] = field(default_factory=list)


Entity = OrganisationEntity | PersonEntity | PlaceEntity


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date or horizon in the text: an interval whose ends may be open, and its words.

    ``precision`` is day, month, quarter, season, half, year or vague.
    """

    mention: Mention
    from_: date | None
    to: date | None
    precision: str


@dataclass(frozen=True, slots=True)
class BlockSpan:
    """A block inside the joined Doc: tokens ``[start, end)``, first character at ``char`` of ``doc.text``."""

    index: int
    kind: str
    text: str
    start: int
    end: int
    char: int


@dataclass(slots=True)
class Name:
    """A proper name at one place of the text, before and after it is known what it names.

    ``votes`` holds what the words around it say for ``org``, ``per``, ``loc`` or ``other`` (product, event,
    programme), ``own`` what its own words say, ``ner`` what spaCy says; ``kind`` is the class that the article as a
    whole gives the name.
    """

    mention: Mention
    text: str
    key: str
    votes: dict[str, float] = field(default_factory=dict)
    own: dict[str, float] = field(default_factory=dict)
    ner: dict[str, float] = field(default_factory=dict)
    kind: str = ""
    org_kind: OrganisationKind | None = None
    initial: bool = False


@dataclass(slots=True)
class Document:
    """One article being read. Components fill the lists, in the order of ``nlp.pipeline``.

    ``furniture`` holds the parts that carry no facts (photo credits, subscription and "Lire aussi" lines, bylines).
    """

    article: Article
    doc: Doc
    blocks: list[BlockSpan]
    words: Words
    published: date | None = None
    furniture: list[Mention] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)
    organisations: list[OrganisationEntity] = field(default_factory=list)
    people: list[PersonEntity] = field(default_factory=list)
    places: list[PlaceEntity] = field(default_factory=list)
    dates: list[DateSpan] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    _by_index: dict[int, BlockSpan] = field(init=False, repr=False)
    _starts: list[int] = field(init=False, repr=False)
    _plain: dict[int, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._by_index = {block.index: block for block in self.blocks}
        self._plain = {}
        self._starts = [block.start for block in self.blocks]

    def block(self, index: int) -> BlockSpan:
        """The block of that index; KeyError where there is none."""
        return self._by_index[index]

    def plain(self, index: int) -> str:
        """A block's text without accents, case kept, offsets kept (see ``nlp.folding.plain``)."""
        if index not in self._plain:
            self._plain[index] = plain(self._by_index[index].text)
        return self._plain[index]

    def is_furniture(self, mention: Mention) -> bool:
        """Whether a mention lies in a part that carries no facts."""
        return any(f.block == mention.block and f.start < mention.end and mention.start < f.end for f in self.furniture)

    def block_of(self, token: int) -> BlockSpan:
        """The block that holds a token of the joined Doc."""
        return self.blocks[bisect_right(self._starts, token) - 1]

    def mention(self, span: Span) -> Mention:
        """A span of the joined Doc (inside one block) as offsets in its block."""
        block = self.block_of(span.start)
        return Mention(block.index, span.start_char - block.char, span.end_char - block.char)

    def span(self, mention: Mention) -> Span | None:
        """The tokens that cover a mention, or None where it lies outside."""
        block = self.block(mention.block)
        return self.doc.char_span(block.char + mention.start, block.char + mention.end, alignment_mode="expand")

    def evidence(self, mention: Mention) -> Evidence:
        """The evidence record of a mention.

        >>> # block 0 "Kestrava investit." -> Evidence(block=0, start=0, end=8, text='Kestrava')
        """
        text = self.block(mention.block).text[mention.start : mention.end]
        return Evidence(block=mention.block, start=mention.start, end=mention.end, text=text)

    def sentences(self, index: int) -> Iterator[Span]:
        """The sentences of one block, as spans of the joined Doc."""
        block = self.block(index)
        if block.end > block.start:
            yield from self.doc[block.start : block.end].sents  # type: ignore[attr-defined]
