"""Questions files and BEIR folders -> sets of judged questions."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from retrieval.errors import EvaluationError
from retrieval.evaluation.judged import Judged, Level, Quoted, language_of

SEED = 7
"""Seed of the shuffle from which ``sample`` takes the first questions."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of a BEIR corpus."""

    entry_id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class EntrySpan:
    """Where an answer stands in the entry of a BEIR corpus: ``entry.text[start:end]``."""

    entry_id: str
    start: int
    end: int
    grade: int


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions about the configured index, or about ``entries``, a corpus of their own.

    ``spans`` says by question id where in the entries the answers stand, for a set of level "passage".
    """

    name: str
    path: Path
    level: Level
    questions: tuple[Judged, ...]
    entries: tuple[Entry, ...] = ()
    spans: Mapping[str, tuple[EntrySpan, ...]] = field(default_factory=dict)


def read_questions(path: Path) -> list[Judged]:
    """Read JSON lines with "question", "evidence" [{"document", "quote"}] and optionally "id", "lang" and "answer".

    Lines whose "kind" is "unjudged" are left out, because nobody has said yet whether and where their answer stands.
    Raises EvaluationError that names the line.
    """
    judged = []
    for number, entry in json_lines(path):
        try:
            if entry.get("kind") != "unjudged":
                judged.append(_judged(number, entry))
        except (KeyError, TypeError, AttributeError) as error:
            raise EvaluationError(f"{path}, line {number}: question and evidence are expected") from error
    return judged


def _judged(number: int, entry: Mapping[str, Any]) -> Judged:
    question = entry["question"] + ""
    return Judged(
        question_id=str(entry.get("id") or number),
        question=question,
        lang=entry.get("lang") or language_of(question),
        evidence=tuple(Quoted(item["document"] + "", item["quote"] + "") for item in entry["evidence"]),
        answers=(entry["answer"] + "",) if entry.get("answer") else (),
    )


def read_questions_file(path: Path) -> QuestionSet:
    """Read a questions file as a set about the configured index; EvaluationError says what is wrong with it."""
    questions = tuple(read_questions(path))
    check_unique(path, [judged.question_id for judged in questions])
    return QuestionSet(path.stem, path, "passage", questions)


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) of a file of JSON lines; EvaluationError names the line that is none."""
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise EvaluationError(f"{path}, line {number}: a JSON object is expected") from error
        if not isinstance(entry, dict):
            raise EvaluationError(f"{path}, line {number}: a JSON object is expected")
        yield number, entry


def text_of(path: Path) -> str:
    """Read a UTF-8 file; EvaluationError says why it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path} is not UTF-8: save it again as UTF-8") from error


def check_unique(path: Path, ids: Sequence[str]) -> None:
    """Raise EvaluationError if an id stands twice in a file."""
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise EvaluationError(f"{path}: the id {one!r} stands there twice: give every line an id of its own")
        seen.add(one)


def choose(sets: Sequence[QuestionSet], languages: Sequence[str], sample: int) -> tuple[QuestionSet, ...]:
    """Keep questions in these languages (none named: all), then ``sample`` of each set at random (0: all).

    Raises EvaluationError if no question is left.
    """
    chosen = tuple(replace(one, questions=_sample(_speaking(one, languages), sample)) for one in sets)
    kept = tuple(one for one in chosen if one.questions)
    if not kept:
        known = ", ".join(sorted({judged.lang for one in sets for judged in one.questions})) or "no language at all"
        raise EvaluationError(f"no question is left in {', '.join(languages) or 'these files'}: they are in {known}")
    return kept


def _speaking(one: QuestionSet, languages: Sequence[str]) -> list[Judged]:
    return [judged for judged in one.questions if not languages or judged.lang in languages]


def _sample(questions: list[Judged], sample: int) -> tuple[Judged, ...]:
    if sample:
        random.Random(SEED).shuffle(questions)
    return tuple(questions[: sample or None])
