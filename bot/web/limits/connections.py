"""The protocol of one connection: uvicorn's, with bounded heads, waiting and writing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from bot.web.guard import HEADERS
from bot.web.limits.amounts import Limits
from bot.web.limits.crowd import Crowd
from bot.web.problems import problem

LINE_BYTES = 4
"""What a header has beside its name and value."""


class _Refused(Exception):
    """Breaks off the parser; the answer is in ``_refusal``."""


class LimitedConnection(HttpToolsProtocol):
    """One connection, which ends if it sends too much, too late, or does not read.

    A head that is not complete in time is answered 408, one that is too large 431, what is no HTTP 400; a connection
    that says nothing, or does not take its answer, is closed. Timers run only while something is owed, so that an
    ordinary request on a connection that is kept alive starts none.
    """

    limits: ClassVar[Limits]
    crowd: ClassVar[Crowd]

    @staticmethod
    def refused(status: int) -> None:
        """Take note of an answer that it gave itself."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - they are uvicorn's
        super().__init__(*arguments, **named)
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._refusal: tuple[int, str] | None = None
        self._is_refused = False
        self._in_body = False
        self._ended = False
        self._chunk_bytes = 0
        self._head_bytes = 0
        self._drained = 0

    # From the network

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin: the head of the first request is awaited."""
        super().connection_made(transport)
        self._await_head()
        self.crowd.enter(self, self.client[0] if self.client else "")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        self.crowd.leave(self)
        self._unset_keepalive_if_required()
        for timer in (self._head_timer, self._write_timer):
            if timer:
                timer.cancel()
        self._head_timer = self._write_timer = None

    def data_received(self, data: bytes) -> None:
        """Take what came; after a refusal it is dropped."""
        if self._is_refused:
            self._drained += len(data)
            if self._drained > self.limits.drain_bytes:
                self.drop()
            return
        self._ended = False
        self._chunk_bytes = len(data)
        super().data_received(data)
        if not self._in_body and not self._is_refused:
            self._after_part_of_a_head(len(data))

    def _after_part_of_a_head(self, count: int) -> None:
        if not self._ended:  # else an earlier request ended in these bytes, and who knows where
            self._head_bytes += count
        if self._head_bytes > self.limits.head_bytes:
            self._refuse(*self._too_large())
        elif self._head_timer is None and not self._is_asked():
            self._await_head()

    def _is_asked(self) -> bool:
        """Whether an answer is owed."""
        return self.cycle is not None and not self.cycle.response_complete

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.limits.head_seconds, self._head_is_late)

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self._head_bytes:
            seconds = self.limits.head_seconds
            self._refuse(408, f"the request's head was not complete after {seconds:g} seconds: send it at once")
        else:
            self.drop()

    # From the parser

    def on_headers_complete(self) -> None:
        """Start on a request, unless its head is too large."""
        if self._head_bytes + self._chunk_bytes > self.limits.head_bytes:  # else its size need not be known
            lines = sum(len(name) + len(value) + LINE_BYTES for name, value in self.headers)
            if len(self.url) + lines > self.limits.head_bytes:
                self._refusal = self._too_large()
        if len(self.pipeline) >= self.limits.pipelined:
            self._refusal = 400, f"more than {self.limits.pipelined} requests wait for an answer: await some"
        if self._refusal:
            raise _Refused
        super().on_headers_complete()
        self._in_body = True
        self._head_bytes = 0
        self.crowd.ask(self)
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None

    def on_message_complete(self) -> None:
        """Note the end of a request."""
        super().on_message_complete()
        self._in_body = False
        self._ended = True

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read."""
        self._refuse(*self._refusal or (400, "this is no HTTP request"))

    # Answers

    def on_response_complete(self) -> None:
        """Wait for the next request, or let the last of the answer go out."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._bound_closing()
        elif not self._is_asked():
            self.crowd.wait(self)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which no further request came."""
        super().timeout_keep_alive_handler()
        self._bound_closing()

    def pause_writing(self) -> None:
        """Give the client a time in which to read."""
        super().pause_writing()
        self._bound_writing()

    def resume_writing(self) -> None:
        """Go on writing."""
        super().resume_writing()
        if self._write_timer and not self.transport.is_closing():  # else the end has still to go out
            self._write_timer.cancel()
            self._write_timer = None

    def _bound_closing(self) -> None:
        """Let what is written go out before the connection ends, for as long as a reader may take."""
        if self.transport.get_write_buffer_size():
            self._bound_writing()

    def _bound_writing(self) -> None:
        if self._write_timer is None:
            left = self.transport.get_write_buffer_size()
            self._write_timer = self.loop.call_later(self.limits.write_seconds, self._write_is_late, left)

    def _write_is_late(self, before: int) -> None:
        """Drop who took too little; an answer of many megabytes may take longer, as long as it is read."""
        self._write_timer = None
        if before - self.transport.get_write_buffer_size() < self.limits.write_bytes:
            self.drop()
        else:
            self._bound_writing()

    def drop(self) -> None:
        """End it at once, with whatever is still to be written."""
        self.transport.abort()

    def _too_large(self) -> tuple[int, str]:
        return 431, f"the request's head has more than {self.limits.head_bytes:,} bytes: send at most that"

    def _refuse(self, status: int, detail: str) -> None:
        """Answer a request that cannot be taken, and end; nothing is answered where an earlier answer is still owed."""
        self._is_refused = True
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None
        if self._is_asked() or self.transport.is_closing():
            self.drop()
            return
        self.refused(status)
        response = problem(status, detail, {**HEADERS, "Connection": "close"})
        headers = [*self.server_state.default_headers, *response.raw_headers]
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self.transport.write(STATUS_LINE[status] + lines + b"\r\n" + bytes(response.body))
        self.transport.write_eof()  # who is still sending when we close would not see the answer
        self._write_timer = self.loop.call_later(self.limits.drain_seconds, self.drop)


def limited(limits: Limits, refused: Callable[[int], None] = lambda status: None) -> type[LimitedConnection]:
    """Return the protocol of one server's connections, for ``uvicorn.Config(http=…)``.

    ``refused`` is called with the status of what it answers itself.
    """

    class Limited(LimitedConnection):
        """A connection of this server."""

        @staticmethod
        def refused(status: int) -> None:
            refused(status)

    Limited.limits = limits
    Limited.crowd = Crowd(limits)
    return Limited
