"""What the collection holds is said from the reports themselves."""

from __future__ import annotations

import datetime as dt

from stub_encoder import StubEncoder

from retrieval.answer.answerer import Answerer
from retrieval.answer.collection.overview import first_rows, overview_of
from retrieval.notices import Listed
from retrieval.types import Filters, Question


def test_the_overview_counts_dates_lists_the_latest_first_and_names_who_and_where(seed_snapshot):
    overview = overview_of(seed_snapshot)
    assert (overview.documents, overview.passages) == (5, len(seed_snapshot.passages))
    assert (overview.date_from, overview.date_to) == (dt.date(2020, 2, 1), dt.date(2024, 5, 6))
    assert overview.reports[:2] == (
        Listed("000_615096fb3a9954a1", "党旗所指,行之所向——第一党支部凝心聚力抗疫工作纪实", dt.date(2024, 5, 6)),
        Listed("004_2ce852fb66e9e90e", "战“疫”的堡垒 防控的屏障——株洲各级基层党组织抗击疫情综述", dt.date(2020, 2, 1)),
    )
    assert [listed.date for listed in overview.reports[2:]] == [None] * 3
    assert "陈丽敏" in overview.people
    assert not {"关怀", "范畴"} & set(overview.people)
    assert "党组织" not in overview.places
    assert "株洲" in overview.places
    assert "株洲日报" in overview.sources


def test_an_overview_is_of_the_reports_that_the_filters_admit(seed_snapshot):
    some = Filters(date_from=dt.date(2024, 1, 1))
    answer = Answerer(seed_snapshot, StubEncoder()).ask(Question("总共几篇？", filters=some))
    [listed] = answer.overview.reports
    assert listed.document_id == "000_615096fb3a9954a1"
    assert answer.overview.documents == 1
    assert answer.overview.passages == sum(one.document_id == listed.document_id for one in seed_snapshot.passages)
    assert {citation.document_id for citation in answer.citations} == {listed.document_id}


def test_a_question_about_the_collection_cites_the_beginnings_of_the_reports(seed_snapshot):
    answer = Answerer(seed_snapshot, StubEncoder()).ask(Question("有哪些报道？", top_k=3))
    assert (answer.status, answer.answer, answer.overview) == ("related", None, overview_of(seed_snapshot))
    assert [citation.document_id for citation in answer.citations] == [
        listed.document_id for listed in answer.overview.reports[:3]
    ]
    assert [citation.number for citation in answer.citations] == [1, 2, 3]
    rows = first_rows(seed_snapshot, answer.overview.reports)
    assert [seed_snapshot.passages[row].start for row in rows] == [0] * 5
