"""The state over the tables in the database; several servers and commands may use it at once."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from bot.reply import Reply
from bot.state import rows
from bot.state.oceanbase import tables
from bot.state.oceanbase.changes import changed
from bot.state.oceanbase.schema import Schema
from bot.state.protocol import StateUnusable
from bot.state.records import (
    KEPT_ENTRIES,
    KINDS,
    MOST_NOTES,
    ApiKey,
    AuditEntry,
    Feedback,
    Kind,
    Note,
    NoteKind,
    Vote,
)
from retrieval.errors import StoreUnreachable, StoreUnusable
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.failures import StatementFailed
from retrieval.index.oceanbase.session import Session

T = TypeVar("T")

KEPT_AUDIT = 200_000
"""Entries of the log, some as many as the files of a local one hold."""
TAKEN = 1062


class OceanBaseState:
    """The state in a database; nothing is asked of it, and no table made, before it is needed."""

    def __init__(
        self,
        database: Database,
        *,
        most: int = KEPT_ENTRIES,
        most_notes: Mapping[NoteKind, int] = MOST_NOTES,
        most_audit: int = KEPT_AUDIT,
    ) -> None:
        self._database = database
        self._schema = Schema(self._database)
        self._most = most
        self._most_notes = most_notes
        self._most_audit = most_audit
        self._sweeping = Sweeping()

    # Feedback

    def record_vote(self, reply: Reply, vote: Vote | None, user: str | None) -> None:
        """Keep a user's vote on an answer; see ``State``."""
        subject = rows.subject_of(reply)

        def change(session: Session, salt: bytes) -> None:
            hashed = rows.hashed_user(salt, reply.asker.face, user)
            if vote is None:
                session.change(tables.TAKE_BACK, (subject, hashed))
            else:
                session.change(tables.VOTE, (*rows.values_of(reply, hashed), subject, vote))
                self._drop_surplus(session, "wenbao_votes")

        self._changed(change)

    def record_unanswered(self, replies: Sequence[Reply]) -> None:
        """Keep the questions of replies; see ``State``."""

        def change(session: Session, salt: bytes) -> None:
            for reply in replies:
                hashed = rows.hashed_user(salt, reply.asker.face, reply.asker.user)
                subject = rows.question_subject(reply.understood)
                session.change(tables.UNANSWERED, (*rows.values_of(reply, hashed), subject, 1))
            self._drop_surplus(session, "wenbao_unanswered")

        self._changed(change)

    def feedback(self, kinds: Sequence[Kind] = KINDS) -> list[Feedback]:
        """Return votes and unanswered questions; see ``State``."""
        found = self._read(lambda session, _: session.rows(tables.FEEDBACK))
        named = [dict(zip(tables.FEEDBACK_COLUMNS, row, strict=True)) for row in found]
        try:
            return [rows.feedback_from(row) for row in named if row["kind"] in kinds]
        except (ValueError, TypeError, KeyError) as error:
            raise StateUnusable(
                f"a row of wenbao_votes or wenbao_unanswered is damaged ({error}): delete it"
            ) from error

    def _drop_surplus(self, session: Session, table: str) -> None:
        """Let who left most lose the oldest, as the local store does; of several at a time one looks after it."""
        counting = f"SELECT count(*) FROM {table}"
        if session.rows(counting)[0][0] <= self._most:
            return
        session.rows(tables.ALONE)
        count = session.rows(counting)[0][0]
        while count > self._most:
            heaviest = f"SELECT user, count(*) FROM {table} GROUP BY user ORDER BY 2 DESC LIMIT 2"
            (user, own), *rest = session.rows(heaviest)
            surplus = max(1, min(count - self._most, own - rest[0][1] if rest else own))
            count -= session.change(
                f"DELETE FROM {table} WHERE user = %s ORDER BY recorded, number LIMIT %s", (user, surplus)
            )

    # Keys

    def add_key(self, key: ApiKey) -> bool:
        """Keep a key; see ``State``."""

        def change(session: Session, _: bytes) -> bool:
            try:
                session.change(tables.ADD_KEY, rows.key_values(key))
            except StatementFailed as error:
                if error.code == TAKEN:
                    return False
                raise
            return True

        return self._changed(change)

    def key(self, prefix: str) -> ApiKey | None:
        """Return the key that begins with ``prefix``."""
        found = self._read(lambda session, _: session.rows(tables.KEY, (prefix,)))
        return _key(found[0]) if found else None

    def keys(self) -> list[ApiKey]:
        """Return all keys, by name."""
        return [_key(row) for row in self._read(lambda session, _: session.rows(tables.KEYS))]

    def remove_key(self, name: str) -> bool:
        """Forget a key; see ``State``."""
        return self._changed(lambda session, _: session.change(tables.REMOVE_KEY, (name,))) == 1

    def hashed(self, user: str) -> str:
        """Return what stands for a user; see ``State``."""
        with _explained():
            return rows.hashed(self._schema.made(), user).hex()

    # Notes

    def remember(self, notes: Sequence[Note]) -> None:
        """Keep notes in one statement; see ``State``. Now and then those that have ended are dropped."""
        now = time.time()
        statement = tables.REMEMBER + ", ".join(["(%s, %s, %s, %s)"] * len(notes))

        def change(session: Session, salt: bytes) -> None:
            named = [(note.kind, rows.hashed(salt, note.name), now + note.seconds, note.text) for note in notes]
            session.change(statement, [value for row in named for value in row])
            for kind in sorted({note.kind for note in notes}):
                if self._sweeping.is_due(kind, self._most_notes[kind]):
                    self._sweep(session, kind, now)

        self._read(change)  # it may be done twice

    def recall(self, kind: NoteKind, name: str) -> str | None:
        """Return the text of a note; see ``State``."""

        def ask(session: Session, salt: bytes) -> list[tuple[str]]:
            return session.rows(tables.RECALL, (kind, rows.hashed(salt, name), time.time()))

        found = self._read(ask)
        return found[0][0] if found else None

    def _sweep(self, session: Session, kind: NoteKind, now: float) -> None:
        session.change(tables.EXPIRE, (kind, now))
        surplus = session.rows(tables.COUNT_NOTES, (kind,))[0][0] - self._most_notes[kind]
        if surplus > 0:
            session.change(tables.DROP_NOTES, (kind, surplus))

    # The log of changes

    def write_down(self, entry: AuditEntry) -> None:
        """Add an entry to the log; see ``State``."""
        said = entry.as_json() | {"about": json.dumps(entry.about)}
        values = [_whole(said[name]) for name in tables.AUDIT_COLUMNS]

        def change(session: Session, _: bytes) -> None:
            session.change(tables.WRITE_DOWN, values)
            if self._sweeping.is_due("audit", self._most_audit):
                surplus = session.rows(tables.COUNT_AUDIT)[0][0] - self._most_audit
                if surplus > 0:
                    session.change(tables.DROP_AUDIT, (surplus,))

        self._changed(change)

    # The database

    def close(self) -> None:
        """Let go of the connections; see ``State``."""
        self._database.close()

    def _changed(self, work: Callable[[Session, bytes], T]) -> T:
        """Return what a change returns that is made once."""
        with _explained():
            return self._schema.within(lambda salt: changed(self._database, lambda session: work(session, salt)))

    def _read(self, work: Callable[[Session, bytes], T]) -> T:
        """Return what is asked, perhaps twice where a connection breaks."""
        with _explained():
            return self._schema.within(lambda salt: self._database.reading(lambda session: work(session, salt)))


class Sweeping:
    """Says when to look for what is too much: at the first of so many changes, and after each hundredth of the most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changes = Counter[str]()

    def is_due(self, what: str, most: int) -> bool:
        """Whether it is time to look, now that there is one more."""
        with self._lock:
            before = self._changes[what]
            self._changes[what] += 1
        return before % max(1, most // 100) == 0


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what the database says into StateUnusable."""
    try:
        yield
    except (StoreUnreachable, StoreUnusable, StatementFailed) as error:
        raise StateUnusable(f"what is remembered is out of reach: {error}") from error


def _key(row: Sequence[object]) -> ApiKey:
    return rows.key_from(dict(zip(tables.KEY_COLUMNS, row, strict=True)))


def _whole(text: str) -> str:
    """Return a text without half surrogates, which no database takes."""
    return text.encode("utf-8", "replace").decode("utf-8")
