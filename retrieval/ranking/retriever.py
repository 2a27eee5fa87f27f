"""Query -> legs -> late interaction -> fusion -> ranking.

Each leg puts forward candidates. The features of ``fusion`` describe and order their union.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from retrieval.arrays import Candidates, Rows
from retrieval.explained import LegScore
from retrieval.index.kept import Kept
from retrieval.index.protocol import Admitted, Snapshot, Sought, Wanted
from retrieval.question.query import Query
from retrieval.question.time_filter import TimeFilter
from retrieval.question.time_terms import terms_of
from retrieval.ranking.copies import Copies
from retrieval.ranking.features import WIDENED, FeatureMaker
from retrieval.ranking.fusion import FEATURES, SHOWN_AS, Features, fuse
from retrieval.ranking.ordinals import ordinal_boosts
from retrieval.ranking.reprints import Reprints
from retrieval.ranking.time_boosts import TimeBoosts
from retrieval.ranking.versions import Versions
from retrieval.types import Filters, Hit, LegName

DENSE_CANDIDATES = 20
"""The least number of passages that the dense leg puts forward: as many as an answer may cite."""
FOREIGN_CANDIDATES = 30
"""The same where neither words nor their meanings find enough."""
CANDIDATES = 12
"""Passages that words, pairs of characters and meanings each put forward; more rank no better, but cost more."""
PINYIN_CANDIDATES = 5
KEPT_FILTERS = 16
"""Filters whose reports are remembered; one takes a byte for each report."""
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
        self._times = TimeBoosts(snapshot)
        self._holding_passages = snapshot.layout.counts() > 0
        self._known_filters = Kept[Filters, Admitted](KEPT_FILTERS)
        snapshot.load()

    def rank(self, query: Query, k: int, filters: Filters | None = None) -> Ranking:
        """Return the ``k`` best passages that the filters admit, best first; ties stand in reading order."""
        admitted = self._admitted(filters)
        if not (self._holding_passages if admitted is None else admitted.reports & self._holding_passages).any():
            return Ranking((), Features.none(), None)
        legs = self.legs(query, k, admitted)
        is_ranked = partial(self._reprints.is_ranked, admitted=admitted)
        numbered = ordinal_boosts(query.ordinal, legs, self.snapshot, is_ranked)
        rows = np.unique(np.concatenate([*(found.rows for found in legs.values()), list(numbered)])).astype(np.int64)
        features = self._features(query, legs, rows)
        boosts, time = self._times.of(query.time, rows)
        boosts = boosts + np.array([numbered.get(row, 0.0) for row in rows.tolist()], dtype=np.float32)
        asides = self.snapshot.layout.asides_among(rows).astype(np.float32)
        boosts = boosts + self._copies.tolls(query, rows) - ASIDE_TOLL * asides
        fused, behind = self._versions.ordered(rows, fuse(features) + boosts, query)
        fused, kept = self._reprints.folded(rows, fused)
        order = np.argsort(-fused, kind="stable")
        order = order[kept[order]]
        places = {leg: _places(found) for leg, found in _with_maxsim(legs, features).items()}
        hits = (self._hit(int(rows[i]), float(fused[i]), places, admitted) for i in order[:k])
        return Ranking(tuple(hits), features.take(order), time, behind)

    def _features(self, query: Query, legs: Mapping[str, Candidates], rows: Rows) -> Features:
        around = [self.features.around(row) for row in rows.tolist()]
        self.snapshot.fetch(self._wanted(query, rows, {other for near in around for other in near}))
        return self.features.of(query, legs, rows, around)

    def _wanted(self, query: Query, rows: Rows, around: Collection[int]) -> Wanted:
        """Say what is going to be looked at of the candidates: with them, what they are changed copies of."""
        related = {first for row in rows.tolist() for first in self._reprints.related(row)}
        words: dict[LegName, Collection[str]] = {
            "words": terms_of(query.time),
            "pinyin": query.pinyin,
            "bigrams": query.bigrams if self._copies else (),
        }
        legs: list[LegName] = ["words", "bigrams", *(["dictionary"] if query.english else [])]  # type: ignore[list-item]
        changed = {other for row in (*rows.tolist(), *related) for other in self._reprints.changed(row)}
        return Wanted(rows=[*rows.tolist(), *related], legs=legs, beside=around, texts=changed, words=words)

    def _hit(
        self, row: int, score: float, places: Mapping[str, Mapping[int, LegScore]], admitted: Admitted | None
    ) -> Hit:
        found = {leg: at[row] for leg, at in places.items() if row in at}
        return Hit(row, score, found, self._reprints.others(row, admitted))

    def legs(self, query: Query, k: int, admitted: Admitted | None = None) -> dict[str, Candidates]:
        """Return what each leg puts forward, best first; from the dense leg at least ``k``, if there are as many."""
        sought = Sought(
            words=query.all_words,
            bigrams=query.all_bigrams,
            pinyin=query.pinyin,
            dictionary=query.english,
            vector=lambda: query.vector,
            candidates=CANDIDATES,
            pinyin_candidates=PINYIN_CANDIDATES,
            dense=max(k, DENSE_CANDIDATES),
            dense_alone=max(k, FOREIGN_CANDIDATES),
        )
        return self.snapshot.candidates(sought, admitted)

    def described(self, query: Query, k: int) -> tuple[dict[str, Candidates], Features]:
        """Return what each leg puts forward, and the features of all of it."""
        legs = self.legs(query, k)
        rows = np.unique(np.concatenate([found.rows for found in legs.values()])).astype(np.int64)
        return legs, self._features(query, legs, rows)

    def ablations(self, query: Query, k: int) -> dict[str, list[int]]:
        """Return the best ``k`` rows of each leg alone and of all without one feature, by the name of what ranked."""
        legs, features = self.described(query, k)
        rankings = {
            SHOWN_AS.get(leg, leg): found.rows[:k].tolist() for leg, found in _with_maxsim(legs, features).items()
        }
        for name in FEATURES:
            fused = Candidates(features.rows, fuse(features, without=[name])).sorted()
            rankings[f"all without {SHOWN_AS.get(name, name)}"] = fused.rows[:k].tolist()
        return rankings

    def _admitted(self, filters: Filters | None) -> Admitted | None:
        """Return the reports that may answer; None where all may.

        The last few are kept, because somebody who may see only some reports asks with the same filters every time.
        """
        if filters is None or filters == Filters():
            return None
        known = self._known_filters.get(filters)
        if known is None:
            admits = [filters.admits(report) for report in self.snapshot.documents]
            known = Admitted(np.array(admits, dtype=np.bool_))
            self._known_filters.keep({filters: known})
        return known


def _with_maxsim(legs: Mapping[str, Candidates], features: Features) -> dict[str, Candidates]:
    """Return the legs, and late interaction over all candidates as another one."""
    return {**legs, "maxsim": Candidates(features.rows, features.column("maxsim")).sorted()}


def _places(found: Candidates) -> dict[int, LegScore]:
    """Return rank and score by row."""
    ranked = enumerate(zip(found.rows.tolist(), found.scores.tolist(), strict=True), start=1)
    return {row: LegScore(rank, score) for rank, (row, score) in ranked}
