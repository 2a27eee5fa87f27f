"""The files that reports were read from, as long as they are still the same."""

from __future__ import annotations

import hashlib
from mimetypes import MimeTypes
from pathlib import PurePosixPath

from bot.service.store import shared_store_of
from bot.settings import Settings
from retrieval.corpus import original_files
from retrieval.errors import WenbaoError
from retrieval.types import Document

MEDIA_TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".md": "text/markdown",
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt",
}
"""What the standard library's table lacks in some version of Python; it is asked for the rest."""


class OriginalGone(WenbaoError):
    """The file of a report is no longer in the corpus."""


class OriginalChanged(WenbaoError):
    """The file of a report is another than the one that was indexed."""


def read_original(settings: Settings, document: Document) -> bytes:
    """Return the file, or member of an archive, that a report was read from, byte for byte.

    An index that several machines share keeps them itself.

    Raises OriginalGone where there is none below the corpus paths, and OriginalChanged where it has been written since
    it was indexed.
    """
    shared, is_there = shared_store_of(settings), False
    if shared and (kept := shared.original(document)) is not None:
        return kept
    for data in original_files(settings.corpus.paths, document.path, int(settings.corpus.max_file_mib * 2**20)):
        if hashlib.sha256(data).hexdigest() == document.digest:
            return data
        is_there = True
    if is_there:
        raise OriginalChanged(
            f"the file of {document.document_id} ({document.path}) has changed since it was indexed: "
            "try again when it is indexed anew (`wenbao index`)"
        )
    raise OriginalGone(
        f"the file of {document.document_id} ({document.path}) is no longer in the corpus: its text is still there"
    )


def name_of(document: Document) -> str:
    """Return the name under which a report's file is saved."""
    return PurePosixPath(document.path).name


def media_type_of(document: Document) -> str:
    """Return the media type of a report's file; no charset, because texts come in several."""
    suffix = PurePosixPath(document.path).suffix.lower()
    known = MEDIA_TYPES.get(suffix) or MimeTypes().guess_type(f"a{suffix}")[0]
    return known or "application/octet-stream"
