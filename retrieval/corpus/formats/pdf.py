"""PDF reports: the text layer page by page, running headers and page numbers taken off, then mended like plain text.

PDFium gives characters with their boxes; from these come lines, their indentation, the gaps between them, and larger
type, which marks headings.
"""

from __future__ import annotations

import datetime as dt
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from retrieval.corpus.draft import MAX_CHARACTERS, Draft
from retrieval.corpus.layout import read_lines
from retrieval.corpus.lines import Line, display_width, glue
from retrieval.corpus.metadata import find_date, is_title
from retrieval.errors import ReportUnreadable

MAX_PAGES = 2_000
SCAN = "a scan without text: run OCR on it first"
DAMAGED = "the PDF is damaged: save or print it anew"
MOST_UNDECODABLE = 0.3
"""A file with a greater share of characters that no font translates to Unicode is refused."""
HEADING_SIZE = 1.2
"""Type larger than the body's by this factor marks a heading."""
HEADING_STEP = 1.7
"""Times its size by which the lines of one heading are apart at most."""
HEADING_WIDTH = 120
MARGIN_ROWS = 2
"""Lines at the top and at the foot of a page among which running headers and page numbers are looked for."""
MARGIN_DRIFT = 8.0
"""Points by which a running header may stand higher or lower."""
INDENT = (1.2, 3.5)
"""Ems between which a line that starts further right than its neighbour is indented."""

_CREATED = re.compile(r"^(?:D:)?((?:19|20)\d\d)(\d\d)(\d\d)")
_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"^[ivxlc]{1,7}$")
_CONTENTS = re.compile(r"(?:(?:[.·…]\s?){6,}|…{2,})\s*\d{1,4}$")
_DIVISION = re.compile(r"(?<=\w)[\x02\ufffe](?=\w)")
"""What PDFium makes of a hyphen that divides a word at the end of a line."""
_PRINTED = re.compile(r"^(?:(?:file|https?)://\S+(?:\s+\d+/\d+)?|\d{1,4}/\d{1,2}/\d{1,4},? .{0,6}\d{1,2}:\d\d\b.*)$")
"""What a browser prints above and below a page."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line on a page: its text, where it stands (points from the lower left corner), and its type's size."""

    text: str
    page: int
    left: float
    right: float
    bottom: float
    size: float


def read_pdf(data: bytes) -> Draft:
    """Read a ``.pdf`` report; ReportUnreadable if it is damaged, protected, too long, or has no text layer."""
    try:
        with pdfium.PdfDocument(data) as document:
            if len(document) > MAX_PAGES:
                raise ReportUnreadable(f"it has {len(document):,} pages, more than {MAX_PAGES:,}: split it")
            pages = _pages(document)
            properties = document.get_metadata_dict()
            scanned = not any(pages) and _has_images(document)
    except pdfium.PdfiumError as error:
        protected = "password" in str(error).lower() or "security" in str(error).lower()
        raise ReportUnreadable("protected by a password" if protected else DAMAGED) from error
    body, furniture = split_margins(pages)
    if scanned or not any(body):
        raise ReportUnreadable(SCAN if scanned else "its pages hold no text")
    title = " ".join(properties.get("Title", "").split())
    author = properties.get("Author", "").strip()
    draft = read_lines(list(lines_of(body)), title if is_title(title) else None)
    return replace(
        draft,
        date=draft.date or _created(properties),
        metadata=(*draft.metadata, *([("author", author)] if is_title(author) else [])),
        furniture=(*draft.furniture, *furniture),
    )


def _created(properties: Mapping[str, str]) -> dt.date | None:
    """Return the day the file was made; None for a page that a browser printed, which may be much older."""
    match = _CREATED.match(properties.get("CreationDate", ""))
    printed = properties.get("Creator", "").startswith("Mozilla/")
    return find_date("-".join(match.groups())) if match and not printed else None


def _has_images(document: pdfium.PdfDocument) -> bool:
    pages = (document[index] for index in range(min(len(document), 3)))
    return any(next(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]), None) is not None for page in pages)


# Rows


def _pages(document: pdfium.PdfDocument) -> list[list[Row]]:
    """Return the rows of every page, in the order of the text layer."""
    pages: list[list[Row]] = []
    characters = undecodable = 0
    for number in range(len(document)):
        page = document[number]
        text_page = page.get_textpage()
        text = _text(text_page)
        characters += len(text)
        undecodable += sum(character == "\ufffd" or "\ue000" <= character <= "\uf8ff" for character in text)
        if characters > MAX_CHARACTERS:
            raise ReportUnreadable(f"it holds more than {MAX_CHARACTERS:,} characters: split it")
        pages.append(_joined(_rows(text_page, text, number + 1)))
        text_page.close()
        page.close()
    if undecodable > MOST_UNDECODABLE * characters:
        raise ReportUnreadable("its fonts do not say which characters they show: run OCR on it first")
    return pages


def _text(page: pdfium.PdfTextPage) -> str:
    """Return the page's characters, one for each that PDFium counts; U+FFFD for one without a meaning."""
    codes = (pdfium_c.FPDFText_GetUnicode(page, index) for index in range(page.count_chars()))
    return "".join(chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd" for code in codes)


def _rows(page: pdfium.PdfTextPage, text: str, number: int) -> Iterator[Row]:
    for match in re.finditer(r"[^\r\n]+", text):
        seen = [index for index in range(match.start(), match.end()) if not text[index].isspace()]
        if not seen:
            continue
        step = max(1, len(seen) // 8)
        boxes = {index: page.get_charbox(index, loose=True) for index in [seen[0], seen[-1], *seen[::step]]}
        yield Row(
            text=_DIVISION.sub("", match[0]).replace("\x02", "-").replace("\ufffe", "-").strip(),
            page=number,
            left=boxes[seen[0]][0],
            right=boxes[seen[-1]][2],
            bottom=statistics.median(bottom for _, bottom, _, _ in boxes.values()),
            size=_size([(text[index], box) for index, box in boxes.items()]),
        )


def _size(boxes: Sequence[tuple[str, tuple[float, ...]]]) -> float:
    """Return the size of the type: the width of a Chinese character, or about the height of others."""
    wide = [right - left for character, (left, _, right, _) in boxes if display_width(character) == 2]
    return statistics.median(wide or [top - bottom for _, (_, bottom, _, top) in boxes]) or 1.0


def _joined(rows: Iterator[Row]) -> list[Row]:
    """Join the parts of one line that stand far apart, such as the cells of a table."""
    joined: list[Row] = []
    for row in rows:
        last = joined[-1] if joined else None
        if last and abs(last.bottom - row.bottom) < 0.3 * row.size and row.left >= last.right:
            joined[-1] = replace(last, text=f"{last.text} {row.text}", right=row.right)
        else:
            joined.append(row)
    return joined


# Running headers, footers and page numbers


def split_margins(pages: Sequence[Sequence[Row]]) -> tuple[list[list[Row]], tuple[str, ...]]:
    """Take off what is repeated at the top or foot of the pages, page numbers, and the table of contents.

    Returns the pages without these lines, and the lines.
    """
    places: dict[tuple[bool, str], list[Row]] = defaultdict(list)
    running: set[Row] = set()
    for rows in pages:
        by_height = sorted(rows, key=lambda row: -row.bottom)
        for at_foot, edge in ((False, by_height[:MARGIN_ROWS]), (True, by_height[::-1][:MARGIN_ROWS])):
            for row in edge:
                places[at_foot, _NUMBER.sub("#", row.text)].append(row)
            running.update(row for row in edge[:1] if _is_number(row) or _PRINTED.match(row.text))
        running.update(row for row in rows if _CONTENTS.search(row.text))
    for rows_alike in places.values():
        middle = statistics.median(row.bottom for row in rows_alike)
        level = [row for row in rows_alike if abs(row.bottom - middle) <= MARGIN_DRIFT]
        if len({row.page for row in level}) >= min(3, max(2, len(pages))) and _runs(level):
            running.update(level)
    body = [[row for row in rows if row not in running] for rows in pages]
    return body, tuple(dict.fromkeys(row.text for rows in pages for row in rows if row in running))


def _is_number(row: Row) -> bool:
    bare = row.text.strip("-—–·. ")
    return bare == str(row.page) or bool(_ROMAN.match(bare))


def _runs(rows: Sequence[Row]) -> bool:
    """Whether the lines are the same on most pages, but for a number that counts the pages."""
    numbers = [[int(number[:9]) for number in _NUMBER.findall(row.text)] for row in rows]
    same = Counter(row.text for row in rows).most_common(1)[0][1]
    counted = [
        Counter(page_numbers[place] - row.page for row, page_numbers in zip(rows, numbers, strict=True)).most_common(1)[
            0
        ][1]
        for place in range(len(numbers[0]))
    ]
    return max([same, *counted]) >= 0.6 * len(rows)


# Lines


def lines_of(pages: Sequence[Sequence[Row]]) -> Iterator[Line]:
    """Yield the lines of all pages with their indentation, gaps and pages; larger type makes a heading."""
    rows = [row for page in pages for row in page]
    sizes = Counter[float]()
    for row in rows:
        sizes[round(row.size)] += len(row.text)
    body = max(sizes, key=lambda size: sizes[size])
    large = sorted({round(row.size) for row in rows if row.size >= HEADING_SIZE * body}, reverse=True)
    pitch = _pitch(rows)
    run: list[tuple[Row, int]] = []
    for index, row in enumerate(rows):
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
        yield Line(row.text, gap, _is_indented(rows, index), row.page)
    if run:
        yield _heading(run, large)


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
    """Return the blank lines between two rows; a new page or column counts as one, as a form feed in plain text."""
    step = before.bottom - row.bottom
    return max(0, min(5, round(step / pitch) - 1)) if before.page == row.page and step > 0 else 1


def _is_indented(rows: Sequence[Row], index: int) -> bool:
    """Whether the row starts further right than the row below or above it by the usual two characters."""
    row = rows[index]
    near = [other for other in rows[max(0, index - 1) : index + 2] if other is not row and other.page == row.page]
    return any(INDENT[0] * row.size <= row.left - other.left <= INDENT[1] * row.size for other in near)
