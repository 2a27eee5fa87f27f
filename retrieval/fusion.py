"""Two legs' scores -> one: a convex combination of min-max normalised scores.

Bruch, Gai & Ingber (2023), An Analysis of Fusion Functions for Hybrid Retrieval: a convex combination keeps what the
scores say and beats reciprocal rank fusion. The words leg counts for as much as it knows: its weight falls to nothing
with the share of the question's words that its best passage holds, since a Latin-script question meets Chinese
reports in a number at most. Development sets, hit@1 (dense alone / words alone / fixed 0.3 / this):

    seed reports .660 / .638 / .745 / .745      English over Chinese .603 / .080 / .590 / .623
    ncp-policy-a .752 / .843 / .855 / .864      lone sentences       .708 / .682 / .735 / .720
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

WORDS_WEIGHT = 0.4
FULL_COVERAGE = 0.3
"""From this coverage on the words leg gets its whole weight."""

Scores = npt.NDArray[np.float32]


def words_weight(coverage: float) -> float:
    """Return the words leg's weight (0 to 0.4) for the coverage (0 to 1) of its best passage."""
    return WORDS_WEIGHT * min(1.0, coverage / FULL_COVERAGE)


def min_max(scores: Scores) -> Scores:
    """Scale scores to 0..1 over the candidates of one question; equal scores carry no signal and become 0."""
    if not len(scores):
        return scores
    low, high = float(scores.min()), float(scores.max())
    if high <= low:
        return np.zeros_like(scores)
    return (scores - np.float32(low)) / np.float32(high - low)


def fuse(dense: Scores, words: Scores, weight: float) -> Scores:
    """Return ``(1 - weight) · dense + weight · words``, both min-max normalised; all arrays are ``(k,)``."""
    return (1 - np.float32(weight)) * min_max(dense) + np.float32(weight) * min_max(words)
