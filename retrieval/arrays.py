"""The arrays that travel between stages, by what they hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
"""Which passages of a snapshot, by their positions in it from 0, ``(k,)``."""
Mask = npt.NDArray[np.bool_]
"""Which passages of a snapshot are meant, ``(n,)``."""
Vectors = npt.NDArray[np.float32]
"""Embeddings of texts or tokens, unit vectors unless said otherwise."""
Scores = npt.NDArray[np.float32]
"""What passages, tokens or sentences score."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What one leg found, best first: ``(k,)`` snapshot rows and their ``(k,)`` scores.

    ``every`` has the ``(n,)`` scores of all passages, 0 for those that may not answer, where the leg knows them.
    """

    rows: Rows
    scores: Scores
    every: Scores | None = None

    def sorted(self) -> Candidates:
        """Return them best first, ties in reading order."""
        order = np.lexsort((self.rows, -self.scores))
        return Candidates(self.rows[order], self.scores[order])

    def first(self, k: int) -> Candidates:
        """Return the first ``k``."""
        return Candidates(self.rows[:k], self.scores[:k])
