"""Text-quote selectors: what a link carries beside offsets, so that cited words are found again after an edit.

    2 characters   how long the words are           2 characters   what stands before them
    3 characters   a sum that slides over a text    2 characters   what stands after them
    7 characters   a digest of the words

Only the words themselves must be the same; what is around them tells several places of the same words apart. White
space and characters that look alike do not count, because readers of files differ in them.
"""

from __future__ import annotations

import base64
import hashlib
import re
import string
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from retrieval.text.characters import unify

LONGEST = 64**2 - 1
"""Of longer words only the beginning is looked for."""
CONTEXT = 16
"""Characters before and after the words that count, white space aside."""
AROUND = 64
"""Characters before and after in which those are looked for."""
SHORT = 8
"""Words of fewer characters stand in many places, and are found only beside what they stood beside."""
MOST_PLACES = 1000
"""Of a text that repeats itself more often, only the places nearest to where the words stood are looked at."""
_DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
_SUMS = 64**3
_PATTERN = re.compile(r"[A-Za-z0-9_-]{16}")

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Selector:
    """What is known of some words; ``before`` and ``after`` are digests, as ``digest`` is."""

    length: int
    total: int
    digest: str
    before: str
    after: str

    def __str__(self) -> str:
        return _written(self.length, 2) + _written(self.total, 3) + self.digest + self.before + self.after


def selector_of(words: str, before: str, after: str) -> Selector:
    """Describe ``words`` that stand between ``before`` and ``after``, of which the nearest characters count."""
    bare = _bare(words)
    rest = bare[LONGEST:] + _bare(after)
    bare = bare[:LONGEST]
    around = _digest(_bare(before)[-CONTEXT:], 2), _digest(rest[:CONTEXT], 2)
    return Selector(len(bare), sum(map(ord, bare)) % _SUMS, _digest(bare, 7), *around)


def selector_at(text: str, start: int, end: int) -> Selector:
    """Describe the words ``text[start:end]`` where they stand."""
    return selector_of(text[start:end], text[max(0, start - AROUND) : start], text[end : end + AROUND])


def read_selector(written: str) -> Selector | None:
    """Return the selector that a link carries; None where it is none."""
    if not _PATTERN.fullmatch(written):
        return None
    length, total = _read(written[:2]), _read(written[2:5])
    return Selector(length, total, written[5:12], written[12:14], written[14:]) if length else None


def find(text: str, selector: Selector, start: int, end: int) -> Range | None:
    """Return where the words stand in ``text``: at ``start`` to ``end``, or else at the place that is most like theirs.

    That is where the same stands around them, and of several such places the nearest. None where they are nowhere.
    """
    if _is(_bare(text[start:end]), selector):
        return start, end
    bare, kept = _bare(text), [at for at, character in enumerate(text) if not character.isspace()]
    likeness = {place: _likeness(bare, place, selector) for place in _places(bare, selector, bisect_left(kept, start))}
    least = 1 if selector.length < SHORT else 0
    found = [place for place in likeness if likeness[place] >= least]
    if not found:
        return None
    best = max(found, key=lambda place: (likeness[place], -abs(kept[place] - start)))
    return kept[best], kept[best + selector.length - 1] + 1


def _places(bare: str, selector: Selector, near: int) -> list[int]:
    """Return where the words begin in a text without white space, what is ``near`` first."""
    codes = np.frombuffer(bare.encode("utf-32-le", "surrogatepass"), np.uint32)
    if len(codes) < selector.length:
        return []
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(codes, dtype=np.uint64)])
    windows = sums[selector.length :] - sums[: -selector.length]
    likely = np.flatnonzero(windows % _SUMS == selector.total)
    nearest = likely[np.argsort(np.abs(likely - near), kind="stable")][:MOST_PLACES]
    return [place for place in nearest.tolist() if _is(bare[place : place + selector.length], selector)]


def _is(bare: str, selector: Selector) -> bool:
    bare = bare[:LONGEST]
    return len(bare) == selector.length and _digest(bare, 7) == selector.digest


def _likeness(bare: str, place: int, selector: Selector) -> int:
    end = place + selector.length
    before, after = bare[max(0, place - CONTEXT) : place], bare[end : end + CONTEXT]
    return (_digest(before, 2) == selector.before) + (_digest(after, 2) == selector.after)


def _bare(text: str) -> str:
    return "".join(unify(text).split())


def _digest(text: str, characters: int) -> str:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return base64.urlsafe_b64encode(digest).decode()[:characters]


def _written(number: int, characters: int) -> str:
    """Return a number in base 64."""
    return "".join(_DIGITS[number >> 6 * place & 63] for place in reversed(range(characters)))


def _read(written: str) -> int:
    number = 0
    for digit in written:
        number = number << 6 | _DIGITS.index(digit)
    return number
