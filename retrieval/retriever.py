"""Question -> legs -> fusion -> ranking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retrieval.analysis import words_of
from retrieval.encoder import Encoder, Vectors
from retrieval.fusion import fuse, words_weight
from retrieval.postings import Postings
from retrieval.snapshot import Snapshot
from retrieval.types import Filters, Hit, Ranking

CANDIDATES = 50
"""Passages that each leg puts forward."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question, analysed once: its words in order and its ``(d,)`` unit vector."""

    text: str
    words: tuple[str, ...]
    vector: Vectors


class Retriever:
    """Ranks a snapshot's passages for questions."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder) -> None:
        self.snapshot = snapshot
        self._encoder = encoder
        self._prints = _rows_by_text(snapshot)

    def analyse(self, question: str) -> Query:
        """Encode the question and cut it into words."""
        return Query(question, tuple(words_of(question)), self._encoder.encode_queries([question])[0])

    def rank(self, query: Query, k: int, filters: Filters | None = None) -> Ranking:
        """Return the ``k`` best passages that the filters admit, best first; ties stand in reading order."""
        snapshot, prints = self.snapshot, self._admitted(filters)
        if not prints:
            return Ranking((), {"dense": 0.0, "words": 0.0}, 0.0)
        all_rows = len(prints) == len(snapshot.passages)
        allowed = None if all_rows else np.array([rows[0] for rows in prints.values()], dtype=np.int64)
        dense = snapshot.dense.search(query.vector, max(k, CANDIDATES), allowed)
        words = snapshot.postings.search(query.words, max(k, CANDIDATES), allowed)
        best = words.rows[0] if len(words.rows) else None
        covered = 0.0 if best is None else coverage(snapshot.postings, query.words, snapshot.passages[best].text)
        weight = words_weight(covered)

        rows = np.union1d(dense.rows, words.rows)
        dense_scores = snapshot.dense.scores(query.vector, rows)
        words_scores = snapshot.postings.scores(query.words)[rows]
        fused = fuse(dense_scores, words_scores, weight)
        hits = (
            Hit(
                row=int(rows[i]),
                score=float(fused[i]),
                legs={"dense": float(dense_scores[i]), "words": float(words_scores[i])},
                duplicates=tuple(row for row in prints[snapshot.passages[rows[i]].text] if row != rows[i]),
            )
            for i in np.argsort(-fused, kind="stable")[:k]
        )
        return Ranking(tuple(hits), {"dense": 1 - weight, "words": weight}, covered)

    def _admitted(self, filters: Filters | None) -> dict[str, list[int]]:
        """Return the rows that may answer, by text: a passage that was reprinted is ranked once, by its first row."""
        if filters is None or filters == Filters():
            return self._prints
        admitted = {d.document_id for d in self.snapshot.documents if filters.admits(d)}
        return _rows_by_text(self.snapshot, admitted)


def _rows_by_text(snapshot: Snapshot, documents: set[str] | None = None) -> dict[str, list[int]]:
    """Return text -> rows in reading order, of these documents only, if given."""
    rows: dict[str, list[int]] = {}
    for row, passage in enumerate(snapshot.passages):
        if documents is None or passage.document_id in documents:
            rows.setdefault(passage.text, []).append(row)
    return rows


def coverage(postings: Postings, words: tuple[str, ...], text: str) -> float:
    """Return the share (0 to 1) of the words' idf weight that stands in ``text``."""
    wanted = set(words)
    total = sum(postings.weight(word) for word in wanted)
    held = sum(postings.weight(word) for word in wanted & set(words_of(text)))
    return held / total if total else 0.0
