"""An Answerer for the stub encoder, which is sure of whatever shares a word with the question.

The real confidence is fitted to the real model and says nothing about stub vectors; with this one, what the faces are
shown in tests (answered or not found) depends neither on the stub nor on the next fit. It is the only such place.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

from retrieval.answer.answerer import Answerer
from retrieval.types import Answer

SURE = 0.98

_one_at_a_time = threading.Lock()


def stub_confidence(signals: Mapping[str, float]) -> float:
    """Return ``SURE`` where the first passage or one beside it holds any word of the question, else 0."""
    return SURE if signals["near_words"] > 0 else 0.0


class StubAnswerer(Answerer):
    """Answers as ``Answerer`` does, with ``stub_confidence``."""

    def ask(self, *args: Any, **options: Any) -> Answer:
        with _one_at_a_time, patch("retrieval.answer.answerer.confidence", stub_confidence):
            return super().ask(*args, **options)
