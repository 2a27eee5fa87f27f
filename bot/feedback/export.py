"""Votes and unanswered questions as lines for `wenbao evaluate`."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.state import VOTES, Feedback


def exported(entries: Sequence[Feedback]) -> list[dict[str, Any]]:
    """Return one object for each distinct question, in the layout that ``retrieval.evaluation.read_questions`` takes.

    Its evidence is the answering sentences that more users voted up than down, and its kind is "judged". Without
    evidence nobody knows yet whether the reports answer it, so the kind is "unjudged", and evaluation skips it.
    """
    by_question: dict[str, list[Feedback]] = {}
    for entry in entries:
        by_question.setdefault(entry.question, []).append(entry)
    return [_question(question, given) for question, given in by_question.items()]


def _question(question: str, given: Sequence[Feedback]) -> dict[str, Any]:
    evidence = _evidence(given)
    return {
        "id": "f" + hashlib.sha256(question.encode()).hexdigest()[:8],
        "kind": "judged" if evidence else "unjudged",
        "question": question,
        "answer": None,
        "evidence": [{"document": document_id, "quote": sentence} for document_id, sentence in evidence],
    }


def _evidence(given: Sequence[Feedback]) -> list[tuple[str, str]]:
    votes: Counter[tuple[str, str]] = Counter()
    for entry in given:
        if entry.answer and entry.cited and entry.kind in VOTES:
            votes[entry.cited.document_id, entry.answer.text] += 1 if entry.kind == "up" else -1
    return [sentence for sentence, balance in votes.items() if balance > 0]
