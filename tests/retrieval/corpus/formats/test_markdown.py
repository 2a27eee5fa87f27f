"""Markdown reports: front matter, headings, and every kind of text block, in the order of the file."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.corpus.documents import make_document
from retrieval.corpus.draft import Block, Draft, Row
from retrieval.corpus.formats.markdown import read_markdown, split_front_matter
from retrieval.parts import Cell


def texts(markdown):
    return [block.text for block in read_markdown(markdown).blocks if block.kind == "paragraph"]


def visible(text):
    return [character for character in text if not character.isspace()]


def in_order(part, whole):
    rest = iter(visible(whole))
    return all(character in rest for character in visible(part))


def test_front_matter_headings_and_paragraphs_become_a_report():
    draft = read_markdown(
        "---\ntitle: 社区抗疫纪实\ndate: 2022-03-12\nsource: 里水镇政府\neditor: 王珈\nviews: 7628\n---\n\n"
        "# 社区抗疫纪实\n\n志愿者在送菜。\n\n## 夜里\n\n灯还亮着。\n"
    )
    assert draft == Draft(
        (Block("paragraph", "志愿者在送菜。"), Block("heading", "夜里", 2), Block("paragraph", "灯还亮着。")),
        title="社区抗疫纪实",
        date=dt.date(2022, 3, 12),
        source="里水镇政府",
        metadata=(("editor", "王珈"), ("views", "7628")),
    )


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("date: 2022-03-12", dt.date(2022, 3, 12)),
        ("date: 2022-03-12 08:15:00", dt.date(2022, 3, 12)),
        ("date: 2022年3月12日", dt.date(2022, 3, 12)),
        ("date: 二〇二二年三月十二日", dt.date(2022, 3, 12)),
        ("date: 20220312", dt.date(2022, 3, 12)),
        ("date: 20220312T081500Z", dt.date(2022, 3, 12)),
        ("date: 22/3/12", dt.date(2022, 3, 12)),
        ("date: 99-3-12", dt.date(1999, 3, 12)),
        ("date: 111.03.12", dt.date(2022, 3, 12)),
        ("date: 20221340", None),
        ("time: 2022/3/12", dt.date(2022, 3, 12)),
        ("date: 去年春天", None),
        ("date: 2022", None),
    ],
)
def test_a_date_in_the_front_matter_is_read_and_never_invented(line, date):
    assert read_markdown(f"---\n{line}\n---\n\n志愿者在送菜。\n").date == date


@pytest.mark.parametrize(
    "front",
    [
        pytest.param("date: 2020-13-45", id="a day that does not exist"),
        pytest.param("title: " + "9" * 5000, id="a number too long"),
        pytest.param("title: " + "[" * 3000, id="brackets without end"),
        pytest.param("title: [open", id="a broken list"),
        pytest.param("title: a: b: c", id="too many colons"),
        pytest.param("- 一\n- 二", id="a list"),
        pytest.param("只是一句话", id="a sentence"),
    ],
)
def test_front_matter_that_is_none_does_not_stop_the_reading(front):
    assert texts(f"---\n{front}\n---\n\n志愿者在送菜。\n")[-1] == "志愿者在送菜。"


def test_text_without_front_matter_is_all_body():
    assert split_front_matter("志愿者\n---\na: b\n---\n") == ({}, "志愿者\n---\na: b\n---\n")
    assert split_front_matter("---\na: b\n") == ({}, "---\na: b\n")
    assert split_front_matter("---\nTitle: 甲\n...\n乙") == ({"title": "甲"}, "乙")


def test_the_first_heading_is_the_title_unless_a_paragraph_stands_above_it():
    assert read_markdown("# 抗疫纪实\n\n志愿者在送菜。\n").title == "抗疫纪实"
    draft = read_markdown("志愿者在送菜。\n\n# 夜里\n\n灯还亮着。\n")
    assert (draft.title, draft.blocks[1]) == (None, Block("heading", "夜里", 1))


def test_another_title_in_the_front_matter_leaves_the_heading_in_the_text():
    draft = read_markdown("---\ntitle: 纪实\n---\n\n# 清晨\n\n志愿者在送菜。\n")
    assert (draft.title, draft.blocks[0]) == ("纪实", Block("heading", "清晨", 1))


def test_headings_keep_their_levels_and_name_their_paragraphs():
    text = "# 题\n\n## 一\n\n甲说了话。\n\n### 里\n\n乙说了话。\n\n二\n--\n\n丙说了话。\n\n#### 深 ####\n\n丁说了话。\n"
    document = make_document(read_markdown(text), "a", "a.md", text.encode())
    assert [(document.text[h.start : h.end], h.level) for h in document.headings] == [
        ("一", 2),
        ("里", 3),
        ("二", 2),
        ("深", 4),
    ]
    assert [p.heading for p in document.paragraphs] == ["一", "一 · 里", "二", "二 · 深"]


def test_lists_quotes_and_nested_items_are_paragraphs_in_order():
    text = "前言如下。\n\n- 白菜五十斤\n- 土豆\n  1. 大的\n  2. 小的\n\n> 谢谢你们。\n> 再见。\n\n后记。\n"
    assert texts(text) == ["前言如下。", "白菜五十斤", "土豆", "大的", "小的", "谢谢你们。\n再见。", "后记。"]


def test_a_table_gives_a_row_for_each_line_and_its_header_names_the_columns():
    text = "| 物资 | 数量 |\n|------|-----:|\n| 口罩 | 5000 |\n| **牛奶** | 80\\|90 |\n"
    assert read_markdown(text).blocks == (
        Block("row", "物资\t数量", row=Row((Cell(0, 2), Cell(3, 5)), is_header=True, begins=True)),
        Block("row", "口罩\t5000", row=Row((Cell(0, 2), Cell(3, 7)))),
        Block("row", "牛奶\t80|90", row=Row((Cell(0, 2), Cell(3, 8)))),
    )


def test_code_is_text_as_it_stands():
    assert texts("先运行：\n\n```sh\nwenbao index\n  # 注释\n```\n\n    缩进的代码\n\n再用 `wenbao ask`。\n") == [
        "先运行：",
        "wenbao index\n  # 注释",
        "缩进的代码",
        "再用 wenbao ask。",
    ]


def test_marks_are_taken_off_and_their_text_stays():
    assert texts("**党员**_先上_，见[通知](http://x.cn)和<b>要求</b>，~~不~~\\*行\\*。\n") == [
        "党员先上，见通知和要求，~~不~~*行*。"
    ]


def test_entities_are_kept_as_written():
    assert texts("体温&lt;37.3&deg;，&#20320;好&amp;`a&lt;b`。\n") == ["体温&lt;37.3&deg;，&#20320;好&amp;a&lt;b。"]


def test_html_blocks_lose_their_tags_and_keep_their_text():
    assert texts("<div class='x'>\n<p>志愿者在送菜。</p>\n</div>\n\n灯还亮着。\n") == ["志愿者在送菜。", "灯还亮着。"]


def test_wrapped_lines_are_one_paragraph():
    assert texts("志愿者在\n送菜，灯\\\n还亮着。\n") == ["志愿者在\n送菜，灯\n还亮着。"]


def test_line_ends_of_windows_change_nothing():
    text = "---\ntitle: 纪实\n---\n\n# 一\n\n志愿者在\n送菜。\n\n```\na\nb\n```\n"
    assert read_markdown(text.replace("\n", "\r\n")) == read_markdown(text)


def test_metadata_and_boilerplate_at_the_edges_are_no_paragraphs():
    draft = read_markdown(
        "# 纪实\n\n2022-03-12 来源：株洲日报\n\n志愿者在送菜。\n\n灯还亮着。\n\n责编：王珈\n\n下载APP\n"
    )
    assert draft == Draft(
        (Block("paragraph", "志愿者在送菜。"), Block("paragraph", "灯还亮着。")),
        title="纪实",
        date=dt.date(2022, 3, 12),
        source="株洲日报",
        metadata=(("time", "2022-03-12"), ("source", "株洲日报"), ("editor", "王珈")),
        furniture=("2022-03-12 来源：株洲日报", "责编：王珈", "下载APP"),
    )


def test_a_caption_stands_apart():
    assert read_markdown("志愿者在送菜。\n\n▲志愿者在门口。\n\n灯还亮着。\n").blocks[1] == Block(
        "caption", "▲志愿者在门口。"
    )


MARKS = st.sampled_from(
    [
        "# ", "## ", "- ", "1. ", "> ", "    ", "```\n", "\n\n", "\n", "|", "\n|-|-|\n", "**", "_", "`",
        "&lt;", "&amp;", "&nbsp;", "\\*", "[", "](x)", "<b>", "</b>", "<div>\n", "---\n", "![", "志愿者在送菜",
        "灯还亮着。", "A b", "▲图", "来源：株洲日报", " ",
    ]
)  # fmt: skip


@given(st.lists(MARKS, max_size=30).map("".join))
@example("a &lt; b\n\n| 甲 | 乙 |\n|-|-|\n| `&lt;` | \\| |\n")
@example("* &#42; *")
def test_the_text_of_any_markdown_stands_in_the_file_in_order(text):
    for block in read_markdown(text).blocks:
        assert block.text == block.text.strip() != ""
    assert in_order("".join(block.text for block in read_markdown(text).blocks if block.kind != "caption"), text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_no_text_breaks_the_markdown_reader(text):
    assert isinstance(read_markdown(text), Draft)
