"""What stands for people and addresses wherever something is written down."""

from __future__ import annotations

import hashlib
import hmac
import secrets

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
        self._fallback = secrets.token_bytes(32)

    def of(self, user: object) -> str:
        """Return what stands for a user; where the store cannot be used, what stands for it in this process."""
        name = str(user)
        if name not in self._known:
            self._known[name] = f"#{self._hashed(name)[:SHOWN]}"
        return self._known[name]

    def mac(self, text: str) -> str:
        """Return what nobody without the store can make of a text, in hexadecimal."""
        return self._hashed(text)

    def _hashed(self, text: str) -> str:
        try:
            return self._state.hashed(text)
        except WenbaoError:
            return hmac.new(self._fallback, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
