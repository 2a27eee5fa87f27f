"""Where recognised text stands on the picture of a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, as fractions of a page's width and height."""


@dataclass(frozen=True, slots=True)
class RecognisedLine:
    """A line that was recognised on a picture: ``text[start:end]`` stands in ``box`` on ``page``, counted from 1."""

    start: int
    end: int
    page: int
    box: Box


def recognised_line(value: dict[str, Any]) -> RecognisedLine:
    """Make a RecognisedLine of what ``dataclasses.asdict`` and JSON made of one."""
    left, top, right, bottom = value["box"]
    return RecognisedLine(value["start"], value["end"], value["page"], (left, top, right, bottom))


def lines_within(lines: Iterable[RecognisedLine], start: int, end: int) -> tuple[RecognisedLine, ...]:
    """Return the lines of which any part stands in ``text[start:end]``."""
    return tuple(line for line in lines if line.start < end and start < line.end)
