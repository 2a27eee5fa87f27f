"""Two reports' sentences -> which is which: the same, changed a little, left out, added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from retrieval.index.relations.sentences import Sentence

NEAR = 0.6
"""How alike (0 to 1, by ``difflib``) two sentences are that one may be the other with something changed."""
MOST_PAIRS = 1_600
"""Pairs of sentences that are compared between two that are the same; where there are more, a part was rewritten."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """A sentence of the first report and the one of the other that it is; None where one of them lacks it."""

    first: Sentence | None
    other: Sentence | None

    @property
    def same(self) -> bool:
        """Whether nothing in it was changed."""
        return self.first is not None and self.other is not None and self.first.key == self.other.key


def align(first: Sequence[Sentence], other: Sequence[Sentence]) -> tuple[Aligned, ...]:
    """Return each sentence of both reports once, in the other report's order.

    What the other left out stands where it stood; a sentence that moved is the same sentence.
    """
    matcher = SequenceMatcher(None, [one.key for one in first], [one.key for one in other], autojunk=False)
    aligned = list[Aligned]()
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            aligned += map(Aligned, first[start:end], other[other_start:other_end])
        else:
            aligned += _nearest(first[start:end], other[other_start:other_end])
    return tuple(_with_moved(aligned))


def likeness(one: str, other: str, least: float = NEAR) -> float:
    """Return how alike two texts are, 0 to 1; 0 below ``least``."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= least else 0.0


def _nearest(first: Sequence[Sentence], other: Sequence[Sentence]) -> Iterator[Aligned]:
    """Pair the sentences of two stretches, in order, so that they are as alike as can be."""
    if not 0 < len(first) * len(other) <= MOST_PAIRS:
        yield from (Aligned(one, None) for one in first)
        yield from (Aligned(None, one) for one in other)
        return
    likes = [[likeness(one.key, two.key) for two in other] for one in first]
    row, column, best = 0, 0, _best_sums(likes)
    while row < len(first) or column < len(other):
        rest = best[row][column]
        if row < len(first) and rest == best[row + 1][column]:
            yield Aligned(first[row], None)
            row += 1
        elif column < len(other) and rest == best[row][column + 1]:
            yield Aligned(None, other[column])
            column += 1
        else:
            yield Aligned(first[row], other[column])
            row, column = row + 1, column + 1


def _best_sums(likes: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the most likeness that can be had of the rest from each place on, as for a longest common subsequence."""
    rows, columns = len(likes), len(likes[0])
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in reversed(range(rows)):
        for column in reversed(range(columns)):
            paired = likes[row][column] + best[row + 1][column + 1] if likes[row][column] else 0.0
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])
    return best


def _with_moved(aligned: Sequence[Aligned]) -> Iterator[Aligned]:
    """Join what seems left out with what seems added where it is the same sentence."""
    added = defaultdict[str, list[int]](list)
    for place, one in enumerate(aligned):
        if one.other and not one.first:
            added[one.other.key].append(place)
    moved = dict[int, Sentence]()
    for one in aligned:
        if one.first and not one.other and added[one.first.key]:
            moved[added[one.first.key].pop(0)] = one.first
    gone = set(moved.values())
    for place, one in enumerate(aligned):
        if one.other or one.first not in gone:
            yield Aligned(moved.get(place, one.first), one.other)
