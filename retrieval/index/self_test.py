"""Ask a finished index for its own sentences before anybody else may: a dead leg must never be published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from retrieval.arrays import Rows, Vectors
from retrieval.errors import IndexUnsound
from retrieval.index.protocol import Snapshot, Sought, Wanted
from retrieval.text.sentences import sentences_of
from retrieval.text.words import bigrams_of, words_of

SAMPLE = 24
"""Passages that are looked up, spread evenly over the index."""
DEPTH = 10
"""Passages among which each must be found."""
LEAST_FOUND = 0.7
"""Share of the sample that each leg must find; a dead leg finds next to nothing, a sound one nearly all."""


def self_test(snapshot: Snapshot, vectors: Callable[[Rows], Vectors]) -> None:
    """Look up passages by their own longest sentence and by their own vector; IndexUnsound names a leg that fails.

    ``vectors`` returns those of some rows, ``(len(rows), d)``. Passages with words must have token vectors too. Where
    texts repeat, any passage that holds the sentence will do.
    """
    count = len(snapshot.passages)
    rows = np.unique(np.linspace(0, max(count - 1, 0), min(SAMPLE, count)).astype(np.int64))
    snapshot.fetch(Wanted(rows=rows.tolist()))
    found = defaultdict[str, list[bool]](list)
    for row, vector in zip(rows.tolist(), vectors(rows), strict=True):
        for leg, is_found in _found(snapshot, row, vector).items():
            found[leg].append(is_found)
    for leg, hits in found.items():
        if sum(hits) < LEAST_FOUND * len(hits):
            raise IndexUnsound(
                f"the new index is unsound: its {leg} leg found {sum(hits)} of {len(hits)} of its own sentences; "
                "the old one stays: run `wenbao index --rebuild`, and report this if it comes again"
            )


def _found(snapshot: Snapshot, row: int, vector: Vectors) -> dict[str, bool]:
    """Return which legs find a passage; one without words is looked up by its vector alone."""
    text = snapshot.passages.matched(row)
    start, end = max(sentences_of(text), key=lambda span: span[1] - span[0])
    sentence = text[start:end]
    sought = Sought(words_of(sentence), bigrams_of(sentence), (), (), lambda: vector, DEPTH, DEPTH, DEPTH, DEPTH)
    hits = {leg: candidates.rows.tolist() for leg, candidates in snapshot.candidates(sought).items()}
    snapshot.fetch(Wanted(texts={other for leg in ("dense", "words", "bigrams") for other in hits[leg]}))
    found = {"dense": any(snapshot.passages.matched(other) == text for other in hits["dense"])}
    if words_of(text):
        for leg in ("words", "bigrams"):
            found[leg] = any(sentence.strip() in snapshot.passages.matched(other) for other in hits[leg])
        found["tokens"] = bool(len(snapshot.tokens.tokens(row)))
    return found
