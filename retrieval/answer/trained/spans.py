"""Scores of tokens -> the words that begin and end best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retrieval.arrays import Scores

MOST_BEGINNINGS = 12
MOST_TOKENS = 30
"""Tokens that an answer has at most."""


@dataclass(frozen=True, slots=True)
class Best:
    """Tokens ``first`` to ``last``, both included, and their score."""

    first: int
    last: int
    score: float


def best_span(begin: Scores, end: Scores) -> Best:
    """Return the best span of ``(t,)`` logits of where an answer begins and ends, t at least 1."""
    found: list[tuple[float, int, int]] = []
    for first in np.argsort(-begin, kind="stable")[:MOST_BEGINNINGS].tolist():
        last = first + int(np.argmax(end[first : first + MOST_TOKENS]))
        found.append((float(begin[first] + end[last]), first, last))
    value, first, last = max(found)
    return Best(first, last, value)
