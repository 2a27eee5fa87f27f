"""A rule and the one that replaced it -> which passages are about the same thing, though in other words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from retrieval.text.words import bigrams_of

ALIKE = 0.2
"""Share of their pairs of characters (Dice) that two passages about the same thing have in common at least; a clause
that the newer version left out shares fewer with any."""


def counterparts(older: Mapping[int, str], newer: Mapping[int, str]) -> Iterator[tuple[int, int]]:
    """Yield the rows of passages, of two versions each by row, that are nearer to each other than to any other."""
    alike = _alike(older, newer)
    of_older, of_newer = defaultdict[int, dict[int, float]](dict), defaultdict[int, dict[int, float]](dict)
    for (one, other), dice in alike.items():
        of_older[one][other] = of_newer[other][one] = dice
    for one, others in of_older.items():
        other = max(others, key=lambda row: (others[row], -row))
        back = of_newer[other]
        if others[other] >= ALIKE and max(back, key=lambda row: (back[row], -row)) == one:
            yield one, other


def _alike(older: Mapping[int, str], newer: Mapping[int, str]) -> dict[tuple[int, int], float]:
    """Return Dice of the pairs of characters of all passages that share any."""
    pairs = {row: frozenset(bigrams_of(text)) for row, text in {**older, **newer}.items()}
    with_pair = defaultdict[str, list[int]](list)
    for row in newer:
        for pair in pairs[row]:
            with_pair[pair].append(row)
    shared = Counter((one, other) for one in older for pair in pairs[one] for other in with_pair.get(pair, ()))
    return {found: 2 * count / (len(pairs[found[0]]) + len(pairs[found[1]])) for found, count in shared.items()}
