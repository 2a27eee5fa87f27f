"""Errors as Telegram words them.

Exception
├── ApiError   answered instead of a result; `bad_request` and `forbidden` make one
└── Dropped    the connection ends without an answer
"""

from __future__ import annotations

import re


class ApiError(Exception):
    """What Telegram answers instead of a result: HTTP status and its own words."""

    def __init__(self, status: int, text: str) -> None:
        """Keep `text` as TDLib says it; `description` is how the Bot API passes it on."""
        super().__init__(text)
        self.status, self.text = status, text

    @property
    def description(self) -> str:
        """The words with their prefix; as in Telegram a sentence loses its capital, a CONSTANT does not."""
        prefix = {400: "Bad Request: ", 403: "Forbidden: "}.get(self.status, "")
        if not prefix or re.match(r".[A-Z_]", self.text):
            return prefix + self.text
        return prefix + self.text[0].lower() + self.text[1:]


def bad_request(text: str) -> ApiError:
    """Status 400 with TDLib's words."""
    return ApiError(400, text)


def forbidden(text: str) -> ApiError:
    """Status 403 with TDLib's words."""
    return ApiError(403, text)


class Dropped(Exception):
    """The connection is to be closed without an answer."""
