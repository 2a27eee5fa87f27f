"""A browser signs in with a key, and gets a cookie that no script can read."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from bot.access.caller import Caller
from bot.access.sessions import COOKIE, SECONDS
from bot.texts import Language, negotiate
from bot.web.dependencies import CallerDependency, ServiceDependency
from bot.web.entry.recognition import Recognition, WrongToken
from bot.web.pages import filled

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
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Take a key, and lead on to where somebody wanted to go."""
    recognition: Recognition = request.app.state.recognition
    address = request.client.host if request.client else ""
    try:
        found = await recognition.key(key.strip(), address)
    except WrongToken as wrong:
        language = negotiate(None, request.headers.get("accept-language", ""))
        who = await asyncio.to_thread(service.pseudonyms.of, address)
        await asyncio.to_thread(service.audit.record, "web", who, "sign-in", "refused")
        return _page(language, local_path(next), None, code=429 if wrong.too_many else 401)
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
    response = filled("sign-in.html", language, code, wanted=wanted, name=name, is_wrong=code != 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_https(request: Request, public_url: str | None) -> bool:
    """Whether the browser reaches this server by https, so that the cookie need never go otherwise."""
    host = request.headers.get("host", "")
    is_public = bool(public_url) and host in (public_url or "") and (public_url or "").startswith("https:")
    return request.url.scheme == "https" or is_public
