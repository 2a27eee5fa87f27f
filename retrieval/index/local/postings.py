"""A leg that looks words up: BM25 over an inverted index of plain arrays.

Robertson & Zaragoza (2009), The Probabilistic Relevance Framework, eq. 3.15, with Lucene's idf (never negative):

    idf(t)      = ln(1 + (N - df + 0.5) / (df + 0.5))
    score(q, p) = Σ_t∈q  idf(t) · tf · (k1 + 1) / (tf + k1 · (1 - b + b · |p| / mean |p|))

The weights are computed when the index is built, so that a search only adds up slices.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Candidates, Mask, Rows, Scores
from retrieval.index.term_counts import PostingsBuilder, TermCounts

K1 = 0.9
B = 0.4
"""Anserini's defaults. Passages are short and cut to one size, so that their length says little; the usual 1.2 and .75
were made for whole documents."""
ARRAYS = ("starts", "rows", "frequencies", "lengths", "weights")
MOST_READ = 200_000
"""Places of a question's words that a search reads: twenty words cannot have more in 10,000 passages."""
RESCORED = 8
"""How many times as many passages as asked for are scored with all words, where not all were read."""
MOST_WEIGHED = 2**23
"""Postings that are weighed at a time, so that the steps between need little memory."""
COLUMN = 256
"""Passages of which only the best is looked at, to find out what the best of all score."""
LEAST_SCORE = float(np.finfo(np.float32).smallest_subnormal)
"""What "above 0" means for a score."""


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
        self._offsets = memoryview(starts)  # type: ignore[arg-type] # gives plain integers, faster
        self._rows = rows
        self._frequencies = frequencies
        self._lengths = lengths
        self._weights = weights
        self._count = len(lengths)

    @classmethod
    def of(cls, builder: PostingsBuilder) -> Postings:
        """Index all passages that were added to ``builder``."""
        found = builder.sorted()
        weights = _weights(found.starts, found.rows, found.frequencies, found.lengths)
        return cls(found.terms, found.starts, found.rows, found.frequencies, found.lengths, weights)

    @classmethod
    def empty(cls, passages: int) -> Postings:
        """Return the index of so many passages without words."""
        return cls.of(PostingsBuilder(passages))

    def term_counts(self, rows: Rows) -> TermCounts:
        """Return the words of these passages as they were counted; passage i of the block is ``rows[i]``."""
        by_row = np.argsort(self._rows, kind="stable")
        sizes = np.bincount(self._rows, minlength=self._count)
        offsets, sizes = np.concatenate([[0], np.cumsum(sizes)])[rows], sizes[rows]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        places = by_row[np.repeat(offsets, sizes) + within]
        numbers = np.repeat(np.arange(len(self._terms), dtype=np.int32), np.diff(self._starts))
        return TermCounts(
            terms=tuple(self._terms),
            numbers=numbers[places],
            rows=np.repeat(np.arange(len(rows), dtype=np.int32), sizes),
            frequencies=self._frequencies[places],
            lengths=self._lengths[rows],
        )

    def __len__(self) -> int:
        """Count the passages."""
        return self._count

    def scores(self, words: Iterable[str]) -> Scores:
        """Return every passage's BM25 score for the question's words, ``(n,)`` float32."""
        totals = np.zeros(self._count, dtype=np.float32)
        for term, times in Counter(words).items():
            number = self._terms.get(term)
            if number is not None:
                part = slice(self._offsets[number], self._offsets[number + 1])
                weights = self._weights[part]
                np.add.at(totals, self._rows[part], weights if times == 1 else times * weights)
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

    def search(
        self, words: Sequence[str], k: int, allowed: Mask | None = None, *, most_read: int = MOST_READ
    ) -> Candidates:
        """Return up to ``k`` passages that share a word with the question, best first, ties in reading order.

        Only those that the mask ``allowed``, ``(n,)``, admits, if it is given. Where the words stand in more than
        ``most_read`` places, the commonest of them find nothing themselves, but count for what the others found.
        """
        known = list(filter(self.holds, words))
        if not known:  # as for most questions' pinyin: a table for every passage takes longer than all else here
            return Candidates(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
        read = self._rarest(known, most_read)
        scores = self.scores(read)
        if allowed is not None:
            scores *= allowed
        if len(read) == len(known):
            return replace(best_of(scores, k), every=scores)
        rows = np.sort(best_of(scores, k * RESCORED).rows)
        return Candidates(rows, self.scores_of(known, rows)).sorted().first(k)

    def _rarest(self, words: Sequence[str], most_read: int) -> list[str]:
        """Return the rarest words, in their order, that stand in ``most_read`` places together; at least one."""
        frequencies = {word: self._frequency(word) for word in words}
        if sum(frequencies.values()) <= most_read:
            return list(words)
        ordered = sorted(frequencies, key=frequencies.__getitem__)
        places = np.cumsum([frequencies[word] for word in ordered])
        chosen = set(ordered[: max(1, int(np.searchsorted(places, most_read, side="right")))])
        return [word for word in words if word in chosen]

    def _frequency(self, word: str) -> int:
        number = self._terms.get(word)
        return 0 if number is None else self._offsets[number + 1] - self._offsets[number]

    def weight(self, word: str) -> float:
        """Return the idf of ``word``; one that no passage holds weighs the most."""
        frequency = self._frequency(word)
        return math.log1p((self._count - frequency + 0.5) / (frequency + 0.5))

    def ceiling(self, words: Sequence[str]) -> float:
        """Return a score that no passage can reach with these words, however often it holds the known ones."""
        return (K1 + 1) * sum(map(self.weight, words))

    def holds(self, word: str) -> bool:
        """Whether any passage holds the word."""
        return word in self._terms

    def rows_with(self, word: str) -> npt.NDArray[np.int32]:
        """Return the passages that hold the word, ascending."""
        number = self._terms.get(word)
        return self._rows[0:0] if number is None else self._rows[self._starts[number] : self._starts[number + 1]]

    def held(self, words: Sequence[str], rows: Rows) -> Mask:
        """Return which of ``rows`` hold each word, ``(len(words), len(rows))``."""
        held = np.zeros((len(words), len(rows)), dtype=np.bool_)
        for place, word in enumerate(words):
            number = self._terms.get(word)
            if number is not None:
                held[place] = self._places(number, rows)[1]
        return held

    def _places(self, number: int, rows: Rows) -> tuple[Rows, Mask]:
        """Return where a term's posting for each of ``rows`` would be, and whether it is there."""
        start, end = self._offsets[number], self._offsets[number + 1]
        sought = rows.astype(self._rows.dtype)  # else searchsorted copies the whole list to the wider type
        places = np.minimum(self._rows[start:end].searchsorted(sought), end - start - 1) + start
        return places, np.asarray(self._rows[places] == sought)

    def save(self, folder: Path, leg: str) -> None:
        """Write the postings of a leg as plain arrays and the vocabulary as JSON, in term order."""
        for name in ARRAYS:
            np.save(folder / f"{leg}.{name}.npy", getattr(self, f"_{name}"))
        (folder / f"{leg}.terms.json").write_text(json.dumps(list(self._terms), ensure_ascii=False), encoding="utf-8")

    @staticmethod
    def is_saved(folder: Path, leg: str) -> bool:
        """Whether ``save`` wrote this leg."""
        return (folder / f"{leg}.terms.json").exists()

    @classmethod
    def load(cls, folder: Path, leg: str) -> Postings:
        """Read postings that ``save`` wrote, arrays memory-mapped."""
        terms = json.loads((folder / f"{leg}.terms.json").read_text(encoding="utf-8"))
        return cls(terms, *(np.asarray(np.load(folder / f"{leg}.{name}.npy", mmap_mode="r")) for name in ARRAYS))


def best_of(scores: Scores, k: int, *, column: int = COLUMN) -> Candidates:
    """Return up to ``k`` passages with a score above 0, best first, ties in reading order.

    ``scores`` are those of all passages, ``(n,)``; of each ``column`` of them only the best is looked at first.
    """
    found = np.flatnonzero(scores >= _reached(scores, k, column))
    if len(found) > k:  # sorting all would take most of a search's time
        held = scores[found]
        found = found[held >= np.partition(held, -k)[-k]]
    best = found[np.argsort(-scores[found], kind="stable")[:k]]
    return Candidates(best, scores[best])


def _reached(scores: Scores, k: int, column: int) -> float:
    """Return a score above 0 that the ``k`` best passages reach, if so many are above 0.

    The passages are laid out in columns: k of these have one that scores as much as the k-th highest column's best.
    That leaves some dozen passages to sort, which is much less work than all above 0.
    """
    columns = len(scores) // column
    if columns <= k:
        return LEAST_SCORE
    highest = scores[: columns * column].reshape(column, columns).max(axis=0)
    return max(float(np.partition(highest, -k)[-k]), LEAST_SCORE)


def _weights(
    starts: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int32],
    frequencies: npt.NDArray[np.int32],
    lengths: npt.NDArray[np.int32],
) -> Scores:
    """Return the BM25 weight of each posting, some millions at a time."""
    mean = max(float(lengths.mean()) if len(lengths) else 0.0, 1e-9)
    norm = (K1 * (1 - B + B * lengths / mean)).astype(np.float32)
    idf = inverse_document_frequency(np.diff(starts), len(lengths)).astype(np.float32)
    weights = np.zeros(len(rows), dtype=np.float32)
    for start in range(0, len(rows), MOST_WEIGHED):
        part = slice(start, start + MOST_WEIGHED)
        terms = np.searchsorted(starts, np.arange(start, start + len(rows[part])), side="right") - 1
        tf = frequencies[part].astype(np.float32)
        weights[part] = idf[terms] * tf * np.float32(K1 + 1) / (tf + norm[rows[part]])
    return weights


def inverse_document_frequency(frequency: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.float64]:
    """Return ln(1 + (N - df + 0.5) / (df + 0.5)) for each document frequency."""
    return np.asarray(np.log1p((count - frequency + 0.5) / (frequency + 0.5)))
