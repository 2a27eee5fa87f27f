"""Cells become the rows of a table: merged ones in every row, and the rows that name the columns told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.corpus.draft import Block
from retrieval.corpus.tabular import GridCell, blocks_of_table, lines_of_table
from retrieval.corpus.tabular.grid import MOST_COLUMNS


def cell(text, columns=1, rows=1, **kind):
    return GridCell(text, columns, rows, **kind)


def grid(*rows):
    return [[one if isinstance(one, GridCell) else cell(one) for one in row] for row in rows]


def shown(rows, header=None):
    """Return (text, whether it names columns) of each row."""
    return [(block.text, block.row.is_header) for block in blocks_of_table(rows, header)]


def test_a_merged_cell_stands_in_each_of_its_rows_and_what_is_repeated_is_made():
    blocks = blocks_of_table(grid(["片区", "站点"], [cell("城东", rows=2), "甲站"], ["乙站"], ["城西", "丙站"]))
    assert [block.text for block in blocks] == ["片区\t站点", "城东\t甲站", "城东\t乙站", "城西\t丙站"]
    assert [block.made for block in blocks] == [(), (), ((0, 2),), ()]
    assert [block.row.begins for block in blocks] == [True, False, False, False]


def test_a_cell_across_columns_is_printed_once_and_takes_them_all():
    header, *_ = blocks_of_table(grid(["街道", cell("周末", 2)], ["甲", "1", "2"]), 1)
    assert header.text == "街道\t周末"
    assert [(cell.start, cell.end, cell.columns) for cell in header.row.cells] == [(0, 2, 1), (3, 5, 2)]


def test_empty_cells_keep_their_place_and_the_ends_of_a_row_no_white_space():
    (row, last) = blocks_of_table(grid(["", "甲", "", "乙", ""], ["丙", "", "", "", ""]), 0)
    assert (row.text, [(one.start, one.end) for one in row.row.cells]) == (
        "甲\t\t乙",
        [(0, 0), (0, 1), (2, 2), (3, 4), (4, 4)],
    )
    assert (last.text, [(one.start, one.end) for one in last.row.cells]) == ("丙", [(0, 1), *[(1, 1)] * 4])


def test_lines_across_the_whole_table_above_it_are_paragraphs():
    rows = grid([cell("各区接种情况", 2)], [cell("单位：人", 2)], ["区", "人数"], ["甲区", "12"], ["乙区", "15"])
    blocks = blocks_of_table(rows)
    assert blocks[:2] == [Block("paragraph", "各区接种情况"), Block("paragraph", "单位：人")]
    assert [(block.text, block.row.is_header, block.row.begins) for block in blocks[2:]] == [
        ("区\t人数", True, True),
        ("甲区\t12", False, False),
        ("乙区\t15", False, False),
    ]


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([["机具", "补贴"], ["拖拉机", "8600元"], ["收割机", "21000元"]], 1),
        ([["姓名", "单位", "职务"], ["张三", "市医院", "医生"], ["李四", "市疾控", "主任"]], 1),
        ([["指标", "2022年", "2023年"], ["产值", "120", "135"]], 1),
        ([["街道", cell("周末", 2)], ["", "上午", "下午"], ["甲街道", "30", "40"], ["乙街道", "3", "4"]], 2),
        ([["时间", "地点"], ["9:00", "一楼"]], 1),
        ([["Name", "Amount"], ["Zhang", "12"]], 1),
        # no names: values from the first row on
        ([["拖拉机", "8600元"], ["收割机", "21000元"]], 0),
        ([["地点", "三楼会议室"], ["主持人", "张三"], ["参加人", "李四、王五"]], 0),
        ([["姓名", "张三", "性别", "男"], ["民族", "汉", "年龄", "45"], ["学历", "本科", "籍贯", "湖南"]], 0),
        ([["第一条讲的是这件事。", "甲"], ["第二条讲的是那件事。", "乙"]], 0),
        ([["姓名", "姓名"], ["张三", "李四"]], 0),
        ([["姓名", "电话"]], 0),
        ([], 0),
    ],
)  # fmt: skip
def test_a_row_names_the_columns_only_where_it_surely_does(rows, names):
    assert [is_header for _, is_header in shown(grid(*rows))] == [at < names for at in range(len(rows))]


def test_a_table_of_one_column_is_paragraphs():
    assert blocks_of_table(grid(["甲"], [""], ["乙"])) == [Block("paragraph", "甲"), Block("paragraph", "乙")]


def test_the_formats_own_word_decides_which_rows_name_columns():
    named = [[cell("甲", is_name=True), cell("乙", is_name=True)]]
    rows = [*named, *grid(["丙", "丁"])]
    assert shown(rows) == [("甲\t乙", True), ("丙\t丁", False)]
    assert shown(grid(["丙", "丁"], ["戊", "己"], ["庚", "辛"]), 2) == [
        ("丙\t丁", True),
        ("戊\t己", True),
        ("庚\t辛", False),
    ]
    assert [is_header for _, is_header in shown(rows, 0)] == [False, False]
    assert shown(named * 2) == [("甲\t乙", False)] * 2  # a table of nothing but names has none


def test_spans_beyond_every_measure_make_no_huge_report():
    rows = [[cell("甲" * 500, rows=10**9, columns=10**9)], *grid(*[["乙"]] * 2000)]
    text = "".join(block.text for block in blocks_of_table(rows))
    assert len(text) < 25 * 500 + 2000 * MOST_COLUMNS


CELLS = st.builds(
    cell, st.sampled_from(["", "甲", "乙丙", "12", "姓名"]), st.integers(0, 4), st.integers(0, 4), is_name=st.booleans()
)


@given(st.lists(st.lists(CELLS, max_size=5), max_size=6), st.none() | st.integers(0, 7))
def test_every_word_of_a_table_stands_in_it_in_order_and_cells_slice_their_row(rows, header):
    blocks = blocks_of_table(rows, header)
    own = "".join(
        mark
        for block in blocks
        for place, mark in enumerate(block.text)
        if mark != "\t" and not any(start <= place < end for start, end in block.made)
    )
    assert own == "".join(one.text for row in rows for one in row)
    for block in blocks:
        if block.row:
            assert "".join(block.text[one.start : one.end] for one in block.row.cells) == block.text.replace("\t", "")
            assert all(one.columns >= 1 for one in block.row.cells)
    assert [line.text for line in lines_of_table(rows, header)] == [block.text for block in blocks]
