"""Candidates' features -> one score: a linear model whose weights are data (``fusion.toml``).

Fixed mixtures of legs are not robust: on news full of names BM25 alone can beat the dense leg by far, and on questions
in another language it is noise. Here every feature has one scale for all questions. There is no min-max over the
candidates, because that makes noise as large as a signal. BM25 is divided by the most that the question could score,
which Bruch, Gai & Ingber (2023) call theoretical min-max. The lexical legs are trusted as far as some candidate holds
the question's words at all. ``tests/benchmarks/fit.py`` fitted the weights.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Scores

FEATURES = (
    "maxsim",
    "neighbours",
    "words",
    "bigrams",
    "near_words",
    "pinyin",
    "dictionary",
    "near_dictionary",
    "no_number",
)
"""``fusion.toml`` says what each is."""
SHOWN_AS = {"maxsim": "late", "neighbours": "next_door"}
"""What explanations and saved runs call some features; the names stay, because programs read them."""
NO_TRUST, FULL_TRUST = 0.1, 0.4
"""Shares of the question's word weight in the best candidate: up to the first the lexical legs count nothing, from the
second they count fully. A question in Latin letters shares at most a figure or a name with Chinese reports."""


@dataclass(frozen=True, slots=True)
class Features:
    """Candidates' features: snapshot ``rows`` (n,), ``matrix`` (n, len(FEATURES)), and the ``coverage`` (n,) of each.

    Coverage is the share (0 to 1) of the question's word weight (idf) that the passage holds.
    """

    rows: npt.NDArray[np.int64]
    matrix: Scores
    coverage: Scores

    @classmethod
    def none(cls) -> Features:
        """No candidates."""
        return cls(np.zeros(0, np.int64), np.zeros((0, len(FEATURES)), np.float32), np.zeros(0, np.float32))

    def column(self, name: str) -> Scores:
        """Return one feature of all candidates."""
        return self.matrix[:, FEATURES.index(name)]

    def take(self, order: npt.NDArray[np.int64]) -> Features:
        """Return the candidates in another order."""
        return Features(self.rows[order], self.matrix[order], self.coverage[order])


@cache
def weights() -> dict[str, float]:
    """Return the fitted weight of each feature."""
    table = tomllib.loads(Path(__file__).with_name("fusion.toml").read_text(encoding="utf-8"))["weights"]
    return {name: float(table[name]) for name in FEATURES}


def fuse(features: Features, without: Sequence[str] = ()) -> Scores:
    """Return the weighted sum of the features, ``(n,)``; those named in ``without`` count nothing."""
    applied = [0.0 if name in without else weight for name, weight in weights().items()]
    return features.matrix @ np.array(applied, dtype=np.float32)


def lexical_trust(coverage: Scores) -> np.float32:
    """Return how far (0 to 1) to trust the lexical legs, from the candidates' coverages."""
    best = float(coverage.max(initial=0.0))
    return np.float32(min(1.0, max(0.0, (best - NO_TRUST) / (FULL_TRUST - NO_TRUST))))
