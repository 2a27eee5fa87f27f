"""Units: each word once, and none where it is part of another word."""

from __future__ import annotations

import re

import pytest

from retrieval.text import units
from retrieval.text.numerals import fold_numerals
from retrieval.text.units import FIGURE, UNIT, UNITS


def test_every_selection_takes_its_words_from_the_one_table():
    table = {word for words in units._WORDS.values() for word in words.split()}
    chosen = (
        units._COUNTED,
        units._COUNTED_BY_TENS,
        units._COUNTED_BY_ONE,
        units._WITH_DECIMALS,
        units._OFTEN_COUNTED,
        *units._NOT_BEFORE,
        *units._NOT_BEHIND,
    )
    assert {word for words in chosen for word in words.split()} - table == set()


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("个半小时的会", "个半小时"),
        ("平方公里的湖", "平方公里"),
        ("千瓦时电", "千瓦时"),
        ("人转移到高地", "人"),
        ("支部队", "支"),
        ("支部", None),
        ("项目标", "项"),
        ("项目", None),
        ("种类型", "种"),
        ("种类", None),
        ("部分", "部分"),
        ("次要求", "次"),
        ("月", None),
    ],
)
def test_a_unit_is_read_whole_and_never_out_of_another_word(text, unit):
    found = re.match(UNIT, text)
    assert (found and found[0]) == unit


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("三支部队", "3支部队"),
        ("三支部的人", "三支部的人"),
        ("五项目标", "5项目标"),
        ("四周年", "4周年"),
        ("四周围", "四周围"),
        ("二人转", "二人转"),
        ("二人转移", "二人转移"),
        ("三部分", "3部分"),
        ("三种类型", "3种类型"),
    ],
)
def test_a_numeral_is_folded_before_a_unit_and_not_before_another_word(text, folded):
    assert fold_numerals(text) == folded


def test_a_word_may_be_of_two_classes():
    assert [name for name, words in UNITS.items() if re.fullmatch(words, "块")] == ["money", "thing"]


@pytest.mark.parametrize(
    ("text", "figure"), [("来了三个人", True), ("三心二意", False), ("两人转院", True), ("统一", False)]
)
def test_a_figure_is_a_digit_or_a_counted_numeral(text, figure):
    assert bool(FIGURE.search(text)) is figure
