"""A body of text in a Word file (the document, a note, a footer) -> its paragraphs in reading order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from docx.oxml.ns import qn

from retrieval.corpus.draft import Row
from retrieval.corpus.formats.word.numbering import Count, Numbering, is_typed
from retrieval.corpus.formats.word.styles import Role, Styles, is_on, number_of
from retrieval.corpus.formats.word.text import REMOVED, Words, is_contents, parts_of, words_of
from retrieval.corpus.lines import Ranges, relocate
from retrieval.corpus.tabular import GridCell, blocks_of_table

Element = Any  # lxml has no types

LONGEST_LINE = 60
"""Characters of a line across a table, such as the name of a part of it."""
DELETED_CELL = f"{qn('w:tcPr')}/{qn('w:cellDel')}"


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph as it is printed, its number before it; ``made`` are the parts of ``text`` that Word draws.

    A table's row has ``row``.
    """

    text: str
    made: Ranges
    role: Role
    row: Row | None = None


@dataclass(slots=True)
class Story:
    """One body of text, with its text boxes and notes behind the paragraphs that hold them.

    Lists are counted on through the text, the footnotes and the endnotes, and in each text box from the beginning.
    ``notes`` are those that have not been cited yet, by kind and id; ``zones`` is for headers and footers.
    """

    styles: Styles
    numbering: Numbering
    notes: dict[tuple[str, str], Element] = field(default_factory=dict)
    zones: bool = False
    _count: Count = field(default_factory=Count)
    _counts: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))  # of footnotes and endnotes
    _waiting: Words | None = None  # of paragraphs whose marks were deleted, so that they go on in the next one
    _row: list[tuple[str, str]] | None = None  # notes cited in the row that is read, which come after it

    def read(self, element: Element, *, cell: bool = False) -> Iterator[Piece]:
        """Yield the paragraphs of an element; in a ``cell``, a number without words is one."""
        yield from self._walk(element, False, cell)
        if self._waiting is not None:
            words, self._waiting = self._waiting, None
            yield from self._written(words, words, Role(), cell)

    def read_note(self, element: Element) -> Iterator[Piece]:
        """Yield the paragraphs of a note, which are no headings."""
        pieces = self._aside(element, self._counts[element.tag])
        return (replace(piece, role=Role("paragraph")) for piece in pieces)

    def _walk(self, element: Element, contents: bool, cell: bool) -> Iterator[Piece]:
        for child in parts_of(element):
            if child.tag == qn("w:p"):
                yield from self._paragraph(child, contents, cell)
            elif child.tag == qn("w:tbl"):
                yield from self._table(child)
            else:
                yield from self._walk(child, contents or is_contents(child), cell)

    def _paragraph(self, element: Element, contents: bool, cell: bool) -> Iterator[Piece]:
        words = words_of(element, self.styles.hides, zones=self.zones)
        if self._waiting is not None:
            words, self._waiting = self._waiting + words, None
        properties = element.find(qn("w:pPr"))
        if any(properties is not None and properties.find(f"{qn('w:rPr')}/{tag}") is not None for tag in REMOVED):
            self._waiting = words
            return
        if words.text.strip() or not self.styles.hides(properties, element):
            numbered = self._numbered(element, words)
        else:
            numbered = words
        yield from self._written(words, numbered, Role(contents=True) if contents else self.styles.role(element), cell)

    def _numbered(self, element: Element, words: Words) -> Words:
        number, suffix = self.numbering.number(element, self._count)
        number = number.strip()
        if not number or is_typed(number, words.text):
            return words
        bare = words.text.lstrip()
        text = number + (suffix + bare if bare else "")
        behind = relocate(text, [(number, ()), (words.text, words.made)])
        return replace(words, text=text, made=((0, len(number)), *behind))

    def _written(self, words: Words, numbered: Words, role: Role, cell: bool) -> Iterator[Piece]:
        if words.text.strip() or (cell and numbered.text):
            yield Piece(numbered.text, numbered.made, role)
        for box in words.boxes:
            yield from self._aside(box, Count())
        if self._row is None:
            yield from self._cited(words.notes)
        else:
            self._row += words.notes

    def _aside(self, element: Element, count: Count) -> Iterator[Piece]:
        before, self._count = self._count, count
        yield from self.read(element)
        self._count = before

    def _cited(self, keys: Iterable[tuple[str, str]]) -> Iterator[Piece]:
        for key in keys:
            if (note := self.notes.pop(key, None)) is not None:
                yield from self.read_note(note)

    def _table(self, table: Element) -> Iterator[Piece]:
        """Yield the rows of a table; a cell that fills its row may be a box around ordinary text."""
        rows: list[_Cells] = []
        for row in _inside(table, "w:tr", "w:tbl"):
            if any(row.find(f"{qn('w:trPr')}/{qn(tag)}") is not None for tag in ("w:del", "w:hidden")):
                continue
            cells = [cell for cell in _inside(row, "w:tc", "w:tr") if cell.find(DELETED_CELL) is None]
            if len(cells) == 1 and (not rows or _is_box(cells[0])):
                yield from self._rows(rows)
                rows = []
                yield from self.read(cells[0])
            else:
                rows.append(self._of_row(row, cells))
        yield from self._rows(rows)

    def _rows(self, rows: Sequence[_Cells]) -> Iterator[Piece]:
        """Yield rows, and below them the notes that they cite."""
        named = next((at for at, row in enumerate(rows) if not row.is_header), len(rows))
        for block in blocks_of_table(_merged([row.cells for row in rows]), named or None):
            yield Piece(block.text, block.made, Role(block.kind), block.row)
        cited = [note for row in rows for note in row.notes]
        if self._row is None:
            yield from self._cited(cited)
        else:
            self._row += cited

    def _of_row(self, row: Element, cells: Sequence[Element]) -> _Cells:
        before, self._row = self._row, []
        left = number_of(row, "trPr/gridBefore") or 0
        found = [*([GridCell("", left)] if left > 0 else []), *map(self._cell, cells)]
        notes, self._row = self._row, before
        return _Cells(found, notes, bool(is_on(row, "trPr/tblHeader")))

    def _cell(self, cell: Element) -> GridCell:
        swallowed = _is_swallowed(cell)
        pieces = [] if swallowed else list(self.read(cell, cell=True))
        text = " ".join(" ".join(piece.text for piece in pieces).split())
        made = relocate(text, [(piece.text, piece.made) for piece in pieces])
        return GridCell(text, max(1, number_of(cell, "tcPr/gridSpan") or 1), made=made, repeated=swallowed)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of a row, the notes that they cite, and whether Word repeats the row on each page as a header."""

    cells: list[GridCell]
    notes: list[tuple[str, str]]
    is_header: bool


def _is_box(cell: Element) -> bool:
    """Whether a cell that fills its row holds ordinary text, and not a line across the table."""
    paragraphs = [words for paragraph in cell.iter(qn("w:p")) if (words := "".join(paragraph.itertext()).strip())]
    return len(paragraphs) > 1 or sum(map(len, paragraphs)) > LONGEST_LINE


def _merged(grid: Sequence[Sequence[GridCell]]) -> list[list[GridCell]]:
    """Return the rows as formats give them that say of a cell how many rows it takes: without those it swallows."""
    merged: list[list[GridCell]] = []
    heads: dict[int, tuple[int, int]] = {}  # by column, row and place of the cell that reaches down to it
    for number, row in enumerate(grid):
        kept: list[GridCell] = []
        at = 0
        for cell in row:
            head = heads.get(at)
            if cell.repeated and head is not None:
                above, place = head
                merged[above][place] = replace(merged[above][place], rows=number - above + 1)
            else:
                heads[at] = number, len(kept)
                kept.append(replace(cell, repeated=False))
            at += cell.columns
        merged.append(kept)
    return merged


def _inside(element: Element, tag: str, owner: str) -> Iterator[Element]:
    """Yield the rows of a table, or the cells of a row, and not those of a table in one of its cells."""
    return (found for found in element.iter(qn(tag)) if next(found.iterancestors(qn(owner))) is element)


def _is_swallowed(cell: Element) -> bool:
    """Whether a cell without words belongs to the one above it, so that no number is printed in it."""
    merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    below = merged is not None and merged.get(qn("w:val"), "continue") == "continue"
    return below and next(cell.iter(qn("w:t")), None) is None
