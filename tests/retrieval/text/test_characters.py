"""Width, case and script are folded, and Chinese characters are told from others."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.text.characters import HAN, WORD_HAN, fold, has_han, normalise


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＰＰ１２０", "app120"),
        ("下载APP", "下载app"),
        ("靜安區突擊隊", "静安区突击队"),
        ("（中心）", "(中心)"),
        ("ﬁne", "fine"),
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
