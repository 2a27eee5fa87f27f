"""A date that is understood in one place is understood in every other, however it is written."""

from __future__ import annotations

import datetime as dt

import pytest
from torn_text import document_of

from retrieval.corpus.habits import habits_of
from retrieval.corpus.lines import split_lines
from retrieval.corpus.metadata import is_date_line, stated_date
from retrieval.question.time_filter import time_filter
from retrieval.text.characters import fold
from retrieval.text.entities import times_in
from retrieval.text.times import TIME
from retrieval.text.words import words_of

DAY = dt.date(2020, 3, 25)
WRITINGS = (
    "2020年3月25日", "2020 年 3 月 25 日", "2020年03月25号", "二〇二〇年三月二十五日", "二零二零年三月廿五日",
    "二○二○年三月廿五日", "二0二0年三月二十五日", "二O二O年三月二十五日", "2020年三月廿五日",
    "民國109年3月25日", "民国一〇九年三月廿五日", "中華民國一百零九年三月二十五日", "109年3月25日",
    "２０２０年３月２５日", "２０２０－０３－２５", "2020-3-25", "2020/03/25", "2020.3.25", "2020. 3. 25",
    "2020 - 3 - 25", "2020–03–25", "25.03.2020", "25/3/2020", "3/25/2020",
    "March 25, 2020", "Mar 25, 2020", "Mar. 25th, 2020", "MARCH 25,2020", "25 Mar 2020", "25-Mar-2020",
    "25th of March, 2020", "Wednesday, March 25, 2020", "Wed, 25 Mar 2020", "2020년 3월 25일", "25 de marzo de 2020",
)  # fmt: skip
WITH_TIME = (
    "2020-03-25T08:00:00Z", "2020-03-25T08:00:00.000+08:00", "2020-03-25 08:00", "Wed, 25 Mar 2020 08:00:00 GMT",
    "2020年3月25日上午10:30", "2020年3月25日 星期三 10:30", "March 25, 2020 at 8:00 AM",
)  # fmt: skip


@pytest.mark.parametrize("written", [*WRITINGS, *WITH_TIME])
def test_reports_questions_and_follow_ups_understand_every_writing(written):
    sentence = f"会议于{written}在市府召开"
    found = time_filter(f"{written}发生了什么?")
    assert (stated_date(written), is_date_line(written)) == (DAY, True)
    assert f"date:{DAY}" in words_of(sentence)
    assert found is not None and (found.date_from, found.date_to) == (DAY, DAY)
    assert f"date:{DAY}" in words_of(times_in(sentence)[0])


@pytest.mark.parametrize("written", WRITINGS)
def test_every_writing_answers_when_as_a_whole(written):
    assert [match[0] for match in TIME.finditer(fold(f"会议于{written}在市府召开"))] == [fold(written)]


@pytest.mark.parametrize("written", [*(f"{date} 10:30" for date in WRITINGS), *WITH_TIME])
def test_every_writing_is_a_stamp_of_a_chat_and_gives_its_date(written):
    document = document_of(f"张磊 {written}\n明天开会\n李梅 {written}\n好的，几点？\n")
    assert (document.date, document.text) == (DAY, "张磊 明天开会\n李梅 好的，几点？")


@pytest.mark.parametrize("written", [*WRITINGS, *WITH_TIME])
def test_every_writing_begins_an_entry_of_a_log(written):
    assert habits_of(split_lines(f"{written} 开闸\n{written} 关闸\n")).entries


@pytest.mark.parametrize("written", ["3/5/2020", "05/03/2020", "13/13/2020", "2020-3.5", "2020年13月5日", "DEC公司"])
def test_what_may_be_two_days_or_none_is_none(written):
    assert (stated_date(written), [word for word in words_of(written) if word.startswith("date:") and "-" in word]) == (
        None,
        [],
    )


@pytest.mark.parametrize(
    ("sentence", "times"),
    [
        ("2019年3月5号楼封闭", ["2019年3月"]),
        ("3月5号线上会议", ["3月5号"]),
        ("月亮照着3月亮的夜", []),
        ("当晚23:30到岗", ["23:30"]),
        ("上午10:30至下午5时", ["上午10:30至下午5时"]),
    ],
)
def test_a_number_is_a_day_only_where_its_sign_makes_no_place_of_it(sentence, times):
    assert [match[0] for match in TIME.finditer(sentence)] == times
