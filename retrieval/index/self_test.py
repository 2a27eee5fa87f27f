"""Ask a finished index for its own sentences before anybody else may: a dead leg must never be published."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from retrieval.errors import IndexUnsound
from retrieval.index.dense import DenseIndex
from retrieval.index.lexical import Lexical
from retrieval.index.postings import Postings
from retrieval.index.token_store import TokenStore
from retrieval.text.sentences import sentences_of
from retrieval.text.words import bigrams_of, words_of
from retrieval.types import Passage

SAMPLE = 24
DEPTH = 10
LEAST_FOUND = 0.7
"""Share of the sample that each leg must find; a dead leg finds next to nothing, a sound one nearly all."""


def smoke_test(passages: Sequence[Passage], dense: DenseIndex, lexical: Lexical, tokens: TokenStore) -> None:
    """Look up passages by their own longest sentence and by their own vector; IndexUnsound names a leg that fails.

    Passages with words must have token vectors too.

    The passages are spread evenly over the index. Where texts repeat, any passage that holds the sentence will do.
    """
    rows = np.unique(np.linspace(0, max(len(passages) - 1, 0), min(SAMPLE, len(passages))).astype(np.int64)).tolist()
    wordy = [row for row in rows if words_of(passages[row].text)]
    found = {
        "dense": [_dense_finds(passages, dense, row) for row in rows],
        "words": [_finds(passages, lexical.words, words_of, row) for row in wordy],
        "bigrams": [_finds(passages, lexical.bigrams, bigrams_of, row) for row in wordy],
        "tokens": [bool(len(tokens.tokens(row))) for row in wordy],
    }
    for leg, hits in found.items():
        if hits and sum(hits) < LEAST_FOUND * len(hits):
            raise IndexUnsound(
                f"the new index is unsound: its {leg} leg found {sum(hits)} of {len(hits)} of its own sentences; "
                "the old one stays: run `wenbao index --rebuild`, and report this if it comes again"
            )


def _dense_finds(passages: Sequence[Passage], dense: DenseIndex, row: int) -> bool:
    vector = dense.vectors(np.array([row], dtype=np.int64))[0]
    return any(passages[other].text == passages[row].text for other in dense.search(vector, DEPTH).rows)


def _finds(passages: Sequence[Passage], postings: Postings, cut: Callable[[str], list[str]], row: int) -> bool:
    text = passages[row].text
    start, end = max(sentences_of(text), key=lambda span: span[1] - span[0])
    found = postings.search(cut(text[start:end]), DEPTH).rows
    return any(text[start:end].strip() in passages[other].text for other in found)
