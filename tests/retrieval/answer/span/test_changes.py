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
]


def span_of(question, sentence):
    found = find_span(question, question_type(normalise(question)), sentence)
    return sentence[slice(*found)] if found else None


@pytest.mark.parametrize(("question", "sentence", "old", "new"), CHANGES)
def test_the_new_value_answers_and_the_old_one_only_where_it_is_asked_for(question, sentence, old, new):
    assert span_of(question, sentence) == new
    assert span_of(f"原来{question}", sentence) == old


@pytest.mark.parametrize(
    ("question", "sentence", "span"),
    [
        ("从株洲到长沙多少公里？", "从株洲到长沙有50公里，票价20元。", "50公里"),
        ("报名费多少钱？", "报名费30元，押金100元。", "30元"),
    ],
)
def test_two_values_of_two_things_are_no_change(question, sentence, span):
    assert span_of(question, sentence) == span


@given(st.text("由从四五元调整为至到增加，。8人", max_size=30), st.lists(st.integers(0, 30), max_size=6))
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
