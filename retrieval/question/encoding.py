"""A question's vectors, made in a thread of their own while it is cut into words."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from threading import Event

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Vectors
from retrieval.encoder.protocol import Encoder
from retrieval.encoder.tokens import dequantise_tokens
from retrieval.question.cleaning import is_foreign

FOREIGN_SHARE = 0.2
"""What the inner layer counts in questions without Chinese characters: the last one is less alike across languages."""


@dataclass(frozen=True, slots=True)
class EncodedQuestion:
    """A question's ``(d,)`` unit vector, its ``(q, d)`` token vectors, and where each token stands in it, ``(q, 2)``.

    ``ready_at`` is when it was encoded, by ``time.perf_counter``.
    """

    vector: Vectors
    tokens: Vectors
    spans: npt.NDArray[np.integer]
    ready_at: float


def start_encoding(question: str, encoder: Encoder) -> Future[EncodedQuestion]:
    """Encode a question in a thread of its own: the model runs outside Python, on a core that is idle otherwise.

    Returns when the model runs, because this thread would else keep Python's lock from the other, which needs it to
    begin.
    """
    runs = Event()
    encoding = _thread().submit(_encoded, question, encoder, runs)
    runs.wait()
    return encoding


def _encoded(question: str, encoder: Encoder, runs: Event) -> EncodedQuestion:
    try:
        encoded = encoder.encode_queries([question], lambda *_: runs.set())
    finally:
        runs.set()
    records = encoded.tokens[0]
    share = FOREIGN_SHARE if is_foreign(question) else 0.0
    tokens = with_share(dequantise_tokens(records), encoded.vectors.shape[1], share)
    return EncodedQuestion(encoded.vectors[0], tokens, records["span"], time.perf_counter())


def with_share(tokens: Vectors, width: int, share: float) -> Vectors:
    """Give the inner layer its share in the products with ``(q, 2 width)`` token vectors, and the last one the rest.

    Both halves of a token are equally long, the whole has length 1: a product of wholes is the mean of the halves'.
    Where the inner layer has no share it is left out, ``(q, width)``: half as much to multiply.
    """
    if tokens.shape[1] != 2 * width:
        return tokens
    if not share:
        return np.asarray(tokens[:, :width] * 2, dtype=np.float32)
    return np.asarray(tokens * np.repeat([2 - 2 * share, 2 * share], width), dtype=np.float32)


@cache
def _thread() -> ThreadPoolExecutor:
    """Return the one thread that encodes questions.

    One is encoded at a time: two would keep both of two cores, and Python, which hands out the rest, would wait.
    """
    return ThreadPoolExecutor(1, thread_name_prefix="wenbao-question")
