"""BM25 over postings against the formula, written as slowly as it reads."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from postings_of import postings_of

from retrieval.index.local.postings import RESCORED, Postings, best_of

WORDS = st.sampled_from(["志愿", "志愿者", "送菜", "小区", "口罩", "14", "mask"])
PASSAGES = st.lists(st.lists(WORDS, max_size=12), min_size=1, max_size=12)
QUERY = st.lists(st.one_of(WORDS, st.just("天气")), max_size=8)


def slow_score(query, passages, row):
    """Robertson & Zaragoza (2009), eq. 3.15, k1 = 0.9 and b = 0.4, with idf = ln(1 + (N - df + 0.5) / (df + 0.5))."""
    mean = sum(map(len, passages)) / len(passages)
    total = 0.0
    for word in query:
        df = sum(word in passage for passage in passages)
        idf = math.log(1 + (len(passages) - df + 0.5) / (df + 0.5))
        tf = passages[row].count(word)
        if tf:
            total += idf * tf * 1.9 / (tf + 0.9 * (1 - 0.4 + 0.4 * len(passages[row]) / mean))
    return total


@given(PASSAGES, QUERY)
def test_every_score_is_what_the_formula_says(passages, query):
    expected = [slow_score(query, passages, row) for row in range(len(passages))]
    postings = postings_of(passages)
    assert postings.scores(query) == pytest.approx(expected, rel=1e-5)
    backwards = np.arange(len(passages))[::-1]
    assert postings.scores_of(query, backwards) == pytest.approx(expected[::-1], rel=1e-5)


def test_a_word_asked_twice_counts_twice():
    passages = [["口罩", "送菜"], ["小区"], ["口罩"]]
    postings = postings_of(passages)
    assert postings.scores(["口罩", "口罩"]) == pytest.approx(2 * postings.scores(["口罩"]))
    assert postings.scores(["口罩", "口罩"]) == pytest.approx(
        [slow_score(["口罩"] * 2, passages, row) for row in range(3)]
    )


@given(PASSAGES, QUERY, st.integers(1, 15), st.one_of(st.none(), st.sets(st.integers(0, 11))))
def test_a_search_gives_the_allowed_passages_with_a_score_best_first_ties_in_reading_order(passages, query, k, allowed):
    rows = None if allowed is None else sorted(row for row in allowed if row < len(passages))
    postings = postings_of(passages)
    scores = postings.scores(query)
    kept = [row for row in range(len(passages)) if scores[row] > 0 and (rows is None or row in rows)]
    expected = sorted(kept, key=lambda row: (-scores[row], row))[:k]
    found = postings.search(query, k, None if rows is None else np.isin(np.arange(len(passages)), rows))
    assert found.rows.tolist() == expected
    assert found.scores.tolist() == [scores[row] for row in expected]


@given(PASSAGES, QUERY, st.integers(1, 6), st.integers(1, 12))
def test_where_not_all_places_are_read_the_rarest_words_find_and_all_words_score(passages, query, k, most):
    postings, known = postings_of(passages), [word for word in query if any(word in words for words in passages)]
    found = postings.search(query, k, most_read=most)
    rarest = sorted(dict.fromkeys(known), key=lambda word: sum(word in words for words in passages))
    places = [sum(word in words for words in passages) for word in rarest]
    read = [word for at, word in enumerate(rarest) if sum(places[: at + 1]) <= most] or rarest[:1]
    scores = postings.scores(query)
    assert found.scores.tolist() == pytest.approx(scores[found.rows].tolist(), rel=1e-5)
    assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)
    if len(passages) <= k * RESCORED:
        expected = [row for row in range(len(passages)) if set(read) & set(passages[row])]
        best = sorted(expected, key=lambda row: -scores[row])[:k]
        assert found.scores.tolist() == pytest.approx([scores[row] for row in best], rel=1e-5)
        assert set(found.rows.tolist()) <= set(expected)


def test_the_weight_of_a_word_is_its_idf():
    postings = postings_of([["口罩"], ["口罩", "送菜"], ["小区"]])
    assert postings.weight("口罩") == pytest.approx(math.log(1 + 1.5 / 2.5))
    assert postings.weight("送菜") == pytest.approx(math.log(1 + 2.5 / 1.5))
    assert postings.weight("天气") == pytest.approx(math.log(1 + 3.5 / 0.5))


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3), max_size=5), max_size=6
    )
)
def test_postings_are_read_back_as_they_were_written(tmp_path_factory, passages):
    folder, postings = tmp_path_factory.mktemp("postings"), postings_of(passages)
    postings.save(folder, "words")
    again = Postings.load(folder, "words")
    assert len(again) == len(postings) == len(passages)
    for word in {word for passage in passages for word in passage} | {"天气"}:
        assert np.array_equal(again.scores([word]), postings.scores([word]))
        assert again.weight(word) == postings.weight(word)


@pytest.mark.parametrize("passages", [[], [[]], [[], ["口罩"], []]])
def test_passages_without_a_word_are_no_hindrance(passages, tmp_path):
    postings_of(passages).save(tmp_path, "pinyin")
    postings = Postings.load(tmp_path, "pinyin")
    assert len(postings) == len(passages)
    assert postings.search(["口罩"], 5).rows.tolist() == [row for row, words in enumerate(passages) if words]
    assert postings.search([], 5).rows.tolist() == []


def test_legs_stand_side_by_side_in_one_folder(tmp_path):
    postings_of([["a"], []]).save(tmp_path, "words")
    postings_of([[], ["a"]]).save(tmp_path, "pinyin")
    assert Postings.load(tmp_path, "words").rows_with("a").tolist() == [0]
    assert Postings.load(tmp_path, "pinyin").rows_with("a").tolist() == [1]


@given(PASSAGES, QUERY)
def test_no_score_goes_over_the_ceiling(passages, query):
    postings = postings_of(passages)
    ceiling = postings.ceiling(query)
    assert ceiling == pytest.approx(1.9 * sum(postings.weight(word) for word in query))
    assert max(postings.scores(query), default=0) <= ceiling


def test_the_ceiling_is_for_unknown_words_too():
    postings = postings_of([["口罩"] * 50, ["小区"]])
    assert postings.ceiling([]) == 0
    assert postings.ceiling(["口罩", "天气"]) > postings.ceiling(["口罩"]) > postings.scores(["口罩"])[0] > 0


@given(PASSAGES, st.lists(st.integers(0, 11), max_size=12), st.one_of(WORDS, st.just("天气")))
def test_who_holds_a_word_is_what_looking_at_every_passage_says(passages, rows, word):
    postings = postings_of(passages)
    rows = [row for row in rows if row < len(passages)]
    assert postings.held([word], np.array(rows, dtype=np.int64))[0].tolist() == [word in passages[row] for row in rows]
    holders = [row for row, passage in enumerate(passages) if word in passage]
    assert postings.rows_with(word).tolist() == holders
    assert postings.holds(word) == bool(holders)


@given(
    st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.5, 7.0]), max_size=60),
    st.lists(st.tuples(st.integers(0, 59), st.floats(0, 9, width=32)), max_size=5),
    st.integers(1, 6),
    st.integers(1, 8),
)
def test_the_best_of_many_scores_are_those_of_a_plain_sort(few, peaks, k, column):
    scores = np.array(few, dtype=np.float32)
    for place, score in peaks:
        scores[place : place + 1] = score
    found = best_of(scores, k, column=column)
    expected = sorted(np.flatnonzero(scores > 0).tolist(), key=lambda row: (-scores[row], row))[:k]
    assert found.rows.tolist() == expected
    assert found.scores.tolist() == scores[expected].tolist()
