"""Which NAF division a phrase is about, learned from named activities, products and sites.

The model (``nlp/models/sector.npz``) adds up what the words of a phrase, their pieces and their mean meaning say of each
division, so that "tisseur de lin" is known by "tissage" and "câblier" by "câble". What a word says is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from spacy.strings import get_string_id
from spacy.vocab import Vocab

from nlp.components.linear import Linear, load
from nlp.components.projects_events import lexicon
from nlp.components.projects_text import PIECE, Word

# Of a phrase: (canonical word, the word as written, lower-cased).
Phrase = tuple[tuple[str, str], ...]
Vector = NDArray[np.float32]
PIECES = (4, 5)
PIECE_WEIGHT = 0.5
MEANING = 8.0
# The class of phrases that name no activity ("le groupe", "40 salariés").
NOTHING = "00"
# Words that name no activity wherever they stand.
EMPTY = frozenset(
    [
        "le",
        "un",
        "de",
        "a",
        "et",
        "en",
        "que",
        "qui",
        "son",
        "ce",
        "se",
        "ne",
        "par",
        "pour",
        "dans",
        "sur",
        "avoir",
        "etre",
        "avec",
        "ou",
        "plus",
        "tout",
        "il",
        "elle",
        "ils",
        "elles",
        "on",
        "nous",
        "dont",
        "depuis",
        "apres",
        "avant",
        "chez",
        "entre",
        "vers",
        "sans",
        "sous",
        "mais",
        "deux",
        "trois",
        "quatre",
        "cinq",
    ]
)


def phrase_of(text: str) -> Phrase:
    """A phrase as (canonical word, word as written) pairs.

    >>> phrase_of("Fabricant de câbles")
    (('fabricant', 'fabricant'), ('cable', 'câbles'))
    """
    canoniser = lexicon().canoniser
    pairs = [(canoniser.word(piece, None, False)[0], piece.lower()) for piece in PIECE.findall(text)]
    return tuple(pair for pair in pairs if _tells(pair[0]))


def words_of(words: Iterable[Word], text: str) -> Phrase:
    """Words of a sentence of the block ``text`` as a phrase: names, dates and figures say nothing of an activity."""
    return tuple(
        (w.canon, text[w.start : w.end].lower())
        for w in words
        if w.entity is None and w.figure is None and _tells(w.canon)
    )


def _tells(canon: str) -> bool:
    return len(canon) > 1 and canon[0].isalpha() and canon not in EMPTY and canon != "NOM"


def pieces(canon: str) -> dict[str, float]:
    """The features of a canonical word: itself and its pieces."""
    features = {"w=" + canon: 1.0}
    marked = f"^{canon}$"
    for size in PIECES:
        for i in range(len(marked) - size + 1):
            name = "g=" + marked[i : i + size]
            features[name] = features.get(name, 0.0) + PIECE_WEIGHT
    return features


def meaning(phrase: Phrase, vectors: Callable[[str], Vector]) -> Vector | None:
    """The direction of the mean of the words' vectors, or None where no word has one."""
    total: Vector | None = None
    for _, written in phrase:
        vector = vectors(written)
        if vector.any():
            total = vector if total is None else total + vector
    if total is None:
        return None
    length = float(np.linalg.norm(total))
    return total / length if length else None


def features(phrase: Phrase, vectors: Callable[[str], Vector]) -> dict[str, float]:
    """The features of a phrase, as the model learns them."""
    found: dict[str, float] = {}
    for canon, _ in phrase:
        for name, value in pieces(canon).items():
            found[name] = found.get(name, 0.0) + value
    mean = meaning(phrase, vectors)
    if mean is not None:
        found.update((f"d{i}", value * MEANING) for i, value in enumerate(mean.tolist()))
    return found


def unit_vectors(vocab: Vocab) -> Callable[[str], Vector]:
    """The word vectors of a spaCy vocabulary at length 1 (zeros where it has none)."""

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


# Words at which a new phrase begins: each part is judged by itself.
BREAKS = frozenset(
    [
        "pour",
        "dans",
        "avec",
        "sur",
        "par",
        "et",
        "ou",
        "que",
        "qui",
        "chez",
        "dont",
        "mais",
        "ni",
        "vers",
        "sans",
        "depuis",
        "entre",
        "contre",
    ]
)
LONGEST = 5


def chunks(words: Iterable[Word], text: str) -> list[Phrase]:
    """The short phrases that words of the block ``text`` are made of, so that each says one thing: they begin at a verb
    and end at marks, names, figures and conjunctions. Quoted words say nothing of the teller's matter and are left out."""
    found: list[Phrase] = []
    run: list[tuple[str, str]] = []
    for w in words:
        speaks = w.entity is None and w.figure is None and not w.quoted and w.canon[:1].isalpha() and w.canon != "NOM"
        if run and (not speaks or w.canon in BREAKS or w.verb is not None or len(run) == LONGEST):
            found.append(tuple(run))
            run = []
        if speaks and _tells(w.canon):
            run.append((w.canon, text[w.start : w.end].lower()))
    if run:
        found.append(tuple(run))
    return found


class Activities:
    """The learned model as the reader uses it: what each word adds is worked out once.

    ``vectors`` gives the vector of a word, of ``size`` numbers.
    """

    def __init__(self, model: Linear, vectors: Callable[[str], Vector], size: int) -> None:
        self.model = model
        self.vectors = vectors
        self.directions = np.zeros((size, len(model.classes)), dtype=np.float32)
        for i in range(size):
            row = model.rows.get(f"d{i}")
            if row is not None:
                self.directions[i] = model.weights[row] * MEANING
        self.spoken: dict[str, Vector] = {}
        self.known: dict[Phrase, dict[str, float]] = {}

    def probabilities(self, phrase: Phrase) -> dict[str, float]:
        """The divisions that a phrase may be about with their probabilities, unlikely ones left out."""
        found = self.known.get(phrase)
        if found is None:
            if len(self.known) > CACHED:
                self.known.clear()
                self.spoken.clear()
            found = self.known[phrase] = self._work_out(phrase)
        return found

    def _work_out(self, phrase: Phrase) -> dict[str, float]:
        total = self.model.intercepts.copy()
        for canon, _ in phrase:
            said = self.spoken.get(canon)
            if said is None:
                said = self.spoken[canon] = self.model.scores(pieces(canon)) - self.model.intercepts
            total += said
        mean = meaning(phrase, self.vectors)
        if mean is not None:
            total += mean @ self.directions
        likely = np.exp(total - total.max())
        likely /= likely.sum()
        return {
            self.model.classes[i]: float(likely[i])
            for i in np.flatnonzero(likely >= LEAST).tolist()
            if self.model.classes[i] != NOTHING
        }


LEAST = 0.03
CACHED = 50_000


@lru_cache(maxsize=2)
def activities(vocab: Vocab) -> Activities:
    """The model of the package with the word vectors of a spaCy vocabulary."""
    return Activities(load("sector"), unit_vectors(vocab), vocab.vectors.shape[1])
