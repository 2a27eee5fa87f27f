"""Bodies of requests, counted as they arrive, whatever their headers say.

limit of the request -> refusal, before a byte of the body is read
                     -> small: the whole body is read, and then the application is asked
                     -> large: the application reads, and the piece that goes over the limit raises HTTPException
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.limits.amounts import MAX_BODY_BYTES, Limits
from bot.web.problems import problem_of

LimitOf = Callable[[Scope], int | Response]
"""Says how many bytes the body of a request may have, or refuses it; it sees the head of the request alone."""


class Bodies:
    """Refuses bodies that are too large (413) or stop arriving (408), as soon as they do.

    A body of at most MAX_BODY_BYTES is read before the application is called. So one that is broken off is let go at
    once: an exception in the application would keep it, by the frames of whoever was reading, until the collector of
    garbage comes round. It is plain ASGI, because a middleware that is a function of request and response starts two
    tasks for every request.
    """

    def __init__(self, app: ASGIApp, limit_of: LimitOf, limits: Limits) -> None:
        self._app = app
        self._limit_of = limit_of
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        allowed = self._limit_of(scope)
        most = allowed if isinstance(allowed, int) else 0
        body = _Body(Headers(scope=scope), receive, send, most, self._limits)
        if not isinstance(allowed, int):
            await allowed(scope, receive, body.send)
        elif most > MAX_BODY_BYTES:
            with suppress(ClientDisconnect):  # nobody is left to answer
                await self._app(scope, body.receive, body.send)
        else:
            await self._whole(scope, body)

    async def _whole(self, scope: Scope, body: _Body) -> None:
        """Read the body and call the application with it; a client that went away in its midst is not answered."""
        refusal: Response | None = None
        whole: bytes | None = None
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                whole = await body.read()
        except TimeoutError:
            refusal = problem_of(
                body.refused(408, f"the body took over {self._limits.body_seconds:g} s: send it again")
            )
        except HTTPException as refused:
            refusal = problem_of(refused)  # sent below, where the error and what was read are let go of
        if refusal is not None:
            await refusal(scope, body.receive, body.send)
            return
        if whole is None:
            return
        left = [whole]
        del whole  # the application alone decides how long it is kept

        async def receive() -> Message:
            if left:
                return {"type": "http.request", "body": left.pop(), "more_body": False}
            return await body.receive()

        await self._app(scope, receive, body.send)


class _Body:
    """The body of one request, and the answer to it, which ends the connection if the body is not all read by then."""

    __slots__ = (
        "_closing",
        "_declared",
        "_expects",
        "_got",
        "_is_complete",
        "_is_refused",
        "_limits",
        "_most",
        "_receive",
        "_send",
        "_unread",
    )

    def __init__(self, headers: Headers, receive: Receive, send: Send, most: int, limits: Limits) -> None:
        length = headers.get("content-length", "0")
        self._declared = int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0
        self._expects = "expect" in headers
        self._unread = self._declared > 0 or "transfer-encoding" in headers
        self._is_complete = self._is_refused = self._closing = False
        self._receive = receive
        self._send = send
        self._most = most
        self._limits = limits
        self._got = 0

    async def read(self) -> bytes | None:
        """Return the whole body, None if the client went away; raises as ``receive``."""
        pieces = bytearray()  # a list of pieces would take far more than their bytes where they are small
        while True:
            message = await self.receive()
            if message["type"] != "http.request":
                return None
            pieces += message.get("body", b"")
            if not message.get("more_body", False):
                return bytes(pieces)

    async def receive(self) -> Message:
        """Return the next piece, or what comes after the last; HTTPException 413 over the limit, 408 if none comes."""
        if self._is_complete:  # only the end of the connection can follow, in its own time
            return await self._receive()
        if self._declared > self._most:
            raise self.refused(413, f"the request's body has {self._declared:,} bytes: send at most {self._most:,}")
        try:
            async with asyncio.timeout(self._limits.piece_seconds):
                message = await self._receive()
        except TimeoutError:
            raise self.refused(
                408, f"no more of the request's body came for {self._limits.piece_seconds:g} seconds: send it again"
            ) from None
        self._note(message)
        if self._got > self._most:
            raise self.refused(413, f"the request's body has more than {self._most:,} bytes: send at most that")
        return message

    def _note(self, message: Message) -> None:
        self._got += len(message.get("body", b""))
        self._unread = message["type"] == "http.request" and message.get("more_body", False)
        self._is_complete = not self._unread

    def refused(self, status: int, detail: str) -> HTTPException:
        """Return the refusal of the body, after which the connection ends."""
        self._is_refused = True
        return HTTPException(status, detail)

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self._closing = self._unread or self._is_refused
            if self._closing:
                MutableHeaders(scope=message)["Connection"] = "close"
        elif self._unread and self._closing and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._drain()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    async def _drain(self) -> None:
        """Drop what still comes, for a short time: who is still sending when we close would not see the answer."""
        left = 0 if self._expects else self._limits.drain_bytes  # who expects to be told does not send before
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.drain_seconds):
                while self._unread and left > 0:
                    message = await self._receive()
                    left -= len(message.get("body", b""))
                    self._note(message)
