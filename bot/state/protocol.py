"""What any store of a server's state does; the server and its commands know nothing else of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.reply import Reply
from bot.state.records import KINDS, ApiKey, AuditEntry, Feedback, Kind, Note, NoteKind, Vote
from retrieval.errors import WenbaoError


class StateUnusable(WenbaoError):
    """The store is damaged, of another version, or out of reach."""


class State(Protocol):
    """Votes, unanswered questions, keys, notes for a while, and the log of changes.

    Any number of processes and threads may use it at once.

    Everything raises StateUnusable where the store cannot be read or written; then nothing has changed.
    """

    def record_vote(self, reply: Reply, vote: Vote | None, user: str | None) -> None:
        """Keep a user's vote on an answer, in place of an earlier one; None takes it back.

        Two replies with the same answer to the same question are one answer. All votes of unknown users (None) on it
        count as one.
        """

    def record_unanswered(self, replies: Sequence[Reply]) -> None:
        """Keep the questions of replies, all in one change; one that is kept already is counted."""

    def feedback(self, kinds: Sequence[Kind] = KINDS) -> list[Feedback]:
        """Return votes and unanswered questions, latest last."""

    def add_key(self, key: ApiKey) -> bool:
        """Keep a key; False where one of that name is there already."""

    def key(self, prefix: str) -> ApiKey | None:
        """Return the key that begins with ``prefix``."""

    def keys(self) -> list[ApiKey]:
        """Return all keys, by name."""

    def remove_key(self, name: str) -> bool:
        """Forget a key; False where there is none of that name."""

    def hashed(self, user: str) -> str:
        """Return what stands for a user wherever something is written down: the same in every process."""

    def remember(self, notes: Sequence[Note]) -> None:
        """Keep notes, all in one change, each in place of an earlier one of its kind and name."""

    def recall(self, kind: NoteKind, name: str) -> str | None:
        """Return the text of a note; None where there is none, or none any longer."""

    def write_down(self, entry: AuditEntry) -> None:
        """Add an entry to the log of changes, which drops its oldest where there are too many."""

    def close(self) -> None:
        """Let go of files and connections; the next call opens them again."""
