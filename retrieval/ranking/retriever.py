"""Question -> legs -> late interaction -> fusion -> ranking.

Each leg puts forward candidates; their union is described by the features of ``fusion`` and ordered by them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from retrieval.arrays import Mask, Rows, Vectors
from retrieval.encoder.protocol import Encoder
from retrieval.index.passage_table import Reprints
from retrieval.index.snapshot import Snapshot
from retrieval.question.cleaning import is_foreign
from retrieval.question.query import Query, start_encoding, topic_of
from retrieval.question.question_type import question_type
from retrieval.question.time_filter import TimeWish, time_wish
from retrieval.ranking.features import NEIGHBOURS, WIDENED, covered, share_of_ceiling
from retrieval.ranking.fusion import FEATURES, Features, fuse, lexical_trust
from retrieval.ranking.late_interaction import best_similarities, maxsim, next_door, token_weights
from retrieval.ranking.time_boosts import days_of, time_boosts
from retrieval.text.characters import normalise
from retrieval.text.dictionary import stems_asked
from retrieval.text.pinyin import pinyin_asked
from retrieval.text.words import bigrams_of, words_of
from retrieval.types import Candidates, Filters, Hit, LegScore

DENSE_CANDIDATES = 20
"""Passages that the dense leg puts forward at least: as many as an answer may cite."""
FOREIGN_CANDIDATES = 30
"""The same where neither words nor their meanings find enough."""
CANDIDATES = 12
"""Passages that words, pairs of characters and meanings put forward: 30 rank no better, but cost twice as much."""
PINYIN_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hits, best first; the features of all candidates in the same order; and the time that decided, if one did."""

    hits: tuple[Hit, ...]
    features: Features
    time: TimeWish | None

    def lifted(self, rows: Collection[int], bonus: float) -> Ranking:
        """Return the ranking in which the hits on these rows score ``bonus`` more."""
        hits = [replace(hit, score=hit.score + bonus) if hit.row in rows else hit for hit in self.hits]
        order = sorted(range(len(hits)), key=lambda place: -hits[place].score)
        rest = range(len(hits), len(self.features.rows))
        return Ranking(tuple(hits[at] for at in order), self.features.take(np.array([*order, *rest])), self.time)


class Retriever:
    """Ranks a snapshot's passages for questions."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder) -> None:
        self.snapshot = snapshot
        self._encoder = encoder
        self._reprints = Reprints(snapshot.passages)
        self._first_rows = self._reprints.first_rows()
        self._reports = snapshot.passages.reports.astype(np.int64)
        self._report_of = memoryview(self._reports)  # type: ignore[arg-type] # gives plain integers
        self._days = days_of([document.date for document in snapshot.documents])[self._reports]

    def analyse(self, question: str, *, use_dates: bool = True) -> Query:
        """Begin to encode the question, and cut it into what the legs look up."""
        question = topic_of(question)
        lexical, encoding = self.snapshot.lexical, start_encoding(question, self._encoder)
        words, normal = tuple(words_of(question)), normalise(question)
        wanted = question_type(normal)
        return Query(
            text=question,
            words=words,
            bigrams=tuple(bigrams_of(question)),
            pinyin=tuple(pinyin_asked(normal, words, filter(lexical.words.holds, words))),
            english=tuple(stems_asked(normal, words)) if is_foreign(question) else (),
            encoding=encoding,
            wants_number=wanted is not None and wanted.kind in ("number", "time"),
            time=time_wish(question) if use_dates else None,
        )

    def rank(self, query: Query, k: int, filters: Filters | None = None) -> Ranking:
        """Return the ``k`` best passages that the filters admit, best first; ties stand in reading order."""
        admitted = self._admitted(filters)
        if not (self.snapshot.passages if admitted is None else admitted.any()):
            return Ranking((), Features.none(), None)
        allowed = self._first_rows if admitted is None else self._reprints.first_rows(admitted)
        legs = self.legs(query, k, allowed)
        features = self.features(query, legs)
        boosts, time = self._boosts(query, features.rows)
        fused = fuse(features) + boosts
        order = np.argsort(-fused, kind="stable")
        late = Candidates(features.rows, features.column("late")).sorted()
        places = {leg: _places(found) for leg, found in {**legs, "late": late}.items()}
        hits = (self._hit(int(features.rows[i]), float(fused[i]), places, admitted) for i in order[:k])
        return Ranking(tuple(hits), features.take(order), time)

    def _hit(self, row: int, score: float, places: Mapping[str, Mapping[int, LegScore]], admitted: Mask | None) -> Hit:
        found = {leg: at[row] for leg, at in places.items() if row in at}
        return Hit(row, score, found, self._reprints.others(row, admitted))

    def legs(self, query: Query, k: int, allowed: Mask | None = None) -> dict[str, Candidates]:
        """Return what each leg puts forward, best first; the dense one at least ``k``, if there are so many."""
        lexical = self.snapshot.lexical
        found = {
            "words": lexical.words.search(query.words, CANDIDATES, allowed),
            "bigrams": lexical.bigrams.search(query.bigrams, CANDIDATES, allowed),
            "pinyin": lexical.pinyin.search(query.pinyin, PINYIN_CANDIDATES, allowed),
            "dictionary": lexical.dictionary.search(query.english, CANDIDATES, allowed),
        }
        enough = CANDIDATES in (len(found["words"].rows), len(found["dictionary"].rows))
        least = DENSE_CANDIDATES if enough else FOREIGN_CANDIDATES
        dense = self.snapshot.dense.search(query.vector, max(k, least), allowed)  # last: its vector is waited for
        return {"dense": dense, **found}

    def features(self, query: Query, legs: Mapping[str, Candidates]) -> Features:
        """Return the features of all candidates, rows ascending."""
        snapshot = self.snapshot
        rows = np.unique(np.concatenate([found.rows for found in legs.values()])).astype(np.int64)
        around = [self._around(row) for row in rows.tolist()]
        own, near = covered(snapshot.lexical.words, query.words, rows, around)
        trust = lexical_trust(own)
        best = best_similarities(query.tokens, snapshot.tokens, rows)
        weights = token_weights(best)
        late = maxsim(best, weights)
        words = share_of_ceiling(snapshot.lexical.words, query.words, legs["words"], rows)
        bigrams = share_of_ceiling(snapshot.lexical.bigrams, query.bigrams, legs["bigrams"], rows)
        columns = {
            "late": late,
            "next_door": self._next_door(query, rows, best, late + words * trust, around),
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

    def _around(self, row: int) -> list[int]:
        """Return the passages beside one in the same report."""
        reports = self._report_of
        near = [row + step for step in NEIGHBOURS if 0 <= row + step < len(reports)]
        return [other for other in near if reports[other] == reports[row]]

    def _next_door(
        self, query: Query, rows: Rows, best: Vectors, first: Vectors, around: Sequence[Sequence[int]]
    ) -> Vectors:
        """Return what late interaction gains by the neighbours, for the most promising; 0 for the others."""
        gains = np.zeros(len(rows), dtype=np.float32)
        chosen = np.argsort(-first, kind="stable")[:WIDENED]
        known, weights = set(rows.tolist()), token_weights(best)
        others = sorted({other for place in chosen for other in around[place]} - known)
        beside = best_similarities(query.tokens, self.snapshot.tokens, np.array(others, dtype=np.int64))
        column = {row: number for number, row in enumerate([*rows.tolist(), *others])}
        neighbours = [[column[other] for other in around[place]] for place in chosen]
        own = best[:, chosen]
        gains[chosen] = next_door(own, weights, neighbours, np.hstack([best, beside])) - maxsim(own, weights)
        return gains

    def _pinyin(self, query: Query, rows: Rows) -> Vectors:
        """Return the share of the question's known sounds in each passage's report.

        In the report: what a text is about is named once at its beginning, and in other words from then on.
        """
        pinyin, reports = self.snapshot.lexical.pinyin, self._reports
        sounds = list(filter(pinyin.holds, query.pinyin))
        if not sounds:
            return np.zeros(len(rows), dtype=np.float32)
        weights = np.array([pinyin.weight(sound) for sound in sounds])
        held = np.array([np.isin(reports[rows], reports[pinyin.rows_with(sound)]) for sound in sounds])
        return np.asarray((weights / weights.sum()) @ held, dtype=np.float32)

    def _boosts(self, query: Query, rows: Rows) -> tuple[Vectors, TimeWish | None]:
        """Return what the time that the question asks about adds to each row, and that time if it adds anything."""
        nothing = np.zeros(len(rows), dtype=np.float32)
        if query.time is None:
            return nothing, None
        boosts = time_boosts(query.time, self._days, self.snapshot.lexical.words.rows_with, self._reports)
        return (nothing, None) if boosts is None or not boosts[rows].any() else (boosts[rows], query.time)

    def ablations(self, query: Query, k: int) -> dict[str, list[int]]:
        """Return the best ``k`` rows by each leg alone, and by all without one feature, by what was left."""
        legs = self.legs(query, k, self._first_rows)
        features = self.features(query, legs)
        alone = {**legs, "late": Candidates(features.rows, features.column("late")).sorted()}
        rankings = {leg: found.rows[:k].tolist() for leg, found in alone.items()}
        for name in FEATURES:
            fused = Candidates(features.rows, fuse(features, without=[name])).sorted()
            rankings[f"all without {name}"] = fused.rows[:k].tolist()
        return rankings

    def _admitted(self, filters: Filters | None) -> Mask | None:
        """Return the ``(n,)`` mask of the passages that may answer; None where all may."""
        if filters is None or filters == Filters():
            return None
        return np.array([filters.admits(document) for document in self.snapshot.documents], dtype=np.bool_)[
            self._reports
        ]


def _places(found: Candidates) -> dict[int, LegScore]:
    """Return rank and score by row."""
    ranked = enumerate(zip(found.rows.tolist(), found.scores.tolist(), strict=True), start=1)
    return {row: LegScore(rank, score) for rank, (row, score) in ranked}
