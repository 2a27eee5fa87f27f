"""A database is made aside and put in place as a whole, so that no process meets half of one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from filelock import FileLock

from retrieval.disk import file_aside, remove_asides


def make(file: Path, wait_seconds: float, fill: Callable[[sqlite3.Connection], None]) -> bool:
    """Let ``fill`` make a database; False where one is there. Only the owner may read it.

    Timeout where another process makes it for longer than that; OSError or sqlite3.Error where it cannot be made.
    """
    if file.exists():
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock"), timeout=wait_seconds):
        if file.exists():
            return False
        remove_asides(file)
        for tail in ("-journal", "-wal", "-shm"):  # a journal left by a crash belongs to no new database
            file.with_name(file.name + tail).unlink(missing_ok=True)
        with file_aside(file) as aside:
            aside.touch(mode=0o600)  # the salt, keys and what people ask are nobody else's business
            with closing(sqlite3.connect(aside, isolation_level=None)) as connection:
                fill(connection)
    return True
