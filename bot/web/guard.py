"""Around every answer: headers that keep a browser to this server."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
    """Sends headers with every answer that keep a browser to this server.

    It stands around everything else, so that they are sent with the answer to a failure too. It is plain ASGI, because
    a middleware that is a function of request and response starts two tasks for every request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (DOCS_HEADERS if scope["path"] == "/docs" else HEADERS).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)
