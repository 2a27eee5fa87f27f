"""Times in questions: what is understood, what fits it, and that nothing is restricted unseen."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.question.time_filter import TimeFilter, time_filter

TODAY = dt.date(2020, 3, 15)


def _between(text: str, date_from: str | None, date_to: str | None, *, latest: bool = False) -> tuple[object, ...]:
    return (
        text,
        date_from and dt.date.fromisoformat(date_from),
        date_to and dt.date.fromisoformat(date_to),
        latest,
        None,
    )


def _said(found: TimeFilter | None) -> tuple[object, ...] | None:
    return found and (found.text, found.date_from, found.date_to, found.latest, found.recurring)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("2020年3月12日发生了什么?", _between("2020年3月12日", "2020-03-12", "2020-03-12")),
        ("２０２０年２月有多少人?", _between("２０２０年２月", "2020-02-01", "2020-02-29")),
        ("二〇二〇年二月有多少人?", _between("二〇二〇年二月", "2020-02-01", "2020-02-29")),
        ("2020年2月下旬复工的有哪些?", _between("2020年2月下旬", "2020-02-21", "2020-02-29")),
        ("2022年上半年营收是多少?", _between("2022年上半年", "2022-01-01", "2022-06-30")),
        ("2022年第三季度营收是多少?", _between("2022年第三季度", "2022-07-01", "2022-09-30")),
        ("2019-2021年有多少?", _between("2019-2021年", "2019-01-01", "2021-12-31")),
        ("2020年12月30日至2021年1月5日", _between("2020年12月30日至2021年1月5日", "2020-12-30", "2021-01-05")),
        ("2020年3月以来有什么变化?", _between("2020年3月以来", "2020-03-01", None)),
        ("2020年以前呢?", _between("2020年以前", None, "2020-12-31")),
        ("What happened since March 2020?", _between("since March 2020", "2020-03-01", None)),
        ("What happened in February 2020?", _between("February 2020", "2020-02-01", "2020-02-29")),
        ("between 3 and 5 March 2020", _between("3 and 5 March 2020", "2020-03-03", "2020-03-05")),
        ("2020年2月的最新消息", _between("2020年2月", "2020-02-01", "2020-02-29", latest=True)),
        ("2021年3月12日比2020年如何?", _between("2021年3月12日", "2021-03-12", "2021-03-12")),
    ],
)
def test_a_date_with_its_year_is_a_span_of_days(question, said):
    assert _said(time_filter(question)) == said


@pytest.mark.parametrize(
    ("question", "text", "recurring"),
    [
        ("3月12日发生了什么?", "3月12日", ((3, 12), (3, 12))),
        ("三月十二日发生了什么?", "三月十二日", ((3, 12), (3, 12))),
        ("截至2月10日有多少?", "2月10日", ((2, 10), (2, 10))),
        ("2月初做了哪些工作?", "2月初", ((2, 1), (2, 10))),
        ("2月1日至5日有哪些?", "2月1日至5日", ((2, 1), (2, 5))),
        ("What happened on March 12?", "March 12", ((3, 12), (3, 12))),
        ("How many in May?", "May", ((5, 1), (5, 31))),
    ],
)
def test_a_date_without_its_year_recurs(question, text, recurring):
    assert _said(time_filter(question)) == (text, None, None, False, recurring)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("最新的通知是什么?", "最新"),
        ("最近有什么活动?", "最近"),
        ("What is the latest notice?", "latest"),
        ("新闻:최신 소식", "최신"),
    ],
)
def test_the_latest_is_a_filter_without_dates(question, text):
    assert time_filter(question) == TimeFilter(text, latest=True)


@pytest.mark.parametrize(
    "question",
    [
        "今天上海天气怎么样?",
        "现在有多少人?",
        "What is the weather today?",
        "When may I enter the hospital?",
        "We march on",
        "离我最近的医院在哪里?",
        "最近的医院在哪里?",
        "Submit it at the latest when?",
        "去年同期增长多少?",
        "比去年增长多少?",
        "有3个月吗?",
        "第一党支部有多少人?",
        "120电话",
        "",
    ],
)
def test_other_words_are_no_filter_on_any_day(question):
    assert (time_filter(question), time_filter(question, TODAY)) == (None, None)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("昨天有多少人?", _between("昨天", "2020-03-14", "2020-03-14")),
        ("前天有多少人?", _between("前天", "2020-03-13", "2020-03-13")),
        ("去年有多少人?", _between("去年", "2019-01-01", "2019-12-31")),
        ("今年有多少人?", _between("今年", "2020-01-01", "2020-12-31")),
        ("上个月有多少人?", _between("上个月", "2020-02-01", "2020-02-29")),
        ("本月有多少人?", _between("本月", "2020-03-01", "2020-03-31")),
        ("上周有多少人?", _between("上周", "2020-03-02", "2020-03-08")),
        ("上个星期有多少人?", _between("上个星期", "2020-03-02", "2020-03-08")),
        ("本周有多少人?", _between("本周", "2020-03-09", "2020-03-15")),
        ("How many last week?", _between("last week", "2020-03-02", "2020-03-08")),
        ("How many last year?", _between("last year", "2019-01-01", "2019-12-31")),
        ("How many last month?", _between("last month", "2020-02-01", "2020-02-29")),
        ("How many yesterday?", _between("yesterday", "2020-03-14", "2020-03-14")),
    ],
)
def test_relative_words_count_from_the_day_of_asking_if_it_is_given(question, said):
    assert (_said(time_filter(question, TODAY)), time_filter(question)) == (said, None)


@given(st.text(max_size=80) | st.text(st.sampled_from("〇一二十0123456789年月日至-初底 第季度以来前"), max_size=14))
def test_any_question_can_be_asked_and_the_phrase_stands_in_it(question):
    found = time_filter(question, TODAY)
    assert found is None or (found.text in question and bool(found.text) and found.latest | found.dated)


# Which rows fit


def test_no_date_library_is_imported():
    code = "import retrieval.question.time_filter, sys; "
    code += "sys.stdout.write(str({'dateparser', 'dateutil', 'babel'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()"
