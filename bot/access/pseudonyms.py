"""What stands for people and addresses wherever something is written down."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading

from cachetools import LRUCache

from bot.state import State
from retrieval.errors import WenbaoError

KEPT = 10_000
SHOWN = 12
"""Hexadecimal digits of a pseudonym: enough to tell people apart, and to find them again in a log."""


class Pseudonyms:
    """Hashes of users and addresses: the same in every process that shares a store, and as long as it is kept."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._known: LRUCache[str, str] = LRUCache(KEPT)
        self._lock = threading.Lock()
        self._fallback = secrets.token_bytes(32)

    def of(self, user: object) -> str:
        """Return what stands for a user; where the store cannot be used, what stands for it in this process."""
        name = str(user)
        with self._lock:
            known = self._known.get(name)
        if known is not None:
            return known
        try:
            stands = _shown(self._state.hashed(name))
        except WenbaoError:  # not kept, so that it is the usual one again as soon as the store is
            return _shown(hmac.new(self._fallback, name.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest())
        with self._lock:
            self._known[name] = stands
        return stands

    def mac(self, text: str) -> str:
        """Return what nobody without the store can make of a text, in hexadecimal; StateUnusable without the store."""
        return self._state.hashed(text)


def _shown(digest: str) -> str:
    return f"#{digest[:SHOWN]}"
