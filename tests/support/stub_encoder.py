"""A deterministic encoder without a model: texts that share characters have near vectors, and like characters match."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from retrieval.arrays import Vectors
from retrieval.encoder.protocol import Encoded
from retrieval.encoder.tokens import Tokens, quantise_tokens
from retrieval.text.characters import normalise
from retrieval.types import Progress, no_progress


class StubEncoder:
    """Counts hashed characters and pairs of them; a token is a character. Remembers what it was asked to embed."""

    def __init__(self, name: str = "stub", dimension: int = 64) -> None:
        self.name = name
        self.fingerprint = f"{name}-{dimension}"
        self.dimension = dimension
        self.embedded: list[str] = []

    def encode_queries(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        vectors = np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)
        return Encoded(vectors, tuple(self._tokens(text) for text in texts))

    def encode_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        self.embedded += texts
        progress("embed", len(texts), len(texts))
        return self.encode_queries(texts)

    def load(self) -> None:
        """Nothing to load."""

    def _vector(self, text: str) -> Vectors:
        vector = np.full(self.dimension, 0.01, dtype=np.float32)
        folded = normalise(text)
        for piece in [*folded, *map("".join, zip(folded, folded[1:], strict=False))]:
            vector[self._place(piece)] += 1
        return vector / np.linalg.norm(vector)

    def _tokens(self, text: str) -> Tokens:
        places = [(at, character) for at, character in enumerate(text) if not character.isspace()]
        vectors = np.full((len(places), self.dimension), 0.1, dtype=np.float32)
        for row, (_, character) in enumerate(places):
            vectors[row, self._place(normalise(character))] += 1
        return quantise_tokens(vectors, np.array([(at, at + 1) for at, _ in places]).reshape(len(places), 2))

    def _place(self, piece: str) -> int:
        return zlib.crc32(piece.encode("utf-8", "replace")) % self.dimension
