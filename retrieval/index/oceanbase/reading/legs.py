"""A leg whose passages are far away: BM25 as ``local.postings`` has it, over the terms that were fetched."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Mask, Rows, Scores
from retrieval.index.local.postings import K1, B
from retrieval.index.oceanbase.codes import code_of, frequency_in, length_of
from retrieval.types import LegName

Codes = Callable[[LegName, Rows], Sequence[str]]
"""Returns the coded terms of passages, fetching what is not at hand."""
Frequencies = Callable[[LegName, Sequence[str]], Mapping[str, int]]
"""Returns how many passages hold each code, 0 where none does."""


@dataclass(frozen=True, slots=True)
class StoredLeg:
    """One leg of a generation of so many ``passages``, which have ``terms`` together."""

    name: LegName
    passages: int
    terms: int
    codes: Codes
    frequencies: Frequencies

    def frequency(self, word: str) -> int:
        """Return how many passages hold the word."""
        code = code_of(word)
        return self.frequencies(self.name, [code])[code]

    def holds(self, word: str) -> bool:
        """Whether any passage holds the word."""
        return self.frequency(word) > 0

    def weight(self, word: str) -> float:
        """Return the idf of ``word``; one that no passage holds weighs the most."""
        frequency = self.frequency(word)
        return math.log1p((self.passages - frequency + 0.5) / (frequency + 0.5))

    def ceiling(self, words: Sequence[str]) -> float:
        """Return a score that no passage can reach with these words, however often it holds the known ones."""
        return (K1 + 1) * sum(map(self.weight, words))

    def held(self, words: Sequence[str], rows: Rows) -> Mask:
        """Return which of ``rows`` hold each word, ``(len(words), len(rows))``."""
        held = np.zeros((len(words), len(rows)), dtype=np.bool_)
        known = [place for place, word in enumerate(words) if self.holds(word)]
        texts = self.codes(self.name, rows) if known else ()
        for place in known:
            code = code_of(words[place])
            held[place] = [code in codes for codes in texts]
        return held

    def scores_of(self, words: Sequence[str], rows: Rows) -> Scores:
        """Return the BM25 scores of these passages, ``(len(rows),)`` float32."""
        if not any(map(self.holds, words)):
            return np.zeros(len(rows), dtype=np.float32)
        return self.scores(words, self.codes(self.name, rows))

    def scores(self, words: Sequence[str], texts: Sequence[str]) -> Scores:
        """Return the BM25 scores of texts as they are coded, ``(len(texts),)`` float32."""
        totals = np.zeros(len(texts), dtype=np.float32)
        mean = max(self.terms / self.passages if self.passages else 0.0, 1e-9)
        lengths: npt.NDArray[np.int64] = np.array([length_of(codes) for codes in texts], dtype=np.int64)
        norm = (K1 * (1 - B + B * lengths / mean)).astype(np.float32)
        for word, times in Counter(words).items():
            if self.holds(word):
                code, idf = code_of(word), np.float32(self.weight(word))
                tf = np.array([frequency_in(codes, code) for codes in texts], dtype=np.float32)
                totals += times * (idf * tf * np.float32(K1 + 1) / (tf + norm))
        return totals


@dataclass(frozen=True, slots=True)
class StoredLegs:
    """The four legs of a generation."""

    words: StoredLeg
    bigrams: StoredLeg
    pinyin: StoredLeg
    dictionary: StoredLeg

    def __getitem__(self, name: LegName) -> StoredLeg:
        """Return one of them."""
        leg: StoredLeg = getattr(self, name)
        return leg
