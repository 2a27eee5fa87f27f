"""The pages of a report: its text with paragraphs to link to, an earlier text, and what is said where it is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse

from bot.links import CitedWords, original_path, view_path, words_query
from bot.texts import Language
from bot.web.page_pictures import pictures_of
from bot.web.pages import filled
from bot.web.tracing import Pieces, Trace, differences, paragraph_around, words_in_past
from retrieval.index.history import Superseded
from retrieval.parts import Aside, Paragraph, Table, TableRow
from retrieval.types import Document

NOWHERE = (0, 0)


@dataclass(frozen=True, slots=True)
class Cited:
    """The words that a link leads to, and what became of them."""

    words: CitedWords
    trace: Trace


def report_page(document: Document, language: Language, cited: Cited | None) -> HTMLResponse:
    """Return a report for reading, with cited words marked where they stand now, or with what became of them."""
    changed = _changed(document, cited.trace) if cited and not cited.trace.place else None
    query = cited.words.query if cited else ""
    return _page(document, language, cited, query=query, changed=changed, original=original_path(document.document_id))


def earlier_page(past: Superseded, language: Language, cited: Cited | None, *, is_withdrawn: bool) -> HTMLResponse:
    """Return an earlier text of a report, which says that it is one."""
    query = f"version={past.version}" + (f"&{cited.words.query}" if cited else "")
    until = {"version": past.version, "until": past.until.date().isoformat(), "is_withdrawn": is_withdrawn}
    return _page(past.document, language, cited, query=query, past=until)


def withdrawn_page(past: Sequence[Superseded], language: Language, words: CitedWords | None) -> HTMLResponse:
    """Return what is said of a report that is gone (410), with the cited words in the last text that holds them."""
    last, found = past[0], words_in_past(words, past) if words else None
    holds, pieces = last, Pieces()
    if found:
        holds, (start, end) = found
        pieces = _marked(paragraph_around(holds.document, start, end), holds.document.text[start:end])
    address = _address(holds, words if found else None)
    about = {"title": last.document.title, "until": last.until.date().isoformat()}
    query = words.query if words else ""
    return filled("gone.html", language, 410, kind="withdrawn", **about, query=query, pieces=pieces, address=address)


def unknown_page(language: Language) -> HTMLResponse:
    """Return what is said where no report has the id, and none is remembered (404)."""
    return filled("gone.html", language, 404, kind="unknown", query="")


def version_gone_page(document_id: str, version: str, language: Language, *, is_there: bool) -> HTMLResponse:
    """Return what is said where an earlier text is not kept (404), with a link to the present one if there is one."""
    address, query = view_path(document_id) if is_there else None, urlencode({"version": version})
    return filled("gone.html", language, 404, kind="version", query=query, address=address)


def _page(
    document: Document,
    language: Language,
    cited: Cited | None,
    *,
    query: str,
    changed: dict[str, Any] | None = None,
    past: dict[str, Any] | None = None,
    original: str | None = None,
) -> HTMLResponse:
    place = cited.trace.place if cited else None
    anchor, number = (_place(document, place) if place else None) or (None, None)
    return filled(
        "report.html",
        language,
        document={
            "document_id": document.document_id,
            "title": document.title,
            "title_derived": document.title_derived,
            "date": document.date.isoformat() if document.date else None,
            "source": document.source,
            "metadata": _distinct_metadata(document),
        },
        blocks=blocks_of(document, place or NOWHERE),
        query=query,
        place=anchor,
        number=number,
        is_moved=bool(cited and place and place != (cited.words.start, cited.words.end)),
        changed=changed,
        past=past,
        present=view_path(document.document_id),
        original=original,
        has_pages=PurePosixPath(document.path).suffix.lower() == ".pdf",
    )


def _changed(document: Document, trace: Trace) -> dict[str, Any]:
    """Return the two versions of a paragraph for the template, cut where they differ."""
    now = document.text[trace.now.start : trace.now.end] if trace.now else None
    was, is_now = ([(trace.was or "", False)], [(now or "", False)])
    if trace.was is not None and now is not None:
        was, is_now = differences(trace.was, now)
    return {
        "was": was if trace.was is not None else None,
        "now": is_now if now is not None else None,
        "number": trace.now.number if trace.now else None,
        "address": _address(trace.past) if trace.past else None,
        "until": trace.past.until.date().isoformat() if trace.past else None,
    }


def _address(past: Superseded, words: CitedWords | None = None) -> str:
    query = f"?version={past.version}" + (f"&{words.query}" if words else "")
    return view_path(past.document.document_id) + query


def _marked(text: str, words: str) -> Pieces:
    start = text.find(words)
    return cut(text, 0, len(text), (start, start + len(words)))


def _distinct_metadata(document: Document) -> list[tuple[str, str]]:
    """Return what the head of the page does not say already, each pair once."""
    shown = {("source", document.source)}
    return [pair for pair in dict.fromkeys(document.metadata) if pair not in shown and pair[0] != "page"]


def _place(document: Document, marked: tuple[int, int]) -> tuple[str, int | None] | None:
    """Return the anchor of what holds the mark, and its number if it is a paragraph."""

    def holds(part: Paragraph | Aside) -> bool:
        return max(part.start, marked[0]) < min(part.end, marked[1])

    number = next((paragraph.number for paragraph in document.paragraphs if holds(paragraph)), None)
    if number is not None:
        return f"p{number}", number
    return next(((f"c{at}", None) for at, aside in enumerate(document.asides, start=1) if holds(aside)), None)


def blocks_of(document: Document, marked: tuple[int, int] = NOWHERE) -> list[dict[str, Any]]:
    """Return headings, paragraphs, asides and tables in reading order for the template."""
    placed: list[tuple[int, dict[str, Any]]] = []
    for heading in document.headings:
        pieces = cut(document.text, heading.start, heading.end, marked)
        placed.append((heading.start, _block("heading", pieces, level=heading.level)))
    in_tables = {row.paragraph for table in document.tables for row in table.rows}
    for paragraph in document.paragraphs:
        if paragraph.number not in in_tables:
            placed.append((paragraph.start, _paragraph(document, paragraph, marked)))
    for number, aside in enumerate(document.asides, start=1):
        pieces = cut(document.text, aside.start, aside.end, marked)
        placed.append((aside.start, _block(aside.kind, pieces, number=number)))
    for table in document.tables:
        first = (table.header or table.rows)[0]
        placed.append((first.start, _table(document, table, marked)))
    return [block for _, block in sorted(placed, key=lambda pair: pair[0])]


def _table(document: Document, table: Table, marked: tuple[int, int]) -> dict[str, Any]:
    header, rows = ([_row(document, row, marked) for row in part] for part in (table.header, table.rows))
    return {"kind": "table", "number": None, "text": "", "pieces": [], "header": header, "rows": rows}


def _row(document: Document, row: TableRow, marked: tuple[int, int]) -> dict[str, Any]:
    cells = [
        {"pieces": cut(document.text, cell.start, cell.end, marked), "columns": cell.columns} for cell in row.cells
    ]
    query = words_query(document.text, row.start, row.cells[-1].end)
    return {"number": row.paragraph, "cells": cells, "query": query}


def _paragraph(document: Document, paragraph: Paragraph, marked: tuple[int, int]) -> dict[str, Any]:
    """Return a paragraph; its page is named where the page before it was another."""
    before = document.paragraphs[paragraph.number - 2].page if paragraph.number > 1 else None
    block = _block("paragraph", cut(document.text, paragraph.start, paragraph.end, marked), number=paragraph.number)
    query = words_query(document.text, paragraph.start, paragraph.end)
    block["pictures"] = pictures_of(document, paragraph.start, paragraph.end, marked)
    return {**block, "query": query, "page": paragraph.page if paragraph.page != before else None}


def _block(kind: str, pieces: Pieces, number: int | None = None, level: int = 1) -> dict[str, Any]:
    text = "".join(piece for piece, _ in pieces)
    return {"kind": kind, "number": number, "level": min(level, 3), "text": text, "pieces": pieces}


def cut(text: str, start: int, end: int, marked: tuple[int, int]) -> Pieces:
    """Cut ``text[start:end]`` at the edges of the ``marked`` part; joined, the pieces are that text."""
    first, last = (min(max(edge, start), end) for edge in marked)
    if first >= last:
        return [(text[start:end], False)]
    pieces = [(text[start:first], False), (text[first:last], True), (text[last:end], False)]
    return [(piece, is_marked) for piece, is_marked in pieces if piece]
