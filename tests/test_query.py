"""A question's tokens, as they are compared."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.query import FOREIGN_SHARE, with_shares


def halves(seed):
    """Return the two unit halves of five tokens, ``(5, 8)`` each, and the tokens made of them, of length 1."""
    parts = np.random.default_rng(seed).standard_normal((2, 5, 8)).astype(np.float32)
    parts /= np.linalg.norm(parts, axis=2, keepdims=True)
    return parts, np.concatenate(list(parts), axis=1) / np.float32(2**0.5)


@pytest.mark.parametrize(("is_foreign", "share"), [(False, 0.0), (True, FOREIGN_SHARE)])
def test_the_inner_layer_has_its_share_in_questions_of_other_languages_only(is_foreign, share):
    ours, query = halves(1)
    theirs, passage = halves(2)
    expected = (1 - share) * (ours[0] @ theirs[0].T) + share * (ours[1] @ theirs[1].T)
    assert with_shares(query, 8, is_foreign=is_foreign) @ passage.T == pytest.approx(expected, abs=1e-6)


def test_tokens_of_one_layer_are_compared_as_they_are():
    tokens = halves(1)[0][0]
    assert np.array_equal(with_shares(tokens, 8, is_foreign=True), tokens)
