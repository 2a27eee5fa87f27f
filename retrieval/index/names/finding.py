"""Reports -> which names they use for the same, whichever of them a question uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from retrieval.index.names.short_forms import short_forms_in
from retrieval.text.characters import fold
from retrieval.text.entities import is_titled

MOST = 3
"""A name that stands for more than so many others says too little."""


Names = dict[str, dict[str, tuple[str, ...]]]
"""Folded name -> what else it is called, folded -> the ids of the reports that call it so."""


def names_of(texts: Iterable[tuple[str, str]]) -> Names:
    """Return what else each name is called in reports, which come as (id, text).

    A person is not looked for by a surname and a title, because that is another one in the next report.
    """
    found = defaultdict[str, dict[str, dict[str, None]]](lambda: defaultdict(dict))
    for document_id, text in texts:
        for short, long in short_forms_in(text):
            name, other = fold(short), fold(long)
            found[name][other][document_id] = None
            if not is_titled(name):
                found[other][name][document_id] = None
    return {
        name: {other: tuple(reports) for other, reports in others.items()}
        for name, others in sorted(found.items())
        if len(others) <= MOST
    }
