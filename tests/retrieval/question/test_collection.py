"""Questions about the collection itself are told from those that a report answers."""

from __future__ import annotations

import pytest

from retrieval.question.collection import asks_of_collection


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("总共几篇？", "count"),
        ("一共有多少篇报道", "count"),
        ("How many reports are there?", "count"),
        ("有哪些报道？", "list"),
        ("列出所有报告", "list"),
        ("最新的是哪篇？", "latest"),
        ("最新的报道是什么", "latest"),
        ("Which is the latest report?", "latest"),
        ("这些报道讲了什么？", "about"),
        ("请问这些文章的主要内容是什么", "about"),
        ("What are these reports about?", "about"),
    ],
)
def test_what_is_asked_of_the_collection_is_told(question, kind):
    assert asks_of_collection(question) == kind


@pytest.mark.parametrize(
    "question",
    [
        "哪些报道提到了口罩？",
        "最新疫情如何？",
        "最近的医院在哪里？",
        "最新",
        "有多少志愿者？",
        "报道组有几个人？",
        "这些党员做了什么？",
        "口罩",
        "",
    ],
)
def test_what_a_report_answers_is_none(question):
    assert asks_of_collection(question) is None
