"""Notes in the state, written and read off the event loop; questions are answered without them where need be."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from bot.state import Note, NoteKind, State
from retrieval.errors import WenbaoError

log = logging.getLogger("wenbao")

Found = TypeVar("Found")

PATIENCE_SECONDS = 1.0
"""How long an answer is held up for the sake of what is remembered."""
PAUSE_SECONDS = 5.0
"""How long nothing is tried after a failure."""


class Notebook:
    """Remembers in a state for those who live in an event loop, and never fails.

    A note is written when ``remember`` returns, so that whoever asks next finds it, in whatever process. Where the
    state is out of reach or slow, nothing is remembered or found for a while, and the log says so once.
    """

    def __init__(self, state: State, *, patience: float = PATIENCE_SECONDS, pause: float = PAUSE_SECONDS) -> None:
        self._state = state
        self._patience = patience
        self._pause = pause
        self._rests_until = 0.0
        self._is_out = False
        self._workers = ThreadPoolExecutor(2, thread_name_prefix="wenbao-notes")

    async def remember(self, notes: Sequence[Note]) -> None:
        """Keep notes, all in one change."""
        await self._done(partial(self._state.remember, notes))

    async def recall(self, kind: NoteKind, name: str) -> str | None:
        """Return the text of a note; None where there is none, or it cannot be told now."""
        return await self._done(partial(self._state.recall, kind, name))

    def close(self) -> None:
        """Let what is being written be finished."""
        self._workers.shutdown(wait=True)

    async def _done(self, work: Callable[[], Found]) -> Found | None:
        if time.monotonic() < self._rests_until:
            return None
        working = asyncio.get_running_loop().run_in_executor(self._workers, work)
        working.add_done_callback(_heeded)
        if not (await asyncio.wait([working], timeout=self._patience))[0]:
            self._failed(f"no answer within {self._patience:g} s")
            return None
        try:
            found = working.result()
        except WenbaoError as error:
            self._failed(error)
            return None
        if self._is_out:
            self._is_out = False
            log.warning("conversations are remembered again")
        return found

    def _failed(self, why: object) -> None:
        self._rests_until = time.monotonic() + self._pause
        if not self._is_out:
            self._is_out = True
            log.error("conversations are not remembered now, and questions are answered without them: %s", why)


def _heeded(working: asyncio.Future[Found]) -> None:
    """Look at what came of it, because asyncio complains of errors that nobody saw."""
    if not working.cancelled():
        working.exception()
