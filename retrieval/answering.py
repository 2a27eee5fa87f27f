"""Question -> Answer: rank, choose the answering sentence, decide how sure to be, cite.

``confidence`` is the probability that the first citation answers, from a logistic over four signals (``Signals``),
fitted on the development questions; the thresholds turn it into ``answered``, ``related`` or ``not_found``.
"""

from __future__ import annotations

import math
import re
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import quote

import numpy as np

from retrieval.encoder import Encoder
from retrieval.errors import QuestionInvalid
from retrieval.followup import understand
from retrieval.passages import sentences_of
from retrieval.retriever import Query, Retriever, coverage
from retrieval.snapshot import Snapshot
from retrieval.types import Answer, AnswerText, Citation, Filters, Hit, Passage, Ranking, Reprint, Status, Turn

MAX_QUESTION_CHARACTERS = 1000
MAX_TOP_K = 20
DEFAULT_TOP_K = 5
READ_PASSAGES = 1
"""How many of the best passages are read for the answering sentence."""
WORDS_IN_SENTENCE = 0.2
"""What the share of the question's words in a sentence counts for beside its cosine with the question."""

CODE_COVERAGE = 0.5
"""A question that is code or a bare number is answered only where the reports hold at least this share of it."""

ANSWERED_FROM = 0.2
RELATED_FROM = 0.05

_LETTER = re.compile(r"[^\W_]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_CODE = re.compile(r"[*;=<>{}\[\]|\\$^~`]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Reading:
    """The sentence of a passage that answers, ``passage.text[start:end]``, and its score (about 0 to 1.2)."""

    start: int
    end: int
    score: float
    similarity: float
    span: str | None = None


class Reader(Protocol):
    """Chooses what in a passage answers a question."""

    def read(self, query: Query, passages: Sequence[Passage]) -> list[Reading]:
        """Return one reading for each passage."""


class SentenceReader:
    """Takes the sentence nearest to the question: cosine with it, and the share of its words by weight."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder) -> None:
        self._postings = snapshot.postings
        self._encoder = encoder

    def read(self, query: Query, passages: Sequence[Passage]) -> list[Reading]:
        """Return the best sentence of each passage; all sentences are encoded in one batch."""
        spans = [_trimmed(passage.text, sentences_of(passage.text)) for passage in passages]
        texts = [p.text[start:end] for p, found in zip(passages, spans, strict=True) for start, end in found]
        similarities = self._encoder.encode_passages(texts) @ query.vector if texts else np.zeros(0, np.float32)
        readings, at = [], 0
        for passage, found in zip(passages, spans, strict=True):
            readings.append(self._best(query, passage, found, similarities[at : at + len(found)]))
            at += len(found)
        return readings

    def _best(
        self, query: Query, passage: Passage, found: Sequence[tuple[int, int]], similarities: np.ndarray
    ) -> Reading:
        shares = [coverage(self._postings, query.words, passage.text[start:end]) for start, end in found]
        scores = similarities + np.float32(WORDS_IN_SENTENCE) * np.array(shares, dtype=np.float32)
        best = int(np.argmax(scores))
        start, end = found[best]
        return Reading(start, end, float(scores[best]), float(similarities[best]))


def _trimmed(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Take white space off the ends of sentences; a passage of nothing but white space stays as it is."""
    trimmed = []
    for start, end in spans:
        sentence = text[start:end]
        if sentence.strip():
            lead = len(sentence) - len(sentence.lstrip())
            trimmed.append((start + lead, start + lead + len(sentence.strip())))
    return trimmed or [(0, len(text))]


@dataclass(frozen=True, slots=True)
class Signals:
    """What the confidence is made of, each between about 0 and 1."""

    coverage: float
    """Share of the question's word weight in the first passage."""
    similarity: float
    """Cosine of the answering sentence with the question."""
    margin: float
    """Cosine of the best passage with the question above that of the average passage."""
    foreign: float
    """1 for a question without Chinese characters: its cosines are lower, and it shares no words."""

    def confidence(self) -> float:
        """Return the probability that the first citation answers, 0 to 1."""
        score = (
            INTERCEPT
            + COVERAGE * self.coverage
            + SIMILARITY * self.similarity
            + MARGIN * self.margin
            + FOREIGN * self.foreign
        )
        return 1 / (1 + math.exp(-score))


INTERCEPT, COVERAGE, SIMILARITY, MARGIN, FOREIGN = -21.33, 4.72, 18.93, 35.88, 3.26


class Answerer:
    """Answers questions from one snapshot. Every face, and evaluation, calls ``ask``."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder, reader: Reader | None = None) -> None:
        self.snapshot = snapshot
        self._retriever = Retriever(snapshot, encoder)
        self._reader = reader or SentenceReader(snapshot, encoder)
        vectors = snapshot.dense.vectors()
        self._centre = vectors.mean(axis=0) if len(vectors) else None

    def ask(
        self,
        question: str,
        top_k: int = DEFAULT_TOP_K,
        filters: Filters | None = None,
        explain: bool = False,
        *,
        before: Turn | None = None,
        is_reply: bool = False,
        use_dates: bool = True,
    ) -> Answer:
        """Answer a question of 1 to 1,000 characters with at most ``top_k`` (1 to 20) citations.

        A follow-up is understood after the turn ``before``; ``is_reply`` says that the asker pointed at its answer.
        ``use_dates`` lets times in the question decide which passages answer.

        Raises QuestionInvalid for an empty or too long question, ``top_k`` out of range, or an unknown document id
        in the filters.
        """
        asked = clean_question(question)
        self._check(top_k, filters)
        understood = clean_question(understand(asked, before, is_reply=is_reply))
        answer = self._answer(understood, top_k, filters, explain, use_dates=use_dates)
        return answer if understood == asked else replace(answer, understood_as=understood)

    def _answer(self, text: str, top_k: int, filters: Filters | None, explain: bool, *, use_dates: bool) -> Answer:
        clock = _Clock()
        if not _LETTER.search(text) or not self.snapshot.passages:
            return self._nothing(0.0, clock, {})
        query = self._retriever.analyse(text)
        clock.lap("encode")
        ranking = self._retriever.rank(query, top_k, filters)
        clock.lap("search")
        if not ranking.hits:
            return self._nothing(0.0, clock, {})
        passages = [self.snapshot.passages[hit.row] for hit in ranking.hits]
        reading = self._reader.read(query, passages[:READ_PASSAGES])[0]
        clock.lap("read")
        signals = self._signals(query, ranking, passages[0], reading)
        confidence = signals.confidence()
        if not is_language(text) and signals.coverage < CODE_COVERAGE:
            confidence = 0.0
        details = self._explanation(query, ranking, signals) if explain else {}
        status = status_of(confidence)
        if status == "not_found":
            return self._nothing(confidence, clock, details)
        return Answer(
            status=status,
            confidence=round(confidence, 4),
            answer=_answer_text(passages[0], reading) if status == "answered" else None,
            citations=tuple(self._cite(number, hit) for number, hit in enumerate(ranking.hits, start=1)),
            generation=self.snapshot.generation,
            timings_ms=clock.timings(),
            explanation=details,
        )

    def _check(self, top_k: int, filters: Filters | None) -> None:
        if not 1 <= top_k <= MAX_TOP_K:
            raise QuestionInvalid(f"top_k must be between 1 and {MAX_TOP_K}, not {top_k}")
        unknown = sorted(set(filters.documents or ()) - set(self.snapshot.by_id)) if filters else []
        if unknown:
            raise QuestionInvalid(f"no report has the id {unknown[0]!r}: `wenbao documents` lists them")

    def _signals(self, query: Query, ranking: Ranking, first: Passage, reading: Reading) -> Signals:
        nearest = max(hit.legs["dense"] for hit in ranking.hits)
        average = float(self._centre @ query.vector) if self._centre is not None else 0.0
        return Signals(
            coverage=coverage(self.snapshot.postings, query.words, first.text),
            similarity=reading.similarity,
            margin=nearest - average,
            foreign=0.0 if _HAN.search(query.text) else 1.0,
        )

    def _cite(self, number: int, hit: Hit) -> Citation:
        passage = self.snapshot.passages[hit.row]
        document = self.snapshot.by_id[passage.document_id]
        return Citation(
            number=number,
            document_id=document.document_id,
            title=document.title,
            date=document.date,
            source=document.source,
            paragraph=passage.paragraph,
            start=passage.start,
            end=passage.end,
            quote=passage.text,
            url=paragraph_url(document.document_id, passage.paragraph),
            score=round(hit.score, 4),
            duplicates=tuple(self._reprint(row) for row in hit.duplicates),
        )

    def _reprint(self, row: int) -> Reprint:
        passage = self.snapshot.passages[row]
        return Reprint(passage.document_id, passage.paragraph, paragraph_url(passage.document_id, passage.paragraph))

    def _nothing(self, confidence: float, clock: _Clock, details: dict[str, object]) -> Answer:
        return Answer(
            status="not_found",
            confidence=round(confidence, 4),
            answer=None,
            citations=(),
            generation=self.snapshot.generation,
            timings_ms=clock.timings(),
            explanation=details,
        )

    def _explanation(self, query: Query, ranking: Ranking, signals: Signals) -> dict[str, object]:
        return {
            "words": list(query.words),
            "weights": {leg: round(weight, 4) for leg, weight in ranking.weights.items()},
            "signals": {name: round(getattr(signals, name), 4) for name in Signals.__slots__},
            "hits": [
                {
                    "document_id": self.snapshot.passages[hit.row].document_id,
                    "paragraph": self.snapshot.passages[hit.row].paragraph,
                    "score": round(hit.score, 4),
                    **{leg: round(score, 4) for leg, score in hit.legs.items()},
                }
                for hit in ranking.hits
            ],
        }


def clean_question(question: str) -> str:
    """Return the question without control characters and half surrogates; QuestionInvalid if empty or too long."""
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise QuestionInvalid(
            f"the question has {len(question):,} characters; ask in at most {MAX_QUESTION_CHARACTERS:,}"
        )
    whole = question.encode("utf-8", "replace").decode("utf-8")
    text = _CONTROL.sub(" ", unicodedata.normalize("NFC", whole)).strip()
    if not text:
        raise QuestionInvalid("the question is empty: write what you want to know")
    return text


def is_language(question: str) -> bool:
    """Whether the question is words of some language rather than code or numbers, which encoders find like anything."""
    if _HAN.search(question):
        return True
    letters, visible = sum(map(str.isalpha, question)), sum(not character.isspace() for character in question)
    return letters >= visible / 2 and len(_CODE.findall(question)) < 2


def status_of(confidence: float) -> Status:
    """Turn a confidence (0 to 1) into what the answer calls itself."""
    if confidence >= ANSWERED_FROM:
        return "answered"
    return "related" if confidence >= RELATED_FROM else "not_found"


def paragraph_url(document_id: str, paragraph: int) -> str:
    """Return the path that opens a report at a paragraph."""
    return f"/documents/{quote(document_id)}/view#p{paragraph}"


def _answer_text(passage: Passage, reading: Reading) -> AnswerText:
    return AnswerText(text=passage.text[reading.start : reading.end], span=reading.span, citation=1)


class _Clock:
    """Milliseconds spent, by stage."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._laps[stage] = round((now - self._last) * 1000, 2)
        self._last = now

    def timings(self) -> dict[str, float]:
        return {**self._laps, "total": round((time.perf_counter() - self._started) * 1000, 2)}
