"""One generation in the database, as ranking and reading look at it.

Of a generation the process holds a line for each report (``Catalogue``). A question takes four round trips at most:
how frequent its terms are, what the legs put forward, what stands in that and beside it, and the token vectors of
the neighbours with the reports that are likely to be cited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Candidates, Rows, Scores, Vectors
from retrieval.encoder.tokens import Tokens, token_type
from retrieval.index.layout import Layout
from retrieval.index.manifest import Manifest
from retrieval.index.oceanbase.catalogue import Catalogue, ReportLine
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.reading.legs import StoredLegs
from retrieval.index.oceanbase.reading.looking import Looking
from retrieval.index.oceanbase.reading.material import Cache
from retrieval.index.oceanbase.reading.search import Search
from retrieval.index.protocol import Admitted, Sought, Wanted
from retrieval.index.relations.relations import Relations
from retrieval.parts import named_row
from retrieval.types import Document, LegName, Passage

READ_AT_ONCE = 500
"""Passages that are fetched together where all are wanted."""


class StoredSnapshot:
    """A generation in the database; see ``protocol.Snapshot``. StoreUnreachable is raised where that is away."""

    def __init__(self, database: Database, catalogue: Catalogue, cache: Cache) -> None:
        self.database = database
        self.catalogue = catalogue
        self.relations: Relations = catalogue.relations
        self._looking = Looking(database, catalogue, cache)
        self._search = Search(catalogue, self._looking)
        self.passages = StoredPassages(catalogue, self._looking)
        self.tokens = StoredTokens(catalogue, self._looking)
        self.by_id = StoredReports(catalogue, self._looking)

    @property
    def lexical(self) -> StoredLegs:
        """What passages are looked up by."""
        return self._looking.legs

    @property
    def manifest(self) -> Manifest:
        """What it says of itself."""
        return self.catalogue.manifest

    @property
    def generation(self) -> str:
        """Its name."""
        return self.catalogue.manifest.generation

    @property
    def layout(self) -> Layout:
        """Which rows are which report's."""
        return self.catalogue.layout

    @property
    def documents(self) -> Sequence[ReportLine]:
        """What is known of every report, in order."""
        return self.catalogue.lines

    def load(self) -> None:
        """Do nothing: the catalogue is there, and everything else is asked for."""

    def number_of(self, document_id: str) -> int:
        """Return the place of a report in ``documents``; KeyError where there is none."""
        return self.catalogue.places[document_id]

    def candidates(self, sought: Sought, admitted: Admitted | None = None) -> dict[str, Candidates]:
        """Return what each leg puts forward; see ``protocol.Snapshot``."""
        return self._search.candidates(sought, admitted)

    def vectors(self, rows: Rows) -> Vectors:
        """Return the vectors of passages, ``(len(rows), d)``, to six digits."""
        return self._search.vectors(rows)

    def cosines(self, vector: Vectors, rows: Rows) -> Scores:
        """Return the inner products of one ``(d,)`` question with these passages, ``(len(rows),)``."""
        return self._search.cosines(vector, rows)

    def holds_among(self, word: str, admitted: Admitted) -> bool:
        """Whether any passage of the reports that are admitted holds the word."""
        return self._search.holds_among(word, admitted)

    def rows_with(self, leg: LegName, words: Sequence[str], reports: Rows) -> dict[str, Rows]:
        """Return which passages of these reports hold each word of a leg, ascending."""
        return self._looking.rows_with(leg, words, reports.tolist())

    def copies(self, row: int) -> tuple[int, ...]:
        """Return the rows with the very same text; see ``protocol.Snapshot``."""
        return self._looking.copies(row)

    def fetch(self, wanted: Wanted) -> None:
        """Get what is going to be looked at, all at once."""
        self._looking.fetch(wanted)

    def related_among(self, is_seen: Callable[[str], bool]) -> StoredSnapshot:
        """Return this generation, its reports related only among those that are seen."""
        other = copy(self)
        other.relations = self.relations.among(is_seen)
        return other


@dataclass(frozen=True, slots=True)
class StoredReports(Mapping[str, Document]):
    """The reports of a generation by id, opened when they are asked for."""

    _catalogue: Catalogue
    _looking: Looking

    def __getitem__(self, document_id: str) -> Document:
        """Open a report; KeyError where there is none."""
        return self._looking.report(self._catalogue.places[document_id])

    def __contains__(self, document_id: object) -> bool:
        """Whether there is such a report; it is not opened for that."""
        return document_id in self._catalogue.places

    def __iter__(self) -> Iterator[str]:
        """Yield the ids, in order."""
        return iter(self._catalogue.places)

    def __len__(self) -> int:
        """Count the reports."""
        return len(self._catalogue.lines)


@dataclass(frozen=True, slots=True)
class StoredPassages(Sequence[Passage]):
    """The passages of a generation, by row."""

    _catalogue: Catalogue
    _looking: Looking

    def __len__(self) -> int:
        """Count them."""
        return len(self._catalogue.layout)

    @overload
    def __getitem__(self, row: int) -> Passage: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Passage]: ...
    def __getitem__(self, row: int | slice) -> Passage | Sequence[Passage]:
        """Return one passage, or some of them."""
        if isinstance(row, slice):
            return [self[one] for one in range(len(self))[row]]
        row = range(len(self))[row]
        report, place = self._catalogue.layout.report_of(row), self._looking.place(row)
        document_id, text = self._catalogue.lines[report].document_id, self.text(row)
        if place.paragraph < 0:
            return Passage(document_id, None, place.start, place.end, text, aside=-place.paragraph)
        cells = None
        if place.own is not None:
            document = self._looking.report(report)
            cells = named_row(document.tables, place.paragraph, place.start, place.end, document.text)
        return Passage(document_id, place.paragraph, place.start, place.end, text, cells)

    def __iter__(self) -> Iterator[Passage]:
        """Yield all, in order."""
        for start in range(0, len(self), READ_AT_ONCE):
            rows = range(start, min(start + READ_AT_ONCE, len(self)))
            self._looking.fetch(Wanted(texts=rows))
            yield from map(self.__getitem__, rows)

    def text(self, row: int) -> str:
        """Return the text of one passage."""
        own = self._looking.place(row).own
        return self.matched(row) if own is None else own

    def matched(self, row: int) -> str:
        """Return what one passage is found by."""
        (text,) = self._looking.texts([row])
        return text.matched


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """The token vectors of passages."""

    _catalogue: Catalogue
    _looking: Looking

    def tokens(self, row: int) -> Tokens:
        """Return the token records of one passage."""
        return self.gathered(np.array([row], dtype=np.int64))[0]

    def gathered(self, rows: npt.NDArray[np.int64]) -> tuple[Tokens, npt.NDArray[np.int64]]:
        """Return the records of these passages, one after another, and how many each has, ``(len(rows),)``."""
        empty = np.zeros(0, token_type(self._catalogue.token_dimension))
        found = [text.tokens for text in self._looking.texts(rows.tolist(), tokens=True)]
        parts = [empty if tokens is None else tokens for tokens in found]
        joined = np.concatenate([empty.view(np.uint8), *(part.view(np.uint8) for part in parts)])
        return joined.view(empty.dtype), np.array([len(part) for part in parts], dtype=np.int64)
