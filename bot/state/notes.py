"""What is remembered for a while, in an SQLite file of its own below ``index.path``.

    index.path/
      memory.sqlite    SQLite in WAL mode: notes that expire, and the salt that their names are hashed with

It is written for every answer, so a process keeps it open, and a change is not forced onto the disk: when the process
is killed nothing is lost, when the machine loses power the last seconds are. A file that is damaged or of another
version is made anew, because nothing in it is worth more than the time it is kept for.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import Timeout

from bot.state.making import make
from bot.state.protocol import StateUnusable
from bot.state.records import MOST_NOTES, Note, NoteKind
from bot.state.rows import hashed

log = logging.getLogger("wenbao")

FILE = "memory.sqlite"
WAIT_SECONDS = 3.0
SCHEMA = 1
TABLES = f"""
CREATE TABLE salt (salt BLOB NOT NULL);
CREATE TABLE notes (
    kind TEXT NOT NULL, name BLOB NOT NULL, ends REAL NOT NULL, text TEXT NOT NULL, UNIQUE (kind, name)
);
CREATE INDEX ending ON notes (kind, ends);
PRAGMA user_version = {SCHEMA};
PRAGMA journal_mode = WAL;
"""
REMEMBER = "INSERT OR REPLACE INTO notes (kind, name, ends, text) VALUES (?, ?, ?, ?)"
RECALL = "SELECT text FROM notes WHERE kind = ? AND name = ? AND ends > ?"
EXPIRE = "DELETE FROM notes WHERE kind = ? AND ends <= ?"
DROP_SURPLUS = """
DELETE FROM notes WHERE rowid IN (
    SELECT rowid FROM notes WHERE kind = ? ORDER BY ends DESC, rowid DESC LIMIT -1 OFFSET ?
)
"""


class _OtherVersion(sqlite3.DatabaseError):
    """A file of another version of the program."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """The file as it was opened, and which file that was."""

    connection: sqlite3.Connection
    inode: tuple[int, int] | None
    salt: bytes


class SqliteNotes:
    """The notes below one index folder; no file is made before there is something to keep."""

    def __init__(
        self,
        folder: Path,
        *,
        most: Mapping[NoteKind, int] = MOST_NOTES,
        wait_seconds: float = WAIT_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.file = folder / FILE
        self._most = most
        self._wait_seconds = wait_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: _Opened | None = None

    def remember(self, notes: Sequence[Note]) -> None:
        """Keep notes; see ``State``."""
        now = self._clock()
        with self._using() as opened:
            execute = opened.connection.execute
            execute("BEGIN IMMEDIATE")
            for kind in {note.kind for note in notes}:
                execute(EXPIRE, (kind, now))
            for note in notes:
                execute(REMEMBER, (note.kind, hashed(opened.salt, note.name), now + note.seconds, note.text))
            for kind in {note.kind for note in notes}:
                execute(DROP_SURPLUS, (kind, self._most[kind]))
            execute("COMMIT")

    def recall(self, kind: NoteKind, name: str) -> str | None:
        """Return the text of a note; see ``State``."""
        if not self.file.exists():
            return None
        with self._using() as opened:
            values = kind, hashed(opened.salt, name), self._clock()
            row = opened.connection.execute(RECALL, values).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        with self._lock:
            self._let_go()

    @contextmanager
    def _using(self) -> Iterator[_Opened]:
        """Lend the open file to one thread; a change that fails is undone, and a damaged file is taken away."""
        with self._lock:
            try:
                opened = self._open()
                try:
                    yield opened
                except BaseException:
                    if opened.connection.in_transaction:
                        opened.connection.rollback()
                    raise
            except (sqlite3.Error, OSError, Timeout) as error:
                self._let_go()
                if type(error) in (sqlite3.DatabaseError, _OtherVersion):  # not its kinds, such as a file in use
                    self._take_away(error)
                raise StateUnusable(
                    f"{self.file} is out of reach ({error}): look at its disk and permissions"
                ) from error

    def _open(self) -> _Opened:
        """Return the file, open; it is opened again where another one stands in its place."""
        if self._opened and self._opened.inode != _inode(self.file):
            self._let_go()
        if self._opened is None:
            make(self.file, self._wait_seconds, _fill)
            self._opened = self._connected()
        return self._opened

    def _connected(self) -> _Opened:
        inode = _inode(self.file)
        address = f"{self.file.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(
            address, uri=True, timeout=self._wait_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != SCHEMA:
                raise _OtherVersion(f"it has version {version}, this program knows {SCHEMA}")
            connection.execute("PRAGMA synchronous = NORMAL")
            (salt,) = connection.execute("SELECT salt FROM salt").fetchone()
        except BaseException:
            connection.close()
            raise
        return _Opened(connection, inode, salt)

    def _take_away(self, error: Exception) -> None:
        log.warning("%s is made anew, and conversations begin again: %s", self.file, error)
        for tail in ("", "-wal", "-shm", "-journal"):
            self.file.with_name(self.file.name + tail).unlink(missing_ok=True)

    def _let_go(self) -> None:
        if self._opened:
            self._opened.connection.close()
            self._opened = None


def _fill(connection: sqlite3.Connection) -> None:
    connection.executescript(TABLES)
    connection.execute("INSERT INTO salt VALUES (?)", (secrets.token_bytes(32),))


def _inode(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
