"""A passage that only names what is asked about yields to one below it that says the answer.

Reports begin with what they are about (评标工作已经结束), and the rest is in the paragraphs below.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from retrieval.answer.reading import Reading
from retrieval.index.snapshot import Snapshot
from retrieval.question.query import Query
from retrieval.ranking.retriever import Ranking
from retrieval.text.dates import DATE_PREFIX

REACH = 4
"""Passages below the first that are looked at."""
AHEAD = 0.01
"""How far the other passage then comes before the first."""
KINDS = frozenset({"number", "time", "person", "place", "code"})
"""What is asked for where a passage without it does not answer."""


def yielded(
    query: Query, ranking: Ranking, snapshot: Snapshot, readings_of: Callable[[Sequence[int]], list[Reading]]
) -> Ranking:
    """Return the ranking with the passage first that answers in the first one's place; mostly it is the same one.

    The first holds nothing of the kind that is asked for. The other stands below it in its report, holds such a thing,
    and a word of the question that the first lacks.
    """
    if query.wanted is None or query.wanted.kind not in KINDS or query.is_foreign or not ranking.hits:
        return ranking
    first = ranking.hits[0]
    if readings_of([first.row])[0].span is not None:
        return ranking
    reports = snapshot.passages.reports
    below = [hit for hit in ranking.hits if first.row < hit.row <= first.row + REACH]
    for hit in sorted(below, key=lambda hit: hit.row):
        same = reports[hit.row] == reports[first.row]
        if same and _adds_word(query, snapshot, first.row, hit.row) and readings_of([hit.row])[0].span is not None:
            return ranking.lifted({hit.row}, first.score - hit.score + AHEAD)
    return ranking


def _adds_word(query: Query, snapshot: Snapshot, first: int, other: int) -> bool:
    """Whether one passage holds a word of the question that the other lacks."""
    words = [word for word in dict.fromkeys(query.words) if len(word) > 1 and not word.startswith(DATE_PREFIX)]
    held = np.array([snapshot.lexical.words.held(word, np.array([first, other])) for word in words])
    return bool(len(held) and (held[:, 1].astype(bool) & ~held[:, 0].astype(bool)).any())
