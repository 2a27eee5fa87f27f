"""Candidates -> features, one column for each thing that speaks for a passage (``fusion.toml`` says what)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from retrieval.arrays import Candidates, Rows, Scores
from retrieval.index.protocol import Leg, Snapshot, Wanted
from retrieval.question.query import Query
from retrieval.question.same_name import SameName
from retrieval.ranking.fusion import FEATURES, Features, lexical_trust
from retrieval.ranking.late_interaction import best_similarities, maxsim, maxsim_with_neighbours, token_weights

WIDENED = 8
"""For how many of the best candidates the neighbours count too."""
LIKELY = 20
"""So many of the best candidates are likely to be read and cited."""
BESIDE = (-2, -1, 1)
"""Where a passage's neighbours stand; more stand before it, because what a paragraph leaves out was usually named
earlier."""


class FeatureMaker:
    """Describes the passages of one snapshot for questions, the ``widened`` best also by their neighbours."""

    def __init__(self, snapshot: Snapshot, widened: int) -> None:
        self._snapshot = snapshot
        self._widened = widened

    def around(self, row: int) -> list[int]:
        """Return the neighbours that count too: beside the row in the same report, captions passed over."""
        return self._snapshot.layout.around(row, BESIDE)

    def of(self, query: Query, legs: Mapping[str, Candidates], rows: Rows, around: Sequence[Sequence[int]]) -> Features:
        """Return the features of ``rows``, ascending, among them all that the legs put forward.

        ``around`` has the neighbours of each.
        """
        snapshot = self._snapshot
        own, near = covered(snapshot.lexical.words, query.words, rows, around, query.names)
        trust = lexical_trust(own)
        best = best_similarities(query.tokens, snapshot.tokens, rows)
        late = maxsim(best, token_weights(best))
        words = share_of_ceiling(snapshot.lexical.words, query.words, legs["words"], rows, query.all_words)
        bigrams = share_of_ceiling(snapshot.lexical.bigrams, query.bigrams, legs["bigrams"], rows, query.all_bigrams)
        columns = {
            "maxsim": late,
            "neighbours": self._neighbours(query, rows, best, late + words * trust, around),
            "words": words * trust,
            "bigrams": bigrams * trust,
            "near_words": near * trust,
            "pinyin": self._pinyin(query, rows),
            "dictionary": share_of_ceiling(snapshot.lexical.dictionary, query.english, legs["dictionary"], rows),
            "near_dictionary": covered(snapshot.lexical.dictionary, query.english, rows, around)[1],
            "no_number": np.array([query.lacks_number(snapshot.passages.text(row)) for row in rows.tolist()]),
        }
        matrix = np.stack([columns[name] for name in FEATURES], axis=1).astype(np.float32)
        return Features(rows, matrix, own)

    def _neighbours(
        self, query: Query, rows: Rows, best: Scores, first: Scores, around: Sequence[Sequence[int]]
    ) -> Scores:
        """Return what the neighbours add to late interaction, for the most promising rows; 0 for the others."""
        gains = np.zeros(len(rows), dtype=np.float32)
        chosen = np.argsort(-first, kind="stable")[: self._widened]
        known, weights = set(rows.tolist()), token_weights(best)
        others = sorted({other for place in chosen for other in around[place]} - known)
        likely = rows[np.argsort(-first, kind="stable")[:LIKELY]]
        self._snapshot.fetch(Wanted(rows=others, reports=set(self._snapshot.layout.reports_of(likely).tolist())))
        beside = best_similarities(query.tokens, self._snapshot.tokens, np.array(others, dtype=np.int64))
        column = {row: number for number, row in enumerate([*rows.tolist(), *others])}
        neighbours = [[column[other] for other in around[place]] for place in chosen]
        own = best[:, chosen]
        wider = maxsim_with_neighbours(own, weights, neighbours, np.hstack([best, beside]))
        gains[chosen] = wider - maxsim(own, weights)
        return gains

    def _pinyin(self, query: Query, rows: Rows) -> Scores:
        """Return the share of the question's known sounds in each passage's report.

        The whole report counts, because a text names its subject once at the beginning, and then uses other words.
        """
        pinyin, reports = self._snapshot.lexical.pinyin, self._snapshot.layout.reports_of(rows)
        sounds = list(filter(pinyin.holds, query.pinyin))
        if not sounds:
            return np.zeros(len(rows), dtype=np.float32)
        weights = np.array([pinyin.weight(sound) for sound in sounds])
        rows_of = self._snapshot.rows_with("pinyin", sounds, np.unique(reports))
        held = np.array([np.isin(reports, self._snapshot.layout.reports_of(rows_of[sound])) for sound in sounds])
        return np.asarray((weights / weights.sum()) @ held, dtype=np.float32)


def covered(
    postings: Leg,
    words: Sequence[str],
    rows: Rows,
    around: Sequence[Sequence[int]],
    names: Sequence[SameName] = (),
) -> tuple[Scores, Scores]:
    """Return the share (0 to 1) of the words' idf weight that each row holds alone, and with the rows ``around`` it.

    A row that has one of the ``names`` otherwise holds its words too.
    """
    distinct = list(dict.fromkeys(words))
    weights = np.array([postings.weight(word) for word in distinct])
    if not weights.sum():
        nothing = np.zeros(len(rows), dtype=np.float32)
        return nothing, nothing
    every = np.unique(np.concatenate([rows, *(np.array(near, dtype=np.int64) for near in around)]))
    held = postings.held(distinct, every)
    for name in names:
        asked = [place for place, word in enumerate(distinct) if word in name.asked_words]
        held[asked] |= postings.held(name.called_words, every).all(axis=0)
    own = held[:, np.searchsorted(every, rows)]
    near = own.copy()
    for place, others in enumerate(around):
        if others:
            near[:, place] |= held[:, np.searchsorted(every, others)].any(axis=1)
    share = weights / weights.sum()
    return (share @ own).astype(np.float32), (share @ near).astype(np.float32)


def share_of_ceiling(
    postings: Leg, words: Sequence[str], found: Candidates, rows: Rows, sought: Sequence[str] | None = None
) -> Scores:
    """Return the BM25 scores of these rows as shares (0 to 1) of the most that the words could score.

    ``found`` is what the search for the words found, or for ``sought``, which has other names beside them.
    """
    scores = postings.scores_of(sought or words, rows) if found.every is None else found.every[rows]
    shares: Scores = np.minimum(scores / np.float32(postings.ceiling(words) or 1), np.float32(1))
    return shares
