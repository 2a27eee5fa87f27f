"""Several answers of one message put together: one list of citations, each answer pointing into it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from retrieval.notices import Notice
from retrieval.types import Answer, AnswerText, Citation


def joined(answers: Sequence[Answer], parts: Sequence[str], top_k: int, language: Literal["zh", "en"]) -> Answer:
    """Return one answer of those to the ``parts`` of a message; the first that is answered is its ``answer``.

    The citations that answer come first, then those of the first answer, at most ``top_k``. What is not answered, or
    has its citation no longer, is named in a notice.
    """
    good = [one for one in answers if one.status == "answered"]
    first, citations = good[0], list[Citation]()
    for one in (*(answer.citations[:1] for answer in good), *(answer.citations[1:] for answer in good)):
        citations += [found for found in one if not any(_is_same(found, other) for other in citations)]
    kept = [replace(found, number=number) for number, found in enumerate(citations[:top_k], start=1)]
    said = [found for answer in good if (found := _moved(answer.answer, answer, kept))]
    missing = [part for part, one in zip(parts, answers, strict=True) if not _moved(one.answer, one, kept)]
    return replace(
        first,
        confidence=min(one.confidence for one in good),
        answer=said[0],
        answers=tuple(said) if len(said) > 1 else (),
        citations=tuple(kept),
        supporting=_all_moved(first.supporting, first, kept),
        conflicting=_all_moved(first.conflicting, first, kept),
        notice=Notice("partly", language, "; ".join(missing)) if missing else first.notice,
        timings_ms=dict(sum((Counter(one.timings_ms) for one in answers), Counter())),
        explanation=None,  # it would be of another list of citations
        filters_applied=tuple(dict.fromkeys(applied for answer in good for applied in answer.filters_applied)),
    )


def _is_same(one: Citation, other: Citation) -> bool:
    return (one.document_id, one.start, one.end) == (other.document_id, other.start, other.end)


def _moved(said: AnswerText | None, answer: Answer, citations: Sequence[Citation]) -> AnswerText | None:
    """Return a sentence that points to where its citation stands now; None where it is not among them."""
    if said is None:
        return None
    cited = answer.citations[said.citation - 1]
    number = next((found.number for found in citations if _is_same(found, cited)), None)
    return replace(said, citation=number) if number else None


def _all_moved(
    sentences: Sequence[AnswerText], answer: Answer, citations: Sequence[Citation]
) -> tuple[AnswerText, ...]:
    return tuple(moved for said in sentences if (moved := _moved(said, answer, citations)))
