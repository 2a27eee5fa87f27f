"""The reports of a generation on disk: ``documents.jsonl``, one Document a line, in JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from retrieval.parts import Aside, Cell, Heading, Paragraph, Table, TableRow
from retrieval.recognised import recognised_line
from retrieval.types import Document

DOCUMENTS = "documents.jsonl"


def write_documents(folder: Path, documents: Iterable[Document]) -> None:
    """Write the reports, in their order."""
    with (folder / DOCUMENTS).open("w", encoding="utf-8", newline="\n") as file:
        for document in documents:
            file.write(json_of(document) + "\n")


def read_documents(folder: Path) -> tuple[Document, ...]:
    """Read the reports back; OSError, ValueError, KeyError or TypeError if the file is not what was written."""
    with (folder / DOCUMENTS).open(encoding="utf-8") as lines:  # as a whole it would leave memory in pieces
        return tuple(document_from(json.loads(line)) for line in lines)


def json_of(document: Document, *, is_ascii: bool = True) -> str:
    """Return a report as one line of JSON."""
    return json.dumps(dataclasses.asdict(document), ensure_ascii=is_ascii, default=str)


def document_from(values: dict[str, Any]) -> Document:
    """Return the report that ``json_of`` wrote; KeyError or TypeError if it is none. ``values`` are used up."""
    values["date"] = dt.date.fromisoformat(values["date"]) if values["date"] else None
    values["paragraphs"] = tuple(Paragraph(**entry) for entry in values["paragraphs"])
    values["headings"] = tuple(Heading(**entry) for entry in values["headings"])
    values["asides"] = tuple(Aside(**entry) for entry in values.get("asides", ()))  # not there in older indexes
    values["tables"] = tuple(map(_table_from, values.get("tables", ())))
    values.pop("captions", None)  # of older indexes, where they stood beside the text
    values["metadata"] = tuple((label, value) for label, value in values["metadata"])
    values["furniture"] = tuple(values["furniture"])
    values["made"] = tuple((start, end) for start, end in values.get("made", ()))
    values["recognised"] = tuple(map(recognised_line, values.get("recognised", ())))
    return Document(**values)


def _table_from(entry: dict[str, Any]) -> Table:
    return Table(tuple(map(_row_from, entry["header"])), tuple(map(_row_from, entry["rows"])))


def _row_from(entry: dict[str, Any]) -> TableRow:
    return TableRow(tuple(Cell(**cell) for cell in entry["cells"]), entry["paragraph"])
