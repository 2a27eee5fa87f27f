"""What a server remembers: votes, unanswered questions, API keys, notes for a while, and a log of who changed what.

records.py     what is kept: Feedback, ApiKey, Note
protocol.py    State: what any store of it does
sqlite.py      the store below ``index.path``: state.sqlite
tables.py      its tables
making.py      a database is put in place as a whole
rows.py        records as rows of any database, and back
moving.py      what an earlier version kept in feedback.sqlite
notes.py       conversations and answers given last: memory.sqlite
audit.py       one entry for each change, key action and refusal
audit_file.py  the log as a file: audit.jsonl
"""

from bot.state.audit import Audit
from bot.state.protocol import State, StateUnusable
from bot.state.records import KINDS, VOTES, ApiKey, Cited, Feedback, Kind, Note, NoteKind, Scope, Vote
from bot.state.sqlite import SqliteState

__all__ = [
    "KINDS",
    "VOTES",
    "ApiKey",
    "Audit",
    "Cited",
    "Feedback",
    "Kind",
    "Note",
    "NoteKind",
    "Scope",
    "SqliteState",
    "State",
    "StateUnusable",
    "Vote",
]
