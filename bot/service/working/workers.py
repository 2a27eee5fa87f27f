"""The threads that answer, two pieces of work at a time, those of different clients in turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from bot.service.working.turns import Turns

ANSWERING_THREADS = 2
"""Two, because one question's vectors are computed outside Python while another's passages are ranked inside it."""
Result = TypeVar("Result")


class Workers:
    """Works for faces that live in an event loop; ``most`` pieces of work are in hand at a time."""

    def __init__(self, most: int) -> None:
        self.turns = Turns(ANSWERING_THREADS, most)
        self._threads = ThreadPoolExecutor(ANSWERING_THREADS, thread_name_prefix="wenbao-answer")

    async def at_turn(self, client: Hashable, work: Callable[[], Result]) -> tuple[Result, float]:
        """Return what a piece of work comes to when it is the client's turn, and how many seconds that took to come.

        TooManyQuestions or Overloaded without room. Who goes away meanwhile keeps the turn, because the thread keeps
        working.
        """
        started = time.perf_counter()
        async with self.turns.turn(client):
            waited = time.perf_counter() - started
            context = copy_context()  # what is logged there is about this request too
            working = asyncio.get_running_loop().run_in_executor(self._threads, context.run, work)
            try:
                return await asyncio.shield(working), waited
            except asyncio.CancelledError:
                await asyncio.wait([working])
                raise

    def close(self) -> None:
        """Let the work in hand finish, and drop what waits."""
        self._threads.shutdown(wait=True, cancel_futures=True)
