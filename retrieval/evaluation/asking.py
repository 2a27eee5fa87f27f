"""Ask every question through the one ``Answerer`` that users ask, and judge what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from retrieval.answer.reading import Reader
from retrieval.encoder.protocol import Encoder
from retrieval.evaluation.judged import Judged, Judgement, Located, Place, Quoted, holds_answer, judge, names_answer
from retrieval.evaluation.measures import DEPTH
from retrieval.evaluation.results import Miss, Record, Shown
from retrieval.explained import ExplainedHit
from retrieval.index.protocol import Snapshot
from retrieval.question.cleaning import clean_question
from retrieval.question.query import Query, analyse
from retrieval.types import Answer, Passage, Progress, Question, no_progress

SHOWN = 3
"""How many of the first passages of a miss are kept to be read."""


class Ranks(Protocol):
    """What evaluation asks of a retriever: the ranking's parts, because the whole ranking comes with the answers."""

    def ablations(self, query: Query, k: int) -> Mapping[str, Sequence[int]]:
        """Return the ``k`` best rows of ``snapshot.passages``, best first, by name of a leg or stage."""


class Answers(Protocol):
    """What evaluation asks of an ``Answerer``."""

    @property
    def snapshot(self) -> Snapshot:
        """The index that answers."""

    @property
    def encoder(self) -> Encoder:
        """What makes the vectors of questions."""

    @property
    def retriever(self) -> Ranks:
        """What ranks."""

    @property
    def reader(self) -> Reader:
        """What chooses the answering sentence."""

    def ask(self, question: Question) -> Answer:
        """Answer a question."""


def analysed(answerer: Answers, question: str) -> Query:
    """Return a question as the answerer understands it."""
    snapshot = answerer.snapshot
    return analyse(
        clean_question(question),
        answerer.encoder,
        snapshot.lexical.words.holds,
        others_of=snapshot.relations.others_of,
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question, its answer, and the judgement of the answer's citations and of each leg and stage alone."""

    judged: Judged
    answer: Answer
    judgement: Judgement
    ablations: Mapping[str, Judgement]

    @property
    def right(self) -> bool:
        """Whether the sentence chosen first holds the answer, which is what the confidence is about.

        Where nobody knows which sentence does, whether the first citation is a hit.
        """
        return bool(self.values.get("first sentence", self.judged.answerable and self.judgement.rank == 1))

    @property
    def answered(self) -> bool:
        """Whether a direct answer was given."""
        return self.answer.status == "answered"

    @property
    def values(self) -> dict[str, float]:
        """Whether sentence and span are right, 0 or 1, where that can be said: the answer's, and what was chosen first.

        The answer's is what was chosen first, too, if the explanation does not tell.
        """
        if not self.judged.answerable:
            return {}
        read = self.answer.explanation.read if self.answer.explanation else None
        sentence, span = _sentence(self.answer), self.answer.answer.span if self.answer.answer else None
        first = (Place(read.document_id, read.start, read.end, read.text), read.span) if read else (sentence, span)
        found, firsts = _judged(self.judged, sentence, span), _judged(self.judged, *first)
        return found | {f"first {name}": right for name, right in firsts.items()}


def _judged(judged: Judged, sentence: Place | None, span: str | None) -> dict[str, float]:
    """Return whether a sentence and a span are right, 0 or 1, where that can be said."""
    nothing = Place("", 0, 0, "")
    known = {
        "sentence": (holds_answer(judged, sentence or nothing), sentence),
        "span": (names_answer(judged, span or ""), span),
    }
    return {name: float(right and bool(given)) for name, (right, given) in known.items() if right is not None}


def _sentence(answer: Answer) -> Place | None:
    """Return the answering sentence with its place in the report."""
    if answer.answer is None:
        return None
    citation = answer.citations[answer.answer.citation - 1]
    start, end = citation.start + answer.answer.start, citation.start + answer.answer.end
    return Place(citation.document_id, start, end, answer.answer.text)


def ask_all(answerer: Answers, questions: Sequence[Judged], progress: Progress = no_progress) -> list[Outcome]:
    """Ask each question for ``DEPTH`` citations and judge them; ``progress`` is told of the stage "ask"."""
    places: dict[str, list[Place]] = {}
    for passage in answerer.snapshot.passages:
        places.setdefault(passage.document_id, []).append(_place(passage))
    outcomes = []
    for done, judged in enumerate(questions, start=1):
        outcomes.append(_ask(answerer, judged, [place for key in judged.documents for place in places.get(key, ())]))
        progress("ask", done, len(questions))
    return outcomes


def _ask(answerer: Answers, judged: Judged, known: Sequence[Place]) -> Outcome:
    answer = answerer.ask(Question(judged.question, DEPTH, explain=True))
    cited = [Place(cited.document_id, cited.start, cited.end, cited.quote) for cited in answer.citations]
    alone: dict[str, Judgement] = {}
    if judged.answerable:
        passages = answerer.snapshot.passages
        query = analysed(answerer, judged.question)
        for name, rows in answerer.retriever.ablations(query, DEPTH).items():
            alone[name] = judge(judged, [_place(passages[row]) for row in rows], known)
    return Outcome(judged, answer, judge(judged, cited, known), alone)


def _place(passage: Passage) -> Place:
    return Place(passage.document_id, passage.start, passage.end, passage.text)


def record_of(outcome: Outcome, values: Mapping[str, float]) -> Record:
    """Return what is saved of an outcome, with the values of its measures."""
    first = next(iter(outcome.answer.citations), None)
    return Record(
        question_id=outcome.judged.question_id,
        question=outcome.judged.question,
        lang=outcome.judged.lang,
        answerable=outcome.judged.answerable,
        rank=outcome.judgement.rank,
        status=outcome.answer.status,
        confidence=outcome.answer.confidence,
        document_id=first.document_id if first else None,
        paragraph=first.paragraph if first else None,
        values=values,
    )


def miss_of(outcome: Outcome, record: Record, snapshot: Snapshot) -> Miss | None:
    """Return what went wrong; None if nothing did."""
    kind = _kind(outcome, record)
    if kind is None:
        return None
    return Miss(
        kind=kind,
        record=record,
        answer=outcome.answer.answer.text if outcome.answer.answer else None,
        expected=_expected(outcome.judged, snapshot),
        ranks={name: judgement.rank for name, judgement in outcome.ablations.items()},
        shown=_shown(outcome, snapshot),
    )


def _kind(outcome: Outcome, record: Record) -> str | None:
    if not record.answerable:
        return "answered without evidence" if outcome.answered else None
    if record.status == "not_found":
        return "refused"
    if record.rank is None:
        return "not found"
    if record.rank > 1:
        return "ranked low"
    if not outcome.answered:
        return "found but not answered"
    return "wrong sentence" if record.values.get("sentence") == 0 else None


def _expected(judged: Judged, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    expected = []
    for evidence in judged.evidence:
        text = " / ".join(judged.answers)
        if isinstance(evidence, Quoted):
            text = evidence.quote
        elif isinstance(evidence, Located) and evidence.document_id in snapshot.by_id:
            text = snapshot.by_id[evidence.document_id].text[evidence.start : evidence.end]
        expected.append((evidence.document_id, text))
    return tuple(expected)


def _shown(outcome: Outcome, snapshot: Snapshot) -> tuple[Shown, ...]:
    """Return the first passages and the first hit; where nothing was cited, those that the explanation ranked."""
    explained = outcome.answer.explanation.hits if outcome.answer.explanation else ()
    cited = [
        Shown(
            number=citation.number,
            document_id=citation.document_id,
            paragraph=citation.paragraph,
            quote=citation.quote,
            scores={"score": citation.score, **(_scores(hit) if hit else {})},
            hit=_is_hit(outcome.judged, Place(citation.document_id, citation.start, citation.end, citation.quote)),
        )
        for citation, hit in zip(outcome.answer.citations, [*explained, *[None] * DEPTH], strict=False)
    ]
    ranked = cited or [_from_explanation(number, hit, snapshot) for number, hit in enumerate(explained, start=1)]
    first_hit = next((shown for shown in ranked[SHOWN:] if shown.hit), None)
    return (*ranked[:SHOWN], *([first_hit] if first_hit else []))


def _is_hit(judged: Judged, place: Place) -> bool:
    return any(evidence.held_by(place) for evidence in judged.evidence)


def _scores(hit: ExplainedHit) -> dict[str, float]:
    """Return the numbers that ranked a hit, by name."""
    return {"score": hit.score, **{leg: found.score for leg, found in hit.legs.items()}}


def _from_explanation(number: int, hit: ExplainedHit, snapshot: Snapshot) -> Shown:
    place = hit.document_id, hit.paragraph
    quote = next((p.text for p in snapshot.passages if (p.document_id, p.paragraph) == place), "")
    return Shown(number, *place, quote, _scores(hit), False)
