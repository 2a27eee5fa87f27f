"""Which sentence of a paragraph answers: the configured reader beside BM25 and cosine over the sentences alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Rows
from retrieval.errors import EvaluationError
from retrieval.evaluation.asking import Answers, analysed
from retrieval.evaluation.beir import BareText, bare, boundaries, document_id_of
from retrieval.evaluation.judged import Judged
from retrieval.evaluation.questions import Entry, QuestionSet
from retrieval.evaluation.results import WHOLE, Record
from retrieval.index.protocol import Snapshot
from retrieval.question.query import Query
from retrieval.types import Progress, no_progress

WORDS, DENSE = "words alone", "dense alone"
READER = WHOLE
ROWS = (READER, WORDS, DENSE)

_SENTENCE_ID = re.compile(r"^(.+\.\d+)\.(\d+)$")
_ANY_SENTENCE_ID = re.compile(r"^(.+)\.(\d+)$")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The sentences of one paragraph in their order; ``entry`` is all of them."""

    entry: Entry
    sentences: tuple[Entry, ...]

    def sentence_at(self, document_text: str, start: int, end: int) -> str | None:
        """Return the document id of the sentence that shares most with ``document_text[start:end]``, or None."""
        report, pieces = BareText(document_text), [sentence.text for sentence in self.sentences]
        before = report.text.find(bare(self.entry.text))
        first, last = len(bare(document_text[:start])) - before, len(bare(document_text[:end])) - before
        shared = [min(last, right) - max(first, left) for left, right in boundaries(pieces)]
        best = max(range(len(shared)), key=shared.__getitem__)
        return document_id_of(self.sentences[best].entry_id) if before >= 0 and shared[best] > 0 else None


def is_sentence_set(one: QuestionSet) -> bool:
    """Whether every entry is a sentence by its id: ``<article>.<paragraph>.<sentence>``."""
    return bool(one.entries) and all(_SENTENCE_ID.match(entry.entry_id) for entry in one.entries)


def paragraphs_of(one: QuestionSet) -> tuple[Paragraph, ...]:
    """Join sentences into paragraphs; EvaluationError if an id does not end in ``.<sentence number>``."""
    grouped: dict[str, list[tuple[int, Entry]]] = {}
    for entry in one.entries:
        match = _ANY_SENTENCE_ID.match(entry.entry_id)
        if match is None:
            raise EvaluationError(f"{one.path}: --sentences needs ids such as article.1.3, not {entry.entry_id!r}")
        grouped.setdefault(match[1], []).append((int(match[2]), entry))
    return tuple(_paragraph(key, sentences) for key, sentences in grouped.items())


def _paragraph(key: str, numbered: list[tuple[int, Entry]]) -> Paragraph:
    sentences = tuple(entry for _, entry in sorted(numbered, key=lambda pair: pair[0]))
    return Paragraph(Entry(key, "", "".join(entry.text for entry in sentences)), sentences)


def read_all(
    one: QuestionSet,
    paragraphs: Sequence[Paragraph],
    answerer: Answers,
    sentences: Snapshot,
    progress: Progress = no_progress,
) -> list[Record]:
    """Choose a sentence of the gold paragraph for each answerable question, in every way of ``ROWS``.

    ``answerer`` answers from the paragraphs; ``sentences`` is an index of the sentences alone. A record's ``rank`` and
    ``document_id`` are the reader's; its ``values`` are 1 or 0 by row.
    """
    by_sentence = {
        document_id_of(entry.entry_id): paragraph for paragraph in paragraphs for entry in paragraph.sentences
    }
    rows = _rows_by_document(sentences)
    records = []
    for done, judged in enumerate(one.questions, start=1):
        if judged.answerable:
            query = analysed(answerer, judged.question)
            paragraph = by_sentence[min(judged.documents)]
            choices = {
                READER: _read(answerer, query, paragraph),
                WORDS: _best(paragraph, rows, _bm25(paragraph, rows, sentences, query)),
                DENSE: _best(paragraph, rows, _cosines(paragraph, rows, sentences, query)),
            }
            records.append(_record(judged, choices))
        progress("ask", done, len(one.questions))
    return records


def _rows_by_document(snapshot: Snapshot) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, passage in enumerate(snapshot.passages):
        rows.setdefault(passage.document_id, []).append(row)
    return rows


def _read(answerer: Answers, query: Query, paragraph: Paragraph) -> str | None:
    """Return the sentence that the configured reader chooses."""
    document_id = document_id_of(paragraph.entry.entry_id)
    passages = answerer.snapshot.passages
    rows = [row for row, passage in enumerate(passages) if passage.document_id == document_id]
    if not rows:
        return None
    readings = answerer.reader.read(query, rows)
    row, reading = max(zip(rows, readings, strict=True), key=lambda pair: pair[1].score)
    passage = passages[row]
    text = answerer.snapshot.by_id[document_id].text
    return paragraph.sentence_at(text, passage.start + reading.start, passage.start + reading.end)


def _cosines(
    paragraph: Paragraph, rows: Mapping[str, Sequence[int]], sentences: Snapshot, query: Query
) -> npt.NDArray[np.float32]:
    """Return ``(n,)`` scores over all sentences; those of other paragraphs are -1."""
    wanted = _rows_in(paragraph, rows)
    scores = np.full(len(sentences.passages), -1, dtype=np.float32)
    scores[wanted] = sentences.cosines(query.vector, wanted)
    return scores


def _bm25(
    paragraph: Paragraph, rows: Mapping[str, Sequence[int]], sentences: Snapshot, query: Query
) -> npt.NDArray[np.float32]:
    """Return ``(n,)`` scores over all sentences; those of other paragraphs are 0."""
    wanted = _rows_in(paragraph, rows)
    scores = np.zeros(len(sentences.passages), dtype=np.float32)
    scores[wanted] = sentences.lexical.words.scores_of(query.words, wanted)
    return scores


def _rows_in(paragraph: Paragraph, rows: Mapping[str, Sequence[int]]) -> Rows:
    found = [row for entry in paragraph.sentences for row in rows.get(document_id_of(entry.entry_id), ())]
    return np.array(found, dtype=np.int64)


def _best(paragraph: Paragraph, rows: Mapping[str, Sequence[int]], scores: npt.NDArray[np.float32]) -> str | None:
    """Return the paragraph's best sentence, the first among equals; one that was not indexed scores -1."""
    ids = [document_id_of(entry.entry_id) for entry in paragraph.sentences]
    return max(ids, key=lambda key: max((float(scores[row]) for row in rows.get(key, ())), default=-1.0))


def _record(judged: Judged, choices: Mapping[str, str | None]) -> Record:
    right = {row: float(choice in judged.documents) for row, choice in choices.items()}
    return Record(
        question_id=judged.question_id,
        question=judged.question,
        lang=judged.lang,
        answerable=True,
        rank=1 if right[READER] else None,
        status=None,
        confidence=None,
        document_id=choices[READER],
        paragraph=None,
        values=right,
    )
