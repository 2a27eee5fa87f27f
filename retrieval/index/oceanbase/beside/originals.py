"""The files that reports were read from, so that every server can hand them out and draw their pages.

A file is there under its path and its digest, in pieces, because a server takes no statement of any length. Its first
piece is written last: where that is, all are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping

from retrieval.index.oceanbase.beside.tables import ORIGINALS
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.failures import NO_TABLE, StatementFailed
from retrieval.index.oceanbase.tables import REPORTS, key_of
from retrieval.index.oceanbase.writing.lease import Lease
from retrieval.types import Document

PIECE = 2 * 2**20
"""Bytes of a piece; they travel as twice as many hexadecimal digits."""
Key = tuple[bytes, str]
Files = Callable[[Document], bytes | None]
"""Returns the file that a report was read from, None where it cannot be had."""


class StoredOriginals:
    """The originals that a database keeps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, document: Document) -> bytes | None:
        """Return the file of a report, byte for byte; None where it is not kept, or not whole."""
        where = f"SELECT bytes FROM {ORIGINALS} WHERE named = %s AND digest = %s AND part = %s"
        data, part = bytearray(), 0
        try:
            while rows := self._database.rows(where, [*_key(document), part]):
                data += rows[0][0]
                part += 1
        except StatementFailed as failed:
            if failed.code != NO_TABLE:  # nothing was ever indexed
                raise
        return bytes(data) if part and hashlib.sha256(data).hexdigest() == document.digest else None

    def uploaded(self, documents: Mapping[str, Document]) -> dict[str, Document]:
        """Return those of the reports that were handed in, and are in no folder."""
        rows = self._database.rows(f"SELECT named, digest FROM {ORIGINALS} WHERE part = 0 AND uploaded = 1")
        handed_in = {(named, digest) for named, digest in rows}
        return {name: one for name, one in documents.items() if _key(one) in handed_in}

    # Writing

    def add(self, lease: Lease, documents: Iterable[Document], files: Files, *, uploaded: bool) -> None:
        """Keep the files of reports that are not kept yet; those that cannot be had are left out."""
        rows = self._database.rows(f"SELECT named, digest, uploaded FROM {ORIGINALS} WHERE part = 0")
        kept = {(named, digest): bool(handed_in) for named, digest, handed_in in rows}
        for document in documents:
            key = _key(document)
            if kept.get(key) == uploaded or (key in kept and not uploaded):
                continue
            data = files(document)
            if data is not None and hashlib.sha256(data).hexdigest() == document.digest:
                self._write(lease, key, data, uploaded=uploaded)

    def _write(self, lease: Lease, key: Key, data: bytes, *, uploaded: bool) -> None:
        for part in reversed(range(max(1, -(-len(data) // PIECE)))):
            piece = data[part * PIECE : (part + 1) * PIECE]
            with lease.transaction() as session:
                columns = ["named", "digest", "part", "uploaded", "bytes"]
                session.insert(ORIGINALS, columns, [(*key, part, int(uploaded), piece)], replace=True)

    def clean(self, lease: Lease) -> None:
        """Remove the files of reports that no kept generation has."""
        there = {(named, digest) for named, digest in self._database.rows(f"SELECT named, digest FROM {ORIGINALS}")}
        reports = self._database.rows(f"SELECT path, digest FROM {REPORTS}")
        for named, digest in sorted(there - {(key_of(path), digest) for path, digest in reports}):
            with lease.transaction() as session:
                session.change(f"DELETE FROM {ORIGINALS} WHERE named = %s AND digest = %s", [named, digest])


def _key(document: Document) -> Key:
    return key_of(document.path), document.digest
