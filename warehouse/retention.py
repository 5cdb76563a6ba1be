"""Text expires by its rights class; hashes, offsets, facts and short extracts stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from warehouse.store import transaction

if TYPE_CHECKING:
    from warehouse.store import Warehouse


@dataclass(frozen=True)
class Expired:
    """What a run of the retention removed."""

    versions: int
    blocks: int


def expire_texts(warehouse: Warehouse, day: date, *, rewrite: bool = True) -> Expired:
    """Remove the texts that may no longer be kept on ``day``, or at all (a source that withdrew its consent).

    The article keeps title, standfirst, link and facts. With ``rewrite`` the file is written anew where a text was
    removed, so that freed pages keep nothing. Idempotent.
    """
    connection = warehouse.connection
    with transaction(connection):
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE expiring AS SELECT version_id FROM store.article_versions "
            "WHERE text_expired_on IS NULL AND (keep_text_until < ? OR NOT store_text) "
            "AND version_id IN (SELECT version_id FROM store.blocks)",
            [day],
        )
        blocks = connection.execute(
            "DELETE FROM store.blocks WHERE version_id IN (FROM expiring) RETURNING block"
        ).fetchall()
        versions = connection.execute(
            "UPDATE store.article_versions SET text_expired_on = ? WHERE version_id IN (FROM expiring) "
            "RETURNING version_id",
            [day],
        ).fetchall()
        connection.execute("DROP TABLE expiring")
    if rewrite and blocks:
        warehouse.rewrite()
    return Expired(len(versions), len(blocks))
