"""Terms as the full-text indexes hold them: eight letters and digits, so that no parser cuts them or leaves any out.

The server's parsers split at punctuation, fold letters and know stop words; dates, single signs and rare characters
would not be found again as they were cut. A code is a hash of its term. Two terms with the same code would only put
forward, and count as one; with millions of terms a handful share theirs.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import lru_cache

WIDTH = 8
"""Characters of a code."""
BYTES = 5
"""Bytes that these stand for."""


@lru_cache(maxsize=2**16)
def code_of(term: str) -> str:
    """Return the code of a term: ``WIDTH`` letters and digits."""
    digest = hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=BYTES).digest()
    return base64.b32encode(digest).decode("ascii").lower()


def coded(terms: Iterable[str]) -> str:
    """Return the codes of terms, each as often as it stands there, between blanks."""
    return " ".join(map(code_of, terms))


def length_of(codes: str) -> int:
    """Count the terms of what ``coded`` returned."""
    return (len(codes) + 1) // (WIDTH + 1)


def frequency_in(codes: str, code: str) -> int:
    """Count how often a code stands in what ``coded`` returned: all are equally wide, so none is found across two."""
    return codes.count(code)


def bytes_of(code: str) -> bytes:
    """Return the ``BYTES`` bytes that a code stands for."""
    return base64.b32decode(code.upper())


def code_from(content: bytes) -> str:
    """Return the code that stands for ``BYTES`` bytes."""
    return base64.b32encode(content).decode("ascii").lower()
