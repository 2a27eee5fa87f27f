"""Spans that a model cut out of an amount or a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answer.span.whole import whole
from retrieval.question.question_type import question_type


def made_whole(question, sentence, cut):
    start = sentence.index(cut)
    first, last = whole(sentence, (start, start + len(cut)), question_type(question))
    return sentence[first:last]


@pytest.mark.parametrize(
    ("question", "sentence", "cut", "span"),
    [
        ("要多长时间?", "直达班车车程2小时40分钟,末班车为晚上八点三刻。", "40分钟", "2小时40分钟"),
        ("末班车几点?", "直达班车车程2小时40分钟,末班车为晚上八点三刻。", "晚上八点", "晚上八点三刻"),
        ("每斤多少钱?", "大豆收购价每斤两元六角,玉米每斤1元3角5分。", "两元", "两元六角"),
        ("玉米每斤多少钱?", "大豆收购价每斤两元六角,玉米每斤1元3角5分。", "3角", "1元3角5分"),
        ("接听了多少通?", "她累计接听电话近400通。", "400", "近400通"),
        ("什么时候截止?", "缴费自2020年9月1日至12月20日,逾期不予补缴。", "12月20日", "12月20日"),
        ("什么时候开始?", "缴费自2020年9月1日至12月20日,逾期不予补缴。", "9月1日", "2020年9月1日"),
        ("谁是队长?", "队长由孙蕴华担任。", "蕴华", "孙蕴华"),
        ("校长是谁?", "校长由沈其昌变更为罗敏之。", "罗敏", "罗敏之"),
        ("队长做什么?", "队长由孙蕴华担任。", "蕴华", "蕴华"),
    ],
)
def test_what_a_span_cuts_in_two_is_made_whole(question, sentence, cut, span):
    assert made_whole(question, sentence, cut) == span


@given(st.text("一二三百元角年月日至到约王孙,。12", max_size=30), st.data())
def test_a_span_only_grows_and_twice_is_once(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = found = whole(text, (start, end), None)
    assert 0 <= first <= start <= end <= last <= len(text)
    assert whole(text, found, None) == found
