"""Ask a finished index for its own sentences before anybody else may: a dead leg must never be published."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from retrieval.errors import IndexUnsound
from retrieval.index.local.postings import Postings
from retrieval.index.local.snapshot import LocalSnapshot
from retrieval.text.sentences import sentences_of
from retrieval.text.words import bigrams_of, words_of

SAMPLE = 24
"""Passages that are looked up, spread evenly over the index."""
DEPTH = 10
"""Passages among which each must be found."""
LEAST_FOUND = 0.7
"""Share of the sample that each leg must find; a dead leg finds next to nothing, a sound one nearly all."""


def self_test(snapshot: LocalSnapshot) -> None:
    """Look up passages by their own longest sentence and by their own vector; IndexUnsound names a leg that fails.

    Passages with words must have token vectors too. Where texts repeat, any passage that holds the sentence will do.
    """
    count = len(snapshot.passages)
    rows = np.unique(np.linspace(0, max(count - 1, 0), min(SAMPLE, count)).astype(np.int64)).tolist()
    wordy = [row for row in rows if words_of(snapshot.passages.matched(row))]
    found = {
        "dense": [_dense_finds(snapshot, row) for row in rows],
        "words": [_finds(snapshot, snapshot.lexical.words, words_of, row) for row in wordy],
        "bigrams": [_finds(snapshot, snapshot.lexical.bigrams, bigrams_of, row) for row in wordy],
        "tokens": [bool(len(snapshot.tokens.tokens(row))) for row in wordy],
    }
    for leg, hits in found.items():
        if hits and sum(hits) < LEAST_FOUND * len(hits):
            raise IndexUnsound(
                f"the new index is unsound: its {leg} leg found {sum(hits)} of {len(hits)} of its own sentences; "
                "the old one stays: run `wenbao index --rebuild`, and report this if it comes again"
            )


def _dense_finds(snapshot: LocalSnapshot, row: int) -> bool:
    text = snapshot.passages.matched(row)
    vector = snapshot.dense.vectors(np.array([row], dtype=np.int64))[0]
    return any(snapshot.passages.matched(other) == text for other in snapshot.dense.search(vector, DEPTH).rows)


def _finds(snapshot: LocalSnapshot, postings: Postings, cut: Callable[[str], list[str]], row: int) -> bool:
    text = snapshot.passages.matched(row)
    start, end = max(sentences_of(text), key=lambda span: span[1] - span[0])
    found = postings.search(cut(text[start:end]), DEPTH).rows
    return any(text[start:end].strip() in snapshot.passages.matched(other) for other in found)
