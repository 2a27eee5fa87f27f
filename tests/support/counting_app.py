"""An application that counts bodies, and limits under which tests of connections take no time."""

from __future__ import annotations

import asyncio

from bot.web.limits.amounts import MAX_BODY_BYTES, Limits
from bot.web.limits.bodies import Bodies

QUICK = Limits(
    head_seconds=0.4, piece_seconds=0.4, write_seconds=0.6, drain_seconds=0.2, connections=40, per_address=10
)
GET = b"GET /name HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE = 32 * 2**20


async def app(scope, receive, send):
    """Answer with the path and the body's length; /large is more than anybody buffers, /slow takes its time."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return
        size, more = size + len(message["body"]), message["more_body"]
    if scope["path"] == "/slow":
        await asyncio.sleep(0.8)
    body = b"x" * LARGE if scope["path"] == "/large" else f"{scope['path']} {size}".encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def bounded(limits: Limits) -> Bodies:
    return Bodies(app, lambda _: MAX_BODY_BYTES, limits)
