"""The store below ``index.path``, in one SQLite file.

    index.path/
      state.sqlite     SQLite in WAL mode: votes, unanswered questions, keys, and the salt that user ids are hashed with
      state.lock       held only while that file is made
      memory.sqlite    what is remembered for a while (``bot.state.notes``)

Every call opens the database for itself, so that any number of processes and threads may share it. User ids are stored
only as HMAC-SHA256.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import Timeout

from bot.reply import Reply
from bot.state import moving, rows, tables
from bot.state.audit_file import AuditFile
from bot.state.making import make
from bot.state.notes import SqliteNotes
from bot.state.protocol import StateUnusable
from bot.state.records import KEPT_ENTRIES, KINDS, MOST_NOTES, ApiKey, AuditEntry, Feedback, Kind, Note, NoteKind, Vote

FILE = "state.sqlite"
WAIT_SECONDS = 3.0
"""How long to wait for another process that is writing."""
_FAILURES = (sqlite3.Error, OSError, ValueError, TypeError, KeyError, Timeout)


class SqliteState:
    """The state below one index folder; no file is made before there is something to keep."""

    def __init__(
        self,
        folder: Path,
        *,
        most: int = KEPT_ENTRIES,
        most_notes: Mapping[NoteKind, int] = MOST_NOTES,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self.file = folder / FILE
        self._most = most
        self._wait_seconds = wait_seconds
        self._notes = SqliteNotes(folder, most=most_notes)
        self._audit = AuditFile(folder)

    # Feedback

    def record_vote(self, reply: Reply, vote: Vote | None, user: str | None) -> None:
        """Keep a user's vote on an answer; see ``State``."""
        with self._changing() as connection:
            hashed = rows.hashed_user(_salt(connection), reply.asker.face, user)
            subject = rows.subject_of(reply)
            if vote is None:
                connection.execute(tables.TAKE_BACK, (subject, hashed))
            else:
                connection.execute(tables.VOTE, (*rows.values_of(reply, hashed), subject, vote))
                self._drop_surplus(connection, "votes")

    def record_unanswered(self, replies: Sequence[Reply]) -> None:
        """Keep the questions of replies; see ``State``."""
        with self._changing() as connection:
            for reply in replies:
                hashed = rows.hashed_user(_salt(connection), reply.asker.face, reply.asker.user)
                subject = rows.question_subject(reply.understood)
                connection.execute(tables.UNANSWERED, (*rows.values_of(reply, hashed), subject, 1))
            self._drop_surplus(connection, "unanswered")

    def feedback(self, kinds: Sequence[Kind] = KINDS) -> list[Feedback]:
        """Return votes and unanswered questions; see ``State``."""
        with self._reading() as connection:
            found = connection.execute(tables.FEEDBACK).fetchall() if connection else []
            return [rows.feedback_from(row) for row in found if row["kind"] in kinds]

    def _drop_surplus(self, connection: sqlite3.Connection, table: str) -> None:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        while count > self._most:
            heaviest = f"SELECT user, count(*) FROM {table} GROUP BY user ORDER BY 2 DESC LIMIT 2"
            (user, own), *rest = connection.execute(heaviest).fetchall()
            surplus = max(1, min(count - self._most, own - rest[0][1] if rest else own))
            oldest = f"SELECT number FROM {table} WHERE user = ? ORDER BY recorded, number LIMIT ?"
            connection.execute(f"DELETE FROM {table} WHERE number IN ({oldest})", (user, surplus))
            count -= surplus

    # Keys

    def add_key(self, key: ApiKey) -> bool:
        """Keep a key; see ``State``."""
        with self._changing() as connection:
            return connection.execute(tables.ADD_KEY, rows.key_values(key)).rowcount == 1

    def key(self, prefix: str) -> ApiKey | None:
        """Return the key that begins with ``prefix``."""
        with self._reading() as connection:
            found = "SELECT * FROM keys WHERE prefix = ?"
            row = connection.execute(found, (prefix,)).fetchone() if connection else None
            return rows.key_from(row) if row else None

    def keys(self) -> list[ApiKey]:
        """Return all keys, by name."""
        with self._reading() as connection:
            found = connection.execute("SELECT * FROM keys ORDER BY name").fetchall() if connection else []
            return [rows.key_from(row) for row in found]

    def remove_key(self, name: str) -> bool:
        """Forget a key; see ``State``."""
        with self._changing() as connection:
            return connection.execute("DELETE FROM keys WHERE name = ?", (name,)).rowcount == 1

    def hashed(self, user: str) -> str:
        """Return what stands for a user; see ``State``."""
        with self._reading() as connection:  # of which any number go on side by side
            if connection is not None:
                return rows.hashed(_salt(connection), user).hex()
        with self._changing() as connection:
            return rows.hashed(_salt(connection), user).hex()

    # Notes

    def remember(self, notes: Sequence[Note]) -> None:
        """Keep notes; see ``State``."""
        self._notes.remember(notes)

    def recall(self, kind: NoteKind, name: str) -> str | None:
        """Return the text of a note; see ``State``."""
        return self._notes.recall(kind, name)

    # The log of changes

    def write_down(self, entry: AuditEntry) -> None:
        """Add an entry to the log; see ``State``."""
        self._audit.write(entry)

    def close(self) -> None:
        """Let go of the files; see ``State``."""
        self._notes.close()

    # The file

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Open the database for one change, and make it first if need be; an exception undoes the change."""
        try:
            self._create()
            with closing(self._connect()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
        except _FAILURES as error:
            raise self._explained(error) from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Open the database for a look; None where nothing was ever kept."""
        try:
            if not self.file.exists() and not moving.is_there(self.file.parent):
                yield None
                return
            self._create()
            with closing(self._connect()) as connection:
                yield connection
        except _FAILURES as error:
            raise self._explained(error) from error

    def _connect(self) -> sqlite3.Connection:
        address = f"{self.file.absolute().as_uri()}?mode=rw"  # never makes a file
        connection = sqlite3.connect(address, uri=True, timeout=self._wait_seconds, isolation_level=None)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != tables.SCHEMA:
                raise sqlite3.DatabaseError(f"it has version {version}, this program knows {tables.SCHEMA}")
        except BaseException:
            connection.close()
            raise
        connection.row_factory = sqlite3.Row
        return connection

    def _create(self) -> None:
        """Make the database where there is none, of what an earlier version kept."""

        def fill(connection: sqlite3.Connection) -> None:
            connection.executescript(tables.TABLES)
            if not moving.move(self.file.parent, connection):
                connection.execute("INSERT INTO salt VALUES (?)", (secrets.token_bytes(32),))
            connection.execute("PRAGMA journal_mode = WAL")

        if make(self.file, self._wait_seconds, fill):
            moving.remove(self.file.parent)

    def _explained(self, error: Exception) -> StateUnusable:
        if isinstance(error, OSError | sqlite3.OperationalError | Timeout):  # locked, full, not permitted
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            return StateUnusable(f"{self.file} is out of reach ({reason}): look at its disk and permissions")
        return StateUnusable(
            f"{self.file} is damaged ({error}): restore it from a backup, or move it away and a new one is made"
        )


def _salt(connection: sqlite3.Connection) -> bytes:
    (salt,) = connection.execute("SELECT salt FROM salt").fetchone()
    return bytes(salt)
