"""What questions look at, fetched for many passages at once and kept for the next question.

Texts, places and reports are never changed, so whatever is kept of them serves every generation.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from retrieval.encoder.tokens import Tokens, token_type
from retrieval.index.documents_file import document_from
from retrieval.index.kept import Kept
from retrieval.index.oceanbase.catalogue import Catalogue
from retrieval.index.oceanbase.session import Row
from retrieval.index.oceanbase.tables import PASSAGES, REPORTS, TEXTS
from retrieval.types import Document, LegName

KEPT_BYTES = 256 * 2**20
"""Of texts and their token vectors, and as many of reports."""
KEPT_PLACES = 200_000
Statement = tuple[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands, and the key of its text; ``own`` is its text where it is found by other words."""

    text: bytes
    paragraph: int
    start: int
    end: int
    own: str | None


@dataclass(frozen=True, slots=True)
class StoredText:
    """A text as far as it was fetched: what it is found by, its coded terms by leg, its token vectors."""

    matched: str
    codes: Mapping[LegName, str] = field(default_factory=dict)
    tokens: Tokens | None = None

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        tokens = 0 if self.tokens is None else self.tokens.nbytes
        return 500 + 3 * len(self.matched) + sum(map(len, self.codes.values())) + tokens

    def has(self, legs: Collection[LegName], *, tokens: bool) -> bool:
        """Whether so much of it was fetched."""
        return (not tokens or self.tokens is not None) and all(leg in self.codes for leg in legs)

    def joined(self, other: StoredText | None) -> StoredText:
        """Return it with what another reading of the same text has beside."""
        if other is None:
            return self
        tokens = other.tokens if self.tokens is None else self.tokens
        return StoredText(self.matched, {**other.codes, **self.codes}, tokens)


class Cache:
    """What one process keeps, for all generations."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self.texts = Kept[bytes, StoredText](most_bytes, lambda text: text.size)
        self.places = Kept[int, Place](KEPT_PLACES)
        self.reports = Kept[int, Document](most_bytes, lambda report: 2000 + 10 * len(report.text))


class Material:
    """Statements that fetch passages and reports of one generation into the cache, and what to do with their rows."""

    def __init__(self, catalogue: Catalogue, cache: Cache) -> None:
        self._catalogue = catalogue
        self._cache = cache
        self._texts = TEXTS.format(space=catalogue.space)
        self._record = token_type(catalogue.token_dimension)

    def places(self, rows: Sequence[int]) -> list[Place | None]:
        """Return where passages stand, as far as that was fetched."""
        return self._cache.places.many(self._catalogue.passages_of(rows))

    def texts(self, rows: Sequence[int]) -> list[StoredText | None]:
        """Return passages' texts as far as they were fetched."""
        return self._cache.texts.many(place.text if place else None for place in self.places(rows))

    def report(self, number: int) -> Document | None:
        """Return a report by its number in the database, if it was fetched."""
        return self._cache.reports.get(number)

    def lacking(self, rows: Iterable[int], legs: Collection[LegName], *, tokens: bool) -> list[int]:
        """Return the rows of which more must be fetched."""
        distinct = list(dict.fromkeys(rows))
        found = zip(distinct, self.texts(distinct), strict=True)
        return [row for row, text in found if text is None or not text.has(legs, tokens=tokens)]

    def passages(self, rows: Sequence[int], legs: Collection[LegName], *, tokens: bool) -> Statement:
        """Return the statement for passages, with coded terms of these legs, and with token vectors."""
        columns = ", ".join(f"t.`{column}`" for column in (*legs, *(["tokens"] if tokens else [])))
        numbers = self._catalogue.passages_of(rows)
        return (
            f"SELECT {one_by_one('p', 't')} "
            f"p.passage, p.text, p.paragraph, p.start, p.end, p.own, t.matched{columns and ', '}{columns} "
            f"FROM {PASSAGES} p JOIN {self._texts} t ON t.text = p.text WHERE p.passage IN ({marks(numbers)})",
            numbers,
        )

    def keep_places(self, rows: Iterable[Row]) -> None:
        """Keep where passages stand: rows of text, passage, paragraph, start, end and own text."""
        self._cache.places.keep({int(number): Place(text, *place) for text, number, *place in rows})

    def keep_passages(self, rows: Sequence[Row], legs: Collection[LegName]) -> None:
        """Keep what the statement of ``passages`` found."""
        self._cache.places.keep({int(row[0]): Place(*row[1:6]) for row in rows})
        texts = self.texts_in(rows, legs)
        keys = [row[1] for row in rows]
        before = dict(zip(keys, self._cache.texts.many(keys), strict=True))
        self._cache.texts.keep({row[1]: texts[int(row[0])].joined(before[row[1]]) for row in rows})

    def texts_in(self, rows: Iterable[Row], legs: Collection[LegName]) -> dict[int, StoredText]:
        """Return the text of each passage that the statement of ``passages`` found, by its number in the database."""
        return {int(row[0]): self._text(row[6], row[7:], legs) for row in rows}

    def _text(self, matched: str, rest: Row, legs: Collection[LegName]) -> StoredText:
        codes: dict[LegName, str] = dict(zip(legs, rest, strict=False))
        return StoredText(matched, codes, np.frombuffer(rest[len(legs)], self._record) if rest[len(legs) :] else None)

    def reports(self, numbers: Iterable[int]) -> Statement | None:
        """Return the statement for the reports that are not kept; None where all are."""
        missing = self._cache.reports.missing(numbers)
        return _reports(missing) if missing else None

    def report_alone(self, number: int) -> Statement:
        """Return the statement for one report."""
        return _reports([number])

    def keep_reports(self, rows: Iterable[Row]) -> None:
        """Keep what the statement of ``reports`` found."""
        self._cache.reports.keep({int(number): opened(content) for number, content in rows})


def opened(content: bytes) -> Document:
    """Return the report of a row's ``content``."""
    return document_from(json.loads(zlib.decompress(content)))


def _reports(numbers: Sequence[int]) -> Statement:
    return f"SELECT report, content FROM {REPORTS} WHERE report IN ({marks(numbers)})", numbers


def one_by_one(first: str, then: str) -> str:
    """Return what tells the server to read one table first and look up the other's rows by their keys.

    Left to itself it reads the whole other table where it knows too little of its size, as it does when that is new.
    """
    return f"/*+ LEADING({first} {then}) USE_NL({then}) */"


def marks(values: Sequence[object]) -> str:
    """Return the places of values in a statement."""
    return ", ".join(["%s"] * len(values))
