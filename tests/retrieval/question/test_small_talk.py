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
        ("好的，谢谢", "thanks"), ("OK，谢谢", "thanks"), ("thanks for your help", "thanks"), ("謝謝", "thanks"),
        ("您好，您是谁", "about"), ("您好请问您是谁", "about"), ("hi there, who are you", "about"),
        ("你會什麼", "about"),
        ("你会写诗吗", "about"), ("你能帮我做什么", "about"), ("How do I use this bot?", "about"),
        ("幫我寫一首詩", "task"), ("翻译成英文", "task"), ("帮我把这句话翻译成英文", "task"),
        ("帮我写个python程序", "task"),
        ("帮我算一下1+1", "task"), ("给我讲个笑话", "task"), ("帮我订一张机票", "task"), ("谢谢你！再见", "thanks"),
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
        "给我讲讲补贴政策", "给我讲讲孙蕴华的事迹", "给我讲孙蕴华的故事", "给我讲一下疫苗接种流程",
        "帮我算一下60岁老人的津贴是多少",
        "给我们做核酸的护士叫什么", "为我们讲课的专家是谁", "為我們講課的專家是誰", "帮我订票的电话是多少",
        "写一份报告的要求是什么", "写一封感谢信的居民", "怎么用这个小程序挂号", "您能帮我查补贴吗",
        "你们可以接种疫苗吗",
        "how do I use the hotline", "how do you work out the subsidy", "what can you do to get the subsidy",
        "你好，孙蕴华接听了多少电话？", "谢谢，那口罩呢", "hello, who wrote the letter?",
    ],
)  # fmt: skip
def test_a_question_is_none(question):
    assert small_talk_of(question) is None
