"""A token's vector as a record of bytes: what is rounded, and where the token stands."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.encoder.tokens import dequantise_tokens, quantise_tokens, token_type


@pytest.mark.parametrize("dimension", [8, 64, 384, 1024])
def test_a_token_keeps_its_direction_in_int8(dimension):
    vectors = np.random.default_rng(dimension).normal(size=(200, dimension)).astype(np.float32)
    again = dequantise_tokens(quantise_tokens(7 * vectors, np.zeros((200, 2), np.int64)))
    assert again.dtype == np.float32
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths = np.linalg.norm(again, axis=1)
    assert ((again * unit).sum(axis=1) / lengths).min() >= 0.999
    assert np.abs(lengths - 1).max() < 0.01


def test_a_token_remembers_where_it_stands():
    spans = np.array([[0, 2], [65_534, 65_535], [-1, 70_000]])
    assert quantise_tokens(np.eye(3, dtype=np.float32), spans)["span"].tolist() == [
        [0, 2],
        [65_534, 65_535],
        [0, 65_535],
    ]


def test_a_vector_of_nothing_stays_nothing():
    assert dequantise_tokens(quantise_tokens(np.zeros((1, 4), np.float32), np.zeros((1, 2), int))).tolist() == [[0] * 4]
    assert quantise_tokens(np.zeros((0, 4), np.float32), np.zeros((0, 2), int)).shape == (0,)


def test_a_token_of_the_default_model_takes_390_bytes():
    assert token_type(384).itemsize == 390
