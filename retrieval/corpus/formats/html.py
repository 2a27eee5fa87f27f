"""HTML reports: the main text of a saved web page without its menus, and what its meta tags say.

The article's box is found in the page and read with the help of trafilatura; title, date and source are taken from the
page itself, never guessed. The parts are in ``web/``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import lxml.html
from lxml.etree import LxmlError

from retrieval.corpus.draft import Draft
from retrieval.corpus.encoding import BYTE_ORDER_MARKS, decode, decoded_as
from retrieval.corpus.formats.web.around import clean
from retrieval.corpus.formats.web.date import date_of
from retrieval.corpus.formats.web.edges import without_notices
from retrieval.corpus.formats.web.lines import lines_of
from retrieval.corpus.formats.web.page import SITE_TAGS, beside_title, page_of, title_of
from retrieval.corpus.formats.web.tree import find_article, find_title
from retrieval.corpus.layout import read_lines
from retrieval.corpus.lines import Line
from retrieval.errors import ReportUnreadable

SOURCE_TAGS = ("contentsource", "source", "article:source", "dc.source", "mediaid", "publisher", "dc.publisher")
AUTHOR_TAGS = ("author", "article:author", "dc.creator")
"""Names of meta tags in lower case, the most telling first."""

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,30})""", re.IGNORECASE)
PARSER = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
MARKS = tuple(mark for mark, _ in BYTE_ORDER_MARKS)
ASIAN = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs", "big5-hkscs": "big5hkscs",
    "shift_jis": "cp932", "euc-jp": "euc_jp", "euc-kr": "cp949",
}  # fmt: skip
LATIN = {"iso-8859-1": "cp1252", "windows-1252": "cp1252", "us-ascii": "cp1252"}
"""What pages that declare the one are really written in; a Latin page is one that nothing else fits."""


def read_html(data: bytes) -> Draft:
    """Read a ``.html`` report; ReportUnreadable if the page holds no text."""
    try:
        tree = lxml.html.document_fromstring(decode_html(data).encode("utf-8", "replace"), parser=PARSER)
    except LxmlError as error:
        raise ReportUnreadable("no HTML page") from error
    page = page_of(tree)
    title = title_of(page)
    lines, notices = without_notices(_article_lines(tree, title))
    if not lines:
        raise ReportUnreadable("no text was found in the page (if a script writes it, save it from the browser)")
    beside, furniture = beside_title(page.strings, title)
    draft = read_lines([line for line in lines if line.text not in furniture], title)
    author = page.first(AUTHOR_TAGS)
    found_there = [*([("author", author)] if author else []), *beside]
    metadata = (*draft.metadata, *(pair for pair in found_there if pair not in draft.metadata))
    return replace(
        draft,
        date=date_of(page, title, [line.text for line in lines]) or draft.date,
        source=page.first(SOURCE_TAGS)
        or next((value for label, value in metadata if label == "source"), None)
        or draft.source
        or page.first(SITE_TAGS),
        metadata=metadata,
        furniture=(*furniture, *draft.furniture, *notices),
    )


def _article_lines(tree: Any, title: str | None) -> list[Line]:  # noqa: ANN401 - lxml has no types
    body = tree.find("body")
    if body is None:
        return []
    shown = find_title(body, title)
    clean(body, shown)
    return lines_of(find_article(body, shown))


def decode_html(data: bytes) -> str:
    """Decode a page: as UTF-8 if it is that, or as its meta tag declares, or like any text."""
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode("ascii").lower() if declared else ""
    if name in ASIAN and not data.startswith(MARKS) and decoded_as(data, "utf-8") is None:
        return decoded_as(data, ASIAN[name]) or decode(data)
    try:
        return decode(data)
    except ReportUnreadable:
        if name in LATIN and (text := decoded_as(data, LATIN[name])):
            return text
        raise
