"""Text -> lines, what the punctuation of a line says, and lines put together again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate

from retrieval.corpus.draft import BlockKind, Row
from retrieval.recognised import RecognisedLine

_BLANK = " \t\f\v\u00a0\u1680\u202f\u205f\u3000\ufeff\x1c\x1d\x1e\x1f\x85" + "".join(map(chr, range(0x2000, 0x200C)))
_NEWLINE = re.compile(r"\r\n|[\n\r\f\v\x1c-\x1e\x85\u2028\u2029]")
CLOSERS = "”’」』）)】》〉\"'\\]"
"""Quotes and brackets that close, to stand between the brackets of a regular expression."""
END_CHARACTERS = 160
"""Where a sentence ends is seen from so many characters at the end of a line."""
_SENTENCE_END = re.compile(rf"(?:[。！？!?…；;：:]|[A-Za-z0-9)]\.)[{CLOSERS}]*$|[。！？!?][（(][^（）()]*[)）]$")
_SENTENCE_INSIDE = re.compile(rf"[。！？!?][{CLOSERS}]*(?=[^{CLOSERS}])")
_NUMBER_AT_END = re.compile(r"\d[-.,:/]?$")
_COMMA_AT_END = re.compile(r"[，,、]$")
_PAIRS = {"“": "”", "《": "》", "（": "）", "(": ")", "「": "」", "『": "』", "【": "】"}

Ranges = tuple[tuple[int, int], ...]
"""Parts ``[start:end]`` of a text, in order."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its text without edges, blank lines before it, and whether it is indented.

    ``page`` counts from 1, where the format has pages. Where it has paragraphs, a line is a ``whole`` one; and where it
    says what the line is, ``kind`` and a heading's ``level`` are set, and nothing is guessed. A line is ``full`` where
    the format tells that it reaches the edge of its column. ``made`` are the parts of its text that do not stand in the
    file so, and ``recognised`` those that were recognised on a picture, as in a ``Block``; ``row`` has a table row's
    cells.
    """

    text: str
    gap: int
    indented: bool
    page: int | None = None
    whole: bool = False
    kind: BlockKind | None = None
    level: int = 1
    full: bool = False
    made: Ranges = ()
    row: Row | None = None
    recognised: tuple[RecognisedLine, ...] = ()


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


def ends_sentence(text: str) -> bool:
    """Whether ``text`` ends with the end of a sentence, closing quotes and brackets aside."""
    return bool(_SENTENCE_END.search(text[-END_CHARACTERS:]))


def is_phrase(text: str) -> bool:
    """Whether ``text`` could stand alone: no sentence ends inside it, and no comma or open bracket leads on."""
    return not (_SENTENCE_INSIDE.search(text) or _COMMA_AT_END.search(text) or _is_open(text))


def _is_open(text: str) -> bool:
    """Whether a bracket or quotation mark is opened and not closed."""
    return any(text.count(opening) > text.count(closing) for opening, closing in _PAIRS.items())


def display_width(text: str) -> int:
    """Count columns: a full-width character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def glue(parts: Iterable[str]) -> str:
    """Join torn lines: nothing between Chinese, a space between Latin words."""
    pieces: list[str] = []
    last = ""
    for part in parts:
        letters = last[-1:].isascii() and part[:1].isascii() and part[:1].isalnum()
        digits = bool(_NUMBER_AT_END.search(last)) and part[:1].isdigit()
        pieces += [" ", part] if last and letters and not digits else [part]
        last = part[-2:] or last
    return "".join(pieces)


def relocate(text: str, parts: Iterable[tuple[str, Ranges]]) -> Ranges:
    """Return where the ranges of ``parts`` stand in ``text``, which joins them and differs in white space only."""
    parts = list(parts)
    if not any(ranges for _, ranges in parts):
        return ()
    places = [place for place, character in enumerate(text) if not character.isspace()]
    found: list[tuple[int, int]] = []
    before = 0
    for part, ranges in parts:
        ranks = list(accumulate((not character.isspace() for character in part), initial=before))
        spans = ((ranks[start], ranks[end]) for start, end in ranges)
        found += [(places[first], places[last - 1] + 1) for first, last in spans if first < last <= len(places)]
        before = ranks[-1]
    return tuple(found)


def relocate_recognised(
    text: str, parts: Iterable[tuple[str, tuple[RecognisedLine, ...]]]
) -> tuple[RecognisedLine, ...]:
    """Return the recognised lines of ``parts`` where they stand in ``text``, as ``relocate`` does with ranges."""
    parts = list(parts)
    lines = [line for _, found in parts for line in found]
    within = [(part, tuple((line.start, min(line.end, len(part))) for line in found)) for part, found in parts]
    return tuple(
        replace(line, start=start, end=end) for line, (start, end) in zip(lines, relocate(text, within), strict=False)
    )
