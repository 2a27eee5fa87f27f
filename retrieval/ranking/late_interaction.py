"""Late interaction: a question token is worth what its best passage token is worth.

    MaxSim(q, p) = Σ_i w_i · max_j q_i · p_j        (Khattab & Zaharia 2020, ColBERT, eq. 3, there with w_i = 1)

The token vectors come from the same encoder pass as the pooled vector; nothing is trained for it. A question token
weighs as much as it tells the candidates apart, because "的" and "?" are found everywhere and a name in one place. A
paragraph often leaves out what its neighbours name ("该部门有44人"), so a token may also be found in a neighbour, for a
small toll.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Rows, Scores
from retrieval.encoder.int8_products import products
from retrieval.encoder.tokens import Tokens
from retrieval.index.protocol import TokenVectors

NEIGHBOUR_TOLL = np.float32(0.02)
"""What a similarity loses when it is found in a neighbouring passage."""
LEAST_APART = np.float32(0.01)
"""The least that a token tells apart, so that all weigh the same with a single candidate or very similar ones."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A question token and the passage token nearest to it, by their places in question and passage."""

    question: tuple[int, int]
    passage: tuple[int, int]
    similarity: float


def best_similarities(query: Scores, tokens: TokenVectors, rows: Rows) -> Scores:
    """Return each question token's best similarity in each passage: ``(q, d)`` -> ``(q, len(rows))``.

    A passage without tokens is worth 0.
    """
    records, lengths = tokens.gathered(rows)
    best = np.zeros((len(query), len(rows)), dtype=np.float32)
    filled = np.flatnonzero(lengths)
    if len(filled) and len(query):
        starts = np.cumsum(lengths[filled]) - lengths[filled]
        best[:, filled] = np.maximum.reduceat(products(query, records), starts, axis=0).T
    return best


def token_weights(best: Scores, usual: Callable[..., Scores] = np.mean) -> Scores:
    """Return the weight of each question token, ``(q,)`` with sum 1: how far its best text is above the ``usual`` one.

    ``best`` is ``(q, n)`` similarities with n texts. For ``usual``, the mean tells candidates apart best, the median
    the few sentences of a passage.
    """
    if not best.size:
        return np.zeros(len(best), dtype=np.float32)
    apart = np.maximum(best.max(axis=1) - usual(best, axis=1), LEAST_APART)
    return np.asarray(apart / apart.sum(), dtype=np.float32)


def median(values: Scores, axis: int) -> Scores:
    """Return what ``np.median`` returns, but faster for the few sentences of a passage."""
    ordered, count = np.sort(values, axis=axis), values.shape[axis]
    return np.asarray((ordered.take((count - 1) // 2, axis) + ordered.take(count // 2, axis)) / np.float32(2))


def maxsim(best: Scores, weights: Scores) -> Scores:
    """Return MaxSim of each passage from ``best_similarities``, ``(n,)``; 0 for a question without tokens."""
    return np.asarray(weights @ best, dtype=np.float32)


def maxsim_with_neighbours(
    best: Scores, weights: Scores, neighbours: Sequence[Sequence[int]], around: Scores
) -> Scores:
    """Return MaxSim where a token may also be found in a neighbour, ``(n,)``.

    ``around`` is ``(q, m)``, the best similarities in the neighbours; ``neighbours[i]`` are passage i's columns of it.
    """
    wider = best.copy()
    for place, columns in enumerate(neighbours):
        if columns:
            wider[:, place] = np.maximum(wider[:, place], around[:, list(columns)].max(axis=1) - NEIGHBOUR_TOLL)
    return maxsim(wider, weights)


def pairs(query: Scores, spans: npt.NDArray[np.integer], tokens: Tokens) -> list[Pair]:
    """Return each question token (at ``spans``) with its nearest passage token, in the question's order."""
    if not len(tokens):
        return []
    found = products(query, tokens)
    nearest = found.argmax(axis=0)
    return [
        Pair(
            (int(span[0]), int(span[1])),
            (int(tokens["span"][place][0]), int(tokens["span"][place][1])),
            float(found[place, token]),
        )
        for token, (span, place) in enumerate(zip(spans, nearest, strict=True))
    ]
