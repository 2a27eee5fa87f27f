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
        ("谁写的", "about"),
        ("这些报道是谁写的", "about"),
        ("报道了什么", "about"),
        ("這些報道講了什麼", "about"),
        ("这些通知讲了什么", "about"),
        ("你们有哪些报道", "list"),
        ("请列出所有报道", "list"),
        ("你这里有哪些材料", "list"),
        ("最近有什么报道", "latest"),
        ("what's the latest report", "latest"),
        ("现在有多少篇报道了", "count"),
        ("總共幾篇", "count"),
        ("库里一共有多少份文件", "count"),
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
        "有哪些材料",
        "材料清单",
        "列出所有材料",
        "一共多少份材料",
        "材料一共几份",
        "通知说了什么",
        "通知写了什么",
        "通知是谁写的",
        "最新通知是什么",
        "申请补贴需要有哪些材料",
        "有哪些报道提到了口罩",
        "感谢信是谁写的",
        "what documents do I need",
        "总共现在" * 200,
        "口罩",
        "",
    ],
)
def test_what_a_report_answers_is_none(question):
    assert asks_of_collection(question) is None
