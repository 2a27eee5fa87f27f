"""How sure the first citation answers: a calibrated logistic over several signals (``confidence.toml``).

No single score tells an answerable question from one whose answer is not there (AUC 0.75 to 0.82 at best): the person
may be in the reports and the asked fact not. The signals together do; the weights were fitted, and the probabilities
calibrated, by ``tests/benchmarks/fit.py``.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from retrieval.analysis import normalise
from retrieval.question_type import question_type
from retrieval.reading import Reading
from retrieval.retriever import Query, Ranking
from retrieval.snapshot import Snapshot
from retrieval.types import LegScore, Status

FEW = 10
"""How many of the best hits the first one is compared with."""


def signals(query: Query, ranking: Ranking, reading: Reading, snapshot: Snapshot, centre: float) -> dict[str, float]:
    """Return the signals of an answer, by name; what each says stands in ``confidence.toml``.

    ``centre`` is the cosine of the question with the average passage.
    """
    late = ranking.features.column("late")
    scores = np.array([hit.score for hit in ranking.hits])
    first = ranking.hits[0]
    foreign = float(query.is_foreign)
    values = {
        "late": float(late[0]),
        "sentence": reading.score,
        "weakest": reading.weakest,
        "lead": float(scores[0] - scores[1:FEW].mean()) if len(scores) > 1 else 0.0,
        "margin": float(late[0] - np.median(late)),
        "nearness": float(snapshot.dense.vectors(np.array([first.row]))[0] @ query.vector) - centre,
        "coverage": float(ranking.features.coverage[0]),
        "words": float(ranking.features.column("words")[0]),
        "bigrams": float(ranking.features.column("bigrams")[0]),
        "near_words": float(ranking.features.column("near_words")[0]),
        "pinyin": float(ranking.features.column("pinyin")[0]),
        "dictionary": float(ranking.features.column("dictionary")[0]),
        "near_dictionary": float(ranking.features.column("near_dictionary")[0]),
        "unknown": _unknown(query, snapshot),
        "agreement": _agreement(first.legs),
        "span": _span(query, reading),
    }
    return {**values, "foreign": foreign, **{f"foreign_{name}": foreign * values[name] for name in _BY_SCRIPT}}


_BY_SCRIPT = ("late", "sentence", "weakest", "lead", "margin")
"""Similarities of another language are lower and mean something else; in the lead the dictionary has a say there."""


def _unknown(query: Query, snapshot: Snapshot) -> float:
    """Return the share of the question's word weight that is in no report at all."""
    postings = snapshot.lexical.words
    weights = {word: postings.weight(word) for word in query.words}
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if not postings.holds(word)) / total if total else 0.0


def _agreement(legs: Mapping[str, LegScore]) -> float:
    """Return how high the dense and the lexical legs ranked the first hit: 1 if both put it first."""
    return sum(1 / legs[leg].rank for leg in ("dense", "words", "bigrams") if leg in legs) / 3


def _span(query: Query, reading: Reading) -> float:
    """Return 1 if the few words asked for were found, -1 if the question asks for some and they were not, else 0."""
    if reading.span:
        return 1.0
    return -1.0 if question_type(normalise(query.text)) else 0.0


@cache
def _model() -> tuple[float, dict[str, float], dict[str, float]]:
    table = tomllib.loads(Path(__file__).with_name("confidence.toml").read_text(encoding="utf-8"))
    return float(table["intercept"]), table["weights"], table["thresholds"]


def confidence(values: Mapping[str, float]) -> float:
    """Return the probability (0 to 1) that the first citation answers."""
    intercept, weights, _ = _model()
    score = intercept + sum(weight * values[name] for name, weight in weights.items())
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))


def status_of(sure: float, *, is_foreign: bool = False) -> Status:
    """Turn a confidence (0 to 1) into what the answer calls itself.

    Of questions without Chinese characters, right passages often get as little confidence as passages about something
    else; less is withheld of them.
    """
    thresholds = _model()[2]
    if sure >= thresholds["answered"]:
        return "answered"
    return "related" if sure >= thresholds["related_foreign" if is_foreign else "related"] else "not_found"
