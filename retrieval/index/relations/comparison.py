"""Two reports, compared sentence by sentence: what they share, what the other changed, and whether it is a reprint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from retrieval.index.relations.alignment import Aligned, align, likeness
from retrieval.index.relations.differences import PLACE, changes, is_place
from retrieval.index.relations.sentences import sentences_in
from retrieval.related import Difference
from retrieval.types import Document

SHARED = 0.9
"""Share of its sentences that a reprint has unchanged."""
FEW_SENTENCES = 10
"""In a report of fewer sentences one may differ, because nine tenths of them would be all."""
LEAST_SHARED = 3
"""Sentences that two short reports share where one differs."""
COPIED = 0.5
"""Share of its sentences that a notice has, names and figures aside, where one place took it over from another."""
CHANGES_READ = 8
"""Changed sentences that are looked through for names; a notice names its place more often than that."""

_ISSUE = re.compile(r"第?[\d〇零一二三四五六七八九十百]+[期号次届辑]")
_PLACE_NAME = re.compile(rf".*?({PLACE})")


@dataclass(frozen=True)
class Comparison:
    """What ``other`` made of ``first``."""

    first: Document
    other: Document
    aligned: tuple[Aligned, ...]

    @classmethod
    def of(cls, first: Document, other: Document) -> Comparison:
        """Compare two reports."""
        return cls(first, other, align(sentences_in(first), sentences_in(other)))

    @property
    def same(self) -> int:
        """How many sentences stand in both."""
        return sum(one.same for one in self.aligned)

    @property
    def changed(self) -> tuple[tuple[str, str], ...]:
        """The sentences in which something was changed, as they stand in both."""
        return tuple(
            (self._old(one), self._new(one)) for one in self.aligned if one.first and one.other and not one.same
        )

    @property
    def longest(self) -> int:
        """How many sentences the longer of both has."""
        return max(
            sum(one.first is not None for one in self.aligned), sum(one.other is not None for one in self.aligned)
        )

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What was changed, first the title, then in the other report's order."""
        return (*self._title_changed(), *(found for one in self.aligned for found in self._in_sentence(one)))

    @property
    def is_reprint(self) -> bool:
        """Whether the other is the same report again: nine tenths of its sentences, its people and its places."""
        return self._shares_enough() and not self._is_next_issue() and not self.names_another

    @property
    def is_copy(self) -> bool:
        """Whether the other is the same notice for another place or other people."""
        return self.same + len(self.changed) >= COPIED * self.longest and self.names_another

    @cached_property
    def names_another(self) -> bool:
        """Whether the other is about other people or places; one name that was put right does not make it so."""
        if self._source_is_elsewhere() or any(map(self._is_swapped, self._in_titles("name"))):
            return True
        names = {found for found in self._names() if self._is_swapped(found)}
        return len(names) > 1 or any(is_place(name.old) and not _put_right(name) for name in names)

    def _shares_enough(self) -> bool:
        differing = self.longest - self.same
        if not differing or self.longest >= FEW_SENTENCES:
            return self.longest > 0 and self.same >= SHARED * self.longest
        return differing == 1 and self.same >= LEAST_SHARED and not self._has_date()

    def _has_date(self) -> bool:
        return any(found.kind == "date" for pair in self.changed for found in changes(*pair))

    def _is_next_issue(self) -> bool:
        """Whether it is the next bulletin of a series: another day or number in its title, or day and figure in one."""
        titled = [*self._in_titles("date"), *(one for one in self._in_titles("figure") if _ISSUE.fullmatch(one.new))]
        kinds = ({found.kind for found in changes(*pair)} for pair in self.changed)
        return bool(titled) or any({"date", "figure"} <= found for found in kinds)

    def _names(self) -> Iterator[Difference]:
        for pair in self.changed[:CHANGES_READ]:
            yield from (found for found in changes(*pair) if found.kind == "name")

    def _is_swapped(self, name: Difference) -> bool:
        """Whether neither report knows the other's name."""
        first, other = self.first.title + self.first.text, self.other.title + self.other.text
        return name.old not in other and name.new not in first

    def _in_titles(self, kind: str) -> list[Difference]:
        old, new = self.first.title, self.other.title
        return [found for found in changes(old, new) if found.kind == kind] if likeness(old, new) else []

    def _source_is_elsewhere(self) -> bool:
        """Whether two offices of different places, but of one rank, issued them."""
        one, two = (_PLACE_NAME.match(document.source or "") for document in (self.first, self.other))
        return one is not None and two is not None and one[0] != two[0] and one[1] == two[1]

    def _title_changed(self) -> Iterator[Difference]:
        old, new = self.first, self.other
        if old.title != new.title and not (old.title_derived or new.title_derived):
            yield Difference("title", old.title, new.title)

    def _in_sentence(self, one: Aligned) -> Iterator[Difference]:
        if one.same:
            return
        if one.first and one.other:
            yield from changes(self._old(one), self._new(one))
        elif one.other:
            yield Difference("addition", "", self._new(one))
        else:
            yield Difference("omission", self._old(one), "")

    def _old(self, one: Aligned) -> str:
        return self.first.text[one.first.start : one.first.end].strip() if one.first else ""

    def _new(self, one: Aligned) -> str:
        return self.other.text[one.other.start : one.other.end].strip() if one.other else ""


def _put_right(name: Difference) -> bool:
    """Whether one character of a longer name was changed: 红旗路 into 红星路."""
    if len(name.old) != len(name.new) or len(name.old) <= 2:
        return False
    return sum(one != two for one, two in zip(name.old, name.new, strict=True)) == 1
