"""Of a value that was changed the new one answers, unless the old one is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answer.span.changes import of_the_time_asked
from retrieval.answer.span.find import find_span
from retrieval.question.question_type import question_type
from retrieval.text.characters import normalise

CHANGES = [
    ("票价多少钱？", "单程票价由四元调整为五元。", "四元", "五元"),
    ("图书馆几点闭馆？", "闭馆时间从晚上八点延长到晚上九点半。", "晚上八点", "晚上九点半"),
    ("招多少人？", "招生人数由原来的120人增加到165人。", "120人", "165人"),
    ("准确率是多少？", "准确率由62%提高到91%。", "62%", "91%"),
    ("中学校长是谁？", "中学校长由沈其昌变更为罗敏。", "沈其昌", "罗敏"),
    ("床位有多少张？", "床位从20张扩至50张。", "20张", "50张"),
    ("每户补助多少元？", "每户补助从300元上调至450元。", "300元", "450元"),
    ("收入是多少元？", "收入从2019年的100万元增长到2020年的200万元。", "100万元", "200万元"),
    ("人口有多少？", "人口从2010年11月的30万人，增长为2020年11月的45万人。", "30万人", "45万人"),
    ("低保标准是多少元？", "低保标准由每人每月500元提高到每人每月600元。", "500元", "600元"),
    ("养老金多少元？", "养老金由去年的每月500元，逐步提高到今年的每月600元。", "500元", "600元"),
    ("补助多少元？", "补助由每户1000元，提高到每户2000元。", "1000元", "2000元"),
    ("床位有多少张？", "床位由300张，增加至500张。", "300张", "500张"),
    ("产假有多少天？", "产假由98天延长60天至158天。", "98天", "158天"),
    ("床位有多少张？", "床位由1000张增加了200张，达到1200张。", "1000张", "1200张"),
    ("年龄上限是多少岁？", "年龄上限35周岁放宽至40周岁。", "35周岁", "40周岁"),
    ("房价是多少元？", "房价300元上浮至350元。", "300元", "350元"),
    ("税率是多少？", "税率由5%优化至3%。", "5%", "3%"),
    ("编制有多少人？", "编制由60人压至45人。", "60人", "45人"),
    ("贷款额度是多少万元？", "贷款额度由50万元核减至30万元。", "50万元", "30万元"),
    ("会议什么时候召开？", "会议时间由3月1日，推迟至3月8日。", "3月1日", "3月8日"),
    ("停车费多少钱？", "停车费由4元/2小时调整为5元/2小时。", "4元", "5元"),
]


def span_of(question, sentence):
    found = find_span(question, question_type(normalise(question)), sentence)
    return sentence[slice(*found)] if found else None


@pytest.mark.parametrize(("question", "sentence", "old", "new"), CHANGES)
def test_the_new_value_answers_and_the_old_one_only_where_it_is_asked_for(question, sentence, old, new):
    assert span_of(question, sentence) == new
    assert span_of(f"原来{question}", sentence) == old


@pytest.mark.parametrize(
    "question",
    [
        "12月31日之前票价调整为多少元？",
        "12月31日之前票价是多少元？",
        "2025年以前票价是多少元？",
        "周五之前票价是多少元？",
        "国庆节之前票价是多少元？",
        "过去一年票价涨到多少元？",
        "过去五年票价是多少元？",
        "过去一段时间票价是多少元？",
        "此前三个月票价是多少元？",
        "以前的票价涨到多少元？",
        "曾医生所在科室的票价是多少元？",
        "提前购票的票价是多少元？",
        "改革前提下票价是多少元？",
        "老人票价是多少元？",
        "目前票价是多少元？",
    ],
)
def test_words_that_only_look_like_earlier_times_ask_for_the_new_value(question):
    assert span_of(question, "票价由4元调整为5元。") == "5元"


@pytest.mark.parametrize(
    "question",
    [
        "之前票价是多少元？",
        "票价此前是多少元？",
        "过去的票价是多少元？",
        "以前一张票多少元？",
        "多年以前票价是多少元？",
        "票价曾是多少元？",
        "票价曾经为多少元？",
        "旧标准票价是多少元？",
        "老标准是多少元？",
        "改革前票价是多少元？",
        "涨价前票价是多少元？",
        "调价之前票价是多少元？",
        "提标前票价是多少元？",
        "新规实施前票价是多少元？",
        "從前票價是多少元？",
    ],
)
def test_words_for_the_time_before_a_change_ask_for_the_old_value(question):
    assert span_of(question, "票价由4元调整为5元。") == "4元"


@pytest.mark.parametrize("question", ["产假延长多少天？", "产假延长了多少天？", "产假延长了几天？"])
def test_the_step_of_a_change_answers_only_where_it_is_asked_for(question):
    assert span_of(question, "产假由98天延长60天至158天。") == "60天"


@pytest.mark.parametrize(
    ("question", "sentence", "span"),
    [
        ("从株洲到长沙多少公里？", "从株洲到长沙有50公里，票价20元。", "50公里"),
        ("报名费多少钱？", "报名费30元，押金100元。", "30元"),
        ("活动什么时候？", "活动自9月1日至12月20日。", "9月1日至12月20日"),
        ("每组多少人？", "每组从3人到5人不等。", "3人"),
        ("房价多少元？", "房价从30元上涨到50元不等。", "30元"),
        ("办理要多少天？", "办理需3至5天。", "3至5天"),
        ("几点开门？", "从早上8点到下午5点开门。", "早上8点到下午5点"),
    ],
)
def test_two_values_of_two_things_are_no_change(question, sentence, span):
    assert span_of(question, sentence) == span


@given(st.text("由从四五元调整为至到增加延长每了,。8天", max_size=30), st.lists(st.integers(0, 30), max_size=6))
def test_only_candidates_come_back_and_at_least_one_stays(text, edges):
    spans = sorted({(a, b) for a, b in zip(sorted(edges), sorted(edges)[1:], strict=False) if a < b <= len(text)})
    candidates = dict.fromkeys(spans, 1.0)
    kept = of_the_time_asked(candidates, text, "多少")
    assert set(kept) <= set(candidates)
    assert bool(kept) == bool(candidates)


@pytest.mark.parametrize(
    ("question", "sentence", "span"),
    [
        ("大豆收购价多少钱？", "大豆收购价每斤两元六角。", "两元六角"),
        ("车程多长时间？", "车程2小时40分钟。", "2小时40分钟"),
        ("判了多久？", "判处有期徒刑三年零六个月。", "三年零六个月"),
        ("中标价是多少？", "中标价人民币叁佰贰拾伍万陆仟元整。", "叁佰贰拾伍万陆仟元"),
        ("总投资多少？", "新建三座清水池，总投资四千三百万元。", "四千三百万元"),
        ("全年预算多少？", "为四十二户减免水费，全年预算一万二千六百元。", "一万二千六百元"),
    ],
)
def test_an_amount_is_whole_and_a_sum_is_money(question, sentence, span):
    assert span_of(question, sentence) == span
