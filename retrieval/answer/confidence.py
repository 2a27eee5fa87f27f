"""How sure it is that the sentence shown first answers: a calibrated logistic over several signals.

Its weights are data: ``confidence.toml`` for what is read by rules, ``confidence-trained.toml`` for the trained reader.
No single score tells an answerable question from one whose answer is not there, because the reports may name the person
and not the fact that is asked for. A few signals together do. ``retrieval.evaluation.fitting`` fits the weights, and so
calibrates the probabilities. Signals that only repeated these were taken out again, because they got weights against
their meaning, and the others do as well without them on sets that nothing was fitted on.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from retrieval.answer.reading import Reading
from retrieval.disk import sha256_of
from retrieval.explained import LegScore
from retrieval.question.query import Query
from retrieval.ranking.retriever import Ranking
from retrieval.types import ReaderKind, Status

FEW = 10
"""How many of the best hits count for the first one's lead, itself included."""
FIGURES = ("number", "time", "rank", "often", "code")
"""Kinds of answers that are hardly ever overlooked where they are there; a name may be."""
FILES: dict[ReaderKind, str] = {"rules": "confidence.toml", "trained": "confidence-trained.toml"}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How sure to be at least (0 to 1) for a direct answer, and for showing citations."""

    answered: float
    related: float


def signals(query: Query, ranking: Ranking, reading: Reading) -> dict[str, float]:
    """Return the signals of an answer, by name; the files of weights say what each is.

    ``reading`` is that of the first hit.
    """
    scores = np.array([hit.score for hit in ranking.hits])
    late = ranking.features.column("maxsim")
    lead = float(scores[0] - scores[1:FEW].mean()) if len(scores) > 1 else 0.0
    foreign, wanted = float(query.is_foreign), query.wanted
    missing = wanted is not None and reading.span is None
    found = {
        "sentence": reading.score,
        "weakest": reading.weakest,
        "lead": lead,
        "near_words": float(ranking.features.column("near_words")[0]),
        "pinyin": float(ranking.features.column("pinyin")[0]),
        "agreement": _agreement(ranking.hits[0].legs),
        "no_figure": float(missing and wanted is not None and wanted.kind in FIGURES),
        "foreign": foreign,
        "foreign_sentence": foreign * reading.score,
        "foreign_margin": foreign * float(late[0] - np.median(late)),
    }
    if reading.trained is None:
        return {**found, "span": 1.0 if reading.span else -float(missing), "foreign_lead": foreign * lead}
    return {
        **found,
        "relevance": reading.trained.relevance,
        "evidence_at_span": reading.trained.evidence,
        "agreed": float(reading.trained.agreed),
    }


def _agreement(legs: Mapping[str, LegScore]) -> float:
    """Return how high the dense leg and the two lexical ones ranked the first hit: 1 if all three put it first."""
    return sum(1 / legs[leg].rank for leg in ("dense", "words", "bigrams") if leg in legs) / 3


@cache
def _model(reader: ReaderKind) -> tuple[float, dict[str, float], Thresholds]:
    table = tomllib.loads(Path(__file__).with_name(FILES[reader]).read_text(encoding="utf-8"))
    return float(table["intercept"]), table["weights"], Thresholds(**table["thresholds"])


def confidence(values: Mapping[str, float]) -> float:
    """Return the probability (0 to 1) that the sentence shown first answers."""
    intercept, weights, _ = _model("trained" if "relevance" in values else "rules")
    score = intercept + sum(weight * values[name] for name, weight in weights.items())
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))


def shipped_thresholds(reader: ReaderKind) -> Thresholds:
    """Return the thresholds that come with the weights."""
    return _model(reader)[2]


def weights_digest(reader: ReaderKind) -> str:
    """Return what identifies the weights that give confidences: the first 12 hexadecimal digits of their SHA-256."""
    return sha256_of(Path(__file__).with_name(FILES[reader]))[:12]


def status_of(sure: float, thresholds: Thresholds | None = None) -> Status:
    """Return the status of an answer with this confidence (0 to 1), by default as the rules have it."""
    thresholds = thresholds or shipped_thresholds("rules")
    if sure >= thresholds.answered:
        return "answered"
    return "related" if sure >= thresholds.related else "not_found"
