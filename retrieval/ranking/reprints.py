"""The same passage in several reports is ranked once: by the first report, by date, that may answer."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np

from retrieval.arrays import Mask, Rows, Scores
from retrieval.index.protocol import Admitted, Snapshot

SAYS_MORE = np.float32(0.04)
"""How much more a reprint's passage scores than the first report's where it answers what that one does not say: a
sentence was added, or another figure is asked for by its value. A word more or less makes no such difference."""


class Reprints:
    """Which passages are the same: those with the very same text, and those of reprints, with something changed."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._says_more = {other: more for _, other, more in snapshot.relations.rows}
        self._changed = defaultdict[int, list[int]](list)
        self._unchanged = defaultdict[int, list[int]](list)
        for first, other, _ in snapshot.relations.rows:
            self._changed[first].append(other)
            self._unchanged[other].append(first)

    def related(self, row: int) -> list[int]:
        """Return the passages of which this one is a changed copy."""
        return self._unchanged.get(row, [])

    def changed(self, row: int) -> list[int]:
        """Return the passages that are changed copies of this one."""
        return self._changed.get(row, [])

    def is_ranked(self, row: int, admitted: Admitted | None = None) -> bool:
        """Whether a row is the first of those with its text that may answer."""
        same = self._snapshot.copies(row)
        return row == (same[0] if admitted is None else next(iter(self._admitted(same, admitted)), None))

    def others(self, row: int, admitted: Admitted | None = None) -> tuple[int, ...]:
        """Return the other rows of this passage, the first report's first, of those admitted."""
        same = {other for first in self._firsts(row) for other in self._rows_of(first)} - {row}
        found = sorted((other for other in same if self._is_elsewhere(row, other)), key=self._order)
        return tuple(found if admitted is None else self._admitted(found, admitted))

    def folded(self, rows: Rows, scores: Scores) -> tuple[Scores, Mask]:
        """Return the ``(k,)`` scores of candidates, and the mask of those to rank.

        Of one passage the first is ranked, and one that says more than it. What says nothing more hands it its score.
        A passage that the first report cut in two is ranked by itself where it is ahead of all, because neither part
        may say all of it.
        """
        kept, folded = np.ones(len(rows), dtype=np.bool_), scores.copy()
        places = {row: place for place, row in enumerate(rows.tolist())} if self._says_more else {}
        first = int(scores.argmax()) if len(scores) else -1
        for row in sorted((one for one in places if self._firsts(one)), key=self._order):
            place, more = places[row], self._says_more.get(row, True)
            before = [
                places[other] for other in self.others(row) if other in places and self._order(other) < self._order(row)
            ]
            best = max((at for at in before if kept[at]), key=lambda at: scores[at], default=place)
            says_more = more and scores[place] > scores[best] + SAYS_MORE
            stands = says_more or (place == first and self._is_cut_otherwise(row))
            if best != place and not stands:
                kept[place] = False
                folded[best] = max(folded[best], scores[place] * (not more))
        return folded, kept

    def _is_cut_otherwise(self, row: int) -> bool:
        """Whether a passage stands in several passages of another report."""
        own = self._report_of(row)
        reports = [report for first in self._firsts(row) if (report := self._report_of(first)) != own]
        return len(reports) > len(set(reports))

    def _firsts(self, row: int) -> set[int]:
        """Return what a passage is that stands more than once: passages of the first reports, its own among them."""
        same = self._snapshot.copies(row)
        if len(same) == 1 and row not in self._unchanged and row not in self._changed:
            return set()
        return {same[0], *(self._snapshot.copies(first)[0] for first in self._unchanged.get(row, ()))}

    def _rows_of(self, first: int) -> set[int]:
        """Return all passages that are the same as a first one."""
        same = self._snapshot.copies(first)
        return {*same, *(other for row in same for other in self._changed.get(row, ()))}

    def _order(self, row: int) -> tuple[dt.date, int]:
        """Put passages in the order in which they were reported."""
        return self._snapshot.documents[self._report_of(row)].date or dt.date.max, row

    def _report_of(self, row: int) -> int:
        return self._snapshot.layout.report_of(row)

    def _is_elsewhere(self, row: int, other: int) -> bool:
        """Whether two rows of the same passage are two places: in two reports, or twice the very same text in one."""
        return self._report_of(row) != self._report_of(other) or other in self._snapshot.copies(row)

    def _admitted(self, rows: list[int] | tuple[int, ...], admitted: Admitted) -> list[int]:
        return [row for row, may in zip(rows, admitted.admits(self._snapshot.layout, rows), strict=True) if may]
