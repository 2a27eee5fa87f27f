"""What an evaluation found: per question, per language, per set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from retrieval.evaluation.abstention import Abstention
from retrieval.evaluation.judged import Level
from retrieval.evaluation.measures import RANKING_MEASURES, Row, Values

WHOLE = "whole"
"""The row of the answers as users get them; the other rows are legs and stages alone."""
ALL = "all"
"""The group of all languages."""
ANSWER_MEASURES = (*RANKING_MEASURES, "sentence", "span", "first sentence", "first span")
"""``sentence`` and ``span`` are those of direct answers, the other two what was chosen first, answered or not."""
SENTENCE_MEASURES = ("accuracy",)


@dataclass(frozen=True, slots=True)
class Record:
    """The outcome of one question, as it is saved.

    ``rank`` is that of the first hit, from 1; None for no hit in ten. ``document_id`` and ``paragraph`` are those of
    the first citation. ``values`` are empty for a question that the reports do not answer.
    """

    question_id: str
    question: str
    lang: str
    answerable: bool
    rank: int | None
    status: str | None
    confidence: float | None
    document_id: str | None
    paragraph: int | None
    values: Values


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage that was ranked: its raw scores by name, and whether it is a hit."""

    number: int
    document_id: str
    paragraph: int | None
    quote: str
    scores: Mapping[str, float]
    hit: bool


@dataclass(frozen=True, slots=True)
class Miss:
    """A question that went wrong, with what a person needs to see why.

    ``expected`` are (document id, text) of the evidence, ``ranks`` the rank of the first hit by leg and stage.
    """

    kind: str
    record: Record
    answer: str | None
    expected: tuple[tuple[str, str], ...]
    ranks: Mapping[str, int | None]
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one language of a set, or of all: name of a leg or stage -> measure -> figure."""

    lang: str
    questions: int
    rows: Mapping[str, Row]
    abstention: Abstention | None


@dataclass(frozen=True, slots=True)
class SetResult:
    """One set of questions: the group of all languages first; ``notes`` are what a reader of the figures must know."""

    name: str
    path: str
    level: Level
    generation: str
    documents: int
    passages: int
    milliseconds: Mapping[str, float]
    notes: tuple[str, ...]
    groups: tuple[Group, ...]
    records: tuple[Record, ...]
    misses: tuple[Miss, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """An evaluation with what it was made with; ``settings`` are those that the figures may depend on."""

    created: str
    commit: str | None
    encoder: str
    settings: Mapping[str, object]
    sets: tuple[SetResult, ...]


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """What is read back of a saved run: records by question id, by name of the set."""

    path: Path
    created: str
    commit: str | None
    records: Mapping[str, Mapping[str, Record]]
