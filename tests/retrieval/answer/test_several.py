"""What a message asks is answered part by part, in one list of citations."""

from __future__ import annotations

from dataclasses import replace

from handmade import FULL, OF_A_TABLE

from retrieval.answer.several import joined
from retrieval.notices import Notice
from retrieval.types import Answer

SILENT = Answer("not_found", 0.1, None, (), "000001-0123abcd", {"total": 2.0})


def test_each_answer_points_to_its_citation_and_those_that_answer_come_first():
    answer = joined([FULL, OF_A_TABLE], ["善款多少？", "名额多少？"], 3, "zh")
    assert [found.quote for found in answer.citations] == [
        FULL.citations[0].quote,
        OF_A_TABLE.citations[0].quote,
        FULL.citations[1].quote,
    ]
    assert [found.number for found in answer.citations] == [1, 2, 3]
    assert [(said.text, said.citation) for said in answer.answers] == [
        (FULL.answer.text, 1),
        (OF_A_TABLE.answer.text, 2),
    ]
    assert (answer.answer, answer.confidence, answer.notice) == (answer.answers[0], FULL.confidence, None)
    assert [said.citation for said in (*answer.supporting, *answer.conflicting)] == [3]  # the other is not cited now
    assert (answer.explanation, answer.timings_ms) == (None, {"total": 2.0})


def test_what_is_not_answered_is_named():
    answer = joined([SILENT, FULL], ["火锅怎么做？", "善款多少？"], 5, "zh")
    assert answer.notice == Notice("partly", "zh", "火锅怎么做？")
    assert (answer.answers, answer.answer) == ((), FULL.answer)
    assert answer.citations == FULL.citations


def test_a_passage_that_answers_both_is_cited_once():
    answer = joined([FULL, replace(FULL, supporting=(), conflicting=())], ["多少？", "何时？"], 5, "zh")
    assert [found.quote for found in answer.citations] == [found.quote for found in FULL.citations]
    assert [said.citation for said in answer.answers] == [1, 1]


def test_an_answer_that_is_cited_no_longer_is_named_too():
    answer = joined([FULL, OF_A_TABLE], ["善款多少？", "名额多少？"], 1, "zh")
    assert answer.notice == Notice("partly", "zh", "名额多少？")
    assert (answer.answers, len(answer.citations)) == ((), 1)
