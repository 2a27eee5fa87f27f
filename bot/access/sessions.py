"""A browser that signed in with a key: a cookie proves it, and holds until the key or the cookie ends.

<prefix>.<seconds since 1970 at which it ends>.<HMAC of both and of the key's verifier>
"""

from __future__ import annotations

import hmac
import threading
import time

from cachetools import LRUCache

from bot.access.keys import Keys
from bot.access.pseudonyms import Pseudonyms
from bot.state import ApiKey

COOKIE = "wenbao_session"
SECONDS = 30 * 86_400
"""How long a browser stays signed in."""
MOST_CHARACTERS = 200


class Sessions:
    """Makes and reads the cookies of browsers that signed in."""

    def __init__(self, keys: Keys, pseudonyms: Pseudonyms) -> None:
        self._keys = keys
        self._pseudonyms = pseudonyms
        self._proven: LRUCache[str, str] = LRUCache(10_000)
        self._lock = threading.Lock()

    def cookie(self, key: ApiKey) -> str:
        """Return the cookie of a browser that signed in with a key."""
        ends = str(int(time.time()) + SECONDS)
        return f"{key.prefix}.{ends}.{self._mac(key.prefix, ends, key.verifier)}"

    def key(self, cookie: str) -> ApiKey | None:
        """Return the key that a cookie was made with; None if either has ended, or the cookie was not made here.

        StateUnusable where that cannot be told now.
        """
        key = self._keys.by_prefix(cookie.partition(".")[0])
        return self.key_of(cookie, key) if key else None

    def key_of(self, cookie: str, key: ApiKey) -> ApiKey | None:
        """Return a key if a cookie was made with it and has not ended."""
        prefix, _, rest = cookie[:MOST_CHARACTERS].partition(".")
        ends, _, mac = rest.partition(".")
        if prefix != key.prefix or not ends.isascii() or not ends.isdigit() or int(ends) < time.time():
            return None
        is_its_own = hmac.compare_digest(self._expected(key, ends).encode(), mac.encode("utf-8", "replace"))
        return key if is_its_own else None

    def _expected(self, key: ApiKey, ends: str) -> str:
        named = f"{key.prefix}.{ends}.{key.verifier}"
        with self._lock:
            known = self._proven.get(named)
        if known is None:
            known = self._mac(key.prefix, ends, key.verifier)
            with self._lock:
                self._proven[named] = known
        return known

    def _mac(self, prefix: str, ends: str, verifier: str) -> str:
        return self._pseudonyms.mac(f"session:{prefix}:{ends}:{verifier}")
