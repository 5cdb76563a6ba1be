"""Word vectors of a spaCy vocabulary at length one, and the direction in which several words point together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from spacy.strings import get_string_id
from spacy.vocab import Vocab

Vector = NDArray[np.float32]
Vectors = Callable[[str], Vector]


@lru_cache(maxsize=2)
def unit_vectors(vocab: Vocab) -> Vectors:
    """The word vectors of a vocabulary at length 1 (zeros where it has none), each looked up once."""
    none = np.zeros(vocab.vectors.shape[1], dtype=np.float32)

    @lru_cache(maxsize=20_000)
    def vector(written: str) -> Vector:
        # not vocab.get_vector, which makes a lexeme of every word asked for: 100 µs
        row = int(vocab.vectors.find(key=get_string_id(written)))
        if row < 0:
            return none
        found = np.asarray(vocab.vectors.data[row], dtype=np.float32)
        length = float(np.linalg.norm(found))
        return found / length if length else none

    return vector


def direction(words: Iterable[str], vectors: Vectors) -> Vector | None:
    """The mean of the words' vectors at length 1, or None where no word has one."""
    total: Vector | None = None
    for word in words:
        vector = vectors(word)
        if vector.any():
            total = vector if total is None else total + vector
    if total is None:
        return None
    length = float(np.linalg.norm(total))
    return total / length if length else None
