"""How sure an answer must be for a promise to hold: "of what is answered, at most 5 % wrong, with 90 % certainty".

Thresholds are tried from strict to loose, each by an exact binomial test of "more than that share is wrong", until one
fails: fixed-sequence testing, which needs no correction for how many are tried. Angelopoulos et al., Learn then Test
(2021). The thresholds are fixed beforehand, and whether one is tried at all depends on how many questions it answers,
never on which of them are right. The first that is tried answers so many that one or two may be wrong, if there are as
many, because else a single mistake among the surest would end it. None is looser than the least sure answer seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.errors import EvaluationError
from retrieval.evaluation.abstention import Decision

TRIED = tuple(percent / 100 for percent in range(99, 25, -1))
"""None below what answers are at most that speak of somebody else (``answerer.NO_ANSWER``): these are never given."""
FORGIVEN = 2
"""Wrong answers that the first threshold may have."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A threshold (0 to 1), how many questions it answers and how many of them wrongly, and what is promised of it."""

    threshold: float
    answered: int
    wrong: int
    most_wrong: float
    certainty: float


def calibrated(decisions: Sequence[Decision], most_wrong: float = 0.05, certainty: float = 0.9) -> Bound:
    """Return the loosest threshold that keeps the promise; "right" is what the decisions call right.

    Raises EvaluationError where too few questions are answered to promise anything, with how many are missing, and
    where too many answers are wrong at every threshold.
    """
    from scipy.stats import binom

    sure = sum(one.confidence >= TRIED[-1] for one in decisions)
    least = least_answered(most_wrong, certainty)
    first = min(least_answered(most_wrong, certainty, FORGIVEN), max(least, sure))
    kept: Bound | None = None
    tried: Bound | None = None
    for threshold in TRIED:
        said = [one for one in decisions if one.confidence >= threshold]
        if len(said) < first or (tried and len(said) == tried.answered):
            continue
        tried = Bound(threshold, len(said), sum(not one.right for one in said), most_wrong, certainty)
        if binom.cdf(tried.wrong, tried.answered, most_wrong) > 1 - certainty:
            break
        kept = tried
    if kept:
        return kept
    if tried:
        raise EvaluationError(
            f"{tried.wrong} of the {tried.answered} surest answers are wrong: too many for a promise of at most "
            f"{most_wrong:.0%}. Ask for less, add questions, or find out with --report why they are wrong"
        )
    raise EvaluationError(
        f"too few questions for a promise: at least {least} must be answered for {most_wrong:.0%} wrong with "
        f"{certainty:.0%} certainty, and {sure} are. Add at least {least - sure} more"
    )


def least_answered(most_wrong: float, certainty: float, wrong: int = 0) -> int:
    """Return how many answers promise anything, if so many of them are ``wrong``."""
    from scipy.stats import binom

    count = math.ceil(math.log(1 - certainty) / math.log(1 - most_wrong))
    while binom.cdf(wrong, count, most_wrong) > 1 - certainty:
        count += 1
    return count
