"""HTTP: pictures of the pages on which text was recognised."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from bot.web.dependencies import ServiceDependency, ShelfDependency
from bot.web.problems import CHANGED_ERRORS
from retrieval.errors import DocumentUnknown

pictures = APIRouter(tags=["reports"])
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "the picture", "content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "the picture that the client has (If-None-Match) is still the one"},
}


@pictures.get(
    "/documents/{document_id:path}/pages/{number}.webp", responses=CHANGED_ERRORS | PICTURE, response_class=Response
)
async def page_picture(
    document_id: str,
    number: Annotated[int, Path(ge=1)],
    request: Request,
    service: ServiceDependency,
    shelf: ShelfDependency,
) -> Response:
    """Return the picture of a page on which text was recognised, as long as the file is the one that was indexed."""
    document = await shelf.report(document_id)
    if document is None:
        raise DocumentUnknown(f"no report has the id {document_id!r}: GET /documents lists them")
    headers = {"ETag": f'"{document.digest[:16]}-{number}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    drawn = await service.pictures.draw(document, number)
    return Response(drawn.data, headers=headers, media_type=drawn.media_type)
