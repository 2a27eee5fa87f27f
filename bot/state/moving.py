"""What earlier versions kept in feedback.sqlite, moved into the new store once."""

from __future__ import annotations

import json
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.state import rows, tables
from bot.state.records import Cited

log = logging.getLogger("wenbao")

FILE = "feedback.sqlite"
VERSION = 1


def is_there(folder: Path) -> bool:
    """Whether there is something to move."""
    return (folder / FILE).exists()


def move(folder: Path, into: sqlite3.Connection) -> bool:
    """Copy the salt, votes and unanswered questions of an earlier version; False where there are none that can be read.

    A file that cannot be read is kept under another name, and the log says so.
    """
    if not is_there(folder):
        return False
    try:
        with closing(sqlite3.connect(folder / FILE)) as connection:
            connection.row_factory = sqlite3.Row
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                raise sqlite3.DatabaseError(f"it has version {version}")
            (salt,) = connection.execute("SELECT salt FROM salt").fetchone()
            moved = [_moved(row) for row in connection.execute("SELECT * FROM feedback ORDER BY number")]
    except (sqlite3.Error, ValueError, TypeError, KeyError) as error:
        aside = folder / f"{FILE}.unreadable"
        (folder / FILE).rename(aside)
        log.error("%s cannot be read (%s): it is now %s, and votes are kept anew", folder / FILE, error, aside)
        return False
    into.execute("BEGIN")
    into.execute("INSERT INTO salt VALUES (?)", (salt,))
    for statement, values in moved:
        into.execute(statement, values)
    into.execute("COMMIT")
    return True


def remove(folder: Path) -> None:
    """Delete what was moved."""
    for tail in ("", "-wal", "-shm", "-journal"):
        (folder / f"{FILE}{tail}").unlink(missing_ok=True)
    (folder / "feedback.lock").unlink(missing_ok=True)


def _moved(row: sqlite3.Row) -> tuple[str, list[object]]:
    """Return the statement that keeps a row in the new store, and its values."""
    citations = [Cited(**citation) for citation in json.loads(row["citations"])]
    answer = rows.answer_from(json.loads(row["answer"]), citations)
    values = [row[name.strip()] for name in rows.COLUMNS.split(",")[:-1]]
    if row["kind"] == "unanswered":
        return tables.UNANSWERED, [*values, rows.question_subject(row["question"]), 1]
    return tables.VOTE, [*values, rows.answer_subject(row["question"], answer, citations), row["kind"]]
