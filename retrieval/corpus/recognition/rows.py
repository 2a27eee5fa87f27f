"""What was recognised on a page -> rows, as a PDF's text layer gives them: set straight, in order, with their type."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.corpus.formats.pages.rows import LEVEL, Row, join_rows
from retrieval.corpus.lines import display_width
from retrieval.corpus.recognition.seen import SeenLine, SeenPage
from retrieval.recognised import RecognisedLine

SURE = 0.6
"""How sure the recognition of a line is at least, if it is to be text."""
PAGE_WIDTH = 595.0
"""Points that a page is taken to be wide (A4), because a picture does not say."""
TYPE_HEIGHT = 0.75
"""Size of the type as a share of the height of the rectangle in which a line is found."""
MEASURED_COLUMNS = 12
"""Columns of a line from which its width tells the size of its type better than its height."""
SAME_SIZE = 0.15
"""Share by which sizes of the same type are measured to differ."""
SIZE_STEP = 1.25
"""Factor between sizes of type that are told apart."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line on a page that was set straight: edges, middle (downwards) and height, in points."""

    line: SeenLine
    left: float
    right: float
    middle: float
    height: float

    @property
    def size(self) -> float:
        columns = max(display_width(self.line.text), 1)
        by_width, by_height = 2 * (self.right - self.left) / columns, TYPE_HEIGHT * self.height
        return by_width if columns >= MEASURED_COLUMNS else min(by_width, by_height)


def rows_of(page: SeenPage, number: int) -> tuple[list[Row], list[str]]:
    """Return the rows of page ``number`` from top to bottom, and the lines that are too unsure to be text.

    What stands at one height is one row, its parts from left to right.
    """
    sure = [line for line in page.lines if line.confidence >= SURE]
    unsure = [line.text for line in page.lines if line.confidence < SURE]
    placed = _straight(sure, page.aspect)
    body = _body_size(placed)
    rows = [_row(one, number, _stepped(one.size, body)) for one in placed]
    return [join_rows(band) for band in _bands(rows)], unsure


def _straight(lines: Sequence[SeenLine], aspect: float) -> list[_Placed]:
    """Turn the page so that most of its text runs level, whichever way it was laid on the scanner."""
    if not lines:
        return []
    corners = [list(zip(line.corners[::2], (aspect * y for y in line.corners[1::2]), strict=True)) for line in lines]
    angle = _angle(lines, corners)
    cosine, sine = math.cos(angle), math.sin(angle)
    turned = [[(x * cosine + y * sine, y * cosine - x * sine) for x, y in four] for four in corners]
    scale = PAGE_WIDTH / (abs(cosine) + aspect * abs(sine))
    left = min(0.0, cosine, aspect * sine, cosine + aspect * sine)
    top = min(0.0, -sine, aspect * cosine, aspect * cosine - sine)
    return [
        _Placed(
            line,
            left=scale * (min(x for x, _ in four) - left),
            right=scale * (max(x for x, _ in four) - left),
            middle=scale * (statistics.fmean(y for _, y in four) - top),
            height=scale * (math.dist(four[0], four[3]) + math.dist(four[1], four[2])) / 2,
        )
        for line, four in zip(lines, turned, strict=True)
    ]


def _angle(lines: Sequence[SeenLine], corners: Sequence[Sequence[tuple[float, float]]]) -> float:
    """Return the direction of the text, in radians: that of the line in the middle of all, a longer one counting more.

    Directions are counted from that of the longest line, so that half a turn more or less makes no difference.
    """
    directions = [math.atan2(right[1] - left[1], right[0] - left[0]) for left, right, *_ in corners]
    longest = max(range(len(lines)), key=lambda index: len(lines[index].text))
    off = [math.remainder(direction - directions[longest], math.tau) for direction in directions]
    spread = sorted(one for one, line in zip(off, lines, strict=True) for _ in line.text)
    return directions[longest] + spread[len(spread) // 2]


def _body_size(placed: Sequence[_Placed]) -> float:
    sizes = sorted(one.size for one in placed for _ in one.line.text)
    return sizes[len(sizes) // 2] if sizes else 1.0


def _stepped(size: float, body: float) -> float:
    """Return the size of the type without the noise of measuring: the body's, or steps away from it."""
    if abs(size - body) <= SAME_SIZE * body:
        return body
    return body * SIZE_STEP ** round(math.log(size / body, SIZE_STEP))


def _row(one: _Placed, number: int, size: float) -> Row:
    text = one.line.text
    seen = RecognisedLine(0, len(text), number, one.line.box)
    bottom = -one.middle - size / 2  # PDF counts upwards
    return Row(text, number, one.left, one.right, bottom, size, recognised=(seen,))


def _bands(rows: Sequence[Row]) -> list[list[Row]]:
    """Put together what stands at one height, of one size of type, and not above each other."""
    bands: list[list[Row]] = []
    for row in sorted(rows, key=_height, reverse=True):
        band = next((band for band in reversed(bands[-3:]) if _fits(band, row)), None)
        if band is None:
            bands.append([row])
        else:
            band.append(row)
    return [sorted(band, key=lambda row: row.left) for band in bands]


def _height(row: Row) -> float:
    return row.bottom + row.size / 2


def _fits(band: Sequence[Row], row: Row) -> bool:
    level = abs(_height(band[0]) - _height(row)) < LEVEL * max(band[0].size, row.size)
    slack = LEVEL * row.size
    return level and all(row.left >= other.right - slack or row.right <= other.left + slack for other in band)
