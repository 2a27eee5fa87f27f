"""What is known about a question: where its answer stands, and which places of a ranking hold it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from retrieval.text.characters import HAN

Level = Literal["document", "passage", "sentence"]
"""What a hit is: a citation of the document, a passage that holds the evidence, or the sentence of a paragraph."""

NOWHERE = "nowhere"
"""The key of evidence that no passage of the index holds: it cannot be found, and counts as missed."""

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")),
    ("zh", re.compile(f"[{HAN}]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A piece of a report that was shown or is indexed: ``text == document.text[start:end]``."""

    document_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class WholeDocument:
    """The answer stands somewhere in the document; ``grade`` (at least 1) says how relevant the document is."""

    document_id: str
    grade: int = 1

    def held_by(self, place: Place) -> bool:
        """Whether ``place`` is in the document."""
        return place.document_id == self.document_id


@dataclass(frozen=True, slots=True)
class Quoted:
    """The answer stands where the document says ``quote``, white space and width aside."""

    document_id: str
    quote: str
    grade: int = 1

    def held_by(self, place: Place) -> bool:
        """Whether ``place`` holds the whole quote."""
        return place.document_id == self.document_id and squash(self.quote) in squash(place.text)


@dataclass(frozen=True, slots=True)
class Located:
    """The answer is ``document.text[start:end]``."""

    document_id: str
    start: int
    end: int
    grade: int = 1

    def held_by(self, place: Place) -> bool:
        """Whether ``place`` overlaps the answer."""
        return place.document_id == self.document_id and place.start < self.end and self.start < place.end


Evidence = WholeDocument | Quoted | Located


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with its evidence, all of one kind; none where the reports do not answer it."""

    question_id: str
    question: str
    lang: str
    evidence: tuple[Evidence, ...] = ()
    answers: tuple[str, ...] = ()
    """Words that answer; any of them will do."""

    @property
    def answerable(self) -> bool:
        """Whether the reports answer the question."""
        return bool(self.evidence)

    @property
    def documents(self) -> frozenset[str]:
        """The ids of the documents that the evidence is in."""
        return frozenset(evidence.document_id for evidence in self.evidence)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A ranking as keys of what can be relevant, best first, and the grade of everything that is relevant."""

    ranked: tuple[str, ...]
    grades: Mapping[str, int]

    @property
    def rank(self) -> int | None:
        """The rank of the first hit, from 1; None if there is none."""
        return next((rank for rank, key in enumerate(self.ranked, start=1) if key in self.grades), None)


def judge(judged: Judged, shown: Sequence[Place], known: Sequence[Place] = ()) -> Judgement:
    """Judge the places ``shown``, best first; ``known`` are all that could have been shown.

    With whole documents as evidence, each document counts once, where it comes first; else every place counts.
    """
    if any(isinstance(evidence, WholeDocument) for evidence in judged.evidence):
        documents = {evidence.document_id: evidence.grade for evidence in judged.evidence}
        return Judgement(tuple(dict.fromkeys(place.document_id for place in shown)), documents)
    grades = {_key(place): _grade(judged, place) for place in (*known, *shown)}
    relevant = {key: grade for key, grade in grades.items() if grade}
    return Judgement(tuple(dict.fromkeys(map(_key, shown))), relevant or {NOWHERE: 1})


def _key(place: Place) -> str:
    return f"{place.document_id}:{place.start}-{place.end}"


def _grade(judged: Judged, place: Place) -> int:
    return max((evidence.grade for evidence in judged.evidence if evidence.held_by(place)), default=0)


def holds_answer(judged: Judged, sentence: Place) -> bool | None:
    """Whether the sentence has the answer: its words, the quote, or a part of where it stands; None if unknown."""
    wanted = list(judged.answers) + [evidence.quote for evidence in judged.evidence if isinstance(evidence, Quoted)]
    located = [evidence for evidence in judged.evidence if isinstance(evidence, Located)]
    if not wanted and not located:
        return None
    text = squash(sentence.text)
    return any(squash(words) in text for words in wanted) or any(spot.held_by(sentence) for spot in located)


def names_answer(judged: Judged, span: str) -> bool | None:
    """Whether the span is an answer, or one of the two holds the other; None if no answer's words are known."""
    if not judged.answers:
        return None
    given = squash(span)
    return any(given in squash(answer) or squash(answer) in given for answer in judged.answers)


def squash(text: str) -> str:
    """Fold width and take out white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def language_of(text: str) -> str:
    """Guess a question's language from its script; Latin letters are taken for English."""
    return next((language for language, script in _SCRIPTS if script.search(text)), "en")
