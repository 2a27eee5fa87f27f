"""One earlier text as any store has it, and which of many stay."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from retrieval.disk import version_of
from retrieval.index.documents_file import document_from, json_of
from retrieval.types import Document

log = logging.getLogger("wenbao")

KEPT_VERSIONS = 5
REMOVED_DAYS = 365
REMOVED_VERSIONS = 10_000
"""How long the texts of removed reports are kept, and how many of them in all."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """A report as it was ``until`` another text took its place, or it was removed."""

    document: Document
    version: str
    until: dt.datetime


def row_of(document: Document) -> tuple[str, str, str, str, bytes]:
    """Return a text that is the present one no longer: id, version, until when, digest and compressed JSON."""
    content = zlib.compress(json_of(document, is_ascii=False).encode("utf-8", "surrogatepass"))
    until = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return document.document_id, version_of(document.text), until, hashlib.sha256(content).hexdigest(), content


def superseded_from(version: str, until: str, digest: str, content: bytes) -> Superseded | None:
    """Return the text of such values without the id; None where they are damaged, which the log says."""
    try:
        if hashlib.sha256(content).hexdigest() != digest:
            raise ValueError("its checksum differs")
        document = document_from(json.loads(zlib.decompress(content)))
        return Superseded(document, version, dt.datetime.fromisoformat(until))
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        log.error("version %s of a report cannot be read from the history: %s", version, error)
        return None


def surplus(rows: Iterable[Sequence[Any]], present: Mapping[str, Document], most: int) -> Iterator[int]:
    """Yield the numbers of what to drop, of ``rows`` of number, id, version and until, from the latest on."""
    oldest = (dt.datetime.now(dt.UTC) - dt.timedelta(days=REMOVED_DAYS)).isoformat(timespec="seconds")
    kept, removed = Counter[str](), 0
    for number, document_id, version, until in rows:
        document = present.get(document_id)
        kept[document_id] += 1
        removed += document is None
        if document and version_of(document.text) == version:  # it is the present text once more
            kept[document_id] -= 1
            yield number
        elif kept[document_id] > most or (document is None and (until < oldest or removed > REMOVED_VERSIONS)):
            yield number
