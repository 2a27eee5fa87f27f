"""Plain text as people paste it: title, metadata and captions are told from text, and nothing is lost."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from torn_text import FIRST, SECOND, document_of, paragraphs, wrapped

from retrieval.corpus.draft import Draft
from retrieval.corpus.layout import read_plain_text
from retrieval.parts import Paragraph

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
    assert (document.text, document.asides) == ("▲志愿者在送菜。\n▲志愿者在集合。", ())


def test_a_missing_newline_at_the_end_changes_nothing():
    text = f"社区抗疫纪实\n\n{FIRST}\n\n夜里的灯\n\n{SECOND}"
    assert read_plain_text(text) == read_plain_text(text + "\n") == read_plain_text(text + "\n\n\n")


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\u2028", "\x85"])
def test_the_kind_of_line_end_changes_nothing(newline):
    text = f"2024年5月6日\n\n社区抗疫纪实\n\n{wrapped(FIRST, 18)}\n\n▲志愿者在送菜。\n\n{wrapped(SECOND, 18)}\n"
    assert read_plain_text(text.replace("\n", newline)) == read_plain_text(text)


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
            "2024-07-12 21:03:05 李伟(12345)", "王芳 21:05",
            "[00:12] 主持人：今天先说供水", "00:47 一共三千户",
            "0:05",
            "7", "00:00:03,200 --> 00:00:06,900", "WEBVTT", "NOTE 录音", "<v 李伟>今天",
            "地点：三楼", "时间：2024年5月6日",
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
    kept = [document.text, title, *document.furniture]
    assert Counter(visible("".join(kept))) == Counter(visible(text))


@given(REPORTS.filter(visible))
def test_the_text_of_a_report_stands_in_the_file_in_order_but_for_captions_that_tore_a_paragraph(text):
    document = document_of(text)
    moved = {place for start, end in document.made for place in range(start, end)}
    assert in_order("".join(mark for place, mark in enumerate(document.text) if place not in moved), text)
    assert in_order("".join(document.text[aside.start : aside.end] for aside in document.asides), text)


@given(REPORTS.filter(visible))
def test_paragraphs_headings_and_captions_slice_the_text_and_leave_nothing_out(text):
    document = document_of(text)
    parts = (*document.paragraphs, *document.headings, *document.asides)
    spans = sorted((part.start, part.end) for part in parts)
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
        *(
            pytest.param(f"标题\n{unit * (5_000_000 // len(unit))}\n尾", id=f"a line of nothing but {unit.strip()}")
            for unit in ("©", "—", "记者", "1.", "”", "（", "2024-", "00:12 ", "-->", "<v ", "。”", "甲" + " " * 99)
        ),
        *(
            pytest.param(wrapped(unit * (1_000_000 // len(unit)), 160), id=f"many lines of {unit.strip()}")
            for unit in ("©", "—", "记者", "1.", "00:12 ", "2024-07-12 21:03 李", "甲" + " " * 158 + "乙")
        ),
    ],
)
def test_no_text_keeps_the_reader_busy_for_ever(text):
    script = "import sys; from retrieval.corpus.layout import read_plain_text; read_plain_text(sys.stdin.read())"
    subprocess.run([sys.executable, "-c", script], input=text, encoding="utf-8", check=True, timeout=15)
