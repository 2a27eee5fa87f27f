"""Records as texts that any store can keep."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from handmade import an_answer_text

from bot.reply import Asker, Reply
from bot.service.remembered.recent import votable
from bot.service.remembered.wording import Wording
from retrieval.explained import ExplainedHit, Explanation, LegScore, TokenPair
from retrieval.notices import Differs, Listed, Notice, Overview
from retrieval.parts import NamedCell, NamedRow
from retrieval.related import Difference, Reprint, Version
from retrieval.types import Answer, AppliedFilter, Citation, Filters, Question, Turn

DAY = dt.date(2020, 2, 29)
REPRINT = Reprint("b", None, "题目", DAY, (Difference("figure", "18", "19"),), 2)
CITATION = Citation(
    *(1, "某/报告", "题目\x00", DAY, "株洲日报", None, 10, 17, "站18个小时。😀", 0.5),
    duplicates=(REPRINT,),
    row=NamedRow((NamedCell("机具", 0, 2, 1),), "引"),
    aside=3,
    kind="caption",
    version="abc",
    context=("前", "后"),
    superseded_by=Version("c", "新", None),
    supersedes=(Version("d", "旧", DAY),),
    recognised_page=4,
)
HIT = ExplainedHit("某/报告", 1, 0.5, {"dense": LegScore(1, 0.25)}, ("站",), (TokenPair("站", "站", 1.0),))
FULL = Answer(
    "related",
    0.5,
    an_answer_text("站18个小时。", "站18个小时。", "18", 1),
    (CITATION,),
    "000001-abc",
    {"total": 1.5},
    explanation=Explanation("问", ("问",), {"dense": 1.0}, 0.5, {"margin": 0.1}, (HIT,)),
    understood_as="谁站了?",
    filters_applied=(AppliedFilter("2020年2月", DAY, None),),
    differs=Differs("张三", None),
    notice=Notice("differs", "zh", "张三"),
    overview=Overview(1, 2, DAY, None, (Listed("a", "题目", DAY),), ("张三",), (), ("株洲日报",)),
)
QUESTION = Question(
    "他呢?", 3, Filters(frozenset("ab"), DAY, None, "a*"), True, Turn("谁?", None, "题"), True, False, DAY
)
REPLY = Reply("r1", QUESTION, FULL, Asker("telegram", "7", "a*"))
WORDING = Wording(Reply, 1)


def test_a_record_comes_back_as_it_was():
    assert WORDING.record_in(WORDING.text_of(REPLY)) == REPLY
    assert "站18个小时" in WORDING.text_of(REPLY)


def test_half_a_surrogate_is_kept_in_a_text_that_any_store_can_write():
    half = Reply("r1", Question("谁\ud83d?"), FULL, Asker("web", None))
    text = WORDING.text_of(half)
    assert (text.encode().decode(), WORDING.record_in(text)) == (text, half)


@pytest.mark.parametrize(
    "text", [None, "", "no JSON", "[]", "7", '{"version": 1}', '{"version": 1, "record": {"request_id": 3}}']
)
def test_what_is_no_record_is_none(text):
    assert WORDING.record_in(text) is None


def test_a_record_of_another_version_is_none():
    assert Wording(Reply, 2).record_in(WORDING.text_of(REPLY)) is None


def test_what_a_vote_needs_of_a_reply_names_nobody_but_the_holder_of_a_key():
    kept = votable(REPLY)
    assert (kept.asker, kept.question) == (Asker("telegram", None, "a*"), Question("谁站了?"))
    assert votable(Reply("r1", QUESTION, FULL, Asker("web", "key:press"))).asker == Asker("web", "key:press")
    plain = Citation(1, "某/报告", "题目\x00", None, None, None, 10, 17, "站18个小时。😀", 0.5)
    assert kept.answer == Answer("related", 0.5, FULL.answer, (plain,), "000001-abc", {})
    assert len(json.dumps(WORDING.text_of(kept))) < len(WORDING.text_of(REPLY))
