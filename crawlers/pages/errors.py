"""Why a page gave no article."""

from __future__ import annotations

from typing import Literal

ErrorKind = Literal["not_html", "too_large", "too_deep", "empty", "bad_encoding", "not_pdf", "encrypted_pdf"]


class ExtractionError(Exception):
    """A page from which no article can be taken.

    ``kind`` is what a report counts by: ``not_html`` (another media type, or no mark-up at all), ``too_large``
    (more bytes or elements than :mod:`crawlers.pages.parse` allows), ``too_deep`` (nested beyond what the parser
    follows), ``empty`` (neither title nor text), ``bad_encoding`` (not text in any character set that we try),
    ``not_pdf`` and ``encrypted_pdf``. The message says more, for people.
    """

    def __init__(self, kind: ErrorKind, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind: ErrorKind = kind
        self.message = message
