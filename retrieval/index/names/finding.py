"""Reports -> which names they use for the same, whichever of them a question uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from retrieval.index.names.short_forms import short_forms_in
from retrieval.text.characters import fold
from retrieval.text.entities import is_titled

MOST = 3
"""A name that stands for more than so many others says too little."""


def names_of(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return what else each name is called, folded both.

    A person is not looked for by a surname and a title, because that is another one in the next report.
    """
    found = defaultdict[str, dict[str, None]](dict)
    for text in texts:
        for short, long in short_forms_in(text):
            name, other = fold(short), fold(long)
            found[name][other] = None
            if not is_titled(name):
                found[other][name] = None
    return {name: tuple(others) for name, others in sorted(found.items()) if len(others) <= MOST}
