"""Speaking to Telegram at its pace: within its rates, waiting as long as it says, trying again when it fails."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from aiolimiter import AsyncLimiter
from cachetools import TTLCache
from telegram.constants import FloodLimit
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import BaseRateLimiter
from telegram.request import HTTPXRequest

log = logging.getLogger("wenbao.telegram")

PATIENCE_SECONDS = 600.0
"""How long after the first failure a request is still tried again."""
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
FINAL_ERRORS = (BadRequest, ChatMigrated, Conflict, EndPointNotFound, Forbidden, InvalidToken)
AT_ONCE_OR_NEVER = frozenset({"sendChatAction", "getMe"})
"""Requests that are worth nothing later, or that the caller repeats."""
MOST_GROUPS = 10_000


class PatientRateLimiter(BaseRateLimiter[None]):
    """Keeps to Telegram's rates, and loses no message to a 429, a failing network or a failing Telegram.

    Only the chat that a request is for waits with it: the library's own AIORateLimiter holds up every chat when one
    is told to slow down, so that somebody's flood would silence the bot for everybody. The messages of a chat go out
    one after another. A connection that drops before the reply leaves open whether a message was posted. Losing an
    answer is worse than posting one twice, so it is sent again, and the log says so; ``named`` says what stands for a
    chat there, because a private chat has the id of the person.
    """

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS, named: Callable[[int], str] = str) -> None:
        self._patience = patience_seconds
        self._named = named
        self._overall = AsyncLimiter(FloodLimit.MESSAGES_PER_SECOND, 1)
        self._groups: TTLCache[int, AsyncLimiter] = TTLCache(MOST_GROUPS, 300)
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,  # noqa: ANN401 - as the library has it
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,
    ) -> Any:  # noqa: ANN401 - as the library has it
        """Make one request of the Bot API, several times if need be."""

        async def request() -> Any:  # noqa: ANN401
            return await callback(*args, **kwargs)

        if endpoint in AT_ONCE_OR_NEVER:
            return await request()
        chat_id = data.get("chat_id")
        if not isinstance(chat_id, int):
            return await self._insist(request, endpoint)
        async with self._turn(chat_id):
            return await self._insist(request, endpoint, chat_id)

    @asynccontextmanager
    async def _turn(self, chat_id: int) -> AsyncIterator[None]:
        lock = self._turns.setdefault(chat_id, asyncio.Lock())
        async with lock:
            if chat_id < 0:
                per_minute = FloodLimit.MESSAGES_PER_MINUTE_PER_GROUP
                await self._groups.setdefault(chat_id, AsyncLimiter(per_minute, 60)).acquire()
            await self._overall.acquire()
            yield

    async def _insist(
        self, request: Callable[[], Coroutine[Any, Any, Any]], endpoint: str, chat_id: int | None = None
    ) -> Any:  # noqa: ANN401
        clock = asyncio.get_running_loop().time
        deadline, pause = clock() + self._patience, FIRST_PAUSE_SECONDS
        while True:
            try:
                return await request()
            except FINAL_ERRORS:
                raise
            except TelegramError as error:
                wait = told_to_wait(error) or pause
                if clock() + wait > deadline:
                    raise
                what = endpoint if chat_id is None else f"{endpoint} to chat {self._named(chat_id)}"
                log.warning("%s failed (%s): once more in %.1f s", what, reason_of(error), wait)
                await asyncio.sleep(wait)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def reason_of(error: TelegramError) -> str:
    """Return what went wrong in a few words, without the page that a gateway sent."""
    return str(error).partition(". Parsing the server response")[0]


def told_to_wait(error: TelegramError) -> float | None:
    """Return the seconds that a 429 says to wait, and a little more."""
    if not isinstance(error, RetryAfter):
        return None
    wait = error.retry_after
    return (wait.total_seconds() if isinstance(wait, dt.timedelta) else wait) + 0.1


class PollingRequest(HTTPXRequest):
    """The connection that polls; it says in the log what the library's loop keeps to itself.

    ``refused`` is set when Telegram no longer knows the token: the library stops polling for good then. ``tell`` is
    told what each request fails with, and None when one succeeds.
    """

    def __init__(self, proxy: str | None, tell: Callable[[str | None], None]) -> None:
        self._tell = tell
        super().__init__(connection_pool_size=1, connect_timeout=10, read_timeout=10, pool_timeout=10, proxy=proxy)
        self.refused = asyncio.Event()

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401 - as the library has it
        """Make one request and return the status and the body."""
        try:
            code, payload = await super().do_request(*args, **kwargs)
        except TimedOut:
            log.warning("Telegram does not answer in time: polling again")
            self._tell("Telegram does not answer in time")
            raise
        except TelegramError as error:
            self._tell(f"Telegram cannot be reached ({reason_of(error)})")
            raise
        self._tell(None if code < 400 else f"Telegram answers with status {code}")
        if code == 429:
            log.warning("Telegram says to poll more slowly (429): waiting as told")
        elif code in (401, 404):
            log.error("Telegram refuses the bot's token now (%d): no longer polling", code)
            self.refused.set()
        return code, payload
