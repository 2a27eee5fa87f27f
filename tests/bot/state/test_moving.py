"""What an earlier version kept in feedback.sqlite is not lost."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from bot.state import SqliteState, StateUnusable

OLD = """
CREATE TABLE salt (salt BLOB NOT NULL);
CREATE TABLE feedback (
    number INTEGER PRIMARY KEY, recorded TEXT NOT NULL, kind TEXT NOT NULL, face TEXT NOT NULL, user TEXT NOT NULL,
    request_id TEXT NOT NULL, question TEXT NOT NULL, generation TEXT NOT NULL, status TEXT NOT NULL,
    confidence REAL NOT NULL, answer TEXT NOT NULL, citations TEXT NOT NULL
);
PRAGMA user_version = 1;
"""
CITED = [{"number": 1, "document_id": "a", "title": "甲", "paragraph": 2, "start": 0, "end": 3, "quote": "是的。"}]
ANSWER = {"text": "是的。", "span": "是", "citation": 1}


def old_file(folder, rows):
    folder.mkdir(exist_ok=True)
    with closing(sqlite3.connect(folder / "feedback.sqlite")) as connection, connection:
        connection.executescript(OLD)
        connection.execute("INSERT INTO salt VALUES (?)", (b"s" * 32,))
        for number, (kind, user, question, answer) in enumerate(rows):
            when, said = f"2026-01-0{number + 1}T00:00:00+00:00", json.dumps(answer)
            values = (
                when,
                kind,
                "web",
                user,
                f"r{number}",
                question,
                "000001-a",
                "related",
                0.3,
                said,
                json.dumps(CITED),
            )
            connection.execute(f"INSERT INTO feedback VALUES (NULL, {', '.join('?' * 11)})", values)


ROWS = [
    ("up", "u1", "是吗？", ANSWER),
    ("unanswered", "u1", "口罩呢？", None),
    ("down", "u1", "是吗？", ANSWER),
    ("unanswered", "u2", "口罩呢？", None),
    ("up", "u2", "是吗？", ANSWER),
]


def test_votes_and_questions_of_an_earlier_version_are_moved_with_their_salt(tmp_path):
    old_file(tmp_path, ROWS)
    kept = [(one.kind, one.user, one.question, one.request_id, one.times) for one in SqliteState(tmp_path).feedback()]
    assert kept == [
        ("down", "u1", "是吗？", "r2", 1),
        ("unanswered", "u2", "口罩呢？", "r3", 2),
        ("up", "u2", "是吗？", "r4", 1),
    ]
    assert sorted(path.name for path in tmp_path.iterdir() if "feedback" in path.name) == []
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as connection:
        assert connection.execute("SELECT salt FROM salt").fetchall() == [(b"s" * 32,)]


@pytest.mark.parametrize("content", [b"no database" * 300, b""])
def test_an_old_file_that_cannot_be_read_stays_beside_the_new_store(tmp_path, caplog, content):
    (tmp_path / "feedback.sqlite").write_bytes(content)
    assert SqliteState(tmp_path).feedback() == []
    assert (tmp_path / "feedback.sqlite.unreadable").read_bytes() == content
    assert "feedback.sqlite cannot be read" in caplog.text
    assert SqliteState(tmp_path).hashed("7") == SqliteState(tmp_path).hashed("7")


def test_a_store_that_cannot_be_opened_says_what_to_do(tmp_path):
    (tmp_path / "state.sqlite").write_bytes(b"no database" * 300)
    with pytest.raises(StateUnusable, match="restore it from a backup, or move it away and a new one is made"):
        SqliteState(tmp_path).keys()
