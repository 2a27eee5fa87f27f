"""Pictures of pages, drawn with a Chinese font of the system, and files made of them."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

SIZE = (1240, 1754)
"""Pixels of an A4 page at 150 dpi."""
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "C:/Windows/Fonts/simsun.ttc",
)

Words = tuple[int, int, int, str]
"""x, y and size in pixels, and the text."""


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return a Chinese font; without one the test is skipped, but under CI it fails."""
    found = next((path for path in FONTS if Path(path).exists()), None)
    if found is None and not os.environ.get("CI"):
        pytest.skip("no Chinese font to draw with: install fonts-noto-cjk")
    assert found, "no Chinese font to draw with: install fonts-noto-cjk"
    return ImageFont.truetype(found, size)


def page(*words: Words) -> Image.Image:
    """Draw a page in black on white."""
    picture = Image.new("L", SIZE, 255)
    for x, y, size, text in words:
        ImageDraw.Draw(picture).text((x, y), text, font=font(size), fill=0)
    return picture


def blank(width: int = 60, height: int = 80) -> Image.Image:
    """Return a picture of nothing."""
    return Image.new("L", (width, height), 200)


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return a picture as a file."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def pdf_of(*pages: Sequence[tuple[float, float, float, str]] | Image.Image) -> bytes:
    """Return a PDF whose pages are texts, as in ``pdf_files``, or pictures that fill them."""
    from pdf_files import FONT
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen import canvas

    file = io.BytesIO()
    sheet = canvas.Canvas(file, pagesize=A4)
    for one in pages:
        if isinstance(one, Image.Image):
            sheet.drawImage(ImageReader(one), 0, 0, *A4)
        else:
            for x, y, size, text in one:
                sheet.setFont(FONT, size)
                sheet.drawString(x, y, text)
        sheet.showPage()
    sheet.save()
    return file.getvalue()
