"""Around the application: every request is told by its caller, or refused before its body is read."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import quote

from cachetools import TTLCache
from fastapi.responses import RedirectResponse
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.access.caller import Caller
from bot.service.service import Service
from bot.web.entry.hosts import Hosts
from bot.web.entry.needs import is_open, is_page, needed
from bot.web.entry.recognition import Recognition, WrongToken
from bot.web.limits.crowd import address_of
from bot.web.problems import problem
from retrieval.errors import WenbaoError

log = logging.getLogger("wenbao")

TOLD_SECONDS = 60
"""How long the same refusal of the same caller is written down once only."""
NO_ADMIN = "reports cannot be changed over HTTP here: set WENBAO_ADMIN_TOKEN and restart, or make a key (`wenbao keys`)"


class Door:
    """Decides what is not for this server, and tells routes who sends a request, in ``scope["state"]``.

    It sets "caller", or the "refusal" that is sent instead of calling a route, by whoever sees to the body that is not
    read then. Plain ASGI, because it must not touch the body.
    """

    def __init__(self, app: ASGIApp, service: Service, recognition: Recognition) -> None:
        self._app = app
        self._service = service
        self._recognition = recognition
        self._hosts = Hosts(service.settings.server)
        self._told: TTLCache[tuple[str, int, str], bool] = TTLCache(10_000, TOLD_SECONDS)

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
        refusal = self._of_another_site(headers, method, path)
        if refusal is not None:
            return await self._told_of(refusal, address_of(address), scope)
        try:
            caller = await self._recognition.caller(headers, address)
        except WrongToken as wrong:
            told = await self._wrong(wrong, method, path)
            return await self._told_of(told, address_of(address), scope)
        except WenbaoError as error:  # the store of keys is out of reach
            log.error("%s", error)
            return problem(503, "keys cannot be looked up now: the server's log says why")
        scope["state"]["caller"] = caller
        if is_open(path) or caller.may(needed(method, path)) or path == "/metrics" and _is_local(address, headers):
            return None
        return await self._told_of(await self._not_allowed(caller, scope), caller.key_name or caller.client, scope)

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

    async def _told_of(self, refusal: Response, who: str, scope: Scope) -> Response:
        """Write a refusal down, but not a hundred times a minute, and return it."""
        path = scope["path"][:200]
        if refusal.status_code != 303 and (who, refusal.status_code, path) not in self._told:
            self._told[who, refusal.status_code, path] = True
            shown = await asyncio.to_thread(self._service.pseudonyms.of, who)
            log.warning("refused %s %s of %s: %d", scope["method"], path, shown, refusal.status_code)
            what = f"{scope['method']} {path}"
            await asyncio.to_thread(self._service.audit.record, "web", shown, what, f"refused {refusal.status_code}")
        return refusal


def _address(scope: Scope) -> str:
    """Return path and query as they were sent."""
    query = scope.get("query_string", b"").decode("latin-1")
    path = quote(scope["path"])
    return f"{path}?{query}" if query else path


def _is_local(address: str, headers: Headers) -> bool:
    """Whether a request comes from this machine itself, and not through a proxy on it."""
    is_passed_on = any(name in headers for name in ("forwarded", "x-forwarded-for", "x-real-ip"))
    return not is_passed_on and (address in ("::1", "localhost") or address.startswith("127."))
