"""Which reports are worth comparing, found without comparing all: MinHash over their sentences (Broder 1997).

A report's signature is, for each of some functions that shuffle all numbers of 32 bits, the least that a sentence's
checksum becomes. Two reports have the same least with the probability of their Jaccard similarity. Reports meet where
a whole band of their signatures is the same (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4).

The arithmetic is that of datasketch 2, which gives the same signatures. It is not called for them, because its import
needs scipy, and a machine that serves has none.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from retrieval.index.relations.sentences import Sentence

BANDS, ROWS = 42, 3
"""Two reports meet if all rows of some band agree: nearly always (.9999) where they share six of ten different
sentences, as four with one changed do, and hardly ever (.04) where they share one of ten."""
MOST_MET = 200
"""Reports whose sentences are counted against one report's: of those that it met the last by number, so that thousands
of bulletins made after one pattern cost no more than thousands of others."""
MOST_COMPARED = 4
"""Of these, the reports that it is compared with sentence by sentence."""
LEAST_SHARE = 0.3
"""Share of the longer report's different sentences below which nothing comes of a comparison."""

Marks = frozenset[int]
"""The checksums of a report's different sentences, numbers of 32 bits."""

Numbers = npt.NDArray[np.uint32]


def marks_of(sentences: Iterable[Sentence]) -> Marks:
    """Return what stands for these sentences where they are only counted."""
    return frozenset(zlib.crc32(one.key.encode()) for one in sentences)


def signature_of(marks: Marks) -> Numbers:
    """Return the MinHash signature of a report's sentences, ``(BANDS * ROWS,)``; of none, the largest number always."""
    factors, summands = _shuffles()
    spread = _spread(np.fromiter(marks, np.uint32, len(marks)))
    return np.asarray((spread[:, None] * factors + summands).min(axis=0, initial=np.uint32(2**32 - 1)), dtype=np.uint32)


@cache
def _shuffles() -> tuple[Numbers, Numbers]:
    """Return a and b of each function h -> ah + b modulo 2^32; a is odd, so that no two numbers become one."""
    dice = np.random.RandomState(1)  # its numbers never change, so that the same reports always meet
    factors = dice.randint(0, 2**31, BANDS * ROWS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, dice.randint(0, 2**32, BANDS * ROWS, dtype=np.uint32)


def _spread(numbers: Numbers) -> Numbers:
    """Mix the bits of numbers that may be near each other (the last step of MurmurHash3)."""
    mixed = (numbers ^ (numbers >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    mixed = (mixed ^ (mixed >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return mixed ^ (mixed >> np.uint32(16))


class Candidates:
    """Reports by number, and which of those added so far a further one may be a reprint of."""

    def __init__(self, marks: Sequence[Marks]) -> None:
        self._marks = marks
        self._signatures = [signature_of(one) for one in marks]
        self._met: defaultdict[tuple[int, bytes], list[int]] = defaultdict(list)

    def near(self, number: int) -> list[int]:
        """Return the reports that share most of their sentences with this one, best first."""
        met = sorted({other for band in self._bands(number) for other in self._met.get(band, ())})[-MOST_MET:]
        shares = {other: self._share(number, other) for other in met}
        near = sorted(shares, key=lambda other: (-shares[other], other))
        return [other for other in near if shares[other] >= LEAST_SHARE][:MOST_COMPARED]

    def add(self, number: int) -> None:
        """Let further reports meet this one."""
        for band in self._bands(number):
            self._met[band].append(number)

    def _bands(self, number: int) -> Iterator[tuple[int, bytes]]:
        """Yield each band of a report's signature with its place."""
        for place, band in enumerate(self._signatures[number].reshape(BANDS, ROWS)):
            yield place, band.tobytes()

    def _share(self, one: int, other: int) -> float:
        first, second = self._marks[one], self._marks[other]
        return len(first & second) / max(len(first), len(second), 1)
