"""Questions made of reports: how clauses become questions, and which of them are kept."""

from __future__ import annotations

import pytest

from retrieval.answer.collection.examples import examples_of, questions_in
from retrieval.types import Question


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("截至昨天，支部共筹得善款2307元。", [("支部共筹得善款多少元？", "2307")]),
        ("孙蕴华累计接听电话近400通，很忙。", [("孙蕴华累计接听电话多少通？", "近400")]),
        ("王剑峰积极协调提供生活必需品。", [("谁积极协调提供生活必需品？", "王剑峰")]),
        ("他累计接听电话近400通。", []),  # nobody would know who he is
        ("王剑峰在接到任务之后。", []),  # no deed
        ("参加社区志愿服务158人次。", []),  # of whom is not said
        ("党员报到率达到了92.6%。", []),
        ("从3月1日到5月2日共有支部20个。", []),  # several figures
        ("", []),
    ],
)
def test_a_clause_with_one_amount_or_a_person_first_becomes_a_question(text, questions):
    assert list(questions_in(text)) == questions


def test_only_questions_are_kept_that_the_reports_answer_with_the_words_they_were_made_of(real_answerer):
    examples = examples_of(real_answerer.snapshot, real_answerer.ask)
    assert len(examples) == len(set(examples)) > 1
    answers = [real_answerer.ask(Question(example, top_k=1)) for example in examples]
    assert {answer.status for answer in answers} == {"answered"}
    assert len({answer.citations[0].document_id for answer in answers}) == len(examples)


def test_a_collection_that_answers_nothing_has_no_examples(seed_snapshot, real_answerer):
    nothing = real_answerer.ask(Question("你好"))
    assert examples_of(seed_snapshot, lambda question: nothing) == ()
