"""Columns of a PDF page: found by the white band between them, and read one after the other.

A page may be drawn row by row, across its columns. A region of it has columns where no ink crosses a band over many
rows, and where running text stands on every side of the band. What spans the width, such as a title or a figure's
caption, ends a region and stays where it is. A table has such bands too, but its cells are no running text: they are
short, they end at every row, or begin all at one height. In doubt the order stays as it is.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from retrieval.corpus.formats.pages.rows import DIVIDED, LEVEL, Row, join_rows
from retrieval.corpus.lines import ends_sentence
from retrieval.corpus.metadata import metadata_of

GUTTER = 0.7
"""Ems that the band between two columns is wide at least; punctuation may hang into it."""
MOST_GUTTERS = 16
"""Left edges of text that are tried, the most frequent first."""
MOST_COLUMNS = 6
LEAST_ROWS = 3
"""Rows that a column has at least, but for the last one of a region."""
LEAST_WIDTH = 7.5
"""Ems that a column is wide at least."""
REGION_GAP = 4.0
"""Times the type's size by which two rows of one region are apart at most."""
PARAGRAPH_STEP = 1.4
"""Times the usual step from row to row above which something else begins."""
FULL = 0.85
"""Share of its column's width that a row which was wrapped fills at least."""
LEAST_FULL, LEAST_TORN = 0.5, 0.35
"""Shares of a column's rows, all but the last, that reach the edge, and that do so inside a sentence, at least."""
MOST_PARTED = 0.3
"""Share of a column's rows that have a wide gap inside at most; more of them show other columns."""
PROSE = 0.25
"""Commas and full stops that a row of running text has at least, on average."""
WORDS = 2.0
"""Blanks between words, likewise, in a language that has them."""
LEAST_BREAKS = 2
"""Heights at which something begins in all columns of a table at least; one more where no row stands apart."""
MOST_LEVEL = 0.8
"""Share of the heights where something begins in one column and could begin in all, from which it is a table."""

_MARK = re.compile(r"[，。、；：！？,;:]|\.(?!\d)")


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a page that has columns: which rows of the page it takes up, and the rows of every column."""

    members: frozenset[int]
    columns: tuple[tuple[Row, ...], ...]
    across: bool
    """Whether the page was drawn across the columns, so that its rows must be put in order."""


def in_reading_order(page: Sequence[Row]) -> list[Row]:
    """Return the rows of a page column by column where it has columns; in any other place as they are."""
    if len(page) < LEAST_ROWS:
        return list(page)
    ordered = [(index, [row]) for index, row in enumerate(page)]
    for region in _regions(page):
        if region.across:
            rows = [row for column in region.columns for row in column]
            ordered = [pair for pair in ordered if pair[0] not in region.members] + [(min(region.members), rows)]
        else:
            measured = {(row.left, row.bottom): row for column in region.columns for row in column}
            ordered = [(index, [measured.get((row.left, row.bottom), row) for row in rows]) for index, rows in ordered]
    return [row for _, rows in sorted(ordered, key=lambda pair: pair[0]) for row in rows]


def _regions(page: Sequence[Row]) -> list[Region]:
    """Return the regions that have columns, the largest first, none in another."""
    heights = sorted(range(len(page)), key=lambda index: (-page[index].bottom, page[index].left))
    size = statistics.median(row.size for row in page)
    found: dict[frozenset[int], Region] = {}
    for edge in _edges(page, size):
        for run in _runs(page, heights, edge, size):
            members = frozenset(run)
            if members not in found and (region := _region(page, run, edge, size)):
                found[members] = region
    regions: list[Region] = []
    taken: set[int] = set()
    for region in sorted(found.values(), key=_worth, reverse=True):
        if taken.isdisjoint(region.members):
            regions.append(region)
            taken |= region.members
    return regions


def _worth(region: Region) -> int:
    return len(region.members) * (len(region.columns) - 1)


def _edges(page: Sequence[Row], size: float) -> list[int]:
    """Return where a column could begin: the left edges of text that has other text on its left."""
    lefts = Counter(round(piece.left) for row in page for piece in _pieces(row))
    first = min(lefts) + LEAST_WIDTH * size
    return [edge for edge, _ in lefts.most_common() if edge > first][:MOST_GUTTERS]


def _pieces(row: Row) -> tuple[Row, ...]:
    return row.pieces or (row,)


def _runs(page: Sequence[Row], heights: Sequence[int], edge: float, size: float) -> Iterator[list[int]]:
    """Yield rows that follow each other down the page with a white band on the left of ``edge``."""
    run: list[int] = []
    for index in heights:
        row = page[index]
        crossed = any(piece.left < edge - 1 and piece.right > edge - GUTTER * size for piece in _pieces(row))
        if run and (crossed or page[run[-1]].bottom - row.bottom > REGION_GAP * size):
            yield run
            run = []
        if not crossed:
            run.append(index)
    if run:
        yield run


def _region(page: Sequence[Row], run: Sequence[int], edge: float, size: float) -> Region | None:
    """Return the region that a run of rows is, without rows above and below that belong to no column."""
    run = _trimmed(page, run, edge, size)
    if len(run) < LEAST_ROWS:
        return None
    spans = _spans([piece for index in run for piece in _pieces(page[index])], size)
    if not 2 <= len(spans) <= MOST_COLUMNS:
        return None
    places: list[list[int]] = []
    columns: list[list[Row]] = [[] for _ in spans]
    for index in run:
        parts = [[p for p in _pieces(page[index]) if left <= p.left <= right] for left, right in spans]
        places.append([place for place, pieces in enumerate(parts) if pieces])
        for column, pieces in zip(columns, parts, strict=True):
            if len(pieces) == len(_pieces(page[index])):
                column.append(page[index])
            elif pieces:
                column.append(join_rows(pieces))
    lines = [_lines(column) for column in columns]
    widest = max(right - left for left, right in spans)
    for place, (column, (left, right)) in enumerate(zip(lines, spans, strict=True)):
        last = place == len(spans) - 1
        if not (_is_prose(column, left, right, size) or (last and _is_rest(column, left + widest, lines[0]))):
            return None
    if _are_cells(lines, spans):
        return None
    drawn = [place for _, at in sorted(zip(run, places, strict=True)) for place in at]
    measured = (
        tuple(_measured(column, max(right, left + widest) if place == len(spans) - 1 else right))
        for place, (column, (left, right)) in enumerate(zip(lines, spans, strict=True))
    )
    across = any(len(at) > 1 for at in places) or drawn != sorted(drawn)
    return Region(frozenset(run), tuple(measured), across)


def _trimmed(page: Sequence[Row], run: Sequence[int], edge: float, size: float) -> list[int]:
    """Take off rows above the first column, and rows below the last one that stand apart from what is above them."""
    rows = list(run)
    while rows and (
        all(piece.left >= edge - 1 for piece in _pieces(page[rows[0]]))
        or (page[rows[0]].pieces and metadata_of(page[rows[0]].text))
    ):
        rows.pop(0)
    right = [at for at, index in enumerate(rows) if any(piece.left >= edge - 1 for piece in _pieces(page[index]))]
    if not right:
        return []
    steps = [page[one].bottom - page[other].bottom for one, other in zip(rows, rows[1:], strict=False)]
    usual = statistics.median([step for step in steps if step > LEVEL * size] or [size])
    for at in range(right[-1] + 1, len(rows)):
        if steps[at - 1] > PARAGRAPH_STEP * usual:
            return rows[:at]
    return rows


def _spans(pieces: Sequence[Row], size: float) -> list[tuple[float, float]]:
    """Return left and right edges of the columns: where there is ink in any row, without narrow gaps."""
    spans: list[tuple[float, float]] = []
    for piece in sorted(pieces, key=lambda piece: piece.left):
        if spans and piece.left < spans[-1][1] + GUTTER * size:
            spans[-1] = (spans[-1][0], max(spans[-1][1], piece.right))
        else:
            spans.append((piece.left, piece.right))
    return spans


def _lines(column: Sequence[Row]) -> list[Row]:
    """Put a column's rows in order, from top to bottom; those on one line become one."""
    lines: list[list[Row]] = []
    for row in sorted(column, key=lambda row: -row.bottom):
        if lines and lines[-1][0].bottom - row.bottom < LEVEL * row.size:
            lines[-1].append(row)
        else:
            lines.append([row])
    return [join_rows(sorted(line, key=lambda row: row.left)) for line in lines]


def _fills(row: Row, left: float, right: float) -> bool:
    return row.right >= left + FULL * (right - left)


def _is_prose(lines: Sequence[Row], left: float, right: float, size: float) -> bool:
    """Whether a column is running text: its rows are wrapped, and sentences go on in the next one."""
    parted = sum(bool(row.pieces) for row in lines)
    if len(lines) < LEAST_ROWS or right - left < LEAST_WIDTH * size or parted > MOST_PARTED * len(lines):
        return False
    full = [row for row in lines[:-1] if _fills(row, left, right)]
    torn = [row for row in full if not ends_sentence(row.text)]
    text = " ".join(row.text for row in lines)
    latin = sum(character.isascii() for character in text) > 0.7 * len(text)
    marks = text.count(" ") > WORDS * len(lines) if latin else len(_MARK.findall(text)) >= PROSE * len(lines)
    upper = len(lines) - 1
    return marks and len(full) >= LEAST_FULL * upper and len(torn) >= LEAST_TORN * upper


def _is_rest(lines: Sequence[Row], right: float, first: Sequence[Row]) -> bool:
    """Whether the last column is what was left over of the text: few rows from the top on, all but the last full."""
    level = abs(lines[0].bottom - first[0].bottom) <= lines[0].size
    left = min(row.left for row in lines)
    return level and all(_fills(row, left, right) for row in lines[:-1]) and ends_sentence(lines[-1].text)


def _are_cells(columns: Sequence[Sequence[Row]], spans: Sequence[tuple[float, float]]) -> bool:
    """Whether something new begins at the same heights in all columns, as the rows of a table do."""
    gaps = False
    begun: set[int] = set()
    could: list[dict[int, bool]] = []
    for lines, (left, right) in zip(columns, spans, strict=True):
        pairs = list(zip(lines, lines[1:], strict=False))
        usual = statistics.median([above.bottom - row.bottom for above, row in pairs] or [0.0])
        apart = {_height(row) for above, row in pairs if above.bottom - row.bottom > PARAGRAPH_STEP * usual}
        short = {_height(row) for above, row in pairs if not _fills(above, left, right)}
        ended = {_height(row) for above, row in pairs if ends_sentence(above.text)}
        could.append({_height(row): _height(row) in apart | short | ended for _, row in pairs})
        begun |= apart | short
        gaps = gaps or bool(apart)
    beside = [[column[height] for column in could if height in column] for height in begun]
    beside = [column for column in beside if len(column) > 1]
    level = sum(all(column) for column in beside)
    return level >= (LEAST_BREAKS if gaps else LEAST_BREAKS + 1) and level >= MOST_LEVEL * len(beside)


def _height(row: Row) -> int:
    return round(row.bottom / 2)


def _measured(lines: Sequence[Row], right: float) -> Iterator[Row]:
    """Yield the rows with the mark of those that reach the right edge, and of words that are divided there.

    PDFium marks a divided word at the end of a line only, which is the last column's.
    """
    left = min(row.left for row in lines)
    for row, following in zip_longest(lines, lines[1:]):
        full = _fills(row, left, right)
        divided = (
            full and following and row.text[-2:-1].isalpha() and row.text[-1] == "-" and following.text[0].islower()
        )
        yield replace(row, full=full, text=row.text[:-1] + DIVIDED if divided else row.text)
