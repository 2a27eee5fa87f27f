"""Documents -> passages: whole paragraphs, sentence-aligned parts of long ones, rows of tables, and asides."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterator

from retrieval.parts import NamedRow, named_row
from retrieval.text.sentences import sentences_of
from retrieval.types import Document, Passage

PASSAGE_CHARACTERS = 400
"""A passage holds at most this many characters: below the encoder's 512 tokens, and a comfortable read."""

_CLAUSE = re.compile(r"[^，,、：:\s]*(?:[，,、：:\s]+|$)")


def split_document(document: Document, max_characters: int = PASSAGE_CHARACTERS) -> Iterator[Passage]:
    """Yield the passages in reading order; together they hold every character of the paragraphs and asides."""
    places: list[tuple[int, int, int | None, int | None]] = [
        *((paragraph.start, paragraph.end, paragraph.number, None) for paragraph in document.paragraphs),
        *((aside.start, aside.end, None, number) for number, aside in enumerate(document.asides, start=1)),
    ]
    for first, last, paragraph, aside in sorted(places, key=operator.itemgetter(0)):
        text = document.text[first:last]
        for start, end in split_paragraph(text, max_characters):
            row = _row(document, paragraph, first + start, first + end)
            yield Passage(document.document_id, paragraph, first + start, first + end, text[start:end], row, aside)


def _row(document: Document, paragraph: int | None, start: int, end: int) -> NamedRow | None:
    return named_row(document.tables, paragraph, start, end, document.text) if paragraph else None


def split_paragraph(text: str, max_characters: int = PASSAGE_CHARACTERS) -> list[tuple[int, int]]:
    """Split a paragraph into parts of about equal size, none above ``max_characters``, at sentence ends.

    A sentence that is longer by itself is split at clauses, and a clause that is longer still at any character.
    """
    if len(text) <= max_characters:
        return [(0, len(text))]
    target = math.ceil(len(text) / math.ceil(len(text) / max_characters))
    parts: list[tuple[int, int]] = []
    for start, end in _small_pieces(text, max_characters):
        if parts and _fits(parts[-1], start, end, target, max_characters):
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    return parts


def _fits(part: tuple[int, int], start: int, end: int, target: int, max_characters: int) -> bool:
    """Whether the piece belongs to ``part``: nearer to the target size with it than without it."""
    size, grown = part[1] - part[0], end - part[0]
    return grown <= max_characters and abs(target - grown) <= abs(target - size)


def _small_pieces(text: str, max_characters: int) -> Iterator[tuple[int, int]]:
    for start, end in sentences_of(text):
        if end - start <= max_characters:
            yield start, end
            continue
        for match in _CLAUSE.finditer(text[start:end]):
            for offset in range(match.start(), match.end(), max_characters):
                yield start + offset, start + min(offset + max_characters, match.end())
