"""Where the index is, by the settings."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.settings import Settings, index_password
from retrieval.index.local.store import LocalStore
from retrieval.index.store import Keeping, Store

if TYPE_CHECKING:  # slow to import, and most indexes are in no database
    from retrieval.index.oceanbase.database import Database
    from retrieval.index.oceanbase.store import OceanBaseStore

MOST_CONNECTIONS = 12
"""Of one process to the database: answers, what is remembered, and whoever indexes take some at a time."""


def store_of(settings: Settings) -> Store:
    """Return the store of the index: the database at ``index.url``, or a folder of this machine.

    Nothing is opened yet. A process has one for each database, so that what was read serves everybody in it.
    """
    return shared_store_of(settings) or LocalStore(settings.index.path, _keeping(settings))


def shared_store_of(settings: Settings) -> OceanBaseStore | None:
    """Return the store in the database at ``index.url``, which reports are handed in to; None without."""
    database = database_of(settings)
    return None if database is None else _stored(database, settings.index.path, _keeping(settings))


def _keeping(settings: Settings) -> Keeping:
    return Keeping(settings.index.exact_up_to, settings.index.keep, settings.corpus.history)


def database_of(settings: Settings) -> Database | None:
    """Return the database at ``index.url``, the same for the index and for what a server remembers; None without."""
    if settings.index.store == "oceanbase" and settings.index.url:
        return _database(settings.index.url, index_password())
    return None


@lru_cache
def _database(url: str, password: str | None) -> Database:
    from retrieval.index.oceanbase.database import Database

    return Database(url, password, most=MOST_CONNECTIONS)


@lru_cache
def _stored(database: Database, folder: Path, keeping: Keeping) -> OceanBaseStore:
    from retrieval.index.oceanbase.store import OceanBaseStore

    return OceanBaseStore(database, folder, keeping)
