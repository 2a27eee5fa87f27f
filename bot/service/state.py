"""Where a server remembers, by its settings."""

from __future__ import annotations

from bot.settings import Settings, index_password
from bot.state import SqliteState, State


def state_of(settings: Settings) -> State:
    """Return what a server remembers in: the database at ``index.url``, or files below ``index.path``.

    Nothing is opened yet.
    """
    if settings.index.store == "oceanbase" and settings.index.url:
        from bot.state.oceanbase import OceanBaseState

        return OceanBaseState(settings.index.url, index_password())
    return SqliteState(settings.index.path)
