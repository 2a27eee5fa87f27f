"""The reports of a generation on disk: ``documents.jsonl``, one Document a line, in JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from retrieval.types import Caption, Document, Heading, Paragraph

DOCUMENTS = "documents.jsonl"


def write_documents(folder: Path, documents: Iterable[Document]) -> None:
    """Write the reports, in their order."""
    with (folder / DOCUMENTS).open("w", encoding="utf-8", newline="\n") as file:
        for document in documents:
            file.write(json.dumps(dataclasses.asdict(document), ensure_ascii=True, default=str) + "\n")


def read_documents(folder: Path) -> tuple[Document, ...]:
    """Read the reports back; OSError, ValueError, KeyError or TypeError if the file is not what was written."""
    with (folder / DOCUMENTS).open(encoding="utf-8") as lines:  # as a whole it would leave memory in pieces
        return tuple(_document_from(json.loads(line)) for line in lines)


def _document_from(values: dict[str, Any]) -> Document:
    values["date"] = dt.date.fromisoformat(values["date"]) if values["date"] else None
    values["paragraphs"] = tuple(Paragraph(**entry) for entry in values["paragraphs"])
    values["headings"] = tuple(Heading(**entry) for entry in values["headings"])
    values["captions"] = tuple(Caption(**entry) for entry in values["captions"])
    values["metadata"] = tuple((label, value) for label, value in values["metadata"])
    values["furniture"] = tuple(values["furniture"])
    values["made"] = tuple((start, end) for start, end in values.get("made", ()))  # not there in older indexes
    return Document(**values)
