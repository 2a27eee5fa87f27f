"""The width at which a file wraps is known before a line is called title, byline or caption: no line is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torn_text import FIRST, SECOND, THIRD, document_of, paragraphs, wrapped

from retrieval.corpus.documents import make_document
from retrieval.corpus.draft import Block
from retrieval.corpus.habits import habits_of
from retrieval.corpus.layout import read_lines, read_plain_text
from retrieval.corpus.lines import Line, split_lines

TITLES = ["青石县推进人居环境整治", "防汛工作会议纪要", "我县召开座谈会", "里水镇用心服务群众"]
CLAUSES = [
    "县委副书记钱仲勉出席会议", "记者从县水务局获悉", "分享到微信群的照片有三百张", "一共转移六十七户",
    "2024年5月6日上午九时许", "总产达到12.6万吨",
    "他说“先把老人接出来”", "来自静安区人民医院", "本报记者李国强走进北村",
    "来源清楚的水才能喝", "下载APP的居民有两千人", "电话是0731-28680000", "地点在镇中学的操场", "时间紧任务重",
]  # fmt: skip
SENTENCES = st.builds(
    lambda clauses, end: "，".join(clauses) + end,
    st.lists(st.sampled_from(CLAUSES), min_size=2, max_size=5),
    st.sampled_from("。。。！？"),
)
PARAGRAPHS = st.lists(st.lists(SENTENCES, min_size=2, max_size=4).map("".join), min_size=1, max_size=5)
WIDTHS = st.integers(12, 40)


def bare(text):
    return "".join(text.split())


@given(st.sampled_from(TITLES), PARAGRAPHS, WIDTHS, st.sampled_from(["", "\u3000\u3000"]), st.sampled_from("\n \n\n"))
def test_every_character_of_wrapped_paragraphs_is_text_whatever_the_width(title, texts, width, indent, between):
    body = f"\n{between.strip(' ')}".join(wrapped(indent + text, width) for text in texts)
    document = document_of(f"{title}\n\n{body}")
    assert (bare(document.text), document.title) == (bare("".join(texts)), title)
    assert (document.metadata, document.furniture, document.asides) == ((), (), ())


@given(st.sampled_from(TITLES), PARAGRAPHS, WIDTHS)
def test_no_line_of_a_page_with_wrapped_paragraphs_is_lost_either(title, texts, width):
    rows = [Line(title, 0, False, 1)]
    for text in texts:
        lines = wrapped("\u3000\u3000" + text, width).split("\n")
        rows += [Line(line.strip(), 0, not place, 1) for place, line in enumerate(lines)]
    document = make_document(read_lines(rows), "page", "page.pdf", b"")
    assert bare(document.text) in (bare("".join(texts)), bare(title + "".join(texts)))
    assert (document.metadata, document.furniture, document.asides) == ((), (), ())


@pytest.mark.parametrize("width", range(12, 41))
def test_wrapped_paragraphs_come_out_whole_at_every_width(width):
    body = "\n\n".join(wrapped(text, width) for text in (FIRST, SECOND, THIRD))
    assert read_plain_text(f"社区抗疫纪实\n\n{body}").blocks == paragraphs(FIRST, SECOND, THIRD)


def test_a_number_that_is_torn_at_its_point_goes_on():
    text = "全县今年的秋粮总产量预计可以达到12.6万吨，由县粮食局统一收购。农户可以就近把粮食送到二十七个收购点。"
    assert read_plain_text(f"秋粮收购\n\n{wrapped(text, 19)}").blocks == paragraphs(text)


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(["七月二十日 水位二十八米六", "值班人 顾守成", "七月二十一日 水位二十八米一"], id="days"),
        pytest.param(["6:10 水位十二米三", "9:40 开启三孔泄洪", "13:25 水位十一米八", "20:00 关闸"], id="times"),
        pytest.param(["2024-03-01 种子到货", "2024-03-05 开始发放", "2024-03-25 发放完毕"], id="dates"),
    ],
)
@pytest.mark.parametrize("title", ["石桥闸值守日志\n\n", "石桥闸值守日志\n", ""])
def test_a_log_keeps_its_first_entry(title, entries):
    document = document_of(title + "\n".join(entries) + "\n")
    assert (document.text, document.furniture) == ("\n".join(entries), ())


def test_a_log_of_one_length_is_no_wrapped_text():
    entries = [f"3月{day}日 巡堤三次，闸前水位十二米{day}" for day in range(11, 17)]
    assert read_plain_text("巡堤日志\n\n" + "\n".join(entries)).blocks == paragraphs("\n".join(entries))


def test_minutes_keep_time_and_place():
    fields = "时间：2024年3月8日下午三点\n地点：乡政府二楼会议室\n主持人：孟庆春"
    draft = read_plain_text(f"春耕调度会纪要\n\n{fields}\n\n{FIRST}\n")
    assert (draft.title, draft.blocks, draft.furniture) == ("春耕调度会纪要", paragraphs(fields, FIRST), ())
    assert (draft.date.isoformat(), draft.metadata) == ("2024-03-08", (("time", "2024年3月8日下午三点"),))


@pytest.mark.parametrize("topic", ["一、关于修路", "（一）关于修路", "1、关于修路", "第一章 修路"])
def test_the_first_topic_below_the_fields_of_minutes_is_a_heading(topic):
    fields = "地点：乡政府二楼会议室\n主持人：孟庆春\n参加人：李四、王五"
    draft = read_plain_text(f"春耕调度会纪要\n{fields}\n{topic}\n{FIRST}\n")
    assert draft.blocks == (*paragraphs(fields), Block("heading", topic, 1), *paragraphs(FIRST))


def test_names_below_the_fields_of_minutes_belong_to_them():
    fields = "地点：乡政府二楼会议室\n参加人：李四\n王五 赵六"
    assert read_plain_text(f"春耕调度会纪要\n{fields}\n{FIRST}\n").blocks == paragraphs(fields, FIRST)


def test_a_line_is_a_subtitle_only_where_title_heading_and_text_are_set_apart():
    subtitle, heading = "里水机关党支部以党建引领,深入防控一线", "让党旗高高飘扬"
    sure = read_plain_text(f"筑牢堡垒\n\n{subtitle}\n\n{heading}\n\n{FIRST}")
    assert (sure.metadata, sure.blocks) == (
        (("subtitle", subtitle),),
        (Block("subtitle", subtitle), Block("heading", heading, 1), *paragraphs(FIRST)),
    )
    unsure = read_plain_text(f"筑牢堡垒\n{subtitle}\n{heading}\n{FIRST}")
    assert (unsure.metadata, [block.text for block in unsure.blocks]) == ((), [subtitle, heading, FIRST])


def test_an_organisation_at_the_end_of_a_wrapped_line_is_no_source():
    text = "昨天上午他带着两位同事来到了县人民医院看望受伤的工人，并且代表镇政府送去了三千元慰问金。"
    draft = read_plain_text(f"看望工人\n\n{wrapped(text, 19)}")
    assert (draft.source, draft.blocks) == (None, paragraphs(text))


def test_habits_are_read_from_all_lines():
    habits = habits_of(split_lines("社区抗疫纪实\n\n" + "\n\n".join(wrapped(text, 18) for text in (FIRST, SECOND))))
    assert (habits.wrap_width.characters, habits.indents, habits.gap, habits.entries) == (18, False, 0, False)
    assert habits_of(split_lines(f"{FIRST}\n\n夜里的灯\n\n{SECOND}")).wrap_width is None
