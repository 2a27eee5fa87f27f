"""A deterministic encoder without a model: texts that share characters get near vectors."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from retrieval.analysis import normalise
from retrieval.encoder import Vectors
from retrieval.types import Progress, no_progress


class StubEncoder:
    """Counts hashed characters and pairs of them; remembers what it was asked to embed."""

    def __init__(self, name: str = "stub", dimension: int = 64) -> None:
        self.name = name
        self.fingerprint = f"{name}-{dimension}"
        self.dimension = dimension
        self.embedded: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)

    def encode_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        self.embedded += texts
        progress("embed", len(texts), len(texts))
        return self.encode_queries(texts)

    def load(self) -> None:
        """Nothing to load."""

    def _vector(self, text: str) -> Vectors:
        vector = np.full(self.dimension, 0.01, dtype=np.float32)
        folded = normalise(text)
        for piece in [*folded, *map("".join, zip(folded, folded[1:], strict=False))]:
            vector[zlib.crc32(piece.encode("utf-8", "replace")) % self.dimension] += 1
        return vector / np.linalg.norm(vector)
