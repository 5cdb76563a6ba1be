"""Vectors: what the warehouse expects of an encoder that is passed in, and vectors made once and kept by model."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Literal, Protocol

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from warehouse.store import transaction

BATCH = 512


class Encoder(Protocol):
    """Turns texts into unit vectors (``nlp.embeddings`` makes one; the warehouse only uses it)."""

    @property
    def name(self) -> str:
        """Identifies the model: kept beside its vectors."""
        ...

    def encode(self, texts: list[str], kind: Literal["query", "passage"] = "passage") -> NDArray[np.float32]:
        """Vectors of the texts, shape (n, dim), float32, of length 1."""
        ...


def refresh_vectors(connection: duckdb.DuckDBPyConnection, encoder: Encoder) -> int:
    """Encode the articles whose title, standfirst or first project is new to this encoder; returns how many.

    Each batch is committed: a killed run goes on where it was.
    """
    rows = connection.execute(
        """
        WITH texts AS (
            SELECT a.article_id AS owner_id,
                   concat_ws('. ', v.title, v.standfirst, first(t.evidence_text ORDER BY t.ordinal)) AS text
            FROM store.articles a
            JOIN store.article_versions v ON v.version_id = a.latest_version_id
            LEFT JOIN store.project_tellings t ON t.version_id = a.latest_version_id
            GROUP BY a.article_id, v.title, v.standfirst)
        SELECT owner_id, text, md5(text) AS text_hash FROM texts
        ANTI JOIN (SELECT owner_id, text_hash FROM store.embeddings WHERE model = ?) k
            ON k.owner_id = texts.owner_id AND k.text_hash = md5(texts.text)
        WHERE text <> '' ORDER BY owner_id
        """,
        [encoder.name],
    ).fetchall()
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        keep_vectors(connection, encoder, [(owner, text_hash) for owner, _, text_hash in batch],
                     encoder.encode([text for _, text, _ in batch]))  # fmt: skip
    return len(rows)


def keep_vectors(
    connection: duckdb.DuckDBPyConnection,
    encoder: Encoder,
    owners: Iterable[tuple[str, str]],
    vectors: NDArray[np.float32],
) -> None:
    """Keep vectors for (owner id, hash of the text), in place of those that the owners had from this encoder."""
    pairs = list(owners)
    flat = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).ravel())
    table = pa.table(
        {
            "owner_id": pa.array([owner for owner, _ in pairs], pa.string()),
            "text_hash": pa.array([text_hash for _, text_hash in pairs], pa.string()),
            "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]),
        }
    )
    connection.register("staged_vectors", table)
    with transaction(connection):
        connection.execute(
            "DELETE FROM store.embeddings WHERE model = ? AND owner_id IN (SELECT owner_id FROM staged_vectors)",
            [encoder.name],
        )
        connection.execute(
            "INSERT INTO store.embeddings SELECT owner_id, ?, text_hash, vector::FLOAT[] FROM staged_vectors",
            [encoder.name],
        )
    connection.unregister("staged_vectors")
