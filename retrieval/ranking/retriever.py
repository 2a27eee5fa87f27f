"""Query -> legs -> late interaction -> fusion -> ranking.

Each leg puts forward candidates. The features of ``fusion`` describe and order their union.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from retrieval.arrays import Candidates, Mask, Rows, Scores
from retrieval.explained import LegScore
from retrieval.index.local.snapshot import Snapshot
from retrieval.question.query import Query
from retrieval.question.time_filter import TimeFilter
from retrieval.ranking.copies import Copies
from retrieval.ranking.features import WIDENED, FeatureMaker
from retrieval.ranking.fusion import FEATURES, SHOWN_AS, Features, fuse
from retrieval.ranking.ordinals import ordinal_boosts
from retrieval.ranking.reprints import Reprints
from retrieval.ranking.time_boosts import days_of, time_boosts
from retrieval.ranking.versions import Versions
from retrieval.types import Filters, Hit

DENSE_CANDIDATES = 20
"""The least number of passages that the dense leg puts forward: as many as an answer may cite."""
FOREIGN_CANDIDATES = 30
"""The same where neither words nor their meanings find enough."""
CANDIDATES = 12
"""Passages that words, pairs of characters and meanings each put forward; more rank no better, but cost more."""
PINYIN_CANDIDATES = 5
KEPT_MASKS = 16
"""Filters whose passages are remembered; one takes a byte for each passage."""
ASIDE_TOLL = np.float32(0.04)
"""What a caption loses, so that the text that says the same comes first."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hits, best first; the features of all candidates in the same order; and the time that decided, if one did.

    ``behind`` has rows that must stay behind others.
    """

    hits: tuple[Hit, ...]
    features: Features
    time: TimeFilter | None
    behind: Mapping[int, int] = field(default_factory=dict)

    def score_of(self, row: int) -> float:
        """Return what the hit on a row scores."""
        return next(hit.score for hit in self.hits if hit.row == row)

    def lifted(self, rows: Collection[int], bonus: float) -> Ranking:
        """Return the ranking in which the hits on these rows score ``bonus`` more, and those that they are behind."""
        return self.changed(dict.fromkeys(rows, bonus))

    def changed(self, bonuses: Mapping[int, float]) -> Ranking:
        """Return the ranking in which hits score so much more, by row, and what they are behind as much as they."""
        given = dict(bonuses)
        for row, before in self.behind.items():
            if row in bonuses:
                given[before] = max(bonuses[row], given.get(before, bonuses[row]))
        hits = [replace(hit, score=hit.score + given.get(hit.row, 0.0)) for hit in self.hits]
        order = sorted(range(len(hits)), key=lambda place: -hits[place].score)
        rest = range(len(hits), len(self.features.rows))
        return Ranking(
            tuple(hits[at] for at in order), self.features.take(np.array([*order, *rest])), self.time, self.behind
        )


class Retriever:
    """Ranks a snapshot's passages for questions; for the ``widened`` best the neighbours count too."""

    def __init__(self, snapshot: Snapshot, widened: int = WIDENED) -> None:
        self.snapshot = snapshot
        self.features = FeatureMaker(snapshot, widened)
        self._reprints = Reprints(snapshot)
        self._versions, self._copies = Versions(snapshot), Copies(snapshot)
        self._first_rows = self._reprints.first_rows()
        self._asides = snapshot.passages.asides.astype(np.float32)
        self._reports = snapshot.passages.reports.astype(np.int64)
        self._masks: dict[Filters, Mask] = {}
        self._days = days_of([document.date for document in snapshot.documents])[self._reports]

    def rank(self, query: Query, k: int, filters: Filters | None = None) -> Ranking:
        """Return the ``k`` best passages that the filters admit, best first; ties stand in reading order."""
        admitted = self._admitted(filters)
        if not (self.snapshot.passages if admitted is None else admitted.any()):
            return Ranking((), Features.none(), None)
        allowed = self._first_rows if admitted is None else self._reprints.first_rows(admitted)
        legs = self.legs(query, k, allowed)
        numbered = ordinal_boosts(query.ordinal, legs, self.snapshot.passages, self._reports, allowed)
        features = self.features.of(query, legs, list(numbered))
        boosts, time = self._boosts(query, features.rows)
        boosts = boosts + np.array([numbered.get(row, 0.0) for row in features.rows.tolist()], dtype=np.float32)
        boosts = boosts + self._copies.tolls(query, features.rows) - ASIDE_TOLL * self._asides[features.rows]
        fused, behind = self._versions.ordered(features.rows, fuse(features) + boosts, query)
        fused, kept = self._reprints.folded(features.rows, fused)
        order = np.argsort(-fused, kind="stable")
        order = order[kept[order]]
        places = {leg: _places(found) for leg, found in _with_maxsim(legs, features).items()}
        hits = (self._hit(int(features.rows[i]), float(fused[i]), places, admitted) for i in order[:k])
        return Ranking(tuple(hits), features.take(order), time, behind)

    def _hit(self, row: int, score: float, places: Mapping[str, Mapping[int, LegScore]], admitted: Mask | None) -> Hit:
        found = {leg: at[row] for leg, at in places.items() if row in at}
        return Hit(row, score, found, self._reprints.others(row, admitted))

    def legs(self, query: Query, k: int, allowed: Mask | None = None) -> dict[str, Candidates]:
        """Return what each leg puts forward, best first; from the dense leg at least ``k``, if there are as many."""
        lexical = self.snapshot.lexical
        found = {
            "words": lexical.words.search(query.all_words, CANDIDATES, allowed),
            "bigrams": lexical.bigrams.search(query.all_bigrams, CANDIDATES, allowed),
            "pinyin": lexical.pinyin.search(query.pinyin, PINYIN_CANDIDATES, allowed),
            "dictionary": lexical.dictionary.search(query.english, CANDIDATES, allowed),
        }
        enough = CANDIDATES in (len(found["words"].rows), len(found["dictionary"].rows))
        least = DENSE_CANDIDATES if enough else FOREIGN_CANDIDATES
        dense = self.snapshot.dense.search(query.vector, max(k, least), allowed)  # last: it waits for the vector
        return {"dense": dense, **found}

    def ablations(self, query: Query, k: int) -> dict[str, list[int]]:
        """Return the best ``k`` rows of each leg alone and of all without one feature, by the name of what ranked."""
        legs = self.legs(query, k, self._first_rows)
        features = self.features.of(query, legs)
        rankings = {
            SHOWN_AS.get(leg, leg): found.rows[:k].tolist() for leg, found in _with_maxsim(legs, features).items()
        }
        for name in FEATURES:
            fused = Candidates(features.rows, fuse(features, without=[name])).sorted()
            rankings[f"all without {SHOWN_AS.get(name, name)}"] = fused.rows[:k].tolist()
        return rankings

    def _boosts(self, query: Query, rows: Rows) -> tuple[Scores, TimeFilter | None]:
        """Return what the time that the question asks about adds to each row, and that time if it adds anything."""
        nothing = np.zeros(len(rows), dtype=np.float32)
        if query.time is None:
            return nothing, None
        boosts = time_boosts(query.time, self._days, self.snapshot.lexical.words.rows_with, self._reports)
        return (nothing, None) if boosts is None or not boosts[rows].any() else (boosts[rows], query.time)

    def _admitted(self, filters: Filters | None) -> Mask | None:
        """Return the ``(n,)`` mask of the passages that may answer; None where all may.

        The last few are kept, because somebody who may see only some reports asks with the same filters every time.
        """
        if filters is None or filters == Filters():
            return None
        known = self._masks.get(filters)
        if known is None:
            admitted = [filters.admits(document) for document in self.snapshot.documents]
            known = np.array(admitted, dtype=np.bool_)[self._reports]
            if len(self._masks) >= KEPT_MASKS:
                self._masks.clear()
            self._masks[filters] = known
        return known


def _with_maxsim(legs: Mapping[str, Candidates], features: Features) -> dict[str, Candidates]:
    """Return the legs, and late interaction over all candidates as another one."""
    return {**legs, "maxsim": Candidates(features.rows, features.column("maxsim")).sorted()}


def _places(found: Candidates) -> dict[int, LegScore]:
    """Return rank and score by row."""
    ranked = enumerate(zip(found.rows.tolist(), found.scores.tolist(), strict=True), start=1)
    return {row: LegScore(rank, score) for rank, (row, score) in ranked}
