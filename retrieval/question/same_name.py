"""Names in a question that reports write otherwise: 世卫组织 is asked about, 世界卫生组织 stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from retrieval.text.characters import fold
from retrieval.text.words import bigrams_of, words_of

LONGEST = 30
"""Characters of a name, at most."""
OthersOf = Callable[[str], Sequence[str]]
"""A folded name -> what else it is called."""


@dataclass(frozen=True, slots=True)
class SameName:
    """What is ``asked`` about and what it is ``called`` elsewhere, both folded."""

    asked: str
    called: str

    @property
    def asked_words(self) -> list[str]:
        """The words of the question that the name is."""
        return words_of(self.asked)

    @property
    def called_words(self) -> list[str]:
        """The words of the other name."""
        return words_of(self.called)

    @property
    def called_bigrams(self) -> list[str]:
        """The pairs of characters of the other name."""
        return bigrams_of(self.called)


def no_others(name: str) -> Sequence[str]:
    """Return nothing, where nobody knows other names."""
    return ()


def names_asked(question: str, others_of: OthersOf) -> tuple[SameName, ...]:
    """Return the names in a question that have others which it does not use too; the longest where they overlap."""
    asked = fold(question)
    return tuple(
        SameName(name, other) for name in _names(asked, others_of) for other in others_of(name) if other not in asked
    )


def _names(asked: str, others_of: OthersOf) -> Iterator[str]:
    start = 0
    while start < len(asked):
        ends = range(min(len(asked), start + LONGEST), start + 1, -1)
        name = next((asked[start:end] for end in ends if others_of(asked[start:end])), None)
        if name:
            yield name
        start += len(name) if name else 1
