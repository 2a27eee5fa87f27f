"""HTTP: the contract's endpoints and the chat page over one Service; ``report_routes`` has those that show reports."""

from __future__ import annotations

import asyncio
import uuid
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from bot.contract import answer_json, receipt_json
from bot.reply import Asker
from bot.service.service import Service
from bot.texts import negotiate
from bot.web.dependencies import ServiceDependency, check_admin
from bot.web.limits.uploads import UPLOAD_BODY, UPLOAD_ERRORS, Uploaded
from bot.web.pages import chat_page
from bot.web.problems import ERRORS, RETRY_AFTER_SECONDS, VOTE_ERRORS
from bot.web.shapes.asking import CONVERSATION_ID, AskRequest, AskResponse, FeedbackRequest, FeedbackResponse
from bot.web.shapes.reports import ReceiptModel, StatusResponse
from retrieval.types import DEFAULT_TOP_K, MAX_TOP_K

api = APIRouter()
bearer = HTTPBearer(auto_error=False, description="the admin token, WENBAO_ADMIN_TOKEN")


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


async def _answer(service: Service, request: AskRequest) -> JSONResponse:
    conversation = request.conversation_id or uuid.uuid4().hex
    reply = await service.converse(request.as_question(), conversation, Asker("web", conversation))
    return JSONResponse(answer_json(reply.answer, reply.request_id, conversation))


@api.post("/feedback", response_model=FeedbackResponse, responses=VOTE_ERRORS, tags=["ask"])
async def feedback(vote: FeedbackRequest, service: ServiceDependency) -> FeedbackResponse:
    """Say whether an answer was useful. Voting again replaces the vote, null takes it back.

    The last thousand answers can be voted on, until the server is started anew.
    """
    if not service.feedback.keep:
        raise HTTPException(403, "votes are not kept here: feedback.keep is false in the configuration")
    reply = service.recent.get(vote.request_id)
    if reply is None:
        raise HTTPException(404, "no recent answer has this request_id: ask the question again to vote on its answer")
    kept = await asyncio.to_thread(service.feedback.record_vote, reply, vote.vote, reply.asker.user)
    if not kept:
        detail = "the vote could not be kept, the server's log says why: try again later"
        raise HTTPException(503, detail, {"Retry-After": RETRY_AFTER_SECONDS})
    return FeedbackResponse(request_id=vote.request_id, vote=vote.vote)


# Changing the corpus


def require_admin(
    request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> None:  # the credentials are for /docs
    """Let a request with the admin token through; 403 where none is configured, 401 for a missing or wrong one."""
    check_admin(request.headers.get("authorization"))


ADMIN_ERRORS = ERRORS | {code: {**ERRORS[404], "description": HTTPStatus(code).phrase} for code in (401, 403)}
admin = APIRouter(dependencies=[Depends(require_admin)], tags=["admin"], responses=ADMIN_ERRORS)


@admin.post("/documents", response_model=ReceiptModel, responses=UPLOAD_ERRORS, openapi_extra=UPLOAD_BODY)
async def add_documents(service: ServiceDependency, uploads: Uploaded) -> dict[str, Any]:
    """Add reports, or replace those of the same file name; answers once they can be asked about.

    If one file is larger than `corpus.max_file_mib`, or all together are larger than 256 MiB, the whole request is
    refused (413) while it arrives, and nothing is added. Files that cannot be read are among the receipt's `skipped`.
    """
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


@api.get("/status", response_model=StatusResponse, response_model_exclude_unset=True, tags=["state"])
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
    language = negotiate(lang, request.headers.get("accept-language", ""))
    examples = (await service.examples()).model_dump()
    return chat_page(examples, language, feedback=service.feedback.keep)
