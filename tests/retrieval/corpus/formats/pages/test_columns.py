"""Columns of a PDF: whatever order they were drawn in, every word comes out once, and column by column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, cycle, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_files import Text, pdf

from retrieval.corpus.formats.pdf import read_pdf

TITLE = "渔港镇一周要闻"
HARBOUR = (
    "渔港镇十月二十日启动海带育苗基地扩建工程，新建育苗池六十四口，由渔业合作社理事长郝闻韶负责，预计明年二月投苗。"
)
LOANS = (
    "镇里为每户养殖户提供三万元贴息贷款，期限两年，不收手续费，申请人只要带上身份证和海域使用证，到镇便民服务中心登记。"
)
HOSPITAL = (
    "同日，镇卫生院新门诊楼投入使用，设床位八十张，新添核磁共振设备一台，院长黎若谷介绍，门诊时间延长至晚上八点。"
)
BUSES = "偏远渔村的居民可以拨打热线预约免费接送车，司机由十二名退伍军人担任，每天早上六点从镇政府门前的广场出发。"
SCHOOL = (
    "中心小学的食堂也在这一周重新开张，三百四十名学生第一次吃上了本地渔船当天送来的鱼，家长们可以轮流到厨房里帮忙。"
)
STORIES = (HARBOUR + LOANS, HOSPITAL, BUSES + SCHOOL, LOANS, SCHOOL + HOSPITAL, HARBOUR)


def wrapped(text: str, width: int, indent: int = 0) -> list[str]:
    """Set a paragraph in lines of ``width`` characters; the blanks of the first line's indentation stand in it."""
    whole = "　" * indent + text
    return [whole[start : start + width] for start in range(0, len(whole), width)]


def placed(
    columns: Sequence[Sequence[str]], width: int, across: bool = True, top: float = 700, gutter: float = 2
) -> list[Text]:
    """Place lines in columns, drawn row by row (``across``) or column by column."""
    cells = [
        (
            place,
            row,
            (
                60 + place * 10 * (width + gutter) + 10 * (len(line) - len(line.lstrip("　"))),
                top - 16 * row,
                10.0,
                line.lstrip("　"),
            ),
        )
        for place, lines in enumerate(columns)
        for row, line in enumerate(lines)
        if line
    ]
    return [text for *_, text in (sorted(cells, key=lambda cell: (cell[1], cell[0])) if across else cells)]


VILLAGES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"
HEADLINE = (60, 760, 18.0, "海滨新区各乡镇一周要闻综述")


def read(*pages: Sequence[Text]) -> list[str]:
    return [block.text for block in read_pdf(pdf(*pages, pagesize=(900, 842))).blocks]


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    columns=st.integers(2, 3),
    width=st.integers(10, 26),
    rows=st.integers(6, 24),
    missing=st.integers(0, 23),
    first=st.integers(0, 5),
    indent=st.sampled_from([0, 2]),
    gutter=st.sampled_from([1, 1.5, 3]),
    across=st.booleans(),
    pages=st.integers(1, 2),
    titled=st.booleans(),
)
def test_every_word_comes_out_once_and_in_reading_order(
    columns, width, rows, missing, first, indent, gutter, across, pages, titled
):
    most = rows * columns * pages - missing % rows
    stories, lines = [], []
    for number, story in enumerate(islice(cycle(STORIES), first, first + len(VILLAGES)), start=1):
        told = story.replace("，", f"，{VILLAGES[number - 1]}村")
        story = f"{'、'.join(VILLAGES[:number])}村来稿，{told}"  # so that no two columns are alike
        more = wrapped(story, width, indent)
        if len(lines) + len(more) > most:
            break
        stories.append(story)
        lines += more
    parts = [lines[start : start + rows] for start in range(0, len(lines), rows)]
    title = [HEADLINE] if titled else []
    sheets = [
        (title if page == 0 else [])
        + placed(parts[columns * page : columns * (page + 1)], width, across, gutter=gutter)
        for page in range(pages)
    ]
    assert "".join(read(*filter(None, sheets)) if lines else []) == "".join(stories)


def test_two_stories_side_by_side_are_two_paragraphs_below_the_title():
    sheet = placed([wrapped(HARBOUR, 12), wrapped(HOSPITAL, 12)], 12)
    draft = read_pdf(pdf([(120, 760, 20.0, TITLE), *sheet]))
    assert (draft.title, [block.text for block in draft.blocks]) == (TITLE, [HARBOUR, HOSPITAL])
    assert [block.made for block in draft.blocks] == [(), ()]


@pytest.mark.parametrize("across", [True, False])
def test_what_spans_the_columns_stays_above_between_and_below_them(across):
    abstract, between = "本报讯：" + HARBOUR, "图为渔港镇新建的海带育苗基地和已经投入使用的镇卫生院门诊楼（资料图）"
    top = placed([wrapped(LOANS, 14), wrapped(HOSPITAL, 14)], 14, across, 660)
    foot = placed([wrapped(BUSES, 14), wrapped(SCHOOL, 14)], 14, across, 460)
    end = "以上消息由渔港镇党政办公室供稿，联系人黎若谷，欢迎各村来稿。"
    sheet = [
        HEADLINE,
        *placed([wrapped(abstract, 30)], 30, top=720),
        *top,
        (60, 500, 10.0, between),
        *foot,
        (60, 340, 10.0, end),
    ]
    assert "".join(read(sheet)) == abstract + LOANS + HOSPITAL + between + BUSES + SCHOOL + end


def test_date_and_source_side_by_side_above_the_columns_are_metadata():
    printed = [(60, 735, 10.0, "发布时间：2021年6月18日"), (250, 735, 10.0, "来源：渔港镇人民政府")]
    draft = read_pdf(pdf([HEADLINE, *printed, *placed([wrapped(HARBOUR, 14), wrapped(HOSPITAL, 14)], 14, top=710)]))
    assert draft.metadata == (("time", "2021年6月18日"), ("source", "渔港镇人民政府"))
    assert [block.text for block in draft.blocks] == [HARBOUR, HOSPITAL]


@pytest.mark.parametrize("size", [10.0, 14.0])
def test_headings_of_the_columns_stay_above_their_texts(size):
    headings = [(90, 720, size, "育苗基地扩建"), (260, 720, size, "新门诊楼启用")]
    sheet = [HEADLINE, *headings, *placed([wrapped(HARBOUR, 14, 2), wrapped(HOSPITAL, 14, 2)], 14, top=690)]
    assert read(sheet) == ["育苗基地扩建", HARBOUR, "新门诊楼启用", HOSPITAL]


def test_a_paragraph_goes_on_over_the_end_of_a_column_and_of_a_page():
    text = HARBOUR + LOANS + HOSPITAL + BUSES + SCHOOL
    parts = [*chain(wrapped(text, 15))]
    rows = -(-len(parts) // 4)
    quarter = [parts[start : start + rows] for start in range(0, len(parts), rows)]
    assert read(placed(quarter[:2], 15), placed(quarter[2:], 15)) == [text]


def test_rows_of_columns_need_not_be_level():
    left = placed([wrapped(HARBOUR + LOANS, 14)], 14)
    right = [
        (x + 170, 697 - 0.9 * (700 - y), size, text) for x, y, size, text in placed([wrapped(HOSPITAL + BUSES, 14)], 14)
    ]
    drawn = [text for pair in zip(left, right, strict=False) for text in pair] + left[len(right) :] + right[len(left) :]
    assert read(drawn) == [HARBOUR + LOANS, HOSPITAL + BUSES]


def test_a_last_column_of_one_row_is_read_last():
    lines = wrapped(HARBOUR + LOANS, 14)
    assert read(placed([lines[:-1], lines[-1:]], 14)) == [HARBOUR + LOANS]


def test_words_of_a_column_that_are_divided_are_whole():
    left = [
        "The volunteers carried fresh vege-",
        "tables to every door of the whole",
        "quarter, and counted the families",
        "that had asked for help by phone.",
    ]
    right = [
        "In the harbour the new nursery of",
        "kelp was opened by the cooper-",
        "ative, which has sixty-four pools",
        "and will plant them in February.",
    ]
    sheet = placed([left, right], 20)
    assert " ".join(read(sheet)) == (
        "The volunteers carried fresh vegetables to every door of the whole quarter, and counted the families that had "
        "asked for help by phone. In the harbour the new nursery of kelp was opened by the cooperative, which has "
        "sixty-four pools and will plant them in February."
    )


def rows_of(texts: Sequence[str]) -> list[str]:
    """Return lines as they are read across, without what joins them."""
    return ["".join(text.split()) for text in texts]


@pytest.mark.parametrize(
    "cells",
    [
        [
            ["姓名", "张三", "李四", "王五", "赵六"],
            ["电话", "13800000001", "13800000002", "13800000003", "13800000004"],
        ],
        [
            ["申请人的身份证复印件", "海域使用证的原件", "渔船登记的证明", "银行账户的证明"],
            ["村民委员会，一份", "渔业合作社，两份", "渔港监督站，一份", "信用社，一份"],
        ],
        [["一、登记物品，每日上报。"] * 5, ["二、巡查渔港，每周一次。"] * 5, ["三、看护老人，随叫随到。"] * 5],
    ],
    ids=["figures", "papers", "duties"],
)
def test_a_table_is_read_row_by_row(cells):
    rows = ["".join(row) for row in zip(*cells, strict=True)]
    sheet = [HEADLINE, *placed([wrapped(HARBOUR, 30)], 30, top=730), *placed(cells, 14)]
    assert "".join(rows_of(read(sheet))) == HARBOUR + "".join(rows)


def test_a_table_whose_cells_are_wrapped_is_read_row_by_row():
    rows = [
        (HARBOUR[:40], LOANS[:20]),
        (HOSPITAL[:18], BUSES[:44]),
        (SCHOOL[:30], LOANS[:34]),
        (BUSES[:50], HARBOUR[:15]),
    ]
    columns: list[list[str]] = [[], []]
    for cells in rows:
        lines = [wrapped(cell, 12) for cell in cells]
        tallest = max(map(len, lines))
        for column, cell in zip(columns, lines, strict=True):
            column += cell + [""] * (tallest - len(cell))
    across = [line for pair in zip(*columns, strict=True) for line in pair]
    assert "".join(rows_of(read([HEADLINE, *placed(columns, 12)]))) == "".join(across)
