"""Spreadsheets are read as they are shown: merged cells, formats of numbers, several tables, hidden parts left out."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.corpus.documents import make_document
from retrieval.corpus.draft import Draft
from retrieval.corpus.formats.sheets import DAMAGED, read_csv, read_xlsx
from retrieval.corpus.passages import split_document
from retrieval.errors import ReportUnreadable


def saved(book):
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def sheet_of(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


def matched(draft: Draft, path="粮价.csv"):
    document = make_document(draft, "粮价", path, b"")
    return [passage.matched for passage in split_document(document)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_a_table_of_text_is_read_whatever_parts_its_cells(mark, encoding):
    text = (
        mark.join(["品种", "收购价（元）"])
        + "\r\n"
        + mark.join(["大豆", "2.65"])
        + "\r\n"
        + mark.join(["玉米", "1.35"])
    )
    found = matched(read_csv(text.encode(encoding)))
    assert found == ["品种：大豆；收购价（元）：2.65", "品种：玉米；收购价（元）：1.35"]


def test_quoted_cells_may_hold_the_mark_and_line_breaks():
    assert matched(read_csv('姓名,地址\n张三,"一街2号,\n三楼"\n李四,二街'.encode())) == [
        "姓名：张三；地址：一街2号, 三楼",
        "姓名：李四；地址：二街",
    ]


def test_a_table_without_a_title_is_called_like_its_file():
    document = make_document(read_csv("品种,价\n大豆,2\n玉米,1".encode()), "粮/粮价", "粮/粮价.csv", b"")
    assert (document.title, document.title_derived) == ("粮价", True)


def test_lines_above_a_table_are_its_title_and_text_and_blank_rows_part_tables():
    data = "各区接种情况,,\n截至2023年3月31日,,\n区,人数\n甲区,12\n乙区,15\n,,\n姓名,电话\n张三,123\n李四,456\n"
    draft = read_csv(data.encode())
    assert (draft.title, draft.date) == ("各区接种情况", dt.date(2023, 3, 31))
    assert matched(draft) == [
        "截至2023年3月31日",
        "区：甲区；人数：12",
        "区：乙区；人数：15",
        "姓名：张三；电话：123",
        "姓名：李四；电话：456",
    ]


@pytest.mark.parametrize(
    ("value", "shape", "shown"),
    [
        (12345, "#,##0", "12,345"),
        (12.0, "General", "12"),
        (0.1 + 0.2, "General", "0.3"),
        (0.853, "0.0%", "85.3%"),
        (2.5, "0.00", "2.50"),
        (1234.5, '"¥"#,##0.00', "1,234.50"),
        (True, "General", "TRUE"),
        (dt.datetime(2023, 3, 5), "yyyy-mm-dd", "2023-03-05"),
        (dt.datetime(2023, 3, 5), 'yyyy"年"m"月"d"日"', "2023年3月5日"),
        (dt.datetime(2023, 3, 5), 'm"月"d"日"', "3月5日"),
        (dt.datetime(2023, 3, 5, 14, 30), "yyyy-mm-dd hh:mm", "2023-03-05 14:30"),
        (dt.time(9, 5), "hh:mm", "09:05"),
        ("  一街\n2号 ", "General", "一街 2号"),
    ],
)
def test_a_value_is_read_as_its_format_shows_it(value, shape, shown):
    book = sheet_of(["项目", "数量"], ["甲", value], ["乙", "12"])
    book.active["B2"].number_format = shape
    assert matched(read_xlsx(saved(book)))[0] == f"项目：甲；数量：{shown}"


def test_merged_cells_stand_in_each_row_and_hidden_sheets_rows_and_columns_in_none():
    book = sheet_of(
        ["各区接种情况"],
        ["片区", "内部", "接种点", "人数"],
        ["城东", "x", "甲站", 12],
        [None, "x", "乙站", 15],
        ["城西", "x", "丙站", 9],
    )
    sheet = book.active
    sheet.merge_cells("A1:D1")
    sheet.merge_cells("A3:A4")
    sheet.row_dimensions[5].hidden = True
    sheet.column_dimensions["B"].hidden = True
    other = book.create_sheet("内部")
    other.append(["秘密", "1"])
    other.sheet_state = "hidden"
    draft = read_xlsx(saved(book))
    assert draft.title == "各区接种情况"
    assert matched(draft) == ["片区：城东；接种点：甲站；人数：12", "片区：城东；接种点：乙站；人数：15"]


def test_sheets_with_names_of_their_own_have_them_as_headings():
    book = sheet_of(["姓名", "电话"], ["张三", 123], ["李四", 456])
    book.active.title = "值班"
    book.create_sheet("Sheet2").append(["今年不休息。"])
    assert [(block.kind, block.text) for block in read_xlsx(saved(book)).blocks] == [
        ("heading", "值班"),
        ("row", "姓名\t电话"),
        ("row", "张三\t123"),
        ("row", "李四\t456"),
        ("paragraph", "今年不休息。"),
    ]


def test_what_is_no_spreadsheet_is_refused_with_what_to_do():
    good = saved(sheet_of(["甲", "乙"]))
    with zipfile.ZipFile(io.BytesIO(), "w") as other:
        other.writestr("a.txt", "b")
        empty = other.fp.getvalue()
    for data in (b"", b"PK", good[: len(good) // 2], empty):
        with pytest.raises(ReportUnreadable, match=DAMAGED):
            read_xlsx(data)
    with pytest.raises(ReportUnreadable, match="save it as .xlsx without a password"):
        read_xlsx(bytes.fromhex("d0cf11e0a1b11ae1") + b"x")


WORDS = st.text(st.characters(categories=["L", "N", "P"], codec="utf-8"), max_size=6)


@given(st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=6))
def test_every_word_of_a_table_of_text_stands_in_its_blocks_or_title(rows):
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([*rows, ["甲", "乙"], ["丙", "丁"]])
    draft = read_csv(text.getvalue().encode())
    whole = (draft.title or "") + "".join(block.text for block in draft.blocks)
    assert sorted("".join(whole.split())) == sorted("".join("".join(row) for row in rows) + "甲乙丙丁")
