"""Numerals and dates meet whichever way they are written, and ordinary words are left whole."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retrieval.text.dates import DateMention, date_terms, dates_in
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


_TEXT = st.text(
    st.sampled_from("〇零○一二三四五六七八九十百千万亿两廿卅几数第点分之个人年月日号季度克,.%0123456789 -统达科a"),
    max_size=16,
)


@settings(max_examples=1500)
@given(_TEXT)
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


@settings(max_examples=1500)
@given(_TEXT)
def test_dates_lie_in_the_text_in_order_and_apart(text):
    places = [place for date in dates_in(text) for place in (date.start, date.end)]
    assert places == sorted(places)
    assert [place for place in places if not 0 <= place <= len(text)] == []


def _written(number: int) -> str:
    """Write 0 to 99,999,999 in Chinese, slowly: every digit with its unit, then the zeros put right."""
    if number == 0:
        return "零"
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        gap = "零" if 0 < low < 1_000 else ""
        return _written(high) + "万" + gap + (_written(low) if low else "")
    digits = f"{number:04}"
    text = "".join(
        "零" if digit == "0" else "零一二三四五六七八九"[int(digit)] + unit
        for digit, unit in zip(digits, "千百十 ", strict=True)
    )
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.replace(" ", "").strip("零")


@settings(max_examples=1000)
@given(st.integers(0, 99_999_999))
@example(10_000_010)
@example(11_000)
@example(20_000_000)
@example(10_010)
def test_a_number_written_in_chinese_is_read_as_itself(number):
    assert number_of(_written(number)) == str(number)
    unit = "吨" if number else "例"
    assert fold_numerals(f"共{_written(number)}{unit}") == f"共{number}{unit}"


@pytest.mark.parametrize("number", range(10, 20))
def test_the_teens_are_read_with_and_without_their_one(number):
    tail = "" if number == 10 else _written(number - 10)
    assert (number_of(f"十{tail}"), number_of(f"一十{tail}")) == (str(number), str(number))


@pytest.mark.parametrize(
    "numeral", ["", "万", "百", "万一", "千百", "十四五", "二三十", "三四百", "一万万", "1" * 50, "3.5.1万", "十.5"]
)
def test_what_is_no_numeral_has_no_value(numeral):
    assert number_of(numeral) is None


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
        _written(number).removeprefix("一") if 10 <= number < 20 else _written(number)
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
