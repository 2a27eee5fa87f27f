"""Which reports are worth comparing, found without comparing all: MinHash over their sentences (Broder 1997)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from retrieval.index.relations.sentences import Sentence

BANDS, ROWS = 42, 3
"""Two reports meet if all rows of some band agree: nearly always (.9999) where they share six of ten different
sentences, as four with one changed do, and hardly ever (.04) where they share one of ten."""
MOST_MET = 200
"""Reports whose sentences are counted against one report's, the latest that it met, so that thousands of bulletins
made after one pattern cost no more than thousands of others."""
MOST_COMPARED = 4
"""Of these, the reports that it is compared with sentence by sentence."""
LEAST_SHARE = 0.3
"""Share of the longer report's different sentences below which nothing comes of a comparison."""

Marks = frozenset[int]
"""The checksums of a report's different sentences."""


def marks_of(sentences: Iterable[Sentence]) -> Marks:
    """Return what stands for these sentences where they are only counted."""
    return frozenset(zlib.crc32(one.key.encode()) for one in sentences)


class Candidates:
    """Reports by number, and which of those added so far a further one may be a reprint of."""

    def __init__(self, marks: Sequence[Marks]) -> None:
        from datasketch import MinHash, MinHashLSH  # half a second to load, and only building an index needs it

        self._marks = marks
        self._signatures = MinHash.bulk(map(sorted, marks), num_perm=BANDS * ROWS, hashfunc=int)
        self._added = MinHashLSH(num_perm=BANDS * ROWS, params=(BANDS, ROWS))

    def near(self, number: int) -> list[int]:
        """Return the reports that share most of their sentences with this one, best first."""
        met = self._added.query(self._signatures[number])[-MOST_MET:]
        shares = {other: self._share(number, other) for other in met}
        near = sorted(shares, key=lambda other: (-shares[other], other))
        return [other for other in near if shares[other] >= LEAST_SHARE][:MOST_COMPARED]

    def add(self, number: int) -> None:
        """Let further reports meet this one."""
        self._added.insert(number, self._signatures[number], check_duplication=False)

    def _share(self, one: int, other: int) -> float:
        first, second = self._marks[one], self._marks[other]
        return len(first & second) / max(len(first), len(second), 1)
