"""Whether a report is a reprint of another, and what it changed."""

from __future__ import annotations

import pytest
from related_reports import NEWS, NOTE, NOTICE, a_report, reworded

from retrieval.index.relations.comparison import Comparison

TITLE = "临江市图书馆新馆开馆"


def compared(first, other, title=TITLE, other_title=TITLE, sources=(None, None)):
    return Comparison.of(
        a_report("a", title, first, "2024-05-07", sources[0]),
        a_report("b", other_title, other, "2024-05-08", sources[1]),
    )


def judged(comparison):
    return comparison.is_reprint, [(one.kind, one.old, one.new) for one in comparison.differences]


@pytest.mark.parametrize(
    ("changed", "differences"),
    [
        (NEWS, []),
        (("".join(NEWS[:5]), "".join(NEWS[5:])), []),
        (("新华社临江5月7日电（记者 王平）" + NEWS[0], *NEWS[1:]), []),
        (reworded(NEWS, ("八十万册", "八十五万册")), [("figure", "八十万册", "八十五万册")]),
        (reworded(NEWS, ("周文清", "周文青")), [("name", "周文清", "周文青")]),
        (reworded(NEWS, ("滨河路", "滨江路")), [("name", "滨河路", "滨江路")]),
        ((*NEWS, NOTE), [("addition", "", NOTE)]),
        (NEWS[:5] + NEWS[6:], [("omission", NEWS[5], "")]),
        ((NEWS[0], *NEWS[2:], NEWS[1]), []),
    ],
)
def test_a_reprint_says_what_it_changed(changed, differences):
    assert judged(compared(NEWS, changed)) == (True, differences)


def test_a_new_headline_is_a_difference_and_a_made_up_one_is_none():
    assert judged(compared(NEWS, NEWS, other_title="新馆首日迎客三千")) == (
        True,
        [("title", TITLE, "新馆首日迎客三千")],
    )
    assert judged(compared(NEWS, NEWS, other_title=None)) == (True, [])


@pytest.mark.parametrize(
    "changed",
    [
        (*reworded(NEWS, ("八十万册", "八十五万册")), NOTE),
        NEWS[:8],
        (*NEWS, *NOTICE),
        reworded(NEWS, ("周文清", "孙国强"), ("李红霞", "赵秀兰")),
        reworded(NEWS, ("5月6日", "6月8日"), ("三千二百人", "四千人")),
    ],
)
def test_what_shares_less_than_nine_tenths_or_has_other_people_is_no_reprint(changed):
    assert not compared(NEWS, changed).is_reprint


def test_in_a_short_report_one_sentence_may_differ_but_not_its_day():
    short = NEWS[1:5]
    assert compared(short, reworded(short, ("八十万册", "八十五万册"))).is_reprint
    assert not compared(short, reworded(short, ("八十万册", "八十五万册"), ("六百个", "五百个"))).is_reprint
    assert not compared(short[:3], reworded(short[:3], ("八十万册", "八十五万册"))).is_reprint
    assert not compared(NOTICE, reworded(NOTICE, ("6月15日", "6月18日"))).is_reprint


def test_the_next_bulletin_of_a_series_is_no_reprint():
    assert not compared(NEWS, NEWS, "工作简报第3期", "工作简报第4期").is_reprint
    assert not compared(NEWS, NEWS, "2月3日疫情通报", "2月4日疫情通报").is_reprint


@pytest.mark.parametrize(
    ("changed", "titles", "sources"),
    [
        (reworded(NOTICE, ("红旗镇", "青山镇")), ("关于召开防汛会议的通知",) * 2, (None, None)),
        (NOTICE[1:], ("红旗镇关于召开防汛会议的通知", "青山镇关于召开防汛会议的通知"), (None, None)),
        (NOTICE[1:], ("关于召开防汛会议的通知",) * 2, ("红旗镇人民政府", "青山镇人民政府")),
    ],
)
def test_a_notice_with_the_name_of_another_town_is_a_copy_and_no_reprint(changed, titles, sources):
    comparison = compared(NOTICE[-len(changed) :], changed, *titles, sources=sources)
    assert (comparison.is_reprint, comparison.is_copy) == (False, True)


def test_a_paper_of_another_place_may_reprint():
    comparison = compared(NEWS, NEWS, sources=("临江市融媒体中心", "江南晚报"))
    assert (comparison.is_reprint, comparison.is_copy) == (True, False)
