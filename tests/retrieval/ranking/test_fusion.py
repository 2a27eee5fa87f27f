"""The linear model over the candidates' features, and the data it is made of."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from retrieval.ranking import fusion
from retrieval.ranking.fusion import FEATURES, FULL_TRUST, NO_TRUST, Features, fuse, lexical_trust, weights

COUNTS = st.integers(0, 12)
MATRICES = COUNTS.flatmap(lambda n: arrays(np.float32, (n, len(FEATURES)), elements=st.floats(-1, 2, width=16)))
COVERAGES = st.lists(st.floats(0, 1, width=32), max_size=8).map(lambda values: np.array(values, dtype=np.float32))
DATA = Path(fusion.__file__).with_name("fusion.toml")


def features(matrix):
    return Features(np.arange(len(matrix)), matrix, np.linspace(0, 1, len(matrix), dtype=np.float32))


@given(MATRICES, st.sets(st.sampled_from(FEATURES)))
def test_the_fused_score_is_the_weighted_sum_of_the_features(matrix, without):
    expected = [
        sum(weights()[name] * float(row[at]) for at, name in enumerate(FEATURES) if name not in without)
        for row in matrix
    ]
    before = matrix.copy()
    assert fuse(features(matrix), sorted(without)) == pytest.approx(expected, abs=1e-5)
    assert np.array_equal(matrix, before)


def test_without_candidates_there_are_no_scores():
    none = Features.none()
    assert (fuse(none).tolist(), none.column("maxsim").tolist(), none.coverage.tolist()) == ([], [], [])


def test_every_feature_has_a_weight_and_a_line_that_says_what_it_is():
    table = tomllib.loads(DATA.read_text(encoding="utf-8"))["weights"]
    assert tuple(table) == FEATURES
    assert weights() == table
    lines = DATA.read_text(encoding="utf-8").splitlines()
    described = {
        line.split("=")[0].strip() for line in lines if "=" in line and len(line.partition("#")[2].strip()) > 10
    }
    assert described == set(FEATURES)


def test_late_interaction_counts_for_a_passage_and_the_lack_of_a_figure_against_it():
    assert weights()["maxsim"] > 0 >= weights()["no_number"]
    assert min(weight for name, weight in weights().items() if name != "no_number") >= 0


@given(MATRICES, st.randoms(use_true_random=False))
def test_candidates_keep_their_features_in_another_order(matrix, chance):
    before = features(matrix)
    order = list(range(len(matrix)))
    chance.shuffle(order)
    after = before.take(np.array(order, dtype=np.int64))
    assert after.rows.tolist() == order
    assert after.coverage.tolist() == [before.coverage[place] for place in order]
    assert fuse(after).tolist() == pytest.approx([fuse(before)[place] for place in order], abs=1e-5)
    for at, name in enumerate(FEATURES):
        assert after.column(name).tolist() == [matrix[place, at] for place in order]


@given(COVERAGES, COVERAGES)
def test_trust_in_the_words_grows_with_what_the_best_candidate_holds(one, other):
    low, high = sorted([one, other], key=lambda coverage: coverage.max(initial=0))
    assert 0 <= lexical_trust(low) <= lexical_trust(high) <= 1


def test_trust_is_none_below_and_full_above_its_bounds():
    assert lexical_trust(np.array([], np.float32)) == 0
    assert lexical_trust(np.array([0, NO_TRUST], np.float32)) == pytest.approx(0, abs=1e-6)
    assert lexical_trust(np.array([(NO_TRUST + FULL_TRUST) / 2, 0], np.float32)) == pytest.approx(0.5)
    assert [lexical_trust(np.array([coverage], np.float32)) for coverage in (FULL_TRUST + 0.001, 1)] == [1, 1]
