"""A table's row under the names of its columns: what it is found by, and where its cells stand."""

from __future__ import annotations

import pytest

from retrieval.parts import Cell, NamedCell, NamedRow, Table, TableRow, named_row, row_at

TEXT = "机具\t补贴\n拖拉机\t8600元\n收割机\t\t缺\n合计"
HEADER = TableRow((Cell(0, 2), Cell(3, 5)))
ROWS = (
    TableRow((Cell(6, 9), Cell(10, 15)), 3),
    TableRow((Cell(16, 19), Cell(20, 20), Cell(21, 22)), 4),
    TableRow((Cell(23, 25, 2),), 6),
)
TABLE = Table((HEADER,), ROWS)


def test_a_row_is_found_by_its_cells_after_the_names_of_their_columns():
    row = named_row([TABLE], 3, 6, 15, TEXT)
    assert row == NamedRow((NamedCell("机具", 0, 3), NamedCell("补贴", 4, 9)))
    assert row.matched("拖拉机\t8600元") == "机具：拖拉机；补贴：8600元"
    assert row.pieces_at("拖拉机\t8600元") == [(0, 6), (7, 15)]


def test_an_empty_cell_is_kept_and_matches_nothing_and_a_column_without_a_name_only_its_words():
    row = named_row([TABLE], 4, 16, 22, TEXT)
    assert row == NamedRow((NamedCell("机具", 0, 3), NamedCell("补贴", 4, 4), NamedCell("", 5, 6)))
    assert row.matched("收割机\t\t缺") == "机具：收割机；缺"


def test_a_line_across_the_whole_table_stands_below_no_name():
    assert named_row([TABLE], 6, 23, 25, TEXT) == NamedRow((NamedCell("", 0, 2, 2),))


def test_a_part_of_a_long_row_is_found_by_the_first_cell_too():
    part = named_row([TABLE], 3, 10, 15, TEXT)
    assert part == NamedRow((NamedCell("补贴", 0, 5),), "拖拉机")
    assert part.matched("8600元") == "拖拉机；补贴：8600元"
    assert part.pieces_at("8600元") == [(4, 12)]


def test_a_paragraph_that_is_no_row_is_none():
    other = Table((), (TableRow((Cell(30, 31),), 9),))
    assert row_at([TABLE, other], 4) == (TABLE, ROWS[1])
    assert row_at([TABLE, other], 9) == (other, other.rows[0])
    assert [row_at([TABLE, other], paragraph) for paragraph in (1, 2, 5, 7, 8, 10)] == [None] * 6
    assert (row_at([], 1), named_row([], 1, 0, 2, TEXT)) == (None, None)


@pytest.mark.parametrize(
    ("header", "text", "names"),
    [
        (
            [[(0, 2, 1), (3, 5, 2)], [(0, 0, 1), (6, 8, 1), (9, 11, 1)]],
            "街道 周末 上午 下午",
            ("街道", "周末上午", "周末下午"),
        ),
        ([[(0, 4, 1), (5, 8, 1)], [(0, 4, 1), (9, 12, 1)]], "Name May sum", ("Name", "May sum")),
        ([], "", ()),
    ],
)
def test_a_column_is_called_by_all_names_above_it_each_once(header, text, names):
    rows = tuple(TableRow(tuple(Cell(*cell) for cell in row)) for row in header)
    assert Table(rows, ROWS).names(text) == names
