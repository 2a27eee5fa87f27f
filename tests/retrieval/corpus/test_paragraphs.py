"""Lines become paragraphs: torn ones are mended, and headings, lists and captions are told from text."""

from __future__ import annotations

import pytest
from torn_text import FIRST, SECOND, THIRD, document_of, paragraphs, wrapped

from retrieval.corpus.draft import Block
from retrieval.corpus.layout import read_plain_text
from retrieval.parts import Aside

# Torn paragraphs


def test_hard_wrapped_paragraphs_between_blank_lines_are_mended():
    text = "\n\n".join(wrapped(paragraph, 18) for paragraph in (FIRST, SECOND, THIRD))
    assert read_plain_text(text).blocks == paragraphs(FIRST, SECOND, THIRD)


def test_hard_wrapped_paragraphs_told_apart_by_indentation_alone_are_mended():
    text = "\n".join(wrapped("\u3000\u3000" + paragraph, 18) for paragraph in (FIRST, SECOND, THIRD))
    assert read_plain_text(text).blocks == paragraphs(FIRST, SECOND, THIRD)


def test_a_page_break_inside_a_word_is_mended():
    torn = FIRST.replace("居民手中", "居\n\f\n\n民手中")
    assert read_plain_text(f"社区抗疫纪实\n\n{torn}\n\n{SECOND}\n").blocks == paragraphs(FIRST, SECOND)


@pytest.mark.parametrize("page_break", ["\f", "\n\f", "\n\n\n\n", "\r\n\r\n\f\r\n"])
def test_every_kind_of_page_break_is_mended(page_break):
    torn = SECOND.replace("照样", f"照{page_break}样")
    assert read_plain_text(f"{FIRST}\n{torn}\n{THIRD}\n").blocks == paragraphs(FIRST, SECOND, THIRD)


def test_a_page_number_on_the_break_does_not_stop_the_mending():
    torn = FIRST.replace("居民手中", "居\n\n- 3 -\n\n民手中")
    draft = read_plain_text(f"社区抗疫纪实\n\n{torn}\n\n{SECOND}\n")
    assert (draft.blocks, draft.furniture) == (paragraphs(FIRST, SECOND), ("- 3 -",))


def test_a_line_inside_an_open_quotation_goes_on():
    text = f"{THIRD}\n\n张磊说：“我要对居民\n\n负责，也要对得起自己。”他笑了。\n\n{FIRST}"
    assert read_plain_text(text).blocks == paragraphs(
        THIRD, "张磊说：“我要对居民负责，也要对得起自己。”他笑了。", FIRST
    )


def test_a_line_that_ends_with_a_comma_goes_on():
    assert read_plain_text(f"{FIRST}\n\n天还没有亮，\n\n他就出了门。\n\n{SECOND}").blocks == paragraphs(
        FIRST, "天还没有亮，他就出了门。", SECOND
    )


def test_a_line_that_begins_with_a_closing_mark_belongs_to_the_line_before():
    assert read_plain_text(f"{FIRST}\n\n他说“先上\n”，大家都笑了。\n\n{SECOND}").blocks == paragraphs(
        FIRST, "他说“先上”，大家都笑了。", SECOND
    )


def test_paragraphs_on_single_lines_are_not_glued_to_one_another():
    assert read_plain_text(f"{FIRST}\n{SECOND}\n{THIRD}").blocks == paragraphs(FIRST, SECOND, THIRD)


def test_a_caption_between_the_two_halves_of_a_paragraph_comes_after_it():
    torn = FIRST.replace("居民手中", "居\n\n▲志愿者在小区门口集合。\n\n民手中")
    document = document_of(f"社区抗疫纪实\n\n{torn}\n\n{SECOND}")
    assert [document.text[p.start : p.end] for p in document.paragraphs] == [FIRST, SECOND]
    (caption,) = document.asides
    assert caption == Aside("caption", document.text.index("▲"), document.text.index("▲") + 12, 1)
    assert document.made == ((caption.start, caption.end),)


# Headings, lists, captions


def test_a_short_line_above_a_paragraph_is_its_heading():
    document = document_of(f"社区抗疫纪实\n\n{FIRST}\n\n夜里的灯\n\n{SECOND}\n{THIRD}")
    assert document.title == "社区抗疫纪实"
    assert [p.heading for p in document.paragraphs] == [None, "夜里的灯", "夜里的灯"]


def test_headings_of_one_style_share_a_level_and_inner_ones_hang_below():
    text = (
        f"社区抗疫纪实\n\n{THIRD}\n\n一、送菜\n\n（一）清晨\n\n{FIRST}\n\n（二）傍晚\n\n{SECOND}\n\n二、感谢\n\n{THIRD}"
    )
    document = document_of(text)
    assert [(document.text[h.start : h.end], h.level) for h in document.headings] == [
        ("一、送菜", 1),
        ("（一）清晨", 2),
        ("（二）傍晚", 2),
        ("二、感谢", 1),
    ]
    assert [p.heading for p in document.paragraphs] == [
        None,
        "一、送菜 · （一）清晨",
        "一、送菜 · （二）傍晚",
        "二、感谢",
    ]


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(["白菜", "本地土豆三十斤", "鸡蛋二百个", "社区食堂的热牛奶八十盒", "口罩"], id="of many lengths"),
        pytest.param(["白菜五十斤", "土豆三十斤", "鸡蛋二百个", "牛奶八十盒", "口罩一千只"], id="of one length"),
    ],
)
def test_many_short_lines_in_a_row_are_a_list_and_no_headings(entries):
    text = "\n".join([FIRST, *entries, SECOND])
    assert read_plain_text(text).blocks == paragraphs(FIRST, "\n".join(entries), SECOND)


def test_short_lines_at_the_end_have_nothing_below_them_and_are_text():
    assert read_plain_text(f"{FIRST}\n\n{SECOND}\n\n愿大家平安").blocks == paragraphs(FIRST, SECOND, "愿大家平安")


@pytest.mark.parametrize(
    "caption", ["▲志愿者在送菜。", "图为志愿者在送菜", "上图:志愿者在送菜", "图1：志愿者在送菜", "（图/张三）"]
)
def test_a_line_that_calls_itself_a_caption_is_one(caption):
    draft = read_plain_text(f"{FIRST}\n\n{caption}\n\n{SECOND}")
    assert draft.blocks == (Block("paragraph", FIRST), Block("caption", caption), Block("paragraph", SECOND))


def test_a_lone_sentence_in_the_gap_a_picture_left_is_a_caption():
    draft = read_plain_text(f"{FIRST}\n\n\n\n志愿者在小区门口给居民送菜。\n\n\n\n{SECOND}")
    assert draft.blocks[1] == Block("caption", "志愿者在小区门口给居民送菜。")


def test_a_short_sentence_between_ordinary_paragraphs_is_a_paragraph():
    assert read_plain_text(f"{FIRST}\n\n天亮了。\n\n{SECOND}").blocks == paragraphs(FIRST, "天亮了。", SECOND)
