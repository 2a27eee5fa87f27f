"""What the worker does with one page of a file: recognise it, or draw it for people."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from typing import Any

from retrieval.corpus.recognition.pictures import picture_of
from retrieval.corpus.recognition.seen import page_json

SHOWN_SIDE = 1_600
"""Pixels of a shown page's longer side; a long screenshot keeps its width."""
QUALITY = 80


def recognise_page(data: bytes, suffix: str, number: int) -> dict[str, Any]:
    """Return what stands on a page, as ``page_json``."""
    from retrieval.corpus.recognition.engine import recognise

    return page_json(recognise(picture_of(suffix, data, number)))


def draw_page(data: bytes, suffix: str, number: int) -> dict[str, str]:
    """Return a page as a WebP file in base64."""
    picture, file = picture_of(suffix, data, number), io.BytesIO()
    if picture.height <= 2 * picture.width:
        picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    picture.save(file, "PNG" if picture.height > 16_383 else "WEBP", quality=QUALITY)  # WebP knows no higher picture
    return {"picture": base64.b64encode(file.getvalue()).decode()}


TASKS: Mapping[str, Callable[..., Any]] = {"recognise": recognise_page, "draw": draw_page}
