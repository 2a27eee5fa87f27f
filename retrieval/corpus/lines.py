"""Text -> lines, and lines put together again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from retrieval.corpus.draft import BlockKind

_BLANK = " \t\f\v\u00a0\u1680\u202f\u205f\u3000\ufeff\x1c\x1d\x1e\x1f\x85" + "".join(map(chr, range(0x2000, 0x200C)))
_NEWLINE = re.compile(r"\r\n|[\n\r\f\v\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its text without edges, blank lines before it, and whether it is indented.

    ``page`` counts from 1, where the format has pages. Where it has paragraphs, a line is a ``whole`` one; and where it
    says what the line is, ``kind`` and a heading's ``level`` are set, and nothing is guessed.
    """

    text: str
    gap: int
    indented: bool
    page: int | None = None
    whole: bool = False
    kind: BlockKind | None = None
    level: int = 1


def split_lines(text: str) -> list[Line]:
    """Split ``text`` at every kind of line or page break; blank lines become the next line's ``gap``."""
    lines, gap = [], 0
    for raw in _NEWLINE.split(text):
        begun = raw.lstrip(_BLANK)
        bare = begun.rstrip(_BLANK)
        if bare:
            lines.append(Line(bare, gap, display_width(raw[: len(raw) - len(begun)]) >= 2))
        gap = 0 if bare else gap + 1
    return lines


def display_width(text: str) -> int:
    """Count columns: a full-width character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def glue(parts: Iterable[str]) -> str:
    """Join torn lines: nothing between Chinese, a space between Latin words."""
    pieces: list[str] = []
    last = ""
    for part in parts:
        letters = last.isascii() and part[:1].isascii() and part[:1].isalnum()
        digits = last.isdigit() and part[:1].isdigit()
        pieces += [" ", part] if last and letters and not digits else [part]
        last = part[-1:] or last
    return "".join(pieces)
