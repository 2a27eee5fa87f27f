"""A passage that only names what is asked about yields to one below it that says the answer.

Reports begin with what they are about (评标工作已经结束), and the rest is in the paragraphs below.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from retrieval.answer.reading import Reading
from retrieval.index.protocol import Snapshot
from retrieval.question.query import Query
from retrieval.ranking.retriever import Ranking
from retrieval.text.dates import DATE_PREFIX

REACH = 4
"""Passages below the first that are looked at."""
UNBELIEVED = -12.0
"""A smaller margin of the trained reader says that the passage does not answer at all."""
AHEAD = 0.01
"""How far the other passage then comes before the first."""
KINDS = frozenset({"number", "time", "person", "place", "code"})
"""What is asked for where a passage without it does not answer."""


class Reads(Protocol):
    """What is asked of passages here."""

    def of(self, rows: Sequence[int]) -> list[Reading]:
        """Read passages."""

    def below(self, lead: int, rows: Sequence[int]) -> list[Reading]:
        """Read passages in the light of the one above them."""


def yielded(query: Query, ranking: Ranking, snapshot: Snapshot, readings: Reads) -> Ranking:
    """Return the ranking with the passage first that answers in the first one's place; mostly it is the same one.

    The first holds nothing of the kind that is asked for. The other stands below it in its report, holds such a thing,
    and a word of the question that the first lacks.
    """
    if query.wanted is None or query.wanted.kind not in KINDS or query.is_foreign or not ranking.hits:
        return ranking
    first = ranking.hits[0]
    (reading,) = readings.of([first.row])
    if not _answers_nothing(reading):
        return ranking
    own = snapshot.layout.rows_of(snapshot.layout.report_of(first.row))
    below = sorted(
        hit.row
        for hit in ranking.hits
        if first.row < hit.row <= first.row + REACH
        and hit.row in own
        and _adds_word(query, snapshot, first.row, hit.row)
    )
    found = zip(below, readings.below(first.row, below), strict=True) if below else ()
    better = [(row, one) for row, one in found if _is_better(one, reading)]
    if not better:
        return ranking
    believed = [(row, one.trained.margin) for row, one in better if one.trained]
    chosen = max(believed, key=lambda pair: pair[1])[0] if believed else better[0][0]
    return ranking.lifted({chosen}, first.score - ranking.score_of(chosen) + AHEAD)


def _answers_nothing(reading: Reading) -> bool:
    """Whether nothing was found that answers, or nothing that the trained reader believes in."""
    return reading.trained.margin < UNBELIEVED if reading.trained else reading.span is None


def _is_better(reading: Reading, first: Reading) -> bool:
    """Whether another passage answers, or as far as the trained reader can tell, rather than the first."""
    if reading.trained is None or first.trained is None:
        return reading.span is not None
    return reading.trained.margin > max(first.trained.margin, UNBELIEVED)


def _adds_word(query: Query, snapshot: Snapshot, first: int, other: int) -> bool:
    """Whether one passage holds a word of the question that the other lacks."""
    words = [word for word in dict.fromkeys(query.words) if len(word) > 1 and not word.startswith(DATE_PREFIX)]
    held = snapshot.lexical.words.held(words, np.array([first, other]))
    return bool((held[:, 1] & ~held[:, 0]).any())
