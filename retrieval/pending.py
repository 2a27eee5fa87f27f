"""Vectors of an indexing run that has not been published yet, so that an interrupted run goes on where it stopped.

    index.path/pending/FINGERPRINT/NUMBER.npz     hashes (k, 32) uint8 and vectors (k, d) float32 of one batch

Every file is written aside and renamed; one that a crash cut short is left out and written again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.encoder import Encoder, Vectors
from retrieval.types import Progress, no_progress

BATCH = 256
"""Passages between two files: what an interruption costs at most."""


class PendingVectors:
    """Embeds texts batch by batch, keeping what is done on disk until ``clear``."""

    def __init__(self, index_path: Path, encoder: Encoder) -> None:
        self._root = index_path / "pending"
        self._folder = self._root / encoder.fingerprint
        self.encoder = encoder
        self.embedded = 0
        """Texts that this run had to embed."""

    def embed(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Return ``(len(texts), d)`` float32 vectors of distinct texts; finished batches are not computed again."""
        known = self._read()
        digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        missing = sorted(
            (row for row in range(len(texts)) if digests[row] not in known), key=lambda row: -len(texts[row])
        )
        done = len(texts) - len(missing)
        for start in range(0, len(missing), BATCH):
            rows = missing[start : start + BATCH]

            def report(_: str, batch_done: int, __: int, before: int = done + start) -> None:
                progress("embed", before + batch_done, len(texts))

            vectors = self.encoder.encode_passages([texts[row] for row in rows], report)
            self._write([digests[row] for row in rows], vectors)
            known |= {digests[row]: vector for row, vector in zip(rows, vectors, strict=True)}
            self.embedded += len(rows)
        return np.stack([known[digest] for digest in digests]).astype(np.float32)

    def clear(self) -> None:
        """Forget everything: it has been published."""
        shutil.rmtree(self._root, ignore_errors=True)

    def _read(self) -> dict[bytes, npt.NDArray[np.float32]]:
        known: dict[bytes, npt.NDArray[np.float32]] = {}
        for path in sorted(self._folder.glob("*.npz")):
            try:
                with np.load(path) as batch:
                    known |= {bytes(key): vector for key, vector in zip(batch["hashes"], batch["vectors"], strict=True)}
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                path.unlink(missing_ok=True)
        return known

    def _write(self, digests: Sequence[bytes], vectors: Vectors) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        number = 1 + max((int(path.stem) for path in self._folder.glob("[0-9]*.npz")), default=0)
        aside = self._folder / f".{number:06d}.tmp"
        with aside.open("wb") as file:
            np.savez(file, hashes=np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32), vectors=vectors)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, self._folder / f"{number:06d}.npz")
