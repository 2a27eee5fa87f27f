"""What speaks for a passage, in parts; the whole is checked with the ranking."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from postings_of import postings_of

from retrieval.question.same_name import SameName
from retrieval.ranking.features import covered
from retrieval.text.words import words_of

WORDS = st.sampled_from(["志愿", "志愿者", "送菜", "小区", "口罩", "14", "mask"])


def slow_share(postings, words, held):
    """Return the share of the words' weight that is held, of each word once."""
    total = sum(postings.weight(word) for word in set(words))
    return sum(postings.weight(word) for word in set(words) if word in held) / total if total else 0.0


@given(
    st.lists(st.lists(WORDS, max_size=6), min_size=1, max_size=8),
    st.lists(WORDS | st.just("天气"), max_size=6),
    st.data(),
)
def test_coverage_is_the_share_of_the_words_by_weight(passages, words, data):
    postings, every = postings_of(passages), range(len(passages))
    rows = sorted(data.draw(st.sets(st.sampled_from(every))))
    around = [data.draw(st.lists(st.sampled_from(every), max_size=3)) for _ in rows]
    own, near = covered(postings, words, np.array(rows, dtype=np.int64), around)
    held = [set(passages[row]) for row in rows]
    wider = [
        set(passages[row]).union(*(passages[other] for other in others))
        for row, others in zip(rows, around, strict=True)
    ]
    assert own.tolist() == pytest.approx([slow_share(postings, words, one) for one in held], abs=1e-5)
    assert near.tolist() == pytest.approx([slow_share(postings, words, one) for one in wider], abs=1e-5)
    assert (own.dtype, near.dtype) == (np.float32, np.float32)


def test_a_passage_that_says_it_otherwise_holds_the_words_of_the_name():
    postings = postings_of([words_of(text) for text in ("世卫组织的指南", "世界卫生组织的指南", "指南")])
    name = SameName("世卫组织", "世界卫生组织")
    rows = np.arange(3)
    own, _ = covered(postings, words_of("世卫组织的指南"), rows, [[], [], []])
    also, _ = covered(postings, words_of("世卫组织的指南"), rows, [[], [], []], [name])
    assert own[0] == also[0] == also[1] == pytest.approx(1)
    assert own[2] == also[2] < own[1] < 1
