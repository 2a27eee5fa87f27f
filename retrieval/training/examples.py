"""Questions with passages -> what an index stores of their tokens -> batches."""

from __future__ import annotations

import gzip
import json
import pickle
import random
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from retrieval.answer.trained.late_reader import MOST_QUESTION
from retrieval.encoder.protocol import Encoded, Encoder, unit
from retrieval.encoder.tokens import Tokens
from retrieval.training.model import WIDTH

AT_ONCE = 2048
HELD_BACK_PARAGRAPHS = ("6", "42")
"""Blocks of paragraphs of newsqa that nothing is trained on, because reading is developed on them."""
HELD_BACK_EACH = 25
"""Of the other sets, one passage in this many is held back."""
CROPS = (48, 64, 64, 80, 96, 128, 200)
"""To how many tokens a batch's passages are cut at random, because windows will be read."""
AWAY = 0.12
"""How often a crop is one that the answer is not in, because such windows will be read too."""
AFTER = 5
"""Tokens that a crop keeps behind the answer, if there are any."""

_END = re.compile(r"[。！？!?\n]")

Row = dict[str, Any]
"""A line of the data, see the package."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A text's tokens, as an index stores them: ``(t, d)`` int8 codes of the inner layer, and ``(t, 2)`` spans."""

    codes: npt.NDArray[np.int8]
    spans: npt.NDArray[np.uint16]


Texts = dict[str, Stored]


@dataclass(frozen=True, slots=True)
class Example:
    """A question with a passage: the first and the last token of the answer, -1 where it is not there.

    ``sentence`` is where the sentence that answers begins and ends in the passage's text.
    """

    source: str
    paragraph: str
    text: str
    question: Stored
    passage: Stored
    first: int
    last: int
    sentence: tuple[int, int]
    answer: str
    negative: str | None

    @property
    def is_held_back(self) -> bool:
        """Whether nothing is trained on it."""
        if self.source == "newsqa":
            return self.paragraph.partition("-")[0] in HELD_BACK_PARAGRAPHS
        return zlib.crc32(self.text[:80].encode()) % HELD_BACK_EACH == 0


def read_rows(path: Path) -> list[Row]:
    """Return the lines of a gzipped file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_examples(path: Path, encoder: Encoder, work: Path) -> list[Example]:
    """Return the examples of such a file; what is encoded is kept in the folder ``work`` for the next time."""
    rows, kept = read_rows(path), work / f"{path.name.partition('.')[0]}.pkl"
    if not kept.exists():
        work.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(encoded(rows, encoder), protocol=5))
    return examples_of(rows, *pickle.loads(kept.read_bytes()))


def encoded(rows: Sequence[Row], encoder: Encoder) -> tuple[Texts, Texts]:
    """Return the tokens of all questions and of all passages, by text."""
    questions = _stored(sorted({row["question"] for row in rows}), encoder.encode_queries)
    return questions, _stored(sorted({row["passage"] for row in rows}, key=len), encoder.encode_passages)


def examples_of(rows: Sequence[Row], questions: Texts, passages: Texts) -> list[Example]:
    """Return the examples of lines whose texts are encoded, without those of which tokens do not cover the answer."""
    found = (_example(row, questions[row["question"]], passages[row["passage"]]) for row in rows)
    return [one for one in found if one is not None]


def _stored(texts: Sequence[str], encode: Callable[[Sequence[str]], Encoded]) -> Texts:
    found: Texts = {}
    for start in range(0, len(texts), AT_ONCE):
        some = texts[start : start + AT_ONCE]
        found |= zip(some, map(stored, encode(some).tokens), strict=True)
        sys.stdout.write(f"encoded {len(found)} of {len(texts)}\n")
    return found


def stored(tokens: Tokens) -> Stored:
    """Return what the reader needs of token records: the inner layer, which stands behind the last one."""
    return Stored(np.ascontiguousarray(tokens["codes"][:, WIDTH:]), np.ascontiguousarray(tokens["span"]))


def _example(row: Row, question: Stored, passage: Stored) -> Example | None:
    """Return a line's example; None where the tokens do not cover its answer."""
    start, end, text = row["start"], row["end"], row["passage"]
    first = last = -1
    sentence = (-1, -1)
    if start >= 0:
        places = passage.spans.astype(np.int64)
        begins = np.flatnonzero((places[:, 0] <= start) & (start < places[:, 1]))
        ends = np.flatnonzero((places[:, 0] < end) & (end <= places[:, 1]))
        if not len(begins) or not len(ends) or ends[-1] < begins[0]:
            return None
        first, last = int(begins[0]), int(ends[-1])
        behind = _END.search(text, max(start, end - 1))
        sentence = (
            max((match.end() for match in _END.finditer(text, 0, start)), default=0),
            behind.end() if behind else len(text),
        )
    answer = text[start:end] if start >= 0 else ""
    negative = row.get("negative")
    return Example(row["source"], row.get("pid", ""), text, question, passage, first, last, sentence, answer, negative)


@dataclass(frozen=True, slots=True)
class Batch:
    """What the model is given, and what it should say; ``begin`` and ``end`` count from 1, 0 is nowhere."""

    tokens: torch.Tensor
    segments: torch.Tensor
    mask: torch.Tensor
    begin: torch.Tensor
    end: torch.Tensor
    evidence: torch.Tensor

    @property
    def answers(self) -> torch.Tensor:
        """``(b,)``, 1 where the passage answers."""
        return (self.begin > 0).float()


def batches(examples: Sequence[Example], size: int, pool: int = 16) -> Iterator[list[Example]]:
    """Yield shuffled batches of passages of about one length: sorted among ``pool`` batches."""
    shuffled = random.sample(examples, len(examples))
    sorted_some = [
        one
        for start in range(0, len(shuffled), size * pool)
        for one in sorted(shuffled[start : start + size * pool], key=lambda one: len(one.text))
    ]
    starts = list(range(0, len(sorted_some) - size + 1, size))
    random.shuffle(starts)
    for start in starts:
        yield sorted_some[start : start + size]


def batch_of(examples: Sequence[Example], *, cropped: bool = False) -> Batch:
    """Put examples into one batch, their passages cut at random to one of ``CROPS`` tokens if ``cropped``."""
    most = random.choice(CROPS) if cropped else sys.maxsize
    parts = [(one.question.codes[:MOST_QUESTION], _crop(one, most, away=AWAY * cropped), one) for one in examples]
    longest = max(len(question) + stop - start for question, (start, stop), _ in parts)
    tokens = np.zeros((len(parts), longest, WIDTH), dtype=np.float32)
    segments, mask = (np.zeros((len(parts), longest), dtype=np.int64) for _ in range(2))
    begin, end = (np.zeros(len(parts), dtype=np.int64) for _ in range(2))
    evidence = np.zeros((len(parts), longest), dtype=np.float32)
    for row, (question, (start, stop), one) in enumerate(parts):
        asked, whole = len(question), len(question) + stop - start
        tokens[row, :asked], tokens[row, asked:whole] = unit(question), unit(one.passage.codes[start:stop])
        segments[row, asked:whole], mask[row, :whole] = 1, 1
        if start <= one.first and one.last < stop:
            begin[row], end[row] = (1 + asked + place - start for place in (one.first, one.last))
            begins = one.passage.spans[start:stop, 0]
            evidence[row, asked:whole] = (begins >= one.sentence[0]) & (begins < one.sentence[1])
    return Batch(*map(torch.from_numpy, (tokens, segments, mask, begin, end, evidence)))


def _crop(one: Example, most: int, away: float = 0.0) -> tuple[int, int]:
    """Return where a random crop of a passage begins and ends; the answer is inside, but for a share ``away``."""
    length = len(one.passage.codes)
    if one.first >= 0 and random.random() < away:
        start, stop = random.choice([(0, one.first), (one.last + 1, length)])
        if (
            stop - start >= CROPS[0]
            and one.answer not in one.text[one.passage.spans[start][0] : one.passage.spans[stop - 1][1]]
        ):
            start = random.randint(start, max(start, stop - most))
            return start, min(stop, start + most)
    if length <= most:
        return 0, length
    if one.first < 0:
        start = random.randint(0, length - most)
    else:
        most = max(most, one.last - one.first + 2 * AFTER - 1)
        latest = max(0, min(one.first, length - most))
        earliest = max(0, min(one.last + AFTER - most, latest))
        start = random.randint(earliest, max(earliest, latest))
    return start, min(length, start + most)
