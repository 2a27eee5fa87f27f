"""Late interaction against the formula, written as slowly as it reads."""

from __future__ import annotations

import numpy as np
import pytest
from asking import in_bytes
from hypothesis import given
from hypothesis import strategies as st

from retrieval.encoder.tokens import dequantise_tokens, quantise_tokens
from retrieval.index.local.token_store import TokenStore
from retrieval.ranking.late_interaction import (
    LEAST_APART,
    NEIGHBOUR_TOLL,
    Pair,
    best_similarities,
    maxsim,
    maxsim_with_neighbours,
    pairs,
    token_weights,
)

DIMENSION = 6
SEEDS = st.integers(0, 2**16)
COUNTS = st.lists(st.integers(0, 5), max_size=7)


def vectors(count, seed):
    """Make unit vectors that products of bytes see as they are."""
    found = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return in_bytes(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9))


def passages(counts, seed):
    """Make passages of so many tokens, each at its own place of the text."""
    return [
        quantise_tokens(vectors(count, [seed, row, 1]), np.stack([np.arange(count), np.arange(count) + 1], axis=1))
        for row, count in enumerate(counts)
    ]


def slow_best(query, tokens):
    """Return each question token's best inner product, 0 where there is no token."""
    held = dequantise_tokens(tokens)
    return [max((float(q @ p) for p in held), default=0.0) for q in query]


def slow_weights(table):
    """Return weights from the best similarities by passage: how far the best is above the mean, 1 in all."""
    apart = [max(max(row) - float(np.mean(row)), float(LEAST_APART)) for row in zip(*table, strict=True)]
    return [value / sum(apart) for value in apart]


@given(COUNTS, st.integers(0, 4), SEEDS, st.data())
def test_late_interaction_is_the_weighted_sum_of_the_best_similarities(counts, asked, seed, data):
    texts, query = passages(counts, seed), vectors(asked, seed)
    rows = data.draw(st.permutations(range(len(texts))))
    table = [slow_best(query, texts[row]) for row in rows]
    best = best_similarities(query, TokenStore.of(texts, DIMENSION), np.array(rows, dtype=np.int64))
    assert best.shape == (asked, len(rows))
    assert best.T.tolist() == [pytest.approx(values, abs=1e-5) for values in table]
    weights = token_weights(best)
    if asked and rows:
        assert weights.tolist() == pytest.approx(slow_weights(table), abs=1e-3)
        assert weights.sum() == pytest.approx(1, abs=1e-5)
    expected = [sum(float(w) * value for w, value in zip(weights, values, strict=True)) for values in table]
    assert maxsim(best, weights).tolist() == pytest.approx(expected, abs=1e-5)


def test_a_token_weighs_as_much_as_it_tells_the_candidates_apart():
    best = np.array([[0.9, 0.9, 0.9], [0.9, 0.5, 0.4]], np.float32)
    everywhere, in_one = token_weights(best).tolist()
    assert in_one > 15 * everywhere > 0
    assert token_weights(best[:, :1]).tolist() == pytest.approx([0.5, 0.5])


def test_without_tokens_there_is_no_similarity():
    store = TokenStore.of(passages([0, 3], 1), DIMENSION)
    assert best_similarities(vectors(2, 3), store, np.array([0, 0])).tolist() == [[0, 0], [0, 0]]
    nothing_asked = best_similarities(vectors(0, 3), store, np.array([0, 1]))
    assert maxsim(nothing_asked, token_weights(nothing_asked)).tolist() == [0, 0]
    nowhere = best_similarities(vectors(2, 3), store, np.zeros(0, np.int64))
    assert maxsim(nowhere, token_weights(nowhere)).tolist() == []


@given(COUNTS, st.integers(1, 4), SEEDS, st.data())
def test_a_token_may_be_found_in_a_neighbour_for_a_toll(counts, asked, seed, data):
    query, own, beside = vectors(asked, seed), passages(counts, seed), passages(counts[::-1], seed + 1)
    neighbours = [
        data.draw(st.lists(st.integers(0, len(beside) - 1), max_size=3) if beside else st.just([])) for _ in own
    ]
    weights = np.random.default_rng(seed).random(asked).astype(np.float32)
    best, around = (
        best_similarities(query, TokenStore.of(texts, DIMENSION), np.arange(len(texts))) for texts in (own, beside)
    )
    expected = [
        sum(
            float(weights[token])
            * max([float(best[token, place]), *(float(around[token, c]) - float(NEIGHBOUR_TOLL) for c in columns)])
            for token in range(asked)
        )
        for place, columns in enumerate(neighbours)
    ]
    before = best.copy()
    assert maxsim_with_neighbours(best, weights, neighbours, around).tolist() == pytest.approx(expected, abs=1e-5)
    assert np.array_equal(best, before)
    assert (maxsim_with_neighbours(best, weights, neighbours, around) - maxsim(best, weights)).min(initial=0) >= -1e-6


@given(st.integers(0, 5), st.integers(0, 4), SEEDS)
def test_each_question_token_is_paired_with_its_nearest(count, asked, seed):
    [tokens], query = passages([count], seed), vectors(asked, seed + 1)
    spans = np.array([(at, at + 2) for at in range(asked)]).reshape(asked, 2)
    found = pairs(query, spans, tokens)
    held = dequantise_tokens(tokens)
    nearest = [max(range(count), key=lambda place, q=q: float(q @ held[place])) for q in query] if count else []
    assert found == [
        Pair((at, at + 2), (place, place + 1), pytest.approx(float(query[at] @ held[place]), abs=1e-5))
        for at, place in enumerate(nearest)
    ]
