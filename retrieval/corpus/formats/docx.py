"""Word reports (``.docx``): paragraphs, headings by their styles, tables row by row, text boxes and notes."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml.etree import ErrorTypes, LxmlError, XMLSyntaxError

from retrieval.corpus.archive import refuse_bomb
from retrieval.corpus.draft import MAX_CHARACTERS, BlockKind, Draft
from retrieval.corpus.layout import read_lines
from retrieval.corpus.lines import Line
from retrieval.corpus.metadata import find_date, is_title
from retrieval.errors import ReportUnreadable

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
BODY_LEVEL = 9
"""Outline level of body text in the file; headings are 0 to 8."""
TEMPLATE_CREATED = dt.date(2013, 12, 23)
"""When the template that python-docx starts from was made: says nothing about a report."""

_TYPE_DECLARATION = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E")
_HEADING_STYLE = re.compile(r"^(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
_CONTENTS_STYLE = re.compile(r"^(?:toc|目录)\s*\d?$", re.IGNORECASE)
_UNSEEN = frozenset(
    {qn("w:del"), qn("w:moveFrom"), qn("w:txbxContent"), "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)  # fmt: skip
_SIGNS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}


@dataclass(frozen=True, slots=True)
class Role:
    """What a paragraph style makes of its paragraphs; ``contents`` are lines of the table of contents."""

    kind: BlockKind | None = None
    level: int = 1
    title: bool = False
    contents: bool = False


def read_docx(data: bytes) -> Draft:
    """Read a ``.docx`` report; ReportUnreadable if it is damaged, protected, or hostile."""
    document = _open(data)
    lines, titles, contents = [], [], []
    for text, role in _paragraphs(document):
        if role.contents:
            contents.append(text)
            continue
        if role.title:
            titles.append(" ".join(text.split()))
        parts = [bare for part in text.split("\n") if (bare := part.strip())]
        lines += [Line(part, 1, False, None, len(parts) == 1, role.kind, role.level) for part in parts]
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
    return replace(
        draft,
        date=draft.date or _created(properties.created),
        metadata=(*draft.metadata, *author),
        furniture=(*draft.furniture, *contents),
    )


def _created(created: dt.datetime | None) -> dt.date | None:
    day = find_date(created.date().isoformat()) if created else None
    return None if day == TEMPLATE_CREATED else day


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


# Paragraphs and their styles


def _paragraphs(document: WordDocument) -> Iterator[tuple[str, Role]]:
    """Yield every paragraph's text and role in reading order; notes come last."""
    roles = _roles(document)
    yield from _walk(document.element.body, roles)
    for relation in document.part.rels.values():
        if relation.reltype.endswith(("/footnotes", "/endnotes")) and not relation.is_external:
            notes = parse_xml(relation.target_part.blob)
            for note in notes:
                if note.get(qn("w:type")) in (None, "normal"):
                    yield from ((text, Role("paragraph")) for text, _ in _walk(note, {}))


def _walk(element: Any, roles: Mapping[str, Role]) -> Iterator[tuple[str, Role]]:  # noqa: ANN401 - lxml has no types
    for child in element:
        if child.tag == qn("w:p"):
            yield from _paragraph(child, roles)
        elif child.tag == qn("w:tbl"):
            yield from _table(child, roles)
        elif isinstance(child.tag, str) and child.tag not in _UNSEEN:
            yield from _walk(child, roles)


def _paragraph(element: Any, roles: Mapping[str, Role]) -> Iterator[tuple[str, Role]]:  # noqa: ANN401
    text = "".join(_text(element))
    if text.strip():
        yield text, _role(element, roles)
    for box in element.iter(qn("w:txbxContent")):
        if not any(parent.tag in _UNSEEN for parent in box.iterancestors()):
            yield from _walk(box, roles)


def _table(table: Any, roles: Mapping[str, Role]) -> Iterator[tuple[str, Role]]:  # noqa: ANN401
    """Yield a paragraph for each row; a cell that fills its row is a box around ordinary text."""
    for row in table.iter(qn("w:tr")):
        if next(row.iterancestors(qn("w:tbl"))) is not table:
            continue  # of a table in a cell, which is read with its cell
        cells = [cell for cell in row.iter(qn("w:tc")) if next(cell.iterancestors(qn("w:tr"))) is row]
        if len(cells) == 1:
            yield from _walk(cells[0], roles)
            continue
        texts = [" ".join(" ".join(text for text, _ in _walk(cell, {})).split()) for cell in cells]
        if text := " ".join(filter(None, texts)):
            yield text, Role("paragraph")


def _text(element: Any) -> Iterator[str]:  # noqa: ANN401
    for child in element:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif isinstance(child.tag, str) and child.tag not in _UNSEEN and child.tag != qn("w:pPr"):
            yield from _text(child)


def _role(paragraph: Any, roles: Mapping[str, Role]) -> Role:  # noqa: ANN401
    level = paragraph.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    if level is not None and int(level.get(qn("w:val"))) < BODY_LEVEL:
        return Role("heading", 1 + int(level.get(qn("w:val"))))
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return roles.get(style.get(qn("w:val")), Role()) if style is not None else Role()


def _roles(document: WordDocument) -> dict[str, Role]:
    """Return the role of every paragraph style by its id; a style is like the one it is based on."""
    styles = {style.get(qn("w:styleId")): style for style in document.styles.element.iter(qn("w:style"))}
    roles: dict[str, Role] = {}
    for key, style in styles.items():
        seen: list[Any] = []
        while style is not None and style not in seen and (role := _own_role(style)) is None:
            seen.append(style)
            based = style.find(qn("w:basedOn"))
            style = styles.get(based.get(qn("w:val"))) if based is not None else None
        roles[key] = role if style is not None and role is not None else Role()
    return roles


def _own_role(style: Any) -> Role | None:  # noqa: ANN401
    named = style.find(qn("w:name"))
    name = named.get(qn("w:val"), "") if named is not None else ""
    level = style.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    if _CONTENTS_STYLE.match(name):
        return Role(contents=True)
    if heading := _HEADING_STYLE.match(name):
        return Role("heading", int(heading[1]))
    if name.lower() in ("title", "标题"):
        return Role("heading", 1, title=True)
    if name.lower() in ("caption", "题注"):
        return Role("caption")
    if level is not None and int(level.get(qn("w:val"))) < BODY_LEVEL:
        return Role("heading", 1 + int(level.get(qn("w:val"))))
    return None
