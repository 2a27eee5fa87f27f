"""Ordinary logs: lines for people, or one JSON object a line; both say which request they are about."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from contextvars import ContextVar

from bot.settings import LogFormat

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered, which its answer has too."""


class JsonFormatter(logging.Formatter):
    """One object a record: "time", "level", "logger", "message", and where there are any "request_id", "traceback"."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON on one line."""
        entry = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if asked := request_id.get():
            entry["request_id"] = asked
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """A line for people, with the request's id in front of the message where there is one."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(about)s%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text."""
        asked = request_id.get()
        record.about = f"[{asked}] " if asked else ""
        return super().format(record)


def configure(form: LogFormat) -> None:
    """Let this process log to standard error in one of the two forms."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("wenbao").setLevel(logging.INFO)
    logging.getLogger("telegram").setLevel(logging.CRITICAL)  # wenbao.telegram says the same in one line
