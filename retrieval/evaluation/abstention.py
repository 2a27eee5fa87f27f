"""How well the confidence tells right answers from wrong ones, and whether the bot is silent when it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.evaluation.measures import CONFIDENCE, RESAMPLES, SEED, Figure

BINS = 10
CURVE_POINTS = 100


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on one question; ``right`` is whether the sentence shown first holds the answer."""

    answerable: bool
    right: bool
    answered: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of similar confidence: the mean confidence, the share that was right, and their number."""

    confidence: float
    right: float
    count: int


@dataclass(frozen=True, slots=True)
class Abstention:
    """Figures of the confidence on one set; None where the set has no question to count.

    ``auroc_answerable`` says how well it separates questions with evidence from those without, ``auroc_right`` those
    whose first sentence is right from all others.
    """

    answerable: int
    unanswerable: int
    auroc_answerable: Figure | None
    auroc_right: Figure | None
    aurc: float
    """Area under the risk-coverage curve: the mean risk over all coverages; lower is better."""
    ece: float
    answered_wrong: float | None
    """Of the questions answered, the share whose first sentence is wrong."""
    answerable_refused: float | None
    """Of the answerable questions, the share not answered."""
    unanswerable_answered: float | None
    """Of the unanswerable questions, the share answered."""
    answered_share: float
    """Where the bot's own threshold stands on the curve."""
    curve: tuple[tuple[float, float], ...]
    """(coverage, risk), both 0 to 1, as the required confidence falls."""
    bins: tuple[Bin, ...]


def abstention_of(decisions: Sequence[Decision]) -> Abstention | None:
    """Return the figures for one set of questions; None if there are none."""
    if not decisions:
        return None
    answerable = [one for one in decisions if one.answerable]
    unanswerable = [one for one in decisions if not one.answerable]
    answered = [one for one in decisions if one.answered]
    coverage, risk = _risk_coverage(decisions)
    bins = equal_mass_bins(decisions)
    return Abstention(
        answerable=len(answerable),
        unanswerable=len(unanswerable),
        auroc_answerable=_auroc([one.confidence for one in answerable], [one.confidence for one in unanswerable]),
        auroc_right=_auroc(
            [one.confidence for one in decisions if one.right], [one.confidence for one in decisions if not one.right]
        ),
        aurc=float(np.sum(risk * np.diff(coverage, prepend=0.0))),
        ece=sum(found.count * abs(found.confidence - found.right) for found in bins) / len(decisions),
        answered_wrong=_share([not one.right for one in answered]),
        answerable_refused=_share([not one.answered for one in answerable]),
        unanswerable_answered=_share([one.answered for one in unanswerable]),
        answered_share=len(answered) / len(decisions),
        curve=_thinned(coverage, risk),
        bins=bins,
    )


def _risk_coverage(decisions: Sequence[Decision]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return ``(m,)`` coverages and risks, one for each distinct confidence, the highest first.

    Risk is the share not right among the questions of at least that confidence. El-Yaniv & Wiener, On the Foundations
    of Noise-free Selective Classification (JMLR 2010).
    """
    confidence = np.array([one.confidence for one in decisions])
    wrong = np.array([not one.right for one in decisions], dtype=np.float64)
    order = np.argsort(-confidence, kind="stable")
    last = np.flatnonzero(np.append(np.diff(confidence[order]) != 0, True))
    return (last + 1) / len(decisions), np.cumsum(wrong[order])[last] / (last + 1)


def _thinned(coverage: npt.NDArray[np.float64], risk: npt.NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    kept = np.unique(np.linspace(0, len(coverage) - 1, min(len(coverage), CURVE_POINTS)).round().astype(int))
    return tuple((round(float(coverage[at]), 4), round(float(risk[at]), 4)) for at in kept)


def equal_mass_bins(decisions: Sequence[Decision]) -> tuple[Bin, ...]:
    """Sort the questions by confidence and cut them into ``BINS`` bins of as many questions each.

    The bins have equal mass, because most confidences lie near 0 or 1, and bins of equal width would be empty between.
    Their weighted gap is the expected calibration error: Nixon et al., Measuring Calibration in Deep Learning (2019).
    """
    ordered = sorted(decisions, key=lambda one: one.confidence)
    parts = np.array_split(np.arange(len(ordered)), min(BINS, len(ordered)))
    return tuple(_bin([ordered[at] for at in part]) for part in parts)


def _bin(part: Sequence[Decision]) -> Bin:
    confidence = sum(one.confidence for one in part) / len(part)
    return Bin(confidence, sum(one.right for one in part) / len(part), len(part))


def _auroc(high: Sequence[float], low: Sequence[float]) -> Figure | None:
    """Return the area under the ROC curve; its interval resamples the high and the low, each among themselves."""
    if not high or not low:
        return None
    from scipy.stats import bootstrap
    from sklearn.metrics import roc_auc_score

    value, count = float(roc_auc_score([1] * len(high) + [0] * len(low), [*high, *low])), len(high) + len(low)
    if min(len(high), len(low)) < 2:
        return Figure(value, None, None, count)
    found = bootstrap(
        (high, low),
        _areas,
        n_resamples=RESAMPLES,
        batch=100,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return Figure(value, float(found.low), float(found.high), count)


def _areas(high: npt.NDArray[np.float64], low: npt.NDArray[np.float64], axis: int) -> npt.NDArray[np.float64]:
    """Return the areas of many resamples at once, from the rank sum. Mann & Whitney (1947)."""
    from scipy.stats import rankdata

    n, m = high.shape[axis], low.shape[axis]
    ranks = rankdata(np.concatenate([high, low], axis=axis), axis=axis)
    ranks_of_high = np.take(ranks, np.arange(n), axis=axis).sum(axis=axis)
    return np.asarray((ranks_of_high - n * (n + 1) / 2) / (n * m))


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None
