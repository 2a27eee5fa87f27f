"""The texts that reports had before: added before the generation without them is published, dropped after that."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from retrieval.errors import SnapshotDamaged
from retrieval.index.history.kept import Superseded, row_of, superseded_from, surplus
from retrieval.index.oceanbase.beside.tables import VERSIONS
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.failures import NO_TABLE, StatementFailed
from retrieval.index.oceanbase.reading.material import marks
from retrieval.index.oceanbase.session import Row
from retrieval.index.oceanbase.tables import key_of
from retrieval.index.oceanbase.writing.lease import Lease
from retrieval.types import Document

log = logging.getLogger("wenbao")

COLUMNS = ("named", "document_id", "version", "until", "digest", "content")
TOGETHER = 100
"""Texts that are looked at, or dropped, together."""


class StoredHistory:
    """The earlier texts that a database keeps; see ``store.EarlierTexts``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Reading

    def of(self, document_id: str) -> list[Superseded]:
        """Return the kept texts of a report, the latest first; those that cannot be read are left out."""
        rows = self._rows(
            f"SELECT version, until, digest, content FROM {VERSIONS} WHERE named = %s ORDER BY number DESC",
            [key_of(document_id)],
        )
        return [found for row in rows if (found := superseded_from(*row))]

    def version(self, document_id: str, version: str) -> Superseded | None:
        """Return one kept text of a report; None where it is not kept."""
        return next((found for found in self.of(document_id) if found.version == version), None)

    def damage(self) -> SnapshotDamaged | None:
        """Read all of them and return what is wrong, if anything."""
        lost, last = 0, 0
        reading = f"SELECT number, version, until, digest, content FROM {VERSIONS} WHERE number > %s ORDER BY number"
        while rows := self._rows(f"{reading} LIMIT {TOGETHER}", [last]):
            lost += sum(superseded_from(*row[1:]) is None for row in rows)
            last = int(rows[-1][0])
        return SnapshotDamaged(f"{lost} earlier texts in {VERSIONS} are damaged: nothing mends them") if lost else None

    def _rows(self, statement: str, values: list[object]) -> list[Row]:
        try:
            return self._database.rows(statement, values)
        except StatementFailed as failed:
            if failed.code == NO_TABLE:  # nothing was ever indexed
                return []
            raise

    # Writing

    def add(self, lease: Lease, documents: Iterable[Document]) -> None:
        """Keep texts that are the present ones no longer."""
        for document in documents:
            document_id, version, *rest = row_of(document)
            key = key_of(document_id)
            with lease.transaction() as session:
                session.change(f"DELETE FROM {VERSIONS} WHERE named = %s AND version = %s", [key, version])
                session.insert(VERSIONS, COLUMNS, [(key, document_id, version, *rest)])

    def drop(self, lease: Lease, present: Mapping[str, Document], most: int) -> None:
        """Drop all but the last ``most`` texts of each report, and what is kept of removed ones for too long."""
        rows = self._rows(f"SELECT number, document_id, version, until FROM {VERSIONS} ORDER BY number DESC", [])
        numbers = [row[0] for row in rows] if most == 0 else list(surplus(rows, present, most))
        for start in range(0, len(numbers), TOGETHER):
            part = numbers[start : start + TOGETHER]
            with lease.transaction() as session:
                session.change(f"DELETE FROM {VERSIONS} WHERE number IN ({marks(part)})", part)
