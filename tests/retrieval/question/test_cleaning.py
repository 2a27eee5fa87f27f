"""What a person typed, before it is asked."""

from __future__ import annotations

import pytest

from retrieval.question.cleaning import clean_question, is_language


@pytest.mark.parametrize(
    ("question", "clean"),
    [
        ("  孙蕴华?\n", "孙蕴华?"),
        ("孙\0蕴华", "孙 蕴华"),
        ("a\ud800b", "a?b"),
        ("e\u0301", "é"),
        ("⻓⻢镇", "长马镇"),
        ("孙\n蕴", "孙\n蕴"),
    ],
)
def test_control_characters_and_half_surrogates_are_taken_out(question, clean):
    assert clean_question(question) == clean


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how many masks?", True),
        ("孙蕴华;*=", True),
        ("Кто?", True),
        ("1 2 3 4", False),
        ("a=b;", False),
        ("{x}", False),
    ],
)
def test_code_and_numbers_are_no_language(question, expected):
    assert is_language(question) is expected
