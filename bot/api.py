"""HTTP: the contract's endpoints, the web page and the report pages over one Service."""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.feedback import Asked
from bot.pages import page, report_page
from bot.render import answer_json, document_json, document_summary, receipt_json
from bot.reports import Upload
from bot.schemas import (
    CONVERSATION_ID,
    AskRequest,
    AskResponse,
    DocumentList,
    DocumentResponse,
    FeedbackRequest,
    FeedbackResponse,
    Problem,
    ReceiptModel,
    StatusResponse,
)
from bot.service import NotReady, Overloaded, Service
from bot.settings import admin_token
from retrieval.answering import DEFAULT_TOP_K, MAX_TOP_K
from retrieval.errors import DocumentUnknown, IndexBusy, QuestionInvalid, WenbaoError
from retrieval.types import Document

if TYPE_CHECKING:  # its import takes half a second, which those without a bot are spared
    from bot.telegram.bot import TelegramBot

log = logging.getLogger("wenbao")

MAX_BODY_BYTES = 256 * 1024
MAX_UPLOAD_BYTES = 256 * 1024 * 1024
RETRY_AFTER_SECONDS = "2"
WEB = Path(__file__).with_name("web")
DESCRIPTION = """Ask a collection of reports; the answer is a passage, word for word, with a citation that opens the
report at that paragraph. Offsets count Unicode code points: `quote == document.text[start:end]`."""

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DOCS_POLICY = PAGE_POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
"""Swagger UI starts itself from an inline script; it too loads nothing from elsewhere."""
HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
DOCS_HEADERS = HEADERS | {"Content-Security-Policy": DOCS_POLICY}

ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "description": HTTPStatus(code).phrase, "content": {"application/problem+json": {}}}
    for code in (404, 422, 503)
}

VOTE_ERRORS = ERRORS | {403: {**ERRORS[404], "description": HTTPStatus(403).phrase}}

api = APIRouter()
bearer = HTTPBearer(auto_error=False, description="the admin token, WENBAO_ADMIN_TOKEN")


async def service_of(request: Request) -> Service:  # async, else FastAPI asks another thread for it, every time
    """Return the application's Service."""
    service: Service = request.app.state.service
    return service


ServiceDependency = Annotated[Service, Depends(service_of)]


def create_app(service: Service, telegram: TelegramBot | None = None) -> FastAPI:
    """Return the application; the service, and then the bot, start in the background when the server does."""
    app = FastAPIOffline(
        title="Wenbao 问报",
        summary="Ask the reports.",
        description=DESCRIPTION,
        version="0.1.0",
        redoc_url=None,
        favicon_url="/static/icon.svg",
        lifespan=_lifespan,
    )
    app.state.service = service
    app.state.telegram = telegram
    app.include_router(api)
    app.include_router(admin)
    if telegram and telegram.uses_webhook:
        from bot.telegram.webhook import webhook_router

        app.include_router(webhook_router(telegram))
    app.mount("/static", StaticFiles(directory=WEB), name="static")
    app.add_middleware(Guard)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(WenbaoError, _wenbao_error)
    app.add_exception_handler(Exception, _unexpected)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Listen at once and load beside it: /healthz answers, /readyz and /ask say 503 until the index is open."""
    service: Service = app.state.service
    telegram: TelegramBot | None = app.state.telegram
    loading = asyncio.create_task(_load(service, telegram))
    yield
    service.stop_indexing()
    loading.cancel()
    with suppress(asyncio.CancelledError):
        await loading
    if telegram:
        await telegram.stop()
    await asyncio.to_thread(service.close)


async def _load(service: Service, telegram: TelegramBot | None) -> None:
    try:
        await service.start()
        log.info("ready: %d reports, generation %s", len(service.snapshot.documents), service.snapshot.generation)
        await asyncio.gather(service.run(), _start(telegram))
    except WenbaoError as error:
        log.error("%s", error)


async def _start(telegram: TelegramBot | None) -> None:
    """Start the bot, for as long as that takes; without it everything else goes on."""
    if telegram:
        try:
            await telegram.start()
        except WenbaoError as error:
            log.error("%s", error)


# Asking


@api.post("/ask", response_model=AskResponse, response_model_exclude_unset=True, responses=ERRORS, tags=["ask"])
async def ask(question: AskRequest, service: ServiceDependency) -> JSONResponse:
    """Answer a question with verbatim citations, best first.

    `understood_as`, `filters_applied`, `supporting` and `conflicting` are there only where they say something.
    """
    return await _answer(service, question)


@api.get("/ask", response_model=AskResponse, response_model_exclude_unset=True, responses=ERRORS, tags=["ask"])
async def ask_by_address(
    service: ServiceDependency,
    q: Annotated[str, Query(description="the question, 1 to 1,000 characters")],
    conversation_id: Annotated[str | None, Query(pattern=CONVERSATION_ID, description="to follow up")] = None,
    top_k: Annotated[int, Query(ge=1, le=MAX_TOP_K)] = DEFAULT_TOP_K,
    explain: bool = False,
    use_dates: Annotated[bool, Query(description="put first what is of the times in the question")] = True,
) -> JSONResponse:
    """Answer a question given in the address, for bookmarks and forms."""
    question = AskRequest(
        question=q, conversation_id=conversation_id, top_k=top_k, explain=explain, use_dates=use_dates
    )
    return await _answer(service, question)


async def _answer(service: Service, question: AskRequest) -> JSONResponse:
    filters = question.filters.as_filters() if question.filters else None
    conversation, request_id = question.conversation_id or uuid.uuid4().hex, uuid.uuid4().hex
    before = service.conversations.before(conversation, question.question)
    answer = await service.ask(
        question.question, question.top_k, filters, question.explain, before=before, use_dates=question.use_dates
    )
    service.conversations.keep(conversation, question.question, before, answer)
    understood = answer.understood_as or question.question
    if service.feedback.keep:
        service.recent.remember(request_id, Asked(understood, answer, conversation))
        service.unanswered.record(understood, answer, "web", conversation, request_id)
    return JSONResponse(answer_json(answer, request_id, conversation, question.explain))


@api.post("/feedback", response_model=FeedbackResponse, responses=VOTE_ERRORS, tags=["ask"])
async def feedback(vote: FeedbackRequest, service: ServiceDependency) -> FeedbackResponse:
    """Say whether an answer was useful. Voting again replaces the vote, null takes it back.

    The last thousand answers can be voted on, until the server is started anew.
    """
    if not service.feedback.keep:
        raise HTTPException(403, "votes are not kept here: feedback.keep is false in the configuration")
    asked = service.recent.get(vote.request_id)
    if asked is None:
        raise HTTPException(404, "no recent answer has this request_id: ask the question again to vote on its answer")
    kept = await asyncio.to_thread(
        service.feedback.record_vote,
        asked.question,
        asked.answer,
        vote.vote,
        face="web",
        user=asked.user,
        request_id=vote.request_id,
    )
    if not kept:
        detail = "the vote could not be kept, the server's log says why: try again later"
        raise HTTPException(503, detail, {"Retry-After": RETRY_AFTER_SECONDS})
    return FeedbackResponse(request_id=vote.request_id, vote=vote.vote)


# Reports


@api.get("/documents", response_model=DocumentList, responses={503: ERRORS[503]}, tags=["reports"])
async def documents(service: ServiceDependency) -> dict[str, Any]:
    """List the reports."""
    return {"documents": [document_summary(document) for document in service.snapshot.documents]}


@api.get("/documents/{document_id:path}/view", include_in_schema=False)
async def view(
    document_id: str, request: Request, service: ServiceDependency, lang: str | None = None, mark: str | None = None
) -> Response:
    """Show a report for reading; ``#p12`` opens it at a paragraph."""
    return report_page(_document(service, document_id), lang, request.headers.get("accept-language", ""), mark)


@api.get("/documents/{document_id:path}", response_model=DocumentResponse, responses=ERRORS, tags=["reports"])
async def document(document_id: str, service: ServiceDependency) -> dict[str, Any]:
    """Return a report's text, paragraphs with their offsets, and what it says about itself."""
    return document_json(_document(service, document_id))


def _document(service: Service, document_id: str) -> Document:
    found = service.snapshot.by_id.get(document_id)
    if found is None:
        raise DocumentUnknown(f"no report has the id {document_id!r}: GET /documents lists them")
    return found


# Changing the corpus


def require_admin(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
    """Let through who sends the admin token; 403 where none is configured, 401 for a missing or wrong one."""
    token = admin_token()
    if token is None:
        raise HTTPException(403, "reports cannot be changed over HTTP here: set WENBAO_ADMIN_TOKEN and restart")
    given = credentials.credentials if credentials else ""
    if not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
        raise HTTPException(401, "send Authorization: Bearer and the admin token", {"WWW-Authenticate": "Bearer"})


ADMIN_ERRORS = ERRORS | {code: {**ERRORS[404], "description": HTTPStatus(code).phrase} for code in (401, 403)}
admin = APIRouter(dependencies=[Depends(require_admin)], tags=["admin"], responses=ADMIN_ERRORS)


@admin.post("/documents", response_model=ReceiptModel)
async def add_documents(service: ServiceDependency, files: list[UploadFile]) -> dict[str, Any]:
    """Add reports, or replace those of the same file name; answers once they can be asked about."""
    uploads = [Upload(file.filename or "", await file.read()) for file in files]
    return receipt_json(await service.add(uploads))


@admin.delete("/documents/{document_id:path}", response_model=ReceiptModel)
async def remove_document(service: ServiceDependency, document_id: str) -> dict[str, Any]:
    """Delete a report and its file; answers once it is no longer found."""
    return receipt_json(await service.remove([document_id]))


@admin.post("/index", response_model=ReceiptModel)
async def index(service: ServiceDependency, rebuild: bool = False) -> dict[str, Any]:
    """Index what changed in the corpus folders; answers once it can be asked about."""
    return receipt_json(await service.update(rebuild=rebuild))


# State


@api.get("/status", response_model=StatusResponse, tags=["state"])
async def status(service: ServiceDependency) -> dict[str, Any]:
    """Say what is indexed, by which encoder, and what is wrong."""
    return (await service.status()).as_json()


@api.get("/healthz", tags=["state"])
async def healthz() -> dict[str, str]:
    """Say that the process is alive."""
    return {"status": "ok"}


@api.get("/readyz", responses={503: ERRORS[503]}, tags=["state"])
async def readyz(service: ServiceDependency) -> dict[str, str]:
    """Say whether questions can be answered now; 503 until then."""
    return {"status": "ready", "generation": service.snapshot.generation}


@api.get("/", include_in_schema=False)
async def home(request: Request, service: ServiceDependency, lang: str | None = None) -> Response:
    """Show the chat page."""
    examples, keeps = service.settings.web.examples.model_dump(), service.feedback.keep
    return page(examples, lang, request.headers.get("accept-language", ""), feedback=keeps)


# Around every request


class Guard:
    """Refuses oversized bodies unread, and sends the headers that keep a browser to this server.

    Plain ASGI: a middleware that is a function of request and response starts two tasks for every request.
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

        length = Headers(scope=scope).get("content-length", "0")
        most = MAX_UPLOAD_BYTES if scope["path"] == "/documents" else MAX_BODY_BYTES
        if length.isdigit() and int(length) > most:
            refusal = problem(413, f"the request has {int(length):,} bytes; send at most {most:,}")
            await refusal(scope, receive, guarded)
        else:
            await self._app(scope, receive, guarded)


def problem(code: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return an RFC 9457 problem."""
    content = {"type": "about:blank", "title": HTTPStatus(code).phrase, "status": code, "detail": detail}
    return JSONResponse(content, code, headers, media_type="application/problem+json")


async def _invalid_request(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(422, "; ".join(_plain_error(entry) for entry in error.errors()))


def _plain_error(entry: dict[str, Any]) -> str:
    """Name the field and what is wrong with it, without repeating what was sent."""
    place = ".".join(str(part) for part in entry["loc"] if part not in ("body", "query", "path"))
    message = re.sub(r"^Value error, ", "", str(entry["msg"]))
    readable = f"{place}: {message}" if place else message
    return readable.encode("utf-8", "replace").decode("utf-8")


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), dict(error.headers or {}))


async def _wenbao_error(_: Request, error: Exception) -> Response:
    if isinstance(error, QuestionInvalid):
        return problem(422, str(error))
    if isinstance(error, DocumentUnknown):
        return problem(404, str(error))
    if isinstance(error, NotReady | Overloaded | IndexBusy):
        return problem(503, str(error), {"Retry-After": RETRY_AFTER_SECONDS})
    return problem(503, str(error))


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500, "something went wrong here; the server's log says what")
