"""A sentence that says nothing by itself is shown with the one before it, as one stretch."""

from __future__ import annotations

import pytest

from retrieval.answer.adjacent import MOST_CHARACTERS, shown_from
from retrieval.text.sentences import sentences_of


def shown(text, chosen):
    spans = sentences_of(text)
    return text[shown_from(text, spans, chosen) : spans[chosen][1]]


@pytest.mark.parametrize(
    "second",
    [
        "他累计接听电话近400通。",
        "她说不累。",
        "“他们都没有回家。”",
        "该中心设床位八十张。",
        "每户补助三百元。",
        "其负责人说已经修好。",
        "上述人员均已返岗。",
        "这项工作持续了三天。",
    ],
)
def test_a_sentence_that_leans_is_shown_with_the_one_before(second):
    assert shown(f"孙蕴华是护士。{second}", 1) == f"孙蕴华是护士。{second}"


@pytest.mark.parametrize(
    "second", ["孙蕴华累计接听电话近400通。", "其他人都回家了。", "每天有三班车。", "他人不得入内。", "其实并不远。"]
)
def test_a_sentence_that_stands_alone_is_shown_alone(second):
    assert shown(f"孙蕴华是护士。{second}", 1) == second


def test_the_first_sentence_has_none_before_it():
    assert shown("他累计接听电话近400通。别人没有。", 0) == "他累计接听电话近400通。"


def test_a_long_sentence_before_is_left_out():
    assert shown(f"{'很长' * MOST_CHARACTERS}。他接听电话。", 1) == "他接听电话。"
