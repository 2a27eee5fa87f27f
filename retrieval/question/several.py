"""One message that asks several things -> a question for each, the subject carried over."""

from __future__ import annotations

import re

from retrieval.question.followup.understand import understand
from retrieval.text.characters import fold
from retrieval.text.entities import people_in, places_in
from retrieval.text.segmentation import tokens_of
from retrieval.types import Turn

MOST_PARTS = 3
SHORT = 7
"""Words of a part that may lean on the part before it."""

_ASKS = re.compile(
    r"谁|哪|几|多少|什么|啥|何[时地人处]|怎[么样]|如何|吗|呢|多[大高长远久重]|\b(?:who|what|which|where|when|why|how)\b",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(r"(?<=[?？])|[;；]|[,，](?:还有|以及|另外)?|(?:以及|还有)(?=.{2})")
_BOTH = re.compile(
    r"^(?P<first>[^,，;；?？]{2,40}?)(?:和|与|及|以及|、)(?P<second>[^,，;；?？]{2,20}?)(?:分别|各)(?P<rest>[^,，;；]{1,20})$"
)
_NAMES = frozenset({"nr", "ns", "nt", "nz"})


def parts_of(question: str) -> list[str]:
    """Return the questions that a message asks, each to be understood alone; one message of one question is itself."""
    if both := _BOTH.match(question.strip()):
        first, second, rest = both["first"], both["second"], both["rest"]
        head = "" if people_in(second) or places_in(second) else _head(first, len(tokens_of(second)))
        return [f"{first}{rest}", f"{head}{second}{rest}"]
    parts = [part for piece in _BOUNDARY.split(question) if (part := piece.strip())]
    if not 1 < len(parts) <= MOST_PARTS or not all(_ASKS.search(part) for part in parts):
        return [question]
    return [parts[0], *(_completed(part, parts[0]) for part in parts[1:])]


def own_words(part: str) -> list[str]:
    """Return the words of a part that ask about something, and do not ask themselves."""
    return [token.word for token in tokens_of(fold(part)) if len(token.word) > 1 and not _ASKS.search(token.word)]


def _completed(part: str, first: str) -> str:
    """Return a part with what it leaves out, which the first part says."""
    understood = understand(part, Turn(first, None), is_reply=True)
    if understood != part:
        return understood
    words = [token for token in tokens_of(part) if len(token.word) > 1 and not _ASKS.search(token.word)]
    names_itself = any(token.flag in _NAMES or token.word in first for token in words)
    return part if names_itself or len(tokens_of(part)) > SHORT else _head(_before_asking(first), 1) + part


def _head(text: str, last: int) -> str:
    """Return a phrase without its last words, which say what of the subject is asked."""
    words = [token.word for token in tokens_of(text)]
    return "".join(words[:-last]) if len(words) > last else ""


def _before_asking(part: str) -> str:
    match = _ASKS.search(part)
    return part[: match.start()].rstrip("是为在有叫的 ") if match else part
