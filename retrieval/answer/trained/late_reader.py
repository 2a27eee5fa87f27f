"""Question tokens + windows of passage tokens -> relevance, evidence, and where an answer begins and ends.

    [cls] question | window     tokens of the encoder's inner layer, at most 48 of the question
      -> its upper layers, fine-tuned, and a head for each of the scores

The weights are int8 (``late_reader.onnx``, made by ``retrieval/training``) and run by ONNX Runtime, without torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime

from retrieval.arrays import Scores, Vectors
from retrieval.cores import usable_cores
from retrieval.disk import sha256_of
from retrieval.errors import ModelDamaged

MOST_QUESTION = 48
"""Tokens of the question that are read."""
WEIGHTS = Path(__file__).with_name("late_reader.onnx")
DIGEST = ".sha256"
"""Suffix of the file beside the weights that has their SHA-256."""
OUTPUTS = ("begin", "end", "relevance", "evidence")


@dataclass(frozen=True, slots=True)
class Scored:
    """What the model says of one window of t tokens: logits, ``(t,)`` for tokens.

    ``nowhere`` is the sum of the logits for an answer that begins and ends nowhere.
    """

    begin: Scores
    end: Scores
    nowhere: float
    relevance: float
    evidence: Scores


def score(question: Vectors, windows: Sequence[Vectors], before: Vectors | None = None) -> list[Scored]:
    """Read windows in one batch: ``(q, d)`` and n times ``(t, d)`` unit vectors of the inner layer.

    Each window is read as if ``before``, ``(b, d)``, stood before it, where nothing answers.
    """
    question = question[:MOST_QUESTION]
    if before is not None:
        count = len(before)
        return [_behind(one, count) for one in score(question, [np.concatenate([before, each]) for each in windows])]
    lengths = np.array([len(window) for window in windows], dtype=np.int64)
    if not len(lengths):
        return []
    asked, width = len(question), question.shape[1]
    places = np.arange(asked + lengths.max())
    mask = (places < asked + lengths[:, None]).astype(np.int64)
    tokens = np.zeros((*mask.shape, width), dtype=np.float32)
    tokens[:, :asked] = question
    for row, window in enumerate(windows):
        tokens[row, asked : asked + len(window)] = window
    segments = (mask & (places >= asked)).astype(np.int64)
    found = load().run(OUTPUTS, {"tokens": tokens, "segments": segments, "mask": mask})
    return [
        Scored(
            begin=begin[1 + asked : 1 + asked + length],
            end=end[1 + asked : 1 + asked + length],
            nowhere=float(begin[0] + end[0]),
            relevance=float(relevance),
            evidence=evidence[asked : asked + length],
        )
        for begin, end, relevance, evidence, length in zip(*found, lengths.tolist(), strict=True)
    ]


def _behind(scored: Scored, count: int) -> Scored:
    """Return the scores without those of the first ``count`` tokens."""
    return replace(scored, begin=scored.begin[count:], end=scored.end[count:], evidence=scored.evidence[count:])


@cache
def load(weights: Path = WEIGHTS) -> onnxruntime.InferenceSession:
    """Load the weights now, so that the first question does not wait for them.

    Raises ModelDamaged if they are not those of the digest beside them.
    """
    if sha256_of(weights) != weights.with_suffix(DIGEST).read_text(encoding="ascii").strip():
        raise ModelDamaged(f"{weights} is not the file that Wenbao came with: install it again")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(2, usable_cores())
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
