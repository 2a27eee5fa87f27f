"""A confidence for the stub encoder, which is sure of whatever shares a word with the question.

The real confidence is fitted to the real model and says nothing about stub vectors. With this one, what faces show in
tests (answered or not found) depends neither on the stub's vectors nor on the next fit.
"""

from __future__ import annotations

from collections.abc import Mapping

from retrieval.answer.answerer import Answerer
from retrieval.answer.reading import SentenceReader
from retrieval.encoder.protocol import Encoder
from retrieval.index.local.snapshot import LocalSnapshot

SURE = 0.98


def stub_confidence(signals: Mapping[str, float]) -> float:
    """Return ``SURE`` where the first passage or one beside it holds any word of the question, else 0."""
    return SURE if signals["near_words"] > 0 else 0.0


class StubAnswerer(Answerer):
    """Answers as ``Answerer`` does, with ``stub_confidence``."""

    def __init__(self, snapshot: LocalSnapshot, encoder: Encoder) -> None:
        super().__init__(snapshot, encoder, SentenceReader(snapshot), confidence=stub_confidence)
