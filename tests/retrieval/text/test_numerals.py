"""Numerals meet whichever way they are written, and ordinary words are left whole."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from written_numbers import NUMERALS, written

from retrieval.text.dates import date_terms
from retrieval.text.numerals import fold_numerals, number_of


@pytest.mark.parametrize(
    ("chinese", "arabic", "folded"),
    [
        ("二十七人", "27人", "27人"),
        ("三月十二日", "3月12日", "3月12日"),
        ("三月二日", "03月02日", "3月2日"),
        ("二〇二〇年", "2020年", "2020年"),
        ("二○二○年", "2020年", "2020年"),
        ("一九四九年", "1949年", "1949年"),
        ("百分之七十", "70%", "70%"),
        ("百分之三点五", "3.5%", "3.5%"),
        ("百分之百", "100%", "100%"),
        ("一万一千", "1.1万", "11000"),
        ("一万一千人", "11,000人", "11000人"),
        ("一千一百人", "1,100人", "1100人"),
        ("两百", "200", "200"),
        ("三万步", "3万步", "30000步"),
        ("三万五", "3万5", "35000"),
        ("三点五万", "3.5万", "35000"),
        ("两亿三千万", "2亿3000万", "230000000"),
        ("两万五千亿", "2.5万亿", "2500000000000"),
        ("五千克", "5千克", "5千克"),
        ("廿七日", "27日", "27日"),
        ("零时", "0时", "0时"),
        ("一号线", "1号线", "1号线"),
        ("三季度", "3季度", "3季度"),
        ("第三季度", "第3季度", "第3季度"),
        ("第一党支部", "第1党支部", "第一党支部"),
        ("第十批", "第10批", "第十批"),
        ("第二十七届", "第27届", "第27届"),
        ("双十一", "双11", "双11"),
        ("二十多人", "20多人", "20多人"),
        ("下午三点十五分", "下午3点15分", "下午3点15分"),
        ("三零一医院", "301医院", "301医院"),
    ],
)
def test_both_spellings_of_a_number_fold_to_the_same(chinese, arabic, folded):
    assert (fold_numerals(chinese), fold_numerals(arabic)) == (folded, folded)


@pytest.mark.parametrize(
    "text",
    [
        "一些",
        "一线",
        "万一",
        "统一",
        "统一个",
        "三星坊",
        "五四",
        "十分",
        "千金",
        "万达",
        "一起",
        "百姓",
        "一个",
        "一定",
        "一次",
        "十四五规划",
        "十九大",
        "几十人",
        "二三十人",
        "四周",
        "十堰",
        "千万不要",
        "百万富翁",
        "星期一",
        "周三",
        "其二",
        "三三两两",
        "一二三四",
        "二维码",
        "四川",
        "九江",
        "三亚",
        "八一",
        "万分之三",
        "五分之一",
        "百分之几",
        "360百科",
        "第一时间",
        "第一次",
        "两会",
        "四季",
        "零售",
        "唯一",
        "一,五百",
        "how",
        "many",
        "2020-03-12",
        "v1.2.3",
        "192.168.0.1",
    ],  # fmt: skip
)
def test_what_is_no_number_is_left_alone(text):
    assert fold_numerals(text) == text


def test_numbers_in_a_sentence_are_folded_and_its_words_are_not():
    text = (
        "截至三月十二日,全市统一组织二十七个志愿服务队,一些党员走了一万一千步,百分之七十的第一党支部党员参加,十分感人。"
    )
    folded = "截至3月12日,全市统一组织27个志愿服务队,一些党员走了11000步,70%的第一党支部党员参加,十分感人。"
    assert fold_numerals(text) == folded


@settings(max_examples=1500)
@given(NUMERALS)
@example("一百,五百人")
@example("1,百分之三百")
@example("第03月")
@example("2百.0亿")
@example("第两点零度")
@example("一人一号")
@example("达零五千克")
def test_folding_twice_is_folding_once(text):
    folded = fold_numerals(text)
    assert fold_numerals(folded) == folded


@given(st.text(max_size=60))
def test_any_text_can_be_folded_and_searched_for_dates(text):
    folded = fold_numerals(text)
    assert fold_numerals(folded) == folded
    assert [term for term in date_terms(text) + date_terms(folded) if not term.startswith("date:")] == []


@settings(max_examples=1000)
@given(st.integers(0, 99_999_999))
@example(10_000_010)
@example(11_000)
@example(20_000_000)
@example(10_010)
def test_a_number_written_in_chinese_is_read_as_itself(number):
    assert number_of(written(number)) == str(number)
    unit = "吨" if number else "例"
    assert fold_numerals(f"共{written(number)}{unit}") == f"共{number}{unit}"


@pytest.mark.parametrize("number", range(10, 20))
def test_the_teens_are_read_with_and_without_their_one(number):
    tail = "" if number == 10 else written(number - 10)
    assert (number_of(f"十{tail}"), number_of(f"一十{tail}")) == (str(number), str(number))


@pytest.mark.parametrize(
    "numeral", ["", "万", "百", "万一", "千百", "十四五", "二三十", "三四百", "一万万", "1" * 50, "3.5.1万", "十.5"]
)
def test_what_is_no_numeral_has_no_value(numeral):
    assert number_of(numeral) is None
