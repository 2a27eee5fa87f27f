"""Ordinary logs: lines for people, or one JSON object a line; both say which request they are about.

Names of files and addresses of requests are somebody else's words. A line break or an escape sequence in them neither
ends a line nor reaches a terminal.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import sys
import threading
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING

from bot.settings import LogFormat

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

log = logging.getLogger("wenbao")

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered, which its answer has too."""
SECRETS = ("TELEGRAM_BOT_TOKEN", "WENBAO_ADMIN_TOKEN", "WENBAO_INDEX_PASSWORD")
SHORTEST_SECRET = 8
"""A shorter one, which nobody is let in by, could stand in any line."""
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""Control characters, what turns the direction of writing, what ends a line, and halves of characters."""


def plain(text: str) -> str:
    """Return a text on one line that shows what it holds: what cannot be seen is written as its number."""
    return UNSEEN.sub(lambda found: "\\n" if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def without_secrets(text: str) -> str:
    """Return a text without the tokens of this process, which libraries put into their errors and addresses."""
    for name in SECRETS:
        secret = os.environ.get(name, "").strip()
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, f"[{name}]")
    return text


class JsonFormatter(logging.Formatter):
    """One object a record: "time", "level", "logger", "message", and where there are any "request_id", "traceback"."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON on one line."""
        entry = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage().rstrip(),
        }
        if asked := request_id.get():
            entry["request_id"] = asked
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return without_secrets(
            plain(json.dumps(entry, ensure_ascii=False))
        )  # outside of strings there is nothing to escape


class TextFormatter(logging.Formatter):
    """A line for people, with the request's id in front of the message where there is one; tracebacks are indented."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(about)s%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text."""
        asked = request_id.get()
        record.about = f"[{asked}] " if asked else ""
        return without_secrets(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as the library has it
        """Return the line of a record."""
        record.message = plain(record.message.rstrip())
        return super().formatMessage(record)

    def formatException(self, ei: logging._SysExcInfoType) -> str:  # noqa: N802
        """Return a traceback, no line of which can be taken for one of the log."""
        return "\n".join(f"  {plain(line)}" for line in super().formatException(ei).split("\n"))


def configure(form: LogFormat) -> None:
    """Let this process log to standard error in one of the two forms."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("wenbao").setLevel(logging.INFO)
    logging.getLogger("telegram").setLevel(logging.CRITICAL)  # wenbao.telegram says the same in one line


def is_json() -> bool:
    """Whether this process logs JSON, so that nothing else may go to standard error."""
    return any(isinstance(handler.formatter, JsonFormatter) for handler in logging.getLogger().handlers)


def catch_all() -> None:
    """Log what Python would write to standard error by itself: warnings, and errors that nobody caught."""
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    sys.unraisablehook = _unraisable
    threading.excepthook = _uncaught_in_a_thread


def _uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    log.critical("ended by an error that nobody caught", exc_info=(kind, error, traceback))


def _uncaught_in_a_thread(caught: threading.ExceptHookArgs) -> None:
    name = caught.thread.name if caught.thread else "?"
    error = caught.exc_value or caught.exc_type()
    log.error("the thread %s was ended by an error", name, exc_info=(type(error), error, caught.exc_traceback))


def _unraisable(caught: UnraisableHookArgs) -> None:
    error = caught.exc_value or caught.exc_type()
    what = caught.err_msg or "an error could not be raised"
    log.error("%s: %r", what, caught.object, exc_info=(type(error), error, caught.exc_traceback))
