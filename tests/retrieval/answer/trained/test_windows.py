"""Which tokens are read: the first passage whole, of others the stretch nearest to the question."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answer.trained.windows import WIDTH, Window, windows_of


def passage(length, near=()):
    """Return the similarities of so many tokens with a question of two; tokens at ``near`` are like it."""
    similar = np.zeros((length, 2), dtype=np.float32)
    similar[list(near)] = 0.9
    return similar


def test_short_passages_are_read_whole_in_one_window():
    assert windows_of([passage(30), passage(WIDTH)]) == [Window(0, 0, 30), Window(1, 0, WIDTH)]


def test_a_passage_without_tokens_has_no_window():
    assert windows_of([passage(0), passage(5)]) == [Window(1, 0, 5)]


def test_the_first_passage_is_read_whole_in_overlapping_windows():
    assert windows_of([passage(200)], width=80) == [Window(0, at, at + 80) for at in (0, 53, 106, 120)]


def test_of_other_passages_the_window_nearest_to_the_question_is_read():
    long = passage(400)
    long[300, 0], long[310, 1], long[20, 1] = 0.9, 0.9, 0.95
    [_, window] = windows_of([passage(10), long], width=80)
    assert (window.place, window.end - window.start) == (1, 80)
    assert window.start <= 300 and window.end > 310


def test_of_a_very_long_first_passage_only_the_windows_nearest_to_the_question_are_read():
    windows = windows_of([passage(2000, near=[1500])], width=80, most=2)
    assert len(windows) == 2
    assert all(window.start <= 1500 < window.end for window in windows)


@given(st.lists(st.integers(0, 500), max_size=6), st.integers(0, 499))
def test_every_window_lies_in_its_passage_and_every_passage_with_tokens_has_one(lengths, near):
    windows = windows_of([passage(length, near=[near] if near < length else ()) for length in lengths])
    assert all(0 <= at.start < at.end <= lengths[at.place] and at.end - at.start <= WIDTH for at in windows)
    assert {at.place for at in windows} == {place for place, length in enumerate(lengths) if length}
    assert [at.place for at in windows] == sorted(at.place for at in windows)
