"""Who sends a request, told from its headers before its body is read."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from cachetools import TTLCache
from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from bot.access.caller import ADMIN, Caller
from bot.access.keys import Keys
from bot.access.sessions import COOKIE, Sessions
from bot.settings import Access, admin_token
from bot.state import ApiKey, Scope
from bot.web.limits.crowd import address_of
from retrieval.errors import WenbaoError

FORGOTTEN_AFTER = 600.0
"""Seconds after which an address's wrong tokens are forgotten."""
FIRST_DELAY, LONGEST_DELAY = 0.1, 3.0
"""Seconds that the answer to a wrong token takes; it doubles with each of the same address."""
MOST_FAILURES = 10
"""Wrong tokens of one address after which none is looked at any more until they are forgotten."""
EVERYBODY: dict[Access, Scope | None] = {"open": "read", "keys": None}
"""What somebody without a key may do."""


class WrongToken(Exception):
    """A token that is nobody's, or that is no longer taken; ``too_many`` if it was not even looked at."""

    def __init__(self, *, too_many: bool = False) -> None:
        super().__init__("wrong token")
        self.too_many = too_many


@dataclass(frozen=True, slots=True)
class Recognition:
    """Tells callers by the admin token, by keys, and by the cookies of browsers that signed in."""

    keys: Keys
    sessions: Sessions
    access: Access
    failures: TTLCache[str, int]
    admin_token: Callable[[], str | None] = admin_token
    looking: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """A lock for each address whose token is looked up now, so that none has more than MOST_FAILURES looked up."""

    @classmethod
    def of(cls, keys: Keys, sessions: Sessions, access: Access) -> Recognition:
        """Return what recognises callers of one server."""
        return cls(keys, sessions, access, TTLCache(100_000, FORGOTTEN_AFTER))

    async def caller(self, headers: Headers, address: str) -> Caller:
        """Return who sends a request; WrongToken, after a pause, where it has a token that is nobody's."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":  # any other is meant for a proxy before this server, which passed it on
            return Caller.with_key(await self.key(token.strip(), address))
        session = _session_in(headers.getlist("cookie"))
        key = await self._signed_in(session) if session else None
        return Caller.with_key(key) if key else self.anybody(address)

    async def visitor(self, headers: Headers, address: str) -> Caller:
        """Return who has signed in, or anybody; never fails, for pages that are there for everybody."""
        session = _session_in(headers.getlist("cookie"))
        try:
            key = await self._signed_in(session) if session else None
        except WenbaoError:
            key = None
        return Caller.with_key(key) if key else self.anybody(address)

    def anybody(self, address: str) -> Caller:
        """Return who is known by an address only."""
        return Caller(address_of(address), EVERYBODY[self.access])

    async def key(self, token: str, address: str) -> ApiKey:
        """Return the key whose token this is, or the admin's; WrongToken, after a pause, for any other."""
        client = address_of(address)
        if (admin := self._admin()) and hmac.compare_digest(_digest(token), admin.verifier):
            return admin
        async with self.looking.setdefault(client, asyncio.Lock()):
            times = self.failures.get(client, 0)
            if times >= MOST_FAILURES:
                raise WrongToken(too_many=True)
            key = await asyncio.to_thread(self.keys.find, token)
            if key is not None:
                return key
            self.failures[client] = times + 1
        await asyncio.sleep(min(FIRST_DELAY * 2**times, LONGEST_DELAY))
        raise WrongToken

    async def _signed_in(self, cookie: str) -> ApiKey | None:
        admin = self._admin()
        if admin and cookie.startswith(f"{admin.prefix}."):
            return await asyncio.to_thread(self.sessions.key_of, cookie, admin)
        return await asyncio.to_thread(self.sessions.key, cookie)

    def _admin(self) -> ApiKey | None:
        """Return the token of WENBAO_ADMIN_TOKEN as a key, which no store holds."""
        token = self.admin_token()
        return Keys.unkept(ADMIN, "admin", _digest(token)) if token else None


def _session_in(cookies: list[str]) -> str | None:
    """Return the cookie of this server, whatever others of the same host look like."""
    return cookie_parser("; ".join(cookies)).get(COOKIE)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
