"""Who may ask and how often: access, rates, and one update of a person at a time."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable

from aiolimiter import AsyncLimiter
from cachetools import LRUCache, TTLCache
from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.settings import TelegramSettings
from bot.telemetry import logs

log = logging.getLogger("wenbao.telegram")

MOST_UPDATES = 4096
"""Updates held at once, over all people."""
MOST_WAITING = 50
"""Updates of one person that wait for their turn; further ones are dropped with a word in the log."""
REMEMBERED_UPDATES = 10_000


class OneAtATime(BaseUpdateProcessor):
    """Handles the updates of one person one after another, in order, and those of different people side by side.

    ``named`` says what stands for a person in the log, ``refused`` is called with an HTTP status. Each update has an id
    of its own, which what is logged about it has too, and the answer to it.
    """

    def __init__(self, named: Callable[[int], str] = str, refused: Callable[[int], None] = lambda status: None) -> None:
        super().__init__(MOST_UPDATES)
        self._named = named
        self._refused = refused
        self._turns: dict[int, asyncio.Lock] = {}
        self._waiting: Counter[int] = Counter()

    async def do_process_update(self, update: object, coroutine: Awaitable[object]) -> None:
        """Wait for the person's turn, then handle the update."""
        person = _person(update)
        token = logs.request_id.set(uuid.uuid4().hex)
        if self._waiting[person] >= MOST_WAITING:
            self._refused(429)
            log.warning(
                "dropped an update of user %s: %d are waiting already", self._named(person), self._waiting[person]
            )
            if asyncio.iscoroutine(coroutine):
                coroutine.close()
            return
        self._waiting[person] += 1
        try:
            async with self._turns.setdefault(person, asyncio.Lock()):
                await coroutine
        finally:
            self._waiting[person] -= 1
            if not self._waiting[person]:
                del self._waiting[person], self._turns[person]
            logs.request_id.reset(token)

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""


def _person(update: object) -> int:
    if not isinstance(update, Update):
        return 0
    if update.effective_user:
        return update.effective_user.id
    return update.effective_chat.id if update.effective_chat else 0


class Gate:
    """Decides what is let through: repeated and stale updates, strangers, and people in a hurry are not."""

    def __init__(self, settings: TelegramSettings, started: float) -> None:
        self._settings = settings
        self._oldest = started - settings.skip_older_than_seconds
        self._seen: LRUCache[int, bool] = LRUCache(REMEMBERED_UPDATES)
        self._rates: TTLCache[int, AsyncLimiter] = TTLCache(100_000, 600)
        self._told: TTLCache[int, bool] = TTLCache(100_000, 60)
        self._noted: TTLCache[int, bool] = TTLCache(100_000, 60)

    def is_new(self, update: Update) -> bool:
        """Whether the update comes for the first time and is not from long before the start."""
        if update.update_id in self._seen:
            log.info("dropped update %d: it came before", update.update_id)
            return False
        self._seen[update.update_id] = True
        if update.message and update.message.date.timestamp() < self._oldest:
            log.info("skipped message %d: older than the start by more than configured", update.message.message_id)
            return False
        return True

    def admits(self, user_id: int, chat_id: int | None) -> bool:
        """Whether this person, or everybody in this chat, may ask."""
        settings = self._settings
        return settings.access == "open" or user_id in {*settings.users, *settings.admins} or chat_id in settings.chats

    async def has_room(self, user_id: int) -> bool:
        """Count a question of this person; False if it is one too many this minute."""
        per_minute = self._settings.questions_per_minute
        limiter = self._rates.setdefault(user_id, AsyncLimiter(per_minute, 60))
        if not limiter.has_capacity():
            return False
        await limiter.acquire()
        return True

    def notes(self, user_id: int) -> bool:
        """Whether to write down now that this person was turned away: once a minute, as with telling."""
        if user_id in self._noted:
            return False
        self._noted[user_id] = True
        return True

    def tells(self, user_id: int) -> bool:
        """Whether to tell this person of a limit now: once a minute, so that a flood is not answered by a flood."""
        if user_id in self._told:
            return False
        self._told[user_id] = True
        return True
