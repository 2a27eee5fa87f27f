"""What was changed in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.relations.differences import changes, pieces


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("每人发放补贴六十元。", "每人发放补贴一百二十元。", [("figure", "六十元", "一百二十元")]),
        ("总投资1.2亿元，占地300亩", "总投资1.5亿元，占地300亩", [("figure", "1.2亿元", "1.5亿元")]),
        ("全市接种３００人", "全市接种３２０人", [("figure", "３００人", "３２０人")]),
        ("请于3月10日前上报。", "请于3月12日前上报。", [("date", "3月10日", "3月12日")]),
        ("王小明医生接诊患者。", "王晓明医生接诊患者。", [("name", "王小明", "王晓明")]),
        ("记者张丽报道", "记者刘洋报道", [("name", "张丽", "刘洋")]),
        ("会议在北京召开。", "会议在上海召开。", [("name", "北京", "上海")]),
        ("红旗镇的村民请注意。", "青山镇的村民请注意。", [("name", "红旗镇", "青山镇")]),
        ("柳河乡的老人领取补贴。", "双河乡的老人领取补贴。", [("name", "柳河乡", "双河乡")]),
        ("申请人可以提交照片。", "申请人不得提交照片。", [("negation", "可以", "不得")]),
        ("申请人提交照片。", "申请人不提交照片。", [("negation", "", "不")]),
        ("产量比去年增长5%", "产量比去年下降5%", [("wording", "增长", "下降")]),
        ("新增3例", "新增3例，其中2例为输入", [("addition", "", "，其中2例为输入")]),
        ("新增3例，其中2例为输入", "新增3例", [("omission", "，其中2例为输入", "")]),
        ("读者很多，都说好。", "读者很多,都说好!", []),
    ],
)
def test_a_change_is_named_by_its_kind_and_in_whole_words(old, new, found):
    assert [(one.kind, one.old, one.new) for one in changes(old, new)] == found


TEXT = st.text(st.sampled_from("红旗镇王小明送了三百个口罩2月5日，不。 \n"), max_size=20)


@given(TEXT)
def test_a_sentence_is_cut_without_gaps(text):
    assert "".join(text[piece.start : piece.end] for piece in pieces(text)) == text


@given(TEXT, TEXT)
def test_what_was_changed_stands_in_the_sentences_verbatim_and_differs(old, new):
    for found in changes(old, new):
        assert found.old in old
        assert found.new in new
        assert found.old != found.new
    assert list(changes(old, old)) == []
