"""What a report's page shows below a paragraph that was recognised: the pictures of its pages, with its lines boxed."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from bot.links import picture_path
from retrieval.recognised import Box, RecognisedLine, lines_within
from retrieval.types import Document

MARGIN = 0.004
"""Share of the page by which a box is larger than its line, so that its edge covers no stroke."""


def pictures_of(document: Document, start: int, end: int, marked: tuple[int, int]) -> list[dict[str, Any]]:
    """Return the pages on which ``text[start:end]`` was recognised, each with the boxes of its lines, for the template.

    A page that holds a line of the ``marked`` part is open.
    """
    shown = set(lines_within(document.recognised, max(start, marked[0]), min(end, marked[1])))
    lines = lines_within(document.recognised, start, end)
    return [_picture(document, page, list(on_page), shown) for page, on_page in groupby(lines, lambda line: line.page)]


def _picture(document: Document, page: int, lines: list[RecognisedLine], shown: set[RecognisedLine]) -> dict[str, Any]:
    boxes = [{**_rectangle(line.box), "marked": line in shown} for line in lines]
    is_open = any(box["marked"] for box in boxes)
    return {"page": page, "address": picture_path(document.document_id, page), "boxes": boxes, "open": is_open}


def _rectangle(box: Box) -> dict[str, str]:
    """Return a box as a rectangle in a picture that is 1000 wide and high."""
    left, top = max(0.0, box[0] - MARGIN), max(0.0, box[1] - MARGIN)
    right, bottom = min(1.0, box[2] + MARGIN), min(1.0, box[3] + MARGIN)
    sides = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return {name: f"{1000 * side:.1f}" for name, side in sides.items()}
