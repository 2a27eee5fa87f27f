"""The same passage in several reports is ranked once: by the first report, by date, that may answer."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from retrieval.arrays import Mask, Rows, Scores
from retrieval.index.local.passage_table import same_texts
from retrieval.index.local.snapshot import Snapshot

SAYS_MORE = np.float32(0.04)
"""How much more a reprint's passage scores than the first report's where it answers what that one does not say: a
sentence was added, or another figure is asked for by its value. A word more or less makes no such difference."""


class Reprints:
    """Which passages are the same: those with the very same text, and those of reprints, with something changed.

    In reports that stand apart (versions of a rule, notices that places copied) the same text is another passage.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._reports = snapshot.passages.reports
        self._days = [document.date or dt.date.max for document in snapshot.documents]
        self._texts = [tuple(sorted(rows, key=self._order)) for rows in self._same_texts()]
        self._says_more = {other: more for _, other, more in snapshot.relations.rows}
        self._first_of = self._firsts()
        self._rows_of = defaultdict[int, list[int]](list)
        for row in sorted(self._first_of, key=self._order):
            for first in self._first_of[row]:
                self._rows_of[first].append(row)

    def first_rows(self, admitted: Mask | None = None) -> Mask | None:
        """Return the ``(n,)`` mask of each text's first row of those admitted; None where that is every passage."""
        if admitted is None and not self._texts:
            return None
        first = np.ones(len(self._reports), dtype=np.bool_) if admitted is None else admitted.copy()
        for rows in self._texts:
            first[[row for row in rows if first[row]][1:]] = False
        return first

    def others(self, row: int, admitted: Mask | None = None) -> tuple[int, ...]:
        """Return the other rows of this passage, the first report's first, of those admitted."""
        same = {other for first in self._first_of.get(row, ()) for other in self._rows_of[first]}
        found = (other for other in same if self._is_elsewhere(row, other) and (admitted is None or admitted[other]))
        return tuple(sorted(found, key=self._order))

    def folded(self, rows: Rows, scores: Scores) -> tuple[Scores, Mask]:
        """Return the ``(k,)`` scores of candidates, and the mask of those to rank.

        Of one passage the first is ranked, and one that says more than it. What says nothing more hands it its score.
        A passage that the first report cut in two is ranked by itself where it is ahead of all, because neither part
        may say all of it.
        """
        kept, folded = np.ones(len(rows), dtype=np.bool_), scores.copy()
        places = {row: place for place, row in enumerate(rows.tolist())} if self._says_more else {}
        first = int(scores.argmax()) if len(scores) else -1
        for row in sorted(places.keys() & self._first_of.keys(), key=self._order):
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
        reports = [self._reports[first] for first in self._first_of[row] if self._reports[first] != self._reports[row]]
        return len(reports) > len(set(reports))

    def _firsts(self) -> dict[int, set[int]]:
        """Return what each passage is that stands more than once: passages of the first reports, its own among them."""
        text = {row: rows[0] for rows in self._texts for row in rows}
        firsts = {row: {first} for row, first in text.items()}
        for first, other, _ in self._snapshot.relations.rows:
            for row in (first, other):
                firsts.setdefault(row, {text.get(row, row)}).add(text.get(first, first))
        return firsts

    def _order(self, row: int) -> tuple[dt.date, int]:
        """Put passages in the order in which they were reported."""
        return self._days[self._reports[row]], row

    def _is_elsewhere(self, row: int, other: int) -> bool:
        """Whether two rows of the same passage are two places: in two reports, or twice the very same text in one."""
        if row == other or self._reports[row] != self._reports[other]:
            return row != other
        return self._snapshot.passages.matched(row) == self._snapshot.passages.matched(other)

    def _same_texts(self) -> Iterator[tuple[int, ...]]:
        """Yield the rows with the very same text, each family of reports that stand apart by itself."""
        relations = self._snapshot.relations
        for rows in same_texts(self._snapshot.passages):
            groups = defaultdict[str, list[int]](list)
            for row in rows:
                report = self._snapshot.documents[self._reports[row]].document_id
                owner = relations.version_of(report)
                groups[owner if owner in relations.apart else ""].append(row)
            yield from (tuple(group) for group in groups.values() if len(group) > 1)
