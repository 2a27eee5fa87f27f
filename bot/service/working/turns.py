"""Whose question is answered next: one client's after another's, however many questions any of them sends."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from retrieval.errors import WenbaoError


class Overloaded(WenbaoError):
    """More clients are waiting than the configuration allows."""


class TooManyQuestions(WenbaoError):
    """A client has more questions waiting than any other, and there is no more room."""


class Turns:
    """Lets ``slots`` questions be worked on at a time and ``most`` be in hand, for use by one event loop.

    Clients take turns. Where there is no room for another question, the client with the most waiting loses its last
    one, and only if that is the newcomer, it is the newcomer who is refused.
    """

    def __init__(self, slots: int, most: int) -> None:
        self._free = slots
        self._most = most
        self._in_hand = 0
        self._waiting: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many questions wait for their turn."""
        return sum(map(self._waits, self._waiting))

    @property
    def in_hand(self) -> int:
        """How many questions wait or are worked on."""
        return self._in_hand

    @asynccontextmanager
    async def turn(self, client: Hashable) -> AsyncIterator[None]:
        """Wait for a turn of this client, and hold it in the block; TooManyQuestions or Overloaded without room."""
        self._make_room(client)
        self._in_hand += 1
        try:
            await self._wait(client)
            try:
                yield
            finally:
                self._pass_on()
        finally:
            self._in_hand -= 1

    def _make_room(self, client: Hashable) -> None:
        if self._in_hand < self._most:
            return
        heaviest = max(self._waiting, key=self._waits, default=client)
        own, most = self._waits(client) + 1, self._waits(heaviest)
        if own < most:
            last = next(turn for turn in reversed(self._waiting[heaviest]) if not turn.done())
            self._forget(heaviest, last)
            last.set_exception(_too_many(most))
        elif own > 1:
            raise _too_many(own)
        else:
            raise Overloaded(f"{self._in_hand} questions are waiting already: try again in a few seconds")

    def _waits(self, client: Hashable) -> int:
        return sum(not turn.done() for turn in self._waiting.get(client, ()))

    async def _wait(self, client: Hashable) -> None:
        if self._free:  # then nobody waits but who is going
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._pass_on()  # the turn came in the moment in which the client went
            raise
        finally:
            self._forget(client, turn)

    def _forget(self, client: Hashable, turn: asyncio.Future[None]) -> None:
        queue = self._waiting.get(client)
        if queue is not None:
            if turn in queue:
                queue.remove(turn)
            if not queue:
                del self._waiting[client]

    def _pass_on(self) -> None:
        """Give the turn that ends to the client that has waited for one longest, and put that client last."""
        for client, queue in self._waiting.items():
            turn = next((turn for turn in queue if not turn.done()), None)
            if turn is not None:
                self._waiting.move_to_end(client)
                self._forget(client, turn)
                turn.set_result(None)
                return
        self._free += 1


def _too_many(count: int) -> TooManyQuestions:
    return TooManyQuestions(f"{count} questions of yours are waiting, more than anybody else's: send fewer at a time")
