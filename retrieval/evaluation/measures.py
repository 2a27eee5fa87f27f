"""Values per question from ir_measures, and their means with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.evaluation.judged import Judgement

DEPTH = 10
RANKING_MEASURES = ("hit@1", "hit@3", "hit@10", "mrr@10", "ndcg@10")
RESAMPLES = 1000
CONFIDENCE = 0.95
SEED = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over ``count`` questions with its 95 % interval, which is None, None where one question gives none."""

    value: float
    low: float | None
    high: float | None
    count: int


Values = Mapping[str, float]
"""Measure -> value for one question."""
Row = Mapping[str, Figure]
"""Measure -> figure for many questions."""


def ranking_values(judgements: Mapping[str, Judgement]) -> dict[str, dict[str, float]]:
    """Return question id -> measure -> value (0 to 1) for ``RANKING_MEASURES``.

    hit@k is Success@k of TREC, mrr@10 RR@10, ndcg@10 nDCG@10 with trec_eval's linear gains.
    """
    import ir_measures
    from ir_measures import RR, Success, nDCG

    measures = dict(
        zip((Success @ 1, Success @ 3, Success @ 10, RR @ DEPTH, nDCG @ DEPTH), RANKING_MEASURES, strict=True)
    )
    qrels = {key: dict(judgement.grades) for key, judgement in judgements.items()}
    run = {
        key: {item: float(-position) for position, item in enumerate(judgement.ranked)}
        for key, judgement in judgements.items()
    }
    values = {key: dict.fromkeys(RANKING_MEASURES, 0.0) for key in judgements}
    for metric in ir_measures.iter_calc(list(measures), qrels, run) if qrels else ():
        values[metric.query_id][measures[metric.measure]] = float(metric.value)
    return values


def row_of(values: Sequence[Values], measures: Sequence[str]) -> dict[str, Figure]:
    """Return the mean of each measure over the questions that have a value for it, with intervals."""
    columns = {measure: [one[measure] for one in values if measure in one] for measure in measures}
    row: dict[str, Figure] = {}
    for count in sorted({len(column) for column in columns.values()} - {0}):
        same = [measure for measure in measures if len(columns[measure]) == count]
        figures = figures_of(np.array([columns[measure] for measure in same], dtype=np.float64))
        row |= dict(zip(same, figures, strict=True))
    return {measure: row[measure] for measure in measures if measure in row}


def figures_of(values: npt.NDArray[np.float64]) -> list[Figure]:
    """Return the mean of each of ``(m, n)`` values over n questions, with percentile bootstrap intervals.

    The same questions are drawn for all m (seeded), because their values belong together. Efron & Tibshirani, An
    Introduction to the Bootstrap (1993), chapter 13; Sakai, Evaluating Evaluation Metrics based on the Bootstrap (SIGIR
    2006).
    """
    from scipy.stats import bootstrap

    count = values.shape[1]
    means = values.mean(axis=1)
    if count < 2:
        return [Figure(float(mean), None, None, count) for mean in means]
    found = bootstrap(
        (values,),
        np.mean,
        axis=1,
        n_resamples=RESAMPLES,
        batch=100,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return [
        Figure(float(mean), float(low), float(high), count)
        for mean, low, high in zip(means, found.low, found.high, strict=True)
    ]
