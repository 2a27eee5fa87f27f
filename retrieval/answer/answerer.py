"""Question -> Answer: understand, rank, read, decide how sure to be, cite."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from retrieval.answer.agreement import Several, candidates, one_per_report, weigh
from retrieval.answer.confidence import confidence, signals, status_of
from retrieval.answer.explanation import explanation
from retrieval.answer.reading import Reader, Reading, SentenceReader
from retrieval.encoder.protocol import Encoder
from retrieval.errors import QuestionInvalid
from retrieval.index.snapshot import Snapshot
from retrieval.question.cleaning import clean_question, is_language
from retrieval.question.followup.understand import understand
from retrieval.question.query import Query
from retrieval.question.question_type import asks_for_list
from retrieval.question.time_filter import TimeWish
from retrieval.ranking.retriever import Ranking, Retriever
from retrieval.types import Answer, AnswerText, AppliedFilter, Citation, Filters, Hit, Reprint, Turn

MAX_TOP_K = 20
DEFAULT_TOP_K = 5
READ_PASSAGES = 5
"""How many of the best passages are read, where more than the first one is."""
SPAN_BONUS = 0.02
"""What a passage gains where a figure of the wanted kind was found in it.

hit@1 of Chinese questions for figures, without and with: seeds .95 -> 1.00 (21 questions), rgb-zh-news .76 -> .82 (33),
ncp-policy-a .77 -> .77 (26).
"""
COVERAGE_NEAR = 0.1
"""How much less of the question's word weight a passage may hold than the first one, to agree or contradict."""
CODE_COVERAGE = 0.5
"""A question that is code or a bare number is answered only where the reports hold at least this share of it."""

_LETTER = re.compile(r"[^\W_]")


class Answerer:
    """Answers questions from one snapshot. Every face, and evaluation, calls ``ask``."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder, reader: Reader | None = None) -> None:
        self.snapshot = snapshot
        self.retriever = Retriever(snapshot, encoder)
        self.reader = reader or SentenceReader(snapshot)

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
        is_list = asks_for_list(text)
        query = self.retriever.analyse(text, use_dates=use_dates)
        ranking = self.retriever.rank(query, MAX_TOP_K, filters)
        clock.lap("encode", query.encoding.result().ready_at)
        clock.lap("search")
        if not ranking.hits:
            return self._nothing(0.0, clock, {})
        readings = Readings(self.reader, query)
        ranking, reading = self.read(ranking, readings)
        clock.lap("read")
        values = signals(query, ranking, reading)
        if is_list:
            ranking = replace(ranking, hits=one_per_report(ranking.hits, self.snapshot))
        sure = confidence(values)
        if not is_language(text) and ranking.features.coverage[0] < CODE_COVERAGE:
            sure = 0.0
        details = explanation(query, ranking, values, sure, self.snapshot, top_k) if explain else {}
        status = status_of(sure)
        if status == "not_found":
            return self._nothing(sure, clock, details)
        more = self._more(readings, ranking, top_k, is_list=is_list) if status == "answered" else Several()
        return Answer(
            status=status,
            confidence=round(sure, 4),
            answer=self._answer_text(ranking.hits[0].row, reading, 1) if status == "answered" else None,
            citations=tuple(self._cite(number, hit) for number, hit in enumerate(ranking.hits[:top_k], start=1)),
            generation=self.snapshot.generation,
            timings_ms=clock.timings(),
            explanation=details,
            filters_applied=_applied(ranking.time),
            supporting=more.supporting,
            conflicting=more.conflicting,
        )

    def _more(self, readings: Readings, ranking: Ranking, top_k: int, *, is_list: bool) -> Several[AnswerText]:
        """Read the hits near the first one: sentences that answer too, and those that give another figure."""
        hits, features = ranking.hits[:top_k], ranking.features
        (first,) = readings.of([hits[0].row])
        if first.span is None and not is_list:
            return Several()  # there is nothing that others could say too, or otherwise
        held = dict(zip(features.rows.tolist(), features.coverage.tolist(), strict=True))
        places = candidates(hits, self.snapshot, READ_PASSAGES - 1)
        if not is_list:  # "48年党龄" of one person does not contradict "24年党龄" of another
            least = held[hits[0].row] - COVERAGE_NEAR
            places = [place for place in places if held[hits[place].row] >= least]
        read = dict(zip(places, readings.of([hits[place].row for place in places]), strict=True))
        texts = {place: self.snapshot.passages[hits[place].row].text for place in (0, *places)}
        found = weigh((texts[0], first), [(place, texts[place], read[place]) for place in places], is_list=is_list)
        return found.map(lambda place: self._answer_text(hits[place].row, read[place], place + 1))

    def read(self, ranking: Ranking, readings: Readings) -> tuple[Ranking, Reading]:
        """Read the best hits; return the ranking that follows from it, and the reading of its first hit.

        A figure of the wanted kind lifts its passage. Not so for questions without Chinese characters: in too few of
        the passages that answer them it is seen.
        """
        if readings.query.wants_number and not readings.query.is_foreign:
            rows = [hit.row for hit in ranking.hits[:READ_PASSAGES]]
            with_figure = {row for row, one in zip(rows, readings.of(rows), strict=True) if one.span}
            ranking = ranking.lifted(with_figure, SPAN_BONUS)
        return ranking, readings.of([ranking.hits[0].row])[0]

    def _check(self, top_k: int, filters: Filters | None) -> None:
        if not 1 <= top_k <= MAX_TOP_K:
            raise QuestionInvalid(f"top_k must be between 1 and {MAX_TOP_K}, not {top_k}")
        unknown = sorted(set(filters.documents or ()) - set(self.snapshot.by_id)) if filters else []
        if unknown:
            raise QuestionInvalid(f"no report has the id {unknown[0]!r}: `wenbao documents` lists them")

    def _answer_text(self, row: int, reading: Reading, citation: int) -> AnswerText:
        text = self.snapshot.passages[row].text
        span = text[slice(*reading.span)] if reading.span else None
        return AnswerText(text[reading.start : reading.end], span, citation)

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
            score=round(hit.score, 4),
            duplicates=tuple(self._reprint(row) for row in hit.duplicates),
        )

    def _reprint(self, row: int) -> Reprint:
        passage = self.snapshot.passages[row]
        return Reprint(passage.document_id, passage.paragraph)

    def _nothing(self, confidence: float, clock: _Clock, details: Mapping[str, object]) -> Answer:
        return Answer(
            status="not_found",
            confidence=round(confidence, 4),
            answer=None,
            citations=(),
            generation=self.snapshot.generation,
            timings_ms=clock.timings(),
            explanation=details,
        )


class Readings:
    """What the reader says of passages for one question; each is read once."""

    def __init__(self, reader: Reader, query: Query) -> None:
        self.query = query
        self._reader = reader
        self._known: dict[int, Reading] = {}

    def of(self, rows: Sequence[int]) -> list[Reading]:
        """Return the readings of these passages."""
        new = [row for row in rows if row not in self._known]
        self._known |= zip(new, self._reader.read(self.query, new), strict=True)
        return [self._known[row] for row in rows]


def _applied(wish: TimeWish | None) -> tuple[AppliedFilter, ...]:
    return (AppliedFilter(wish.text, wish.date_from, wish.date_to),) if wish else ()


class _Clock:
    """Milliseconds spent, by stage."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, stage: str, ended_at: float | None = None) -> None:
        ended = time.perf_counter() if ended_at is None else ended_at
        self._laps[stage] = round((ended - self._last) * 1000, 2)
        self._last = ended

    def timings(self) -> dict[str, float]:
        return {**self._laps, "total": round((time.perf_counter() - self._started) * 1000, 2)}
