"""Words that a link leads to are found again, wherever an edit has moved them, and never others in their place."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.selectors import LONGEST, SHORT, Selector, find, read_selector, selector_at, selector_of

QUOTE = "截至4月10日,孙蕴华累计接听电话近400通。"
TEXT = f"第一段说别的事。\n\n{QUOTE}她很累。\n\n第三段说天气。"
START = TEXT.index(QUOTE)
END = START + len(QUOTE)

WORDS = st.text("的一是不了在人有我他这为之大来以个中上们0123456789，。 \n", max_size=60)
QUOTES = st.text("甲乙丙丁戊己庚辛壬癸子丑寅卯", min_size=SHORT, max_size=80)


def found(text, selector, start=START, end=END):
    place = find(text, selector, start, end)
    return place and text[slice(*place)]


def test_a_selector_is_written_in_sixteen_characters_that_any_address_takes_and_read_back():
    selector = selector_at(TEXT, START, END)
    assert len(str(selector)) == 16
    assert read_selector(str(selector)) == selector
    assert selector.length == len(QUOTE)


@pytest.mark.parametrize("written", ["", "AAAAAAAAAAAAAAAA", "A" * 15, "B" * 17, "B" * 16 + "\n", "B" * 15 + "é"])
def test_what_is_no_selector_is_none(written):
    assert read_selector(written) is None


@given(before=WORDS, quote=QUOTES, after=WORDS)
def test_words_that_were_left_alone_are_where_they_were(before, quote, after):
    text, start = before + quote + after, len(before)
    selector = selector_at(text, start, start + len(quote))
    assert find(text, selector, start, start + len(quote)) == (start, start + len(quote))


@given(before=WORDS, quote=QUOTES, after=WORDS, new_before=WORDS, new_after=WORDS)
def test_words_are_found_whatever_is_written_around_them(before, quote, after, new_before, new_after):
    selector = selector_at(before + quote + after, len(before), len(before) + len(quote))
    place = find(new_before + quote + new_after, selector, len(before), len(before) + len(quote))
    assert place == (len(new_before), len(new_before) + len(quote))


@given(quote=QUOTES, at=st.integers(0, 200), other=st.sampled_from("，变"), around=WORDS)
def test_words_that_were_changed_are_nowhere(quote, at, other, around):
    changed = list(quote)
    changed[at % len(quote)] = other
    selector = selector_of(quote, around, around)
    assert find(around + "".join(changed) + around, selector, len(around), len(around) + len(quote)) is None


@given(quote=QUOTES, first=WORDS, last=WORDS, gap=st.integers(1, 79))
def test_white_space_that_comes_or_goes_changes_no_words(quote, first, last, gap):
    assume(gap < len(quote))
    selector = selector_of(quote, first, last)
    torn = quote[:gap] + "\n  " + quote[gap:]
    assert find(first + torn + last, selector, 0, 1) == (len(first), len(first) + len(torn))


def test_of_several_places_the_one_between_the_same_words_is_taken():
    text = "甲方承诺按时付款给乙方。丙。" + TEXT
    twice = text.replace("她很累。", f"她很累。后来又说：{QUOTE}大家鼓掌。")
    second = twice.index("后来又说：") + len("后来又说：")
    selector = selector_at(twice, second, second + len(QUOTE))
    edited = "新的一段。" * 9 + twice
    assert find(edited, selector, second, second + len(QUOTE)) == (second + 45, second + 45 + len(QUOTE))


def test_of_places_that_are_alike_the_nearest_is_taken():
    text = f"{QUOTE}。" * 5
    selector = selector_of(QUOTE, "别的", "别的")
    step = len(QUOTE) + 1
    assert find(text, selector, 3 * step - 2, 4 * step) == (3 * step, 3 * step + len(QUOTE))


def test_a_few_words_are_found_only_beside_what_they_stood_beside():
    text = "会议决定：同意。散会。"
    selector = selector_at(text, 5, 7)
    assert found("记录：会议决定：同意。散会。", selector, 5, 7) == "同意"
    assert found("他们也同意了。", selector, 5, 7) is None


def test_characters_that_look_alike_are_the_same_words():
    selector = selector_of("从今年起推⾏⻓效机制", "", "")
    assert found("办法：从今年起推行长效机制。", selector) == "从今年起推行长效机制"


def test_of_very_long_words_the_beginning_is_looked_for():
    long = "".join(chr(0x4E00 + number % 20000) for number in range(3 * LONGEST))
    selector = selector_at(long, 0, len(long))
    assert selector.length == LONGEST
    assert find("新" + long, selector, 0, len(long)) == (1, 1 + LONGEST)
    assert find(long, selector, 0, len(long)) == (0, len(long))


def test_a_text_that_repeats_itself_without_end_is_searched_near_the_place_only():
    selector = selector_of("好" * 4000, "前", "后")
    assert find("好" * 200_000, selector, 100_000, 104_001) == (100_000, 104_000)


@given(text=st.text(max_size=80), start=st.integers(0, 90), end=st.integers(0, 90), written=st.text(max_size=16))
def test_no_text_and_no_selector_whatever_make_it_fail(text, start, end, written):
    selector = read_selector(written) or Selector(3, 5, "AAAAAAA", "AA", "AA")
    place = find(text, selector, start, end)
    assert place is None or 0 <= place[0] < place[1] <= len(text)
