"""The encoder that is passed in: what the warehouse expects of it, and vectors kept by model."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Encoder(Protocol):
    """Turns texts into unit vectors (``nlp.embeddings`` makes one; the warehouse only uses it)."""

    name: str

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Vectors of the texts, shape (n, dim), float32."""
        ...
