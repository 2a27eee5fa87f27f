"""A question's vectors, made in another thread, and its tokens as they are compared."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest
from stub_encoder import StubEncoder

from retrieval.encoder.int8_products import products
from retrieval.encoder.protocol import Encoded
from retrieval.encoder.tokens import dequantise_tokens, quantise_tokens
from retrieval.question.encoding import FOREIGN_SHARE, start_encoding, with_share
from retrieval.types import no_progress


class TwoLayers(StubEncoder):
    """A stub whose tokens have two layers, the same twice."""

    def encode_queries(self, texts, progress=no_progress):
        encoded = super().encode_queries(texts)
        doubled = [np.tile(dequantise_tokens(tokens), 2) for tokens in encoded.tokens]
        spans = [tokens["span"] for tokens in encoded.tokens]
        return Encoded(encoded.vectors, tuple(map(quantise_tokens, doubled, spans)))


def halves(seed):
    """Return the two unit halves of five tokens, ``(5, 8)`` each, and the tokens made of them, of length 1."""
    parts = np.random.default_rng(seed).standard_normal((2, 5, 8)).astype(np.float32)
    parts /= np.linalg.norm(parts, axis=2, keepdims=True)
    return parts, np.concatenate(list(parts), axis=1) / np.float32(2**0.5)


@pytest.mark.parametrize("share", [0.0, FOREIGN_SHARE, 1.0])
def test_the_inner_layer_has_its_share_in_every_product(share):
    ours, query = halves(1)
    theirs, passage = halves(2)
    expected = (1 - share) * (ours[0] @ theirs[0].T) + share * (ours[1] @ theirs[1].T)
    weighted = with_share(query, 8, share)
    assert weighted.shape == (5, 16 if share else 8)
    found = products(weighted, quantise_tokens(passage, np.zeros((5, 2), int))).T
    assert found == pytest.approx(expected, abs=0.03)
    assert weighted @ passage[:, : weighted.shape[1]].T == pytest.approx(expected, abs=1e-6)


def test_tokens_of_one_layer_are_compared_as_they_are():
    tokens = halves(1)[0][0]
    assert np.array_equal(with_share(tokens, 8, FOREIGN_SHARE), tokens)


@pytest.mark.parametrize(("question", "share"), [("谁捐了口罩?", 0.0), ("谁 donated?", 0.0), ("Who?", FOREIGN_SHARE)])
def test_only_questions_without_chinese_characters_are_compared_by_the_inner_layer_too(question, share):
    encoder = TwoLayers()
    tokens = dequantise_tokens(encoder.encode_queries([question]).tokens[0])
    expected = with_share(tokens, encoder.dimension, share)
    assert np.array_equal(start_encoding(question, encoder).result().tokens, expected)
    assert expected.shape[1] == encoder.dimension * (2 if share else 1)


def test_encoding_has_begun_and_goes_on_when_its_thread_lets_the_asker_go():
    told, released = [], Event()

    class Waiting(StubEncoder):
        def encode_queries(self, texts, progress=no_progress):
            told.append("tokens")
            progress("embed", 0, len(texts))
            released.wait(60)
            told.append("vectors")
            return super().encode_queries(texts)

    encoding = start_encoding("谁捐了口罩?", Waiting())
    assert (told, encoding.done()) == (["tokens"], False)
    released.set()
    assert np.array_equal(encoding.result().vector, StubEncoder().encode_queries(["谁捐了口罩?"]).vectors[0])
    assert told == ["tokens", "vectors"]


def test_an_encoder_that_fails_keeps_nobody_waiting():
    class Failing(StubEncoder):
        def encode_queries(self, texts, progress=no_progress):
            raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        start_encoding("谁捐了口罩?", Failing()).result(60)
