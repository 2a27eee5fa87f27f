"""Where a run of one text stands in another: width, case and script folded, white space left out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress

from retrieval.text.characters import fold


class Runs:
    """A text in which runs are looked for.

    ``folded`` is the text as it is compared; ``places[i]`` is where its i-th character stands in the text.
    """

    __slots__ = ("folded", "places")

    def __init__(self, text: str) -> None:
        kept = [not character.isspace() for character in text]
        self.folded = "".join(compress(fold(text), kept))
        self.places = list(compress(range(len(text)), kept))

    def find(self, run: str) -> Iterator[tuple[int, int]]:
        """Yield where a run stands, ``text[start:end]``, in reading order; those that overlap too."""
        wanted = Runs(run).folded
        at = self.folded.find(wanted) if wanted else -1
        while at >= 0:
            yield self.span(at, at + len(wanted))
            at = self.folded.find(wanted, at + 1)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of ``folded`` that is not empty stands in the text."""
        return self.places[start], self.places[end - 1] + 1
