"""Which texts are the present ones no longer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from retrieval.disk import sha256_of
from retrieval.errors import SnapshotError
from retrieval.index.documents_file import DOCUMENTS, read_documents
from retrieval.index.local.snapshot import published
from retrieval.index.manifest import MANIFEST
from retrieval.types import Document


def superseded(before: Iterable[Document], after: Mapping[str, Document]) -> list[Document]:
    """Return the reports whose text is no longer the present one: another took its place, or the report is gone."""
    return [one for one in before if one.document_id not in after or after[one.document_id].text != one.text]


def published_documents(index_path: Path) -> tuple[Document, ...]:
    """Return the reports of the published generation, even where nothing else of it can be used any more."""
    try:
        folder = published(index_path)
        if folder is None:
            return ()
        files = json.loads((folder / MANIFEST).read_bytes())["files"]
        return read_documents(folder) if sha256_of(folder / DOCUMENTS) == files[DOCUMENTS][1] else ()
    except (SnapshotError, OSError, ValueError, KeyError, TypeError, IndexError):
        return ()
