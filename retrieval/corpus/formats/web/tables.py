"""Tables of a page: which of them hold data, and their cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from retrieval.corpus.formats.web.tree import BLOCKS, SKIPPED
from retrieval.corpus.tabular import GridCell

Element = Any  # lxml has no types

LONGEST_CELL = 400
"""Characters of a cell that is none of data, but a column of the page."""
MOST_BLOCKS = 4
"""Paragraphs in a cell of data."""


def grid_of(table: Element) -> tuple[list[list[GridCell]], int | None] | None:
    """Return the cells of a table of data and how many rows its ``<thead>`` has, if any; None for one that lays out."""
    rows = list(table.iter("tr"))
    if table.xpath("ancestor::table|.//table") or sum(len(list(_cells(row))) > 1 for row in rows) < 2:
        return None
    if any(_is_column(cell) for row in rows for cell in _cells(row)):
        return None
    heads = sum(row.getparent().tag == "thead" for row in rows)
    return [[_cell(cell) for cell in _cells(row)] for row in rows], heads or None


def _cells(row: Element) -> Iterator[Element]:
    return (cell for cell in row if cell.tag in ("td", "th"))


def _is_column(cell: Element) -> bool:
    long = len("".join(cell.text_content().split())) > LONGEST_CELL
    return long or len(cell.xpath(f"(.//p|.//div)[position()<={MOST_BLOCKS + 1}]")) > MOST_BLOCKS


def _cell(cell: Element) -> GridCell:
    text = " ".join("".join(_strings(cell)).split())
    return GridCell(text, _count(cell, "colspan"), _count(cell, "rowspan"), is_name=cell.tag == "th")


def _strings(element: Element) -> Iterator[str]:
    """Yield the strings of a cell, with a space around each block in it."""
    apart = " " if element.tag in BLOCKS or element.tag == "br" else ""
    yield apart + (element.text or "")
    for child in element:
        if isinstance(child.tag, str) and child.tag not in SKIPPED:
            yield from _strings(child)
        yield child.tail or ""
    yield apart


def _count(cell: Element, attribute: str) -> int:
    """Return how many columns or rows a cell takes; ``rowspan="0"`` means all that are left."""
    digits = cell.get(attribute, "1").strip()[:4]
    if not (digits.isascii() and digits.isdigit()):
        return 1
    return int(digits) or (10_000 if attribute == "rowspan" else 1)
