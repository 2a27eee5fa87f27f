"""Figures against what a person would count by hand, and intervals against slow, obvious ones."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from retrieval.evaluation.abstention import Bin, Decision, _areas, abstention_of, equal_mass_bins
from retrieval.evaluation.judged import Judgement
from retrieval.evaluation.measures import Figure, figures_of, ranking_values, row_of


def test_every_measure_is_what_a_person_would_count():
    others = [f"n{number}" for number in range(10)]
    values = ranking_values(
        {
            "first": Judgement(("a", *others), {"a": 1}),
            "third": Judgement((*others[:2], "a", "b"), {"a": 1, "b": 1}),
            "tenth": Judgement((*others[:9], "a"), {"a": 1}),
            "eleventh": Judgement((*others, "a"), {"a": 1}),
            "graded": Judgement(("b", "a"), {"a": 3, "b": 1}),
            "nothing": Judgement((), {"nowhere": 1}),
        }
    )

    def gain(grade, rank):
        return grade / math.log2(rank + 1)

    ideal = gain(1, 1) + gain(1, 2)
    graded = (gain(1, 1) + gain(3, 2)) / (gain(3, 1) + gain(1, 2))
    expected = {
        "first": (1, 1, 1, 1, 1),
        "third": (0, 1, 1, 1 / 3, (gain(1, 3) + gain(1, 4)) / ideal),
        "tenth": (0, 0, 1, 1 / 10, gain(1, 10)),
        "eleventh": (0, 0, 0, 0, 0),
        "graded": (1, 1, 1, 1, graded),
        "nothing": (0, 0, 0, 0, 0),
    }
    assert {key: tuple(row.values()) for key, row in values.items()} == {
        key: pytest.approx(row) for key, row in expected.items()
    }
    assert list(values["first"]) == ["hit@1", "hit@3", "hit@10", "mrr@10", "ndcg@10"]


def test_no_question_gives_no_values():
    assert ranking_values({}) == {}


def test_a_measure_is_averaged_over_the_questions_that_have_it():
    row = row_of([{"a": 1.0, "b": 1.0}, {"a": 0.0}, {"a": 0.5, "c": 0.25}], ("a", "b", "c", "d"))
    assert {name: (figure.value, figure.count) for name, figure in row.items()} == {
        "a": (0.5, 3),
        "b": (1.0, 1),
        "c": (0.25, 1),
    }
    assert (row["b"].low, row["b"].high) == (None, None)


def test_intervals_are_the_percentiles_of_means_of_questions_drawn_anew():
    values = [random.Random(3).random() < 0.7 for _ in range(60)]
    draw = random.Random(4)
    means = sorted(sum(draw.choices(values, k=60)) / 60 for _ in range(4000))
    [figure] = figures_of(np.array([values], dtype=np.float64))
    assert (figure.value, figure.count) == (pytest.approx(sum(values) / 60), 60)
    assert (figure.low, figure.high) == pytest.approx((means[100], means[3900]), abs=0.02)


def test_intervals_are_the_same_every_time_and_empty_where_nothing_varies():
    values = np.array([[0.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    assert figures_of(values) == figures_of(values)
    assert figures_of(values)[1] == Figure(1, 1, 1, 4)


def decision(confidence, *, answerable=True, right=False, answered=False):
    return Decision(answerable, right, answered, confidence)


def test_abstention_is_what_a_person_would_count():
    found = abstention_of(
        [
            decision(0.9, right=True, answered=True),
            decision(0.8, answered=True),
            decision(0.8, right=True, answered=True),
            decision(0.6, answerable=False, answered=True),
            decision(0.3, right=True),
            decision(0.1, answerable=False),
        ]
    )
    assert (found.answerable, found.unanswerable) == (4, 2)
    assert found.auroc_answerable.value == pytest.approx(7 / 8)
    assert found.auroc_right.value == pytest.approx((3 + 2.5 + 1) / 9)
    assert found.curve == (
        (round(1 / 6, 4), 0),
        (0.5, round(1 / 3, 4)),
        (round(4 / 6, 4), 0.5),
        (round(5 / 6, 4), 0.4),
        (1, 0.5),
    )
    assert found.aurc == pytest.approx((1 * 0 + 2 * 1 / 3 + 1 * 0.5 + 1 * 0.4 + 1 * 0.5) / 6)
    assert found.ece == pytest.approx((0.1 + 0.8 + 0.2 + 0.6 + 0.7 + 0.1) / 6)
    assert (found.answered_share, found.answered_wrong) == (4 / 6, 0.5)
    assert (found.answerable_refused, found.unanswerable_answered) == (1 / 4, 1 / 2)


def test_what_there_is_none_of_is_not_counted():
    assert abstention_of([]) is None
    found = abstention_of([decision(0.5, right=True), decision(0.5, right=True)])
    assert (found.auroc_answerable, found.auroc_right, found.answered_wrong, found.unanswerable_answered) == (None,) * 4


def test_bins_hold_as_many_questions_each():
    decisions = [decision(number / 25, right=number >= 20) for number in range(25)]
    bins = equal_mass_bins(decisions)
    assert [found.count for found in bins] == [3] * 5 + [2] * 5
    assert bins[0] == Bin(pytest.approx(1 / 25), 0, 3)
    assert bins[-1] == Bin(pytest.approx(23.5 / 25), 1, 2)


def test_the_areas_of_resamples_are_those_of_scikit_learn():
    generator = np.random.default_rng(5)
    high = generator.integers(2, 9, (20, 13)).astype(np.float64)
    low = generator.integers(0, 7, (20, 8)).astype(np.float64)
    labels = [1] * 13 + [0] * 8
    assert _areas(high, low, axis=-1).tolist() == pytest.approx(
        [roc_auc_score(labels, [*one, *other]) for one, other in zip(high, low, strict=True)]
    )


def test_the_interval_of_an_area_holds_it():
    generator = random.Random(6)
    decisions = [decision(generator.random() + 0.2 * good, answerable=good) for good in [True] * 40 + [False] * 40]
    area = abstention_of(decisions).auroc_answerable
    assert (0.5 < area.low < area.value < area.high < 1, area.count) == (True, 80)
