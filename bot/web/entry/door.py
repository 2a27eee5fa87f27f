"""Around the application: every request is told by its caller, or refused before its body is read."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import quote

from fastapi.responses import RedirectResponse
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.access.caller import Caller
from bot.service.service import Service
from bot.web.entry.hosts import Hosts, is_loopback
from bot.web.entry.needs import SIGN_IN, is_open, is_page, needed
from bot.web.entry.recognition import Recognition, WrongToken
from bot.web.entry.refusals import Refusals
from bot.web.problems import problem
from retrieval.errors import WenbaoError

log = logging.getLogger("wenbao")

PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers of requests that came through a proxy."""
NO_ADMIN = "reports cannot be changed over HTTP here: set WENBAO_ADMIN_TOKEN and restart, or make a key (`wenbao keys`)"


class Door:
    """Decides what is not for this server, and tells routes who sends a request, in ``scope["state"]``.

    It sets "caller", or the "refusal" that is sent instead of calling a route, by whoever sees to the body that is not
    read then. Plain ASGI, because it must not touch the body.
    """

    def __init__(self, app: ASGIApp, service: Service, recognition: Recognition, refusals: Refusals) -> None:
        self._app = app
        self._recognition = recognition
        self._hosts = Hosts(service.settings.server)
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["state"]["refusal"] = await self._refusal(scope)
        await self._app(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        headers, address = Headers(scope=scope), (scope.get("client") or ("", 0))[0]
        method, path = scope["method"], scope["path"]
        caller: Caller | None = None
        refusal = self._of_another_site(headers, method, path)
        try:
            if refusal is None:
                caller = scope["state"]["caller"] = await self._caller(headers, address, path)
                if self._lets_in(caller, headers, address, method, path):
                    return None
                refusal = await self._not_allowed(caller, scope)
        except WrongToken as wrong:
            refusal = await self._wrong(wrong, method, path)
        except WenbaoError as error:
            log.error("%s", error)
            return problem(503, "keys cannot be looked up now: the server's log says why")
        if refusal.status_code != 303:
            await self._refusals.note(
                caller.key_name if caller else None, address, f"{method} {path}", refusal.status_code
            )
        return refusal

    async def _caller(self, headers: Headers, address: str, path: str) -> Caller:
        """Return who sends a request; what is open to everybody works without the store of keys too."""
        if path == SIGN_IN:
            return await self._recognition.visitor(headers, address)
        return self._recognition.anybody(address) if is_open(path) else await self._recognition.caller(headers, address)

    def _lets_in(self, caller: Caller, headers: Headers, address: str, method: str, path: str) -> bool:
        if path == "/metrics":  # these are figures of all reports
            return _is_local(address, headers) or caller.may("read") and caller.documents is None
        return is_open(path) or caller.may(needed(method, path))

    def _of_another_site(self, headers: Headers, method: str, path: str) -> Response | None:
        named = headers.getlist("host")
        if len(named) != 1 or not self._hosts.takes(named[0]):
            detail = "this server is not called that: name it in server.allowed_hosts if it should be"
            return problem(421, detail)
        site = headers.get("sec-fetch-site", "").lower()
        if not is_page(method, path) and self._hosts.is_foreign(headers.getlist("origin"), site, named[0]):
            detail = "another site's page may not send this: name the site in server.allowed_origins if it should"
            return problem(403, detail)
        return None

    async def _not_allowed(self, caller: Caller, scope: Scope) -> Response:
        method, path = scope["method"], scope["path"]
        if caller.scope is not None and caller.key_name:
            if caller.may(needed(method, path)):
                return problem(403, f"your key is for some reports only; {path} is about all of them")
            return problem(403, f"your key has the scope {caller.scope}; this takes {needed(method, path)}")
        if is_page(method, path) and "text/html" in Headers(scope=scope).get("accept", ""):
            return RedirectResponse(f"/sign-in?next={quote(_address(scope), '')}", 303, {"Cache-Control": "no-store"})
        if needed(method, path) == "admin" and not await self._can_be_changed():
            return problem(403, NO_ADMIN)
        return problem(401, "send Authorization: Bearer and a key that allows this", {"WWW-Authenticate": "Bearer"})

    async def _wrong(self, wrong: WrongToken, method: str, path: str) -> Response:
        """Return the refusal of a token that is nobody's."""
        if needed(method, path) == "admin" and not is_open(path) and not await self._can_be_changed():
            return problem(403, NO_ADMIN)
        if wrong.too_many:
            detail = "too many wrong tokens came from your address: wait some minutes"
            return problem(429, detail, {"Retry-After": "300"})
        detail = "this token is no key here, or no longer: ask whoever runs the server for one"
        return problem(401, detail, {"WWW-Authenticate": 'Bearer error="invalid_token"'})

    async def _can_be_changed(self) -> bool:
        """Whether anybody may change reports over HTTP."""
        if self._recognition.admin_token() is not None:
            return True
        keys = await asyncio.to_thread(self._recognition.keys.all)
        return any(key.scope == "admin" for key in keys)


def _address(scope: Scope) -> str:
    """Return path and query as they were sent."""
    query = scope.get("query_string", b"").decode("latin-1")
    path = quote(scope["path"])
    return f"{path}?{query}" if query else path


def _is_local(address: str, headers: Headers) -> bool:
    """Whether a request comes from this machine itself, and not through a proxy on it."""
    is_passed_on = any(name in headers for name in PASSED_ON)
    return not is_passed_on and is_loopback(address) and is_loopback(headers.get("host", ""))
