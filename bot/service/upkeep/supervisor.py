"""Background work that never dies silently: what fails is logged, shown, and tried again after a growing pause."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from retrieval.errors import WenbaoError

log = logging.getLogger("wenbao")

LEAST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
"""Seconds before what failed is tried again; the pause doubles while it fails."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What some background work fails with, since when, and how often in a row."""

    work: str
    says: str
    since: dt.datetime
    times: int


async def _never() -> None:
    await asyncio.get_running_loop().create_future()


class Supervisor:
    """Runs background work in one event loop; work of any thread may say that it failed, and that it works again."""

    def __init__(self, *, least_pause: float = LEAST_PAUSE, longest_pause: float = LONGEST_PAUSE) -> None:
        self._least_pause = least_pause
        self._longest_pause = longest_pause
        self._failures: dict[str, Failure] = {}
        self._changing = threading.Lock()

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What fails now."""
        with self._changing:
            return tuple(self._failures.values())

    async def repeat(
        self, work: str, step: Callable[[], Awaitable[None]], sooner: Callable[[], Awaitable[None]] = _never
    ) -> None:
        """Take a step again and again until cancelled.

        A step waits by itself for the moment in which there is something to do. What failed works again when a step
        ends; one that goes on for long calls ``recovered`` before.
        """
        while True:
            await self.until_done(work, step, sooner)
            await asyncio.sleep(0)

    async def until_done(
        self, work: str, step: Callable[[], Awaitable[None]], sooner: Callable[[], Awaitable[None]] = _never
    ) -> None:
        """Take a step until it succeeds once; one that fails is taken again after a growing pause.

        The pause ends as soon as ``sooner``, which must not fail, returns.
        """
        pause = self._least_pause
        while True:
            try:
                await step()
                break
            except Exception as error:  # whatever it is, the work must go on
                self.failed(work, error)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await sooner()
            pause = min(pause * 2, self._longest_pause)
        self.recovered(work)

    def failed(self, work: str, error: Exception) -> None:
        """Note that some work failed, and log it with its traceback."""
        says = str(error) if isinstance(error, WenbaoError) else f"{type(error).__name__}: {error}"
        self.note(work, says)
        log.error("%s failed, and will be tried again: %s", work, says, exc_info=error)

    def note(self, work: str, says: str) -> None:
        """Note that some work fails, where it says so in the log by itself."""
        with self._changing:
            before = self._failures.get(work)
            since, times = (before.since, before.times) if before else (dt.datetime.now(dt.UTC), 0)
            self._failures[work] = Failure(work, says, since, times + 1)

    def recovered(self, work: str) -> None:
        """Note that some work succeeded."""
        with self._changing:
            before = self._failures.pop(work, None)
        if before:
            log.info("%s works again", work)
