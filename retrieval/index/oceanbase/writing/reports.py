"""Reports as rows of the database, and back."""

from __future__ import annotations

import hashlib
import json
import logging
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from retrieval.errors import StoreUnusable
from retrieval.index.documents_file import document_from, json_of
from retrieval.index.oceanbase.catalogue import Catalogue, ReportLine
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.reading.material import marks
from retrieval.index.oceanbase.tables import FOREVER, REPORTS, ROW_BITS, key_of
from retrieval.types import Document, Passage

log = logging.getLogger("wenbao")

COLUMNS = (
    "report",
    "born",
    "died",
    "document_id",
    "path",
    "digest",
    "title",
    "title_derived",
    "date",
    "source",
    "paragraphs",
    "characters",
    "version",
    "cut",
    "passages",
    "asides",
    "content",
)
PASSAGE_COLUMNS = ("passage", "text", "paragraph", "start", "end", "own")
MOST_OPENED = 200
MOST_CHARACTERS = 2_000_000
"""Reports, and characters of them, that are read together."""


@dataclass(frozen=True)
class CutReport:
    """A report and its passages, in reading order."""

    document: Document
    passages: tuple[Passage, ...]

    @cached_property
    def keys(self) -> tuple[bytes, ...]:
        """The keys of the passages' texts."""
        return tuple(key_of(passage.matched) for passage in self.passages)

    @cached_property
    def cut(self) -> str:
        """What identifies how it was cut: where its passages stand, and what they are found by."""
        places = ((key.hex(), *_place(passage)) for key, passage in zip(self.keys, self.passages, strict=True))
        return hashlib.sha256(json.dumps(list(places)).encode()).hexdigest()[:12]

    def row(self, report: int, born: int) -> tuple[object, ...]:
        """Return the values of ``COLUMNS``; StoreUnusable where it has too many passages to be numbered."""
        one, passages = self.document, len(self.passages)
        if passages >= 1 << ROW_BITS:
            raise StoreUnusable(
                f"{one.path} has {passages} passages, and the database takes less than {1 << ROW_BITS} of one report: "
                "split the file"
            )
        named = one.document_id, one.path, one.digest, one.title, one.title_derived, one.date, one.source
        asides = json.dumps([at for at, passage in enumerate(self.passages) if passage.paragraph is None])
        counts = one.paragraph_count, one.characters, one.version, self.cut, passages
        return (report, born, FOREVER, *named, *counts, asides, zlib.compress(json_of(one).encode()))

    def passage_rows(self, report: int) -> Iterator[tuple[object, ...]]:
        """Yield the values of ``PASSAGE_COLUMNS`` of each passage."""
        for at, (key, passage) in enumerate(zip(self.keys, self.passages, strict=True)):
            own = passage.text if passage.row and passage.matched != passage.text else None
            yield ((report << ROW_BITS) + at, key, *_place(passage), own)


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report of the published generation."""

    report: int
    document: Document
    cut: str


def cut_reports(documents: Sequence[Document], passages: Sequence[Passage]) -> tuple[CutReport, ...]:
    """Give each report its passages; both are in the order of ids."""
    reports, at = [], 0
    for document in documents:
        end = at
        while end < len(passages) and passages[end].document_id == document.document_id:
            end += 1
        reports.append(CutReport(document, tuple(passages[at:end])))
        at = end
    return tuple(reports)


def stored_reports(database: Database, catalogue: Catalogue) -> dict[str, StoredReport]:
    """Read the reports of a generation, by id, in order; those that are damaged are left out, and said."""
    found: dict[int, StoredReport] = {}
    for lines in _together(catalogue.lines):
        numbers = [line.report for line in lines]
        statement = f"SELECT report, content, cut FROM {REPORTS} WHERE report IN ({marks(numbers)})"
        for report, content, cut in database.rows(statement, numbers):
            try:
                found[int(report)] = StoredReport(int(report), _document(content), cut)
            except (ValueError, KeyError, TypeError, zlib.error) as error:
                log.error("report %s in the database is damaged, and read anew: %r", report, error)
    return {line.document_id: found[line.report] for line in catalogue.lines if line.report in found}


def documents_of(reports: Mapping[str, StoredReport]) -> dict[str, Document]:
    """Return the documents of stored reports, by id."""
    return {document_id: one.document for document_id, one in reports.items()}


def _document(content: bytes) -> Document:
    return document_from(json.loads(zlib.decompress(content)))


def _together(lines: Sequence[ReportLine]) -> Iterator[list[ReportLine]]:
    batch: list[ReportLine] = []
    characters = 0
    for line in lines:
        if batch and (len(batch) == MOST_OPENED or characters + line.characters > MOST_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(line)
        characters += line.characters
    if batch:
        yield batch


def _place(passage: Passage) -> tuple[int, int, int]:
    return passage.paragraph or -(passage.aside or 0), passage.start, passage.end
