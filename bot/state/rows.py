"""Records as the rows of a database, whichever it is, and back."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Protocol

from bot.reply import Reply
from bot.state.records import ApiKey, Cited, Feedback
from retrieval.question.cleaning import clean_question
from retrieval.text.characters import fold
from retrieval.types import MAX_QUESTION_CHARACTERS, AnswerText

COLUMNS = "recorded, face, user, request_id, question, generation, status, confidence, answer, citations, subject"


class Row(Protocol):
    """A row whose values are found by the names of the columns."""

    def __getitem__(self, name: str, /) -> Any:  # noqa: ANN401 - what a database returns
        """Return a value."""


def values_of(reply: Reply, user: str) -> list[object]:
    """Return what is kept of a reply, in the order of ``COLUMNS`` but for the subject."""
    answer = reply.answer
    cited = [Cited(c.number, c.document_id, c.title, c.paragraph, c.start, c.end, c.quote) for c in answer.citations]
    return [
        dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"),
        reply.asker.face,
        user,
        reply.request_id,
        cleaned(reply.understood),
        answer.generation,
        answer.status,
        answer.confidence,
        json.dumps(answer.answer and asdict(answer.answer)),
        json.dumps([asdict(citation) for citation in cited]),
    ]


def cleaned(question: str) -> str:
    """Return a question as it can be kept: cut where what a follow-up was understood as is longer than any question."""
    return clean_question(question[:MAX_QUESTION_CHARACTERS])


def hashed(salt: bytes, name: str) -> bytes:
    """Return what stands for a name, 32 bytes: HMAC-SHA256, so that nobody finds it by trying all names there are."""
    return hmac.new(salt, name.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def hashed_user(salt: bytes, face: str, user: str | None) -> str:
    """Return what stands for a user of a face, in hex; "" for nobody in particular."""
    return "" if user is None else hashed(salt, f"{face}:{user}").hex()


def subject_of(reply: Reply) -> str:
    """Return what all replies share that say the same to the same question."""
    cited = [Cited(c.number, c.document_id, c.title, None, c.start, c.end, c.quote) for c in reply.answer.citations]
    return answer_subject(reply.understood, reply.answer.answer, cited)


def question_subject(question: str) -> str:
    """Return what two questions share that are the same but for width, script, case and blanks."""
    return _digest("".join(fold(cleaned(question)).split()).casefold())


def answer_subject(question: str, answer: AnswerText | None, citations: Sequence[Cited]) -> str:
    """Return what two answers share that say the same to the same question."""
    cited = [(one.document_id, one.quote) for one in citations]
    said = [answer.text, answer.citation] if answer else []
    return _digest(json.dumps([question_subject(question), said, cited[: answer.citation] if answer else cited]))


def feedback_from(row: Row) -> Feedback:
    """Return a row of ``FEEDBACK``; ValueError, TypeError or KeyError where it is not whole."""
    citations = tuple(Cited(**citation) for citation in json.loads(row["citations"]))
    return Feedback(
        recorded=dt.datetime.fromisoformat(row["recorded"]),
        kind=row["kind"],
        face=row["face"],
        user=row["user"] or None,
        request_id=row["request_id"],
        question=row["question"],
        generation=row["generation"],
        status=row["status"],
        confidence=row["confidence"],
        answer=answer_from(json.loads(row["answer"]), citations),
        citations=citations,
        times=row["times"],
    )


def answer_from(values: dict[str, Any] | None, citations: Sequence[Cited]) -> AnswerText | None:
    """Return the answer of a row; one from before offsets were kept is looked for in its quote."""
    if values is None:
        return None
    if "start" not in values:
        quote = next((cited.quote for cited in citations if cited.number == values["citation"]), "")
        start = max(quote.find(values["text"]), 0)
        at = values["text"].find(values["span"]) if values["span"] else -1
        span = (start + at, start + at + len(values["span"])) if at >= 0 else (None, None)
        places = ("start", "end", "span_start", "span_end")
        values |= zip(places, (start, start + len(values["text"]), *span), strict=True)
    return AnswerText(**values)


def key_values(key: ApiKey) -> list[object]:
    """Return a key in the order of the columns."""
    times = key.created.isoformat(), key.expires.isoformat() if key.expires else None
    return [key.name, key.scope, key.documents, *times, key.prefix, key.verifier]


def key_from(row: Row) -> ApiKey:
    """Return a row of ``keys``."""
    expires = dt.datetime.fromisoformat(row["expires"]) if row["expires"] else None
    created = dt.datetime.fromisoformat(row["created"])
    return ApiKey(row["name"], row["scope"], row["documents"], created, expires, row["prefix"], row["verifier"])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
