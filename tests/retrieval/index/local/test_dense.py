"""The dense leg against NumPy."""

from __future__ import annotations

import errno
from functools import partial
from pathlib import Path

import faiss
import numpy as np
import pytest

from retrieval.errors import IndexUnsound
from retrieval.index.local.dense import COARSE_FROM, DenseIndex


def unit_vectors(count, dimension=24, seed=3):
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def slow_search(vectors, query, k, allowed=None):
    """Return rows and scores, best first, ties in reading order."""
    rows = list(range(len(vectors)) if allowed is None else allowed)
    products = {row: float(vectors[row].astype(np.float64) @ query.astype(np.float64)) for row in rows}
    best = sorted(rows, key=lambda row: (-products[row], row))[:k]
    return best, [products[row] for row in best]


@pytest.fixture(params=["all at once", "coarse first"])
def build(request):
    """Build a small index of either kind."""
    return partial(DenseIndex.build, coarse_from=1_000_000 if request.param == "all at once" else 1)


@pytest.mark.parametrize("k", [1, 5, 40, 1000])
@pytest.mark.parametrize("allowed", [None, [3], [0, 7, 8, 39], list(range(40))])
def test_a_search_finds_what_numpy_finds(build, k, allowed):
    vectors, queries = unit_vectors(40), unit_vectors(6, seed=4)
    index = build(vectors)
    for query in queries:
        found = index.search(query, k, None if allowed is None else np.isin(np.arange(40), allowed))
        rows, scores = slow_search(vectors, query, k, allowed)
        assert found.rows.tolist() == rows
        assert found.scores == pytest.approx(scores, abs=1e-6)


def test_what_was_asked_before_does_not_change_what_is_found(build):
    vectors, query = unit_vectors(40), unit_vectors(1, seed=4)[0]
    index, odd = build(vectors), np.arange(40) % 2 == 1
    for k, mask in [(5, None), (5, odd), (5, ~odd), (9, ~odd), (9, None), (5, None), (5, odd)]:
        found = index.search(query, k, mask)
        rows, _ = slow_search(vectors, query, k, None if mask is None else np.flatnonzero(mask).tolist())
        assert found.rows.tolist() == rows


@pytest.mark.parametrize("k", [1, 10, 100])
def test_thousands_of_passages_are_found_as_if_all_were_compared_exactly(k):
    vectors, queries = unit_vectors(COARSE_FROM + 500, 384), unit_vectors(40, 384, seed=4)
    index = DenseIndex.build(vectors)
    assert index.recall is None
    for query in queries:
        rows, scores = slow_search(vectors, query, k)
        found = index.search(query, k)
        assert found.rows.tolist() == rows
        assert found.scores == pytest.approx(scores, abs=1e-6)


def test_scores_and_vectors_are_those_of_the_rows_asked_for(build):
    vectors, query = unit_vectors(40), unit_vectors(1, seed=4)[0]
    index, rows = build(vectors), np.array([39, 0, 7, 7])
    assert np.array_equal(index.vectors(rows), vectors[rows])
    assert np.array_equal(index.vectors(), vectors)
    assert index.vectors(np.array([], dtype=np.int64)).shape == (0, 24)
    assert index.scores(query, rows) == pytest.approx(vectors[rows] @ query, abs=1e-6)
    assert (len(index), index.dimension) == (40, 24)


@pytest.mark.parametrize("count", [3, 64, 203])
def test_equal_vectors_have_equal_scores(build, count):
    index = build(np.repeat(unit_vectors(1, 384), count, axis=0))
    assert len(set(index.scores(unit_vectors(1, 384, seed=4)[0], np.arange(count)).tolist())) == 1


def test_an_index_is_read_back_as_it_was_written(build, tmp_path):
    index, query = build(unit_vectors(40)), unit_vectors(1, seed=4)[0]
    index.save(tmp_path / "向量.faiss")
    again = DenseIndex.load(tmp_path / "向量.faiss")
    assert np.array_equal(again.vectors(), index.vectors())
    assert np.array_equal(again.search(query, 10).rows, index.search(query, 10).rows)


def test_an_empty_index_is_one_too(tmp_path):
    DenseIndex.build(np.zeros((0, 24), np.float32)).save(tmp_path / "empty.faiss")
    index = DenseIndex.load(tmp_path / "empty.faiss")
    assert (len(index), index.dimension, index.vectors().shape) == (0, 24, (0, 24))


@pytest.mark.parametrize("count", [10, 2000])
def test_a_full_disk_is_not_passed_over_in_silence(count):
    with pytest.raises(OSError, match="No space left on device") as caught:
        DenseIndex.build(unit_vectors(count)).save(Path("/dev/full"))
    assert caught.value.errno == errno.ENOSPC


def test_a_large_index_is_searched_approximately_with_its_recall_measured(tmp_path):
    vectors = unit_vectors(3000, 32, seed=5)
    index = DenseIndex.build(vectors, exact_up_to=1000)
    assert index.recall is not None
    assert 0.98 <= index.recall <= 1
    index.save(tmp_path / "vectors.faiss")
    loaded = DenseIndex.load(tmp_path / "vectors.faiss", index.recall)
    queries = unit_vectors(50, 32, seed=6)
    found = [set(loaded.search(query, 10).rows) & set(np.argsort(-(vectors @ query))[:10]) for query in queries]
    assert np.mean([len(rows) / 10 for rows in found]) > 0.95
    assert np.abs(loaded.vectors() - vectors).max() < 2**-11
    again = DenseIndex.build(loaded.vectors(), exact_up_to=1000)  # as reports that stay are indexed again
    assert np.array_equal(again.vectors(), loaded.vectors())


def test_too_few_passages_are_searched_exactly_whatever_is_asked_for():
    vectors = unit_vectors(5, 32, seed=5)
    index = DenseIndex.build(vectors, exact_up_to=0)
    assert index.recall is None
    assert index.search(vectors[3], 5).rows[0] == 3


def test_an_approximate_index_keeps_to_the_allowed_rows():
    vectors = unit_vectors(2000, 16, seed=7)
    allowed = np.arange(0, 2000, 7, dtype=np.int64)
    found = DenseIndex.build(vectors, exact_up_to=100).search(vectors[7], 5, np.isin(np.arange(len(vectors)), allowed))
    assert found.rows[0] == 7
    assert set(found.rows.tolist()) <= set(allowed.tolist())
    assert len(found.rows) == 5


def test_more_lists_are_searched_where_few_find_too_little():
    recall = DenseIndex.build(unit_vectors(3000, 64, seed=8), exact_up_to=100, shares=(0.02, 1)).recall
    assert recall is not None
    assert recall >= 0.98


def test_an_approximate_index_that_misses_too_much_is_refused():
    with pytest.raises(IndexUnsound, match="raise index.exact_up_to"):
        DenseIndex.build(unit_vectors(3000, 64, seed=8), exact_up_to=100, shares=(0.02,))


def test_one_question_is_searched_by_the_thread_that_asks_alone():
    seen, before = [], faiss.omp_get_max_threads()

    class Index:
        ntotal = 3

        def search(self, queries, k, params):
            seen.append(faiss.omp_get_max_threads())
            return np.ones((1, k), dtype=np.float32), np.arange(k)[None]

    faiss.omp_set_num_threads(3)
    try:
        assert DenseIndex(Index()).search(np.ones(8, dtype=np.float32), 2).rows.tolist() == [0, 1]
        assert (seen, faiss.omp_get_max_threads()) == ([1], 3)
    finally:
        faiss.omp_set_num_threads(before)
