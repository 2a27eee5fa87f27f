"""Errors as RFC 9457 problems."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from bot.access.keys import KeyInvalid, KeyTaken
from bot.service.originals import OriginalChanged, OriginalGone
from bot.service.page_pictures import PicturesBusy, PictureUnknown
from bot.service.reports import ReportHeld
from bot.service.upkeep.generations import NotReady
from bot.service.upkeep.upkeep import IndexShared
from bot.service.working.turns import Overloaded, TooManyQuestions
from bot.web.entry.rates import TooOften
from bot.web.redaction import without_path
from bot.web.shapes.reports import Problem
from retrieval.errors import (
    DocumentUnknown,
    IndexBusy,
    MostReportsGone,
    QuestionInvalid,
    SnapshotMissing,
    StoreUnreachable,
)

log = logging.getLogger("wenbao")


RETRY_AFTER_SECONDS = "2"
METHODS = ("GET", "HEAD", "POST", "DELETE")
ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "description": HTTPStatus(code).phrase} for code in (404, 422, 503)
}
"""Those of a route itself, for its description, which ``bot.web.shapes.description`` completes."""
CHANGED_ERRORS = ERRORS | {409: {**ERRORS[404], "description": HTTPStatus(409).phrase}}
ASK_ERRORS: dict[int | str, dict[str, Any]] = {code: ERRORS[code] for code in (422, 503)}
INDEX_ERRORS = ASK_ERRORS | {409: {**ERRORS[404], "description": "More than half of the reports would go"}}


CODES: tuple[tuple[tuple[type[Exception], ...], int], ...] = (
    ((QuestionInvalid,), 422),
    ((DocumentUnknown, OriginalGone, PictureUnknown), 404),
    ((KeyTaken, MostReportsGone, OriginalChanged, ReportHeld, IndexShared), 409),
    ((KeyInvalid,), 422),
    ((TooOften, TooManyQuestions), 429),
)
"""The status of errors that a user can mend, by kind, the first that fits; all others are 503."""
SOON = (TooManyQuestions, NotReady, Overloaded, IndexBusy, PicturesBusy, StoreUnreachable, SnapshotMissing)
"""What may go well when it is tried again in a moment."""


def problem(code: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return an RFC 9457 problem."""
    content = {"type": "about:blank", "title": HTTPStatus(code).phrase, "status": code, "detail": detail}
    return JSONResponse(content, code, headers, media_type="application/problem+json")


def problem_of(error: HTTPException) -> JSONResponse:
    """Return what was refused as a problem, under its own status."""
    return problem(error.status_code, str(error.detail), dict(error.headers or {}))


def forget_frames(error: BaseException | None) -> None:
    """Let go of the frames that an error came through, and of those of the errors behind it.

    A frame that keeps its own error is a cycle, which would keep the request's body until the collector of garbage
    comes round. An answered error needs its frames no longer.
    """
    while error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        forget_frames(error.__cause__)
        error = error.__context__


async def invalid_request(_: Request, error: Exception) -> Response:
    """Say which fields of a request are wrong; 422."""
    assert isinstance(error, RequestValidationError)
    forget_frames(error)
    return problem(422, "; ".join(_plain_error(entry) for entry in error.errors()))


def _plain_error(entry: dict[str, Any]) -> str:
    """Name the field and what is wrong with it, without repeating what was sent."""
    place = ".".join(str(part) for part in entry["loc"] if part not in ("body", "query", "path"))
    message = re.sub(r"^Value error, ", "", str(entry["msg"]))
    readable = f"{place}: {message}" if place else message
    return readable.encode("utf-8", "replace").decode("utf-8")


async def http_error(request: Request, error: Exception) -> Response:
    """Say what a route refused, under its own status."""
    assert isinstance(error, HTTPException)
    forget_frames(error)
    if error.status_code == 405:
        return problem(405, str(error.detail), {"Allow": ", ".join(_methods_of(request))})
    return problem_of(error)


def _methods_of(request: Request) -> list[str]:
    """Return the methods that an address takes; a route that refuses one knows its own alone."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    found = [method for method in METHODS if any(one.matches(scopes[method])[0] is Match.FULL for one in routes)]
    return found or ["GET", "HEAD"]  # of static files


async def wenbao_error(request: Request, error: Exception) -> Response:
    """Say what a user can mend; 422, 404, 409, 429 or 503 by the kind of error."""
    forget_frames(error)
    code = next((code for kinds, code in CODES if isinstance(error, kinds)), 503)
    if isinstance(error, KeyInvalid) and request.method == "DELETE":
        code = 404
    detail, headers = str(error), dict[str, str]()
    if isinstance(error, TooOften):
        headers = error.headers
    elif isinstance(error, SOON):
        headers = {"Retry-After": RETRY_AFTER_SECONDS}
    if code == 429:
        caller, address = request.state.caller, request.client.host if request.client else ""
        await request.app.state.refusals.note(caller.key_name, address, f"{request.method} {request.url.path}", 429)
    if code == 503 and not request.state.caller.may("admin"):
        detail = without_path(detail, request.app.state.service.settings)
    return problem(code, detail, headers)


async def unexpected(request: Request, error: Exception) -> Response:
    """Say that something went wrong; only the log says what it was."""
    log.error("%s %s failed", request.method, quote(request.url.path, "/%~"), exc_info=error)
    return problem(500, "something went wrong here; the server's log says what")
