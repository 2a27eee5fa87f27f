"""What is kept, as it travels: votes and unanswered questions, API keys, notes for a while, and the log of changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from bot.reply import Face
from retrieval.types import AnswerText, Status

Vote = Literal["up", "down"]
Kind = Literal["up", "down", "unanswered"]
VOTES: tuple[Vote, ...] = get_args(Vote)
KINDS: tuple[Kind, ...] = get_args(Kind)

Scope = Literal["ask", "read", "admin"]
"""What a key lets its holder do; each also does what those before it do."""

KEPT_ENTRIES = 100_000
"""Of votes, and of unanswered questions. If there are more, who left most loses the oldest, so that a flood can neither
fill the disk nor push out what others said."""
NoteKind = Literal["conversation", "answer", "message"]
"""The last of a conversation, an answer that can be voted on over HTTP, and one that a message in Telegram shows."""
MOST_NOTES: Mapping[NoteKind, int] = {"conversation": 20_000, "answer": 5_000, "message": 5_000}
"""How many of each kind are kept; if there are more, those go that end first."""


@dataclass(frozen=True, slots=True)
class Note:
    """A text under a name, kept for ``seconds``; a store keeps the name only as a hash."""

    kind: NoteKind
    name: str
    text: str
    seconds: float


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
    """A vote on an answer, or a question that got none; ``user`` is a hash, None if the face knows no user.

    A question that was asked ``times`` times is one entry, of the last time.
    """

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
    times: int = 1

    def as_json(self) -> dict[str, Any]:
        """Return the entry of ``wenbao feedback --json``."""
        return {**asdict(self), "recorded": self.recorded.isoformat()}

    @property
    def cited(self) -> Cited | None:
        """The citation that holds the answering sentence."""
        wanted = self.answer.citation if self.answer else None
        return next((citation for citation in self.citations if citation.number == wanted), None)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: ``prefix`` finds it, ``verifier`` tells whether somebody has the whole of it.

    ``documents`` is a pattern of the ids of the reports that its holder may see, None for all. Times are UTC.
    """

    name: str
    scope: Scope
    documents: str | None
    created: dt.datetime
    expires: dt.datetime | None
    prefix: str
    verifier: str

    def has_expired(self, now: dt.datetime) -> bool:
        """Whether the key is no longer taken."""
        return self.expires is not None and self.expires <= now

    def as_json(self) -> dict[str, Any]:
        """Return what may be shown of the key."""
        expires = self.expires.isoformat() if self.expires else None
        shown = {"name": self.name, "scope": self.scope, "documents": self.documents}
        return {**shown, "created": self.created.isoformat(), "expires": expires}


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what from where, what came of it, and what it was about."""

    when: str
    face: str
    who: str
    what: str
    result: str
    about: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return a line of the log."""
        return asdict(self)
