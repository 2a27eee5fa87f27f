"""People, places, organisations and times are found by how Chinese names them, and by no list of names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.text.entities import (
    is_human,
    latin_names_in,
    organisations_in,
    people_in,
    places_in,
    replaced,
    times_in,
)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("孙蕴华接听了电话,张磊送菜。", ["孙蕴华", "张磊"]),
        ("孫蘊華接聽了電話。", ["孙蕴华"]),
        ("张磊说,张磊也去。", ["张磊"]),
        ("志愿者在南京路送菜。", []),
        ("", []),
    ],
)
def test_people_are_words_that_begin_with_a_surname(text, people):
    assert people_in(text) == people


@pytest.mark.parametrize(
    ("text", "places"),
    [("他从株洲去了上海,又回株洲。", ["株洲", "上海"]), ("靜安區", ["静安区"]), ("志愿者在送菜。", [])],
)
def test_places_are_named_once_each(text, places):
    assert places_in(text) == places


@pytest.mark.parametrize(
    ("text", "organisations"),
    [
        ("湖南华源荣康药业有限公司捐了口罩。", ["湖南华源荣康药业有限公司"]),
        ("静安区第一党支部的党员", ["静安区第一党支部"]),
        ("公司里没有人。", []),
        ("他在家。", []),
    ],
)
def test_an_organisation_is_a_name_and_its_head(text, organisations):
    assert organisations_in(text) == organisations


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Who is Sun Yunhua?", ["Sun Yunhua"]),
        ("What did Boeing's engineers do in Wuhan?", ["Boeing", "Wuhan"]),
        ("How many masks were there?", []),
        ("志愿者 Anna", ["Anna"]),
    ],
)
def test_latin_names_are_capitalised_and_no_question_word(text, names):
    assert latin_names_in(text) == names


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("2020年3月12日上午,次日又去。", ["2020年3月12日", "上午"]),
        ("去年除夕", ["去年", "除夕"]),
        ("三月", ["三月"]),
        ("送菜", []),
    ],
)
def test_times_are_found_in_order(text, times):
    assert times_in(text) == times


@pytest.mark.parametrize(("noun", "human"), [("志愿者", True), ("女医生", True), ("口罩", False), ("", False)])
def test_words_for_people_are_known_by_their_end(noun, human):
    assert is_human(noun) is human


@pytest.mark.parametrize(
    ("text", "name", "other", "expected"),
    [
        ("孙蕴华多大?", "孙蕴华", "张磊", "张磊多大?"),
        ("孫蘊華多大?", "孙蕴华", "张磊", "张磊多大?"),
        ("谁多大?", "孙蕴华", "张磊", None),
    ],
)
def test_a_name_is_replaced_in_either_script(text, name, other, expected):
    assert replaced(text, name, other) == expected


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_can_be_searched(text):
    for find in (people_in, places_in, organisations_in, latin_names_in):
        found = find(text)
        assert len(set(found)) == len(found)
        assert "" not in found
    assert "" not in times_in(text)
