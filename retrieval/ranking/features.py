"""Candidates -> features, one column for each thing that speaks for a passage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.arrays import Rows, Vectors
from retrieval.index.postings import Postings
from retrieval.types import Candidates

WIDENED = 8
"""How many of the best are also looked for in their neighbours."""
NEIGHBOURS = (-2, -1, 1)


def covered(
    postings: Postings, words: Sequence[str], rows: Rows, around: Sequence[Sequence[int]]
) -> tuple[Vectors, Vectors]:
    """Return the share (0 to 1) of the words' idf weight that each row holds, and holds with those ``around``."""
    distinct = list(dict.fromkeys(words))
    weights = np.array([postings.weight(word) for word in distinct])
    if not weights.sum():
        nothing = np.zeros(len(rows), dtype=np.float32)
        return nothing, nothing
    every = np.unique(np.concatenate([rows, *(np.array(near, dtype=np.int64) for near in around)]))
    held = np.array([postings.held(word, every) for word in distinct])
    own = held[:, np.searchsorted(every, rows)]
    near = own.copy()
    for place, others in enumerate(around):
        if others:
            near[:, place] |= held[:, np.searchsorted(every, others)].any(axis=1)
    share = weights / weights.sum()
    return (share @ own).astype(np.float32), (share @ near).astype(np.float32)


def share_of_ceiling(postings: Postings, words: Sequence[str], found: Candidates, rows: Rows) -> Vectors:
    """Return the BM25 scores of these rows as shares of the most that the words could score; ``found`` by the words."""
    scores = postings.scores_of(words, rows) if found.every is None else found.every[rows]
    return scores / np.float32(postings.ceiling(words) or 1)
