"""What the worker does with one page of a file: recognise it, or draw it for people."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from typing import Any

from retrieval.corpus.recognition.pictures import picture_of
from retrieval.corpus.recognition.seen import page_json
from retrieval.errors import ReportUnreadable

SHOWN_SIDE = 1_600
"""Pixels of a shown page's longer side; a long screenshot keeps its width."""
QUALITY = 80
HIGHEST_WEBP = 16_383
"""Pixels; a longer screenshot is a JPEG, whatever its address says."""


def recognise_page(data: bytes, suffix: str, number: int) -> dict[str, Any]:
    """Return what stands on a page, as ``page_json``."""
    from retrieval.corpus.recognition.engine import recognise

    return page_json(recognise(picture_of(suffix, data, number)))


def draw_page(data: bytes, suffix: str, number: int) -> dict[str, str]:
    """Return a page as a picture file in base64, and its media type; ReportUnreadable without the extra."""
    try:
        picture, file = picture_of(suffix, data, number), io.BytesIO()
    except ImportError as error:
        raise ReportUnreadable("pip install 'wenbao[ocr]'") from error
    if picture.height <= 2 * picture.width:
        picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    kind = "WEBP" if picture.height <= HIGHEST_WEBP else "JPEG"
    picture.save(file, kind, quality=QUALITY)
    return {"picture": base64.b64encode(file.getvalue()).decode(), "media_type": f"image/{kind.lower()}"}


TASKS: Mapping[str, Callable[..., Any]] = {"recognise": recognise_page, "draw": draw_page}
