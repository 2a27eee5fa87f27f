"""The weights that ship: whole, small, and the same for a window alone as in a batch."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.answer.trained.late_reader import DIGEST, MOST_QUESTION, WEIGHTS, load, score
from retrieval.disk import sha256_of
from retrieval.errors import ModelDamaged


def unit_vectors(chance, count):
    vectors = chance.standard_normal((count, 384)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_weights_are_those_of_the_digest_and_small():
    assert WEIGHTS.with_suffix(DIGEST).read_text().strip() == sha256_of(WEIGHTS)
    assert WEIGHTS.stat().st_size <= 12 * 2**20
    assert WEIGHTS.with_name("NOTICE").exists()


def test_every_window_gets_scores_for_each_of_its_tokens():
    chance = np.random.default_rng(1)
    question, windows = unit_vectors(chance, 9), [unit_vectors(chance, length) for length in (5, 80, 33)]
    found = score(question, windows)
    assert [(len(one.begin), len(one.end), len(one.evidence)) for one in found] == [(n, n, n) for n in (5, 80, 33)]


def test_a_window_is_read_alike_alone_and_beside_a_longer_one():
    """The two differ by what rounding activations to bytes does, which takes its scale from the batch."""
    chance = np.random.default_rng(2)
    question, short, long = unit_vectors(chance, 9), unit_vectors(chance, 20), unit_vectors(chance, 80)
    [alone], [together, _] = score(question, [short]), score(question, [short, long])
    assert together.relevance == pytest.approx(alone.relevance, abs=1.0)
    assert np.abs(together.evidence - alone.evidence).max() < 1.5


def test_of_a_long_question_the_first_tokens_are_read():
    chance = np.random.default_rng(3)
    question, window = unit_vectors(chance, MOST_QUESTION + 30), unit_vectors(chance, 10)
    [whole], [first] = score(question, [window]), score(question[:MOST_QUESTION], [window])
    assert whole.relevance == first.relevance
    assert np.array_equal(whole.begin, first.begin)


def test_nothing_is_read_of_no_window():
    assert score(unit_vectors(np.random.default_rng(4), 3), []) == []


def test_altered_weights_are_refused(tmp_path):
    other = tmp_path / "late_reader.onnx"
    other.write_bytes(WEIGHTS.read_bytes()[:-1])
    other.with_suffix(DIGEST).write_text(WEIGHTS.with_suffix(DIGEST).read_text())
    with pytest.raises(ModelDamaged, match="install it again"):
        load(other)
