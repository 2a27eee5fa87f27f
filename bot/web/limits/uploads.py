"""Files that an administrator uploads: who is none is refused by the head alone, and no file grows over its limit."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response
from starlette.types import Scope

from bot.service.reports import Upload
from bot.web.dependencies import ServiceDependency
from bot.web.entry.needs import is_upload
from bot.web.limits.amounts import MAX_BODY_BYTES, MAX_UPLOAD_BYTES
from bot.web.problems import ERRORS

FIELD = "files"
MOST_FILES = 1000
MOST_FIELDS = 100
LONGEST_NAME = 100
"""In characters, of a file's name in a refusal."""
_FILES = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "string", "format": "binary"},
    "description": "reports to add",
}
_FORM = {"type": "object", "title": "Upload", "required": [FIELD], "properties": {FIELD: _FILES}}
UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}},
}
"""The form for /docs, which cannot see what is read by ``uploaded``."""
UPLOAD_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {**ERRORS[404], "description": "The form cannot be read"},
    408: {**ERRORS[404], "description": "The upload stopped arriving"},
    413: {**ERRORS[404], "description": "A file, or all together, is too large: nothing was added"},
}


def body_limit(scope: Scope) -> int | Response:
    """Return how many bytes the body of a request may have, more for an upload; or the door's refusal."""
    refusal: Response | None = scope["state"]["refusal"]
    if refusal is not None:
        return refusal
    return MAX_UPLOAD_BYTES if is_upload(scope["method"], scope["path"]) else MAX_BODY_BYTES


class _LimitedFiles(MultiPartParser):
    """Reads a form; HTTPException 413 names the first file that has more than ``most`` bytes."""

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes, None], most: int) -> None:
        super().__init__(headers, stream, max_files=MOST_FILES, max_fields=MOST_FIELDS)
        self._most = most
        self._got = 0

    def on_part_begin(self) -> None:
        """Begin a part."""
        super().on_part_begin()
        self._got = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Take some bytes of a part."""
        self._got += end - start
        file = self._current_part.file
        if file and self._got > self._most:
            name = (file.filename or "")[:LONGEST_NAME]
            most = f"{self._most / 2**20:g} MiB (corpus.max_file_mib)"
            raise HTTPException(413, f"{name} is larger than {most}: nothing was added, upload the others without it")
        super().on_part_data(data, start, end)


async def uploaded(request: Request, service: ServiceDependency) -> list[Upload]:
    """Return the files of a form; HTTPException 400 if it cannot be read, 413 if a file is too large.

    What was spooled to the disk is deleted, whatever happens.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise _missing("Field required")
    form = await _form(request, int(service.settings.corpus.max_file_mib * 2**20))
    try:
        files = form.getlist(FIELD)
        if not files:
            raise _missing("Field required")
        if not all(isinstance(file, UploadFile) for file in files):
            raise _missing("send files, not text")
        return [Upload(file.filename or "", await file.read()) for file in files if isinstance(file, UploadFile)]
    finally:
        await form.close()


Uploaded = Annotated[list[Upload], Depends(uploaded)]


async def _form(request: Request, most: int) -> FormData:
    try:
        async with aclosing(request.stream()) as stream:
            return await _LimitedFiles(request.headers, stream, most).parse()
    except MultiPartException as error:
        raise HTTPException(400, error.message) from error


def _missing(message: str) -> RequestValidationError:
    return RequestValidationError([{"type": "missing", "loc": ("body", FIELD), "msg": message, "input": None}])
