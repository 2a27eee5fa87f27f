"""What the worker does with one page of a file: recognise it, or draw it for people."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from retrieval.corpus.formats.preload import FONTS, load_encodings, load_modules, places_of
from retrieval.corpus.recognition.pictures import load_pillow, picture_of
from retrieval.corpus.recognition.seen import page_json
from retrieval.errors import ReportUnreadable

SHOWN_SIDE = 1_600
"""Pixels of a shown page's longer side; a long screenshot keeps its width."""
QUALITY = 80
HIGHEST_WEBP = 16_383
"""Pixels; a longer screenshot is a JPEG, whatever its address says."""
CORES = Path("/sys/devices/system/cpu/online")
"""Where threads learn how many cores there are."""


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


def load_pictures() -> tuple[Path, ...]:
    """Load what it takes to draw a page of any file, and return the folders that must stay readable."""
    load_modules(["numpy", "retrieval.corpus.formats.pdf", "retrieval.corpus.formats.docx"])
    load_encodings()
    load_pillow()
    return FONTS


def load_recognition() -> tuple[Path, ...]:
    """Load what it takes to recognise a page, and return what must stay readable.

    The models are read with the first page: they are computed by threads, which must have lost the same rights.
    """
    from retrieval.corpus.recognition.engine import load_engine

    load_engine()
    return (*load_pictures(), *places_of("rapidocr"), CORES)


RECOGNISING: Mapping[str, Callable[..., Any]] = {"prepare": load_recognition, "recognise": recognise_page}
DRAWING: Mapping[str, Callable[..., Any]] = {"prepare": load_pictures, "draw": draw_page}
"""The tasks of the two workers (``sandbox.worker``)."""
