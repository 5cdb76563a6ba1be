"""What the tests of the reader share."""

from __future__ import annotations

import pytest

from nlp.pipeline import Reader


@pytest.fixture(scope="session")
def reader() -> Reader:
    """One reader for all tests: loading the model takes a second."""
    return Reader()
