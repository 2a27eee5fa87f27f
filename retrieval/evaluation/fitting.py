"""What the shipped weights are fitted by: judged questions, asked of the indexes that hold their answers.

    Asked -> candidates_of -> Ranked -> fit_fusion -> the weights of ``retrieval/ranking/fusion.toml``
    Asked -> answers_of -> Decided -> fit_confidence -> a logistic of ``retrieval/answer/confidence*.toml``

Every source of questions weighs the same in a fit. ``held_back`` names the questions that nothing should be fitted on,
so that figures on them are those of questions nobody has seen.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from retrieval.answer.answerer import Answerer
from retrieval.answer.confidence import signals
from retrieval.answer.reading import Reading
from retrieval.answer.readings import Readings, read
from retrieval.evaluation.asking import analysed
from retrieval.evaluation.judged import Judged, Place, holds_answer
from retrieval.evaluation.measures import DEPTH
from retrieval.ranking.fusion import FEATURES, Features
from retrieval.types import MAX_TOP_K, Filters

HELD_BACK = 0
"""Nothing is fitted on the questions whose id has this hash modulo 2."""
TAKEN_AWAY_EACH = 3
"""One question in this many is also asked without the documents that answer it."""
FAR_EACH = 12
"""One question in this many is also asked of every other set's reports."""
FAR = "far"
"""The source of questions that were asked of reports on something else."""
STEPS = (0.02, 0.01, 0.005)
LEAST_GAIN = 2e-4
"""The gain in MRR@10 that a changed weight must bring."""
STRENGTH = 0.3
"""Inverse of the logistic's L2 penalty."""
LOWERING = ("no_number",)
"""Features that must not raise the score; all others must not lower it."""
INTERCEPT = "intercept"

Floats = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Asked:
    """A set's judged questions, and what answers them."""

    name: str
    answerer: Answerer
    questions: tuple[Judged, ...]

    def is_right(self, judged: Judged, row: int) -> bool:
        """Whether the passage in this row of the snapshot holds the question's answer."""
        passage = self.answerer.snapshot.passages[row]
        place = Place(passage.document_id, passage.start, passage.end, passage.text)
        return any(evidence.held_by(place) for evidence in judged.evidence)

    def is_answered(self, judged: Judged, row: int, reading: Reading) -> bool:
        """Whether what is shown of a passage holds the answer; whether the passage does, where nobody knows."""
        passage = self.answerer.snapshot.passages[row]
        start, end = reading.shown_from, reading.end
        shown = Place(passage.document_id, passage.start + start, passage.start + end, passage.text[start:end])
        holds = holds_answer(judged, shown) if judged.answerable else False
        return self.is_right(judged, row) if holds is None else holds


@dataclass(frozen=True, slots=True)
class Ranked:
    """One question's n candidates: their features, ``(n, len(FEATURES))``, and which are right, ``(n,)``."""

    source: str
    lang: str
    question_id: str
    features: Features
    right: Truth


@dataclass(frozen=True, slots=True)
class Decided:
    """One answer's signals by name, whether the sentence is right, and whether the reports answer the question."""

    source: str
    lang: str
    question_id: str
    signals: Mapping[str, float]
    right: bool
    answerable: bool


def held_back(question_id: str) -> bool:
    """Whether a question is of the half that nothing is fitted on."""
    return zlib.crc32(question_id.encode()) % 2 == HELD_BACK


def shares_of(sources: Sequence[str]) -> Floats:
    """Return each question's share, ``(q,)`` with sum 1, so that every source weighs the same."""
    counts = Counter(sources)
    return np.array([1 / counts[source] / len(counts) for source in sources])


# Fusion


def candidates_of(asked: Asked) -> Iterator[Ranked]:
    """Describe the candidates of every answerable question."""
    retriever = asked.answerer.retriever
    for judged in asked.questions:
        if judged.answerable:
            query = analysed(asked.answerer, judged.question)
            features = retriever.described(query, MAX_TOP_K)[1]
            right = np.array([asked.is_right(judged, row) for row in features.rows.tolist()], dtype=np.bool_)
            yield Ranked(asked.name, judged.lang, judged.question_id, features, right)


def fit_fusion(ranked: Sequence[Ranked], start: Mapping[str, float]) -> dict[str, float]:
    """Return the weight of each feature, by name, for the highest MRR@10, changed one at a time from ``start``.

    The first feature's weight stays, because only ratios count. Weights keep their sign, because against it they would
    be fitted to noise. The likelihood of a conditional logit is no substitute for the measure itself, because most of
    its loss comes from questions that nobody can answer (tests/benchmarks/FINDINGS.md).
    """
    trial = Trial.of(ranked)
    weights = {name: start[name] for name in FEATURES}
    for step in STEPS:
        improved = True
        while improved:
            improved = False
            for name in FEATURES[1:]:
                for changed in (weights[name] + change * step for change in (1, -1)):
                    tried = {**weights, name: min(changed, 0.0) if name in LOWERING else max(changed, 0.0)}
                    if trial.mrr(tried) > trial.mrr(weights) + LEAST_GAIN:
                        weights, improved = tried, True
    return weights


@dataclass(frozen=True, slots=True)
class Trial:
    """All n candidates of all q questions in one matrix, so that trying weights is fast."""

    matrix: Floats
    """``(n, len(FEATURES))``"""
    right: Truth
    """``(n,)``"""
    starts: npt.NDArray[np.int64]
    """Where each question's candidates begin, ``(q,)``."""
    question: npt.NDArray[np.int64]
    """The question that each candidate is of, ``(n,)``."""
    shares: Floats
    """What each question counts, ``(q,)`` with sum 1."""

    @classmethod
    def of(cls, ranked: Sequence[Ranked]) -> Trial:
        """Gather the candidates; every source weighs the same, and so does every question of a source."""
        sizes = np.array([len(one.right) for one in ranked])
        return cls(
            matrix=np.concatenate([one.features.matrix for one in ranked]).astype(np.float64),
            right=np.concatenate([one.right for one in ranked]),
            starts=np.concatenate([[0], np.cumsum(sizes)[:-1]]),
            question=np.repeat(np.arange(len(sizes)), sizes),
            shares=shares_of([one.source for one in ranked]),
        )

    def mrr(self, weights: Mapping[str, float]) -> float:
        """Return the weighted MRR@10 (0 to 1) of these weights."""
        scores = self.matrix @ np.array([weights[name] for name in FEATURES])
        best = np.maximum.reduceat(np.where(self.right, scores, -np.inf), self.starts)
        ranks = np.add.reduceat((scores > best[self.question]).astype(np.int64), self.starts) + 1
        return float(self.shares @ np.where(np.isfinite(best) & (ranks <= DEPTH), 1 / ranks, 0))


def rank_of(one: Ranked, weights: Mapping[str, float]) -> int | None:
    """Return the rank, from 1, of the first right candidate; None where none is right."""
    scores = one.features.matrix @ np.array([weights[name] for name in FEATURES])
    found = np.flatnonzero(one.right[np.argsort(-scores, kind="stable")])
    return int(found[0]) + 1 if len(found) else None


# Confidence


def answers_of(asked: Asked, *, near_misses: bool) -> Iterator[Decided]:
    """Yield the signals of every answer, with ``near_misses`` also of some without the right documents.

    What is found then are near misses, and abstention is about these. They are taken only from a set in which every
    question has an answer. Ask for them only where nothing unjudged is right too.
    """
    near_misses = near_misses and all(judged.answerable for judged in asked.questions)
    for number, judged in enumerate(asked.questions):
        yield from _decided(asked, judged)
        if near_misses and number % TAKEN_AWAY_EACH == 0:
            others = frozenset(asked.answerer.snapshot.by_id) - judged.documents
            yield from _decided(asked, judged, Filters(documents=others))


def far_answers_of(asked: Asked, others: Iterable[Asked]) -> Iterator[Decided]:
    """Yield the signals of some questions of other sets, on which these reports are silent; their source is ``FAR``."""
    for other in others:
        for judged in other.questions[::FAR_EACH]:
            for one in _decided(asked, replace(judged, evidence=())):
                yield replace(one, source=FAR)


def _decided(asked: Asked, judged: Judged, filters: Filters | None = None) -> Iterator[Decided]:
    """Yield one answer; none where nothing is ranked."""
    answerer, query = asked.answerer, analysed(asked.answerer, judged.question)
    ranking = answerer.retriever.rank(query, MAX_TOP_K, filters)
    if ranking.hits:
        readings = Readings(answerer.reader, query)
        ranking = read(ranking, readings, answerer.snapshot)
        (reading,) = readings.of([ranking.hits[0].row])
        found = signals(query, ranking, reading)
        right = filters is None and asked.is_answered(judged, ranking.hits[0].row, reading)
        answerable = judged.answerable and filters is None
        yield Decided(asked.name, judged.lang, judged.question_id, found, right, answerable)


def fit_confidence(decided: Sequence[Decided], counting: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return "intercept" and the weight of each signal, by name: a logistic regression of "the sentence is right".

    The regression is L2-regularised on standardised signals; the weights are for the signals as they are. Answers that
    lack some count for nothing: rows of tables, which the trained reader leaves to the rules. ``counting`` says how
    many times as much as others a source counts.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    most = max((one.signals for one in decided), key=len)
    decided = [one for one in decided if one.signals.keys() == most.keys()]
    names = list(most)
    matrix = np.array([[one.signals[name] for name in names] for one in decided])
    scaler = StandardScaler().fit(matrix)
    shares = shares_of([one.source for one in decided]) * len(decided)
    shares *= [(counting or {}).get(one.source, 1.0) for one in decided]
    model = LogisticRegression(C=STRENGTH, max_iter=5000)
    model.fit(scaler.transform(matrix), [one.right for one in decided], sample_weight=shares)
    weights = model.coef_[0] / scaler.scale_
    intercept = float(model.intercept_[0] - weights @ scaler.mean_)
    return {INTERCEPT: intercept, **{name: float(weight) for name, weight in zip(names, weights, strict=True)}}


def confidence_by(model: Mapping[str, float], values: Mapping[str, float]) -> float:
    """Return the confidence (0 to 1) that a fitted model has in an answer with these signals."""
    score = model[INTERCEPT] + sum(model[name] * value for name, value in values.items())
    return float(1 / (1 + np.exp(-np.clip(score, -50, 50))))


# What is shipped


def with_numbers(toml: str, values: Mapping[str, float]) -> str:
    """Return the text of a file of weights with these numbers, by name; everything else stays as it is."""
    return "".join(_with_number(line, values) for line in toml.splitlines(keepends=True))


def _with_number(line: str, values: Mapping[str, float]) -> str:
    name = line.partition("=")[0].strip()
    if name not in values:
        return line
    comment = line.rstrip("\n").partition("#")[2]
    return f"{name} = {values[name]:.4f}" + (f"  #{comment}" if comment else "") + "\n"
