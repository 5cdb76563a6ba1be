"""The words of announcements compared by an encoder, its vectors kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import duckdb
import numpy as np
from numpy.typing import NDArray

from warehouse.load import insert_rows
from warehouse.tie_rows import set_scope
from warehouse.tie_score import Telling

if TYPE_CHECKING:
    from warehouse.embed import Encoder


class Words:
    """Closeness of tellings by their words; silent without an encoder."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, encoder: Encoder | None) -> None:
        self.connection = connection
        # An encoder that does not say what its cosines mean is no witness.
        measure: Callable[[float], float] | None = getattr(encoder, "closeness", None)
        self.encoder = encoder if measure is not None else None
        self._measure = measure or float

    def closeness(self, pairs: Sequence[tuple[Telling, Telling]]) -> dict[tuple[str, str], float]:
        """(telling, telling) -> 0 (as unrelated) to 1 (as one announcement), for each pair given."""
        if self.encoder is None or not pairs:
            return {}
        vectors = self._vectors({t.telling_id for pair in pairs for t in pair})
        found = {}
        for a, b in pairs:
            if a.telling_id in vectors and b.telling_id in vectors:
                cosine = float(vectors[a.telling_id] @ vectors[b.telling_id])
                # Two decimals: the last bits of a vector differ between machines, a judgement must not.
                found[a.telling_id, b.telling_id] = round(self._measure(cosine), 2)
        return found

    def _vectors(self, ids: set[str]) -> dict[str, NDArray[np.float32]]:
        assert self.encoder is not None
        set_scope(self.connection, "scope_words", ids)
        texts = dict(
            self.connection.execute(
                "SELECT t.telling_id, concat_ws(' — ', v.title, coalesce(t.evidence_sentence, t.evidence_text)) "
                "FROM store.project_tellings t JOIN store.article_versions v USING (version_id) "
                "WHERE t.telling_id IN (SELECT id FROM scope_words)"
            ).fetchall()
        )
        hashes = {t: hashlib.sha256(text.encode()).hexdigest()[:16] for t, text in texts.items()}
        known = {
            owner: np.asarray(vector, dtype=np.float32)
            for owner, text_hash, vector in self.connection.execute(
                "SELECT owner_id, text_hash, vector FROM store.embeddings WHERE model = ? "
                "AND owner_id IN (SELECT id FROM scope_words)",
                [self.encoder.name],
            ).fetchall()
            if hashes.get(owner) == text_hash
        }
        missing = sorted(set(texts) - set(known))
        if missing:
            made = self.encoder.encode([texts[t] for t in missing])
            rows = [
                {"owner_id": t, "model": self.encoder.name, "text_hash": hashes[t], "vector": vector.tolist()}
                for t, vector in zip(missing, made, strict=True)
            ]
            insert_rows(self.connection, "embeddings", rows)
            known |= dict(zip(missing, made, strict=True))
        return known
