"""A message that asks several things is a question for each, with the subject carried over."""

from __future__ import annotations

import pytest

from retrieval.question.several import parts_of


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("任玉钢的妻子是谁？他去了哪里？", ["任玉钢的妻子是谁？", "任玉钢去了哪里？"]),
        ("株洲捐了多少口罩？长沙呢？", ["株洲捐了多少口罩？", "长沙捐了多少口罩？"]),
        ("支部筹得多少善款，用来买什么？", ["支部筹得多少善款", "支部用来买什么？"]),
        ("张文宏和孙蕴华分别是谁？", ["张文宏是谁？", "孙蕴华是谁？"]),
        ("轮渡单程票价和末班时间分别是多少？", ["轮渡单程票价是多少？", "轮渡末班时间是多少？"]),
        ("孙蕴华接听了多少通电话？张文宏说了什么？", ["孙蕴华接听了多少通电话？", "张文宏说了什么？"]),
        ("What did the branch buy? Who paid?", ["What did the branch buy?", "Who paid?"]),
    ],
)
def test_each_part_can_be_understood_alone(message, parts):
    assert parts_of(message) == parts


@pytest.mark.parametrize(
    "question",
    [
        "孙蕴华接听了多少通电话？",
        "疫情防控期间，支部有多少党员？",
        "谁在什么时候捐了多少？",
        "据报道，截至4月10日，孙蕴华接听了多少通电话？",
        "多少人？哪里人？做什么？怎么来？",
        "口罩",
        "",
    ],
)
def test_one_question_is_itself(question):
    assert parts_of(question) == [question]
