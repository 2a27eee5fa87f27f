"""Reports and their passages -> how they are related, top to bottom."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from retrieval.index.names.finding import names_of
from retrieval.index.relations.comparison import Comparison
from retrieval.index.relations.counterparts import counterparts
from retrieval.index.relations.relations import Family, Relations
from retrieval.index.relations.reprints import Families, families_of
from retrieval.index.relations.versions import Versions
from retrieval.types import Document, Passage


def find_relations(documents: Sequence[Document], passages: Sequence[Passage]) -> Relations:
    """Find which of these reports are reprints, and which replace older ones."""
    versions = Versions(documents)
    found = families_of(documents, versions.are_versions)
    by_number = _replaced(versions.newest, found)
    replaced = {documents[older].document_id: documents[newer].document_id for older, newer in by_number.items()}
    comparisons = [
        [Comparison.of(documents[first], documents[other]) for other in others] for first, *others in found.families
    ]
    rows = _Rows(passages)
    return Relations(
        families=tuple(
            Family(
                tuple(documents[number].document_id for number in family),
                tuple(comparison.differences for comparison in compared),
            )
            for family, compared in zip(found.families, comparisons, strict=True)
        ),
        rows=tuple(pair for compared in comparisons for one in compared for pair in rows.changed(one)),
        counterparts=tuple(pair for older, newer in replaced.items() for pair in rows.counterparts(older, newer)),
        replaced=replaced,
        copied=tuple(tuple(documents[number].document_id for number in group) for group in found.copied),
        names=names_of((document.document_id, document.text) for document in documents),
    )


def _replaced(newest: Mapping[int, int], found: Families) -> dict[int, int]:
    """Extend what replaces what to reprints: those of an older report are replaced too, by the first of the newer."""
    family_of = {number: family for family in found.families for number in family}
    replaced = dict[int, int]()
    for older, newer in newest.items():
        for number in family_of.get(older, (older,)):
            replaced.setdefault(number, family_of.get(newer, (newer,))[0])
    return dict(sorted(replaced.items()))


class _Rows:
    """Where passages stand, so that the sentences of two reports lead to those that are the same."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._of = defaultdict[str, list[int]](list)
        for row, passage in enumerate(passages):
            self._of[passage.document_id].append(row)
        self._starts = {document: [passages[row].start for row in rows] for document, rows in self._of.items()}

    def changed(self, comparison: Comparison) -> Iterator[tuple[int, int, bool]]:
        """Yield pairs of passages that share a sentence, but not their whole text.

        The third value is whether the reprint's passage has a sentence that does not stand in the first report.
        """
        shared, own = set[tuple[int, int]](), set[int]()
        for one in comparison.aligned:
            other = self._at(comparison.other.document_id, one.other.start) if one.other else -1
            if one.first and one.other:
                shared.add((self._at(comparison.first.document_id, one.first.start), other))
            if not one.same:
                own.add(other)
        for row, other in sorted(shared):
            if self._passages[row].text != self._passages[other].text:
                yield row, other, other in own

    def counterparts(self, older: str, newer: str) -> Iterator[tuple[int, int]]:
        """Yield the pairs of passages of two versions that are about the same thing."""
        texts = [{row: self._passages[row].text for row in self._of[document]} for document in (older, newer)]
        yield from counterparts(*texts)

    def _at(self, document_id: str, start: int) -> int:
        return self._of[document_id][bisect_right(self._starts[document_id], start) - 1]
