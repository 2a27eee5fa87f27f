"""Word reports (``.docx``): the text as Word prints it, numbers included; headings by their styles, tables by rows."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml.etree import ErrorTypes, LxmlError, XMLSyntaxError

from retrieval.corpus.archive import refuse_bomb
from retrieval.corpus.draft import MAX_CHARACTERS, Draft
from retrieval.corpus.formats.word.numbering import Numbering
from retrieval.corpus.formats.word.story import Piece, Story
from retrieval.corpus.formats.word.styles import Styles
from retrieval.corpus.layout import read_lines
from retrieval.corpus.lines import Line, Ranges
from retrieval.corpus.metadata import is_title
from retrieval.errors import ReportUnreadable

Element = Any  # lxml has no types

DAMAGED = "the Word file is damaged: open it in Word and save it again"
OLD_FORMAT = bytes.fromhex("d0cf11e0a1b11ae1")
PARSER_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    OpcError,
    LxmlError,
    KeyError,
    ValueError,
    OSError,
    EOFError,
    NotImplementedError,
)
NOTES = ("footnotes", "endnotes")
PICTURES = (qn("a:blip"), "{urn:schemas-microsoft-com:vml}imagedata")
FRAMES = (qn("wp:inline"), qn("wp:anchor"))
A4 = (7_560_310, 10_692_130)
"""Width and height in English metric units, 360,000 to a centimetre."""
PAGE_SHARE = 0.5
"""Share of the page's width and height that a picture of a page takes up at least."""

_TYPE_DECLARATION = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E")
_BARE_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_PAGE_NUMBER = re.compile(r"[\W\d_]*(?:(?:第|共|页|頁|總|总|page|of)[\W\d_]*)*", re.IGNORECASE)


def read_docx(data: bytes, pages: Mapping[str, Any] | None = None) -> Draft:
    """Read a ``.docx`` report; ReportUnreadable if it is damaged, protected, or hostile.

    When the file was made is no date of the report, because a template or a copy has a day of its own. Pictures that
    take up a page are pages that were scanned, in a file without text all are; ``pages`` are those that were
    recognised, as JSON.
    """
    document = _open(data)
    styles = Styles(document.styles.element)
    numbering = Numbering(next(_parts(document, "numbering"), None), styles)
    lines: list[Line] = []
    titles, furniture = [], []
    for piece in _pieces(document, styles, numbering):
        if piece.role.contents:
            furniture.append(piece.text)
            continue
        if piece.role.title:
            titles.append(" ".join(piece.text.split()))
        lines += _lines(piece)
    furniture += _around(document, styles, numbering)
    if sum(len(line.text) for line in lines) > MAX_CHARACTERS:
        raise ReportUnreadable(f"it holds more than {MAX_CHARACTERS:,} characters: split it")
    if any(line.kind == "heading" for line in lines):
        lines = [replace(line, kind=line.kind or "paragraph") for line in lines]
    properties = document.core_properties
    named = " ".join(properties.title.split())
    visible = {"".join(line.text.split()) for line in lines[:10]}
    if named and titles and "".join(named.split()) not in visible:
        named = titles[0]  # what the author shows is surer than what a template has left behind
    draft = read_lines(lines, named if is_title(named) else next(iter(titles), None))
    author = [("author", properties.author)] if properties.author not in ("", "python-docx") else []
    if pictures := _pictures(document):
        draft = _with_pictures(draft, len(pictures), pages)
    return replace(
        draft,
        metadata=(*draft.metadata, *author),
        furniture=(*draft.furniture, *furniture),
    )


def _lines(piece: Piece) -> list[Line]:
    """Part a paragraph at its line breaks; a table's row stays whole."""
    if piece.row:
        return [Line(piece.text, 1, False, None, True, "row", made=piece.made, row=piece.row)]
    role, spans = piece.role, [match.span() for match in _BARE_LINE.finditer(piece.text)]
    whole = len(spans) == 1
    return [
        Line(piece.text[start:end], 1, False, None, whole, role.kind, role.level, made=_within(piece.made, start, end))
        for start, end in spans
    ]


def _within(ranges: Ranges, start: int, end: int) -> Ranges:
    """Return the ranges between ``start`` and ``end``, counted from ``start``; none reaches over a line break."""
    first, last = bisect_left(ranges, (start,)), bisect_left(ranges, (end,))
    return tuple((low - start, high - start) for low, high in ranges[first:last])


def _open(data: bytes) -> WordDocument:
    if data.startswith(OLD_FORMAT):
        raise ReportUnreadable("protected by a password, or an old .doc: save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            refuse_bomb(package.infolist())
            for part in package.infolist():
                if part.filename.endswith((".xml", ".rels")) and _TYPE_DECLARATION.search(package.read(part)):
                    raise ReportUnreadable("its XML declares a document type, as no Word file does: refused")
        return docx.Document(io.BytesIO(data))
    except PARSER_ERRORS as error:
        if isinstance(error, XMLSyntaxError) and error.code == ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise ReportUnreadable(DAMAGED) from error


# The parts of the file


def _pieces(document: WordDocument, styles: Styles, numbering: Numbering) -> Iterator[Piece]:
    """Yield every paragraph in reading order; a note comes after the paragraph that cites it."""
    notes = {}
    for kind in NOTES:
        for part in _parts(document, kind):
            for note in part:
                if note.get(qn("w:type")) in (None, "normal"):
                    notes[kind, note.get(qn("w:id"), "")] = note
    body, story = document.element.body, Story(styles, numbering, notes)
    yield from story.read(body)
    for name in ("w:footnoteReference", "w:endnoteReference"):
        for reference in body.iter(qn(name)):
            notes.pop((f"{name[2:].removesuffix('Reference')}s", reference.get(qn("w:id"), "")), None)  # was deleted
    for note in list(notes.values()):
        yield from story.read_note(note)


def _around(document: WordDocument, styles: Styles, numbering: Numbering) -> list[str]:
    """Return what headers and footers say, each once; page numbers are none of it."""
    found: dict[str, None] = {}
    relations = document.part.rels
    for reference in document.element.body.iter(qn("w:headerReference"), qn("w:footerReference")):
        relation = relations.get(reference.get(qn("r:id")))
        if relation is None or relation.is_external:
            continue
        for piece in Story(styles, numbering, zones=True).read(parse_xml(relation.target_part.blob)):
            zones = (" ".join(zone.split()) for zone in piece.text.split("\n"))
            found |= {zone: None for zone in zones if not _PAGE_NUMBER.fullmatch(zone)}
    return list(found)


# Pages that are pictures


def pictures_in(data: bytes) -> list[bytes]:
    """Return the pictures of a ``.docx`` file that are pages, in the order in which they stand in its text."""
    return _pictures(_open(data))


def _pictures(document: WordDocument) -> list[bytes]:
    """Return the pictures that take up most of a page; where there is no text, all of them."""
    body, found = document.element.body, []
    alone = not any((text.text or "").strip() for text in body.iter(qn("w:t")))
    for picture in body.iter(*PICTURES):
        relation = document.part.rels.get(picture.get(qn("r:embed")) or picture.get(qn("r:id")))
        if relation is None or relation.is_external or not relation.reltype.endswith("/image"):
            continue
        if alone or _fills_page(picture, document):
            found.append(relation.target_part.blob)
    return found


def _fills_page(picture: Element, document: WordDocument) -> bool:
    extent = next(
        (size for frame in picture.iterancestors(*FRAMES) if (size := frame.find(qn("wp:extent"))) is not None), None
    )
    if extent is None:
        return False
    section = document.sections[-1]
    page = section.page_width or A4[0], section.page_height or A4[1]
    shown = int(extent.get("cx", 0)), int(extent.get("cy", 0))
    return all(one >= PAGE_SHARE * whole for one, whole in zip(shown, page, strict=True))


def _with_pictures(draft: Draft, count: int, pages: Mapping[str, Any] | None) -> Draft:
    """Return a draft with what was recognised on the pictures below it, where attached pages stand."""
    from retrieval.corpus.formats.pdf import draft_of_pictures

    try:
        more = draft_of_pictures(count, pages, draft.title or "")
    except ReportUnreadable:  # they are pictures of something else
        return draft
    return replace(
        draft,
        blocks=(*draft.blocks, *more.blocks),
        title=draft.title or more.title,
        date=draft.date or more.date,
        source=draft.source or more.source,
        metadata=(*draft.metadata, *more.metadata),
        furniture=(*draft.furniture, *more.furniture),
        unread=more.unread,
    )


def _parts(document: WordDocument, kind: str) -> Iterator[Element]:
    for relation in document.part.rels.values():
        if relation.reltype.endswith(f"/{kind}") and not relation.is_external:
            yield parse_xml(relation.target_part.blob)
