"""What became of the words that a link leads to, in a report that may have been edited since.

cited words + present report -> found, where they stand now
                             -> else: the earlier text that they stood in, and the paragraph that is there now
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.links import CitedWords
from bot.selectors import Range, find
from retrieval.index.history import Superseded
from retrieval.parts import Paragraph
from retrieval.types import Document

ALIKE = 0.3
"""What two paragraphs must share (Dice's coefficient of pairs of characters) to be versions of one."""
COMPARED = 3000
"""In words and characters; longer paragraphs are shown without their differences, which would take long to find."""

_WORD = re.compile(r"[A-Za-z]+|[0-9]+(?:[.,][0-9]+)*|[〇零一二两三四五六七八九十百千万亿]+|\s+|.", re.DOTALL)
"""A number that was changed differs as a whole."""

Pieces = list[tuple[str, bool]]
"""A text cut where something begins and ends: (piece, is part of it)."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where cited words stand (``place``). Where they do not, what they were, and what stands there now.

    ``was`` is the paragraph of the ``past`` text in which they stood, None where no text with them is kept. ``now`` is
    None where no paragraph of the report is like it.
    """

    place: Range | None
    past: Superseded | None = None
    was: str | None = None
    now: Paragraph | None = None


def trace(document: Document, cited: CitedWords, past: Callable[[], Sequence[Superseded]]) -> Trace:
    """Look for cited words in a report, and if they are not there in its ``past`` texts, the latest first."""
    if cited.selector is None:
        return Trace((cited.start, cited.end))
    place = find(document.text, cited.selector, cited.start, cited.end)
    if place:
        return Trace(place)
    found = words_in_past(cited, past())
    if found is None:
        return Trace(None, now=_paragraph_at(document, cited.start))
    one, (start, end) = found
    was = paragraph_around(one.document, start, end)
    return Trace(None, one, was, most_alike(was, document))


def words_in_past(cited: CitedWords, past: Sequence[Superseded]) -> tuple[Superseded, Range] | None:
    """Return the latest of the past texts that holds the cited words, and where they stand in it."""
    if cited.selector is None:
        return None
    for one in past:
        if place := find(one.document.text, cited.selector, cited.start, cited.end):
            return one, place
    return None


def paragraph_around(document: Document, start: int, end: int) -> str:
    """Return the paragraph that holds ``document.text[start:end]``, or those words alone where none does."""
    paragraph = _paragraph_at(document, start)
    if paragraph is None or end <= paragraph.start or start >= paragraph.end:
        return document.text[start:end]
    return document.text[paragraph.start : paragraph.end]


def most_alike(text: str, document: Document) -> Paragraph | None:
    """Return the paragraph of a report that is most like a text; None where none is like it."""
    wanted = _pairs(text)
    best, most = None, ALIKE
    for paragraph in document.paragraphs:
        pairs = _pairs(document.text[paragraph.start : paragraph.end])
        alike = 2 * len(wanted & pairs) / max(1, len(wanted) + len(pairs))
        if alike > most:
            best, most = paragraph, alike
    return best


def differences(before: str, after: str) -> tuple[Pieces, Pieces]:
    """Cut two texts where they differ: what the first has alone, and what the second has alone, is marked."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > COMPARED:
        return [(before, False)], [(after, False)]
    first, second = Pieces(), Pieces()
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for pieces, words in ((first, old[old_from:old_to]), (second, new[new_from:new_to])):
            if words:
                pieces.append(("".join(words), kind != "equal"))
    return first, second


def _paragraph_at(document: Document, place: int) -> Paragraph | None:
    """Return the last paragraph that begins at ``place`` or before."""
    return next((one for one in reversed(document.paragraphs) if one.start <= place), None)


def _pairs(text: str) -> set[str]:
    bare = "".join(text.split())
    return {bare, *map("".join, zip(bare, bare[1:], strict=False))}
