"""What changes on disk when a generation is published, so that nobody reads more than that to know."""

from __future__ import annotations

import contextlib
import os

from bot.settings import Settings
from retrieval.errors import SnapshotError
from retrieval.index.local.snapshot import CURRENT, published


def publication(settings: Settings) -> tuple[int, int] | None:
    """Return what changes when a generation is published."""
    with contextlib.suppress(OSError):
        state = (settings.index.path / CURRENT).stat()
        return state.st_mtime_ns, state.st_ino
    return None


def files_state(settings: Settings) -> object:
    """Return what changes when a generation is published or a file of the published one is touched."""
    with contextlib.suppress(OSError, SnapshotError):
        folder = published(settings.index.path)
        files = [(entry.name, entry.stat()) for entry in os.scandir(folder)] if folder else []
        return publication(settings), sorted((name, state.st_size, state.st_mtime_ns) for name, state in files)
    return publication(settings)
