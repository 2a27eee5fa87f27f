"""Draft -> Document: lay the blocks out as one text and number its paragraphs."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from retrieval.corpus.draft import Block, Draft, Row
from retrieval.corpus.lines import CLOSERS
from retrieval.errors import ReportUnreadable
from retrieval.parts import Aside, Heading, Paragraph, Table, TableRow
from retrieval.recognised import RecognisedLine
from retrieval.types import Document

SEPARATOR = "\n\n"
HEADING_JOINER = " · "
DERIVED_TITLE_CHARACTERS = 36
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""C0 and C1 but for white space, and what turns the direction of writing."""
_CLAUSE_END = re.compile(rf"[，,。！？!?；;：:][{CLOSERS}]*")


def make_document(draft: Draft, document_id: str, path: str, data: bytes) -> Document:
    """Number the draft's paragraphs and lay out its text; ReportUnreadable if there are none.

    ``text`` holds everything in reading order but metadata and furniture, which stay beside it. Control characters are
    taken out of all of them, because a terminal or a page would obey them.
    """
    layout = _Layout()
    for block in map(_without_controls, draft.blocks):
        layout.add(block)
    if not layout.paragraphs:
        raise ReportUnreadable("no paragraph of text was found in it")
    text, lead = SEPARATOR.join(layout.pieces), layout.paragraphs[0]
    return Document(
        document_id=document_id,
        path=path,
        digest=hashlib.sha256(data).hexdigest(),
        title=_clean(draft.title or "") or _derived(text[lead.start : lead.end], path),
        title_derived=draft.title is None,
        date=draft.date,
        source=_clean(draft.source or "") or None,
        text=text,
        paragraphs=tuple(layout.paragraphs),
        headings=tuple(layout.headings),
        asides=tuple(layout.asides),
        tables=tuple(Table(tuple(header), tuple(rows)) for header, rows in layout.tables if rows),
        metadata=tuple((label, _clean(value)) for label, value in draft.metadata),
        furniture=tuple(map(_clean, draft.furniture)),
        made=tuple(layout.made),
        recognised=tuple(layout.recognised),
    )


@dataclass(slots=True)
class _Layout:
    """The text laid out so far, and what its pieces are; ``tables`` are their rows of names and the others."""

    pieces: list[str] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    tables: list[tuple[list[TableRow], list[TableRow]]] = field(default_factory=list)
    made: list[tuple[int, int]] = field(default_factory=list)
    recognised: list[RecognisedLine] = field(default_factory=list)
    _position: int = 0
    _open: dict[int, str] = field(default_factory=dict)

    def add(self, block: Block) -> None:
        """Put a block below the others."""
        start, end = self._position, self._position + len(block.text)
        self.pieces.append(block.text)
        self.made += [(start + first, start + last) for first, last in block.made]
        self.recognised += [replace(line, start=start + line.start, end=start + line.end) for line in block.recognised]
        self._position = end + len(SEPARATOR)
        if block.kind == "heading":
            self._open = {level: text for level, text in self._open.items() if level < block.level}
            self._open[block.level] = block.text
            self.headings.append(Heading(start, end, block.level))
        elif block.kind in ("caption", "subtitle"):
            self.asides.append(Aside(block.kind, start, end, len(self.paragraphs)))
        elif block.row is None or not block.row.is_header:
            heading = HEADING_JOINER.join(self._open[level] for level in sorted(self._open)) or None
            self.paragraphs.append(Paragraph(len(self.paragraphs) + 1, start, end, heading, block.page))
        if block.row is not None:
            self._add_row(block.row, start)

    def _add_row(self, row: Row, start: int) -> None:
        if row.begins or not self.tables:
            self.tables.append(([], []))
        cells = tuple(replace(cell, start=start + cell.start, end=start + cell.end) for cell in row.cells)
        header, rows = self.tables[-1]
        (header if row.is_header else rows).append(
            TableRow(cells, None if row.is_header else self.paragraphs[-1].number)
        )


def _clean(text: str) -> str:
    return CONTROLS.sub("", text)


def _without_controls(block: Block) -> Block:
    """Return a block without control characters; what is ``made`` or ``recognised``, and cells, move along."""
    taken = [match.start() for match in CONTROLS.finditer(block.text)]
    if not taken:
        return block

    def moved(place: int) -> int:
        return place - bisect_left(taken, place)

    row = block.row
    if row is not None:
        cells = (replace(cell, start=moved(cell.start), end=moved(cell.end)) for cell in row.cells)
        row = replace(row, cells=tuple(cells))
    made = tuple((moved(start), moved(end)) for start, end in block.made)
    recognised = tuple(replace(line, start=moved(line.start), end=moved(line.end)) for line in block.recognised)
    return replace(block, text=_clean(block.text), made=made, recognised=recognised, row=row)


def _derived(lead: str, path: str) -> str:
    """Return a title for a report that has none: its file's name where it begins with a table."""
    return PurePosixPath(path).stem if "\t" in lead else derive_title(lead)


def derive_title(lead: str) -> str:
    """Make a short title from the lead: its first clauses, up to 36 characters, with … where it was cut."""
    lead = " ".join(lead.split())
    if len(lead) <= DERIVED_TITLE_CHARACTERS:
        return lead
    ends = [match.start() for match in _CLAUSE_END.finditer(lead) if 6 <= match.start() <= DERIVED_TITLE_CHARACTERS]
    return lead[: ends[-1] if ends else DERIVED_TITLE_CHARACTERS] + "…"
