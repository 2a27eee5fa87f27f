"""Where the index is, by the settings."""

from __future__ import annotations

from bot.settings import Settings
from retrieval.index.local.store import LocalStore
from retrieval.index.store import Keeping, Store


def store_of(settings: Settings) -> Store:
    """Return the store of the index: a folder of this machine. Nothing is opened yet."""
    of = settings.index
    return LocalStore(of.path, Keeping(of.keep, settings.corpus.history, of.exact_up_to))
