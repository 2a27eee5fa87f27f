"""Greetings, thanks, questions about the bot and requests for work are told from questions."""

from __future__ import annotations

import pytest

from retrieval.question.small_talk import small_talk_of


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("你好", "greeting"), ("您好！", "greeting"), ("在吗？", "greeting"), ("Hello!", "greeting"),
        ("hi there", "greeting"),
        ("谢谢", "thanks"), ("非常感谢您的帮助！", "thanks"), ("Thank you very much", "thanks"), ("好的", "thanks"),
        ("你是谁？", "about"), ("请问你能做什么", "about"), ("怎么用", "about"), ("Who are you?", "about"),
        ("help", "about"),
        ("帮我写一首诗", "task"), ("写一首关于春天的诗", "task"), ("讲个笑话吧", "task"), ("Tell me a joke", "task"),
        ("Please translate this into French", "task"),
    ],
)  # fmt: skip
def test_a_message_that_asks_the_reports_nothing_is_small_talk(message, kind):
    assert small_talk_of(message) == kind


@pytest.mark.parametrize(
    "question",
    [
        "你好，请问口罩捐了多少？", "感谢信是谁写的？", "谁是孙蕴华？", "帮助孕妇产检的是谁？",
        "What can volunteers do?",
        "志愿者能做什么？", "谁写了请战书？", "写请战书的有哪些人？", "早上几点集合？",
        "口罩", "", "Who wrote the letter?",
    ],
)  # fmt: skip
def test_a_question_is_none(question):
    assert small_talk_of(question) is None
