"""What ranking and reading need of an index, whichever store it is kept in.

A ``Snapshot`` is one generation: whoever holds one sees nothing of any other. Its rows number the passages, report
after report. A store may be far away, so whoever is about to look at passages says so first (``fetch``); what was not
announced is found all the same, only later.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, overload

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Candidates, Mask, Rows, Scores, Vectors
from retrieval.encoder.tokens import Tokens
from retrieval.index.layout import Layout
from retrieval.index.manifest import Manifest
from retrieval.index.relations.relations import Relations
from retrieval.listing import Listing
from retrieval.types import Document, LegName, Passage


@dataclass(frozen=True, slots=True, eq=False)
class Admitted:
    """The ``(r,)`` mask of the reports that may answer a question."""

    reports: Mask

    def admits(self, layout: Layout, rows: Sequence[int]) -> Mask:
        """Return which of these rows may answer."""
        return np.asarray(self.reports[layout.reports_of(np.array(rows, dtype=np.int64))])


@dataclass(frozen=True, slots=True)
class Sought:
    """What the legs look up, and how many passages each puts forward.

    ``vector`` waits until the model has made it, so it is asked for last. The dense leg puts forward ``dense``
    passages, and ``dense_alone`` where neither words nor meanings find as many as they may.
    """

    words: Sequence[str]
    bigrams: Sequence[str]
    pinyin: Sequence[str]
    dictionary: Sequence[str]
    vector: Callable[[], Vectors]
    candidates: int
    pinyin_candidates: int
    dense: int
    dense_alone: int

    def dense_candidates(self, found: Mapping[str, Candidates]) -> int:
        """Return how many passages the dense leg puts forward beside what the others found."""
        enough = self.candidates in (len(found["words"].rows), len(found["dictionary"].rows))
        return self.dense if enough else self.dense_alone


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is going to be looked at.

    How often passages hold the ``terms`` of a question, by leg; ``rows`` with their tokens, copies, and what they hold
    for ``legs``; what the rows ``beside`` them hold; of ``texts`` only the texts; the whole ``reports``; and where in
    the reports of ``rows`` some ``words`` of a leg stand.
    """

    terms: Mapping[LegName, Collection[str]] = field(default_factory=dict)
    rows: Collection[int] = ()
    legs: Collection[LegName] = ("words", "bigrams")
    beside: Collection[int] = ()
    texts: Collection[int] = ()
    reports: Collection[int] = ()
    words: Mapping[LegName, Collection[str]] = field(default_factory=dict)


class Leg(Protocol):
    """One kind of words that passages are looked up by, with BM25."""

    def holds(self, word: str) -> bool:
        """Whether any passage holds the word."""

    def weight(self, word: str) -> float:
        """Return the idf of ``word``; one that no passage holds weighs the most."""

    def ceiling(self, words: Sequence[str]) -> float:
        """Return a score that no passage can reach with these words."""

    def held(self, words: Sequence[str], rows: Rows) -> Mask:
        """Return which of ``rows`` hold each word, ``(len(words), len(rows))``."""

    def scores_of(self, words: Sequence[str], rows: Rows) -> Scores:
        """Return the BM25 scores of these passages, ``(len(rows),)`` float32."""


class Legs(Protocol):
    """The four kinds."""

    @property
    def words(self) -> Leg:
        """Words as jieba cuts them, and dates."""

    @property
    def bigrams(self) -> Leg:
        """Pairs of characters."""

    @property
    def pinyin(self) -> Leg:
        """How words sound."""

    @property
    def dictionary(self) -> Leg:
        """Stems of what words mean in English."""


class Passages(Protocol):
    """The passages of a generation, by row."""

    def __len__(self) -> int:
        """Count them."""

    @overload
    def __getitem__(self, row: int) -> Passage: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Passage]: ...

    def __iter__(self) -> Iterator[Passage]:
        """Yield all, in order."""

    def text(self, row: int) -> str:
        """Return the text of one passage."""

    def matched(self, row: int) -> str:
        """Return what one passage is found by."""


class TokenVectors(Protocol):
    """The token vectors of passages."""

    def tokens(self, row: int) -> Tokens:
        """Return the token records of one passage."""

    def gathered(self, rows: npt.NDArray[np.int64]) -> tuple[Tokens, npt.NDArray[np.int64]]:
        """Return the records of these passages, one after another, and how many each has, ``(len(rows),)``."""


class Snapshot(Protocol):
    """One generation of an index."""

    @property
    def manifest(self) -> Manifest:
        """What it says of itself."""

    @property
    def generation(self) -> str:
        """Its name."""

    @property
    def layout(self) -> Layout:
        """Which rows are which report's."""

    @property
    def documents(self) -> Sequence[Listing]:
        """What is known of every report, in order."""

    @property
    def by_id(self) -> Mapping[str, Document]:
        """The reports themselves."""

    @property
    def passages(self) -> Passages:
        """The passages."""

    @property
    def lexical(self) -> Legs:
        """What passages are looked up by."""

    @property
    def tokens(self) -> TokenVectors:
        """Their token vectors."""

    @property
    def relations(self) -> Relations:
        """How the reports are related."""

    def load(self) -> None:
        """Do now what the first question would wait for."""

    def number_of(self, document_id: str) -> int:
        """Return the place of a report in ``documents``; KeyError where there is none."""

    def candidates(self, sought: Sought, admitted: Admitted | None = None) -> dict[str, Candidates]:
        """Return what each leg puts forward, best first, of each text only the first report's passage.

        The legs are "dense", "words", "bigrams", "pinyin" and "dictionary".
        """

    def vectors(self, rows: Rows) -> Vectors:
        """Return the vectors of passages, ``(len(rows), d)``."""

    def cosines(self, vector: Vectors, rows: Rows) -> Scores:
        """Return the inner products of one ``(d,)`` question with these passages, ``(len(rows),)``."""

    def holds_among(self, word: str, admitted: Admitted) -> bool:
        """Whether any passage of the reports that are admitted holds the word."""

    def rows_with(self, leg: LegName, words: Sequence[str], reports: Rows) -> dict[str, Rows]:
        """Return which passages of these reports hold each word of a leg, ascending."""

    def copies(self, row: int) -> tuple[int, ...]:
        """Return the rows with the very same text, itself among them, the first report's first.

        Reports that stand apart (versions of a rule, notices that places copied) share no passage with others.
        """

    def fetch(self, wanted: Wanted) -> None:
        """Get what is going to be looked at, all at once."""

    def related_among(self, is_seen: Callable[[str], bool]) -> Snapshot:
        """Return this generation, its reports related only among those that are seen."""
