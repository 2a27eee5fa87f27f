"""A browser signs in with a key, and gets a cookie that no script can read."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from bot.access.caller import Caller
from bot.access.sessions import COOKIE, SECONDS
from bot.texts import Language, negotiate
from bot.web.dependencies import CallerDependency, ServiceDependency
from bot.web.entry.recognition import Recognition, WrongToken
from bot.web.entry.refusals import Refusals
from bot.web.pages import filled

RETRY_SECONDS = "300"
sign_in = APIRouter(include_in_schema=False)


@sign_in.get("/sign-in")
async def sign_in_page(
    request: Request, caller: CallerDependency, next: str = "/", lang: str | None = None
) -> Response:  # noqa: A002 - the name in the address
    """Show the form, or who is signed in."""
    language = negotiate(lang, request.headers.get("accept-language", ""))
    return _page(language, local_path(next), caller)


@sign_in.post("/sign-in")
async def signed_in(
    request: Request,
    service: ServiceDependency,
    key: Annotated[str, Form()] = "",
    next: str = "/",  # noqa: A002
    lang: str | None = None,
) -> Response:
    """Take a key, and lead on to where somebody wanted to go."""
    recognition: Recognition = request.app.state.recognition
    address = request.client.host if request.client else ""
    try:
        found = await recognition.key(key.strip(), address)
    except WrongToken as wrong:
        language, code = negotiate(lang, request.headers.get("accept-language", "")), 429 if wrong.too_many else 401
        refusals: Refusals = request.app.state.refusals
        await refusals.note(None, address, "POST /sign-in", code)
        return _page(language, local_path(next), None, code=code)
    await asyncio.to_thread(service.audit.record, "web", found.name, "sign-in", "done")
    response = RedirectResponse(local_path(next), 303, {"Cache-Control": "no-store"})
    cookie = await asyncio.to_thread(recognition.sessions.cookie, found)
    secure = _is_https(request, service.settings.server.public_url)
    response.set_cookie(COOKIE, cookie, SECONDS, httponly=True, samesite="lax", secure=secure)
    return response


@sign_in.post("/sign-out")
async def signed_out() -> Response:
    """Forget who is signed in."""
    response = RedirectResponse("/sign-in", 303, {"Cache-Control": "no-store"})
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response


def local_path(wanted: str) -> str:
    """Return an address of this server to lead on to; its first page where another one was named."""
    is_local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_local else "/"


def _page(language: Language, wanted: str, caller: Caller | None, code: int = 200) -> Response:
    name = caller.key_name if caller else None
    wrong = {401: "sign_in_wrong", 429: "sign_in_too_many"}.get(code)
    query = urlencode({"next": wanted})
    response = filled("sign-in.html", language, code, wanted=wanted, query=query, name=name, wrong=wrong)
    response.headers["Cache-Control"] = "no-store"
    if code == 429:
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _is_https(request: Request, public_url: str | None) -> bool:
    """Whether the browser reaches this server by https, so that the cookie need never go otherwise."""
    public, called = urlsplit(public_url or ""), urlsplit(f"//{request.headers.get('host', '')}")
    is_public = public.scheme == "https" and called.hostname == public.hostname
    return is_public or request.url.scheme == "https" or request.headers.get("origin", "").startswith("https:")
