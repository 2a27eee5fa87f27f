"""Which passages are which report's: rows number a generation's passages, report after report, in reading order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Mask, Rows


class Layout:
    """Report i has the rows ``starts[i]`` to ``starts[i + 1]``; ``asides`` are the rows that are no paragraph."""

    def __init__(self, starts: npt.NDArray[np.int64], asides: Iterable[int]) -> None:
        self._starts = starts
        self._list: list[int] = starts.tolist()
        self._asides = frozenset(asides)

    def __len__(self) -> int:
        """Count the passages."""
        return self._list[-1]

    def report_of(self, row: int) -> int:
        """Return the number of a passage's report."""
        return bisect_right(self._list, row) - 1

    def reports_of(self, rows: npt.NDArray[np.integer]) -> Rows:
        """Return the numbers of the reports of ``(k,)`` rows."""
        return np.asarray(np.searchsorted(self._starts, rows, side="right") - 1, dtype=np.int64)

    def rows_of(self, report: int) -> range:
        """Return the rows of a report."""
        return range(self._list[report], self._list[report + 1])

    def counts(self) -> npt.NDArray[np.int64]:
        """Return how many passages each report has."""
        return np.diff(self._starts)

    def asides_among(self, rows: Rows) -> Mask:
        """Return which of ``(k,)`` rows are asides."""
        return np.array([row in self._asides for row in rows.tolist()], dtype=np.bool_)

    def around(self, row: int, steps: Sequence[int]) -> list[int]:
        """Return the rows so many steps from a row in the same report; asides between them are passed over."""
        own = self.rows_of(self.report_of(row))
        return [other for other in self._beside(row, steps) if other in own]

    def _beside(self, row: int, steps: Sequence[int]) -> Iterator[int]:
        for step in steps:
            other = row
            for _ in range(abs(step)):
                other += 1 if step > 0 else -1
                while other in self._asides:
                    other += 1 if step > 0 else -1
            yield other
