"""Question -> Answer: understand, rank, read, decide how sure to be, cite."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Literal

from retrieval.answer import confidence
from retrieval.answer.agreement import Several, candidates, compare, one_per_report
from retrieval.answer.citing import Citer
from retrieval.answer.collection.overview import first_rows, overview_of
from retrieval.answer.confidence import Thresholds, shipped_thresholds
from retrieval.answer.explanation import explanation
from retrieval.answer.extremes import with_extreme_first
from retrieval.answer.reading import Reader, Reading
from retrieval.answer.readings import READ_PASSAGES, Readings, read
from retrieval.answer.several import joined
from retrieval.answer.subject import differs, names
from retrieval.answer.trained.choice import reader_of
from retrieval.answer.yielding import AHEAD
from retrieval.encoder.protocol import Encoder
from retrieval.errors import QuestionInvalid
from retrieval.explained import Explanation
from retrieval.index.protocol import Snapshot, Wanted
from retrieval.notices import Differs, Notice, Overview
from retrieval.question.cleaning import clean_question, is_foreign
from retrieval.question.collection import asks_of_collection
from retrieval.question.followup.understand import understand
from retrieval.question.query import Query, analyse
from retrieval.question.several import own_words, parts_of
from retrieval.question.small_talk import small_talk_of
from retrieval.question.time_filter import TimeFilter
from retrieval.ranking.retriever import Ranking, Retriever
from retrieval.ranking.visible import Visible
from retrieval.types import MAX_TOP_K, Answer, AnswerText, AppliedFilter, Filters, Hit, Question, matches

COVERAGE_NEAR = 0.1
"""How much less of the question's word weight than the first passage another may hold and still agree or contradict."""
CODE_COVERAGE = 0.5
"""A question that is code or a bare number is answered only where the reports hold at least this share of it."""
COMPARED = 0.6
"""How sure an answer is at least that was found by comparing a column of a table, or by its number (第十条)."""
NO_ANSWER = 0.25
"""How sure an answer is at most that is not given: its report speaks of somebody else or another time, or nothing was
asked."""

_LETTER = re.compile(r"[^\W_]")

Confidence = Callable[[Mapping[str, float]], float]
"""Signals by name -> the probability (0 to 1) that the first citation answers."""


class Answerer:
    """Answers questions from one snapshot. Every face, and evaluation, calls ``ask``."""

    def __init__(
        self,
        snapshot: Snapshot,
        encoder: Encoder,
        reader: Reader | None = None,
        confidence: Confidence = confidence.confidence,
        thresholds: Thresholds | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.encoder = encoder
        self.retriever = Retriever(snapshot)
        self.reader = reader or reader_of(snapshot, encoder)
        self._thresholds = thresholds
        self._confidence = confidence
        self._citer = Citer(snapshot)
        self._overview: Overview | None = None
        self._holds = snapshot.lexical.words.holds
        self._pattern: str | None = None

    def within(self, pattern: str) -> Answerer:
        """Return what answers only from reports whose ids match a pattern, as if there were no others."""
        visible, other = Visible(self.snapshot, pattern), copy(self)
        other.snapshot, other._holds, other._pattern = visible.snapshot, visible.holds, pattern
        other._citer, other._overview = Citer(visible.snapshot), None
        return other

    def ask(self, question: Question) -> Answer:
        """Answer a question of 1 to 1,000 characters with at most ``top_k`` citations.

        Raises QuestionInvalid for an empty or too long question, ``top_k`` out of range, or an unknown document id
        in the filters.
        """
        asked = clean_question(question.text)
        if self._pattern is not None:
            question = replace(question, filters=replace(question.filters or Filters(), within=self._pattern))
        self._check(question)
        understood = clean_question(understand(asked, question.before, is_reply=question.is_reply))
        answer = self._answer_parts(replace(question, text=understood))
        return answer if understood == asked else replace(answer, understood_as=understood)

    def _answer_parts(self, question: Question) -> Answer:
        """Answer each of several things that a question asks, or it as a whole where none of them is answered."""
        parts = parts_of(question.text)
        if len(parts) == 1:
            return self._answer(question)
        answers = [self._answer_part(replace(question, text=part), parts[0]) for part in parts]
        if not any(one.status == "answered" for one in answers):
            return self._answer(question)
        return joined(answers, parts, question.top_k, "en" if is_foreign(question.text) else "zh")

    def _answer_part(self, question: Question, first: str) -> Answer:
        """Answer one of several things; not one that no report has a word of, though the subject carried over has."""
        added = [word for word in own_words(question.text) if word not in first]
        if question.text != first and added and not any(map(self._holds, added)):
            return self._nothing(0.0, _Clock(), None)
        return self._answer(question)

    def _answer(self, question: Question) -> Answer:
        clock = _Clock()
        talk = small_talk_of(question.text)
        if talk or not _LETTER.search(question.text) or not self.snapshot.passages:
            notice = Notice(talk, "en" if is_foreign(question.text) else "zh") if talk else None
            return self._nothing(0.0, clock, None, notice)
        if asks_of_collection(question.text):
            return self._collection(question, clock)
        query = analyse(
            question.text,
            self.encoder,
            self._holds,
            use_dates=question.use_dates,
            today=question.today or dt.date.today(),
            others_of=self.snapshot.relations.others_of,
            expect=lambda terms: self.snapshot.fetch(Wanted(terms=terms)),
        )
        ranking = self.retriever.rank(query, MAX_TOP_K, question.filters)
        clock.lap("encode", query.encoding.result().ready_at)
        clock.lap("search")
        if not ranking.hits:
            return self._nothing(0.0, clock, None)
        readings = Readings(self.reader, query)
        compared = with_extreme_first(query, ranking, self.snapshot)
        is_compared = compared is not ranking
        ranking = compared if is_compared else read(compared, readings, self.snapshot)
        clock.lap("read")
        judged = self._judged(query, ranking, readings, is_compared=is_compared)
        if (other := judged.other) and (better := self._about_whom_is_asked(query, ranking, other)):
            judged, other = self._judged(query, better, readings, is_compared=False), None
        ranking, sure = judged.ranking, judged.sure
        missed = query.time if query.time and query.time.dated and ranking.time is None else None
        is_of_other_time = missed is not None and not missed.is_relative
        if other or query.is_bare or is_of_other_time:
            sure = min(sure, NO_ANSWER)
        if query.is_list:
            ranking = replace(ranking, hits=one_per_report(ranking.hits, self.snapshot))
        hits = ranking.hits[: question.top_k]
        details = (
            explanation(query, hits, judged.reading, judged.signals, sure, self.snapshot) if question.explain else None
        )
        status = confidence.status_of(sure, self._thresholds or shipped_thresholds(judged.reading.kind))
        if status == "answered" and sure <= NO_ANSWER:
            status = "related"
        if status == "not_found":
            return self._nothing(sure, clock, details)
        more = self._more(readings, ranking, question.top_k) if status == "answered" else Several()
        return Answer(
            status=status,
            confidence=round(sure, 4),
            answer=self._answer_text(hits[0].row, judged.reading, 1) if status == "answered" else None,
            citations=tuple(self._citer.cite(number, hit) for number, hit in enumerate(hits, start=1)),
            generation=self.snapshot.generation,
            timings_ms=clock.timings(),
            explanation=details,
            filters_applied=_applied(ranking),
            supporting=more.supporting,
            conflicting=more.conflicting,
            differs=other,
            notice=_notice(query, other, missed),
        )

    def _judged(self, query: Query, ranking: Ranking, readings: Readings, *, is_compared: bool) -> _Judged:
        """Say how sure the first hit's sentence is to answer, and whether its report speaks of something else."""
        (reading,) = readings.of([ranking.hits[0].row])
        signals = confidence.signals(query, ranking, reading)
        sure = self._confidence(signals)
        text = self.snapshot.passages[ranking.hits[0].row].text
        if is_compared or (query.ordinal and query.ordinal.marks(text)):
            sure = max(sure, COMPARED)
        if not query.is_language and ranking.features.coverage[0] < CODE_COVERAGE:
            sure = 0.0
        other = self._other_subject(query, ranking.hits[0]) if sure > NO_ANSWER else None
        return _Judged(ranking, reading, signals, sure, other)

    def _about_whom_is_asked(self, query: Query, ranking: Ranking, other: Differs) -> Ranking | None:
        """Return the ranking with that hit first whose report speaks of whom is asked about; None without any."""
        first, *rest = ranking.hits[:READ_PASSAGES]
        for hit in rest:
            document = self.snapshot.by_id[self.snapshot.passages[hit.row].document_id]
            if names(document, other.asked) and self._other_subject(query, hit) is None:
                return ranking.lifted({hit.row}, first.score - hit.score + AHEAD)
        return None

    def _collection(self, question: Question, clock: _Clock) -> Answer:
        """Say what the collection holds, and cite the beginnings of the reports that are listed first."""
        if question.filters:
            overview = overview_of(self.snapshot, question.filters)
        else:
            overview = self._overview = self._overview or overview_of(self.snapshot)
        rows = first_rows(self.snapshot, overview.reports[: question.top_k])
        cited = [self._citer.cite(number, Hit(row, 0.0, {})) for number, row in enumerate(rows, start=1)]
        timings = clock.timings()
        return Answer("related", 0.0, None, tuple(cited), self.snapshot.generation, timings, overview=overview)

    def _other_subject(self, query: Query, hit: Hit) -> Differs | None:
        """Return whom the report of a hit speaks of instead of whom the question is about, if it does."""
        if query.is_foreign:
            return None
        passage = self.snapshot.passages[hit.row]
        document = self.snapshot.by_id[passage.document_id]
        return differs(query.text, passage, document, self._holds, query.names)

    def _more(self, readings: Readings, ranking: Ranking, top_k: int) -> Several[AnswerText]:
        """Read the hits near the first one; return the sentences that answer too and those that give another figure."""
        hits, features, is_list = ranking.hits[:top_k], ranking.features, readings.query.is_list
        (first,) = readings.of([hits[0].row])
        if first.span is None and not is_list:
            return Several()  # there is nothing that others could confirm or contradict
        held = dict(zip(features.rows.tolist(), features.coverage.tolist(), strict=True))
        places = candidates(hits, self.snapshot, READ_PASSAGES - 1)
        if not is_list:  # "48年党龄" of one person does not contradict "24年党龄" of another
            least = held[hits[0].row] - COVERAGE_NEAR
            places = [place for place in places if held[hits[place].row] >= least]
        read = dict(zip(places, readings.of([hits[place].row for place in places]), strict=True))
        texts = {place: self.snapshot.passages[hits[place].row].text for place in (0, *places)}
        found = compare((texts[0], first), [(place, texts[place], read[place]) for place in places], is_list=is_list)
        return found.map(lambda place: self._answer_text(hits[place].row, read[place], place + 1))

    def _check(self, question: Question) -> None:
        if not 1 <= question.top_k <= MAX_TOP_K:
            raise QuestionInvalid(f"top_k must be between 1 and {MAX_TOP_K}, not {question.top_k}")
        wanted = question.filters.documents if question.filters else None
        known = (one for one in self.snapshot.by_id if self._pattern is None or matches(one, self._pattern))
        unknown = sorted(set(wanted).difference(known)) if wanted else []
        if unknown:
            raise QuestionInvalid(f"no report has the id {unknown[0]!r}: `wenbao documents` lists them")

    def _answer_text(self, row: int, reading: Reading, citation: int) -> AnswerText:
        text, start, end = self.snapshot.passages[row].text, reading.shown_from, reading.end
        span = text[slice(*reading.span)] if reading.span else None
        return AnswerText(text[start:end], span, citation, start, end, *(reading.span or ()))

    def _nothing(self, sure: float, clock: _Clock, details: Explanation | None, notice: Notice | None = None) -> Answer:
        return Answer(
            status="not_found",
            confidence=round(sure, 4),
            answer=None,
            citations=(),
            generation=self.snapshot.generation,
            timings_ms=clock.timings(),
            explanation=details,
            notice=notice,
        )


def _notice(query: Query, other: Differs | None, missed: TimeFilter | None) -> Notice | None:
    """Return what is said beside citations that are of something else than what was asked about."""
    language: Literal["zh", "en"] = "en" if query.is_foreign else "zh"
    if other:
        return Notice("differs", language)
    return Notice("other_time", language, missed.text) if missed else None


def _applied(ranking: Ranking) -> tuple[AppliedFilter, ...]:
    time = ranking.time
    return (AppliedFilter(time.text, time.date_from, time.date_to),) if time else ()


@dataclass(frozen=True, slots=True)
class _Judged:
    """A ranking with what was read of its first hit, and how sure (0 to 1) that answers."""

    ranking: Ranking
    reading: Reading
    signals: Mapping[str, float]
    sure: float
    other: Differs | None


class _Clock:
    """Milliseconds spent, by stage."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, stage: str, ended_at: float | None = None) -> None:
        ended = time.perf_counter() if ended_at is None else ended_at
        self._laps[stage], self._last = round((ended - self._last) * 1000, 2), ended

    def timings(self) -> dict[str, float]:
        return {**self._laps, "total": round((time.perf_counter() - self._started) * 1000, 2)}
