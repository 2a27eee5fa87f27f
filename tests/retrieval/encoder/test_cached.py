"""A question that is asked again is not encoded again."""

from __future__ import annotations

from stub_encoder import StubEncoder

from retrieval.encoder.cached import CachedEncoder
from retrieval.types import no_progress


class CountingEncoder(StubEncoder):
    """Remembers what it was asked to encode."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def encode_queries(self, texts, progress=no_progress):
        self.asked += texts
        return super().encode_queries(texts)


def test_vectors_of_the_last_questions_are_remembered():
    encoder = CountingEncoder()
    cached = CachedEncoder(encoder, most=2)
    texts = ["甲", "乙", "甲", "丙", "乙"]
    found = [cached.encode_queries([text]).vectors.tolist() for text in texts]
    assert found == [StubEncoder().encode_queries([text]).vectors.tolist() for text in texts]
    assert encoder.asked == ["甲", "乙", "丙", "乙"]
    assert (cached.name, cached.fingerprint) == (encoder.name, encoder.fingerprint)


def test_several_questions_at_once_and_passages_are_encoded_each_time():
    encoder = CountingEncoder()
    cached = CachedEncoder(encoder)
    for _ in range(2):
        cached.encode_queries(["甲", "乙"])
        cached.encode_passages(["甲"])
    assert encoder.asked == ["甲", "乙", "甲"] * 2
