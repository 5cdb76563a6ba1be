"""The version of the rules that read: what makes two readings of one text comparable."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

RELEASE = "2026.11"


@cache
def rules_version() -> str:
    """Release and a hash of the reader's code, lexicons and models, so that a changed rule is another version by itself
    (the texts that the models learned from are none).

    >>> rules_version().startswith("2026.11+")
    True
    """
    digest = hashlib.sha256()

    def take(folder: Traversable) -> None:
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name not in ("__pycache__", "training"):
                    take(entry)
            elif not entry.name.endswith(".pyc"):
                digest.update(entry.name.encode())
                digest.update(entry.read_bytes())

    take(files("nlp"))
    return f"{RELEASE}+{digest.hexdigest()[:10]}"
