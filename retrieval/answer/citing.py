"""Hits -> citations, with the places where a passage stands too, and the versions of a rule."""

from __future__ import annotations

from collections.abc import Iterator

from retrieval.index.protocol import Snapshot
from retrieval.index.relations.comparison import Comparison
from retrieval.listing import Listing
from retrieval.recognised import lines_within
from retrieval.related import Difference, Reprint, Version
from retrieval.types import Citation, Document, Hit, Passage

CONTEXT = 64
"""Characters before and after a quote that are kept with it, so that a link can tell apart places of the same words."""
REMEMBERED = 256
"""Comparisons that are kept of reports of which neither is its family's first."""


class Citer:
    """Cites the passages of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._compared: dict[tuple[str, str], tuple[Difference, ...]] = {}

    def cite(self, number: int, hit: Hit) -> Citation:
        """Return the citation of a hit."""
        passage = self._snapshot.passages[hit.row]
        document = self._snapshot.by_id[passage.document_id]
        relations = self._snapshot.relations
        newer = relations.replaced.get(document.document_id)
        return Citation(
            number=number,
            document_id=document.document_id,
            title=document.title,
            date=document.date,
            source=document.source,
            paragraph=passage.paragraph,
            start=passage.start,
            end=passage.end,
            quote=passage.text,
            score=round(hit.score, 4),
            duplicates=tuple(self._reprints(hit, document.document_id, passage.text)),
            superseded_by=self._version(newer) if newer else None,
            supersedes=tuple(map(self._version, relations.replaces.get(document.document_id, ()))),
            row=passage.row,
            aside=passage.aside,
            kind=document.asides[passage.aside - 1].kind if passage.aside else None,
            version=document.version,
            context=_around(document.text, passage.start, passage.end),
            recognised_page=_recognised_page(document, passage),
        )

    def _reprints(self, hit: Hit, cited: str, quote: str) -> Iterator[Reprint]:
        """Yield the other places of a passage; one in each reprint, which may cut its paragraphs otherwise."""
        family = self._snapshot.relations.family_of.get(cited)
        seen = {cited} if family else set[str]()
        for row in hit.duplicates:
            reprint = self._reprint(row, cited, quote)
            if reprint.document_id not in seen:
                yield reprint
            if family and reprint.document_id in family.documents:
                seen.add(reprint.document_id)

    def _reprint(self, row: int, cited: str, quote: str) -> Reprint:
        passage = self._snapshot.passages[row]
        document = self._listed(passage.document_id)
        differences = sorted(self._differences(cited, document.document_id), key=lambda one: not _is_in(one, quote))
        about = document.title, document.date, tuple(differences), passage.aside
        return Reprint(document.document_id, passage.paragraph, *about)

    def _differences(self, cited: str, other: str) -> tuple[Difference, ...]:
        """Return what another report changed; between two reprints of a third it is found when it is asked for."""
        relations = self._snapshot.relations
        family = relations.family_of.get(cited)
        if family is None or cited == other or other not in family.documents:
            return ()
        known = relations.differences(cited, other)
        return self._compare(cited, other) if known is None else known

    def _compare(self, cited: str, other: str) -> tuple[Difference, ...]:
        """Compare two reports, or remember what came of it; a cache of a method would hold the snapshot for ever."""
        if len(self._compared) >= REMEMBERED:
            self._compared.clear()
        key = (cited, other)
        if key not in self._compared:
            reports = self._snapshot.by_id
            self._compared[key] = Comparison.of(reports[cited], reports[other]).differences
        return self._compared[key]

    def _listed(self, document_id: str) -> Listing:
        return self._snapshot.documents[self._snapshot.number_of(document_id)]

    def _version(self, document_id: str) -> Version:
        document = self._listed(document_id)
        return Version(document_id, document.title, document.date)


def _recognised_page(document: Document, passage: Passage) -> int | None:
    lines = lines_within(document.recognised, passage.start, passage.end)
    return lines[0].page if lines else None


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    return text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]


def _is_in(difference: Difference, quote: str) -> bool:
    return bool(difference.old) and difference.old in quote
