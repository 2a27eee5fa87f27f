"""How sure the first citation answers: a calibrated logistic over several signals (``confidence.toml``).

No single score tells an answerable question from one whose answer is not there, because the reports may name the person
and not the fact that is asked for. A few signals together do. ``retrieval.evaluation.fitting`` fits the weights, and so
calibrates the probabilities. Signals that only repeated these were taken out again, because they got weights against
their meaning, and the others do as well without them on sets that nothing was fitted on.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from retrieval.answer.reading import Reading
from retrieval.question.query import Query
from retrieval.ranking.retriever import Ranking
from retrieval.types import LegScore, Status

FEW = 10
"""How many of the best hits count for the first one's lead, itself included."""
FIGURES = ("number", "time", "rank", "often", "code")
"""Kinds of answers that are hardly ever overlooked where they are there; a name may be."""


def signals(query: Query, ranking: Ranking, reading: Reading) -> dict[str, float]:
    """Return the signals of an answer, by name; ``confidence.toml`` says what each is."""
    scores = np.array([hit.score for hit in ranking.hits])
    late = ranking.features.column("maxsim")
    lead = float(scores[0] - scores[1:FEW].mean()) if len(scores) > 1 else 0.0
    foreign, wanted = float(query.is_foreign), query.wanted
    missing = wanted is not None and reading.span is None
    return {
        "sentence": reading.score,
        "weakest": reading.weakest,
        "lead": lead,
        "near_words": float(ranking.features.column("near_words")[0]),
        "pinyin": float(ranking.features.column("pinyin")[0]),
        "agreement": _agreement(ranking.hits[0].legs),
        "span": 1.0 if reading.span else -float(missing),
        "no_figure": float(missing and wanted is not None and wanted.kind in FIGURES),
        "foreign": foreign,
        "foreign_sentence": foreign * reading.score,
        "foreign_lead": foreign * lead,
        "foreign_margin": foreign * float(late[0] - np.median(late)),
    }


def _agreement(legs: Mapping[str, LegScore]) -> float:
    """Return how high the dense leg and the two lexical ones ranked the first hit: 1 if all three put it first."""
    return sum(1 / legs[leg].rank for leg in ("dense", "words", "bigrams") if leg in legs) / 3


@cache
def _model() -> tuple[float, dict[str, float], dict[str, float]]:
    table = tomllib.loads(Path(__file__).with_name("confidence.toml").read_text(encoding="utf-8"))
    return float(table["intercept"]), table["weights"], table["thresholds"]


def confidence(values: Mapping[str, float]) -> float:
    """Return the probability (0 to 1) that the first citation answers."""
    intercept, weights, _ = _model()
    score = intercept + sum(weight * values[name] for name, weight in weights.items())
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))


def status_of(sure: float) -> Status:
    """Return the status of an answer with this confidence (0 to 1)."""
    thresholds = _model()[2]
    if sure >= thresholds["answered"]:
        return "answered"
    return "related" if sure >= thresholds["related"] else "not_found"
