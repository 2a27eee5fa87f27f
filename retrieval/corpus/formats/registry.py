"""One reader per format: a function from a file's bytes to a Draft.

A new format is one function and one line in ``READERS``. A reader raises ReportUnreadable, with the reason, for a
file it cannot make sense of, and never guesses: a date or a source is what the file says. Where pages of a file may be
pictures, its reader says which are (``Draft.unread``), and is called again with what was recognised on them, as JSON.

``sandbox`` runs the readers in a process of its own; big parsers are imported there only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from retrieval.corpus.draft import Draft
from retrieval.corpus.encoding import decode
from retrieval.corpus.formats.markdown import read_markdown
from retrieval.corpus.layout import read_plain_text, read_subtitles

Reader = Callable[..., Draft]
Pages = Mapping[str, Any] | None
"""Recognised pages by their numbers, as JSON (``recognition.seen``)."""


def _read_html(data: bytes) -> Draft:
    from retrieval.corpus.formats.html import read_html

    return read_html(data)


def _read_pdf(data: bytes, pages: Pages = None) -> Draft:
    from retrieval.corpus.formats.pdf import read_pdf

    return read_pdf(data, pages)


def _read_docx(data: bytes, pages: Pages = None) -> Draft:
    from retrieval.corpus.formats.docx import read_docx

    return read_docx(data, pages)


def _read_picture(data: bytes, pages: Pages = None) -> Draft:
    from retrieval.corpus.formats.picture import read_picture

    return read_picture(data, pages)


def _read_csv(data: bytes) -> Draft:
    from retrieval.corpus.formats.sheets import read_csv

    return read_csv(data)


def _read_xlsx(data: bytes) -> Draft:
    from retrieval.corpus.formats.sheets import read_xlsx

    return read_xlsx(data)


READERS: dict[str, Reader] = {
    ".txt": lambda data: read_plain_text(decode(data)),
    ".srt": lambda data: read_subtitles(decode(data)),
    ".vtt": lambda data: read_subtitles(decode(data)),
    ".md": lambda data: read_markdown(decode(data)),
    ".html": _read_html,
    ".htm": _read_html,
    ".pdf": _read_pdf,
    ".docx": _read_docx,
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".xlsx": _read_xlsx,
    ".png": _read_picture,
    ".jpg": _read_picture,
    ".jpeg": _read_picture,
    ".webp": _read_picture,
    ".tif": _read_picture,
    ".tiff": _read_picture,
}
"""Suffix in lower case -> reader."""

ARCHIVE = ".zip"
"""Suffix of archives, whose members are read like files."""
SUFFIXES = ", ".join(sorted({*READERS, ARCHIVE}))
"""All suffixes, to be shown."""
