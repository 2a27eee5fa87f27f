"""A page of a file as a picture: rendered from a PDF, or the picture itself."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import TYPE_CHECKING

from retrieval.errors import ReportUnreadable

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF")
"""What Pillow may take a picture for; it knows formats that start other programs."""
MOST_SIDE = 2_000
"""Pixels of a page's longer side, which is what the recognition makes of larger ones."""
MOST_LENGTH = 30_000
"""Pixels that a long screenshot is high at most, whose width alone must not be above ``MOST_SIDE``."""
MOST_SCALE = 300 / 72
DAMAGED = "the picture is damaged: save it again"
NO_PICTURE = "it has no picture of that page"


def load_pillow() -> None:
    """Import all of Pillow that opening, turning and writing a picture may ask for, where it is installed."""
    with contextlib.suppress(ImportError):
        from PIL import Image, ImageCms, ImageColor, ImageFilter, ImageOps, ImagePalette

        assert ImageCms and ImageColor and ImageFilter and ImageOps and ImagePalette
        Image.init()


def page_count(data: bytes) -> int:
    """Return how many pages a picture file has, which only a TIFF has more than one of; ReportUnreadable if damaged."""
    picture = _opened(data)
    return int(getattr(picture, "n_frames", 1)) if picture.format == "TIFF" else 1


def picture_of(suffix: str, data: bytes, number: int) -> Image:
    """Return page ``number`` (from 1) of a file in mode RGB, no larger than it needs to be to be read."""
    if suffix == ".pdf":
        return _rendered(data, number)
    if suffix == ".docx":
        from retrieval.corpus.formats.docx import pictures_in

        held = pictures_in(data)
        if not 1 <= number <= len(held):
            raise ReportUnreadable(NO_PICTURE)
        return _upright(held[number - 1], 1)
    return _upright(data, number)


def _rendered(data: bytes, number: int) -> Image:
    import pypdfium2 as pdfium

    try:
        with pdfium.PdfDocument(data) as document:
            if not 1 <= number <= len(document):
                raise ReportUnreadable(NO_PICTURE)
            page = document[number - 1]
            scale = min(MOST_SCALE, MOST_SIDE / max(*page.get_size(), 1))
            picture: Image = page.render(scale=scale).to_pil()
            return picture.convert("RGB")
    except pdfium.PdfiumError as error:
        raise ReportUnreadable("the page cannot be drawn: damaged") from error


def _opened(data: bytes) -> Image:
    from PIL import Image, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin

    assert TiffImagePlugin and WebPImagePlugin  # a format is known once its plugin is imported
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # at half of what is an error
            return Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ReportUnreadable("it has too many pixels: make it smaller") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ReportUnreadable(DAMAGED) from error


def _upright(data: bytes, number: int) -> Image:
    """Decode a picture the way its camera held it, on white, and no larger than needed."""
    from PIL import Image, ImageOps

    picture = _opened(data)
    try:
        if number != 1:
            picture.seek(number - 1)
        most = _bounds(*picture.size)
        picture.draft("RGB", most)  # a JPEG is decoded at a fraction of its size
        picture = ImageOps.exif_transpose(picture)
        if picture.mode.startswith(("I", "F")):
            picture = _eight_bits(picture)
        if "A" in picture.getbands() or "transparency" in picture.info:
            picture = picture.convert("RGBA")
            picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
        picture = picture.convert("RGB")
        picture.thumbnail(_bounds(*picture.size))
    except EOFError as error:
        raise ReportUnreadable(NO_PICTURE) from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ReportUnreadable(DAMAGED) from error
    return picture


def _bounds(width: int, height: int) -> tuple[int, int]:
    return (MOST_SIDE, MOST_LENGTH) if height > 2 * width else (MOST_SIDE, MOST_SIDE)


def _eight_bits(picture: Image) -> Image:
    import numpy as np
    from PIL import Image

    values = np.asarray(picture, dtype=np.float32)
    return Image.fromarray((255 * values / max(float(values.max()), 1.0)).clip(0, 255).astype(np.uint8))
