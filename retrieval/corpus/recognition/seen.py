"""What was recognised on the picture of a page, and its form as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from retrieval.recognised import Box


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line as it was recognised: its text, how sure that is (0 to 1), and its four corners on the page.

    ``corners`` are x and y from the text's own upper left corner clockwise, as fractions of the page's width and
    height; on a page that lies on its side they begin elsewhere than in the picture's upper left.
    """

    text: str
    confidence: float
    corners: tuple[float, ...]

    @property
    def box(self) -> Box:
        """The upright rectangle around the line."""
        across, down = self.corners[::2], self.corners[1::2]
        return min(across), min(down), max(across), max(down)


@dataclass(frozen=True, slots=True)
class SeenPage:
    """The lines of a page, in no order, and its height as a multiple of its width."""

    aspect: float
    lines: tuple[SeenLine, ...]


Seen = Mapping[int, SeenPage]
"""Recognised pages by their numbers, counted from 1."""


def page_json(page: SeenPage) -> dict[str, Any]:
    """Return a page as JSON."""
    return {"aspect": page.aspect, "lines": [[line.text, line.confidence, line.corners] for line in page.lines]}


def page_of(value: Any) -> SeenPage:  # noqa: ANN401 - JSON
    """Read a page back; ValueError, KeyError or TypeError if the JSON is not what ``page_json`` made."""
    lines = tuple(
        SeenLine(str(text), float(confidence), tuple(map(float, corners)))
        for text, confidence, corners in value["lines"]
    )
    if not 0 < value["aspect"] < math.inf or any(len(line.corners) != 8 for line in lines):
        raise ValueError("no recognised page")
    return SeenPage(float(value["aspect"]), lines)


def seen_of(pages: Mapping[str, Any]) -> Seen:
    """Read pages back by their numbers, which are texts in JSON."""
    return {int(number): page_of(page) for number, page in pages.items()}
