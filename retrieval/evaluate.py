"""Measure answers on a file of questions, through the same ``Answerer`` that users ask."""

from __future__ import annotations

import json
import re
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.answering import Answerer
from retrieval.errors import QuestionInvalid
from retrieval.types import Answer, Citation

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with its evidence, (document id, quote) pairs; none where the reports do not answer it."""

    question: str
    evidence: tuple[tuple[str, str], ...]
    answer: str | None = None


def read_questions(path: Path) -> list[Judged]:
    """Read JSON lines with "question", "evidence" [{"document", "quote"}] and optionally "answer".

    Lines whose "kind" is "unjudged" are left out: nobody has said yet where their answer stands, or that it does not.
    """
    judged = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise QuestionInvalid(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise QuestionInvalid(f"{path} is not UTF-8: save it again as UTF-8") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            evidence = tuple((item["document"], item["quote"]) for item in entry["evidence"])
            if entry.get("kind") != "unjudged":
                judged.append(Judged(entry["question"], evidence, entry.get("answer")))
        except (ValueError, KeyError, TypeError) as error:
            raise QuestionInvalid(f"{path}, line {number}: question and evidence are expected") from error
    return judged


def evaluate(answerer: Answerer, questions: Sequence[Judged]) -> dict[str, float | int]:
    """Return hit@1/3/10, MRR@10, how often the answer sentence holds the evidence, abstention, and milliseconds."""
    answers = [(judged, answerer.ask(judged.question, DEPTH)) for judged in questions]
    ranks = [first_hit(judged, answer.citations) for judged, answer in answers if judged.evidence]
    right = [_holds_answer(judged, answer) for judged, answer in answers if judged.evidence]
    silent = [answer.status != "answered" for judged, answer in answers if not judged.evidence]
    return {
        "answerable": len(ranks),
        **{f"hit@{depth}": _mean([rank is not None and rank <= depth for rank in ranks]) for depth in (1, 3, 10)},
        "mrr@10": _mean([1 / rank if rank else 0.0 for rank in ranks]),
        "sentence": _mean(right),
        "unanswerable": len(silent),
        "unanswerable kept silent": _mean(silent),
        "median ms": statistics.median(answer.timings_ms["total"] for _, answer in answers) if answers else 0.0,
    }


def first_hit(judged: Judged, citations: Sequence[Citation]) -> int | None:
    """Return the number of the first citation whose quote holds the evidence, white space and width aside."""
    for citation in citations:
        for document_id, quote in judged.evidence:
            if citation.document_id == document_id and squash(quote) in squash(citation.quote):
                return citation.number
    return None


def _holds_answer(judged: Judged, answer: Answer) -> bool:
    if answer.answer is None:
        return False
    wanted = [quote for _, quote in judged.evidence] + ([judged.answer] if judged.answer else [])
    return any(squash(text) in squash(answer.answer.text) for text in wanted)


def squash(text: str) -> str:
    """Fold width and take out white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
