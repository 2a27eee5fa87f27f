"""The two HTML pages: the chat, and a report with its paragraphs to link to."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.texts import negotiate, texts
from retrieval.parts import Table, TableRow
from retrieval.types import MAX_QUESTION_CHARACTERS, Document

_MARK = re.compile(r"^(\d{1,9})-(\d{1,9})$")

Pieces = list[tuple[str, bool]]
"""A text cut at the marked part: (piece, is marked)."""


@cache
def _templates() -> Environment:
    folder = Path(__file__).with_name("templates")
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)


def page(examples: dict[str, Any], lang: str | None, accept_language: str, *, feedback: bool) -> HTMLResponse:
    """Return the chat page in the visitor's language, with buttons to vote on answers if ``feedback`` is kept."""
    language = negotiate(lang, accept_language)
    html = _templates().get_template("page.html").render(
        lang=language,
        t=texts()[language],
        texts=texts(),
        examples=examples,
        max_question_chars=MAX_QUESTION_CHARACTERS,
        feedback=feedback,
    )  # fmt: skip
    return HTMLResponse(html, headers={"Vary": "Accept-Language"})


def report_page(document: Document, lang: str | None, accept_language: str, mark: str | None) -> HTMLResponse:
    """Return a report for reading, with ``mark`` ("START-END", offsets in its text) highlighted."""
    language = negotiate(lang, accept_language)
    match = _MARK.match(mark or "")
    marked = (int(match[1]), int(match[2])) if match else (0, 0)
    html = _templates().get_template("report.html").render(
        lang=language,
        t=texts()[language],
        document={
            "document_id": document.document_id,
            "title": document.title,
            "title_derived": document.title_derived,
            "date": document.date.isoformat() if document.date else None,
            "source": document.source,
            "metadata": _distinct_metadata(document),
        },
        blocks=blocks_of(document, marked),
        mark=mark if match else None,
        place=_place(document, marked),
    )  # fmt: skip
    return HTMLResponse(html, headers={"Vary": "Accept-Language"})


def _place(document: Document, marked: tuple[int, int]) -> str | None:
    """Return the anchor of what holds the mark: where the language switch leads without JavaScript."""
    places = [(f"p{paragraph.number}", paragraph.start, paragraph.end) for paragraph in document.paragraphs]
    places += [(f"c{number}", aside.start, aside.end) for number, aside in enumerate(document.asides, start=1)]
    return next((name for name, start, end in places if max(start, marked[0]) < min(end, marked[1])), None)


def _distinct_metadata(document: Document) -> list[tuple[str, str]]:
    """Return what the head of the page does not say already, each pair once."""
    shown = {("source", document.source)}
    return [pair for pair in dict.fromkeys(document.metadata) if pair not in shown and pair[0] != "page"]


def blocks_of(document: Document, marked: tuple[int, int] = (0, 0)) -> list[dict[str, Any]]:
    """Return headings, paragraphs, asides and tables in reading order for the template."""
    placed: list[tuple[int, dict[str, Any]]] = []
    for heading in document.headings:
        pieces = cut(document.text, heading.start, heading.end, marked)
        placed.append((heading.start, _block("heading", pieces, level=heading.level)))
    in_tables = {row.paragraph for table in document.tables for row in table.rows}
    for paragraph in document.paragraphs:
        if paragraph.number not in in_tables:
            pieces = cut(document.text, paragraph.start, paragraph.end, marked)
            placed.append((paragraph.start, _block("paragraph", pieces, number=paragraph.number)))
    for number, aside in enumerate(document.asides, start=1):
        pieces = cut(document.text, aside.start, aside.end, marked)
        placed.append((aside.start, _block(aside.kind, pieces, number=number)))
    for table in document.tables:
        first = (table.header or table.rows)[0]
        placed.append((first.start, _table(document.text, table, marked)))
    return [block for _, block in sorted(placed, key=lambda pair: pair[0])]


def _table(text: str, table: Table, marked: tuple[int, int]) -> dict[str, Any]:
    header, rows = ([_row(text, row, marked) for row in part] for part in (table.header, table.rows))
    return {"kind": "table", "number": None, "text": "", "pieces": [], "header": header, "rows": rows}


def _row(text: str, row: TableRow, marked: tuple[int, int]) -> dict[str, Any]:
    cells = [{"pieces": cut(text, cell.start, cell.end, marked), "columns": cell.columns} for cell in row.cells]
    return {"number": row.paragraph, "cells": cells}


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
