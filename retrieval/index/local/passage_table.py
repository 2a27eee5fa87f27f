"""The passages of a snapshot, cut out of their reports when they are asked for.

A million passages as objects with texts of their own, and a dictionary of them, would take as much memory as all their
vectors.

    passages.npy    (n, 4) int32: number of the report, paragraph (of an aside its number, negative), start, end
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np
import numpy.typing as npt

from retrieval.index.layout import Layout
from retrieval.parts import named_row
from retrieval.types import Document, Passage

PASSAGES = "passages.npy"


class PassageTable(Sequence[Passage]):
    """Passages in reading order, of ``(n, 4)`` int32 rows: the report's number, paragraph or -aside, start, end."""

    def __init__(self, documents: Sequence[Document], table: npt.NDArray[np.int32]) -> None:
        self._documents = documents
        self._table = table

    @classmethod
    def of(cls, documents: Sequence[Document], passages: Sequence[Passage]) -> PassageTable:
        """Hold the passages of these reports by where they stand."""
        numbers = {document.document_id: number for number, document in enumerate(documents)}
        table = [(numbers[p.document_id], p.paragraph or -(p.aside or 0), p.start, p.end) for p in passages]
        return cls(documents, np.array(table, dtype=np.int32).reshape(len(table), 4))

    @classmethod
    def load(cls, folder: Path, documents: Sequence[Document]) -> PassageTable:
        """Read what ``save`` wrote, of these reports."""
        return cls(documents, np.load(folder / PASSAGES))

    def save(self, folder: Path) -> None:
        """Write the table; the reports are written elsewhere."""
        np.save(folder / PASSAGES, self._table)

    def __len__(self) -> int:
        """Count the passages."""
        return len(self._table)

    @overload
    def __getitem__(self, row: int) -> Passage: ...
    @overload
    def __getitem__(self, row: slice) -> PassageTable: ...
    def __getitem__(self, row: int | slice) -> Passage | PassageTable:
        """Return one passage, or some of them."""
        if isinstance(row, slice):
            return PassageTable(self._documents, self._table[row])
        document, paragraph, start, end = self._place(row)
        text = document.text[start:end]
        if paragraph < 0:
            return Passage(document.document_id, None, start, end, text, aside=-paragraph)
        cells = named_row(document.tables, paragraph, start, end, document.text)
        return Passage(document.document_id, paragraph, start, end, text, cells)

    def __iter__(self) -> Iterator[Passage]:
        """Yield the passages in reading order."""
        return map(self.__getitem__, range(len(self)))

    @property
    def reports(self) -> npt.NDArray[np.int32]:
        """The number of each passage's report, ``(n,)``."""
        return self._table[:, 0]

    @property
    def layout(self) -> Layout:
        """Which rows are which report's."""
        starts = np.searchsorted(self.reports, np.arange(len(self._documents) + 1))
        return Layout(starts.astype(np.int64), np.flatnonzero(self._table[:, 1] < 0).tolist())

    def matched(self, row: int) -> str:
        """Return what one passage is found by."""
        document, paragraph, start, end = self._place(row)
        cells = named_row(document.tables, paragraph, start, end, document.text) if paragraph > 0 else None
        text = document.text[start:end]
        return cells.matched(text) if cells else text

    def text(self, row: int) -> str:
        """Return the text of one passage."""
        document, _, start, end = self._place(row)
        return document.text[start:end]

    def _place(self, row: int) -> tuple[Document, int, int, int]:
        report, paragraph, start, end = self._table[row].tolist()
        return self._documents[report], paragraph, start, end
