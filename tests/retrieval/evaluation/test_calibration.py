"""The threshold that keeps a promise, and when none can be given."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.errors import EvaluationError
from retrieval.evaluation.abstention import Decision
from retrieval.evaluation.calibration import Bound, calibrated, least_answered


def decision(confidence, right):
    return Decision(True, right, True, confidence)


def test_the_least_number_of_answers_is_that_of_which_none_may_be_wrong():
    assert least_answered(0.05, 0.9) == 45
    assert calibrated([decision(0.9, True)] * 45) == Bound(0.9, 45, 0, 0.05, 0.9)
    assert [least_answered(0.05, 0.9, wrong) for wrong in (1, 2)] == [77, 105]


def test_too_few_questions_are_refused_with_the_number_that_is_missing():
    with pytest.raises(EvaluationError, match="at least 45 must be answered .* and 40 are. Add at least 5 more"):
        calibrated([decision(0.9, True)] * 40 + [decision(0.01, True)] * 50)


def test_where_the_surest_answers_are_wrong_nothing_is_promised():
    with pytest.raises(EvaluationError, match="10 of the 50 surest answers are wrong"):
        calibrated([decision(0.95, True)] * 40 + [decision(0.95, False)] * 10)


def test_the_loosest_threshold_before_too_many_are_wrong_is_taken():
    sure = [decision(0.8, True)] * 110
    unsure = [decision(0.4, False)] * 20
    assert calibrated(sure + unsure) == Bound(0.8, 110, 0, 0.05, 0.9)
    assert calibrated(sure + unsure, most_wrong=0.3) == Bound(0.4, 130, 20, 0.3, 0.9)


def test_one_mistake_among_the_surest_does_not_end_it():
    rights = [decision(0.9 - place / 10_000, place != 10) for place in range(500)]
    assert calibrated(rights) == Bound(0.85, 500, 1, 0.05, 0.9)


def test_what_is_given_however_loose_is_not_counted_upon():
    sure = [decision(0.9, True)] * 50
    assert calibrated(sure + [decision(0.25, False)] * 50) == calibrated(sure)


def test_of_many_samples_hardly_any_breaks_the_promise():
    """What is promised holds for questions that were not among those it was set by: at most a tenth of the time not."""
    chance = np.random.default_rng(3)
    broken = 0
    for _ in range(200):
        confidences = chance.random(300)
        rights = chance.random(300) < confidences
        try:
            threshold = calibrated(list(map(decision, confidences, rights)), most_wrong=0.2).threshold
        except EvaluationError:
            continue
        wrong = (1 - threshold) / 2  # of confidences above the threshold, which are as right as they say
        broken += wrong > 0.2
    assert broken <= 0.1 * 200 + 10
