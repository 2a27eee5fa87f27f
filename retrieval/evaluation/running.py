"""The whole evaluation, top to bottom: read the sets, open what answers them, ask, judge, sum up."""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from retrieval.errors import EvaluationError
from retrieval.evaluation.abstention import Decision, abstention_of
from retrieval.evaluation.asking import Answers, Outcome, ask_all, miss_of, record_of
from retrieval.evaluation.beir import anchored, document_id_of, read_beir, write_corpus
from retrieval.evaluation.judged import Judgement, Located
from retrieval.evaluation.measures import RANKING_MEASURES, Row, Values, ranking_values, row_of
from retrieval.evaluation.questions import QuestionSet, read_questions_file
from retrieval.evaluation.results import ALL, ANSWER_MEASURES, SENTENCE_MEASURES, WHOLE, Group, Record, SetResult
from retrieval.evaluation.sentences import ROWS, Paragraph, is_sentence_set, paragraphs_of, read_all
from retrieval.index.protocol import Snapshot
from retrieval.installed import JUDGING, install_command
from retrieval.types import Progress, no_progress


@dataclass(frozen=True, slots=True)
class Indexes:
    """Where answers come from.

    ``configured()`` opens the index that users ask; ``scratch(corpus, index)`` brings the index in the folder
    ``index`` up to date with the reports in ``corpus`` and opens it. Scratch indexes are kept below ``cache``, one for
    each corpus and ``fingerprint`` of the encoder, so that nothing is embedded twice.
    """

    configured: Callable[[], Answers]
    scratch: Callable[[Path, Path], Answers]
    cache: Path
    fingerprint: str

    def of_entries(self, one: QuestionSet, name: str) -> Answers:
        """Open an index of the set's own corpus."""
        corpus = write_corpus(one.entries, self.cache, name)
        return self.scratch(corpus, corpus.parent / hashlib.sha256(self.fingerprint.encode()).hexdigest()[:12])


def read_set(path: Path, *, sentences: bool = False) -> QuestionSet:
    """Read a questions file or a BEIR folder; ``sentences`` says that its entries are the sentences of paragraphs."""
    one = read_beir(path) if path.is_dir() else read_questions_file(path)
    if sentences and not one.entries:
        raise EvaluationError(f"{path}: --sentences is for a BEIR folder of sentences")
    return replace(one, level="sentence", spans={}) if sentences or is_sentence_set(one) else one


def read_sets(paths: Iterable[Path], *, sentences: bool = False) -> tuple[QuestionSet, ...]:
    """Read every path; sets that share a name are named by their paths."""
    sets = [read_set(path, sentences=sentences) for path in paths]
    names = [one.name for one in sets]
    return tuple(replace(one, name=str(one.path)) if names.count(one.name) > 1 else one for one in sets)


def evaluate(sets: Sequence[QuestionSet], indexes: Indexes, progress: Progress = no_progress) -> tuple[SetResult, ...]:
    """Ask the questions of each set and return its figures.

    EvaluationError where packages are missing that only judging needs.
    """
    if command := install_command(JUDGING):
        raise EvaluationError(f"judging answers needs packages that are not installed here: {command}")
    return tuple(_measured(one, indexes, progress) for one in sets)


def _measured(one: QuestionSet, indexes: Indexes, progress: Progress) -> SetResult:
    if one.level == "sentence":
        return _sentence_result(one, indexes, progress)
    answerer = indexes.of_entries(one, one.name) if one.entries else indexes.configured()
    snapshot = answerer.snapshot
    if not one.entries:
        _check_documents(one, snapshot)
    questions = anchored(one, snapshot.by_id) if one.spans else one.questions
    outcomes = ask_all(answerer, questions, progress)
    values = _values(
        {outcome.judged.question_id: outcome.judgement for outcome in outcomes if outcome.judged.answerable}
    )
    records = tuple(
        record_of(outcome, {**values.get(outcome.judged.question_id, {}), **outcome.values}) for outcome in outcomes
    )
    misses = (miss_of(outcome, record, snapshot) for outcome, record in zip(outcomes, records, strict=True))
    times = [outcome.answer.timings_ms.get("total", 0.0) for outcome in outcomes]
    return SetResult(
        name=one.name,
        path=str(one.path),
        level=one.level,
        generation=snapshot.generation,
        documents=len(snapshot.documents),
        passages=len(snapshot.passages),
        milliseconds={"median": statistics.median(times), "p95": sorted(times)[int(0.95 * len(times))]},
        notes=_notes(one, snapshot, outcomes),
        groups=_groups(outcomes, records),
        records=records,
        misses=tuple(miss for miss in misses if miss),
    )


def _values(judgements: dict[str, Judgement]) -> dict[str, dict[str, float]]:
    return ranking_values(judgements) if judgements else {}


def _check_documents(one: QuestionSet, snapshot: Snapshot) -> None:
    for judged in one.questions:
        unknown = sorted(judged.documents - set(snapshot.by_id))
        if unknown:
            raise EvaluationError(
                f"{one.path}: question {judged.question_id} names the report {unknown[0]!r}, which is not indexed: "
                "`wenbao documents` lists those that are"
            )


def _notes(one: QuestionSet, snapshot: Snapshot, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    notes = []
    unread = sum(document_id_of(entry.entry_id) not in snapshot.by_id for entry in one.entries)
    if unread:
        notes.append(f"{unread} of {len(one.entries)} entries of the corpus could not be read as reports")
    lost = sum(isinstance(e, Located) and e.start == e.end for o in outcomes for e in o.judged.evidence)
    if lost:
        notes.append(f"{lost} answers do not stand in the report that was made of their entry, and count as not found")
    return tuple(notes)


# Figures


def _groups(outcomes: Sequence[Outcome], records: Sequence[Record]) -> tuple[Group, ...]:
    """Return the figures of all languages, then of each language if there are several."""
    names = list(dict.fromkeys(name for outcome in outcomes for name in outcome.ablations))
    alone = {name: _values(_judgements(outcomes, name)) for name in names}
    return tuple(
        _group(language, [outcomes[at] for at in chosen], [records[at] for at in chosen], alone)
        for language, chosen in _languages(records)
    )


def _judgements(outcomes: Sequence[Outcome], name: str) -> dict[str, Judgement]:
    return {o.judged.question_id: o.ablations[name] for o in outcomes if name in o.ablations}


def _languages(records: Sequence[Record]) -> list[tuple[str, list[int]]]:
    languages = sorted({record.lang for record in records})
    each = [(lang, [at for at, record in enumerate(records) if record.lang == lang]) for lang in languages]
    return [(ALL, list(range(len(records)))), *(each if len(each) > 1 else [])]


def _group(
    language: str,
    outcomes: Sequence[Outcome],
    records: Sequence[Record],
    alone: dict[str, dict[str, dict[str, float]]],
) -> Group:
    answerable = [record for record in records if record.answerable]
    rows = {WHOLE: row_of([record.values for record in answerable], ANSWER_MEASURES)}
    for name, values in alone.items():
        mine = [values[record.question_id] for record in answerable if record.question_id in values]
        rows[name] = row_of(mine, RANKING_MEASURES)
    decisions = [Decision(o.judged.answerable, o.right, o.answered, o.answer.confidence) for o in outcomes]
    return Group(language, len(records), {name: row for name, row in rows.items() if row}, abstention_of(decisions))


# Sentences


def _sentence_result(one: QuestionSet, indexes: Indexes, progress: Progress) -> SetResult:
    paragraphs = paragraphs_of(one)
    of_paragraphs = replace(one, entries=tuple(paragraph.entry for paragraph in paragraphs))
    sentences = indexes.of_entries(one, f"{one.name}-sentences").snapshot
    answerer = indexes.of_entries(of_paragraphs, f"{one.name}-paragraphs")
    records = tuple(read_all(one, paragraphs, answerer, sentences, progress))
    return SetResult(
        name=one.name,
        path=str(one.path),
        level=one.level,
        generation=answerer.snapshot.generation,
        documents=len(answerer.snapshot.documents),
        passages=len(answerer.snapshot.passages),
        milliseconds={},
        notes=_cut_paragraphs(paragraphs, answerer.snapshot),
        groups=tuple(_sentence_group(lang, [records[at] for at in chosen]) for lang, chosen in _languages(records)),
        records=records,
        misses=(),
    )


def _cut_paragraphs(paragraphs: Sequence[Paragraph], snapshot: Snapshot) -> tuple[str, ...]:
    unread = sum(document_id_of(paragraph.entry.entry_id) not in snapshot.by_id for paragraph in paragraphs)
    return (f"{unread} of {len(paragraphs)} paragraphs could not be read as reports",) if unread else ()


def _sentence_group(language: str, records: Sequence[Record]) -> Group:
    rows = {name: _accuracy([{SENTENCE_MEASURES[0]: record.values[name]} for record in records]) for name in ROWS}
    return Group(language, len(records), rows, None)


def _accuracy(values: Sequence[Values]) -> Row:
    return row_of(values, SENTENCE_MEASURES)
