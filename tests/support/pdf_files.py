"""PDFs made of texts with their places, in a font that has Chinese characters and radicals."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))

Text = tuple[float, float, float, str]
"""x, y and size in points, and the text."""


def pdf(*pages: Sequence[Text], **options: object) -> bytes:
    """Return a PDF with these texts on its pages; options are those of the canvas, title, author."""
    file = io.BytesIO()
    properties = {name: options.pop(name) for name in ("title", "author") if name in options}
    sheet = canvas.Canvas(file, pageCompression=1, **options)
    for name, value in properties.items():
        getattr(sheet, f"set{name.title()}")(value)
    for page in pages:
        for x, y, size, text in page:
            sheet.setFont(FONT, size)
            sheet.drawString(x, y, text)
        sheet.showPage()
    sheet.save()
    return file.getvalue()
