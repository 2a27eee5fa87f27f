"""Look-alikes, width, case and script are folded, and Chinese characters are told from others."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.text.characters import HAN, WORD_HAN, fold, has_han, is_traditional, normalise, unify


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＰＰ１２０", "app120"),
        ("下载APP", "下载app"),
        ("靜安區突擊隊", "静安区突击队"),
        ("（中心）", "(中心)"),
        ("ﬁne", "fine"),
        ("⻓⻢镇⻛⼒", "长马镇风力"),
        ("⾺⻑", "马长"),
        ("\uf9e4\uf98e", "理年"),
        ("", ""),
    ],
)
def test_width_case_and_script_are_folded(text, folded):
    assert normalise(text) == folded


@given(st.text(max_size=40))
def test_folded_character_by_character_a_text_keeps_its_offsets(text):
    folded = fold(text)
    assert len(folded) == len(text)
    single = [normalise(character) for character in text]
    assert [one for one, other in zip(folded, single, strict=True) if len(other) == 1 and one != other] == []


@pytest.mark.parametrize(
    ("text", "folded"), [("靜安區ＡＰＰ", "静安区app"), ("ﬁne ½", "ﬁne ½"), ("İstanbul", "İstanbul"), ("", "")]
)
def test_what_would_become_several_characters_is_left(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "word", "any_"),
    [
        ("菜", True, True),
        ("㐀", True, True),
        ("\U00020000", False, True),
        ("\uf900", False, True),
        ("か", False, False),
    ],
)
def test_words_are_cut_out_of_common_chinese_characters_and_rarer_ones_are_chinese_too(text, word, any_):
    assert has_han(f"a {text}1") is word
    assert bool(re.search(f"[{WORD_HAN}]", text)) is word
    assert bool(re.search(f"[{HAN}]", text)) is any_


LOOK_ALIKES = [
    chr(code) for code in (*range(0x2E80, 0x2FE0), *range(0x31C0, 0x31F0)) if unicodedata.name(chr(code), "")
]


def test_every_radical_of_both_blocks_stands_for_a_character_but_one():
    named = [sign for sign in LOOK_ALIKES if "RADICAL" in unicodedata.name(sign)]
    assert len(named) == 115 + 214
    assert [sign for sign in named if unify(sign) == sign] == ["\u2e80"]
    assert [sign for sign in named if not re.fullmatch(f"[{HAN}]", unify(sign))] == ["\u2e80"]


def test_look_alikes_are_folded_to_what_nfkc_says_where_it_says_anything():
    said = {sign: same for sign in LOOK_ALIKES if (same := unicodedata.normalize("NFKC", sign)) != sign}
    assert len(said) == 214 + 2
    assert {sign: unify(sign) for sign in said} == said


def test_simplified_radicals_stand_for_their_characters():
    assert unify("⻅⻉⻋⻓⻔⻙⻚⻛⻜⻢⻥⻦⻨⻬⻮⻰⺠") == "见贝车长门韦页风飞马鱼鸟麦齐齿龙民"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_look_alikes_are_folded_one_for_one_and_nothing_else_is(text):
    same = unify(text)
    assert len(same) == len(text)
    changed = [one for one, other in zip(text, same, strict=True) if one != other]
    assert [
        one for one in changed if not re.match("[\u2e80-\u2fd5\u31c0-\u31e3\uf900-\ufaff\U0002f800-\U0002fa1f]", one)
    ] == []
    assert unify(same) == same


@pytest.mark.parametrize(("simplified", "same"), [(True, "用户青"), (False, "用戶靑")])
def test_a_radical_is_the_character_of_the_script_that_the_text_is_written_in(simplified, same):
    assert unify("⽤⼾⾭", simplified) == same


@pytest.mark.parametrize(
    ("text", "traditional"),
    [("靜安區突擊隊", True), ("静安区突击队", False), ("著名的乾隆" + "静安区" * 30, False), ("", False)],
)
def test_a_text_is_traditional_that_has_more_than_a_few_such_characters(text, traditional):
    assert is_traditional(text) is traditional
