"""Looks into one generation: everything that is announced in one round trip, everything else when it is asked for."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from retrieval.arrays import Rows
from retrieval.index.kept import Kept
from retrieval.index.oceanbase.catalogue import Catalogue
from retrieval.index.oceanbase.codes import bytes_of, code_from, code_of
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.reading.batch import Batch
from retrieval.index.oceanbase.reading.legs import StoredLeg, StoredLegs
from retrieval.index.oceanbase.reading.material import (
    Cache,
    Material,
    Place,
    Statement,
    StoredText,
    marks,
    one_by_one,
    opened,
)
from retrieval.index.oceanbase.session import Row
from retrieval.index.oceanbase.tables import LEGS, PASSAGES, TERMS, TEXTS
from retrieval.index.protocol import Wanted
from retrieval.types import Document, LegName

KEPT_TERMS = 100_000
KEPT_COPIES = 20_000
Groups = tuple[tuple[int, ...], ...]


class Looking:
    """What is known of one generation so far."""

    def __init__(self, database: Database, catalogue: Catalogue, cache: Cache) -> None:
        self._database = database
        self._catalogue = catalogue
        self._material = Material(catalogue, cache)
        self._frequencies = Kept[tuple[LegName, str], int](KEPT_TERMS)
        self._copies = Kept[bytes, Groups](KEPT_COPIES)
        self._standing = Kept[tuple[LegName, str, int], tuple[int, ...]](KEPT_TERMS)
        self.legs = StoredLegs(*map(self._leg, LEGS))

    def _leg(self, name: LegName) -> StoredLeg:
        passages = self._catalogue.manifest.passages
        return StoredLeg(name, passages, self._catalogue.lengths[name], self.codes, self.frequencies)

    def fetch(self, wanted: Wanted) -> None:
        """Get what is going to be looked at; see ``protocol.Wanted``."""
        batch = Batch()
        for name, terms in wanted.terms.items():
            self._add_frequencies(batch, name, map(code_of, terms))
        self._add_passages(batch, wanted.rows, wanted.legs, tokens=True)
        beside = [leg for leg in wanted.legs if leg != "bigrams"]  # neighbours are not compared by pairs of characters
        self._add_passages(batch, wanted.beside, beside, tokens=False)
        self._add_passages(batch, wanted.texts, (), tokens=False)
        self._add_copies(batch, wanted.rows)
        reports = sorted({self._catalogue.layout.report_of(row) for row in wanted.rows})
        for name, words in wanted.words.items():
            self._add_standing(batch, name, list(map(code_of, words)), reports)
        numbers = [self._catalogue.lines[place].report for place in wanted.reports]
        batch.add(self._material.reports(numbers), self._material.keep_reports)
        self.run(batch)

    def rows(self, statement: Statement) -> list[Row]:
        """Return the rows of a statement; SnapshotMissing as ``Batch.run``."""
        batch, found = Batch(), list[Row]()
        batch.add(statement, found.extend)
        self.run(batch)
        return found

    def run(self, batch: Batch) -> None:
        """Send statements about this generation; see ``Batch.run``."""
        batch.run(self._database, self._catalogue.number)

    # How often terms stand

    def frequencies(self, leg: LegName, codes: Sequence[str]) -> dict[str, int]:
        """Return how many passages hold each code."""
        batch = Batch()
        found = self._add_frequencies(batch, leg, codes)
        self.run(batch)
        return found

    def _add_frequencies(self, batch: Batch, leg: LegName, codes: Iterable[str]) -> dict[str, int]:
        """Return what is known, which is all as soon as the batch has run."""
        asked = list(dict.fromkeys(codes))
        counts = self._frequencies.many((leg, code) for code in asked)
        found = {code: count for code, count in zip(asked, counts, strict=True) if count is not None}
        if missing := [code for code in asked if code not in found]:
            number = self._catalogue.number
            statement = (
                f"SELECT code, passages FROM {TERMS.format(space=self._catalogue.space)} "
                f"WHERE leg = %s AND code IN ({marks(missing)}) AND born <= %s AND died > %s",
                [LEGS.index(leg), *map(bytes_of, missing), number, number],
            )

            def keep(rows: list[Row]) -> None:
                read = dict.fromkeys(missing, 0) | {code_from(code): int(count) for code, count in rows}
                self._frequencies.keep({(leg, code): count for code, count in read.items()})
                found.update(read)

            batch.add(statement, keep)
        return found

    # Passages

    def texts(self, rows: Sequence[int], legs: Collection[LegName] = (), *, tokens: bool = False) -> list[StoredText]:
        """Return passages' texts with their coded terms of these legs, and their token vectors."""
        for _ in range(2):
            found = [text for text in self._material.texts(rows) if text and text.has(legs, tokens=tokens)]
            if len(found) == len(rows):
                return found
            self._look(rows, legs, tokens=tokens)
        return self._alone(rows, legs, tokens=tokens)

    def _alone(self, rows: Sequence[int], legs: Collection[LegName], *, tokens: bool) -> list[StoredText]:
        """Read passages that are too many to be kept all at once."""
        statement = self._material.passages(rows, tuple(legs), tokens=tokens)
        found = self.rows(statement)
        texts = self._material.texts_in(found, tuple(legs))
        return [texts[passage] for passage in self._catalogue.passages_of(rows)]

    def place(self, row: int) -> Place:
        """Return where a passage stands."""
        (place,) = self._material.places([row])
        if place is None:
            self._look((row,), (), tokens=False)
            (place,) = self._material.places([row])
        assert place is not None, "it was read just now"
        return place

    def codes(self, leg: LegName, rows: Rows) -> list[str]:
        """Return the coded terms of passages."""
        return [text.codes[leg] for text in self.texts(rows.tolist(), (leg,))]

    def _look(self, rows: Sequence[int], legs: Collection[LegName], *, tokens: bool) -> None:
        batch = Batch()
        self._add_passages(batch, rows, legs, tokens=tokens)
        self.run(batch)

    def _add_passages(self, batch: Batch, rows: Iterable[int], legs: Collection[LegName], *, tokens: bool) -> None:
        missing = self._material.lacking(rows, legs, tokens=tokens)
        if missing:
            statement = self._material.passages(missing, tuple(legs), tokens=tokens)
            batch.add(statement, lambda rows: self._material.keep_passages(rows, tuple(legs)))

    def report(self, place: int) -> Document:
        """Return a whole report."""
        number = self._catalogue.lines[place].report
        if (document := self._material.report(number)) is not None:
            return document
        rows = self.rows(self._material.report_alone(number))
        self._material.keep_reports(rows)
        ((_, content),) = rows
        return opened(content)

    # Where else a text stands

    def copies(self, row: int) -> tuple[int, ...]:
        """Return the rows with the very same text; see ``protocol.Snapshot``."""
        text = self.place(row).text
        groups = self._copies.get(text)
        if groups is None:
            rows = self.rows(self._copies_of([row]))
            self._material.keep_places(rows)
            groups = self.keep_copies(rows)[text]
        return next((group for group in groups if row in group), (row,))

    def _add_copies(self, batch: Batch, rows: Iterable[int]) -> None:
        missing = [row for row in rows if not self._knows_copies(row)]
        if missing:

            def keep(rows: list[Row]) -> None:
                self._material.keep_places(rows)
                self.keep_copies(rows)

            batch.add(self._copies_of(missing), keep)

    def _copies_of(self, rows: Sequence[int]) -> Statement:
        return (
            f"SELECT {one_by_one('p', 'o')} "
            f"o.text, o.passage, o.paragraph, o.start, o.end, o.own FROM {PASSAGES} p "
            f"JOIN {PASSAGES} o ON o.text = p.text WHERE p.passage IN ({marks(rows)})",
            self._catalogue.passages_of(rows),
        )

    def _knows_copies(self, row: int) -> bool:
        """Whether it is known where else a passage's text stands, and the places of all that."""
        (place,) = self._material.places([row])
        groups = self._copies.get(place.text) if place else None
        return groups is not None and all(self._material.places([other for group in groups for other in group]))

    def keep_copies(self, rows: Sequence[Row]) -> dict[bytes, Groups]:
        """Keep the groups of texts, as ``groups`` returns them, and return them."""
        groups = self.groups(rows)
        self._copies.keep(groups)
        return groups

    def groups(self, rows: Sequence[Row]) -> dict[bytes, Groups]:
        """Return the rows of passages by text, the first report's first, those that stand apart by themselves.

        Each of ``rows`` begins with a text and a passage; passages that are of other generations are left out.
        """
        found = defaultdict[bytes, set[int]](set)
        numbers = self._catalogue.rows_of([int(row[1]) for row in rows]).tolist()
        for number, (text, *_) in zip(numbers, rows, strict=True):
            if number >= 0:
                found[text].add(number)
        return {text: self._apart(of) if len(of) > 1 else (tuple(of),) for text, of in found.items()}

    def _apart(self, rows: Iterable[int]) -> Groups:
        relations, families = self._catalogue.relations, defaultdict[str, list[int]](list)
        for row in sorted(rows, key=self._order):
            owner = relations.version_of(self._catalogue.lines[self._catalogue.layout.report_of(row)].document_id)
            families[owner if owner in relations.apart else ""].append(row)
        return tuple(map(tuple, families.values()))

    def _order(self, row: int) -> tuple[dt.date, int]:
        return self._catalogue.lines[self._catalogue.layout.report_of(row)].date or dt.date.max, row

    # Where words stand in reports

    def rows_with(self, leg: LegName, words: Sequence[str], reports: Sequence[int]) -> dict[str, Rows]:
        """Return which passages of these reports hold each word of a leg, ascending."""
        batch, codes = Batch(), {word: code_of(word) for word in words}
        found = self._add_standing(batch, leg, list(codes.values()), reports)
        self.run(batch)

        def rows_of(code: str) -> Rows:
            return np.array(sorted(row for report in reports for row in found[code, report]), dtype=np.int64)

        return {word: rows_of(code) for word, code in codes.items()}

    def _add_standing(
        self, batch: Batch, leg: LegName, codes: Sequence[str], reports: Iterable[int]
    ) -> dict[tuple[str, int], tuple[int, ...]]:
        """Return the known rows by code and report, which are all as soon as the batch has run."""
        nowhere = {code for code in codes if self._frequencies.get((leg, code)) == 0}
        asked = [(code, report) for code in dict.fromkeys(codes) for report in reports]
        kept = self._standing.many((leg, *one) for one in asked)
        found = {
            one: rows or () for one, rows in zip(asked, kept, strict=True) if rows is not None or one[0] in nowhere
        }
        if missing := [one for one in asked if one not in found]:
            sought = {code for code, _ in missing}

            def keep(rows: list[Row]) -> None:
                read: dict[tuple[str, int], list[int]] = {one: [] for one in missing}
                numbers = self._catalogue.rows_of([int(passage) for passage, _ in rows]).tolist()
                for row, (_, held) in zip(numbers, rows, strict=True):
                    report = self._catalogue.layout.report_of(row)
                    for code in sought:
                        if code in held and (code, report) in read:
                            read[code, report].append(row)
                found.update({one: tuple(of) for one, of in read.items()})
                self._standing.keep({(leg, *one): tuple(of) for one, of in read.items()})

            batch.add(self._where(leg, sought, {report for _, report in missing}), keep)
        return found

    def _where(self, leg: LegName, codes: Collection[str], reports: Collection[int]) -> Statement:
        """Return the statement for the passages of these reports that hold any of these codes.

        Whichever are fewer are looked through: all passages with the codes, or all passages of the reports.
        """
        ranges = [bound for place in reports for bound in self._catalogue.range_of(place)]
        within = " OR ".join(["p.passage BETWEEN %s AND %s"] * len(reports))
        known = [self._frequencies.get((leg, code)) for code in codes]
        held, rows = sum(count or 0 for count in known), sum(len(self._catalogue.layout.rows_of(at)) for at in reports)
        if None not in known and held < rows:
            how, holding, values = "", f"MATCH(t.{leg}) AGAINST (%s)", [" ".join(codes)]
        else:
            how, values = one_by_one("p", "t"), [f"%{code}%" for code in codes]
            holding = " OR ".join([f"t.{leg} LIKE %s"] * len(codes))
        return (
            f"SELECT {how} p.passage, t.{leg} FROM {PASSAGES} p JOIN {TEXTS.format(space=self._catalogue.space)} t "
            f"ON t.text = p.text WHERE ({within}) AND ({holding})",
            [*ranges, *values],
        )
