"""Batches are put together to what one pass over all texts would have given, and vectors have length 1."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.encoder.protocol import Encoded, unit


def test_batches_are_put_together_in_the_order_of_the_rows():
    def part(*values):
        return Encoded(np.array([[value] for value in values], dtype=np.float32), tuple(map(np.array, values)))

    joined = Encoded.joined([([2, 0], part(30.0, 10.0)), ([1], part(20.0))])
    assert joined.vectors.tolist() == [[10.0], [20.0], [30.0]]
    assert [float(one) for one in joined.tokens] == [10.0, 20.0, 30.0]


def test_no_batches_are_nothing_encoded():
    joined = Encoded.joined([])
    assert (joined.vectors.shape, joined.tokens) == ((0, 0), ())


def test_unit_vectors_have_length_1_and_a_vector_of_nothing_stays_nothing():
    found = unit(np.array([[3, 4], [0, 0]], dtype=np.float16))
    assert found.dtype == np.float32
    assert found.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]
