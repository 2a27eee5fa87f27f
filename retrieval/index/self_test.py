"""Ask a finished index for its own sentences before anybody else may: a dead leg must never be published."""

from __future__ import annotations

import numpy as np

from retrieval.arrays import Vectors
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


def self_test(snapshot: Snapshot) -> None:
    """Look up passages by their own longest sentence and by their own vector; IndexUnsound names a leg that fails.

    Passages with words must have token vectors too. Where texts repeat, any passage that holds the sentence will do.
    """
    count = len(snapshot.passages)
    rows = np.unique(np.linspace(0, max(count - 1, 0), min(SAMPLE, count)).astype(np.int64))
    found = dict[str, list[bool]](dense=[], words=[], bigrams=[], tokens=[])
    for row, vector in zip(rows.tolist(), snapshot.vectors(rows), strict=True):
        text = snapshot.passages.matched(row)
        near, by_words, by_pairs = _looked_up(snapshot, text, vector)
        found["dense"].append(text in near)
        if words_of(text):
            sentence = _longest_sentence(text)
            found["words"].append(any(sentence in other for other in by_words))
            found["bigrams"].append(any(sentence in other for other in by_pairs))
            found["tokens"].append(bool(len(snapshot.tokens.tokens(row))))
    for leg, hits in found.items():
        if hits and sum(hits) < LEAST_FOUND * len(hits):
            raise IndexUnsound(
                f"the new index is unsound: its {leg} leg found {sum(hits)} of {len(hits)} of its own sentences; "
                "the old one stays: run `wenbao index --rebuild`, and report this if it comes again"
            )


def _looked_up(snapshot: Snapshot, text: str, vector: Vectors) -> list[list[str]]:
    """Return what is found by a text's vector, and by the words and the pairs of characters of a sentence of it."""
    sentence = _longest_sentence(text)
    snapshot.fetch(Wanted(terms={"words": words_of(sentence), "bigrams": bigrams_of(sentence)}))
    sought = Sought(
        words=words_of(sentence),
        bigrams=bigrams_of(sentence),
        pinyin=(),
        dictionary=(),
        vector=lambda: vector,
        candidates=DEPTH,
        pinyin_candidates=DEPTH,
        dense=DEPTH,
        dense_alone=DEPTH,
    )
    found = snapshot.candidates(sought)
    rows = [found[leg].rows.tolist() for leg in ("dense", "words", "bigrams")]
    snapshot.fetch(Wanted(texts=[row for of in rows for row in of]))
    return [[snapshot.passages.matched(row) for row in of] for of in rows]


def _longest_sentence(text: str) -> str:
    start, end = max(sentences_of(text), key=lambda span: span[1] - span[0])
    return text[start:end].strip()
