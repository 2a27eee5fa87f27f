"""SQLite files, copied by SQLite's own backup, so that a copy is whole while other processes write."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

SUFFIX = ".sqlite"
SIDECARS = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a file that is open or was not closed: it belongs to that file and to no other."""
PRIVATE = 0o600
WAIT_SECONDS = 30.0
"""How long to wait for a process that writes."""
STEP_PAGES = 2048
"""Pages copied between two moments in which others may write to a file without a write-ahead log."""


def copy_database(source: Path, target: Path, wait_seconds: float = WAIT_SECONDS) -> None:
    """Make ``target`` the same as ``source`` in one change that its readers see as a whole or not at all.

    Raises sqlite3.Error where a file is damaged, or locked for longer than ``wait_seconds``, or the disk is full.
    """
    if not target.exists():
        target.touch(mode=PRIVATE)  # before anything is in it
    with closing(_connected(source, wait_seconds)) as read, closing(_connected(target, wait_seconds)) as written:
        deadline = time.monotonic() + wait_seconds

        def patient(status: int, remaining: int, total: int) -> None:
            if status != sqlite3.SQLITE_OK and status != sqlite3.SQLITE_DONE and time.monotonic() > deadline:
                raise sqlite3.OperationalError(f"{source} or {target} is locked by another process")

        (mode,) = read.execute("PRAGMA journal_mode").fetchone()
        read.backup(written, pages=-1 if mode == "wal" else STEP_PAGES, progress=patient, sleep=0.05)


def is_whole(file: Path, wait_seconds: float = WAIT_SECONDS) -> bool:
    """Whether a file is a database whose lists and trees are in order.

    Raises sqlite3.OperationalError where that cannot be told, because it is locked or cannot be opened.
    """
    try:
        with closing(_connected(file, wait_seconds)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return False


def _connected(file: Path, wait_seconds: float) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=wait_seconds)
