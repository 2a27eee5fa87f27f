"""Parts of a report's text: where its paragraphs, headings, asides and tables stand, in Unicode code points."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

AsideKind = Literal["caption", "subtitle"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A numbered paragraph: ``document.text[start:end]`` under its ``heading`` (outer · inner), if any.

    ``page`` is the page where it begins, counted from 1, in a format that has pages.
    """

    number: int
    start: int
    end: int
    heading: str | None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A section heading: ``document.text[start:end]``."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Aside:
    """What can be cited but is no paragraph: ``document.text[start:end]``, below paragraph ``after`` (0: above all)."""

    kind: AsideKind
    start: int
    end: int
    after: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A table's cell: ``text[start:end]``, empty where they are equal, in so many columns side by side."""

    start: int
    end: int
    columns: int = 1


@dataclass(frozen=True, slots=True)
class TableRow:
    """Cells from left to right; ``paragraph`` is the row's number, None for a row of the header."""

    cells: tuple[Cell, ...]
    paragraph: int | None = None

    @property
    def start(self) -> int:
        """Where the row begins in the report's text."""
        return self.cells[0].start

    def columns(self) -> Iterator[tuple[Cell, range]]:
        """Yield each cell with the numbers, from 0, of its columns."""
        at = 0
        for cell in self.cells:
            yield cell, range(at, at + cell.columns)
            at += cell.columns


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the report: rows of names, if it has any, over rows that are paragraphs."""

    header: tuple[TableRow, ...]
    rows: tuple[TableRow, ...]

    def names(self, text: str) -> tuple[str, ...]:
        """Return the name of each column, from the outer one to the inner one; ``text`` is the report's."""
        parts: list[list[str]] = []
        for row in self.header:
            for cell, columns in row.columns():
                parts += [[] for _ in range(columns.stop - len(parts))]
                for column in columns:
                    if (name := text[cell.start : cell.end]) not in ("", *parts[column]):
                        parts[column].append(name)
        return tuple(map(_joined, parts))


def _joined(parts: Sequence[str]) -> str:
    """Join names as they are read: a space between Latin words only."""
    name = ""
    for part in parts:
        name += (" " if name[-1:].isascii() and part[:1].isascii() and name else "") + part
    return name


@dataclass(frozen=True, slots=True)
class NamedCell:
    """A cell of a passage, ``passage.text[start:end]``, and what its columns are called ("": nothing)."""

    name: str
    start: int
    end: int
    columns: int = 1


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A table's row, or a part of a long one, as a passage; ``lead`` is the first cell where the part lacks it."""

    cells: tuple[NamedCell, ...]
    lead: str = ""

    def matched(self, text: str) -> str:
        """Return what the row is found by: each cell of ``text`` after its name, as 机具：拖拉机；补贴：900元."""
        return "；".join([*([self.lead] if self.lead else []), *(piece for piece, _ in self._pieces(text))])

    def pieces_at(self, text: str) -> list[tuple[int, int]]:
        """Return where in ``matched`` each cell with words stands with its name."""
        found, at = [], len(self.lead) + 1 if self.lead else 0
        for piece, _ in self._pieces(text):
            found.append((at, at + len(piece)))
            at += len(piece) + 1
        return found

    def _pieces(self, text: str) -> Iterator[tuple[str, NamedCell]]:
        for cell in self.cells:
            if cell.start < cell.end:
                value = text[cell.start : cell.end]
                yield (f"{cell.name}：{value}" if cell.name else value), cell


def row_at(tables: Sequence[Table], paragraph: int) -> tuple[Table, TableRow] | None:
    """Return the row with this paragraph's number and its table; None where the paragraph is no row."""
    place = bisect_right(tables, paragraph, key=lambda table: table.rows[0].paragraph or 0) - 1
    if place < 0:
        return None
    rows = tables[place].rows
    found = bisect_left(rows, paragraph, key=lambda row: row.paragraph or 0)
    return (tables[place], rows[found]) if found < len(rows) and rows[found].paragraph == paragraph else None


def named_row(tables: Sequence[Table], paragraph: int, start: int, end: int, text: str) -> NamedRow | None:
    """Return the cells of a passage that is a table's row or a part of one; None where it is neither.

    The passage is ``text[start:end]`` of the report's ``text``.
    """
    found = row_at(tables, paragraph) if tables else None
    if found is None:
        return None
    table, row = found
    names, width = table.names(text), sum(cell.columns for cell in row.cells)
    cells = []
    for cell, columns in row.columns():
        first, last = max(cell.start, start) - start, min(cell.end, end) - start
        alone = len(columns) == width  # a line across the whole table stands below no name
        name = "" if alone else " ".join(dict.fromkeys(names[column] for column in columns if column < len(names)))
        if first < last or start <= cell.start == cell.end <= end:
            cells.append(NamedCell(name, first, last, cell.columns))
    lead = row.cells[0]
    return NamedRow(tuple(cells), text[lead.start : lead.end] if lead.end <= start else "")
