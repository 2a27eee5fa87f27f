"""Around every answer: the id of its request, headers that keep a browser to this server, and a count of errors."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.telemetry import logs

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DOCS_POLICY = PAGE_POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
"""Swagger UI starts from an inline script; it loads nothing from elsewhere either."""
HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
DOCS_HEADERS = HEADERS | {"Content-Security-Policy": DOCS_POLICY}


class Guard:
    """Gives every request an id, and sends it with the answer, with headers that keep a browser to this server.

    It stands around everything else, so that this holds for the answer to a failure too. ``refused`` is called with the
    status of every answer that is an error. It is plain ASGI, because a middleware that is a function of request and
    response starts two tasks for every request.
    """

    def __init__(self, app: ASGIApp, refused: Callable[[int], None] = lambda status: None) -> None:
        self._app = app
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        asked = uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = asked
        token = logs.request_id.set(asked)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] >= 400:
                    self._refused(message["status"])
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = asked
                for name, value in (DOCS_HEADERS if scope["path"] == "/docs" else HEADERS).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)
        logs.request_id.reset(token)  # after a failure it stays, for what the server logs of it before the task ends
