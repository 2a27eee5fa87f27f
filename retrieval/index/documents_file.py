"""The reports of a generation on disk, a line each, and the table of its passages."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.index.dense import DenseIndex
from retrieval.types import Caption, Document, Heading, Paragraph, Passage


def write_parts(folder: Path, documents: Sequence[Document], passages: Sequence[Passage], dense: DenseIndex) -> None:
    """Write ``documents.jsonl``, ``passages.npy`` and ``vectors.faiss``."""
    rows = {document.document_id: row for row, document in enumerate(documents)}
    table = [(rows[p.document_id], p.paragraph, p.start, p.end) for p in passages]
    np.save(folder / "passages.npy", np.array(table, dtype=np.int32).reshape(len(table), 4))
    with (folder / "documents.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for document in documents:
            file.write(json.dumps(dataclasses.asdict(document), ensure_ascii=True, default=str) + "\n")
    dense.save(folder / "vectors.faiss")


def document_from(values: dict[str, Any]) -> Document:
    """Return the document of one line of ``documents.jsonl``."""
    values["date"] = dt.date.fromisoformat(values["date"]) if values["date"] else None
    values["paragraphs"] = tuple(Paragraph(**entry) for entry in values["paragraphs"])
    values["headings"] = tuple(Heading(**entry) for entry in values["headings"])
    values["captions"] = tuple(Caption(**entry) for entry in values["captions"])
    values["metadata"] = tuple((label, value) for label, value in values["metadata"])
    values["furniture"] = tuple(values["furniture"])
    return Document(**values)
