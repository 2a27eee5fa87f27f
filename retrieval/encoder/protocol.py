"""What an encoder is, so that most code and most tests never load a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Vectors
from retrieval.encoder.tokens import Tokens
from retrieval.types import Progress, no_progress

Runtime = Literal["int8", "fp32", "torch"]
NAME = "multilingual-e5-small"
Task = Literal["query", "document"]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts after one pass of the model: ``(n, d)`` float32 unit vectors, and the tokens of each text."""

    vectors: Vectors
    tokens: tuple[Tokens, ...]

    @classmethod
    def joined(cls, parts: Iterable[tuple[Sequence[int], Encoded]]) -> Encoded:
        """Put batches together: each comes with the rows that its texts have in the whole."""
        tokens: dict[int, Tokens] = {}
        vectors: dict[int, Vectors] = {}
        for rows, part in parts:
            tokens |= zip(rows, part.tokens, strict=True)
            vectors |= zip(rows, part.vectors, strict=True)
        if not vectors:
            return cls(np.zeros((0, 0), dtype=np.float32), ())
        return cls(
            np.stack([vectors[row] for row in range(len(vectors))]), tuple(tokens[row] for row in range(len(tokens)))
        )


class Encoder(Protocol):
    """What retrieval needs of a model."""

    @property
    def name(self) -> str:
        """What the user calls the model."""

    @property
    def fingerprint(self) -> str:
        """Identify everything that decides the vectors: weights, prompts, pooling, arithmetic."""

    def load(self) -> None:
        """Load the model now, so that the first question does not wait for it."""

    def encode_queries(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Encode questions; for a single one, progress may report step 0 as soon as only the model is left to run."""

    def encode_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Encode passages."""


class Model(Protocol):
    """A loaded model; whether ONNX Runtime or torch runs it changes the last digits only."""

    def encode(self, texts: Sequence[str], task: Task, progress: Progress = no_progress) -> Encoded:
        """Encode texts with the prompt of a task."""


def unit(vectors: npt.NDArray[Any]) -> Vectors:
    """Return ``(n, d)`` vectors at length 1, float32."""
    single = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(single, axis=1, keepdims=True).astype(np.float32)
    return np.asarray(single / np.maximum(norms, np.float32(1e-12)), dtype=np.float32)
