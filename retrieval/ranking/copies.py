"""Notices that places copied from each other: the one of the place that the question names comes first."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from retrieval.arrays import Rows, Scores
from retrieval.index.protocol import Snapshot
from retrieval.question.query import Query
from retrieval.text.characters import normalise

ELSEWHERE = np.float32(0.1)
"""What a passage loses at most whose report holds fewer of the question's words than another that it was copied from or
into: the text of both is the same, and the place stands somewhere else in the report, or only in its title."""


class Copies:
    """Which reports of a snapshot were copied from which others, under another name."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._group_of = {report: number for number, group in enumerate(snapshot.relations.copied) for report in group}

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._group_of)

    def tolls(self, query: Query, rows: Rows) -> Scores:
        """Return what to add to the ``(k,)`` scores of candidates, 0 or less."""
        tolls = np.zeros(len(rows), dtype=np.float32)
        groups = defaultdict[int, dict[int, list[int]]](dict)
        for place, number in enumerate(self._snapshot.layout.reports_of(rows).tolist() if self._group_of else ()):
            report = self._snapshot.relations.version_of(self._snapshot.documents[number].document_id)
            if report in self._group_of:
                groups[self._group_of[report]].setdefault(number, []).append(place)
        for reports in groups.values():
            held = self._held(query, list(reports))
            for share, places in zip(held, reports.values(), strict=True):
                tolls[places] = ELSEWHERE * (share - held.max())
        return tolls

    def _held(self, query: Query, numbers: list[int]) -> Scores:
        """Return the share of the question's words (by idf) that each of these reports holds, in its title or text."""
        postings = self._snapshot.lexical.bigrams
        titles = [normalise(self._snapshot.documents[number].title) for number in numbers]
        held, total = np.zeros(len(numbers), dtype=np.float32), np.float32(0)
        words = list(dict.fromkeys(query.bigrams))
        rows_of = self._snapshot.rows_with("bigrams", words, np.array(sorted(numbers), dtype=np.int64))
        for word in words:
            weight = np.float32(postings.weight(word))
            with_word = np.isin(numbers, self._snapshot.layout.reports_of(rows_of[word]))
            held += weight * (with_word | np.array([word in title for title in titles]))
            total += weight
        return held / max(total, np.float32(1e-6))
