"""PDF reports: the text layer page by page, running headers and page numbers taken off, then mended like plain text.

PDFium gives characters with their boxes; from these come lines, their indentation, the gaps between them, columns, and
larger type, which marks headings.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from retrieval.corpus.draft import Draft
from retrieval.corpus.formats.pages.columns import in_reading_order
from retrieval.corpus.formats.pages.margins import split_margins
from retrieval.corpus.formats.pages.rows import DIVIDED, Row, mend_divided, read_rows
from retrieval.corpus.layout import read_lines
from retrieval.corpus.lines import Line, display_width, ends_sentence, glue
from retrieval.corpus.metadata import is_title
from retrieval.corpus.tabular import GridCell, lines_of_table
from retrieval.errors import ReportUnreadable
from retrieval.text.characters import SIMPLIFIED_RADICALS, is_traditional, unify

MAX_PAGES = 2_000
SCAN = "a scan without text: run OCR on it first"
DAMAGED = "the PDF is damaged: save or print it anew"
HEADING_SIZE = 1.2
"""Type larger than the body's by this factor marks a heading."""
HEADING_STEP = 1.7
"""Times its size by which the lines of one heading are apart at most."""
HEADING_WIDTH = 120
EDGE, LONG_ROW = 2.2, 15.0
"""Ems by which a wrapped row may end before the page's edge, because no mark begins a line; and ems that it has."""
SAME_SIDE = 3.0
"""Points by which the edges of a table on two pages may differ."""
INDENT = (1.2, 3.5)
"""Ems between which a line that starts further right than its neighbour is indented."""


def read_pdf(data: bytes) -> Draft:
    """Read a ``.pdf`` report; ReportUnreadable if it is damaged, protected, too long, or has no text layer.

    What the file says about the day it was made is no date of the report, because a report is printed or saved again
    at any later time.
    """
    try:
        with pdfium.PdfDocument(data) as document:
            if len(document) > MAX_PAGES:
                raise ReportUnreadable(f"it has {len(document):,} pages, more than {MAX_PAGES:,}: split it")
            pages = read_rows(document)
            properties = document.get_metadata_dict()
            scanned = not any(pages) and _has_images(document)
    except pdfium.PdfiumError as error:
        protected = "password" in str(error).lower() or "security" in str(error).lower()
        raise ReportUnreadable("protected by a password" if protected else DAMAGED) from error
    body, furniture = split_margins(pages)
    if scanned or not any(body):
        raise ReportUnreadable(SCAN if scanned else "its pages hold no text")
    same = partial(unify, simplified=_is_simplified(body))
    title = same(" ".join(properties.get("Title", "").split()))
    author = same(properties.get("Author", "").strip())
    rows = mend_divided(row for page in body for row in mark_full(in_reading_order(page)))
    lines = [_with_text(line, same(line.text)) for line in lines_of(rows)]
    draft = read_lines(lines, title if is_title(title) else None)
    return replace(
        draft,
        metadata=(*draft.metadata, *([("author", author)] if is_title(author) else [])),
        furniture=(*draft.furniture, *(same(text.replace(DIVIDED, "-")) for text in furniture)),
    )


def _has_images(document: pdfium.PdfDocument) -> bool:
    pages = (document[index] for index in range(min(len(document), 3)))
    return any(next(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]), None) is not None for page in pages)


# Look-alikes


def _is_simplified(pages: Sequence[Sequence[Row]]) -> bool:
    """Whether the text is Simplified, if it has a radical of which that must be known."""
    text = "".join(row.text for page in pages for row in page)
    return any(radical in text for radical in SIMPLIFIED_RADICALS) and not is_traditional(text)


def _with_text(line: Line, text: str) -> Line:
    """Return a line with a text of the same length; where it differs, it is made."""
    return replace(line, text=text, made=tuple(sorted({*line.made, *_changed(line.text, text)})))


def _changed(before: str, after: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges in which two texts of one length differ."""
    marks = "".join("x" if one != other else "-" for one, other in zip(before, after, strict=True))
    return tuple(match.span() for match in re.finditer("x+", marks)) if before != after else ()


# Lines


def mark_full(page: Sequence[Row]) -> list[Row]:
    """Mark the long rows of a page that several together reach its right edge inside a sentence, so that it goes on."""
    right = max((row.right for row in page), default=0.0)
    left = min((row.left for row in page), default=0.0)
    reach = [
        index
        for index, row in enumerate(page)
        if row.right >= right - EDGE * row.size
        and row.right - row.left >= max(LONG_ROW * row.size, 0.8 * (right - left))
        and not row.pieces
    ]
    full = {index for index in reach if len(reach) > 1 and not ends_sentence(page[index].text)}
    return [replace(row, full=True) if index in full else row for index, row in enumerate(page)]


def lines_of(rows: Sequence[Row]) -> Iterator[Line]:
    """Yield the lines of all pages with their indentation, gaps and pages; larger type makes a heading."""
    sizes = Counter[float]()
    for row in rows:
        sizes[round(row.size)] += len(row.text)
    rows = list(rows)
    body = max(sizes, key=lambda size: sizes[size])
    large = sorted({round(row.size) for row in rows if row.size >= HEADING_SIZE * body}, reverse=True)
    pitch = _pitch(rows)
    run: list[tuple[Row, int]] = []
    for index, row in enumerate(rows):
        if row.grid:
            if run:
                yield _heading(run, large)
                run = []
            if not index or not _continues(rows[index - 1], row):
                yield from _table_from(rows[index:])
            continue
        gap = _gap(rows[index - 1], row, pitch) if index else 0
        if row.size >= HEADING_SIZE * body:
            if run and not _goes_on(run[-1][0], row):
                yield _heading(run, large)
                run = []
            run.append((row, gap))
            continue
        if run:
            yield _heading(run, large)
            run = []
        yield Line(row.text, gap, _is_indented(rows, index), row.page, full=row.full)
    if run:
        yield _heading(run, large)


def _continues(before: Row, row: Row) -> bool:
    """Whether a table goes on at the top of the next page: it has the same columns."""
    sides = abs(before.left - row.left) <= SAME_SIDE and abs(before.right - row.right) <= SAME_SIDE
    return bool(before.grid) and before.page + 1 == row.page and sides and _width(before.grid) == _width(row.grid)


def _width(grid: Sequence[Sequence[GridCell]]) -> int:
    return sum(cell.columns for cell in grid[0])


def _table_from(rows: Sequence[Row]) -> list[Line]:
    """Return the lines of the table that begins with the first row, over all of its pages; a header stands once."""
    parts = [rows[0]]
    for row in rows[1:]:
        if not (row.grid and _continues(parts[-1], row)):
            break
        parts.append(row)
    grid: list[Sequence[GridCell]] = []
    pages: list[int] = []
    for part in parts:
        header = grid and _texts(grid[0]) == _texts(part.grid[0])
        again = 1 + max(cell.rows for cell in part.grid[0]) - 1 if header else 0
        grid += part.grid[again:]
        pages += [part.page] * len(part.grid[again:])
    return lines_of_table(grid, pages=pages)


def _texts(row: Sequence[GridCell]) -> list[str]:
    return [cell.text for cell in row]


def _goes_on(before: Row, row: Row) -> bool:
    """Whether a heading has two lines, and does not stand above another one."""
    step = before.bottom - row.bottom
    return before.page == row.page and round(before.size) == round(row.size) and 0 < step <= HEADING_STEP * row.size


def _heading(run: Sequence[tuple[Row, int]], large: Sequence[float]) -> Line:
    """Make one line of a heading's lines; what is too long for one is text in large type."""
    text = glue(row.text for row, _ in run)
    (first, gap), level = run[0], 1 + large.index(round(run[0][0].size))
    if display_width(text) > HEADING_WIDTH:
        return Line(text, gap, False, first.page)
    return Line(text, gap, False, first.page, True, "heading", level)


def _pitch(rows: Sequence[Row]) -> float:
    """Return the usual distance of two lines."""
    steps = [before.bottom - row.bottom for before, row in zip(rows, rows[1:], strict=False) if before.page == row.page]
    return statistics.median([step for step in steps if step > 0] or [1.0])


def _gap(before: Row, row: Row, pitch: float) -> int:
    """Return the blank lines between two rows; a new page or column counts as one, as a form feed in plain text.

    It counts as none where a sentence goes on there.
    """
    step = before.bottom - row.bottom
    if before.page == row.page and step > 0:
        return max(0, min(5, round(step / pitch) - 1))
    return 0 if before.full and not ends_sentence(before.text) else 1


def _is_indented(rows: Sequence[Row], index: int) -> bool:
    """Whether the row starts further right than the row below or above it by the usual two characters."""
    row = rows[index]
    near = [other for other in rows[max(0, index - 1) : index + 2] if other is not row and other.page == row.page]
    return any(INDENT[0] * row.size <= row.left - other.left <= INDENT[1] * row.size for other in near)
