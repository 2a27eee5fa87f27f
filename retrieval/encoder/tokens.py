"""Token vectors as records of bytes, and back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Vectors

Tokens = npt.NDArray[np.void]
"""``(t,)`` records of ``token_type``."""


def token_type(dimension: int) -> np.dtype[np.void]:
    """Return the record of one token: codes, scale, and where it stands in its text (code points, at most 65,535)."""
    return np.dtype([("codes", np.int8, (dimension,)), ("scale", np.float16), ("span", np.uint16, (2,))])


def quantise_tokens(vectors: Vectors, spans: npt.NDArray[np.integer]) -> Tokens:
    """Return the ``(t,)`` records of ``(t, d)`` vectors, scaled to length 1, at ``(t, 2)`` spans of their text.

    Codes are rounded to steps of 1/127 of each vector's largest value.
    """
    steps = np.maximum(np.abs(vectors).max(axis=1, initial=0.0), 1e-12) / 127
    records = np.zeros(len(vectors), dtype=token_type(vectors.shape[1]))
    records["codes"] = np.round(vectors / steps[:, None])
    records["scale"] = 1 / np.maximum(np.linalg.norm(records["codes"].astype(np.float32), axis=1), 1)
    records["span"] = np.clip(spans, 0, np.iinfo(np.uint16).max)
    return records


def dequantise_tokens(tokens: Tokens) -> Vectors:
    """Return the ``(t, d)`` float32 vectors of token records, unit vectors."""
    return tokens["codes"].astype(np.float32) * tokens["scale"].astype(np.float32)[:, None]
