"""Where a server remembers, by its settings."""

from __future__ import annotations

from bot.service.store import database_of
from bot.settings import Settings
from bot.state import SqliteState, State


def state_of(settings: Settings) -> State:
    """Return what a server remembers in: the database at ``index.url``, or files below ``index.path``.

    Nothing is opened yet.
    """
    database = database_of(settings)
    if database is None:
        return SqliteState(settings.index.path)
    from bot.state.oceanbase import OceanBaseState

    return OceanBaseState(database)
