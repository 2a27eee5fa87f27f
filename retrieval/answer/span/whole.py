"""A span that ends within an amount or a name -> one that holds all of it (两元 of 两元六角 -> 两元六角)."""

from __future__ import annotations

import re

from retrieval.answer.span.candidates import FINDERS, Span, amounts
from retrieval.question.question_type import Wanted
from retrieval.text.characters import fold
from retrieval.text.date_grammar import TO

PEOPLE = ("person", "people")
_TO = re.compile(TO)


def whole(text: str, span: Span, wanted: Wanted | None) -> Span:
    """Return ``span`` with what it cuts in two made whole: amounts and times, and names where people are asked for.

    One end of a range (9月1日至12月20日) is a whole.
    """
    folded = fold(text)
    parts = list(amounts(folded))
    if wanted is not None and wanted.kind in PEOPLE:
        parts += [name for name, _ in FINDERS[wanted.kind](folded, wanted)]
    joints = {edge for found in _TO.finditer(folded) for edge in found.span()}
    start, end = span
    return (
        min([begin for begin, ends in parts if begin < start < ends and start not in joints], default=start),
        max([ends for begin, ends in parts if begin < end < ends and end not in joints], default=end),
    )
