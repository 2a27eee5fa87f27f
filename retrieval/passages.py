"""Documents -> passages: whole paragraphs, or sentence-aligned parts of long ones, and their sentences."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from retrieval.types import Document, Passage

MAX_CHARACTERS = 400
"""A passage holds at most this many characters: below the encoder's 512 tokens, and a comfortable read."""

SHORT_SENTENCE = 4

_SENTENCE = re.compile(
    r"""
    [^。！？!?；;…\n.]*                                    # the words
    (?:
        (?:[。！？!?；;]|…+)+[”’」』）)】》"']*             # an end, with the quotes and brackets it closes
      | \.(?=\s|$)[”’"')]*                                  # a Latin full stop, not the point of a number
      | \.                                                  # any other point belongs to the sentence
      | \n+
      | $
    )
    """,
    re.VERBOSE,
)
_CLAUSE = re.compile(r"[^，,、：:\s]*(?:[，,、：:\s]+|$)")


def sentences_of(text: str) -> list[tuple[int, int]]:
    """Split ``text`` into sentences ``[start, end)`` that leave no character out.

    Closing quotes and brackets stay with the sentence that they close; pieces of under four characters and white
    space go to the sentence before.
    """
    pieces: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE.finditer(text):
        if match.end() == match.start():
            continue
        if match[0].endswith(".") and not _ends_sentence(text, match.end()):
            continue
        pieces.append((start, match.end()))
        start = match.end()
    if start < len(text):
        pieces.append((start, len(text)))
    return _join_stubs(text, pieces)


def _ends_sentence(text: str, position: int) -> bool:
    """Whether the Latin full stop before ``position`` is one: white space or the end follows."""
    return position == len(text) or text[position].isspace()


def _join_stubs(text: str, pieces: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give pieces too short to be a sentence, and white space, to the sentence before."""
    joined: list[tuple[int, int]] = []
    for start, end in pieces:
        if joined and len(text[start:end].strip()) < SHORT_SENTENCE:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def split_document(document: Document, max_characters: int = MAX_CHARACTERS) -> Iterator[Passage]:
    """Yield the document's passages in reading order; together they hold every character of its paragraphs."""
    for paragraph in document.paragraphs:
        text = document.text[paragraph.start : paragraph.end]
        for start, end in split_paragraph(text, max_characters):
            yield Passage(
                document.document_id, paragraph.number, paragraph.start + start, paragraph.start + end, text[start:end]
            )


def split_paragraph(text: str, max_characters: int = MAX_CHARACTERS) -> list[tuple[int, int]]:
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
