"""Formatted text that can be measured, split and marked as Telegram wants it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from telegram import MessageEntity
from telegram.constants import MessageLimit

from retrieval.text.sentences import sentences_of

LIMIT = int(MessageLimit.MAX_TEXT_LENGTH)
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\ud800-\udfff]")
"""Control characters, direction overrides that would turn the rest of a message round, and half surrogates."""

_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_BLANK = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0\u0333\u033f\u030a")
"""Characters that show nothing, though their category is another; the last three are taken out by Telegram."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style."""

    text: str
    bold: bool = False
    italic: bool = False
    link: str | None = None
    fixed: bool = False


Rich = tuple[Run, ...]


def rich(*parts: str | Run) -> Rich:
    """Make formatted text of plain strings and runs; what Telegram cannot show is taken out."""
    runs = (part if isinstance(part, Run) else Run(part) for part in parts)
    sendable = (replace(run, text=_UNSENDABLE.sub("", run.text)) for run in runs)
    return tuple(run for run in sendable if run.text)


def plain(text: Rich) -> str:
    """Return the words alone."""
    return "".join(run.text for run in text)


def entities_of(text: Rich) -> list[MessageEntity]:
    """Return the marks of the words that ``plain`` returns, with offsets in UTF-16 units as the Bot API counts."""
    entities, start = [], 0
    for run in _joined(text):
        for kind, url in _marks(run):
            entities.append(MessageEntity(kind, start, len(run.text), url=url))
        start += len(run.text)
    shown = entities[: MessageLimit.MESSAGE_ENTITIES]
    return list(MessageEntity.adjust_message_entities_to_utf_16(plain(text), shown))


def _marks(run: Run) -> Iterator[tuple[str, str | None]]:
    """Return kind and address of each mark of a run, outermost first; in fixed width Telegram allows no other."""
    if run.fixed:
        yield MessageEntity.PRE, None
        return
    if run.link:
        yield MessageEntity.TEXT_LINK, run.link
    if run.bold:
        yield MessageEntity.BOLD, None
    if run.italic:
        yield MessageEntity.ITALIC, None


def width(text: str) -> int:
    """Count UTF-16 code units, as Telegram's limits do."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: Rich, limit: int = LIMIT) -> list[Rich]:
    """Split formatted text into messages of at most ``limit`` UTF-16 units, between sentences where possible.

    Styles are kept on both sides of a cut; no visible character is lost. Telegram refuses a message in which nothing
    can be seen, so there is none.
    """
    messages: list[list[Run]] = [[]]
    room = limit
    for piece in _pieces(text, limit):
        if width(piece.text) > room:
            messages.append([])
            room = limit
        messages[-1].append(piece)
        room -= width(piece.text)
    return [_joined(message) for message in messages if any(map(_is_visible, message))]


def in_one(text: Rich, limit: int = LIMIT) -> Rich:
    """Return formatted text for one message, with … where it had to be cut."""
    parts = split(text, limit)
    return (*split(text, limit - 1)[0], Run("…")) if len(parts) > 1 else text


def _is_visible(run: Run) -> bool:
    return any(unicodedata.category(c) not in _INVISIBLE and c not in _BLANK for c in run.text)


def _joined(runs: Iterable[Run]) -> Rich:
    """Join neighbouring runs of one style: Telegram shows only the first hundred marks of a message."""
    styles = groupby(runs, key=lambda run: replace(run, text=""))
    return tuple(replace(style, text="".join(run.text for run in same)) for style, same in styles)


def _pieces(text: Rich, limit: int) -> Iterator[Run]:
    for run in text:
        for start, end in sentences_of(run.text):
            for part in _cut(run.text[start:end], limit):
                yield replace(run, text=part)


def _cut(sentence: str, limit: int) -> Iterable[str]:
    if width(sentence) <= limit:
        return [sentence]
    step = limit // 2  # no character takes more than two units
    return [sentence[start : start + step] for start in range(0, len(sentence), step)]
