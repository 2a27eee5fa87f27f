"""One number in each of Word's formats."""

from __future__ import annotations

import pytest

from retrieval.corpus.formats.word.numerals import padded, printed

SAMPLES = {
    "decimal": {0: "0", 1: "1", 12: "12"},
    "decimalZero": {1: "01", 10: "10", 100: "100"},
    "decimalFullWidth": {1: "１", 20: "２０"},
    "decimalEnclosedCircle": {1: "①", 20: "⑳", 21: "21"},
    "decimalEnclosedCircleChinese": {10: "⑩"},
    "decimalEnclosedParen": {1: "⑴", 20: "⒇"},
    "decimalEnclosedFullstop": {1: "⒈", 20: "⒛"},
    "numberInDash": {3: "- 3 -"},
    "lowerLetter": {1: "a", 26: "z", 27: "aa", 53: "aaa", 10_000: "10000"},
    "upperLetter": {2: "B", 28: "BB"},
    "lowerRoman": {4: "iv", 9: "ix", 40: "xl"},
    "upperRoman": {14: "XIV", 1999: "MCMXCIX", 2_000_000_000: "2000000000"},
    "ideographDigital": {1: "一", 10: "一〇", 25: "二五", 100: "一〇〇"},
    "chineseCounting": {1: "一", 10: "十", 11: "十一", 20: "二十", 99: "九十九", 101: "一〇一"},
    "taiwaneseCounting": {12: "十二", 100: "一○○"},
    "taiwaneseDigital": {10: "一○"},
    "chineseCountingThousand": {
        1: "一", 10: "十", 12: "十二", 20: "二十", 100: "一百", 101: "一百零一", 110: "一百一十", 111: "一百一十一",
        1001: "一千零一", 1010: "一千零一十", 10_001: "一万零一", 12_345: "一万二千三百四十五",
        100_000: "十万", 100_000_000: "100000000",
    },
    "taiwaneseCountingThousand": {15: "十五", 205: "二百零五"},
    "japaneseCounting": {10: "十", 100: "百", 111: "百十一", 1001: "千一", 10_000: "一万"},
    "chineseLegalSimplified": {1: "壹", 12: "壹拾贰", 101: "壹佰零壹"},
    "ideographLegalTraditional": {2: "貳", 13: "壹拾參"},
    "ideographTraditional": {1: "甲", 10: "癸", 11: "11"},
    "ideographZodiac": {1: "子", 12: "亥", 13: "13"},
    "ideographZodiacTraditional": {1: "甲子", 60: "癸亥", 61: "61"},
    "ideographEnclosedCircle": {1: "㊀", 10: "㊉"},
    "bullet": {1: ""},
    "none": {1: ""},
    "cardinalText": {3: "3"},
    "unheard of": {3: "3"},
}  # fmt: skip


@pytest.mark.parametrize("style", SAMPLES)
def test_a_number_is_printed_as_word_does(style):
    assert {value: printed(value, style) for value in SAMPLES[style]} == SAMPLES[style]


def test_a_format_of_ones_own_is_as_long_as_its_example():
    assert [padded(value, "001, 002, 003, ...") for value in (1, 12, 1234)] == ["001", "012", "1234"]
