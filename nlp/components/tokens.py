"""spaCy's tokens by their place in a block."""

from __future__ import annotations

from bisect import bisect_right

from spacy.tokens import Token

from nlp.document import BlockSpan, Document


class Tokens:
    """spaCy's tokens of a document, by block and character."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.starts = {b.index: [t.idx - b.char for t in document.doc[b.start : b.end]] for b in document.blocks}

    def at(self, block: BlockSpan, char: int) -> Token | None:
        """The token that holds a character of a block."""
        starts = self.starts[block.index]
        i = bisect_right(starts, char) - 1
        return self.document.doc[block.start + i] if i >= 0 else None
