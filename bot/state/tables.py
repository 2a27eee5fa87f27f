"""The tables of state.sqlite, and what is done with them."""

from __future__ import annotations

from bot.state.records import VOTES
from bot.state.rows import COLUMNS

SCHEMA = 1
"""The database's ``user_version``; raise it when the tables change."""
_SAID = """
    number INTEGER PRIMARY KEY,
    recorded TEXT NOT NULL,
    face TEXT NOT NULL,
    user TEXT NOT NULL,
    request_id TEXT NOT NULL,
    question TEXT NOT NULL,
    generation TEXT NOT NULL,
    status TEXT NOT NULL,
    confidence REAL NOT NULL,
    answer TEXT NOT NULL,
    citations TEXT NOT NULL
"""
TABLES = f"""
BEGIN;
CREATE TABLE salt (salt BLOB NOT NULL);
CREATE TABLE votes ({_SAID},
    subject TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN {VOTES}),
    UNIQUE (subject, user)
);
CREATE TABLE unanswered ({_SAID},
    subject TEXT NOT NULL UNIQUE,
    times INTEGER NOT NULL
);
CREATE INDEX voter ON votes (user);
CREATE INDEX asker ON unanswered (user);
CREATE TABLE keys (
    name TEXT PRIMARY KEY,
    scope TEXT NOT NULL,
    documents TEXT,
    created TEXT NOT NULL,
    expires TEXT,
    prefix TEXT NOT NULL UNIQUE,
    verifier TEXT NOT NULL
);
PRAGMA user_version = {SCHEMA};
COMMIT;
"""
VOTE = f"INSERT OR REPLACE INTO votes ({COLUMNS}, kind) VALUES ({', '.join('?' * 12)})"
TAKE_BACK = "DELETE FROM votes WHERE subject = ? AND user = ?"
UNANSWERED = f"""
INSERT INTO unanswered ({COLUMNS}, times) VALUES ({", ".join("?" * 12)})
ON CONFLICT (subject) DO UPDATE SET times = times + excluded.times, recorded = excluded.recorded, face = excluded.face,
    user = excluded.user, request_id = excluded.request_id, question = excluded.question,
    generation = excluded.generation, status = excluded.status, confidence = excluded.confidence,
    answer = excluded.answer, citations = excluded.citations
"""
FEEDBACK = f"""
SELECT {COLUMNS}, kind, 1 AS times, number FROM votes
UNION ALL SELECT {COLUMNS}, 'unanswered', times, number FROM unanswered
ORDER BY recorded, number
"""
ADD_KEY = "INSERT OR IGNORE INTO keys VALUES (?, ?, ?, ?, ?, ?, ?)"
