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
from retrieval.encoder.protocol import Encoder, unit
from retrieval.encoder.tokens import Tokens, dequantise_tokens
from retrieval.question.cleaning import is_foreign

FOREIGN_SHARE = 0.2
"""Share (0 to 1) of the inner layer in questions without Chinese characters, because the last layer is less alike
across languages."""


@dataclass(frozen=True, slots=True)
class EncodedQuestion:
    """A question's ``(d,)`` unit vector, its token vectors, and where each token stands in it, ``(q, 2)``.

    The token vectors are ``(q, d)``, or ``(q, 2 d)`` where the inner layer counts too. ``inner`` are those of the inner
    layer, ``(q, d)`` unit vectors; None where the encoder gives one layer. ``ready_at`` is when the question was
    encoded, by ``time.perf_counter``.
    """

    vector: Vectors
    tokens: Vectors
    inner: Vectors | None
    spans: npt.NDArray[np.integer]
    ready_at: float


def start_encoding(question: str, encoder: Encoder) -> Future[EncodedQuestion]:
    """Encode a question in a thread of its own, because the model runs outside Python on a core that is otherwise idle.

    Returns once the model runs. This thread would otherwise hold Python's lock, which the other needs to begin.
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
    records, width = encoded.tokens[0], encoded.vectors.shape[1]
    share = FOREIGN_SHARE if is_foreign(question) else 0.0
    tokens = with_share(dequantise_tokens(records), width, share)
    return EncodedQuestion(
        encoded.vectors[0], tokens, inner_layer(records, width), records["span"], time.perf_counter()
    )


def inner_layer(tokens: Tokens, width: int) -> Vectors | None:
    """Return the ``(t, width)`` unit vectors of the inner layer; None of tokens that have the last layer only."""
    codes = tokens["codes"][:, width:]
    return unit(codes) if codes.shape[1] == width else None


def with_share(tokens: Vectors, width: int, share: float) -> Vectors:
    """Scale ``(q, 2 width)`` token vectors so that the inner layer has ``share`` (0 to 1) of their products.

    The last layer has the rest. Both halves of a token have the same length and the whole has length 1, so a product of
    wholes is the mean of the halves' products. With no share the inner layer is left out: ``(q, width)`` is half as
    much to multiply. Vectors without an inner layer come back as they are.
    """
    if tokens.shape[1] != 2 * width:
        return tokens
    if not share:
        return np.asarray(tokens[:, :width] * 2, dtype=np.float32)
    return np.asarray(tokens * np.repeat([2 - 2 * share, 2 * share], width), dtype=np.float32)


@cache
def _thread() -> ThreadPoolExecutor:
    """Return the one thread that encodes questions.

    One question is encoded at a time. Two would occupy both of two cores, and Python, which does all the rest, would
    wait.
    """
    return ThreadPoolExecutor(1, thread_name_prefix="wenbao-question")
