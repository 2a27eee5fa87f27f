"""Contestants take turns at the same work, in one run on one machine; what counts is their ratio.

A figure measured alone says little: machines differ, and so does one machine from minute to minute. So every item is
worked off by all contestants before the next one, each of them first in its turn, and each item gives one ratio. The
result is the median of these ratios, with the quartiles and a bootstrap interval of the median (Efron & Tibshirani, An
Introduction to the Bootstrap, 1993, chapter 13).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")

RESAMPLES = 2000
CONFIDENCE = 0.95
SEED = 7
LEAST_FOR_INTERVAL = 5
"""Fewer samples than this say nothing of their own spread."""
REST = 0.02
"""Seconds between two turns: the threads of a contestant that has finished spin on for some milliseconds."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A median with its quartiles, and the interval that it lies in (None with too few samples)."""

    value: float
    quartiles: tuple[float, float]
    interval: tuple[float, float] | None
    count: int


def estimate(samples: Sequence[float]) -> Estimate:
    """Return the median of at least one sample with its spread; the bootstrap is seeded."""
    values = np.asarray(samples, dtype=np.float64)
    if not len(values):
        raise ValueError("nothing was measured")
    low, median, high = np.percentile(values, [25, 50, 75])
    return Estimate(float(median), (float(low), float(high)), _interval(values), len(values))


def _interval(values: np.ndarray) -> tuple[float, float] | None:
    if len(values) < LEAST_FOR_INTERVAL:
        return None
    drawn = np.random.default_rng(SEED).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(np.median(values[drawn], axis=1), [50 * (1 - CONFIDENCE), 50 * (1 + CONFIDENCE)])
    return float(low), float(high)


def mean_estimate(samples: Sequence[float]) -> Estimate:
    """Return the mean of samples such as hits (0 or 1), with quartiles and the bootstrap interval of the mean."""
    values = np.asarray(samples, dtype=np.float64)
    if not len(values):
        raise ValueError("nothing was measured")
    low, high = np.percentile(values, [25, 75])
    interval = None
    if len(values) >= LEAST_FOR_INTERVAL:
        drawn = np.random.default_rng(SEED).integers(0, len(values), (RESAMPLES, len(values)))
        ends = np.percentile(values[drawn].mean(axis=1), [50 * (1 - CONFIDENCE), 50 * (1 + CONFIDENCE)])
        interval = float(ends[0]), float(ends[1])
    return Estimate(float(values.mean()), (float(low), float(high)), interval, len(values))


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return ours / theirs, item by item."""
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def alternate(
    contestants: Mapping[str, Callable[[Item], object]], items: Sequence[Item], rest: float = REST
) -> dict[str, list[float]]:
    """Return the seconds that each contestant took for each item; they begin in turn."""
    names = list(contestants)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number, item in enumerate(items):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            time.sleep(rest)
            started = time.perf_counter()
            contestants[name](item)
            taken[name].append(time.perf_counter() - started)
    return taken


def quantile(samples: Sequence[float], share: float) -> float:
    """Return the sample that ``share`` of all samples do not exceed, by the nearest rank."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, int(np.ceil(share * len(ordered))) - 1))]


def thinned(samples: Sequence[float], most: int = 400) -> list[float]:
    """Return at most ``most`` samples with the same distribution, in ascending order."""
    if len(samples) <= most:
        return sorted(samples)
    return [float(value) for value in np.quantile(np.asarray(samples), np.linspace(0, 1, most))]
