"""PDF reports: the text layer page by page, running headers and page numbers taken off, then mended like plain text.

PDFium gives characters with their boxes; from these come lines, their indentation, the gaps between them, columns, and
larger type, which marks headings.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from retrieval.corpus.draft import Draft
from retrieval.corpus.formats.pages.columns import in_reading_order
from retrieval.corpus.formats.pages.margins import split_margins
from retrieval.corpus.formats.pages.rows import DIVIDED, Row, mend_divided, read_rows
from retrieval.corpus.layout import read_lines
from retrieval.corpus.lines import Line, display_width, ends_sentence, glue, relocate_recognised
from retrieval.corpus.metadata import is_title
from retrieval.corpus.recognition.rows import rows_of
from retrieval.corpus.recognition.seen import seen_of
from retrieval.corpus.tabular import GridCell, lines_of_table
from retrieval.errors import ReportUnreadable
from retrieval.recognised import RecognisedLine
from retrieval.text.characters import SIMPLIFIED_RADICALS, is_traditional, unify

MAX_PAGES = 2_000
DAMAGED = "the PDF is damaged: save or print it anew"
PICTURED = 0.1
"""Share of a page without text that pictures cover at least, if text is to be recognised on it."""
LEAST_CHARACTERS = 10
"""Characters that a picture shows at least, if it is a report; a photograph or an icon shows fewer."""
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


def read_pdf(data: bytes, pages: Mapping[str, Any] | None = None) -> Draft:
    """Read a ``.pdf`` report; ReportUnreadable if it is damaged, protected, too long, or shows no text.

    ``pages`` are those that were recognised, as JSON; a page that is a picture, or whose fonts are not understood, is
    read from there. What the file says about the day it was made is no date of the report, because a report is printed
    or saved again at any later time.
    """
    try:
        with pdfium.PdfDocument(data) as document:
            if len(document) > MAX_PAGES:
                raise ReportUnreadable(f"it has {len(document):,} pages, more than {MAX_PAGES:,}: split it")
            layers = read_rows(document)
            properties = document.get_metadata_dict()
            pictured = [
                n for n, rows in enumerate(layers, 1) if rows is None or not rows and _is_picture(document[n - 1])
            ]
    except pdfium.PdfiumError as error:
        protected = "password" in str(error).lower() or "security" in str(error).lower()
        raise ReportUnreadable("protected by a password" if protected else DAMAGED) from error
    found, seen, beside = [rows or [] for rows in layers], seen_of(pages or {}), []
    for number in (number for number in pictured if number in seen):
        found[number - 1], unsure = rows_of(seen[number], number)
        beside += unsure
    return draft_of_rows(found, properties, unread=[number for number in pictured if number not in seen], beside=beside)


def draft_of_rows(
    pages: Sequence[Sequence[Row]],
    properties: Mapping[str, str] = MappingProxyType({}),
    *,
    unread: Sequence[int] = (),
    beside: Sequence[str] = (),
) -> Draft:
    """Lay out the rows of a file's pages; ReportUnreadable if there is no text, and no page is ``unread`` either.

    ``properties`` are what the file says of itself, ``beside`` lines of the pages that are no text.
    """
    body, furniture = split_margins(pages)
    if not any(body):
        if unread:
            return Draft((), unread=tuple(unread))
        raise ReportUnreadable("its pages hold no text")
    same = partial(unify, simplified=_is_simplified(body))
    title = same(" ".join(properties.get("Title", "").split()))
    author = same(properties.get("Author", "").strip())
    rows = mend_divided(row for page in body for row in mark_full(in_reading_order(page)))
    draft = read_lines([_folded(line, same(line.text)) for line in lines_of(rows)], title if is_title(title) else None)
    return replace(
        draft,
        metadata=(*draft.metadata, *([("author", author)] if is_title(author) else [])),
        furniture=(*draft.furniture, *(same(text.replace(DIVIDED, "-")) for text in furniture), *beside),
        unread=tuple(unread),
    )


def draft_of_pictures(count: int, pages: Mapping[str, Any] | None, title: str = "") -> Draft:
    """Make a Draft of ``count`` pages that are nothing but pictures; ReportUnreadable if they show no text.

    With a ``title`` that is known, a title on a picture is text like any other.
    """
    seen = seen_of(pages or {})
    unread = tuple(number for number in range(1, count + 1) if number not in seen)
    found = [rows_of(seen[number], number) for number in sorted(seen)]
    if not unread and sum(len(row.text) for rows, _ in found for row in rows) < LEAST_CHARACTERS:
        raise ReportUnreadable("hardly any text was recognised on the picture")
    beside = [text for _, unsure in found for text in unsure]
    return draft_of_rows([rows for rows, _ in found], {"Title": title}, unread=unread, beside=beside)


def _is_picture(page: pdfium.PdfPage) -> bool:
    """Whether pictures cover so much of the page that text may be on them."""
    images = list(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]))
    if any(image.level for image in images):  # its place is told in the measures of a form around it
        return True
    boxes = [image.get_bounds() for image in images]
    covered = sum((right - left) * (top - bottom) for left, bottom, right, top in boxes)
    return bool(covered >= PICTURED * page.get_width() * page.get_height())


# Look-alikes


def _folded(line: Line, text: str) -> Line:
    """Return a line with its look-alikes folded, and what of it does not stand in the file so."""
    seen = tuple((one.start, one.end) for one in line.recognised)
    return replace(line, text=text, made=seen or tuple(sorted({*line.made, *_changed(line.text, text)})))


def _is_simplified(pages: Sequence[Sequence[Row]]) -> bool:
    """Whether the text is Simplified, if it has a radical of which that must be known."""
    text = "".join(row.text for page in pages for row in page)
    return any(radical in text for radical in SIMPLIFIED_RADICALS) and not is_traditional(text)


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
        yield Line(row.text, gap, _is_indented(rows, index), row.page, full=row.full, recognised=_seen(row.text, [row]))
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
    seen = _seen(text, [row for row, _ in run])
    if display_width(text) > HEADING_WIDTH:
        return Line(text, gap, False, first.page, recognised=seen)
    return Line(text, gap, False, first.page, True, "heading", level, recognised=seen)


def _seen(text: str, rows: Sequence[Row]) -> tuple[RecognisedLine, ...]:
    return relocate_recognised(text, ((row.text, row.recognised) for row in rows))


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
