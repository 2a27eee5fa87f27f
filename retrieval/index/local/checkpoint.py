"""Vectors of an indexing run that has not been published yet, so that an interrupted run goes on where it stopped.

    index.path/pending/FINGERPRINT/
      NUMBER.tokens.npy     token records of one batch, text after text
      NUMBER.npz            hashes (k, 32) uint8, vectors (k, d) float32 and counts (k,) of tokens of the same batch

Every file is written aside and renamed, the tokens first. What a crash cut short is left out and embedded again.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Vectors
from retrieval.disk import file_aside
from retrieval.encoder.protocol import Encoded, Encoder
from retrieval.encoder.tokens import Tokens
from retrieval.index.local.token_store import TokenStore
from retrieval.types import Progress, no_progress

BATCH = 256
"""Passages between two files: what an interruption costs at most."""


class Checkpoint:
    """Embeds texts batch by batch, keeping what is done on disk until ``clear``."""

    def __init__(self, index_path: Path, encoder: Encoder, batch: int = BATCH) -> None:
        self._batch = batch
        self._root = index_path / "pending"
        self._folder = self._root / encoder.fingerprint
        self.encoder = encoder
        self.embedded = 0
        """Texts that this run had to embed."""

    def embed(self, texts: Sequence[str], progress: Progress = no_progress) -> tuple[Vectors, TokenStore]:
        """Return ``(len(texts), d)`` vectors and the tokens of distinct texts; finished batches are not computed again.

        The tokens stay on disk until ``clear``.
        """
        batches = list(self._read())
        known = {key for batch in batches for key in batch.keys}
        digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        missing = sorted(
            (row for row in range(len(texts)) if digests[row] not in known), key=lambda row: -len(texts[row])
        )
        done = len(texts) - len(missing)
        for start in range(0, len(missing), self._batch):
            rows = missing[start : start + self._batch]

            def report(_: str, batch_done: int, __: int, before: int = done + start) -> None:
                progress("embed", before + batch_done, len(texts))

            encoded = self.encoder.encode_passages([texts[row] for row in rows], report)
            batches.append(self._write([digests[row] for row in rows], encoded))
            self.embedded += len(rows)
        return _gathered(digests, batches)

    def clear(self) -> None:
        """Forget everything: it has been published."""
        shutil.rmtree(self._root, ignore_errors=True)

    def _read(self) -> Iterator[_Batch]:
        for path in sorted(self._folder.glob("*.npz")):
            try:
                yield _Batch.load(path)
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                path.unlink(missing_ok=True)

    def _write(self, digests: Sequence[bytes], encoded: Encoded) -> _Batch:
        self._folder.mkdir(parents=True, exist_ok=True)
        number = 1 + max((int(path.stem) for path in self._folder.glob("[0-9]*.npz")), default=0)
        path = self._folder / f"{number:06d}.npz"
        keys = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)
        counts = np.array([len(tokens) for tokens in encoded.tokens], dtype=np.int64)
        with file_aside(_tokens_path(path), durable=True) as aside:
            np.save(aside, np.concatenate(encoded.tokens))
        with file_aside(path, durable=True) as aside:
            np.savez(aside, hashes=keys, vectors=encoded.vectors, counts=counts)
        return _Batch.load(path)


@dataclass(frozen=True, slots=True)
class _Batch:
    """One batch on disk, its tokens memory-mapped."""

    keys: tuple[bytes, ...]
    vectors: Vectors
    ends: npt.NDArray[np.int64]
    """``(k + 1,)``: the tokens of text i are ``tokens[ends[i]:ends[i + 1]]``."""
    tokens: Tokens

    @classmethod
    def load(cls, path: Path) -> _Batch:
        tokens = np.load(_tokens_path(path), mmap_mode="r")
        with path.open("rb") as file, np.load(file) as batch:  # np.load leaves a damaged file open
            ends = np.cumsum([0, *batch["counts"]], dtype=np.int64)
            if ends[-1] != len(tokens) or not len(batch["hashes"]) == len(batch["vectors"]) == len(ends) - 1:
                raise ValueError("tokens and vectors are not of one batch")
            return cls(tuple(map(bytes, batch["hashes"])), batch["vectors"], ends, tokens)


def _gathered(digests: Sequence[bytes], batches: Sequence[_Batch]) -> tuple[Vectors, TokenStore]:
    """Return vectors and tokens in the order of the digests."""
    places = {key: (number, row) for number, batch in enumerate(batches) for row, key in enumerate(batch.keys)}
    found = [places[digest] for digest in digests]
    vectors = np.stack([batches[number].vectors[row] for number, row in found]).astype(np.float32)
    table = [(number, batches[number].ends[row], batches[number].ends[row + 1]) for number, row in found]
    segments = tuple(batch.tokens for batch in batches)
    return vectors, TokenStore(segments, (None,) * len(segments), np.array(table, dtype=np.int64))


def _tokens_path(path: Path) -> Path:
    return path.with_suffix(".tokens.npy")
