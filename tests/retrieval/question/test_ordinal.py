"""A part of a report that is asked for by its number, and the passages that bear it."""

from __future__ import annotations

import pytest

from retrieval.question.ordinal import Ordinal, ordinal_of
from retrieval.text.characters import normalise


@pytest.mark.parametrize(
    ("question", "ordinal"),
    [
        ("第十条规定了什么？", Ordinal(10, "条")),
        ("管理办法第 12 条的内容", Ordinal(12, "条")),
        ("通知第三點說了什麼？", Ordinal(3, "点")),
        ("第二十一章讲什么", Ordinal(21, "章")),
        ("第二部分是什么", Ordinal(2, "部分")),
        ("What does Article 10 say?", Ordinal(10, "条")),
        ("第三届运动会在哪里开？", None),
        ("第一批队员有多少人？", None),
        ("一共有几条？", None),
        ("第条是什么", None),
    ],
)
def test_a_question_may_ask_for_a_part_by_its_number(question, ordinal):
    assert ordinal_of(normalise(question)) == ordinal


@pytest.mark.parametrize(
    ("ordinal", "text", "marked"),
    [
        (Ordinal(10, "条"), "第十条　禁止使用明火。", True),
        (Ordinal(10, "条"), "第10条 禁止使用明火。", True),
        (Ordinal(10, "条"), "第十六条　违反第十条规定的，处以罚款。", False),
        (Ordinal(10, "条"), "第十章 附则", False),
        (Ordinal(10, "条"), "十、附则", False),
        (Ordinal(3, "点"), "三、货款在七日内打入银行卡。", True),
        (Ordinal(3, "点"), "3. 货款在七日内打入银行卡。", True),
        (Ordinal(3, "点"), "（三）货款在七日内打入银行卡。", True),
        (Ordinal(3, "点"), "③货款在七日内打入银行卡。", True),
        (Ordinal(3, "点"), "三是货款在七日内打入银行卡。", True),
        (Ordinal(3, "点"), "3.5万元已经打入银行卡。", False),
        (Ordinal(3, "点"), "三天后货款打入银行卡。", False),
        (Ordinal(3, "点"), "第三条 货款。", False),
        (Ordinal(3, "点"), "", False),
    ],
)
def test_a_passage_bears_a_number_where_it_begins_with_it(ordinal, text, marked):
    assert ordinal.marks(text) is marked
