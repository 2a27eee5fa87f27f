"""Pages of a PDF -> rows: PDFium's characters with their boxes, put together to lines with places and sizes."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from retrieval.corpus.draft import MAX_CHARACTERS
from retrieval.corpus.formats.pages.ruled import Mark, grid_of, lattices_of
from retrieval.corpus.lines import display_width, relocate_recognised
from retrieval.corpus.tabular import GridCell
from retrieval.errors import ReportUnreadable
from retrieval.recognised import RecognisedLine

MOST_UNDECODABLE = 0.3
"""A page with a greater share of characters that no font translates to Unicode can only be recognised."""
DIVIDED = "\x02"
"""At a row's end: a hyphen that divides a word, which goes on in the next row."""
LEVEL = 0.3
"""Share of its type's size by which the parts of one line stand higher or lower at most."""
PIECE_GAP = 0.5
"""Times its size by which the pieces of a line are apart at least."""

_LINE = re.compile(r"[^\r\n\x02\ufffe]+[\x02\ufffe]?|[\x02\ufffe]")
"""A line as PDFium tells it; U+0002 and U+FFFE are what it makes of a hyphen that divides a word at a line's end."""
_SEEN = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Row:
    """A line on a page: its text, where it stands (points from the lower left corner), and its type's size.

    ``pieces`` are its parts where some stand far apart. ``full`` tells that it reaches the edge of its column, so that
    its end is not the end of a paragraph. ``recognised`` says where its text was seen, if it was on a picture. A whole
    table is one row with a ``grid``; its text says nothing.
    """

    text: str
    page: int
    left: float
    right: float
    bottom: float
    size: float
    pieces: tuple[Row, ...] = ()
    full: bool = False
    grid: tuple[tuple[GridCell, ...], ...] = ()
    recognised: tuple[RecognisedLine, ...] = ()


def read_rows(document: pdfium.PdfDocument) -> list[list[Row] | None]:
    """Return the rows of every page, in the order of the text layer; None for a page whose fonts are not understood."""
    pages: list[list[Row] | None] = []
    characters = 0
    for number in range(len(document)):
        page = document[number]
        text_page = page.get_textpage()
        text = _text(text_page)
        characters += len(text)
        undecodable = sum(character == "\ufffd" or "\ue000" <= character <= "\uf8ff" for character in text)
        if characters > MAX_CHARACTERS:
            raise ReportUnreadable(f"it holds more than {MAX_CHARACTERS:,} characters: split it")
        readable = undecodable <= MOST_UNDECODABLE * len(text)
        text, tables = _tables(page, text_page, text, number + 1) if readable else (text, [])
        rows = _with_tables(_level(_rows(text_page, text, number + 1)), tables) if readable else None
        pages.append(rows)
        text_page.close()
        page.close()
    return pages


def _tables(page: pdfium.PdfPage, text_page: pdfium.PdfTextPage, text: str, number: int) -> tuple[str, list[Row]]:
    """Return the ruled tables of a page, and its text without their characters."""
    lattices = lattices_of(page)
    if not lattices:
        return text, []
    inside: list[dict[int, Mark]] = [{} for _ in lattices]
    for word in _SEEN.finditer(text):
        for index in range(word.start(), word.end()):
            mark = Mark(text[index], index == word.start(), text_page.get_charbox(index, loose=True))
            table = next((at for at, lattice in enumerate(lattices) if lattice.place_of(*mark.middle)), None)
            if table is not None:
                inside[table][index] = mark
    rows, taken = [], set[int]()
    for lattice, marks in zip(lattices, inside, strict=True):
        grid = grid_of(lattice, list(marks.values()))
        if grid:
            left, bottom, right, _ = lattice.box
            size = statistics.median(mark.box[3] - mark.box[1] for mark in marks.values())
            rows.append(Row("\t", number, left, right, bottom, size, grid=tuple(map(tuple, grid))))
            taken |= marks.keys()
    return "".join("\n" if index in taken else character for index, character in enumerate(text)), rows


def _with_tables(rows: list[Row], tables: Sequence[Row]) -> list[Row]:
    """Put each table below the rows that stand above it."""
    placed = list(rows)
    for table in sorted(tables, key=lambda table: -table.bottom):
        below = (at for at, row in enumerate(placed) if row.bottom < table.bottom and row.right > table.left)
        placed.insert(next(below, len(placed)), table)
    return placed


def join_rows(rows: Sequence[Row]) -> Row:
    """Make one row of several on one line, from left to right."""
    if len(rows) == 1:
        return rows[0]
    pieces = tuple(piece for row in rows for piece in row.pieces or (row,))
    text = " ".join(row.text for row in rows)
    recognised = relocate_recognised(text, ((row.text, row.recognised) for row in rows))
    return replace(rows[0], text=text, right=rows[-1].right, pieces=pieces, recognised=recognised)


def mend_divided(rows: Iterable[Row]) -> list[Row]:
    """Put words together that were divided at the end of a row: the second half moves up."""
    mended: list[Row] = []
    for row in rows:
        last = mended[-1] if mended else None
        if last and last.text.endswith(DIVIDED):
            half, _, rest = row.text.partition(" ")
            goes_on = last.text[-2:-1].isalnum() and half[:1].isalnum()
            mended[-1] = replace(last, text=last.text[:-1] + (half if goes_on else "-"), full=True)
            row = replace(row, text=rest) if goes_on else row
        if row.text:
            mended.append(row)
    return [replace(row, text=row.text.replace(DIVIDED, "-")) if DIVIDED in row.text else row for row in mended]


def _text(page: pdfium.PdfTextPage) -> str:
    """Return the page's characters, one for each that PDFium counts; U+FFFD for one without a meaning."""
    codes = (pdfium_c.FPDFText_GetUnicode(page, index) for index in range(page.count_chars()))
    return "".join(chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd" for code in codes)


def _rows(page: pdfium.PdfTextPage, text: str, number: int) -> Iterator[Row]:
    for line in _LINE.finditer(text):
        words = [(word.start(), word.end()) for word in _SEEN.finditer(text, line.start(), line.end())]
        if not words:
            continue
        seen = [index for start, end in words for index in range(start, end)]
        sample = {seen[0], seen[-1], *seen[:: max(1, len(seen) // 8)]}
        boxes = {index: page.get_charbox(index, loose=True) for index in sample}
        size = _size([(text[index], box) for index, box in boxes.items()])
        bottom = statistics.median(box[1] for box in boxes.values())
        for index in (index for start, end in words for index in (start, end - 1)):
            boxes.setdefault(index, page.get_charbox(index, loose=True))
        parts = [words[0]]
        for (_, before), (start, end) in zip(words, words[1:], strict=False):
            if boxes[start][0] - boxes[before - 1][2] >= PIECE_GAP * size:
                parts.append((start, end))
            else:
                parts[-1] = (parts[-1][0], end)
        pieces = [
            Row(
                text=text[start:end].replace("\ufffe", DIVIDED),
                page=number,
                left=boxes[start][0],
                right=boxes[end - 1][2],
                bottom=bottom,
                size=_size([(text[index], box) for index, box in boxes.items() if start <= index < end]),
            )
            for start, end in parts
        ]
        if len(pieces) == 1:
            yield replace(pieces[0], size=size)
        else:
            whole = text[words[0][0] : words[-1][1]].replace("\ufffe", DIVIDED)
            yield replace(join_rows(pieces), text=whole, size=size)


def _size(boxes: Sequence[tuple[str, tuple[float, ...]]]) -> float:
    """Return the size of the type: the width of a Chinese character, or about the height of others."""
    wide = [right - left for character, (left, _, right, _) in boxes if display_width(character) == 2]
    return statistics.median(wide or [top - bottom for _, (_, bottom, _, top) in boxes]) or 1.0


def _level(rows: Iterator[Row]) -> list[Row]:
    """Join the parts of one line that stand far apart, such as the cells of a table."""
    joined: list[Row] = []
    for row in rows:
        last = joined[-1] if joined else None
        if last and abs(last.bottom - row.bottom) < LEVEL * row.size and row.left >= last.right:
            joined[-1] = join_rows((last, row))
        else:
            joined.append(row)
    return joined
