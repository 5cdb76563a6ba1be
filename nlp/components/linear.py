"""Linear models over sparse, named features: what ``python -m nlp.training`` learns, as the reader uses it.

A model file (``nlp/models/*.npz``) holds the names of the features, one column of weights a class, and the intercepts.
Scoring adds the rows of the features that are present, so a decision can always be led back to the words behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

# Features by name; a vector stands for as many features as it has numbers, "dv" for "dv0", "dv1" …
Value = float | NDArray[np.float32]
Features = Mapping[str, Value]


@dataclass(slots=True)
class Linear:
    """Classes, the row of each feature, weights ``(features, classes)`` and intercepts ``(classes,)``.

    ``exclusive``: the classes exclude each other (softmax); else each stands for itself (sigmoid).
    """

    classes: tuple[str, ...]
    rows: dict[str, int]
    weights: NDArray[np.float32]
    intercepts: NDArray[np.float32]
    exclusive: bool
    _blocks: dict[str, NDArray[np.float32]] = field(default_factory=dict, repr=False)

    def scores(self, features: Features) -> NDArray[np.float32]:
        """The scores of the classes, before they are made probabilities."""
        total = self.intercepts.copy()
        found: list[int] = []
        values: list[float] = []
        for name, value in features.items():
            if isinstance(value, np.ndarray):
                total += value @ self.block(name, len(value))
            elif (row := self.rows.get(name)) is not None:
                found.append(row)
                values.append(value)
        if found:
            total += np.array(values, dtype=np.float32) @ self.weights[found]
        return total

    def block(self, name: str, size: int) -> NDArray[np.float32]:
        """The weights of a vector's numbers, ``(size, classes)``; zeros for those that the model left out."""
        block = self._blocks.get(name)
        if block is None:
            block = np.zeros((size, len(self.classes)), dtype=np.float32)
            for i in range(size):
                row = self.rows.get(f"{name}{i}")
                if row is not None:
                    block[i] = self.weights[row]
            self._blocks[name] = block
        return block

    def probabilities(self, features: Features) -> dict[str, float]:
        """The probability of each class."""
        total = self.scores(features).astype(np.float64)
        if self.exclusive:
            total = np.exp(total - total.max())
            total /= total.sum()
        else:
            total = 1 / (1 + np.exp(-total))
        return dict(zip(self.classes, total.tolist(), strict=True))

    def weight(self, names: Iterable[str], label: str) -> float:
        """How much some features speak for a class."""
        column = self.classes.index(label)
        return float(sum(self.weights[self.rows[name], column] for name in names if name in self.rows))

    def save(self) -> bytes:
        """The model as the bytes of an ``.npz`` file."""
        buffer = BytesIO()
        np.savez_compressed(
            buffer,
            classes=np.array(self.classes),
            features=np.array("\n".join(self.rows)),
            weights=self.weights.astype(np.float16),
            intercepts=self.intercepts,
            exclusive=np.array(self.exclusive),
        )
        return buffer.getvalue()


_trial: dict[str, Linear] = {}


@contextmanager
def trial(models: Mapping[str, Linear]) -> Iterator[None]:
    """Let :func:`load` answer with these models for a while, as training does to see what models make of texts that they
    have not seen."""
    _trial.update(models)
    try:
        yield
    finally:
        _trial.clear()


def load(name: str) -> Linear:
    """The model ``nlp/models/<name>.npz``; raises FileNotFoundError where there is none."""
    return _trial[name] if name in _trial else _stored(name)


@cache
def _stored(name: str) -> Linear:
    data = files("nlp").joinpath("models", f"{name}.npz").read_bytes()
    with np.load(BytesIO(data), allow_pickle=False) as found:
        names = str(found["features"]).split("\n")
        return Linear(
            tuple(map(str, found["classes"])),
            {feature: row for row, feature in enumerate(names)},
            found["weights"].astype(np.float32),
            found["intercepts"].astype(np.float32),
            bool(found["exclusive"]),
        )
