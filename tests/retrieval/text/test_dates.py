"""Dates meet whichever way they are written, and are found where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_numbers import NUMERALS, written

from retrieval.text.dates import DateMention, date_terms, dates_in
from retrieval.text.numerals import fold_numerals


@settings(max_examples=1500)
@given(NUMERALS)
def test_dates_lie_in_the_text_in_order_and_apart(text):
    places = [place for date in dates_in(text) for place in (date.start, date.end)]
    assert places == sorted(places)
    assert [place for place in places if not 0 <= place <= len(text)] == []


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("2020年3月12日", ["2020-03-12", "03-12", "2020-03", "03", "2020"]),
        ("二〇二〇年三月十二日", ["2020-03-12", "03-12", "2020-03", "03", "2020"]),
        ("2020-03-12 13:30", ["2020-03-12", "03-12", "2020-03", "03", "2020"]),
        ("2020/3/12", ["2020-03-12", "03-12", "2020-03", "03", "2020"]),
        ("12.03.2020", ["2020-03-12", "03-12", "2020-03", "03", "2020"]),
        ("march 12, 2020", ["2020-03-12", "03-12", "2020-03", "03", "2020"]),
        ("3月12日", ["03-12", "03"]),
        ("3월 12일", ["03-12", "03"]),
        ("on the 12th of march", ["03-12", "03"]),
        ("2020年2月份", ["2020-02", "02", "2020"]),
        ("in february 2020", ["2020-02", "02", "2020"]),
        ("2月", ["02"]),
        ("2020年", ["2020"]),
        ("what happened in 2020?", ["2020"]),
        ("2月30日", []),
        ("13月1日", []),
        ("0月", []),
        ("3个月", []),
        ("12日", []),
        ("when may i go?", []),
        ("3/12", []),
        ("1.5万人", []),
        ("每平方米2020元", []),
    ],
)
def test_dates_have_canonical_terms_with_what_they_imply(text, terms):
    assert date_terms(text) == [f"date:{term}" for term in terms]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2月1日至5日", [("2月1", "02-01"), ("5日", "02-05")]),
        ("2020年1月21日至2月5日", [("2020年1月21日", "2020-01-21"), ("2月5日", "2020-02-05")]),
        ("2020年1-2月", [("2020年1", "2020-01"), ("2月", "2020-02")]),
        ("2019-2021年", [("2019", "2019"), ("2021年", "2021")]),
        ("1、2月10日复工", [("2月10日", "02-10")]),
        ("between 3 and 5 march 2020", [("3", "2020-03-03"), ("5 march 2020", "2020-03-05")]),
        ("le 12 mars 2020", [("12 mars 2020", "2020-03-12")]),
        ("12 марта 2020 года", [("12 марта 2020", "2020-03-12")]),
        ("в феврале 2020", [("феврале 2020", "2020-02")]),
        ("ngày 12 tháng 3 năm 2020", [("ngày 12 tháng 3 năm 2020", "2020-03-12")]),
        ("12 มีนาคม 2020", [("12 มีนาคม 2020", "2020-03-12")]),
        ("am 5. märz 2020", [("5. märz 2020", "2020-03-05")]),
    ],
)
def test_dates_are_found_where_they_stand(text, found):
    assert [(text[date.start : date.end], date.term) for date in dates_in(text)] == [(s, f"date:{t}") for s, t in found]


def test_a_mention_says_what_the_text_says_and_no_more():
    assert dates_in("截至2月10日") == [DateMention(start=2, end=7, year=None, month=2, day=10)]


@given(st.dates())
def test_a_date_has_the_same_terms_in_chinese_and_in_arabic_numerals(date):
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in f"{date.year:04}")
    months, days = (
        written(number).removeprefix("一") if 10 <= number < 20 else written(number)
        for number in (date.month, date.day)
    )
    chinese, arabic = f"{year}年{months}月{days}日", f"{date.year:04}年{date.month}月{date.day}日"
    assert date_terms(fold_numerals(chinese)) == date_terms(fold_numerals(arabic))
    if 1500 <= date.year < 2100:
        assert date_terms(arabic)[0] == date_terms(date.isoformat())[0] == f"date:{date.isoformat()}"


def test_names_of_months_agree_with_the_unicode_locale_data():
    babel = pytest.importorskip("babel.dates")
    for language in ["en", "es", "fr", "de", "it", "pt", "ru", "ro", "tr", "ar", "hi", "th"]:
        for number, name in babel.get_month_names("wide", "format", language).items():
            assert date_terms(f"12 {name.lower()} 2020")[:1] == [f"date:2020-{number:02}-12"], (language, name)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("民国108年9月7日", ["date:2019-09-07"]),
        ("中华民国一〇八年三月", ["date:2019-03"]),
        ("民國九十九年十月十日", ["date:2010-10-10"]),
        ("民国元年", ["date:1912"]),
        ("民国 99 年 3 月", ["date:2010-03"]),
        ("民国107年办理同项检查", ["date:2018"]),
        ("108年", []),
        ("人民国家108年", []),
    ],
)
def test_years_of_the_republic_of_china_are_years_of_the_calendar(text, terms):
    assert [mention.term for mention in dates_in(text)] == terms
