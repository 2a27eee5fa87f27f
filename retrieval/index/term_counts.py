"""The words of passages -> counts -> postings in order, in little more memory than the postings themselves.

Blocks of passages are counted apart, by other processes where that pays, and put together here. The strings of a block
are let go of as soon as its terms are numbered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FREQUENCY_BITS = 16
MOST_FREQUENT = 2**FREQUENCY_BITS - 1
"""A word is not counted further in one passage."""

Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class TermCounts:
    """How often each word stands in each passage of a block.

    The word ``terms[numbers[i]]`` stands ``frequencies[i]`` times in passage ``rows[i]`` of the block. ``lengths`` are
    those of its passages, in words.
    """

    terms: Sequence[str]
    numbers: Numbers
    rows: Numbers
    frequencies: Numbers
    lengths: Numbers


@dataclass(frozen=True, slots=True)
class SortedPostings:
    """Term t, of ``terms`` in order, has the rows and frequencies ``starts[t]:starts[t + 1]``, rows ascending.

    ``lengths`` are those of all passages, in words.
    """

    terms: list[str]
    starts: npt.NDArray[np.int64]
    rows: Numbers
    frequencies: Numbers
    lengths: Numbers


def count_terms(passages: Sequence[Sequence[str]]) -> TermCounts:
    """Count the words of each passage of a block."""
    counts = [Counter(words) for words in passages]
    terms: dict[str, int] = {}
    numbers = [terms.setdefault(word, len(terms)) for count in counts for word in count]
    frequencies = [min(times, MOST_FREQUENT) for count in counts for times in count.values()]
    return TermCounts(
        terms=tuple(terms),
        numbers=np.array(numbers, dtype=np.int32),
        rows=np.repeat(np.arange(len(counts), dtype=np.int32), [len(count) for count in counts]),
        frequencies=np.array(frequencies, dtype=np.int32),
        lengths=np.array([len(words) for words in passages], dtype=np.int32),
    )


class PostingsBuilder:
    """Puts blocks of counted passages together; ``passages`` says how many there are in all."""

    def __init__(self, passages: int) -> None:
        self._terms: dict[str, int] = {}
        self._parts: list[tuple[Numbers, Numbers, npt.NDArray[np.uint16]]] = []
        self._lengths = np.zeros(passages, dtype=np.int32)

    def add(self, block: TermCounts, places: npt.NDArray[np.integer]) -> None:
        """Add a block whose passage i is passage ``places[i]`` of the whole."""
        known = np.array([self._terms.setdefault(term, len(self._terms)) for term in block.terms], dtype=np.int32)
        rows = np.asarray(places, dtype=np.int32)
        self._lengths[rows] = block.lengths
        self._parts.append((known[block.numbers], rows[block.rows], block.frequencies.astype(np.uint16)))

    def sorted(self) -> SortedPostings:
        """Return all postings in order of term and row, of the terms that any passage holds."""
        numbers = _joined([part[0] for part in self._parts], np.int32)
        held = np.bincount(numbers, minlength=len(self._terms))
        terms = sorted(term for term, number in self._terms.items() if held[number])
        rank = np.zeros(len(self._terms), dtype=np.int64)
        old = np.array([self._terms[term] for term in terms], dtype=np.int64)
        rank[old] = np.arange(len(terms))
        # Term, row and frequency in one number, because single numbers are sorted much faster than rows of three.
        keys = rank[numbers]
        del numbers
        keys *= len(self._lengths)
        keys += _joined([part[1] for part in self._parts], np.int32)
        keys <<= FREQUENCY_BITS
        keys |= _joined([part[2] for part in self._parts], np.uint16)
        keys.sort()
        frequencies = (keys & MOST_FREQUENT).astype(np.int32)
        keys >>= FREQUENCY_BITS
        starts = np.concatenate([[0], np.cumsum(held[old])]).astype(np.int64)
        rows = (keys % max(len(self._lengths), 1)).astype(np.int32)
        return SortedPostings(terms, starts, rows, frequencies, self._lengths)


def _joined(parts: Sequence[npt.NDArray[np.integer]], kind: type[np.integer]) -> npt.NDArray[np.integer]:
    return np.concatenate([np.zeros(0, dtype=kind), *parts])
