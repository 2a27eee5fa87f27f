"""What users thought of the answers, and what the reports did not answer.

    index.path/
      feedback.sqlite     SQLite in WAL mode: votes, unanswered questions, and the salt that user ids are hashed with
      feedback.lock       held only while that file is made

Keeping feedback never breaks answering, because what cannot be written is only a warning in the log. Every call opens
the database for itself, so that any number of processes and threads may share it. User ids are stored only as
HMAC-SHA256.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import logging
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock

from bot.reply import Face, Reply
from retrieval.disk import file_aside, remove_asides
from retrieval.errors import WenbaoError
from retrieval.question.cleaning import clean_question
from retrieval.types import AnswerText, Status

log = logging.getLogger("wenbao")

Vote = Literal["up", "down"]
Kind = Literal["up", "down", "unanswered"]
VOTES: tuple[Vote, ...] = get_args(Vote)
KINDS: tuple[Kind, ...] = get_args(Kind)

FILE = "feedback.sqlite"
SCHEMA = 1
"""The database's ``user_version``; raise it when the tables change."""
WAIT_SECONDS = 3.0
"""How long to wait for another process that is writing."""
KEPT_ENTRIES = 100_000
"""If there are more, the oldest are dropped, so that a flood of questions cannot fill the disk."""

TABLES = f"""
BEGIN;
CREATE TABLE salt (salt BLOB NOT NULL);
CREATE TABLE feedback (
    number INTEGER PRIMARY KEY,
    recorded TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN {KINDS}),
    face TEXT NOT NULL,
    user TEXT NOT NULL,
    request_id TEXT NOT NULL,
    question TEXT NOT NULL,
    generation TEXT NOT NULL,
    status TEXT NOT NULL,
    confidence REAL NOT NULL,
    answer TEXT NOT NULL,
    citations TEXT NOT NULL
);
CREATE UNIQUE INDEX one_vote ON feedback (request_id, user, kind = 'unanswered');
PRAGMA user_version = {SCHEMA};
COMMIT;
"""
INSERT = "INSERT OR REPLACE INTO feedback VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
TAKE_BACK = "DELETE FROM feedback WHERE request_id = ? AND user = ? AND kind != 'unanswered'"
DROP_OLDEST = "DELETE FROM feedback WHERE number <= (SELECT max(number) FROM feedback) - ?"


class FeedbackUnreadable(WenbaoError):
    """The feedback database is damaged, of another version, or out of reach."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation as it was shown: the report's text from ``start`` to ``end`` was ``quote``."""

    number: int
    document_id: str
    title: str
    paragraph: int | None
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """A vote on an answer, or a question that got none; ``user`` is a hash, None if the face knows no user."""

    recorded: dt.datetime
    kind: Kind
    face: Face
    user: str | None
    request_id: str
    question: str
    generation: str
    status: Status
    confidence: float
    answer: AnswerText | None
    citations: tuple[Cited, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the entry of ``wenbao feedback --json``."""
        return {**asdict(self), "recorded": self.recorded.isoformat()}

    @property
    def cited(self) -> Cited | None:
        """The citation that holds the answering sentence."""
        wanted = self.answer.citation if self.answer else None
        return next((citation for citation in self.citations if citation.number == wanted), None)


class FeedbackStore:
    """The feedback below one index folder; with ``keep`` false nothing is written and no file is made."""

    def __init__(
        self, folder: Path, keep: bool, *, most: int = KEPT_ENTRIES, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self.file = folder / FILE
        self.keep = keep
        self._most = most
        self._wait_seconds = wait_seconds

    def record_vote(self, reply: Reply, vote: Vote | None, user: str | None) -> bool:
        """Keep a user's vote on a reply, in place of an earlier one; None takes it back.

        All votes of unknown users (None) on one reply count as one. Returns whether it was kept; never raises.
        """
        if vote is None:
            return self._kept(lambda c: c.execute(TAKE_BACK, (reply.request_id, _hashed(c, reply.asker.face, user))))
        return self._kept(lambda c: self._insert(c, vote, reply, user))

    def record_unanswered(self, replies: Sequence[Reply]) -> bool:
        """Keep questions whose answers are "related" or "not_found", all in one change.

        Returns whether they were kept; never raises.
        """

        def write(connection: sqlite3.Connection) -> None:
            for reply in replies:
                self._insert(connection, "unanswered", reply, reply.asker.user)

        return self._kept(write)

    def entries(self, kinds: Sequence[Kind] = KINDS) -> list[Feedback]:
        """Return what was kept, latest last, even if ``keep`` is false now; FeedbackUnreadable if it cannot be read."""
        if not self.file.exists():
            return []
        try:
            with closing(self._connect()) as connection:
                rows = connection.execute("SELECT * FROM feedback ORDER BY number").fetchall()
            return [_feedback(row) for row in rows if row["kind"] in kinds]
        except (sqlite3.Error, ValueError, TypeError, KeyError) as error:
            raise self._explained(error) from error

    def _kept(self, write: Callable[[sqlite3.Connection], object]) -> bool:
        if not self.keep:
            return False
        try:
            with self._transaction() as connection:
                write(connection)
        except (sqlite3.Error, OSError, ValueError, WenbaoError) as error:
            log.warning("feedback was not kept: %s", self._explained(error))
            return False
        return True

    def _insert(self, connection: sqlite3.Connection, kind: Kind, reply: Reply, user: str | None) -> None:
        answer, face = reply.answer, reply.asker.face
        cited = [
            Cited(c.number, c.document_id, c.title, c.paragraph, c.start, c.end, c.quote) for c in answer.citations
        ]  # fmt: skip
        values = (
            dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            kind,
            face,
            _hashed(connection, face, user),
            reply.request_id,
            clean_question(reply.understood),
            answer.generation,
            answer.status,
            answer.confidence,
            json.dumps(answer.answer and asdict(answer.answer)),
            json.dumps([asdict(citation) for citation in cited]),
        )
        connection.execute(INSERT, values)
        connection.execute(DROP_OLDEST, (self._most,))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Open the database for one change, and make it first if need be; an exception undoes the change."""
        if not self.file.exists():
            self._create()
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        address = f"{self.file.absolute().as_uri()}?mode=rw"  # never makes a file
        connection = sqlite3.connect(address, uri=True, timeout=self._wait_seconds, isolation_level=None)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != SCHEMA:
                raise sqlite3.DatabaseError(f"it has version {version}, this program knows {SCHEMA}")
        except BaseException:
            connection.close()
            raise
        connection.row_factory = sqlite3.Row
        return connection

    def _create(self) -> None:
        """Make an empty database aside and put it in place as a whole, so that no process meets half of one."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.file.with_suffix(".lock"), timeout=self._wait_seconds):
            if self.file.exists():
                return
            remove_asides(self.file)
            for tail in ("-journal", "-wal", "-shm"):  # a journal left by a crash belongs to no new database
                self.file.with_name(self.file.name + tail).unlink(missing_ok=True)
            with file_aside(self.file) as aside:
                aside.touch(mode=0o600)  # the salt and what people ask are nobody else's business
                with closing(sqlite3.connect(aside, isolation_level=None)) as connection:
                    connection.executescript(TABLES)
                    connection.execute("INSERT INTO salt VALUES (?)", (secrets.token_bytes(32),))
                    connection.execute("PRAGMA journal_mode = WAL")

    def _explained(self, error: Exception) -> WenbaoError:
        if isinstance(error, WenbaoError):
            return error
        if isinstance(error, OSError | sqlite3.OperationalError):  # locked, full, not permitted
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            return FeedbackUnreadable(f"{self.file} is out of reach ({reason}): look at its disk and permissions")
        return FeedbackUnreadable(
            f"{self.file} is damaged ({error}): move it away, and a new one is made with the next feedback"
        )


def _hashed(connection: sqlite3.Connection, face: Face, user: str | None) -> str:
    """Return HMAC-SHA256 of the user with the database's salt, in hex; "" for nobody in particular."""
    if user is None:
        return ""
    (salt,) = connection.execute("SELECT salt FROM salt").fetchone()
    return hmac.new(salt, f"{face}:{user}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _feedback(row: sqlite3.Row) -> Feedback:
    citations = tuple(Cited(**citation) for citation in json.loads(row["citations"]))
    return Feedback(
        recorded=dt.datetime.fromisoformat(row["recorded"]),
        kind=row["kind"],
        face=row["face"],
        user=row["user"] or None,
        request_id=row["request_id"],
        question=row["question"],
        generation=row["generation"],
        status=row["status"],
        confidence=row["confidence"],
        answer=_answer(json.loads(row["answer"]), citations),
        citations=citations,
    )


def _answer(values: dict[str, Any] | None, citations: Sequence[Cited]) -> AnswerText | None:
    """Return the answer of a row; one from before offsets were kept is looked for in its quote."""
    if values is None:
        return None
    if "start" not in values:
        quote = next((cited.quote for cited in citations if cited.number == values["citation"]), "")
        start = max(quote.find(values["text"]), 0)
        at = values["text"].find(values["span"]) if values["span"] else -1
        span = (start + at, start + at + len(values["span"])) if at >= 0 else (None, None)
        places = ("start", "end", "span_start", "span_end")
        values |= zip(places, (start, start + len(values["text"]), *span), strict=True)
    return AnswerText(**values)
