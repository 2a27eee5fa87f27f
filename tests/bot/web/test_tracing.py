"""Cited words are followed through edits of their report, and never taken for others."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st
from telegram_samples import a_document

from bot.links import CitedWords
from bot.selectors import selector_at
from bot.web.tracing import COMPARED, Trace, differences, most_alike, trace
from retrieval.disk import version_of
from retrieval.index.history import Superseded

PARAGRAPHS = [
    "社区的志愿者给老人送菜，一天走了两万步。",
    "孙蕴华在四月接听了近四百通求助电话。她说一点也不累。",
    "株洲的医生在医院做手术，灯一直亮到天明。",
]
BEFORE = a_document("通告", *PARAGRAPHS)
QUOTE = "孙蕴华在四月接听了近四百通求助电话。"
CITED_START = BEFORE.text.index(QUOTE)
CITED = CitedWords(
    CITED_START, CITED_START + len(QUOTE), selector_at(BEFORE.text, CITED_START, CITED_START + len(QUOTE))
)
PAST = Superseded(BEFORE, version_of(BEFORE.text), dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


def traced(*paragraphs, past=(PAST,)):
    return trace(a_document("通告", *paragraphs), CITED, lambda: past)


@given(st.permutations(PARAGRAPHS), st.lists(st.sampled_from(["新加的一段。", "又一段。"]), max_size=3))
def test_a_paragraph_that_moves_is_followed_wherever_it_goes(order, new):
    after = a_document("通告", *new, *order)
    start = after.text.index(QUOTE)
    assert trace(after, CITED, lambda: ()) == Trace((start, start + len(QUOTE)))


@given(st.integers(0, len(QUOTE) - 1), st.sampled_from("变化"), st.permutations(PARAGRAPHS))
def test_a_quote_that_was_changed_is_shown_beside_what_stands_in_its_place(at, other, order):
    changed = [text.replace(QUOTE, QUOTE[:at] + other + QUOTE[at + 1 :]) for text in order]
    found = traced(*changed)
    number = next(number for number, text in enumerate(order, start=1) if QUOTE in text)
    assert (found.place, found.past, found.was, found.now.number) == (None, PAST, PARAGRAPHS[1], number)


def test_the_latest_past_text_that_holds_the_words_is_shown():
    later = Superseded(a_document("通告", PARAGRAPHS[0]), "0" * 12, PAST.until)
    assert traced(PARAGRAPHS[2], past=(later, PAST)).past == PAST


def test_without_a_past_text_what_stands_at_the_place_is_all_there_is():
    found = traced(PARAGRAPHS[0], "孙蕴华接听了电话。", past=())
    assert (found.place, found.past, found.was, found.now.number) == (None, None, None, 2)


def test_words_without_a_selector_are_where_their_offsets_say():
    assert trace(BEFORE, CitedWords(3, 9), lambda: ()) == Trace((3, 9))


def test_a_paragraph_is_only_alike_where_it_shares_enough():
    assert most_alike(PARAGRAPHS[1], BEFORE).number == 2
    assert most_alike("孙蕴华在五月接听了三百通电话。她说不累。", BEFORE).number == 2
    assert most_alike("今天天气晴朗，适合晾晒被子。", BEFORE) is None


@given(st.text("甲乙丙0123 a\n", max_size=40), st.text("甲乙丙0123 a\n", max_size=40))
def test_two_texts_that_are_compared_lose_nothing_and_share_what_is_not_marked(before, after):
    first, second = differences(before, after)
    assert ["".join(piece for piece, _ in pieces) for pieces in (first, second)] == [before, after]
    same = ["".join(piece for piece, differs in pieces if not differs) for pieces in (first, second)]
    assert same[0] == same[1]


def test_a_number_that_was_changed_differs_as_a_whole():
    first, second = differences("取消酒宴143起、四百二十桌。", "取消酒宴1430起、四百三十桌。")
    assert [piece for piece, differs in first if differs] == ["143", "四百二十"]
    assert [piece for piece, differs in second if differs] == ["1430", "四百三十"]


def test_very_long_paragraphs_are_shown_without_their_differences():
    assert differences("甲" * (COMPARED + 1), "乙") == ([("甲" * (COMPARED + 1), False)], [("乙", False)])
