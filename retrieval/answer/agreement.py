"""Answers that several passages give together: lists over several reports, and figures that contradict each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from retrieval.answer.reading import Reading
from retrieval.index.protocol import Snapshot
from retrieval.text.words import folded
from retrieval.types import Hit

NEAR = 0.04
"""How far below the first hit's score another hit may be and still answer too."""
SENTENCE_NEAR = 0.05
"""The same for the scores of their answering sentences."""

_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_REST = re.compile(
    r"[\d.,\s]|大约|约|将近|接近|近|超过|超|逾|至少|至多|最多|不到|不足|多达|高达|达|[多余共]|累计|以上|左右|以内|以下"
)


Thing = TypeVar("Thing")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Several(Generic[Thing]):
    """What answers as well as the first hit, and what gives another figure."""

    supporting: tuple[Thing, ...] = ()
    conflicting: tuple[Thing, ...] = ()

    def map(self, change: Callable[[Thing], Other]) -> Several[Other]:
        """Return the same with every thing changed."""
        return Several(tuple(map(change, self.supporting)), tuple(map(change, self.conflicting)))


def one_per_report(hits: Sequence[Hit], snapshot: Snapshot) -> tuple[Hit, ...]:
    """Put the best hit of each report that is near the first one before second hits of the same report."""
    seen, first, later = set[str](), list[Hit](), list[Hit]()
    for hit in hits:
        report = snapshot.passages[hit.row].document_id
        if report not in seen and hit.score >= hits[0].score - NEAR:
            seen.add(report)
            first.append(hit)
        else:
            later.append(hit)
    return (*first, *later)


def candidates(hits: Sequence[Hit], snapshot: Snapshot, most: int) -> list[int]:
    """Return the places of at most ``most`` hits worth reading after the first: near it, one for each other report.

    Reprints and other versions of a report are not another: what a rule no longer says contradicts nothing.
    """
    rules = [snapshot.relations.rule_of(snapshot.passages[hit.row].document_id) for hit in hits]
    seen, found = {rules[0]}, list[int]()
    for place, hit in enumerate(hits[1:], start=1):
        if hit.score >= hits[0].score - NEAR and rules[place] not in seen and len(found) < most:
            seen.add(rules[place])
            found.append(place)
    return found


def compare(first: tuple[str, Reading], others: Sequence[tuple[int, str, Reading]], *, is_list: bool) -> Several[int]:
    """Sort the places of other readings, (place, passage text, reading), by whether they agree or contradict.

    Every near reading adds to a list. Otherwise the spans decide: the same figure or words agree, and another figure
    with the same unit contradicts. A reading without a span does neither.
    """
    near = [(place, text, one) for place, text, one in others if one.score >= first[1].score - SENTENCE_NEAR]
    if is_list:
        return Several(supporting=tuple(place for place, _, _ in near))
    said = _span(*first)
    if said is None:
        return Several()
    agreeing, contradicting = [], []
    for place, text, one in near:
        other = _span(text, one)
        if other is not None and _figures(other) == _figures(said) and _unit(other) == _unit(said):
            agreeing.append(place)
        elif other is not None and _figures(other) and _figures(said) and _unit(other) == _unit(said):
            contradicting.append(place)
    return Several(tuple(agreeing), tuple(contradicting))


def _span(text: str, reading: Reading) -> str | None:
    return folded(text[slice(*reading.span)]) if reading.span else None


def _figures(span: str) -> tuple[str, ...]:
    return tuple(_FIGURE.findall(span.replace(",", "")))


def _unit(span: str) -> str:
    """Return a span without its figures and words such as 近, 约 and 余; a span without figures as it is."""
    return _REST.sub("", span) if _FIGURE.search(span) else span
