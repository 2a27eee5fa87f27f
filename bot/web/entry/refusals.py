"""Who was turned away, written down in the log and in the audit, and never so often that it hurts."""

from __future__ import annotations

import asyncio
import logging
import time
from urllib.parse import quote

from cachetools import TTLCache

from bot.service.service import Service
from bot.web.limits.crowd import address_of

log = logging.getLogger("wenbao")

SECONDS = 60.0
MOST_OF_ONE = 10
"""Refusals of one key or address that are written down in a minute; strangers choose the paths they are refused at."""
MOST = 300
"""Refusals of all together that are written down in a minute, so that many addresses do not push out what is kept."""
LONGEST_PATH = 200


class Refusals:
    """Writes some refusals down, for use by one event loop; all are counted where all answers pass."""

    def __init__(self, service: Service, *, most_of_one: int = MOST_OF_ONE, most: int = MOST) -> None:
        self._service = service
        self._most_of_one = most_of_one
        self._most = most
        self._same: TTLCache[tuple[str, str, int], bool] = TTLCache(10_000, SECONDS)
        self._of_one: TTLCache[str, int] = TTLCache(10_000, SECONDS)
        self._since, self._written = float("-inf"), 0

    async def note(self, key: str | None, address: str, what: str, code: int) -> None:
        """Note a refusal: of whoever has a ``key`` of this name, else of an address, of which only a hash is kept."""
        client, what = address_of(address) if key is None else key, what[:LONGEST_PATH]
        if not self._is_written(client, what, code):
            return
        who = await asyncio.to_thread(self._service.pseudonyms.of, client) if key is None else key
        log.warning("refused %s of %s: %d", quote(what, "/ *~"), who, code)  # no path begins a line of its own
        await asyncio.to_thread(self._service.audit.record, "web", who, what, f"refused {code}")

    def _is_written(self, client: str, what: str, code: int) -> bool:
        """Whether this one is written down; the same once a minute."""
        now, of_one = time.monotonic(), self._of_one.get(client, 0)
        if now - self._since >= SECONDS:
            self._since, self._written = now, 0
        if (client, what, code) in self._same or of_one >= self._most_of_one or self._written > self._most:
            return False
        self._written += 1
        if self._written > self._most:
            log.warning("over %d refusals in a minute: the others of this minute are only counted", self._most)
            return False
        self._same[client, what, code], self._of_one[client] = True, of_one + 1
        return True
