"""A body of text in a Word file (the document, a note, a footer) -> its paragraphs in reading order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from docx.oxml.ns import qn

from retrieval.corpus.formats.word.numbering import Count, Numbering, is_typed
from retrieval.corpus.formats.word.styles import Role, Styles
from retrieval.corpus.formats.word.text import REMOVED, Words, is_contents, parts_of, words_of
from retrieval.corpus.lines import Ranges, relocate

Element = Any  # lxml has no types

DELETED_CELL = f"{qn('w:tcPr')}/{qn('w:cellDel')}"


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph as it is printed, its number before it; ``made`` are the parts of ``text`` that Word draws."""

    text: str
    made: Ranges
    role: Role


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
        """Yield a paragraph for each row; a cell that fills its row is a box around ordinary text."""
        for row in _inside(table, "w:tr", "w:tbl"):
            if any(row.find(f"{qn('w:trPr')}/{qn(tag)}") is not None for tag in ("w:del", "w:hidden")):
                continue
            cells = [cell for cell in _inside(row, "w:tc", "w:tr") if cell.find(DELETED_CELL) is None]
            if len(cells) == 1:
                yield from self.read(cells[0])
            else:
                yield from self._of_row(cells)

    def _of_row(self, cells: list[Element]) -> Iterator[Piece]:
        before, self._row = self._row, []
        pieces = [piece for cell in cells if not _is_swallowed(cell) for piece in self.read(cell, cell=True)]
        cited, self._row = self._row, before
        if text := " ".join(" ".join(piece.text for piece in pieces).split()):
            yield Piece(text, relocate(text, [(piece.text, piece.made) for piece in pieces]), Role("paragraph"))
        if self._row is None:
            yield from self._cited(cited)
        else:
            self._row += cited


def _inside(element: Element, tag: str, owner: str) -> Iterator[Element]:
    """Yield the rows of a table, or the cells of a row, and not those of a table in one of its cells."""
    return (found for found in element.iter(qn(tag)) if next(found.iterancestors(qn(owner))) is element)


def _is_swallowed(cell: Element) -> bool:
    """Whether a cell without words belongs to the one above it, so that no number is printed in it."""
    merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    below = merged is not None and merged.get(qn("w:val"), "continue") == "continue"
    return below and next(cell.iter(qn("w:t")), None) is None
