"""Questions to begin with, made of the reports themselves: only such as answer themselves now.

A clause with one amount is asked for it ("支部共筹得善款多少元？"), one that begins with a person for who it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from retrieval.index.protocol import Snapshot
from retrieval.question.names import is_person
from retrieval.text.entities import people_in
from retrieval.text.segmentation import tokens_of
from retrieval.text.units import UNIT
from retrieval.types import Answer, Filters, Question

MOST_ASKED = 40
"""Questions that are tried at most, so that a large collection costs no more than a small one."""
MOST_REPORTS = 200
"""Reports that are looked at for questions."""
OF_A_REPORT = 4
"""Questions that are tried of one report."""
SHORTEST, LONGEST = 8, 26
"""Characters of a clause that makes a question worth reading."""

_CLAUSE = re.compile(r"(?<![^\s，,。；;！!？?])[^\s，,。；;：:！!？?“”\"‘’（）()《》、【】]+(?=[，,。；;！!？?])")
_AMOUNT = re.compile(rf"(?:近|约|超过|逾|多达|整整)?\d[\d,.]*[万亿]?[多余]?(?={UNIT})")
_LEAD = re.compile(r"^(?:其中|并且|并|同时|目前|现在|截至目前|据统计|而且|此外|还|也|已经|已|又|就|从而|共|累计|总计)+")
_LEANS = re.compile(r"[他她它其该这那此每我你本]|.*[后前时中下的]$|.*(?:一样|之际|期间|以来)$")
"""A clause that says nothing by itself: it points elsewhere, or is what another one happens after."""
_NO_DEED = re.compile(r"同志|职工|[和与的等又也还却则说]|不仅|表示|告诉|介绍|居住|在.*[后时]")
"""What follows a name that does nothing."""
_SUBJECTS = ("n", "j")
"""jieba's tags of words that a clause with a subject begins with."""
_MOST_BEHIND = 8
"""Characters behind an amount: with more it only describes what is spoken of."""


def questions_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield questions that a text answers, each with the words of it that do."""
    for match in _CLAUSE.finditer(text):
        clause = _LEAD.sub("", match[0])
        if not SHORTEST <= len(clause) <= LONGEST or _LEANS.match(clause):
            continue
        amounts = list(_AMOUNT.finditer(clause))
        if len(amounts) == 1 and _is_said_of_something(clause, amounts[0]):
            [amount] = amounts
            yield f"{clause[: amount.start()]}多少{clause[amount.end() :]}？", amount[0]
        elif not amounts and (
            person := next((one for one in filter(is_person, people_in(clause)) if clause.startswith(one)), None)
        ):
            deed = clause[len(person) :]
            if not _NO_DEED.match(deed):
                yield f"谁{deed}？", person


def _is_said_of_something(clause: str, amount: re.Match[str]) -> bool:
    """Whether a clause begins with what the amount is said of, and ends not long after it."""
    before, behind = clause[: amount.start()], clause[amount.end() :]
    is_whole = len(before) > 3 and len(behind) <= _MOST_BEHIND and not behind.startswith("%")
    return is_whole and tokens_of(before)[0].flag.startswith(_SUBJECTS)


def examples_of(
    snapshot: Snapshot, ask: Callable[[Question], Answer], most: int = 4, filters: Filters | None = None
) -> tuple[str, ...]:
    """Return at most so many questions, each of another report if there are enough, that ``ask`` answers rightly.

    They are made of the reports that the filters admit.
    """
    found: list[str] = []
    asked = 0
    admitted = (one for one in enumerate(snapshot.documents) if filters is None or filters.admits(one[1]))
    for report, document in islice(admitted, MOST_REPORTS):
        for question, words in _questions_of(snapshot, report):
            if asked == MOST_ASKED or len(found) == most:
                return tuple(found)
            asked += 1
            answer = ask(Question(question, top_k=1))
            span = answer.answer.span if answer.answer else None
            if span and (words in span or span in words) and answer.citations[0].document_id == document.document_id:
                found.append(question)
                break
    return tuple(found)


def _questions_of(snapshot: Snapshot, report: int) -> list[tuple[str, str]]:
    """Return the first questions that the passages of a report answer, which is named by its place in the snapshot."""
    found: list[tuple[str, str]] = []
    for row in snapshot.layout.rows_of(report):
        passage = snapshot.passages[row]
        if passage.paragraph is not None and not passage.row:
            found += questions_in(passage.text)
        if len(found) >= OF_A_REPORT:
            break
    return found[:OF_A_REPORT]
