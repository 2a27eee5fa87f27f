"""Questions as tests ask them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from stub_encoder import StubEncoder

from retrieval.answer.confidence import confidence
from retrieval.arrays import Vectors
from retrieval.encoder.protocol import Encoder
from retrieval.index.local.snapshot import LocalSnapshot
from retrieval.question.query import Query, analyse


class OverSnapshot(Protocol):
    snapshot: LocalSnapshot


def analysed(holder: OverSnapshot, question: str, encoder: Encoder | None = None, **options: Any) -> Query:
    """Return a question as the answerer over ``holder``'s snapshot understands it."""
    snapshot = holder.snapshot
    options = {"others_of": snapshot.relations.others_of, **options}
    return analyse(question, encoder or StubEncoder(), snapshot.lexical.words.holds, **options)


def in_bytes(tokens: Vectors) -> Vectors:
    """Return ``(q, d)`` question tokens as the arithmetic in bytes sees them: 63 steps to the largest value of each."""
    steps = np.maximum(np.abs(tokens).max(axis=1, initial=0, keepdims=True), 1e-12) / 63
    return np.asarray(np.rint(tokens / steps) * steps, dtype=np.float32)


class Belief:
    """How sure answers are: ``sure`` if a test sets it, whatever the stub encoder's cosines say."""

    def __init__(self, sure: float | None = None) -> None:
        self.sure = sure

    def __call__(self, sure: float) -> None:
        self.sure = sure

    def confidence(self, signals: Mapping[str, float]) -> float:
        return confidence(signals) if self.sure is None else self.sure
