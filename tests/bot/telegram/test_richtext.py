"""Formatted text: what of it can be sent, where it is cut, and the marks that people see."""

from __future__ import annotations

import random

from bot_api import MAX_TEXT, utf16_slice
from nasty import nasty_text, seen
from telegram_samples import shown, tagged

from bot.telegram.richtext import LIMIT, Run, entities_of, in_one, plain, rich, split, width

PAGE = "https://a.example/?q=%221%22&r=2"


def offsets(*runs: str | Run) -> list[tuple[str, int, int]]:
    return [(entity.type, entity.offset, entity.length) for entity in entities_of(rich(*runs))]


# --- Marks


def test_every_character_of_the_words_and_of_links_arrives_as_it_is():
    text = rich("a<b>&amp;*_", Run('"x" & <y>', bold=True, italic=True, link=PAGE))
    assert shown(text).text == plain(text) == 'a<b>&amp;*_"x" & <y>'
    assert shown(text).entities == (
        {"type": "text_link", "offset": 11, "length": 9, "url": PAGE},
        {"type": "bold", "offset": 11, "length": 9},
        {"type": "italic", "offset": 11, "length": 9},
    )


def test_offsets_of_marks_count_utf16_units():
    assert offsets("😀字", Run("👩‍👩‍👧", bold=True), "😀", Run("完", italic=True)) == [
        ("bold", 3, 8),
        ("italic", 13, 1),
    ]
    assert tagged(rich("😀字", Run("👩‍👩‍👧", bold=True), "😀", Run("完", italic=True))) == (
        "😀字<b>👩‍👩‍👧</b>😀<i>完</i>"
    )


def test_text_without_styles_has_no_marks_nor_have_runs_of_which_nothing_is_left():
    assert offsets("一句话。", Run("\udfff", bold=True), "完") == []
    assert offsets() == []


def test_sentences_of_one_style_become_one_mark():
    sentences = rich(Run("一句话。" * 300, bold=True))
    assert offsets(*split(sentences)[0]) == [("bold", 0, 1200)]
    assert offsets(*(Run("句。", bold=True) for _ in range(300))) == [("bold", 0, 600)]


def test_a_message_has_no_more_than_the_hundred_marks_that_telegram_shows():
    runs = [Run("字", bold=number % 2 == 0) for number in range(300)]
    assert offsets(*runs) == [("bold", 2 * number, 1) for number in range(100)]
    assert [entity["offset"] for entity in shown(rich(*runs)).entities] == [2 * number for number in range(100)]


def test_what_is_in_fixed_width_has_no_other_mark():
    assert offsets(Run("片区  城东", bold=True, link=PAGE, fixed=True), "完") == [("pre", 0, 6)]


def test_marks_cover_what_they_should_whatever_the_text():
    dice = random.Random(6)
    for _ in range(500):
        runs = [
            Run(nasty_text(dice, 3), dice.random() < 0.4, dice.random() < 0.4, PAGE if dice.random() < 0.3 else None)
            for _ in range(dice.randint(1, 8))
        ]
        for part in split(rich(*runs)):
            words, entities = plain(part), entities_of(part)
            covered = {kind: "" for kind in ("bold", "italic", "text_link")}
            for entity in entities:
                covered[entity.type] += utf16_slice(words, entity.offset, entity.length)
            assert covered == {
                "bold": "".join(run.text for run in part if run.bold),
                "italic": "".join(run.text for run in part if run.italic),
                "text_link": "".join(run.text for run in part if run.link),
            }
            assert seen(shown(part).text) == seen(words)


# --- What can be sent, and in how many messages


def test_what_telegram_cannot_show_is_taken_out():
    assert plain(rich("a\ud800b\x00c\x1fd\u202ee\r\nf\tg", "", Run("\udfff", bold=True))) == "abcde\nf\tg"


def test_width_counts_utf16_units():
    assert [width(text) for text in ("", "a字", "😀", "\ud800")] == [0, 2, 2, 1]


def test_a_long_text_is_split_between_sentences_and_keeps_its_styles():
    text = rich("第一句。第二句。", Run("第三句。第四句。", bold=True), "完")
    assert split(text, limit=8) == [(Run("第一句。第二句。"),), (Run("第三句。第四句。", bold=True),), (Run("完"),)]
    assert split(text, limit=13) == [
        (Run("第一句。第二句。"), Run("第三句。", bold=True)),
        (Run("第四句。", bold=True), Run("完")),
    ]


def test_a_sentence_beyond_the_limit_is_cut_at_any_character_but_never_inside_one():
    parts = split(rich("😀" * 11), limit=5)
    assert [plain(part) for part in parts] == ["😀😀"] * 5 + ["😀"]


def test_messages_in_which_nothing_can_be_seen_are_not_sent():
    assert split(rich(" \n\u200f\u3164\u0333")) == []
    assert split(rich("完。", "\n" * 10, "字" * 6), limit=6) == [(Run("完。\n\n\n"),), (Run("字" * 6),)]


def test_an_edited_message_is_cut_with_an_ellipsis():
    assert in_one(rich("一句。"), limit=6) == (Run("一句。"),)
    assert in_one(rich("第一句。第二句。"), limit=6) == (Run("第一句。"), Run("…"))
    assert in_one(rich("\u200f")) == (Run("\u200f"),)


def test_the_limit_is_telegrams():
    assert LIMIT == MAX_TEXT
