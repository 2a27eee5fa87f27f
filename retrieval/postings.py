"""The words leg: BM25 over an inverted index of plain arrays.

Robertson & Zaragoza (2009), The Probabilistic Relevance Framework, eq. 3.15, with Lucene's idf (never negative):

    idf(t)      = ln(1 + (N - df + 0.5) / (df + 0.5))
    score(q, p) = Σ_t∈q  idf(t) · tf · (k1 + 1) / (tf + k1 · (1 - b + b · |p| / mean |p|))

The weights are computed when the index is built, so that a search only adds up slices.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.types import Candidates

K1 = 1.2
B = 0.75
ARRAYS = ("starts", "rows", "frequencies", "lengths", "weights")

Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]


class Postings:
    """Term t's postings are ``rows[starts[t]:starts[t + 1]]``, ascending, with frequencies and weights beside them.

    ``lengths`` counts the words of each passage. Terms are numbered in sorted order.
    """

    def __init__(
        self,
        terms: Sequence[str],
        starts: npt.NDArray[np.int64],
        rows: npt.NDArray[np.int32],
        frequencies: npt.NDArray[np.int32],
        lengths: npt.NDArray[np.int32],
        weights: Scores,
    ) -> None:
        self._terms = {term: number for number, term in enumerate(terms)}
        self._starts = starts
        self._rows = rows
        self._frequencies = frequencies
        self._lengths = lengths
        self._weights = weights
        self._count = len(lengths)

    @classmethod
    def build(cls, passages: Sequence[Sequence[str]]) -> Postings:
        """Index the words of each passage."""
        counts = [Counter(words) for words in passages]
        rows = np.repeat(np.arange(len(passages), dtype=np.int32), [len(count) for count in counts])
        terms = [term for count in counts for term in count]
        frequencies = np.array([tf for count in counts for tf in count.values()], dtype=np.int32)
        return cls._assemble(terms, rows, frequencies, np.array([len(words) for words in passages], dtype=np.int32))

    @classmethod
    def _assemble(
        cls,
        words: Sequence[str],
        rows: npt.NDArray[np.int32],
        frequencies: npt.NDArray[np.int32],
        lengths: npt.NDArray[np.int32],
    ) -> Postings:
        """Index (word, row, frequency) triples of passages of these lengths."""
        vocabulary = sorted(set(words))
        numbers = {term: number for number, term in enumerate(vocabulary)}
        terms = np.fromiter((numbers[word] for word in words), dtype=np.int64, count=len(words))
        order = np.lexsort((rows, terms))
        terms, rows, frequencies = terms[order], rows[order], frequencies[order]
        document_frequency = np.bincount(terms, minlength=len(vocabulary))
        starts = np.concatenate([[0], np.cumsum(document_frequency)]).astype(np.int64)
        weights = _weights(terms, rows, frequencies, lengths, document_frequency)
        return cls(vocabulary, starts, rows, frequencies, lengths, weights)

    def updated(self, kept: Sequence[int | None], new: Sequence[Sequence[str]]) -> Postings:
        """Index passages of which most are here already: the same as ``build`` of them all, without cutting words anew.

        For each passage ``kept`` has its row in this index, or None for the next one of ``new``'s word lists.
        """
        old_rows = np.array([-1 if row is None else row for row in kept], dtype=np.int64)
        (reused,), (fresh,) = np.nonzero(old_rows >= 0), np.nonzero(old_rows < 0)
        words, rows, frequencies = self._postings_of(old_rows[reused], reused)
        added = Postings.build(new)
        lengths = np.zeros(len(kept), dtype=np.int32)
        lengths[reused], lengths[fresh] = self._lengths[old_rows[reused]], added._lengths
        more_words, more_rows, more_frequencies = added._postings_of(np.arange(len(new)), fresh)
        return Postings._assemble(
            [*words, *more_words],
            np.concatenate([rows, more_rows]).astype(np.int32),
            np.concatenate([frequencies, more_frequencies]).astype(np.int32),
            lengths,
        )

    def _postings_of(
        self, rows: npt.NDArray[np.int64], as_rows: npt.NDArray[np.int64]
    ) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Return the (word, row, frequency) triples of these rows, renumbered ``as_rows``."""
        terms = np.repeat(np.arange(len(self._terms)), np.diff(self._starts))
        by_row = np.argsort(self._rows, kind="stable")
        counts = np.bincount(self._rows, minlength=self._count)
        offsets = np.concatenate([[0], np.cumsum(counts)])
        sizes = counts[rows]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        places = by_row[np.repeat(offsets[rows], sizes) + within]
        names = list(self._terms)
        return [names[term] for term in terms[places].tolist()], np.repeat(as_rows, sizes), self._frequencies[places]

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

    def scores_of(self, words: Sequence[str], rows: Rows) -> Scores:
        """Return the BM25 scores of these passages only, ``(len(rows),)`` float32."""
        totals = np.zeros(len(rows), dtype=np.float32)
        for term, times in Counter(words).items():
            number = self._terms.get(term)
            if number is not None:
                places, held = self._places(number, rows)
                totals[held] += times * self._weights[places[held]]
        return totals

    def search(self, words: Sequence[str], k: int, allowed: Rows | None = None) -> Candidates:
        """Return up to ``k`` passages that share a word with the question, best first, ties in reading order."""
        return best_of(self.scores(words, allowed), k)

    def weight(self, word: str) -> float:
        """Return the idf of ``word``; a word the reports do not hold weighs as much as one found nowhere can."""
        number = self._terms.get(word)
        frequency = 0 if number is None else int(self._starts[number + 1] - self._starts[number])
        return float(inverse_document_frequency(np.array(frequency), self._count))

    def ceiling(self, words: Sequence[str]) -> float:
        """Return what no passage's score for these words can reach: every word often, those unknown here too."""
        return (K1 + 1) * sum(map(self.weight, words))

    def holds(self, word: str) -> bool:
        """Whether any passage holds the word."""
        return word in self._terms

    def rows_with(self, word: str) -> npt.NDArray[np.int32]:
        """Return the passages that hold the word, ascending."""
        number = self._terms.get(word)
        return self._rows[0:0] if number is None else self._rows[self._starts[number] : self._starts[number + 1]]

    def held(self, word: str, rows: Rows) -> npt.NDArray[np.bool_]:
        """Return which of ``rows`` hold the word."""
        number = self._terms.get(word)
        return np.zeros(len(rows), dtype=np.bool_) if number is None else self._places(number, rows)[1]

    def _places(self, number: int, rows: Rows) -> tuple[Rows, npt.NDArray[np.bool_]]:
        """Return where a term's posting of each of ``rows`` is, and whether it is there at all."""
        start, end = self._starts[number], self._starts[number + 1]
        places = start + np.minimum(np.searchsorted(self._rows[start:end], rows), end - start - 1)
        return places, np.asarray(self._rows[places] == rows)

    def save(self, folder: Path, leg: str) -> None:
        """Write the postings of a leg as plain arrays and the vocabulary as JSON, in term order."""
        for name in ARRAYS:
            np.save(folder / f"{leg}.{name}.npy", getattr(self, f"_{name}"))
        (folder / f"{leg}.terms.json").write_text(json.dumps(list(self._terms), ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, leg: str) -> Postings:
        """Read postings that ``save`` wrote, arrays memory-mapped."""
        terms = json.loads((folder / f"{leg}.terms.json").read_text(encoding="utf-8"))
        return cls(terms, *(np.asarray(np.load(folder / f"{leg}.{name}.npy", mmap_mode="r")) for name in ARRAYS))


def best_of(scores: Scores, k: int) -> Candidates:
    """Return up to ``k`` passages with a score above 0, best first, ties in reading order."""
    least = np.partition(scores, -k)[-k] if len(scores) > k else 0  # sorting all would take most of a search's time
    found = np.flatnonzero((scores >= least) & (scores > 0))
    best = found[np.argsort(-scores[found], kind="stable")[:k]]
    return Candidates(best, scores[best])


def _weights(
    terms: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int32],
    frequencies: npt.NDArray[np.int32],
    lengths: npt.NDArray[np.int32],
    document_frequency: npt.NDArray[np.int64],
) -> Scores:
    """Return the BM25 weight of each posting."""
    mean = max(float(lengths.mean()) if len(lengths) else 0.0, 1e-9)
    norm = (K1 * (1 - B + B * lengths / mean)).astype(np.float32)
    idf = inverse_document_frequency(document_frequency, len(lengths))
    tf = frequencies.astype(np.float32)
    return (idf[terms] * tf * (K1 + 1) / (tf + norm[rows])).astype(np.float32)


def inverse_document_frequency(frequency: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.float64]:
    """Return ln(1 + (N - df + 0.5) / (df + 0.5)) for each document frequency."""
    return np.asarray(np.log1p((count - frequency + 0.5) / (frequency + 0.5)))
