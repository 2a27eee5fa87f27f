"""The best span of tokens, against trying every one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answer.trained.spans import MOST_BEGINNINGS, MOST_TOKENS, Best, best_span


def logits(*values):
    return np.array(values, dtype=np.float32)


def test_the_span_is_where_beginning_and_end_are_likeliest_together():
    assert best_span(logits(0, 5, 0, 4), logits(8, 0, 5, 4)) == Best(1, 2, 10.0)


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=1, max_size=MOST_BEGINNINGS))
def test_no_other_span_scores_more(pairs):
    begin, end = (np.array(side, dtype=np.float32) for side in zip(*pairs, strict=True))
    found = best_span(begin, end)
    every = [begin[a] + end[b] for a in range(len(begin)) for b in range(a, min(len(end), a + MOST_TOKENS))]
    assert found.score == max(every) == begin[found.first] + end[found.last]
    assert found.first <= found.last
