"""Whether a paragraph begins with its number already, so that it is not doubled."""

from __future__ import annotations

import pytest

from retrieval.corpus.formats.word.numbering import is_typed

TYPED = {
    "第四条": ["第四条 甲", "第四条甲"],
    "一、": ["一、甲", "一.甲"],
    "（一）": ["（一）甲", "(一)甲"],
    "1.": ["1.甲", "１．甲", "1、甲"],
    "(1)": ["（1）甲"],
    "1)": ["1）甲"],
    "1": ["1 甲", "1、甲"],
    "1.1": ["1.1 甲"],
    "①": ["①甲"],
    "A.": ["A. 甲"],
    "——": ["——甲"],
}
FIGURES = {
    "第四条": ["第五条修改为"],
    "一、": ["一是甲"],
    "1.": ["1.5万元的补贴", "1,200人", "1:30开会", "10.甲", "1 月 5 日"],
    "1": ["1月5日"],
    "1.1": ["1.1万元"],
    "①": ["1月"],
    "A.": ["A.I.助手"],
    "附件：": ["甲"],
}


@pytest.mark.parametrize("shown", TYPED)
def test_a_typed_number_is_seen_whatever_its_marks(shown):
    assert [text for text in TYPED[shown] if not is_typed(shown, text)] == []


@pytest.mark.parametrize("shown", FIGURES)
def test_a_figure_is_no_typed_number(shown):
    assert [text for text in FIGURES[shown] if is_typed(shown, text)] == []
