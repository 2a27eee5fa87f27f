"""Postings of passages given as lists of words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.index.local.postings import Postings
from retrieval.index.term_counts import PostingsBuilder, count_terms


def postings_of(passages: Sequence[Sequence[str]]) -> Postings:
    """Index the words of each passage."""
    builder = PostingsBuilder(len(passages))
    builder.add(count_terms(passages), np.arange(len(passages)))
    return Postings.of(builder)
