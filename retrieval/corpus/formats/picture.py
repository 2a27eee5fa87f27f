"""Pictures of pages: photographs, screenshots and scans (``.png``, ``.jpg``, ``.webp``, ``.tiff``), once recognised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retrieval.corpus.draft import Draft
from retrieval.corpus.formats.pdf import MAX_PAGES, draft_of_pictures
from retrieval.corpus.recognition.pictures import page_count
from retrieval.errors import ReportUnreadable


def read_picture(data: bytes, pages: Mapping[str, Any] | None = None) -> Draft:
    """Read a picture, or a TIFF of several; ``pages`` are those that were recognised, as JSON.

    ReportUnreadable if it is damaged, or shows no text. Where Pillow is not installed nobody can look into it, and it
    is unread.
    """
    try:
        count = page_count(data)
    except ImportError:
        count = 1
    if count > MAX_PAGES:
        raise ReportUnreadable(f"it has {count:,} pages, more than {MAX_PAGES:,}: split it")
    return draft_of_pictures(count, pages)
