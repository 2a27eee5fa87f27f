"""HTTP: the contract's endpoints and the chat page over one Service; ``report_routes`` has those that show reports."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bot.access.caller import Caller
from bot.contract import answer_json, receipt_json
from bot.service.service import Service
from bot.texts import negotiate
from bot.web.dependencies import CallerDependency, ServiceDependency, caller_of, service_of
from bot.web.entry.rates import Rates
from bot.web.limits.departures import CLIENT_GONE, while_connected
from bot.web.limits.uploads import UPLOAD_BODY, UPLOAD_ERRORS, Uploaded
from bot.web.pages import chat_page
from bot.web.problems import ASK_ERRORS, CHANGED_ERRORS, ERRORS, INDEX_ERRORS, RETRY_AFTER_SECONDS
from bot.web.shapes.asking import QUESTION_LENGTHS, AskRequest, AskResponse, FeedbackRequest, FeedbackResponse
from bot.web.shapes.reports import ReceiptModel
from retrieval.types import DEFAULT_TOP_K, MAX_TOP_K, Receipt

api = APIRouter()


# Asking


@api.post("/ask", response_model=AskResponse, response_model_exclude_unset=True, responses=ASK_ERRORS, tags=["ask"])
async def ask(question: AskRequest, request: Request) -> Response:
    """Answer a question with verbatim citations, best first.

    `understood_as`, `filters_applied`, `supporting` and `conflicting` are there only where they say something.
    """
    return await _answer(request, question)


@api.get("/ask", response_model=AskResponse, response_model_exclude_unset=True, responses=ASK_ERRORS, tags=["ask"])
async def ask_by_address(
    request: Request,
    q: Annotated[str, Query(description="the question", json_schema_extra=QUESTION_LENGTHS)],
    conversation_id: Annotated[str | None, Query(description="to follow up")] = None,
    top_k: Annotated[int, Query(ge=1, le=MAX_TOP_K)] = DEFAULT_TOP_K,
    explain: bool = False,
    use_dates: Annotated[bool, Query(description="put first what is of the times in the question")] = True,
) -> Response:
    """Answer a question given in the address, for bookmarks and forms."""
    question = AskRequest(
        question=q, conversation_id=conversation_id, top_k=top_k, explain=explain, use_dates=use_dates
    )
    return await _answer(request, question)


async def _answer(request: Request, question: AskRequest) -> Response:
    service, caller = await service_of(request), await caller_of(request)
    rates: Rates = request.app.state.rates
    headers = await rates.count(caller.client)
    given, asker = question.conversation_id, caller.asker
    last = await service.conversations.last((caller.key_name, given), asker) if given else None
    conversation = given if given and last else uuid.uuid4().hex
    place = caller.key_name, conversation  # nobody goes on with another key's
    asks = question.as_question()
    asks = replace(asks, before=last.leads_to(asks.text) if last else None)
    work = service.converse(asks, place, asker, follows_last=False, request_id=request.state.request_id)
    reply = await while_connected(request, work)
    if reply is None:
        return Response(status_code=CLIENT_GONE)
    return JSONResponse(answer_json(reply.answer, reply.request_id, conversation), headers=headers)


@api.post("/feedback", response_model=FeedbackResponse, responses=ERRORS, tags=["ask"])
async def feedback(vote: FeedbackRequest, service: ServiceDependency, caller: CallerDependency) -> FeedbackResponse:
    """Say whether an answer was useful. Voting again replaces the vote, null takes it back.

    One caller (a key, else an address) has one vote on the same answer to the same question.

    The answers of the last day can be voted on, the last five thousand of them.
    """
    if not service.feedback.keep:
        raise HTTPException(403, "votes are not kept here: feedback.keep is false in the configuration")
    reply = await service.recent.get(vote.request_id)
    if reply is None or not caller.asked(reply.asker):
        raise HTTPException(404, "no recent answer has this request_id: ask the question again to vote on its answer")
    kept = await asyncio.to_thread(service.feedback.record_vote, reply, vote.vote, caller.client)
    if not kept:
        detail = "the vote could not be kept, the server's log says why: try again later"
        raise HTTPException(503, detail, {"Retry-After": RETRY_AFTER_SECONDS})
    return FeedbackResponse(request_id=vote.request_id, vote=vote.vote)


# Changing the corpus


admin = APIRouter(tags=["admin"])


@admin.post(
    "/documents", response_model=ReceiptModel, responses=INDEX_ERRORS | UPLOAD_ERRORS, openapi_extra=UPLOAD_BODY
)
async def add_documents(service: ServiceDependency, caller: CallerDependency, uploads: Uploaded) -> dict[str, Any]:
    """Add reports, or replace those of the same file name; answers once they can be asked about.

    If one file is larger than `corpus.max_file_mib`, or all together are larger than 256 MiB, the whole request is
    refused (413) while it arrives, and nothing is added. Files that cannot be read are among the receipt's `skipped`.
    """
    return await _audited(service, caller, "documents.add", service.add(uploads), [one.name for one in uploads])


@admin.delete("/documents/{document_id:path}", response_model=ReceiptModel, responses=CHANGED_ERRORS)
async def remove_document(service: ServiceDependency, caller: CallerDependency, document_id: str) -> dict[str, Any]:
    """Delete a report and its file; answers once it is no longer found."""
    return await _audited(service, caller, "documents.remove", service.remove([document_id]), [document_id])


@admin.post("/index", response_model=ReceiptModel, responses=INDEX_ERRORS)
async def index(
    service: ServiceDependency,
    caller: CallerDependency,
    rebuild: bool = False,
    yes: Annotated[bool, Query(description="also where more than half of the reports would go")] = False,
) -> dict[str, Any]:
    """Index what changed in the corpus folders; answers once it can be asked about.

    Where more than half of the reports, and more than three, are no longer in the corpus, nothing is changed without
    `yes` (409): a folder may be missing.
    """
    work = service.update(rebuild=rebuild, may_remove_most=yes)
    return await _audited(service, caller, "index.rebuild" if rebuild else "index", work)


async def _audited(
    service: Service, caller: Caller, what: str, work: Awaitable[Receipt], about: Sequence[str] = ()
) -> dict[str, Any]:
    """Do what changes the corpus, and write down what came of it."""
    return receipt_json(await service.audited("web", caller.key_name or caller.client, what, work, about))


# The page


@api.get("/", include_in_schema=False)
async def home(
    request: Request, service: ServiceDependency, caller: CallerDependency, lang: str | None = None
) -> Response:
    """Show the chat page."""
    language = negotiate(lang, request.headers.get("accept-language", ""))
    examples = (await service.examples(caller.documents)).model_dump()
    return chat_page(examples, language, feedback=service.feedback.keep, is_signed_in=caller.key_name is not None)
