"""How an answer was found, in one structure that every face shows the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LegScore:
    """Where one leg ranked a passage (1 is first), and its raw score."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class TokenPair:
    """Some words of the question and the words of a passage nearest to them, with their cosine."""

    question: str
    passage: str
    similarity: float


@dataclass(frozen=True, slots=True)
class ExplainedHit:
    """Why a passage was found: what each leg said of it, the words it shares with the question, and its pairs."""

    document_id: str
    paragraph: int | None
    score: float
    legs: Mapping[str, LegScore]
    words: tuple[str, ...]
    pairs: tuple[TokenPair, ...]


@dataclass(frozen=True, slots=True)
class ReadFirst:
    """What was chosen of the first hit, whether or not it is sure enough to be an answer.

    ``text`` is the report's ``text[start:end]``, and ``span`` the few words of it; None if there are none. ``margin``
    is by how many logits the trained reader prefers its words to none at all; None where the rules read.
    """

    document_id: str
    start: int
    end: int
    text: str
    span: str | None
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class OtherName:
    """A name in the question, and what the reports call the same elsewhere, which was looked up too."""

    asked: str
    called: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How an answer was found: the question as it was cut, the weights of the features, and the signals.

    Legs, features and signals go by the names that users see (``retrieval.ranking.fusion.SHOWN_AS``).
    """

    question: str
    words: tuple[str, ...]
    weights: Mapping[str, float]
    confidence: float
    signals: Mapping[str, float]
    hits: tuple[ExplainedHit, ...]
    read: ReadFirst | None = None
    names: tuple[OtherName, ...] = ()
