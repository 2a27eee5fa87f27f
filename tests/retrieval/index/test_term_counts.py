"""Words are counted block by block, and put together in order of term and passage."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from postings_of import postings_of

from retrieval.index.term_counts import MOST_FREQUENT, PostingsBuilder, count_terms

WORDS = st.sampled_from(["志愿", "志愿者", "送菜", "小区", "口罩", "14", "mask"])
PASSAGES = st.lists(st.lists(WORDS, max_size=12), min_size=1, max_size=12)


def rows_of(postings):
    """Return each term's rows and frequencies."""
    spans = zip(postings.starts, postings.starts[1:], strict=False)
    return {
        term: list(zip(postings.rows[start:end].tolist(), postings.frequencies[start:end].tolist(), strict=True))
        for term, (start, end) in zip(postings.terms, spans, strict=True)
    }


@given(PASSAGES)
def test_every_word_of_every_passage_is_counted(passages):
    block = count_terms(passages)
    found = zip(block.rows.tolist(), block.numbers.tolist(), block.frequencies.tolist(), strict=True)
    assert {(row, block.terms[number]): times for row, number, times in found} == {
        (row, word): times for row, words in enumerate(passages) for word, times in Counter(words).items()
    }
    assert block.lengths.tolist() == list(map(len, passages))


def test_a_word_is_counted_only_so_often_in_one_passage():
    block = count_terms([["口罩"] * (MOST_FREQUENT + 3)])
    assert (block.frequencies.tolist(), block.lengths.tolist()) == ([MOST_FREQUENT], [MOST_FREQUENT + 3])
    builder = PostingsBuilder(1)
    builder.add(block, np.array([0]))
    assert rows_of(builder.sorted()) == {"口罩": [(0, MOST_FREQUENT)]}


def test_a_block_is_added_at_its_places_and_terms_are_in_order():
    builder = PostingsBuilder(3)
    builder.add(count_terms([["b", "a", "b"]]), np.array([2]))
    builder.add(count_terms([["a"], ["c"]]), np.array([1, 0]))
    postings = builder.sorted()
    assert rows_of(postings) == {"a": [(1, 1), (2, 1)], "b": [(2, 2)], "c": [(0, 1)]}
    assert (postings.terms, postings.lengths.tolist()) == (["a", "b", "c"], [1, 1, 3])


def test_a_term_that_no_passage_holds_any_more_is_left_out():
    builder = PostingsBuilder(1)
    builder.add(postings_of([["old"], ["kept"]]).term_counts(np.array([1])), np.array([0]))
    assert rows_of(builder.sorted()) == {"kept": [(0, 1)]}


def test_no_passages_have_no_postings():
    postings = PostingsBuilder(0).sorted()
    assert (postings.terms, postings.starts.tolist(), len(postings.rows), len(postings.lengths)) == ([], [0], 0, 0)


@given(PASSAGES, st.data())
def test_passages_counted_apart_and_again_are_indexed_as_if_they_were_counted_at_once(passages, data):
    other = data.draw(st.lists(st.lists(WORDS, max_size=5), max_size=4))
    reused = data.draw(st.lists(st.integers(0, len(passages) - 1), max_size=8))
    order = np.array(data.draw(st.permutations(range(len(reused) + len(other)))), dtype=np.int64)
    builder = PostingsBuilder(len(order))
    builder.add(postings_of(passages).term_counts(np.array(reused, dtype=np.int64)), order[: len(reused)])
    builder.add(count_terms(other), order[len(reused) :])
    texts = [*(passages[row] for row in reused), *other]
    whole = builder.sorted()
    place = dict(zip(order.tolist(), texts, strict=True))
    expected = sorted((word, row, words.count(word)) for row, words in place.items() for word in set(words))
    held = np.repeat(np.arange(len(whole.terms)), np.diff(whole.starts))
    found = zip([whole.terms[term] for term in held], whole.rows.tolist(), whole.frequencies.tolist(), strict=True)
    assert list(found) == expected
    assert whole.terms == sorted({word for word, _, _ in expected})
    assert whole.lengths.tolist() == [len(place[row]) for row in range(len(order))]
