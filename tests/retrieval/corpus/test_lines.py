"""Text is cut into lines at every kind of break, a line's punctuation is read, and torn lines are put together."""

from __future__ import annotations

import pytest

from retrieval.corpus.lines import Line, ends_sentence, glue, is_phrase, relocate, split_lines


def test_lines_have_their_gap_and_their_indentation():
    assert split_lines("\ufeff通知\r\n\n \n\u3000\u3000明天封闭。\n 解封\f") == [
        Line("通知", 0, False),
        Line("明天封闭。", 2, True),
        Line("解封", 0, False),
    ]
    assert split_lines(" \n\u200b\n") == []


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("灯还亮着。", True),
        ("他说：“灯还亮着。”", True),
        ("They left late.", True),
        ("灯还亮着。（张三）", True),
        ("灯还亮着，", False),
        ("夜里的灯", False),
        ("", False),
    ],
)
def test_a_line_ends_a_sentence_closing_marks_aside(text, ends):
    assert ends_sentence(text) is ends


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("夜里的灯", True),
        ("灯还亮着。", True),
        ("灯还亮着。他", False),
        ("天还没有亮，", False),
        ("他说“先上", False),
        ("他说“先上”", True),
    ],
)
def test_a_phrase_could_stand_alone(text, phrase):
    assert is_phrase(text) is phrase


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["近两千名住", "户的餐食"], "近两千名住户的餐食"),
        (["our own", "house"], "our own house"),
        (["1", "6日"], "16日"),
        (["1992.", "6万吨"], "1992.6万吨"),
        (["0731-", "2868"], "0731-2868"),
        (["共有3", "个小区"], "共有3个小区"),
        (["the end.", "然后"], "the end.然后"),
    ],
)
def test_torn_lines_are_joined_as_their_script_wants(parts, whole):
    assert glue(parts) == whole


def test_ranges_follow_their_words_when_white_space_changes():
    parts = [(" 一、  种子", ((0, 4), (5, 7))), ("", ()), ("(1) 早稻\n ", ((0, 4), (5, 8)))]
    text = "一、 种子\n(1) 早稻"
    assert [text[start:end] for start, end in relocate(text, parts)] == ["一、", "种子", "(1)", "稻"]
    assert relocate("种子", [("种子", ())]) == ()
