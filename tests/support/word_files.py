"""Word files with what python-docx has no words for: lists that number themselves, and raw paragraphs."""

from __future__ import annotations

import io

import docx
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

MORE_NAMESPACES = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)


def saved(document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def lvl(style: str, text: str, level: int = 0, start: int | None = 1, more: str = "") -> str:
    begin = "" if start is None else f'<w:start w:val="{start}"/>'
    return f'<w:lvl w:ilvl="{level}">{begin}<w:numFmt w:val="{style}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


def abstract(key: int, *levels: str) -> str:
    """Return a ``w:abstractNum``, whose levels are given in order or say their own."""
    return f'<w:abstractNum w:abstractNumId="{key}">{"".join(levels)}</w:abstractNum>'


def num(key: int, of: int, **starts: int) -> str:
    """Return a ``w:num``; ``level_0=5`` begins level 0 anew at 5."""
    overrides = "".join(
        f'<w:lvlOverride w:ilvl="{name.removeprefix("level_")}"><w:startOverride w:val="{start}"/></w:lvlOverride>'
        for name, start in starts.items()
    )
    return f'<w:num w:numId="{key}"><w:abstractNumId w:val="{of}"/>{overrides}</w:num>'


def listed(*lists: str, document=None):
    """Return a Word document that has the lists, and no others."""
    document = document or docx.Document()
    root = document.part.numbering_part.element
    for child in list(root):
        root.remove(child)
    root.extend(parse_xml(f"<w:numbering {nsdecls('w')}>{''.join(lists)}</w:numbering>"))
    return document


def number(properties, key: int | None, level: int | None = 0) -> None:
    """Put the properties of a paragraph or style into a list."""
    own = properties.get_or_add_pPr().get_or_add_numPr()
    if level is not None:
        own.get_or_add_ilvl().val = level
    if key is not None:
        own.get_or_add_numId().val = key


def add(document, *entries: str | tuple) -> None:
    """Add paragraphs: a text, or (text, list), or (text, list, level), or (text, list, level, style)."""
    for entry in entries:
        text, key, level, style = (*((entry,) if isinstance(entry, str) else entry), None, None, None)[:4]
        paragraph = document.add_paragraph(text, style)
        if key is not None or level is not None:
            number(paragraph._p, key, level or 0)


def add_raw(document, *paragraphs: str) -> None:
    """Add paragraphs by the XML of what is in them."""
    for inner in paragraphs:
        raw = parse_xml(f"<w:p {nsdecls('w', 'r')} {MORE_NAMESPACES}>{inner}</w:p>")
        document.element.body.insert(list(document.element.body).index(document.element.body.find(qn("w:sectPr"))), raw)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def add_part(document, kind: str, *notes: str) -> None:
    """Add the part "footnotes" or "endnotes"; each note is the XML of its paragraphs, and their ids count from 1."""
    tag = kind.removesuffix("s")
    body = "".join(f'<w:{tag} w:id="{place}">{note}</w:{tag}>' for place, note in enumerate(notes, 1))
    apart = f'<w:{tag} w:type="separator" w:id="0"><w:p>{run("———")}</w:p></w:{tag}>'
    blob = f"<w:{kind} {nsdecls('w')}>{apart}{body}</w:{kind}>".encode()
    content = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}+xml"
    part = Part(PackURI(f"/word/{kind}.xml"), content, blob, document.part.package)
    document.part.relate_to(part, f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}")
