"""Pictures of the pages on which text was recognised, drawn from the original files, so that anybody can compare."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath

from cachetools import LRUCache

from bot.service.originals import read_original
from bot.settings import Settings
from retrieval.corpus import DrawnPage, draw_page
from retrieval.errors import ReportUnreadable, WenbaoError
from retrieval.types import Document

KEPT_PICTURES = 64
MOST_WAITING = 64
"""Pictures that may wait to be drawn; one is drawn at a time."""


class PictureUnknown(WenbaoError):
    """A page on which no text was recognised, or that can no longer be drawn."""


class PicturesBusy(WenbaoError):
    """Too many pictures wait to be drawn."""


class PagePictures:
    """Draws pages of reports, one at a time, and keeps the last ones."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._drawn: LRUCache[tuple[str, int], DrawnPage] = LRUCache(KEPT_PICTURES)
        self._drawing = asyncio.Lock()
        self._waiting = 0

    async def draw(self, document: Document, number: int) -> DrawnPage:
        """Return page ``number`` (from 1) of a report as a picture.

        Raises PictureUnknown, PicturesBusy, and OriginalGone or OriginalChanged where the file is no longer the one
        that was indexed.
        """
        key = document.digest, number
        if all(line.page != number for line in document.recognised):
            raise PictureUnknown(f"no text was recognised on page {number} of {document.document_id}")
        if self._waiting >= MOST_WAITING:
            raise PicturesBusy("too many pictures are being drawn: try again in a few seconds")
        self._waiting += 1
        try:
            async with self._drawing:
                if key not in self._drawn:
                    self._drawn[key] = await asyncio.to_thread(self._draw, document, number)
                return self._drawn[key]
        finally:
            self._waiting -= 1

    def _draw(self, document: Document, number: int) -> DrawnPage:
        data = read_original(self._settings, document)
        try:
            return draw_page(PurePosixPath(document.path).suffix.lower(), data, number)
        except ReportUnreadable as error:
            raise PictureUnknown(f"page {number} of {document.document_id} cannot be drawn: {error}") from error
