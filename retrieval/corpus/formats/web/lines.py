"""The lines of an article's box: what trafilatura takes from it, and what it loses though it stands between."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import lxml.html
import trafilatura
from lxml import etree
from trafilatura.settings import use_config

from retrieval.corpus.draft import BlockKind
from retrieval.corpus.formats.web.tables import grid_of
from retrieval.corpus.formats.web.tree import BLOCKS, SENTENCE, SKIPPED, squash
from retrieval.corpus.lines import Line
from retrieval.corpus.metadata import is_caption
from retrieval.corpus.tabular import GridCell, lines_of_table

CONFIG = use_config()
CONFIG.set("DEFAULT", "MIN_EXTRACTED_SIZE", "60")
"""Characters below which trafilatura takes the whole page instead; its 250 are of Latin letters, Chinese is denser."""
MOST_ELEMENTS = 10_000
"""A longer article is read without trafilatura, whose time grows with the square of its length."""
LOST = 0.3
"""Share of an article's sentences which must not be missing at its edges."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of the page, and how many of its characters are links."""

    line: Line
    linked: int

    @property
    def is_prose(self) -> bool:
        """Whether it holds a sentence or a row of data, and is not a link."""
        says = self.line.kind == "row" or SENTENCE.search(self.line.text)
        return bool(says) and 2 * self.linked < len(squash(self.line.text))


def lines_of(box: Any) -> list[Line]:  # noqa: ANN401 - lxml has no types
    """Return the lines of an article's box in reading order.

    trafilatura says where the article begins and ends. Between, every line is kept that is no link; and where it
    loses the sentences at an edge, the box itself is the article.
    """
    pieces = list(_pieces(box))
    if len(pieces) > MOST_ELEMENTS or sum(1 for _ in box.iter()) > MOST_ELEMENTS:
        return [piece.line for piece in pieces]
    kept = _kept(pieces, squash(_extracted(box)))
    sentences = sum(len(piece.line.text) for piece in pieces if piece.is_prose)
    first, last = (kept[0], kept[-1]) if kept else (0, len(pieces) - 1)
    inside = sum(len(piece.line.text) for piece in pieces[first : last + 1] if piece.is_prose)
    if inside < (1 - LOST) * sentences:
        first, last = 0, len(pieces) - 1
    known = set(kept)
    return [
        piece.line
        for index, piece in enumerate(pieces)
        if first <= index <= last and (index in known or piece.linked < len(squash(piece.line.text)) / 2)
    ]


def _kept(pieces: Sequence[Piece], taken: str) -> list[int]:
    """Return which pieces are in the text that was taken, in its order."""
    kept, end = [], 0
    for index, piece in enumerate(pieces):
        text = squash(_own(piece.line))
        at = taken.find(text, end)
        if at >= 0:
            kept.append(index)
            end = at + len(text)
    return kept


def _own(line: Line) -> str:
    """Return a line's text without what only a merged cell above it says."""
    text = line.text
    for start, end in reversed(line.made):
        text = text[:start] + text[end:]
    return text


def _extracted(box: Any) -> str:  # noqa: ANN401
    """Return the text that trafilatura takes from the box, as the one article of a page."""
    page = lxml.html.document_fromstring("<html><body></body></html>")
    article = lxml.html.fragment_fromstring(etree.tostring(box, encoding="unicode", with_tail=False), "article")
    for element in article.iter("center", "body"):
        element.tag = "div"
    page.find("body").append(article)
    found = trafilatura.bare_extraction(page, include_comments=False, include_tables=True, config=CONFIG)
    body = getattr(found, "body", None)
    return "".join(body.itertext()) if body is not None else ""


def _pieces(box: Any) -> Iterator[Piece]:  # noqa: ANN401
    levels = [element for element in box.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    known = len(levels) > 1  # one alone is the title
    for text, linked, element in _texts(box):
        if element.tag == "table" and (found := grid_of(element)):
            yield from _rows(element, *found)
            continue
        kind, level = _kind(element, text, known)
        is_whole = "\n" not in text.strip()
        for line in filter(None, (" ".join(one.split()) for one in text.split("\n"))):
            yield Piece(Line(line, 1, False, None, is_whole, kind, level), linked)


def _rows(table: Any, grid: list[list[GridCell]], header: int | None) -> Iterator[Piece]:  # noqa: ANN401
    """Yield the rows of a table of data; all of them count as links where most of its words are."""
    linked = 2 * sum(map(_length, table.iter("a"))) > len(squash(table.text_content()))
    for caption in table.iter("caption"):
        if title := " ".join(caption.text_content().split()):
            yield Piece(Line(title, 1, False, None, True, "paragraph"), 0)
    for line in lines_of_table(grid, header):
        yield Piece(line, len(line.text) if linked else 0)


def _kind(element: Any, text: str, known: bool) -> tuple[BlockKind | None, int]:  # noqa: ANN401
    """Return what the page says of an element; None leaves it to be found out, as bold paragraphs may be headings."""
    if re.fullmatch("h[1-6]", element.tag):
        return "heading", int(element.tag[1])
    if element.tag == "figcaption" or next(element.iterancestors("figcaption"), None) is not None:
        return "caption", 1
    if element.tag in ("li", "tr", "td", "th", "pre", "blockquote", "dd", "dt") or (known and not is_caption(text)):
        return "paragraph", 1
    return None, 1


def _texts(element: Any) -> Iterator[tuple[str, int, Any]]:  # noqa: ANN401
    """Yield the text of every block, its characters in links, and its element, in reading order; a new line is <br>."""
    if element.tag == "table" and grid_of(element):
        yield "", 0, element
        return
    if element.tag == "tr" and not element.xpath("ancestor::tr|.//tr|.//p[2]|.//div[2]"):
        cells = [" ".join(cell.text_content().split()) for cell in element if isinstance(cell.tag, str)]
        yield " ".join(filter(None, cells)), sum(map(_length, element.iter("a"))), element
        return
    inline: list[str] = []
    linked = [0]
    in_link = next(element.iterancestors("a"), None) is not None
    for part in _parts(element, inline, linked, in_link):
        yield "".join(inline), linked[0], element
        inline.clear()
        linked[0] = 0
        yield from _texts(part)
    yield "".join(inline), linked[0], element


def _length(link: Any) -> int:  # noqa: ANN401
    return len(squash(link.text_content()))


def _parts(element: Any, inline: list[str], linked: list[int], in_link: bool) -> Iterator[Any]:  # noqa: ANN401
    """Yield the blocks below an element; what stands between them is put into ``inline`` before each is yielded."""
    is_preformatted = element.tag == "pre"

    def add(text: str | None, in_link: bool) -> None:
        inline.append(text or "" if is_preformatted else re.sub(r"\s", " ", text or ""))
        linked[0] += len(squash(text or "")) * in_link

    add(element.text, in_link)
    for child in element:
        if isinstance(child.tag, str) and child.tag not in SKIPPED:
            if child.tag == "br":
                inline.append("\n")
            elif child.tag in BLOCKS:
                yield child
            else:
                yield from _parts(child, inline, linked, in_link or child.tag == "a")
        add(child.tail, in_link)
