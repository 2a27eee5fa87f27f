"""BM25 over postings against the formula, written as slowly as it reads."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.postings import Postings

WORDS = st.sampled_from(["志愿", "志愿者", "送菜", "小区", "口罩", "14", "mask"])
PASSAGES = st.lists(st.lists(WORDS, max_size=12), min_size=1, max_size=12)
QUERY = st.lists(st.one_of(WORDS, st.just("天气")), max_size=8)


def slow_score(query, passages, row):
    """Robertson & Zaragoza (2009), eq. 3.15, k1 = 1.2 and b = 0.75, with idf = ln(1 + (N - df + 0.5) / (df + 0.5))."""
    mean = sum(map(len, passages)) / len(passages)
    total = 0.0
    for word in query:
        df = sum(word in passage for passage in passages)
        idf = math.log(1 + (len(passages) - df + 0.5) / (df + 0.5))
        tf = passages[row].count(word)
        if tf:
            total += idf * tf * 2.2 / (tf + 1.2 * (1 - 0.75 + 0.75 * len(passages[row]) / mean))
    return total


@given(PASSAGES, QUERY)
def test_every_score_is_what_the_formula_says(passages, query):
    expected = [slow_score(query, passages, row) for row in range(len(passages))]
    postings = Postings.build(passages)
    assert postings.scores(query) == pytest.approx(expected, rel=1e-5)
    backwards = np.arange(len(passages))[::-1]
    assert postings.scores_of(query, backwards) == pytest.approx(expected[::-1], rel=1e-5)


def test_a_word_asked_twice_counts_twice():
    passages = [["口罩", "送菜"], ["小区"], ["口罩"]]
    postings = Postings.build(passages)
    assert postings.scores(["口罩", "口罩"]) == pytest.approx(2 * postings.scores(["口罩"]))
    assert postings.scores(["口罩", "口罩"]) == pytest.approx(
        [slow_score(["口罩"] * 2, passages, row) for row in range(3)]
    )


@given(PASSAGES, QUERY, st.integers(1, 15), st.one_of(st.none(), st.sets(st.integers(0, 11))))
def test_a_search_gives_the_allowed_passages_with_a_score_best_first_ties_in_reading_order(passages, query, k, allowed):
    rows = None if allowed is None else sorted(row for row in allowed if row < len(passages))
    postings = Postings.build(passages)
    scores = postings.scores(query)
    kept = [row for row in range(len(passages)) if scores[row] > 0 and (rows is None or row in rows)]
    expected = sorted(kept, key=lambda row: (-scores[row], row))[:k]
    found = postings.search(query, k, None if rows is None else np.array(rows, dtype=np.int64))
    assert found.rows.tolist() == expected
    assert found.scores.tolist() == [scores[row] for row in expected]


def test_scores_outside_the_allowed_rows_are_nothing():
    postings = Postings.build([["口罩"], ["口罩"], ["口罩"]])
    assert postings.scores(["口罩"], np.array([1])).tolist() == [0, postings.scores(["口罩"])[1], 0]


def test_the_weight_of_a_word_is_its_idf():
    postings = Postings.build([["口罩"], ["口罩", "送菜"], ["小区"]])
    assert postings.weight("口罩") == pytest.approx(math.log(1 + 1.5 / 2.5))
    assert postings.weight("送菜") == pytest.approx(math.log(1 + 2.5 / 1.5))
    assert postings.weight("天气") == pytest.approx(math.log(1 + 3.5 / 0.5))


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3), max_size=5), max_size=6
    )
)
def test_postings_are_read_back_as_they_were_written(tmp_path_factory, passages):
    folder, postings = tmp_path_factory.mktemp("postings"), Postings.build(passages)
    postings.save(folder, "words")
    again = Postings.load(folder, "words")
    assert len(again) == len(postings) == len(passages)
    for word in {word for passage in passages for word in passage} | {"天气"}:
        assert np.array_equal(again.scores([word]), postings.scores([word]))
        assert again.weight(word) == postings.weight(word)


@pytest.mark.parametrize("passages", [[], [[]], [[], ["口罩"], []]])
def test_passages_without_a_word_are_no_hindrance(passages, tmp_path):
    Postings.build(passages).save(tmp_path, "pinyin")
    postings = Postings.load(tmp_path, "pinyin")
    assert len(postings) == len(passages)
    assert postings.search(["口罩"], 5).rows.tolist() == [row for row, words in enumerate(passages) if words]
    assert postings.search([], 5).rows.tolist() == []


def test_updated_postings_are_those_built_from_nothing(tmp_path):
    old_passages = [["a", "b", "a"], [], ["c", "b"], ["d"]]
    new_passages = [["b", "e"], ["a", "b", "a"], ["d"], ["a", "b", "a"], [], ["f", "f"]]
    old = Postings.build(old_passages)
    old.save(tmp_path, "words")
    kept = [None, 0, 3, 0, 1, None]
    updated = Postings.load(tmp_path, "words").updated(kept, [new_passages[0], new_passages[5]])
    built = Postings.build(new_passages)
    for folder, postings in ((tmp_path / "updated", updated), (tmp_path / "built", built)):
        folder.mkdir()
        postings.save(folder, "words")
    files = sorted(path.name for path in (tmp_path / "built").iterdir())
    assert {name: (tmp_path / "updated" / name).read_bytes() for name in files} == {
        name: (tmp_path / "built" / name).read_bytes() for name in files
    }


def test_updating_to_nothing_and_from_nothing_works():
    words = [["a"], ["b", "a"]]
    assert len(Postings.build(words).updated([], [])) == 0
    assert Postings.build([]).updated([None, None], words).scores(["a"]).tolist() == (
        Postings.build(words).scores(["a"]).tolist()
    )


def test_legs_stand_side_by_side_in_one_folder(tmp_path):
    Postings.build([["a"], []]).save(tmp_path, "words")
    Postings.build([[], ["a"]]).save(tmp_path, "pinyin")
    assert Postings.load(tmp_path, "words").rows_with("a").tolist() == [0]
    assert Postings.load(tmp_path, "pinyin").rows_with("a").tolist() == [1]


@given(PASSAGES, st.data())
def test_updating_in_any_order_is_building_anew(passages, data):
    other = data.draw(st.lists(st.lists(WORDS, max_size=5), max_size=4))
    reused = data.draw(st.lists(st.integers(0, len(passages) - 1), max_size=8))
    kept = data.draw(st.permutations([*reused, *[None] * len(other)]))
    rest = iter(other)
    whole = Postings.build([next(rest) if row is None else passages[row] for row in kept])
    updated = Postings.build(passages).updated(kept, other)
    for word in [*{word for passage in [*passages, *other] for word in passage}, "天气"]:
        assert updated.rows_with(word).tolist() == whole.rows_with(word).tolist()
        assert updated.scores([word]).tolist() == whole.scores([word]).tolist()
        assert updated.weight(word) == whole.weight(word)


@given(PASSAGES, QUERY)
def test_no_score_goes_over_the_ceiling(passages, query):
    postings = Postings.build(passages)
    ceiling = postings.ceiling(query)
    assert ceiling == pytest.approx(2.2 * sum(postings.weight(word) for word in query))
    assert max(postings.scores(query), default=0) <= ceiling


def test_the_ceiling_is_for_unknown_words_too():
    postings = Postings.build([["口罩"] * 50, ["小区"]])
    assert postings.ceiling([]) == 0
    assert postings.ceiling(["口罩", "天气"]) > postings.ceiling(["口罩"]) > postings.scores(["口罩"])[0] > 0


@given(PASSAGES, st.lists(st.integers(0, 11), max_size=12), st.one_of(WORDS, st.just("天气")))
def test_who_holds_a_word_is_what_looking_at_every_passage_says(passages, rows, word):
    postings = Postings.build(passages)
    rows = [row for row in rows if row < len(passages)]
    assert postings.held(word, np.array(rows, dtype=np.int64)).tolist() == [word in passages[row] for row in rows]
    holders = [row for row, passage in enumerate(passages) if word in passage]
    assert postings.rows_with(word).tolist() == holders
    assert postings.holds(word) == bool(holders)
