"""Cells as a format gives them -> the rows of a table as blocks, with the rows that name the columns told apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from retrieval.corpus.draft import Block, Row
from retrieval.corpus.lines import Line, Ranges
from retrieval.corpus.tabular.header import header_rows
from retrieval.parts import Cell

BETWEEN = "\t"
"""What parts two cells in a row's text: white space that no cell holds."""
MOST_COLUMNS = 200
MOST_REPEATED = 20
"""Times its own text that merged cells may add to a table, so that no small file becomes a huge report."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell as the format has it: ``columns`` and ``rows`` are how many it takes; ``is_name``: it is a heading's.

    ``made`` are the parts of its text that only the format draws. A ``repeated`` cell stands in a row above.
    """

    text: str
    columns: int = 1
    rows: int = 1
    made: Ranges = ()
    is_name: bool = False
    repeated: bool = False


NOTHING = GridCell("")
Grid = Sequence[Sequence[GridCell]]


def lines_of_table(grid: Grid, header: int | None = None, pages: Sequence[int] = ()) -> list[Line]:
    """Return the rows as lines; see ``blocks_of_table``."""
    return [
        Line(block.text, 1, False, block.page, True, block.kind, made=block.made, row=block.row)
        for block in blocks_of_table(grid, header, pages)
    ]


def blocks_of_table(grid: Grid, header: int | None = None, pages: Sequence[int] = ()) -> list[Block]:
    """Return the rows as blocks, top to bottom; a merged cell stands in each of its rows.

    ``header`` is how many rows name the columns; None where the format does not say. Lines across the whole table
    above it are paragraphs of their own: the table's title, or its unit. ``pages`` has the page of each row.
    """
    found = zip_longest(filled(grid), pages)
    kept = [(row, page) for row, page in found if any(cell.text and not cell.repeated for cell in row)]
    rows = [row for row, _ in kept]
    above = next((at for at, row in enumerate(rows) if not _is_one(row)), len(rows))
    blocks = [_block(row, page) for row, page in kept]
    titles = [replace(block, kind="paragraph", row=None) for block in blocks[:above]]
    body = rows[above:]
    named = header_rows([[(cell.text, cell.columns, cell.is_name) for cell in row] for row in body])
    names = named if header is None else max(0, header - above)
    if names >= len(body):
        names = 0
    return titles + [
        replace(block, row=replace(block.row, is_header=place < names, begins=place == 0))
        for place, block in enumerate(blocks[above:])
        if block.row
    ]


def _is_one(row: Sequence[GridCell]) -> bool:
    """Whether a row holds one cell with words, which reaches across all of it."""
    return sum(bool(cell.text) for cell in row) == 1 and len(row) == 1


def filled(grid: Grid) -> Iterator[list[GridCell]]:
    """Yield the rows with merged cells repeated in each row that they reach down to."""
    left = MOST_REPEATED * sum(len(cell.text) for row in grid for cell in row)
    reaching: dict[int, GridCell] = {}  # by column, cells of the row above
    for row in grid:
        own, cells, below, at = iter(row), list[GridCell](), dict[int, GridCell](), 0
        while at < MOST_COLUMNS:
            cell = reaching.pop(at, None) or next(own, None) or (NOTHING if max(reaching, default=0) > at else None)
            if cell is None:
                break
            left -= len(cell.text) * cell.repeated
            if left < 0 and cell.repeated:
                cell = replace(cell, text="", made=())
            cell = replace(cell, columns=max(1, min(cell.columns, MOST_COLUMNS - at)))
            cells.append(cell)
            if cell.rows > 1:
                below[at] = replace(cell, rows=cell.rows - 1, repeated=True, made=((0, len(cell.text)),))
            at += cell.columns
        reaching = below
        yield cells


def _block(row: Sequence[GridCell], page: int | None) -> Block:
    """Print a row: its cells parted by tabs, none before the first words and after the last."""
    first = next(place for place, cell in enumerate(row) if cell.text)
    text, cells, made = "", [], list[tuple[int, int]]()
    for place, cell in enumerate(row):
        text += BETWEEN if place > first else ""
        start = len(text)
        text += cell.text
        made += [(start + low, start + high) for low, high in cell.made if low < high]
        cells.append(Cell(start, len(text), cell.columns))
    bare = text.rstrip(BETWEEN)
    cells = [replace(cell, start=min(cell.start, len(bare)), end=min(cell.end, len(bare))) for cell in cells]
    return Block("row", bare, page=page, made=tuple(made), row=Row(tuple(cells)))
