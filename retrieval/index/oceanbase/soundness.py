"""A generation in the database is asked for its own sentences before it is published."""

from __future__ import annotations

from retrieval.index.oceanbase.catalogue import read_catalogue
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.reading.material import Cache
from retrieval.index.oceanbase.snapshot import StoredSnapshot
from retrieval.index.self_test import self_test


def check_sound(database: Database, number: int) -> None:
    """Run the self test on a generation; nothing of what it reads is kept, because it may be undone."""
    catalogue = database.reading(lambda session: read_catalogue(session, number))
    self_test(StoredSnapshot(database, catalogue, Cache()))
