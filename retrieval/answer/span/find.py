"""The few words of a sentence that answer a who, when, where or how-many question; None rather than a guess.

Three steps: ``question_type`` says what is wanted, the finder for that kind lists the candidates in the sentence, and
``find_span`` takes the one that fits and stands nearest to the question's own words, if it is clearly the best.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval.answer.span.candidates import DECOY, FINDERS, Span, plain_capitals
from retrieval.answer.span.changes import of_the_time_asked
from retrieval.question.question_type import Wanted
from retrieval.text.characters import fold
from retrieval.text.words import words_of

Similarity = Callable[[int, int], float]
FindSpan = Callable[[str, Wanted | None, str, Similarity | None], Span | None]
"""The type of ``find_span``, for readers that are handed another."""

MOST_CHARACTERS = 400
"""A sentence is read only this far; by default a whole passage is no longer."""
NEAR = 12.0
"""A question's word counts for 1/e at this many characters from a candidate."""
CLAUSE = 8.0
"""How many characters the end of a clause between the two counts for."""
MARGIN = 0.2
"""How much better than the next one a candidate must be."""
SIMILARITY = 10.0
"""What the similarity of a candidate's surroundings counts for."""
SURROUNDINGS = 6
"""How many characters the surroundings reach to each side."""


_JOINED = re.compile(r"[、,]?[和与及跟]?|[、,]?以及")
_JOINED_LOOSELY = re.compile(r"(?:[、和与及跟]|以及)[^,;。、]{0,10}")
_TWO_ASKED = re.compile("(?:多少|几).*(?:多少|几|[和与及])")
_JOINERS = re.compile("[、,和与及]|其中")

_STOP = re.compile(
    r"(?:多少|几|谁|什么|哪.*|时候|何时|何|的|了|在|是|有|和|与|被|把|从|到|个|名|一|这|那|为|人|年|月|日|"
    r"the|of|in|a|an|did|was|is|to|and|how|many|much|who|when|where|what|which)$"
)
_CLAUSE_END = re.compile(r"[,;。!?]")


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A word of the question in the sentence: where it starts, how long it is, and what it counts for."""

    starts: tuple[int, ...]
    length: int
    weight: float


def find_span(question: str, wanted: Wanted | None, sentence: str, similarity: Similarity | None = None) -> Span | None:
    """Return (start, end) of the few words inside the sentence that answer; None when unsure or nothing is ``wanted``.

    ``similarity(start, end)`` tells how near ``sentence[start:end]`` is to the question (a cosine). It helps to choose
    where the question, such as an English one, shares no words with the sentence.
    """
    if wanted is None:
        return None
    asked, text = fold(question), plain_capitals(fold(sentence[:MOST_CHARACTERS]))
    found = of_the_time_asked(dict(FINDERS[wanted.kind](text, wanted)), text, asked)
    candidates = {span: fit for span, fit in found.items() if not _is_named(text[slice(*span)], asked)}
    anchors = _anchors(asked, text)
    if wanted.kind == "place" and not anchors:
        return None
    scores = _scores(text, candidates, anchors, similarity)
    ranked = sorted(scores, key=lambda span: scores[span], reverse=True)
    if not ranked or candidates[ranked[0]] == DECOY:
        return None
    whole = _widened(ranked[0], text, asked, [span for span in ranked if candidates[span] != DECOY], wanted)
    if whole is None:
        return None
    rivals = (span for span in ranked if not whole[0] <= span[0] < whole[1])
    return whole if all(scores[ranked[0]] - scores[rival] >= MARGIN for rival in rivals) else None


def _is_named(candidate: str, asked: str) -> bool:
    """Whether the question has the candidate already, or all of its figures ("2005年" when asked about "in 2005")."""
    figures = re.findall(r"\d+", candidate)
    return candidate in asked or bool(figures) and set(figures) <= set(re.findall(r"\d+", asked))


def _scores(
    text: str, candidates: dict[Span, float], anchors: Sequence[_Anchor], similarity: Similarity | None
) -> dict[Span, float]:
    """Add up how well each candidate fits, how near it is to the question's words, and the similarity around it."""
    scores = {span: fit + _nearness(text, span, anchors) for span, fit in candidates.items()}
    if similarity is not None and len(scores) > 1:
        for start, end in scores:
            around = max(0, start - SURROUNDINGS), min(len(text), end + SURROUNDINGS)
            scores[start, end] += SIMILARITY * similarity(*around)
    return scores


def _anchors(asked: str, text: str) -> list[_Anchor]:
    anchors = []
    for word in dict.fromkeys(words_of(asked)):
        if not _STOP.match(word) and word in text:
            starts = tuple(match.start() for match in re.finditer(re.escape(word), text))
            anchors.append(_Anchor(starts, len(word), min(len(word), 4) / 2 if len(word) > 1 else 0.3))
    return anchors


def _nearness(text: str, span: Span, anchors: Sequence[_Anchor]) -> float:
    """Sum the weights of the question's words; each counts less the farther it stands from the candidate."""
    return sum(
        anchor.weight * max(math.exp(-_distance(text, span, at, at + anchor.length) / NEAR) for at in anchor.starts)
        for anchor in anchors
    )


def _distance(text: str, span: Span, start: int, end: int) -> float:
    gap = text[end : span[0]] if end <= span[0] else text[span[1] : start]
    return len(gap) + CLAUSE * len(_CLAUSE_END.findall(gap))


def _widened(chosen: Span, text: str, asked: str, candidates: Sequence[Span], wanted: Wanted) -> Span | None:
    """Add the rest of an enumeration: people joined by 和 or 、, and figures where the question asks for two.

    A question for 哪些人 is answered by several people or not at all.
    """
    if wanted.kind == "number" and _TWO_ASKED.search(asked):
        whole = _joined(chosen, candidates, lambda gap: _JOINERS.sub("", gap) in asked, text)
        nouns = (word for word in words_of(asked) if whole != chosen and text.startswith(word, whole[1]))
        return whole[0], whole[1] + max(map(len, nouns), default=0)
    if wanted.kind not in ("person", "people"):
        return chosen
    joiner = _JOINED if wanted.kind == "person" else _JOINED_LOOSELY
    whole = _joined(chosen, candidates, lambda gap: bool(joiner.fullmatch(gap)), text)
    return None if wanted.kind == "people" and whole == chosen else whole


def _joined(chosen: Span, candidates: Sequence[Span], joins: Callable[[str], bool], text: str) -> Span:
    """Grow ``chosen`` over its neighbours among the candidates as long as what stands between them joins them."""
    start, end = chosen
    for a, b in sorted(candidates):
        if a > end and joins(text[end:a]):
            end = b
    for a, b in sorted(candidates, reverse=True):
        if b < start and joins(text[b:start]):
            start = a
    return start, end
