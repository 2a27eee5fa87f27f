"""Which tokens of the passages are read: all of the first passage, and of others the stretch nearest to the question.

What is read costs time by the token, so that it is a budget. The first passage mostly answers, and its answer may stand
anywhere in it; of the others it is enough to see whether they answer better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.arrays import Scores

WIDTH = 80
"""Tokens of a window."""
STRIDE = 2 / 3
"""How many of their widths windows of one passage are apart: they overlap, so that an answer stands whole in one."""
MOST_WINDOWS = 4
"""Windows of the first passage that are read at most: those nearest to the question."""
STEP = 4


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens ``start`` to ``end`` of the passage that was the ``place``-th in the batch."""

    place: int
    start: int
    end: int


def windows_of(similarities: Sequence[Scores], width: int = WIDTH, most: int = MOST_WINDOWS) -> list[Window]:
    """Return what to read of passages, the best first.

    Each is given as the ``(t, q)`` similarities of its tokens with a question's. One without tokens has no window.
    """
    found: list[Window] = []
    for place, similar in enumerate(similarities):
        length = len(similar)
        if length <= width:
            starts = [0] if length else []
        elif place == 0:
            every = sorted({min(start, length - width) for start in range(0, length, int(width * STRIDE))})
            starts = sorted(sorted(every, key=lambda start: -_nearness(similar[start : start + width]))[:most])
        else:
            starts = [max(range(0, length - width + 1, STEP), key=lambda at: _nearness(similar[at : at + width]))]
        found += [Window(place, start, min(length, start + width)) for start in starts]
    return found


def _nearness(similar: Scores) -> float:
    """Return how near tokens are to a question: the mean of what each of its tokens finds best."""
    return float(similar.max(axis=0).mean()) if similar.size else 0.0
