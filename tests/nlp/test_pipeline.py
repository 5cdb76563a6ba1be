"""The reader as a whole: the gold articles of the repository against their floors."""

from __future__ import annotations

import json

import pytest

from benchmarks import quality
from nlp.pipeline import Reader


def test_floors_name_scores_of_existing_folders() -> None:
    floors = json.loads(quality.FLOORS.read_text(encoding="utf-8"))
    assert set(floors) <= {folder.name for folder in quality.folders()}
    assert all(0 <= floor <= 1 for scores in floors.values() for floor in scores.values())


def test_a_fallen_score_is_named() -> None:
    assert quality.compare("dev", {"people": 0.8}, {"people": 0.9}) == ["dev: people 0.800 is below its floor 0.900"]
    assert not quality.compare("dev", {"people": 0.95}, {"people": 0.9})


@pytest.mark.slow
@pytest.mark.parametrize("folder", quality.folders(), ids=lambda path: path.name)
def test_no_score_below_its_floor(reader: Reader, folder) -> None:
    floors = json.loads(quality.FLOORS.read_text(encoding="utf-8")).get(folder.name, {})
    assert quality.compare(folder.name, quality.measure(folder, reader), floors) == []
