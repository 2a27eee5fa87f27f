"""Reprints, versions and copied notices among the hits, and in the citations, from files to answers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from asking import Belief, analysed
from related_reports import MORE_SUBSIDY, NEWS, NOTE, NOTICE, SUBSIDY, as_file, reworded
from stub_encoder import StubEncoder

from retrieval.answer.answerer import Answerer
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.related import Difference, Version
from retrieval.types import Filters, Question

WIDE = StubEncoder(dimension=384)
FIGURE = Difference("figure", "八十万册", "八十五万册")
OTHERS = {"z.txt": as_file("天气", "2024-05-07", ["明天多云，最高气温二十五度。", "夜里有小雨，出门请带伞。"])}
CORRECTED = reworded(NEWS, ("八十万册", "八十五万册"))
LIBRARY = {
    "c.txt": as_file("开馆", "2024-05-07", NEWS),
    "b.txt": as_file("新馆开门迎客", "2024-05-08", CORRECTED),
    "a.txt": as_file("开馆", "2024-05-09", (*NEWS, NOTE)),
}
RULES = {
    "old.txt": as_file("砚山县补贴办法", "2019-03-01", [SUBSIDY, "申请人应当提交户口簿和近期照片。"]),
    "new.txt": as_file(
        "砚山县补贴办法（修订）", "2023-07-01", [MORE_SUBSIDY, "2019年印发的《砚山县补贴办法》同时废止。"]
    ),
}


@pytest.fixture
def answerer_of(corpus_of, tmp_path):
    """Index these files and return what answers from them."""

    def index(files):
        build_index([corpus_of({**files, **OTHERS})], tmp_path / "index", WIDE)
        return Answerer(load_snapshot(tmp_path / "index"), WIDE, confidence=Belief(0.9).confidence)

    return index


@pytest.fixture
def ask(answerer_of):
    """Index these files and return how to ask them."""

    def asker(files):
        answerer = answerer_of(files)
        return lambda question, **options: answerer.ask(Question(question, **options))

    return asker


def reports(answer):
    return [citation.document_id for citation in answer.citations]


def quotes(answer):
    return [citation.quote for citation in answer.citations]


def listed(citation):
    return [(one.document_id, one.paragraph, one.date, one.differences) for one in citation.duplicates]


# Reprints


def test_the_first_report_is_cited_and_its_reprints_are_listed_with_what_they_changed(ask):
    answer = ask(LIBRARY)("新馆藏书多少册？")
    first = answer.citations[0]
    assert (first.document_id, first.quote) == ("c", NEWS[1])
    assert listed(first) == [
        ("b", 2, dt.date(2024, 5, 8), (FIGURE, Difference("title", "开馆", "新馆开门迎客"))),
        ("a", 2, dt.date(2024, 5, 9), (Difference("addition", "", NOTE),)),
    ]
    assert sum(quote in (NEWS[1], CORRECTED[1]) for quote in quotes(answer)) == 1


def test_what_only_a_reprint_says_is_cited_from_it(ask):
    answer = ask(LIBRARY)("暑假期间延长开放时间吗？")
    assert (answer.citations[0].document_id, answer.citations[0].quote) == ("a", NOTE)


def test_where_filters_leave_out_the_first_report_the_next_is_cited_and_compared_with_the_others(ask):
    filters = Filters(documents=frozenset({"a", "b"}))
    first = ask(LIBRARY)("新馆藏书多少册？", filters=filters).citations[0]
    assert (first.document_id, first.quote) == ("b", CORRECTED[1])
    back = (
        Difference("figure", "八十五万册", "八十万册"),
        Difference("title", "新馆开门迎客", "开馆"),
        Difference("addition", "", NOTE),
    )
    assert listed(first) == [("a", 2, dt.date(2024, 5, 9), back)]


def test_a_reprint_that_cuts_its_paragraphs_otherwise_is_listed_once_and_does_not_come_first(ask):
    files = {
        "b.txt": as_file("开馆", "2024-05-07", ["".join(NEWS[:5]), "".join(NEWS[5:])]),
        "a.txt": as_file("开馆", "2024-05-08", NEWS),
    }
    answer = ask(files)("新馆藏书多少册？")
    assert reports(answer)[0] == "b"
    assert listed(answer.citations[0]) == [("a", 1, dt.date(2024, 5, 8), ())]
    assert "a" not in reports(answer)


def test_a_reprint_that_joins_paragraphs_is_listed_beside_each_and_comes_behind_none(ask):
    asked = ask(
        {
            "b.txt": as_file("开馆", "2024-05-07", NEWS),
            "a.txt": as_file("开馆", "2024-05-08", ["".join(NEWS[:5]), "".join(NEWS[5:])]),
        }
    )
    for place in (1, 3):
        answer = asked(NEWS[place])
        assert answer.citations[0].quote == NEWS[place]
        assert listed(answer.citations[0]) == [("a", 1, dt.date(2024, 5, 8), ())]
        assert "a" not in reports(answer)


def test_a_report_without_a_date_is_no_first_report(ask):
    files = {"a.txt": "开馆\n\n" + "\n\n".join(NEWS), "b.txt": as_file("开馆", "2024-05-07", CORRECTED)}
    first = ask(files)("新馆藏书多少册？").citations[0]
    assert (first.document_id, [one.document_id for one in first.duplicates]) == ("b", ["a"])


def test_a_sentence_that_unrelated_reports_share_is_one_hit_without_differences(ask):
    files = {
        "b.txt": as_file("甲", "2024-05-07", [NEWS[1], NOTICE[1]]),
        "a.txt": as_file("乙", "2024-05-08", NEWS[1:4]),
    }
    first = ask(files)("新馆藏书多少册？").citations[0]
    assert (first.document_id, listed(first)) == ("b", [("a", 1, dt.date(2024, 5, 8), ())])


# Notices that towns copied


@pytest.mark.parametrize("town", ["红旗镇", "青山镇", "柳河镇"])
def test_of_copied_notices_the_one_of_the_town_asked_about_is_cited_and_none_is_a_reprint(ask, town):
    towns = {"a": "红旗镇", "b": "青山镇", "c": "柳河镇"}
    files = {
        f"{name}.txt": as_file(
            f"{one}防汛会议通知", "2023-06-10", [NOTICE[0].replace("红旗镇", one), *NOTICE[1:], *NEWS[3:6]]
        )
        for name, one in towns.items()
    }
    answer = ask(files)(f"{town}参会人员要提前多久签到？")
    assert answer.citations[0].quote == NOTICE[3]
    assert towns[answer.citations[0].document_id] == town
    assert {citation.duplicates for citation in answer.citations} == {()}


# Versions


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("补贴每人每月多少元？", "new", "old"),
        ("2023年补贴每人每月多少元？", "new", "old"),
        ("2019年补贴每人每月多少元？", "old", "new"),
        ("2021年补贴每人每月多少元？", "old", "new"),
    ],
)
def test_the_version_in_force_is_cited_first_unless_the_year_of_another_is_asked_about(ask, question, first, second):
    answer = ask(RULES)(question)
    both = [citation for citation in answer.citations if citation.quote in (SUBSIDY, MORE_SUBSIDY)]
    assert [citation.document_id for citation in both] == [first, second]
    assert answer.citations[0] == both[0]
    assert answer.conflicting == ()


def test_a_replaced_version_says_by_which_and_the_newer_what_it_replaced(ask):
    cited = {citation.document_id: citation for citation in ask(RULES)("补贴每人每月多少元？").citations}
    assert cited["old"].superseded_by == Version("new", "砚山县补贴办法（修订）", dt.date(2023, 7, 1))
    assert cited["new"].supersedes == (Version("old", "砚山县补贴办法", dt.date(2019, 3, 1)),)
    assert (cited["new"].superseded_by, cited["old"].supersedes, cited["old"].duplicates) == (None, (), ())


def test_what_only_the_older_version_says_is_cited_from_it_with_the_note(ask):
    first = ask(RULES)("申请人应当提交户口簿和照片吗？").citations[0]
    assert (first.document_id, first.superseded_by.document_id) == ("old", "new")


def test_a_question_about_the_repeal_is_answered_by_the_version_that_says_it(ask):
    first = ask(RULES)("2019年印发的补贴办法废止了吗？").citations[0]
    assert (first.document_id, first.paragraph) == ("new", 2)


def test_the_same_clause_of_both_versions_is_no_reprint_and_the_newer_is_cited_first(ask):
    clause = "申请人应当提交户口簿和近期照片。"
    files = {**RULES, "new.txt": as_file("砚山县补贴办法（修订）", "2023-07-01", [MORE_SUBSIDY, clause])}
    answer = ask(files)("申请人应当提交什么？")
    assert reports(answer)[:2] == ["new", "old"]
    assert [citation.duplicates for citation in answer.citations[:2]] == [(), ()]
    assert reports(ask(files)("2019年申请人应当提交什么？"))[0] == "old"


def test_superseding_goes_before_reprinting(ask):
    files = {
        "old.txt": as_file("砚山县补贴办法", "2019-03-01", (SUBSIDY, *NEWS)),
        "new.txt": as_file("砚山县补贴办法", "2023-07-01", (MORE_SUBSIDY, *NEWS)),
        "paper.txt": as_file("砚山县补贴办法", "2023-07-03", (MORE_SUBSIDY, *NEWS), "临江晚报"),
    }
    first = ask(files)("补贴每人每月多少元？").citations[0]
    assert (first.document_id, [one.document_id for one in first.duplicates]) == ("new", ["paper"])
    assert [version.document_id for version in first.supersedes] == ["old"]


def test_the_features_stand_in_the_order_of_the_hits(answerer_of):
    answerer = answerer_of({**LIBRARY, **RULES})
    for question in ("新馆藏书多少册？", "补贴每人每月多少元？", "2019年补贴多少？"):
        ranking = answerer.retriever.rank(analysed(answerer, question, WIDE), 20)
        rows = [hit.row for hit in ranking.hits]
        assert rows == ranking.features.rows[: len(rows)].tolist()
        lifted = ranking.lifted({rows[-1]}, 0.5)
        assert [hit.row for hit in lifted.hits] == lifted.features.rows[: len(rows)].tolist()
        assert np.all(np.diff([hit.score for hit in lifted.hits]) <= 0)
