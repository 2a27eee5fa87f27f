"""How near the tokens of a passage are to those of a question, and what that says of its parts."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Vectors


class Similarities:
    """The ``(t, q)`` similarities of a passage's tokens with a question's; ``begins`` is where each of the t begins."""

    def __init__(self, similarities: Vectors, begins: npt.NDArray[np.integer]) -> None:
        self._similarities = similarities
        self._begins: list[int] = begins.tolist()

    def best(self, start: int = 0, end: int | None = None) -> Vectors:
        """Return ``(q,)`` best similarities with the tokens that begin in ``[start, end)``; 0 where there are none."""
        first = bisect_left(self._begins, start)
        part = self._similarities[first : None if end is None else bisect_left(self._begins, end)]
        return part.max(axis=0) if len(part) else np.zeros(part.shape[1], dtype=np.float32)


def mean(similarities: Vectors) -> float:
    """Return the mean; 0 of nothing."""
    return float(similarities.mean()) if len(similarities) else 0.0


def weakest(best: Vectors) -> float:
    """Return the mean of the lowest quarter."""
    return mean(np.sort(best)[: max(1, len(best) // 4)])
