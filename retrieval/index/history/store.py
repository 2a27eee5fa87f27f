"""The file of earlier texts: which are added to it, read out of it, and dropped in the end.

Who writes the index adds texts before the generation without them is published, and drops texts after that, so that a
crash between the two loses none. SQLite undoes what a crash cut short, and a row that is not whole is as good as not
there.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from retrieval.errors import IndexUnwritable, SnapshotDamaged
from retrieval.index.history.kept import Superseded, row_of, superseded_from, surplus
from retrieval.types import Document

log = logging.getLogger("wenbao")

FILE = "history.sqlite"
WAIT_SECONDS = 10.0
"""How long to wait for another process: a change is short, and so is a look."""

TABLE = """
CREATE TABLE IF NOT EXISTS texts (
    number INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL,
    version TEXT NOT NULL,
    until TEXT NOT NULL,
    digest TEXT NOT NULL,
    content BLOB NOT NULL,
    UNIQUE (document_id, version)
)
"""
INSERT = "INSERT OR REPLACE INTO texts VALUES (NULL, ?, ?, ?, ?, ?)"
LIST = "SELECT number, document_id, version, until FROM texts ORDER BY number DESC"
READ = "SELECT version, until, digest, content FROM texts WHERE document_id = ? ORDER BY number DESC"


class History:
    """The earlier texts that are kept below one index folder; there is no file before there is one to keep."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE

    # Reading

    def of(self, document_id: str) -> list[Superseded]:
        """Return the kept texts of a report, the latest first; those that cannot be read are left out."""
        if not self.file.exists():
            return []
        try:
            with closing(self._open()) as connection:
                rows = connection.execute(READ, (document_id,)).fetchall()
        except (sqlite3.Error, UnicodeEncodeError) as error:
            log.error("%s cannot be read: %s", self.file, error)
            return []
        return [found for row in rows if (found := superseded_from(*row))]

    def version(self, document_id: str, version: str) -> Superseded | None:
        """Return one kept text of a report; None where it is not kept."""
        return next((found for found in self.of(document_id) if found.version == version), None)

    def damage(self) -> SnapshotDamaged | None:
        """Read the file from end to end and return what is wrong with it, if anything."""
        if not self.file.exists():
            return None
        try:
            with closing(self._open()) as connection:
                rows = connection.execute("SELECT version, until, digest, content FROM texts")
                lost = sum(superseded_from(*row) is None for row in rows)
        except sqlite3.Error as error:
            return SnapshotDamaged(f"{self.file} is damaged ({error}): move it away, and earlier texts are kept anew")
        return SnapshotDamaged(f"{lost} earlier texts in {self.file} are damaged: nothing mends them") if lost else None

    # Writing; the caller holds the index's lock

    def add(self, documents: Iterable[Document]) -> None:
        """Keep texts that are the present ones no longer; IndexUnwritable where that is not possible."""
        rows = [row_of(document) for document in documents]
        if rows:
            with self._changing() as connection:
                connection.executemany(INSERT, rows)

    def drop(self, present: Mapping[str, Document], most: int) -> None:
        """Drop all but the last ``most`` texts of each report, and what is kept of removed ones for too long.

        ``present`` are the reports of the published generation, by id. With ``most`` 0 nothing stays.
        """
        if not self.file.exists():
            return
        if most == 0:
            self._remove()
            return
        with self._changing() as connection:
            dropped = [(number,) for number in surplus(connection.execute(LIST).fetchall(), present, most)]
            connection.executemany("DELETE FROM texts WHERE number = ?", dropped)

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one change, which is made as a whole or not at all; one that is damaged begins anew."""
        try:
            try:
                connection = self._open(create=True)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                aside = self.file.with_suffix(".damaged.sqlite")
                log.error("%s is damaged (%s): it is now %s, and earlier texts are kept anew", self.file, error, aside)
                shutil.copyfile(self.file, aside)
                self._remove()
                connection = self._open(create=True)
            with closing(connection), connection:
                yield connection
        except sqlite3.Error as error:
            raise IndexUnwritable(
                f"earlier texts cannot be kept in {self.file} ({error}): mend that, or set corpus.history to 0"
            ) from error

    def _remove(self) -> None:
        """Delete the file, after the journal that a crash may have left: it belongs to no other file."""
        for name in (f"{FILE}-journal", FILE):
            self.file.with_name(name).unlink(missing_ok=True)

    def _open(self, *, create: bool = False) -> sqlite3.Connection:
        if create and not self.file.exists():
            with contextlib.suppress(OSError):  # SQLite says what is wrong
                self.file.touch()  # SQLite itself would let no group write a new file, whatever the umask says
        address = f"{self.file.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
        connection = sqlite3.connect(address, uri=True, timeout=WAIT_SECONDS)
        try:
            if create:
                connection.execute("PRAGMA auto_vacuum = FULL")
                connection.execute("PRAGMA secure_delete = ON")  # what is dropped is gone
                connection.execute("PRAGMA cache_spill = OFF")  # readers wait for nothing but the last moment
                connection.execute(TABLE)
            connection.execute("SELECT 1 FROM texts").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection
