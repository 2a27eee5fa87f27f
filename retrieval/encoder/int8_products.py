"""Inner products of question tokens with stored token records, computed in bytes.

A record's codes are int8 as they are. ONNX Runtime's kernel for unsigned times signed bytes multiplies them much faster
than floats made of them could be multiplied.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime

from retrieval.arrays import Scores
from retrieval.encoder.tokens import Tokens

SIGN = np.uint8(128)
"""Flipped in a signed byte it gives the unsigned byte that is 128 more."""
MOST = 63
"""Question codes have 7 bits, because processors without VNNI add two products in 16 bits, and 2 · 255 · 63 is the most
that fits. What is rounded off that way does not change the ranking."""


def products(query: Scores, tokens: Tokens) -> Scores:
    """Return the inner products of ``(t,)`` token records and ``(q, d)`` question vectors, ``(t, q)`` float32.

    Where the records' vectors are longer than ``d``, only their first ``d`` codes count.
    """
    if not query.size or not len(tokens):
        return np.zeros((len(tokens), len(query)), dtype=np.float32)
    steps = np.asarray(np.maximum(np.abs(query).max(axis=1, keepdims=True), 1e-12) / MOST, dtype=np.float32)
    codes = np.ascontiguousarray(np.rint(query / steps).T, dtype=np.int8)
    unsigned = tokens.view(np.uint8).reshape(len(tokens), -1)[:, : query.shape[1]] ^ SIGN  # codes come first
    (found,) = _kernel().run(None, {"unsigned": unsigned, "signed": codes, "steps": steps[:, 0]})
    found *= tokens["scale"].astype(np.float32)[:, None]
    return np.asarray(found)


@cache
def _kernel() -> onnxruntime.InferenceSession:
    """Load the product, a graph of one node that takes SIGN off again and multiplies each column with its step.

    It runs on one thread, because two questions are answered at a time.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    graph = Path(__file__).with_name("int8_products.onnx")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
