"""Spreadsheets: ``.csv`` and ``.tsv`` as text, ``.xlsx`` with its cells as Excel shows them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.cell.cell import MergedCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from retrieval.corpus.archive import refuse_bomb
from retrieval.corpus.draft import MAX_CHARACTERS, Block, Draft
from retrieval.corpus.encoding import decode
from retrieval.corpus.metadata import find_date, is_title
from retrieval.corpus.tabular import GridCell, blocks_of_table
from retrieval.errors import ReportUnreadable

DAMAGED = "the spreadsheet is damaged: open it in Excel and save it again"
OLD_FORMAT = bytes.fromhex("d0cf11e0a1b11ae1")
DELIMITERS = ",\t;|，"
LOOKED_AT = 50
"""Lines from which the mark between the cells is told."""
MOST_COLUMNS = 200
MOST_ROWS = 1_000_000
PARSER_ERRORS = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError, KeyError, ValueError, TypeError, IndexError,
    AttributeError, OSError, EOFError, NotImplementedError,
)  # fmt: skip

_USUAL_NAME = re.compile(r"(?:sheet|工作表|表)\s*\d*$", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')

Rows = Sequence[Sequence[GridCell]]


# Text


def read_csv(data: bytes) -> Draft:
    """Read a ``.csv`` or ``.tsv`` report; ReportUnreadable if it has no text."""
    text = decode(data).replace("\r\n", "\n").replace("\r", "\n")
    csv.field_size_limit(MAX_CHARACTERS)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text), skipinitialspace=True))
    except csv.Error as error:
        raise ReportUnreadable(f"no table of text: {error}") from error
    return _draft(_regions([[GridCell(_flat(cell)) for cell in row[:MOST_COLUMNS]] for row in rows]))


def _delimiter(text: str) -> str:
    """Return the mark that stands equally often in most of the first lines."""
    lines = [line for line in text.split("\n")[:LOOKED_AT] if line.strip()]

    def evenness(mark: str) -> tuple[float, int]:
        counts = [line.count(mark) for line in lines if mark in line]
        usual = max(set(counts), key=counts.count, default=0)
        return (counts.count(usual) / len(lines), usual) if lines else (0.0, 0)

    return max(DELIMITERS, key=evenness)


# Excel


def read_xlsx(data: bytes) -> Draft:
    """Read a ``.xlsx`` report, sheet by sheet; ReportUnreadable if it is damaged, protected, or too long.

    Formulas are read as the values that Excel has saved. Hidden sheets, rows and columns are not shown, so not read.
    """
    if data.startswith(OLD_FORMAT):
        raise ReportUnreadable("protected by a password, or an old .xls: save it as .xlsx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            refuse_bomb(package.infolist())
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        parts = [_heading(sheet, len(sheets)) + _regions(_grid(sheet)) for sheet in sheets]
        title, author = book.properties.title or "", book.properties.creator or ""
    except PARSER_ERRORS as error:
        raise ReportUnreadable(DAMAGED) from error
    draft = _draft([block for part in parts for block in part], " ".join(title.split()))
    return replace(draft, metadata=(("author", author),) if author not in ("", "openpyxl") else ())


def _heading(sheet: Worksheet, sheets: int) -> list[Block]:
    """Return the sheet's name as a heading where it says something."""
    return [Block("heading", sheet.title)] if sheets > 1 and not _USUAL_NAME.match(sheet.title) else []


def _grid(sheet: Worksheet) -> list[list[GridCell]]:
    merged = {(area.min_row, area.min_col): area for area in sheet.merged_cells.ranges}
    covered = {place for area in merged.values() for row in area.rows for place in row} - set(merged)
    hidden_columns = {
        number
        for dimension in sheet.column_dimensions.values()
        if dimension.hidden
        for number in range(dimension.min or 0, min(dimension.max or 0, MOST_COLUMNS) + 1)
    }
    grid, characters = [], 0
    for row in sheet.iter_rows(max_col=min(sheet.max_column, MOST_COLUMNS), max_row=min(sheet.max_row, MOST_ROWS)):
        if not row or sheet.row_dimensions[row[0].row or 0].hidden:
            continue
        cells = []
        for cell in row:
            if (cell.row, cell.column) in covered or cell.column in hidden_columns:
                continue
            area = merged.get((cell.row, cell.column))
            text = _shown(cell)
            characters += len(text)
            cells.append(GridCell(text, *((area.size["columns"], area.size["rows"]) if area else ())))
        if characters > MAX_CHARACTERS:
            raise ReportUnreadable(f"it holds more than {MAX_CHARACTERS:,} characters: split it")
        grid.append(cells)
    return grid


def _shown(cell: SheetCell | MergedCell) -> str:
    """Return a cell's value as its number format shows it."""
    value, shape = cell.value, _QUOTED.sub("", cell.number_format or "").split(";")[0]
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dt.datetime):
        return (
            _day(value, cell.number_format)
            if not (value.hour or value.minute or value.second)
            else f"{value:%Y-%m-%d %H:%M}"
        )
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    if isinstance(value, int | float):
        return _number(value, shape)
    return _flat(str(value))


def _day(value: dt.datetime, shape: str) -> str:
    """Return a day as it is shown: with 年 and 月 where the format has them, else as 2020-03-05."""
    if "年" not in shape and "月" not in shape:
        return f"{value:%Y-%m-%d}"
    year = f"{value.year}年" if "y" in shape.lower() else ""
    day = f"{value.day}日" if "d" in shape.lower() else ""
    return f"{year}{value.month}月{day}"


def _number(value: float, shape: str) -> str:
    percent = "%" in shape
    value = value * 100 if percent else value
    decimals = re.search(r"\.(0+)", shape)
    comma = "," if ",#" in shape or ",0" in shape else ""
    if decimals or "0" in shape:
        return f"{value:{comma}.{len(decimals[1]) if decimals else 0}f}" + ("%" if percent else "")
    return f"{value:{comma}.15g}" + ("%" if percent else "") if abs(value) < 1e15 else str(value)


# Both


def _flat(text: str) -> str:
    return " ".join(text.split())


def _draft(blocks: Sequence[Block], title: str = "") -> Draft:
    """Return the draft of a sheet's blocks; a line across the first table, above it, is the report's title."""
    rest = list(blocks)
    if not is_title(title) and rest and rest[0].kind == "paragraph" and is_title(rest[0].text):
        title = rest.pop(0).text
    if not any(block.kind in ("paragraph", "row") for block in rest):
        rest = list(blocks)
    day = next((day for block in rest if block.kind == "paragraph" and (day := find_date(block.text))), None)
    return Draft(tuple(rest), title=title if is_title(title) else None, date=day)


def _regions(rows: Rows) -> list[Block]:
    """Return the blocks of a sheet, whose blank rows part its tables."""
    blocks: list[Block] = []
    region: list[Sequence[GridCell]] = []
    for row in [*rows, ()]:
        if any(cell.text for cell in row) or (region and any(cell.rows > 1 for cell in region[-1])):
            region.append(row)
        else:
            blocks += blocks_of_table(_trimmed(region))
            region = []
    return blocks


def _trimmed(rows: Rows) -> list[list[GridCell]]:
    """Return the rows without blank columns at their ends; a lone cell at the top or the bottom goes across all."""
    left = min(map(_blank_before, rows), default=0)
    cut = [list(_without_blank_end(row[left:])) for row in rows]
    width = max((sum(cell.columns for cell in row) for row in cut), default=0)
    for edge in (range(len(cut)), range(len(cut) - 1, -1, -1)):
        for place in edge:
            if len(cut[place]) != 1 or width < 2:
                break
            cut[place] = [replace(cut[place][0], columns=width)]
    return cut


def _blank_before(row: Sequence[GridCell]) -> int:
    return next((place for place, cell in enumerate(row) if cell.text or cell.columns > 1), len(row))


def _without_blank_end(row: Sequence[GridCell]) -> Iterator[GridCell]:
    last = max((place for place, cell in enumerate(row) if cell.text), default=-1)
    yield from row[: last + 1]
