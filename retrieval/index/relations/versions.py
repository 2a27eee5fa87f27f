"""Reports -> which newer one replaces which older one: by what it says, or by its title."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from retrieval.index.relations.alignment import likeness
from retrieval.index.relations.repeals import DocumentNumber, Repeals, own_numbers, repeals_in
from retrieval.index.relations.titles import day_of, rule_title
from retrieval.text.entities import organisations_in, places_in
from retrieval.types import Document

ALIKE = 0.75
"""How alike (0 to 1, by ``difflib``) two titles are of which the newer report repeals the rule before it, unnamed."""
MOST_ALIKE = 50
"""Reports that one is compared with: the latest of its title, or those of which the title begins alike."""
BEGINNING = 2
"""Characters that two titles begin with alike to be compared."""
LEAD = 300
"""Characters of a report that say which places it is about."""

_LOCAL = re.compile("[省市县区镇乡村州旗]|自治")
_TAIL = re.compile("关于.{6,}")


class Versions:
    """Which of some reports, by number, replace which: ``newest`` maps a replaced one to the one that holds now."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents
        self._titles = [rule_title(document.title) for document in documents]
        self._of_core, self._of_tail = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
        self._of_beginning = defaultdict[str, list[int]](list)
        for number, title in enumerate(self._titles):
            if not documents[number].title_derived:
                self._of_core[title.core].append(number)
                self._of_beginning[title.core[:BEGINNING]].append(number)
                if tail := _TAIL.search(title.core):
                    self._of_tail[tail[0]].append(number)
        self._repeals = {n: said for n, document in enumerate(documents) if (said := repeals_in(document)) != Repeals()}
        self._direct = self._replaced()
        self.newest = {older: last for older in self._direct if (last := self._last(older)) is not None}

    def are_versions(self, one: int, other: int) -> bool:
        """Whether one of two reports replaces the other, or both are versions of one rule."""
        return any(
            newer in (self.newest.get(older), self._direct.get(older)) or self._is_newer(older, newer)
            for older, newer in ((one, other), (other, one))
        )

    def _replaced(self) -> dict[int, int]:
        """Return what replaces each older report: of several, a version of the same rule, and the newest of these."""
        found = defaultdict[int, set[int]](set)
        for newer, said in self._repeals.items():
            for older in self._targets(newer, said):
                found[older].add(newer)
        for group in self._of_core.values():
            latest = self._latest(group[0]) if len(group) > 1 else []
            for older in group:
                found[older].update(newer for newer in latest if self._is_newer(older, newer))
        return {older: self._best(older, newer) for older, newer in found.items() if newer}

    def _best(self, older: int, newer: set[int]) -> int:
        def rank(number: int) -> tuple[bool, bool, dt.date, int]:
            title = self._titles[number]
            same = title.core == self._titles[older].core
            return same, title.is_rule or title.is_notice, self._day(number) or dt.date.min, -number

        best = max(newer, key=rank)
        equals = [
            one for one in newer if self._titles[one] == self._titles[best] and self._year(one) == self._year(best)
        ]
        return min(equals, key=lambda number: (self._day(number) or dt.date.max, number))

    def _last(self, older: int) -> int | None:
        """Follow what replaced it, and what replaced that; None where this leads round in a circle."""
        seen, number = {older}, self._direct[older]
        while number in self._direct and number not in seen:
            seen.add(number)
            number = self._direct[number]
        return None if number in seen else number

    # What a report says

    def _targets(self, newer: int, said: Repeals) -> Iterator[int]:
        named = {older for number in said.numbers for older in self._numbered(number)}
        named.update(older for title in said.titles for older in self._titled(newer, title))
        if said.older:
            named.update(self._alike(newer))
        yield from (older for older in named if self._may_replace(older, newer))

    def _numbered(self, number: DocumentNumber) -> Iterator[int]:
        return (older for own, older in self._of_serial.get(number.serial, ()) if own.may_be(number))

    @cached_property
    def _of_serial(self) -> dict[str, list[tuple[DocumentNumber, int]]]:
        """The reports by the document numbers that they bear, read only where a repeal names one."""
        found = defaultdict[str, list[tuple[DocumentNumber, int]]](list)
        for older, document in enumerate(self._documents):
            for own in own_numbers(document):
                found[own.serial].append((own, older))
        return found

    def _titled(self, newer: int, title: str) -> Iterator[int]:
        named = rule_title(title)
        core, group = named.core, self._of_core.get(named.core, [])
        yield from [older for older in group if self._titles[older] == named] or group
        if _TAIL.match(core):
            issuer = self._documents[newer]
            known = f"{issuer.title}{issuer.source}{issuer.text}"
            for older in self._of_tail.get(core, ()):
                prefix = self._titles[older].core.removesuffix(core)
                if prefix and prefix in known:
                    yield older

    def _alike(self, newer: int) -> Iterator[int]:
        core = self._titles[newer].core
        for older in self._of_beginning.get(core[:BEGINNING], ())[:MOST_ALIKE]:
            title = self._titles[older]
            if title.is_rule and self._agree(older, newer) and likeness(title.core, core, ALIKE):
                yield older

    def _may_replace(self, older: int, newer: int) -> bool:
        """Whether the one can be what the other repeals: older, and not the new rule itself, of which the other tells.

        A reprint, or news of the rule, says a little later what the rule says: that the one before it is repealed.
        """
        if older == newer or self._is_newer(newer, older):
            return False
        before, after = self._documents[older].date, self._documents[newer].date
        if before and after and before > after:
            return False
        if self._year(older) != self._year(newer):
            return True
        repeals_the_same = self._repeals.get(older, Repeals()).share(self._repeals[newer])
        return not repeals_the_same and not any(self._is_newer(one, older) for one in self._latest(older))

    # What titles say

    def _latest(self, number: int) -> list[int]:
        """Return the reports with the title of this one, year and version aside, the latest last."""
        group = self._of_core.get(self._titles[number].core, [])
        return sorted(group, key=lambda one: self._day(one) or dt.date.min)[-MOST_ALIKE:]

    def _is_newer(self, older: int, newer: int) -> bool:
        """Whether the titles of two reports say that they are versions of one rule, the second the newer."""
        one, two = self._titles[older], self._titles[newer]
        if older == newer or one.core != two.core or not (one.is_rule or one.is_notice):
            return False
        if self._documents[older].title_derived or self._documents[newer].title_derived:
            return False
        marked = one.year != two.year or one.stage != two.stage
        another = self._documents[older].text != self._documents[newer].text and self._year(older) != self._year(newer)
        is_version = marked or (one.is_rule and another)
        return is_version and self._comes_after(older, newer) and self._agree(older, newer)

    def _comes_after(self, older: int, newer: int) -> bool:
        before, after = self._day(older), self._day(newer)
        if before and after and before != after:
            return before < after
        return self._titles[older].stage < self._titles[newer].stage

    def _agree(self, one: int, other: int) -> bool:
        """Whether two reports may be of one place: their common title names it, or nothing else says otherwise."""
        documents = self._documents[one], self._documents[other]
        if _LOCAL.search(self._titles[one].core) or (
            documents[0].source and documents[0].source == documents[1].source
        ):
            return True
        names = [_names_in(document.text[:LEAD]) for document in documents]
        return not all(names) or bool(names[0] & names[1])

    def _day(self, number: int) -> dt.date | None:
        return day_of(self._documents[number])

    def _year(self, number: int) -> int | None:
        day = self._day(number)
        return day.year if day else None


def _names_in(text: str) -> set[str]:
    return {*places_in(text), *organisations_in(text)}
