"""What a process holds of one generation: a line for each report; everything of passages stays in the database."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from retrieval.arrays import Rows
from retrieval.errors import SnapshotDamaged, SnapshotMismatch, SnapshotMissing
from retrieval.index.layout import Layout
from retrieval.index.manifest import Manifest, manifest_from
from retrieval.index.oceanbase.session import Row, Session
from retrieval.index.oceanbase.tables import GENERATIONS, REPORTS, ROW_BITS, SCHEMA, STORE
from retrieval.index.relations.relations import Relations, relations_from

_COLUMNS = (
    "report, document_id, path, digest, title, title_derived, date, source, paragraphs, characters, version, "
    "passages, asides"
)


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report as far as it is known without being opened; ``asides`` are the places of asides among its passages."""

    report: int
    document_id: str
    path: str
    digest: str
    title: str
    title_derived: bool
    date: dt.date | None
    source: str | None
    paragraph_count: int
    characters: int
    version: str
    passages: int
    asides: tuple[int, ...]


@dataclass(frozen=True)
class Catalogue:
    """One generation without its passages; ``lines`` are in order of ids, which is that of the rows.

    ``dimension`` is that of the vectors, ``token_dimension`` that of a token's codes; ``lengths`` count the terms of
    all passages, by leg, and ``measured`` is how many passages there were when the recall was.
    """

    number: int
    manifest: Manifest
    space: str
    dimension: int
    token_dimension: int
    lengths: Mapping[str, int]
    measured: int
    relations: Relations
    lines: tuple[ReportLine, ...] = field(repr=False)

    @cached_property
    def layout(self) -> Layout:
        """Which rows are which report's."""
        starts = np.cumsum([0, *(line.passages for line in self.lines)], dtype=np.int64)
        asides = (int(start) + aside for start, line in zip(starts, self.lines, strict=False) for aside in line.asides)
        return Layout(starts, asides)

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each report among the lines, by id."""
        return {line.document_id: place for place, line in enumerate(self.lines)}

    @cached_property
    def _by_place(self) -> tuple[Rows, Rows]:
        """The number and the first row of each report, in order."""
        counts = self.layout.counts()
        return np.array([line.report for line in self.lines], dtype=np.int64), np.cumsum(counts) - counts

    @cached_property
    def _by_number(self) -> tuple[Rows, Rows, Rows]:
        """Report numbers, ascending, with the first row and the count of passages of each."""
        numbers, starts = self._by_place
        order = np.argsort(numbers)
        return numbers[order], starts[order], self.layout.counts()[order]

    def passages_of(self, rows: Sequence[int] | Rows) -> list[int]:
        """Return the numbers that passages have in the database."""
        found = np.asarray(rows, dtype=np.int64)
        places = self.layout.reports_of(found)
        numbers, starts = self._by_place
        passages: list[int] = ((numbers[places] << ROW_BITS) + found - starts[places]).tolist()
        return passages

    def rows_of(self, passages: Sequence[int]) -> Rows:
        """Return the rows of passages by their numbers in the database; -1 for one that is of other generations."""
        numbers, starts, counts = self._by_number
        found = np.array(passages, dtype=np.int64)
        if not len(numbers):
            return np.full(len(found), -1, dtype=np.int64)
        reports, within = found >> ROW_BITS, found & ((1 << ROW_BITS) - 1)
        places = np.minimum(np.searchsorted(numbers, reports), len(numbers) - 1)
        is_here = (numbers[places] == reports) & (within < counts[places])
        return np.where(is_here, starts[places] + within, -1)

    def range_of(self, place: int) -> tuple[int, int]:
        """Return the first and the last number in the database of the passages of a report."""
        line = self.lines[place]
        return line.report << ROW_BITS, (line.report << ROW_BITS) + max(line.passages - 1, 0)


def published_number(session: Session) -> int:
    """Return the number of the published generation, 0 where nothing was ever indexed.

    SnapshotMismatch where another version of Wenbao made the tables.
    """
    rows = session.rows(f"SELECT version, published FROM {STORE} WHERE id = 1")
    if not rows:  # somebody is making the tables
        return 0
    ((version, published),) = rows
    if version != SCHEMA:
        raise SnapshotMismatch(
            f"the tables of the index have version {version}, this program knows {SCHEMA}: use one version everywhere"
        )
    return int(published)


def read_catalogue(session: Session, number: int, before: Catalogue | None = None) -> Catalogue:
    """Read a generation; of one ``before`` it, what still holds is taken from there.

    SnapshotMissing where the generation is not kept any more, SnapshotDamaged where it is not whole.
    """
    since = before.number if before and before.number < number else 0
    found, gone, new = session.all(
        [
            (f"SELECT manifest, relations FROM {GENERATIONS} WHERE number = %s", (number,)),
            (f"SELECT report FROM {REPORTS} WHERE died > %s AND died <= %s", (since, number if since else 0)),
            (
                f"SELECT {_COLUMNS} FROM {REPORTS} WHERE died > %s AND born <= %s AND born > %s",
                (number, number, since),
            ),
        ]
    )
    if not found:
        raise SnapshotMissing(f"generation {number} of the index is gone: another one was published")
    ((manifest, relations),) = found
    lines = _lines(before.lines if before and since else (), {int(report) for (report,) in gone}, new)
    catalogue = _catalogue(number, manifest, relations, lines)
    about = catalogue.manifest
    if (len(lines), sum(line.passages for line in lines)) == (about.documents, about.passages):
        return catalogue
    if since:  # what went meanwhile was cleaned away already
        return read_catalogue(session, number)
    raise SnapshotDamaged(f"generation {number} of the index is not whole: run `wenbao index --rebuild`")


def _lines(before: Iterable[ReportLine], gone: set[int], new: Iterable[Row]) -> tuple[ReportLine, ...]:
    kept = (line for line in before if line.report not in gone)
    return tuple(sorted((*kept, *map(_line, new)), key=lambda line: line.document_id))


def _line(row: Row) -> ReportLine:
    report, document_id, path, digest, title, derived, date, source, *counts = row
    paragraphs, characters, version, passages, asides = counts
    named = int(report), document_id, path, digest, title, bool(derived), date, source
    return ReportLine(*named, int(paragraphs), int(characters), version, int(passages), tuple(json.loads(asides)))


def _catalogue(number: int, manifest: str, relations: bytes, lines: tuple[ReportLine, ...]) -> Catalogue:
    try:
        values = json.loads(manifest)
        about = manifest_from(values["manifest"])
        related = relations_from(json.loads(zlib.decompress(relations)))
        about_space = values["space"], int(values["dimension"]), int(values["token_dimension"]), dict(values["lengths"])
        return Catalogue(number, about, *about_space, int(values["measured"]), related, lines)
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise SnapshotDamaged(f"generation {number} of the index cannot be read ({error!r}): index again") from error
