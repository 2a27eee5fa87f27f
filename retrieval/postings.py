"""The words leg: BM25 over an inverted index of plain arrays.

Robertson & Zaragoza (2009), The Probabilistic Relevance Framework, eq. 3.15, with Lucene's idf (never negative):

    idf(t)      = ln(1 + (N - df + 0.5) / (df + 0.5))
    score(q, p) = Σ_t∈q  idf(t) · tf · (k1 + 1) / (tf + k1 · (1 - b + b · |p| / mean |p|))

The weights are computed when the index is built, so that a search only adds up slices.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.types import Candidates

K1 = 1.2
B = 0.75

Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]


class Postings:
    """Term t's postings are ``rows[starts[t]:starts[t + 1]]`` (ascending) with the BM25 ``weights`` beside them."""

    def __init__(
        self,
        terms: Mapping[str, int],
        starts: npt.NDArray[np.int64],
        rows: npt.NDArray[np.int32],
        weights: Scores,
        count: int,
    ) -> None:
        self._terms = terms
        self._starts = starts
        self._rows = rows
        self._weights = weights
        self._count = count

    @classmethod
    def build(cls, passages: Sequence[Sequence[str]]) -> Postings:
        """Index the words of each passage."""
        counts = [Counter(words) for words in passages]
        lengths = np.array([len(words) for words in passages], dtype=np.float32)
        vocabulary = {term: number for number, term in enumerate(sorted(set().union(*counts)))}
        terms = np.array([vocabulary[term] for count in counts for term in count], dtype=np.int64)
        frequencies = np.array([tf for count in counts for tf in count.values()], dtype=np.float32)
        rows = np.repeat(np.arange(len(passages), dtype=np.int32), [len(count) for count in counts])
        order = np.argsort(terms, kind="stable")
        terms, rows, frequencies = terms[order], rows[order], frequencies[order]
        document_frequency = np.bincount(terms, minlength=len(vocabulary))
        starts = np.concatenate([[0], np.cumsum(document_frequency)]).astype(np.int64)
        norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if len(lengths) else 0.0, 1e-9))
        idf = inverse_document_frequency(document_frequency, len(passages))
        weights = idf[terms] * frequencies * (K1 + 1) / (frequencies + norm[rows])
        return cls(vocabulary, starts, rows, weights.astype(np.float32), len(passages))

    def __len__(self) -> int:
        """Count the passages."""
        return self._count

    def scores(self, words: Sequence[str], allowed: Rows | None = None) -> Scores:
        """Return every passage's BM25 score for the question's words, ``(n,)`` float32; 0 outside ``allowed``."""
        totals = np.zeros(self._count, dtype=np.float32)
        for term, times in Counter(words).items():
            number = self._terms.get(term)
            if number is not None:
                part = slice(self._starts[number], self._starts[number + 1])
                totals[self._rows[part]] += times * self._weights[part]
        if allowed is not None:
            kept = np.zeros_like(totals)
            kept[allowed] = totals[allowed]
            return kept
        return totals

    def search(self, words: Sequence[str], k: int, allowed: Rows | None = None) -> Candidates:
        """Return up to ``k`` passages that share a word with the question, best first, ties in reading order."""
        scores = self.scores(words, allowed)
        found = np.flatnonzero(scores > 0)
        best = found[np.argsort(-scores[found], kind="stable")[:k]]
        return Candidates(best, scores[best])

    def weight(self, word: str) -> float:
        """Return the idf of ``word``; a word the reports do not hold weighs as much as one found nowhere can."""
        number = self._terms.get(word)
        frequency = 0 if number is None else int(self._starts[number + 1] - self._starts[number])
        return float(inverse_document_frequency(np.array(frequency), self._count))

    def ceiling(self, words: Sequence[str]) -> float:
        """Return a bound no passage's score for these words can exceed: every word, as often as you like."""
        return sum(self.weight(word) * (K1 + 1) for word in words)

    def save(self, folder: Path) -> None:
        """Write the postings as plain arrays and the vocabulary as JSON lines, in term order."""
        np.save(folder / "postings.starts.npy", self._starts)
        np.save(folder / "postings.rows.npy", self._rows)
        np.save(folder / "postings.weights.npy", self._weights)
        vocabulary = {"passages": self._count, "terms": list(self._terms)}
        (folder / "postings.terms.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Postings:
        """Read postings that ``save`` wrote, arrays memory-mapped."""
        vocabulary = json.loads((folder / "postings.terms.json").read_text(encoding="utf-8"))
        starts, rows, weights = (
            np.load(folder / f"postings.{name}.npy", mmap_mode="r") for name in ("starts", "rows", "weights")
        )
        terms = {term: number for number, term in enumerate(vocabulary["terms"])}
        return cls(terms, starts, rows, weights, vocabulary["passages"])


def inverse_document_frequency(frequency: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.float64]:
    """Return ln(1 + (N - df + 0.5) / (df + 0.5)) for each document frequency."""
    return np.asarray(np.log1p((count - frequency + 0.5) / (frequency + 0.5)))
