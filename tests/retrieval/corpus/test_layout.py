"""Plain text as people paste it: torn paragraphs are mended, headings and captions are told from text."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.corpus.documents import make_document
from retrieval.corpus.draft import Block, Draft
from retrieval.corpus.layout import read_plain_text
from retrieval.corpus.lines import glue
from retrieval.types import Caption, Heading, Paragraph

FIRST = "四月的第一个星期里，社区的志愿者们每天清晨六点钟就到小区门口集合，把蔬菜和药品一户一户地送到居民手中。"
SECOND = "到了傍晚，他们又挨家挨户地登记第二天需要的物品，常常忙到夜里十一点多钟才能回家休息，第二天照样早起。"
THIRD = "居委会主任说，这些年轻人从来没有喊过一声累，整栋楼的老人都记得他们的名字，也记得他们敲门的声音。"


def wrapped(text, width):
    return "\n".join(text[start : start + width] for start in range(0, len(text), width))


def paragraphs(*texts):
    return tuple(Block("paragraph", text) for text in texts)


def document_of(text):
    return make_document(read_plain_text(text), "report", "report.txt", text.encode())


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
    assert document.captions == (Caption("▲志愿者在小区门口集合。", 1),)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["近两千名住", "户的餐食"], "近两千名住户的餐食"),
        (["our own", "house"], "our own house"),
        (["1", "6日"], "16日"),
        (["共有3", "个小区"], "共有3个小区"),
        (["the end.", "然后"], "the end.然后"),
    ],
)
def test_torn_lines_are_joined_as_their_script_wants(parts, whole):
    assert glue(parts) == whole


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


# Title and metadata


def test_a_date_line_above_the_title_is_metadata():
    draft = read_plain_text(f"2024年5月6日\n\n社区抗疫纪实\n\n{FIRST}\n\n{SECOND}")
    assert draft == Draft(
        paragraphs(FIRST, SECOND),
        title="社区抗疫纪实",
        date=dt.date(2024, 5, 6),
        metadata=(("time", "2024年5月6日"),),
        furniture=("2024年5月6日",),
    )


def test_an_organisation_below_the_title_is_the_source():
    draft = read_plain_text(f"社区抗疫纪实\n\n静安区委组织部\n\n{FIRST}\n\n{SECOND}")
    assert (draft.title, draft.source, draft.blocks) == ("社区抗疫纪实", "静安区委组织部", paragraphs(FIRST, SECOND))


def test_a_notice_is_signed_and_dated_at_its_end():
    draft = read_plain_text(f"关于封闭管理的通知\n\n{FIRST}\n\n{SECOND}\n\n静安区疫情防控指挥部\n2022年3月12日\n")
    assert draft == Draft(
        paragraphs(FIRST, SECOND),
        title="关于封闭管理的通知",
        date=dt.date(2022, 3, 12),
        source="静安区疫情防控指挥部",
        metadata=(("source", "静安区疫情防控指挥部"), ("time", "2022年3月12日")),
        furniture=("静安区疫情防控指挥部", "2022年3月12日"),
    )


def test_a_date_inside_the_text_is_not_the_reports_date():
    draft = read_plain_text(f"社区抗疫纪实\n\n{FIRST}2022年3月12日，小区解封。\n\n{SECOND}")
    assert (draft.date, draft.metadata) == (None, ())


def test_a_report_that_begins_with_a_paragraph_has_no_title():
    assert read_plain_text(f"{FIRST}\n\n{SECOND}").title is None
    document = document_of(f"{FIRST}\n\n{SECOND}")
    assert (document.title, document.title_derived) == (
        "四月的第一个星期里，社区的志愿者们每天清晨六点钟就到小区门口集合…",
        True,
    )


# Small and odd files


def test_a_file_of_one_line_is_one_paragraph():
    document = document_of("孙蕴华接听了四百通电话。")
    assert (document.text, document.paragraphs) == ("孙蕴华接听了四百通电话。", (Paragraph(1, 0, 12, None),))


def test_a_file_of_nothing_but_a_title_is_one_paragraph():
    document = document_of("社区抗疫纪实")
    assert (document.text, document.title, document.paragraphs, document.headings) == (
        "社区抗疫纪实",
        "社区抗疫纪实",
        (Paragraph(1, 0, 6, None),),
        (),
    )


def test_a_file_of_nothing_but_captions_has_them_as_its_text():
    document = document_of("▲志愿者在送菜。\n\n▲志愿者在集合。\n")
    assert (document.text, document.captions) == ("▲志愿者在送菜。\n▲志愿者在集合。", ())


def test_a_missing_newline_at_the_end_changes_nothing():
    text = f"社区抗疫纪实\n\n{FIRST}\n\n夜里的灯\n\n{SECOND}"
    assert read_plain_text(text) == read_plain_text(text + "\n") == read_plain_text(text + "\n\n\n")


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\u2028", "\x85"])
def test_the_kind_of_line_end_changes_nothing(newline):
    text = f"2024年5月6日\n\n社区抗疫纪实\n\n{wrapped(FIRST, 18)}\n\n▲志愿者在送菜。\n\n{wrapped(SECOND, 18)}\n"
    assert read_plain_text(text.replace("\n", newline)) == read_plain_text(text)


def test_headings_and_paragraphs_are_laid_out_with_exact_offsets():
    document = document_of("社区抗疫纪实\n\n清晨\n\n志愿者在送菜。\n\n夜里\n\n灯还亮着。\n")
    assert (document.title, document.text) == ("社区抗疫纪实", "清晨\n\n志愿者在送菜。\n\n夜里\n\n灯还亮着。")
    assert document.headings == (Heading(0, 2, 1), Heading(13, 15, 1))
    assert document.paragraphs == (Paragraph(1, 4, 11, "清晨"), Paragraph(2, 17, 22, "夜里"))


# Properties

SENTENCES = st.text("社区志愿者送菜上门每天两千3月16日AB，、“”（）《》。！？…: 的了", min_size=1, max_size=120)
LINES = st.one_of(
    SENTENCES,
    st.sampled_from(
        [
            "", "", "", "\f", "  ", "\u3000\u3000", "一、送菜", "（二）清晨", "A 党建引领", "第三章 夜里",
            "▲志愿者在送菜。", "图为志愿者", "2024年5月6日", "来源:株洲日报 | 编辑:王珈 | 浏览量:7628",
            "责编：王珈", "下载APP", "一支部.jpg", "- 3 -", "第 3 页 共 10 页", "静安区委组织部",
            "本报记者 张三 李四", "社区抗疫纪实", FIRST, "\u3000\u3000" + SECOND,
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40),
)  # fmt: skip
REPORTS = st.builds(str.join, st.sampled_from(["\n", "\n", "\n\n", "\r\n", "\n\f\n"]), st.lists(LINES, max_size=14))
INVISIBLE = "\u200b\ufeff"


def visible(text):
    return [character for character in text if not character.isspace() and character not in INVISIBLE]


def in_order(part, whole):
    rest = iter(visible(whole))
    return all(character in rest for character in visible(part))


@given(REPORTS.filter(visible))
@example("▲图一\n" + FIRST)
@example("\n".join(["短"] * 9))
def test_no_visible_character_of_a_report_is_lost_or_invented(text):
    document = document_of(text)
    title = "" if document.title_derived else document.title
    kept = [document.text, title, *(caption.text for caption in document.captions), *document.furniture]
    assert Counter(visible("".join(kept))) == Counter(visible(text))


@given(REPORTS.filter(visible))
def test_the_text_and_the_captions_of_a_report_stand_in_the_file_in_order(text):
    document = document_of(text)
    assert in_order(document.text, text)
    assert in_order("".join(caption.text for caption in document.captions), text)


@given(REPORTS.filter(visible))
def test_paragraphs_and_headings_slice_the_text_and_leave_nothing_out(text):
    document = document_of(text)
    spans = sorted([(p.start, p.end) for p in document.paragraphs] + [(h.start, h.end) for h in document.headings])
    assert "\n\n".join(document.text[start:end] for start, end in spans) == document.text
    assert [p.number for p in document.paragraphs] == list(range(1, len(document.paragraphs) + 1))
    assert "" not in [document.text[start:end].strip() for start, end in spans]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("社区抗疫纪实\n\n本报记者 张三" + " " * 60 + "报道。\n", id="a byline with a wide gap"),
        pytest.param("社区抗疫纪实\n\n记者 " + "李四 " * 45 + "报道。\n", id="a byline with many names"),
        pytest.param("甲" + " " * 100_000 + "乙。", id="a line with a very wide gap"),
        pytest.param("\n".join(f"{row},张三,男" for row in range(15_000)), id="a table of many lines"),
        pytest.param(wrapped("志愿者" * 50_000, 30), id="a long text without a full stop"),
    ],
)
def test_no_text_keeps_the_reader_busy_for_ever(text):
    script = "import sys; from retrieval.corpus.layout import read_plain_text; read_plain_text(sys.stdin.read())"
    subprocess.run([sys.executable, "-c", script], input=text, encoding="utf-8", check=True, timeout=15)
