"""Addresses of reports and of their paragraphs."""

from __future__ import annotations

from urllib.parse import quote


def paragraph_url(document_id: str, paragraph: int) -> str:
    """Return the path that opens a report at a paragraph."""
    return f"/documents/{quote(document_id)}/view#p{paragraph}"
