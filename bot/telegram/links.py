"""Addresses in messages and in buttons: pages, deep links into the chat with the bot, and short ids of reports."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

from bot.links import citation_url, view_path
from bot.service.shelf import Shelf
from retrieval.listing import Listing
from retrieval.types import AnswerText, Citation, Document

_PAYLOAD = re.compile(r"^p-([0-9a-f]{12})-(\d{1,6})$")


class Links:
    """Where things can be opened: the pages, if Telegram takes links to them, and the bot itself.

    ``bot_username`` is empty until the bot has said who it is.
    """

    def __init__(self, public_url: str | None, bot_username: str = "") -> None:
        self._pages = public_url.rstrip("/") if public_url and _is_accepted(public_url) else None
        self.bot_username = bot_username

    @property
    def lead_to_pages(self) -> bool:
        """Whether there are links to pages."""
        return self._pages is not None

    def page_of(self, citation: Citation, sentence: AnswerText | None = None) -> str | None:
        """Return the web address of a quote, or of a sentence of it, if it can be linked."""
        return self._pages + citation_url(citation, sentence) if self._pages else None

    def report(self, document_id: str) -> str | None:
        """Return the web address of a report's page, if it can be linked."""
        return self._pages + view_path(document_id) if self._pages else None

    def start_link(self, document: Listing, paragraph: int) -> str:
        """Return the deep link that opens a paragraph in a chat with the bot."""
        return f"https://t.me/{self.bot_username}?start={start_payload(document.document_id, paragraph)}"


def _is_accepted(url: str) -> bool:
    """Whether Telegram takes links to a host; one that it does not take would cost the whole message."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return "." in host or ":" in host


def short_id(document_id: str) -> str:
    """Return 12 hexadecimal digits for a document: ids may be longer than a button or a link can carry."""
    return hashlib.sha256(document_id.encode("utf-8", "surrogatepass")).hexdigest()[:12]


async def document_with(identifier: str, shelf: Shelf) -> Document | None:
    """Return the document that has this short id."""
    found = next((one for one in shelf.by_id if short_id(one) == identifier), None)
    return await shelf.report(found) if found else None


def start_payload(document_id: str, paragraph: int) -> str:
    """Return what follows ``?start=`` in a deep link to a paragraph."""
    return f"p-{short_id(document_id)}-{paragraph}"


def read_start_payload(payload: str) -> tuple[str, int] | None:
    """Return the short id and the paragraph that a deep link names; None if it names none."""
    match = _PAYLOAD.match(payload)
    return (match[1], int(match[2])) if match else None
