"""Whether a scan lost most of the reports: then a folder is gone, rather than the reports that were in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from retrieval.errors import MostReportsGone
from retrieval.types import Document

LEAST_GONE = 4
"""Fewer reports may go in any scan, so that a collection of two or three can be edited."""


def refuse_shrinking(held: Sequence[Document], found: Sequence[Document], named: Collection[str] = ()) -> None:
    """Raise MostReportsGone where more than half of the reports that the index ``held`` are not among the ``found``.

    A report whose id or whose content is still there is not gone; those of the ids ``named`` are meant to go.
    """
    ids, contents = {one.document_id for one in found} | set(named), {one.digest for one in found}
    gone = tuple(one.document_id for one in held if one.document_id not in ids and one.digest not in contents)
    if len(gone) >= LEAST_GONE and 2 * len(gone) > len(held):
        raise MostReportsGone(gone, len(held))
