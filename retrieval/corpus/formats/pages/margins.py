"""What stands around the text of a PDF: running headers, footers, page numbers and the table of contents."""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence

from retrieval.corpus.formats.pages.rows import Row

MARGIN_ROWS = 2
"""Lines at the top and at the foot of a page among which running headers and page numbers are looked for."""
MARGIN_DRIFT = 8.0
"""Points by which a running header may stand higher or lower."""

_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"^[ivxlc]{1,7}$")
_CONTENTS = re.compile(r"(?:(?:[.·…]\s?){6,}|…{2,})\s*\d{1,4}$")
_PRINTED = re.compile(r"^(?:(?:file|https?)://\S+(?:\s+\d+/\d+)?|\d{1,4}/\d{1,2}/\d{1,4},? .{0,6}\d{1,2}:\d\d\b.*)$")
"""What a browser prints above and below a page."""


def split_margins(pages: Sequence[Sequence[Row]]) -> tuple[list[list[Row]], tuple[str, ...]]:
    """Take off what is repeated at the top or foot of the pages, page numbers, and the table of contents.

    Returns the pages without these lines, and the lines.
    """
    places: dict[tuple[bool, str], list[Row]] = defaultdict(list)
    running: set[Row] = set()
    for rows in pages:
        by_height = sorted((row for row in rows if not row.grid), key=lambda row: -row.bottom)
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
