"""A question, understood once: its topic, and what would answer it."""

from __future__ import annotations

import pytest
from stub_encoder import StubEncoder

from retrieval.question.query import analyse, topic_of
from retrieval.question.question_type import Wanted


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("哪些报道提到了党员捐款或募捐?", "党员捐款或募捐?"),
        ("请问哪几篇文章里讲过温海波", "温海波"),
        ("有哪些新闻涉及口罩？", "口罩？"),
        ("Which reports mention donations by party members?", "donations by party members?"),
        ("what articles are about masks", "masks"),
        ("哪些报道提到了?", "哪些报道提到了?"),
        ("哪些单位成立了支援小分队?", "哪些单位成立了支援小分队?"),
        ("哪些党员提到了困难?", "哪些党员提到了困难?"),
        ("这篇报道提到了谁?", "这篇报道提到了谁?"),
    ],
)
def test_reports_are_asked_for_by_their_topic(question, topic):
    assert topic_of(question) == topic


@pytest.mark.parametrize(
    ("question", "wanted", "is_list", "is_language", "wants_number"),
    [
        ("孙蕴华接听了多少通电话?", Wanted("number", (), ""), False, True, True),
        ("誰在青年公寓裡送外賣?", Wanted("person"), False, True, False),
        ("哪些支部捐了款?", Wanted("people"), True, True, False),
        ("Which branches donated?", None, True, True, False),
        ("为什么要捐款?", None, False, True, False),
        ("x = y[0]; return", None, False, False, False),
    ],
)
def test_what_would_answer_is_found_out_once(question, wanted, is_list, is_language, wants_number):
    query = analyse(question, StubEncoder(), lambda word: True)
    assert (query.is_list, query.is_language, query.wants_number) == (is_list, is_language, wants_number)
    assert query.wanted is None if wanted is None else (query.wanted.kind == wanted.kind)


def test_reports_that_are_asked_for_are_a_list_of_which_only_the_topic_is_looked_up():
    query = analyse("哪些报道提到了党员捐款?", StubEncoder(), lambda word: True)
    assert (query.text, query.is_list) == ("党员捐款?", True)


def test_a_name_that_the_index_does_not_know_is_also_looked_up_by_its_sound(seed_snapshot):
    known = analyse("孙云华接听了什么?", StubEncoder(), lambda word: True)
    unknown = analyse("孙云华接听了什么?", StubEncoder(), lambda word: False)
    assert (known.pinyin, "sunyunhua" in unknown.pinyin) == ((), True)


@pytest.mark.parametrize(
    ("question", "sentence", "said"),
    [
        ("2019年有多少人参加？", "民国108年增加为1,534名。", 1),
        ("2019年有多少人参加？", "二〇一九年五月有1,534人。", 1),
        ("2019年有多少人参加？", "2018年有1,286人。", -1),
        ("2019年有多少人参加？", "2018年有1,286人，2019年有1,534人。", 1),
        ("2019年有多少人参加？", "共有1,286人。", 0),
        ("有多少人参加？", "2018年有1,286人。", 0),
    ],
)
def test_a_sentence_names_the_time_asked_about_another_one_or_none(question, sentence, said):
    assert analyse(question, StubEncoder(), lambda _: True).names_its_time(sentence) == said
