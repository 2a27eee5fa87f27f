"""The convex combination against its formula."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from retrieval.fusion import FULL_COVERAGE, WORDS_WEIGHT, fuse, min_max, words_weight

SCORES = st.integers(1, 12).flatmap(
    lambda size: st.tuples(*[arrays(np.float32, size, elements=st.floats(-1, 64, width=16))] * 2)
)


def slow_min_max(values):
    low, high = min(values), max(values)
    return [0.0 if high == low else (value - low) / (high - low) for value in values]


@given(SCORES, st.floats(0, 1))
def test_fused_scores_are_what_the_formula_says(scores, weight):
    dense, words = (list(map(float, leg)) for leg in scores)
    expected = [(1 - weight) * d + weight * w for d, w in zip(slow_min_max(dense), slow_min_max(words), strict=True)]
    assert fuse(*scores, weight) == pytest.approx(expected, abs=1e-5)


def test_a_leg_without_weight_does_not_matter():
    dense = np.array([0.9, 0.8, 0.7], np.float32)
    assert fuse(dense, np.array([0, 5, 50], np.float32), 0.0) == pytest.approx([1, 0.5, 0])


def test_equal_scores_carry_no_signal():
    assert min_max(np.array([0.7, 0.7], np.float32)).tolist() == [0, 0]
    assert min_max(np.array([], np.float32)).tolist() == []
    assert fuse(np.array([0.7, 0.7], np.float32), np.array([1, 2], np.float32), 0.4) == pytest.approx([0, 0.4])


def test_the_words_leg_weighs_what_it_knows():
    assert words_weight(0.0) == 0
    assert words_weight(FULL_COVERAGE / 2) == pytest.approx(WORDS_WEIGHT / 2)
    assert [words_weight(coverage) for coverage in (FULL_COVERAGE, 0.7, 1.0)] == [WORDS_WEIGHT] * 3


def test_scores_are_not_changed_in_place():
    dense, words = np.array([0.2, 0.9], np.float32), np.array([3, 1], np.float32)
    fuse(dense, words, 0.4)
    assert (dense.tolist(), words.tolist()) == (np.array([0.2, 0.9], np.float32).tolist(), [3, 1])
