"""Postings of passages given as lists of words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.index.postings import Postings
from retrieval.index.term_counts import Gathered, counted


def postings_of(passages: Sequence[Sequence[str]]) -> Postings:
    """Index the words of each passage."""
    gathered = Gathered(len(passages))
    gathered.add(counted(passages), np.arange(len(passages)))
    return Postings.of(gathered)
