"""HTTP: reports as they are and as they were, for programs and for reading, and their original files."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bot.contract import document_json, document_summary
from bot.links import CitedWords, read_cited
from bot.service.originals import media_type_of, name_of, read_original
from bot.service.shelf import Shelf
from bot.texts import Language, negotiate
from bot.web.dependencies import ServiceDependency, ShelfDependency
from bot.web.problems import CHANGED_ERRORS, ERRORS
from bot.web.report_page import (
    Cited,
    earlier_page,
    report_page,
    unknown_page,
    version_gone_page,
    withdrawn_page,
)
from bot.web.shapes.reports import DocumentList, DocumentResponse
from bot.web.tracing import trace
from retrieval.errors import DocumentUnknown
from retrieval.types import Document

reports = APIRouter(tags=["reports"])

Version = Annotated[
    str | None,
    Query(pattern="^[0-9a-f]{12}$", description="of the text that is wanted, as citations name it; the present one"),
]
PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"
THE_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "the file", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
}
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""An original file is somebody else's: where a browser shows it, it may run and load nothing. A PDF has no sandbox, in
which Safari shows an empty window; Chrome lays out its viewer by inline styles."""


@reports.get("/documents", response_model=DocumentList, responses={503: ERRORS[503]})
async def documents(shelf: ShelfDependency) -> dict[str, Any]:
    """List the reports."""
    return {"documents": [document_summary(document) for document in shelf.documents]}


@reports.get("/documents/{document_id:path}/view", include_in_schema=False)
async def view(
    document_id: str,
    request: Request,
    shelf: ShelfDependency,
    lang: str | None = None,
    mark: str | None = None,
    quote: str | None = None,
    version: str | None = None,
) -> Response:
    """Show a report for reading; ``#p12`` opens it at a paragraph, ``mark`` and ``quote`` at words in it."""
    language = negotiate(lang, request.headers.get("accept-language", ""))
    words = read_cited(mark, quote)
    shown = await asyncio.to_thread(_shown, shelf, document_id, version, language, words)
    if shown.status_code != 200 and "text/html" not in request.headers.get("accept", ""):
        raise HTTPException(shown.status_code, await _why_not(shelf, document_id, version))
    return shown


def _shown(
    shelf: Shelf, document_id: str, version: str | None, language: Language, words: CitedWords | None
) -> Response:
    """Return the page of a report, of an earlier text of it, or of its absence."""
    present = shelf.by_id.get(document_id)
    if version and not (present and present.version == version):
        found = shelf.version(document_id, version)
        if found is None:
            return version_gone_page(document_id, version, language, is_there=present is not None)
        cited = _traced(found.document, words, shelf)
        return earlier_page(found, language, cited, is_withdrawn=present is None)
    if present:
        return report_page(present, language, _traced(present, words, shelf))
    past = shelf.history(document_id)
    return withdrawn_page(past, language, words) if past else unknown_page(language)


def _traced(document: Document, words: CitedWords | None, shelf: Shelf) -> Cited | None:
    if words is None:
        return None
    return Cited(words, trace(document, words, lambda: shelf.history(document.document_id)))


@reports.get("/documents/{document_id:path}/original", responses=CHANGED_ERRORS | THE_FILE, response_class=Response)
async def original(document_id: str, service: ServiceDependency, shelf: ShelfDependency) -> Response:
    """Return the file that a report was read from, as it was then; a PDF opens in the browser (`#page=3`)."""
    document = await shelf.report(document_id)
    if document is None:
        other = await shelf.report(f"{document_id}/original")  # a report may be called so
        if other is None:
            raise HTTPException(404, await _why_not(shelf, document_id, None))
        return JSONResponse(document_json(other))
    data = await asyncio.to_thread(read_original, service.settings, document)
    media_type = media_type_of(document)
    is_pdf = media_type == "application/pdf"
    shown = "inline" if is_pdf else "attachment"
    headers = {
        "Content-Type": media_type,
        "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(name_of(document), '')}",
        "Content-Security-Policy": PDF_POLICY if is_pdf else FILE_POLICY,
    }
    return Response(data, headers=headers)


@reports.get(
    "/documents/{document_id:path}",
    response_model=DocumentResponse,
    response_model_exclude_unset=True,
    responses=ERRORS,
)
async def document(document_id: str, shelf: ShelfDependency, version: Version = None) -> dict[str, Any]:
    """Return a report's text, paragraphs with their offsets, and what it says about itself.

    With `version` it is the text of that version, also after the report was edited or removed, while it is kept.
    """
    present = await shelf.report(document_id)
    if present and version in (None, present.version):
        return document_json(present)
    found = await asyncio.to_thread(shelf.version, document_id, version) if version else None
    if found is None:
        raise DocumentUnknown(await _why_not(shelf, document_id, version))
    return document_json(found.document, found.until)


async def _why_not(shelf: Shelf, document_id: str, version: str | None) -> str:
    """Say why a report, or a version of it, is not there, and what is."""
    present = await shelf.report(document_id)
    kept = [one.version for one in await asyncio.to_thread(shelf.history, document_id)]
    if not present and not kept:
        return f"no report has the id {document_id!r}: GET /documents lists them"
    here = ", ".join([*([f"{present.version} (the present one)"] if present else []), *kept])
    if version is None:
        return f"the report {document_id!r} was withdrawn: GET /documents/{document_id}?version= returns {here}"
    return f"version {version} of the report {document_id!r} is not kept here; these are: {here}"
