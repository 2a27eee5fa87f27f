"""What several reports say together: lists, figures that agree, and figures that contradict each other."""

from __future__ import annotations

import pytest
from stub_encoder import StubEncoder

from retrieval.answer.agreement import NEAR, SENTENCE_NEAR, Several, candidates, compare, one_per_report
from retrieval.answer.answerer import Answerer
from retrieval.answer.confidence import status_of
from retrieval.answer.reading import Reading
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.types import AnswerText, Filters, Hit, Question

HOW_MANY = "千金药房捐赠了多少个防护口罩?"


def reading(text, span, score=1.0):
    """Read all of ``text``; the span is what stands in it."""
    place = None if span is None else (text.index(span), text.index(span) + len(span))
    return text, Reading(0, len(text), score, score, place, 0)


def hits(*rows_and_scores):
    return [Hit(row, score, {}) for row, score in rows_and_scores]


@pytest.fixture
def answerer(corpus_of, tmp_path):
    """Answer from these files, always sure unless told otherwise."""

    def index(files, sure=0.99):
        build_index([corpus_of(files)], tmp_path / "index", StubEncoder())
        return Answerer(load_snapshot(tmp_path / "index"), StubEncoder(), confidence=lambda signals: sure)

    return index


def said(answer):
    """Return (report, sentence, span) of what supports and what contradicts an answer."""
    return tuple(
        [(answer.citations[one.citation - 1].document_id, one.text, one.span) for one in ones]
        for ones in (answer.supporting, answer.conflicting)
    )


# Hits


def test_a_list_shows_each_near_report_first(seed_snapshot):
    reports = [passage.document_id for passage in seed_snapshot.passages]
    first, second = reports.index(reports[0]), next(row for row, report in enumerate(reports) if report != reports[0])
    third = next(row for row, report in enumerate(reports) if report not in (reports[0], reports[second]))
    ranked = hits((first, 1.0), (first + 1, 0.99), (second, 0.98), (second + 1, 0.97), (third, 1 - NEAR - 0.01))
    assert [hit.row for hit in one_per_report(ranked, seed_snapshot)] == [first, second, first + 1, second + 1, third]
    assert candidates(ranked, seed_snapshot, 3) == [2]
    assert candidates(ranked[:4] + hits((third, 0.97)), seed_snapshot, 3) == [2, 4]
    assert candidates(ranked[:4] + hits((third, 0.97)), seed_snapshot, 1) == [2]
    assert (one_per_report(ranked[:1], seed_snapshot), candidates(ranked[:1], seed_snapshot, 3)) == ((ranked[0],), [])


# Readings


@pytest.mark.parametrize(
    ("first", "other", "supporting", "conflicting"),
    [
        (("捐了5000个口罩", "5000个"), ("共5000个", "5000个"), True, False),
        (("捐了5000个口罩", "5000个"), ("共8000个", "8000个"), False, True),
        (("捐了5000个口罩", "5000个"), ("共５０００個", "５０００個"), True, False),
        (("捐了5000个口罩", "5000个"), ("捐了五千个", "五千个"), True, False),
        (("捐了11000元", "11000元"), ("捐了1.1万元", "1.1万元"), True, False),
        (("捐了5000个口罩", "5000个"), ("捐了5,000个", "5,000个"), True, False),
        (("接了近400通", "近400通"), ("接了400多通", "400多通"), True, False),
        (("接了近400通", "近400通"), ("接了大约400通", "大约400通"), True, False),
        (("接了近400通", "近400通"), ("接了500余通", "500余通"), False, True),
        (("捐了5000个口罩", "5000个"), ("有5000人", "5000人"), False, False),
        (("捐了5000个口罩", "5000个"), ("有8000元", "8000元"), False, False),
        (("捐了5000个口罩", "5000个"), ("没有说", None), False, False),
        (("没有说", None), ("捐了5000个", "5000个"), False, False),
        (("任玉钢去了", "任玉钢"), ("任玉鋼去了", "任玉鋼"), True, False),
        (("任玉钢去了", "任玉钢"), ("周文勇去了", "周文勇"), False, False),
        (("3月7日起", "3月7日"), ("三月七日", "三月七日"), True, False),
        (("3月7日起", "3月7日"), ("3月9日", "3月9日"), False, True),
        (("3月7日起", "3月7日"), ("2020年3月9日", "2020年3月9日"), False, False),
    ],
)
def test_figures_of_the_same_unit_agree_or_contradict(first, other, supporting, conflicting):
    found = compare(reading(*first), [(2, *reading(*other))], is_list=False)
    assert found == Several((2,) if supporting else (), (2,) if conflicting else ())


def test_only_what_answers_about_as_well_counts():
    first = reading("捐了5000个", "5000个")
    near, far = (
        reading("捐了8000个", "8000个", 1.001 - SENTENCE_NEAR),
        reading("捐了9000个", "9000个", 0.99 - SENTENCE_NEAR),
    )
    assert compare(first, [(1, *far), (2, *near), (4, *first)], is_list=False) == Several((4,), (2,))
    assert compare(first, [], is_list=False) == Several()


def test_to_a_list_every_near_one_adds():
    first, other = reading("一支部捐了款", None), reading("二支部捐了5000元", "5000元")
    assert compare(first, [(1, *other), (2, *reading("三", None, 0.5))], is_list=True) == Several((1,))


def test_other_things_can_stand_in_for_the_places():
    assert Several((1, 2), (3,)).map(str) == Several(("1", "2"), ("3",))


# From end to end


OTHERS = {
    f"z{number}.txt": text
    for number, text in enumerate(
        [
            "株洲的医生在医院做手术。",
            "灯一直亮到天明,大家都很辛苦。",
            "明天小区解封,居民排队测温。",
            "温海波在检疫点站了几小时。",
            "玉兰已开,春天还会远么。",
            "黄悦丰每天接待来访群众。",
        ]
    )
}
"""So many that what answers tells itself apart."""
TWO = {
    "a.txt": "千金药房捐赠了5000个防护口罩。",
    "b.txt": "千金药房捐赠了8000个防护口罩。",
    **OTHERS,
}


def test_reports_that_give_different_figures_contradict_each_other(answerer):
    answer = answerer(TWO).ask(Question(HOW_MANY))
    first = answer.citations[0].document_id
    other, figure = {"a": "b", "b": "a"}[first], {"a": "5000个", "b": "8000个"}
    assert answer.answer == AnswerText(f"千金药房捐赠了{figure[first]}防护口罩。", figure[first], 1, 0, 17, 7, 12)
    assert said(answer) == ([], [(other, f"千金药房捐赠了{figure[other]}防护口罩。", figure[other])])


def test_reports_that_give_the_same_figure_support_each_other(answerer):
    answer = answerer({**TWO, "b.txt": "千金药房捐赠了五千个防护口罩。"}).ask(Question(HOW_MANY))
    [(report, sentence, span)], conflicting = said(answer)
    assert conflicting == []
    assert {report, answer.citations[0].document_id} == {"a", "b"}
    assert span in sentence
    assert sentence in answer.citations[answer.supporting[0].citation - 1].quote


def test_figures_of_the_same_report_say_nothing_about_each_other(answerer):
    answer = answerer({"a.txt": "千金药房捐赠了5000个防护口罩。\n\n千金药房捐赠了8000个防护口罩。"}).ask(
        Question(HOW_MANY)
    )
    assert said(answer) == ([], [])


def test_what_is_not_cited_is_not_said_to_contradict(answerer):
    asked = answerer(TWO)
    assert said(asked.ask(Question(HOW_MANY, 1))) == ([], [])
    assert said(asked.ask(Question(HOW_MANY, filters=Filters(documents=frozenset({"a"}))))) == ([], [])


def test_a_list_is_answered_from_each_report_first(answerer):
    asked = answerer(
        {
            "a.txt": "一支部捐了款。\n\n一支部捐了款项。",
            "b.txt": "二支部捐了款。",
            "c.txt": "三支部捐了款。",
            **OTHERS,
        }
    )
    answer = asked.ask(Question("哪些支部捐了款?", 10))
    assert sorted(citation.document_id for citation in answer.citations[:3]) == ["a", "b", "c"]
    supporting, conflicting = said(answer)
    assert {report for report, *_ in supporting} | {answer.citations[0].document_id} == {"a", "b", "c"}
    assert conflicting == []
    assert all(one.text in answer.citations[one.citation - 1].quote for one in answer.supporting)


def test_an_answer_that_is_not_sure_is_not_supported(answerer):
    unsure = next(sure / 100 for sure in range(100) if status_of(sure / 100) == "related")
    answer = answerer(TWO, unsure).ask(Question(HOW_MANY))
    assert (answer.status, len(answer.citations)) == ("related", 5)
    assert (answer.answer, answer.supporting, answer.conflicting) == (None, (), ())
