"""Times in questions: what is understood, what fits it, and that nothing is restricted unseen."""

from __future__ import annotations

import datetime as dt
import re
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
        ("大前天有多少人?", _between("大前天", "2020-03-12", "2020-03-12")),
        ("上上周有多少人?", _between("上上周", "2020-02-24", "2020-03-01")),
        ("上上个月有多少人?", _between("上上个月", "2020-01-01", "2020-01-31")),
        ("大前年有多少人?", _between("大前年", "2017-01-01", "2017-12-31")),
        ("上年有多少人?", _between("上年", "2019-01-01", "2019-12-31")),
        ("上一年度有多少人?", _between("上一年度", "2019-01-01", "2019-12-31")),
        ("上周五有多少人?", _between("上周五", "2020-03-06", "2020-03-06")),
        ("上个星期天有多少人?", _between("上个星期天", "2020-03-08", "2020-03-08")),
        ("本周三有什么活动?", _between("本周三", "2020-03-11", "2020-03-11")),
        ("上周末有多少人?", _between("上周末", "2020-03-07", "2020-03-08")),
        ("上周一共有多少人?", _between("上周", "2020-03-02", "2020-03-08")),
        ("上周五百人去了哪里?", _between("上周", "2020-03-02", "2020-03-08")),
        ("上個月有多少人?", _between("上個月", "2020-02-01", "2020-02-29")),
        ("上週有多少人?", _between("上週", "2020-03-02", "2020-03-08")),
        ("上個星期三有多少人?", _between("上個星期三", "2020-03-04", "2020-03-04")),
        ("How many the day before yesterday?", _between("the day before yesterday", "2020-03-13", "2020-03-13")),
    ],
)
def test_relative_words_count_from_the_day_of_asking_if_it_is_given(question, said):
    assert (_said(time_filter(question, TODAY)), time_filter(question)) == (said, None)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("去年3月有多少人?", _between("去年3月", "2019-03-01", "2019-03-31")),
        ("去年３月份有多少人?", _between("去年３月份", "2019-03-01", "2019-03-31")),
        ("去年的三月有多少人?", _between("去年的三月", "2019-03-01", "2019-03-31")),
        ("今年4月10日有什么活动?", _between("今年4月10日", "2020-04-10", "2020-04-10")),
        ("上个月5日有多少人?", _between("上个月5日", "2020-02-05", "2020-02-05")),
        ("上月底有多少人?", _between("上月底", "2020-02-21", "2020-02-29")),
        ("去年下半年有多少人?", _between("去年下半年", "2019-07-01", "2019-12-31")),
        ("今年上半年有多少人?", _between("今年上半年", "2020-01-01", "2020-06-30")),
        ("去年第四季度有多少人?", _between("去年第四季度", "2019-10-01", "2019-12-31")),
        ("去年底有多少人?", _between("去年底", "2019-10-01", "2019-12-31")),
        ("去年年末有多少人?", _between("去年年末", "2019-10-01", "2019-12-31")),
        ("至今年底有多少人?", _between("今年底", "2020-10-01", "2020-12-31")),
        ("去年初中生有多少人?", _between("去年", "2019-01-01", "2019-12-31")),
        ("今年以来有多少人?", _between("今年以来", "2020-01-01", None)),
        ("今年以來有多少人?", _between("今年以來", "2020-01-01", None)),
        ("去年3月以前有多少人?", _between("去年3月以前", None, "2019-03-31")),
        ("去年12月到今年2月有多少人?", _between("去年12月到今年2月", "2019-12-01", "2020-02-29")),
        ("2018年至去年有多少人?", _between("2018年至去年", "2018-01-01", "2019-12-31")),
        ("How many in March last year?", _between("March last year", "2019-03-01", "2019-03-31")),
        ("How many since last year?", _between("since last year", "2019-01-01", None)),
        ("去年12人获奖,他们是谁?", _between("去年", "2019-01-01", "2019-12-31")),
        ("昨天3点有多少人?", _between("昨天", "2020-03-14", "2020-03-14")),
        ("去年发布的2018年年报有几页?", _between("2018年", "2018-01-01", "2018-12-31")),
        ("今年比去年3月增长多少?", _between("今年", "2020-01-01", "2020-12-31")),
        ("去年最新的通知", _between("去年", "2019-01-01", "2019-12-31", latest=True)),
    ],
)
def test_a_relative_word_is_read_as_the_date_that_it_means(question, said):
    assert _said(time_filter(question, TODAY)) == said


@pytest.mark.parametrize(
    "question",
    [
        "基本周期是多少天?",
        "资本周转率是多少?",
        "日本月球探测器叫什么?",
        "版本周更吗?",
        "目前天河区有多少人?",
        "如今年轻人有多少?",
        "以上周边有多少人?",
        "这个月饼多少钱?",
        "登上月球的有多少人?",
        "和去年比增长多少?",
        "跟去年相比增长多少?",
        "与上周持平吗?",
        "比上月增长多少?",
        "比上個月增長多少?",
        "较上年增长多少?",
        "高于去年多少?",
        "比去年3月增长多少?",
        "和去年的3月比增长多少?",
        "What was done in the last year of the project?",
        "How many in the last week of the course?",
        "How many more than last year?",
        "How many versus last month?",
    ],
)
def test_parts_of_other_words_and_comparisons_are_no_relative_time(question):
    assert time_filter(question, TODAY) is None


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("完成本周任务的有多少人?", "本周"),
        ("工资本月发多少?", "本月"),
        ("客服上周五接了多少电话?", "上周五"),
        ("统一今年开始收吗?", "今年"),
    ],
)
def test_a_relative_word_is_found_behind_any_other_word(question, text):
    found = time_filter(question, TODAY)
    assert (found.text, found.is_relative) == (text, True)


_WORDS = re.findall(r"\S+", "去年 今年 上 个 周 本月 前天 大 3月 5日 底 的 至 比 和 以来 五 2019年 last week march ３")


@given(
    st.text(max_size=80)
    | st.text(st.sampled_from("〇一二十0123456789年月日至-初底 第季度以来前"), max_size=14)
    | st.lists(st.sampled_from([*_WORDS, " "]), max_size=9).map("".join)
)
def test_any_question_can_be_asked_and_the_phrase_stands_in_it(question):
    found = time_filter(question, TODAY)
    assert found is None or (found.text in question and bool(found.text) and found.latest | found.dated)


# Which rows fit


def test_no_date_library_is_imported():
    code = "import retrieval.question.time_filter, sys; "
    code += "sys.stdout.write(str({'dateparser', 'dateutil', 'babel'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()"
