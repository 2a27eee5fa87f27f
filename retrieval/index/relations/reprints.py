"""Reports -> families of reprints, and the notices that places copied from each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval.index.relations.candidates import Candidates, marks_of
from retrieval.index.relations.comparison import Comparison
from retrieval.index.relations.groups import joined
from retrieval.index.relations.sentences import sentences_in
from retrieval.types import Document

AreVersions = Callable[[int, int], bool]
"""Whether two reports, by number, are versions of one rule, and so no reprints."""


@dataclass(frozen=True, slots=True)
class Families:
    """Reprints of one report by number, the first by date first, and notices that places copied from each other."""

    families: tuple[tuple[int, ...], ...]
    copied: tuple[tuple[int, ...], ...]


def families_of(documents: Sequence[Document], are_versions: AreVersions) -> Families:
    """Find the reprints among these reports; a reprint of a reprint belongs to the same family."""
    marks = [marks_of(sentences_in(document)) for document in documents]
    candidates, copies = Candidates(marks), list[tuple[int, int]]()
    family = {number: [number] for number in range(len(documents))}
    for number in sorted(family, key=lambda number: (documents[number].date or dt.date.max, number)):
        near = candidates.near(number)
        again = (other for other in near if Comparison.of(documents[other], documents[number]).is_reprint)
        home = next((one for one in again if not any(are_versions(number, member) for member in family[one])), None)
        if home is not None:
            family[home].append(number)
            family[number] = family[home]
        elif near and Comparison.of(documents[near[0]], documents[number]).is_copy:
            copies.append((near[0], number))
        if home is None or marks[home] != marks[number]:
            candidates.add(number)
    families = {members[0]: tuple(members) for members in family.values() if len(members) > 1}
    return Families(tuple(families[first] for first in sorted(families)), tuple(map(tuple, joined(copies))))
