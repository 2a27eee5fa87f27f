"""Addresses of reports, of their paragraphs, and of what is cited in them beside paragraphs."""

from __future__ import annotations

from urllib.parse import quote


def paragraph_url(document_id: str, paragraph: int | None, aside: int | None = None) -> str:
    """Return the path that opens a report at a paragraph, or where there is none, at an aside."""
    place = f"c{aside}" if paragraph is None else f"p{paragraph}"
    return f"/documents/{quote(document_id)}/view#{place}"
