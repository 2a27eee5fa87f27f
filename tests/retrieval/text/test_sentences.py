"""Texts are cut into sentences where a reader would end them, and no character is lost."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.text.sentences import sentences_of

PROSE = st.text("社区志愿者送菜。！？；…，、：“”（）’.!?;, \nAB19", max_size=400)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def sentences(text):
    return [text[start:end] for start, end in sentences_of(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("张磊今年33岁。他不慌。谢谢你们!真的吗？", ["张磊今年33岁。", "他不慌。", "谢谢你们!", "真的吗？"]),
        ("他说：“我们先上。”大家都笑了。", ["他说：“我们先上。”", "大家都笑了。"]),
        ("体温测量；物资配送……清运垃圾。", ["体温测量；", "物资配送……", "清运垃圾。"]),
        ("辖区0.08平方公里，共有4个小区。", ["辖区0.08平方公里，共有4个小区。"]),
        ("They came early. They left late.", ["They came early.", " They left late."]),
        ("wenbao.cn 有说明。", ["wenbao.cn 有说明。"]),
        ("白菜五十斤\n土豆三十斤", ["白菜五十斤\n", "土豆三十斤"]),
        ("“好！”他说。然后他上楼去了。", ["“好！”他说。", "然后他上楼去了。"]),
        ("没有句号的话", ["没有句号的话"]),
        ("好。", ["好。"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text, expected):
    assert sentences(text) == expected


@given(st.one_of(PROSE, ANY))
@example("。。。。")
@example("……”")
@example("3.14.")
def test_splitting_into_sentences_loses_no_character(text):
    assert "".join(sentences(text)) == text
    assert "" not in sentences(text)
