"""Text -> sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
