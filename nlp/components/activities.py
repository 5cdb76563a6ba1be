"""Which NAF division a phrase is about, learned from named activities, products and sites.

The model (``nlp/models/sector.npz``) adds up what the words of a phrase, their pieces and their mean meaning say of each
division, so that "tisseur de lin" is known by "tissage" and "câblier" by "câble". What a word says is worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from spacy.vocab import Vocab

from nlp.components.clauses import word_list
from nlp.components.linear import Linear, Value, load
from nlp.components.projects_events import lexicon
from nlp.components.projects_text import PIECE, Word
from nlp.components.vectors import Vector, Vectors, direction, unit_vectors

# Of a phrase: (canonical word, the word as written, lower-cased).
Phrase = tuple[tuple[str, str], ...]
PIECES = (4, 5)
PIECE_WEIGHT = 0.5
MEANING = 8.0
# The class of phrases that name no activity ("le groupe", "40 salariés").
NOTHING = "00"
# Words that name no activity wherever they stand.
EMPTY = word_list("empty") | word_list("names_no_activity")


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


def features(phrase: Phrase, vectors: Vectors) -> dict[str, Value]:
    """The features of a phrase, as the model learns them."""
    counts: dict[str, float] = {}
    for canon, _ in phrase:
        for name, value in pieces(canon).items():
            counts[name] = counts.get(name, 0.0) + value
    found: dict[str, Value] = dict(counts)
    mean = direction((written for _, written in phrase), vectors)
    if mean is not None:
        found["d"] = mean * np.float32(MEANING)
    return found


# Words at which a new phrase begins: each part is judged by itself.
BREAKS = word_list("begins_phrase")
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

    def __init__(self, model: Linear, vectors: Vectors, size: int) -> None:
        self.model = model
        self.vectors = vectors
        self.directions = model.block("d", size)
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
        mean = direction((written for _, written in phrase), self.vectors)
        if mean is not None:
            total += mean * np.float32(MEANING) @ self.directions
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
