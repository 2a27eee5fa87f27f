"""Answers and receipts as the JSON of the contract (DESIGN section 3)."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from bot.links import citation_url, paragraph_url, view_path
from bot.notices import notice_of
from retrieval.listing import Listing
from retrieval.notices import Overview
from retrieval.parts import Aside
from retrieval.related import Reprint, Version
from retrieval.types import Answer, AnswerText, AppliedFilter, Citation, Document, Receipt


def answer_json(answer: Answer, request_id: str, conversation_id: str) -> dict[str, Any]:
    """Return the object of ``POST /ask`` and ``wenbao ask --json``.

    Fields that the contract does not name come last, and only where they say something.
    """
    return {
        "request_id": request_id,
        "conversation_id": conversation_id,
        "generation": answer.generation,
        "status": answer.status,
        "confidence": answer.confidence,
        "answer": sentence_json(answer.answer, answer) if answer.answer else None,
        "citations": [citation_json(citation) for citation in answer.citations],
        "timings_ms": dict(answer.timings_ms),
        **_further(answer),
        **({"explanation": asdict(answer.explanation)} if answer.explanation else {}),
    }


def _further(answer: Answer) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "understood_as": answer.understood_as,
        "filters_applied": [filter_json(applied) for applied in answer.filters_applied],
        "supporting": [sentence_json(sentence, answer) for sentence in answer.supporting],
        "conflicting": [sentence_json(sentence, answer) for sentence in answer.conflicting],
    }
    if answer.answers:
        parts["answers"] = [sentence_json(sentence, answer) for sentence in answer.answers]
    if answer.differs:
        parts["differs"] = asdict(answer.differs)
    if answer.overview:
        parts["overview"] = overview_json(answer.overview)
    if answer.notice:
        parts["notice"] = notice_of(answer, answer.notice.language)
    return {name: value for name, value in parts.items() if value}


def sentence_json(sentence: AnswerText, answer: Answer) -> dict[str, Any]:
    """Return a sentence of an answer with its address, where it is marked in the report."""
    cited = next(citation for citation in answer.citations if citation.number == sentence.citation)
    return {**asdict(sentence), "url": citation_url(cited, sentence)}


def overview_json(overview: Overview) -> dict[str, Any]:
    """Return what the collection holds."""
    reports = [
        {**asdict(listed), "date": _iso(listed.date), "url": view_path(listed.document_id)}
        for listed in overview.reports
    ]
    dates = {"date_from": _iso(overview.date_from), "date_to": _iso(overview.date_to)}
    names = {"people": list(overview.people), "places": list(overview.places), "sources": list(overview.sources)}
    return {"documents": overview.documents, "passages": overview.passages, **dates, "reports": reports, **names}


def filter_json(applied: AppliedFilter) -> dict[str, Any]:
    """Return a time that the question names, with its dates as YYYY-MM-DD."""
    dates = {"date_from": applied.date_from, "date_to": applied.date_to}
    return {"text": applied.text, **{name: _iso(date) for name, date in dates.items()}}


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return one citation; what the contract does not name is there only where it says something."""
    value = asdict(citation)
    last = {"url": citation_url(citation), "score": value.pop("score"), "version": value.pop("version")}
    page = value.pop("recognised_page")
    further = {name: value.pop(name) for name in ("row", "kind")}
    for left in ("duplicates", "superseded_by", "supersedes", "context", "aside"):
        del value[left]
    further |= {
        "duplicates": [reprint_json(reprint) for reprint in citation.duplicates],
        "superseded_by": version_json(citation.superseded_by) if citation.superseded_by else None,
        "supersedes": [version_json(version) for version in citation.supersedes],
        "recognised": page is not None,
        "page": page,
    }
    found = {**value, "date": _iso(citation.date), **last}
    return found | {name: said for name, said in further.items() if said}


def reprint_json(reprint: Reprint) -> dict[str, Any]:
    """Return another place where a cited passage stands, with what that report changed."""
    value = asdict(reprint)
    url = paragraph_url(reprint.document_id, reprint.paragraph, value.pop("aside"))
    differences = [asdict(difference) for difference in reprint.differences]
    return {**value, "date": _iso(reprint.date), "url": url, "differences": differences}


def version_json(version: Version) -> dict[str, Any]:
    """Return another version of a rule."""
    return {**asdict(version), "date": _iso(version.date), "url": paragraph_url(version.document_id, 1)}


def _iso(date: dt.date | None) -> str | None:
    return date.isoformat() if date else None


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """Return the object of ``wenbao index --json``."""
    lists = {"added": list(receipt.added), "changed": list(receipt.changed), "removed": list(receipt.removed)}
    return {
        **asdict(receipt),
        **lists,
        "skipped": [{"path": entry.path, "reason": entry.reason} for entry in receipt.skipped],
    }


def document_summary(document: Listing) -> dict[str, Any]:
    """Return a document's entry in ``GET /documents``."""
    return {
        "document_id": document.document_id,
        "title": document.title,
        "title_derived": document.title_derived,
        "date": _iso(document.date),
        "source": document.source,
        "paragraphs": document.paragraph_count,
        "characters": document.characters,
        "version": document.version,
    }


def _aside_json(document: Document, aside: Aside) -> dict[str, Any]:
    return {
        "text": document.text[aside.start : aside.end],
        "after": aside.after,
        "start": aside.start,
        "end": aside.end,
    }


def document_json(document: Document, superseded: dt.datetime | None = None) -> dict[str, Any]:
    """Return the object of ``GET /documents/{document_id}``, for a text that was ``superseded`` with when that was."""
    return {
        **document_summary(document),
        "path": document.path,
        "text": document.text,
        "paragraphs": [asdict(paragraph) for paragraph in document.paragraphs],
        "headings": [asdict(heading) for heading in document.headings],
        "captions": [_aside_json(document, aside) for aside in document.asides if aside.kind == "caption"],
        "tables": [asdict(table) for table in document.tables],
        "metadata": [{"label": label, "value": value} for label, value in document.metadata],
        "made": [{"start": start, "end": end} for start, end in document.made],
        "recognised": [asdict(line) for line in document.recognised],
        **({"superseded": superseded.isoformat()} if superseded else {}),
    }
