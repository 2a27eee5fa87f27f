"""The arrays that travel between stages, by what they hold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
"""Numbers of passages in a snapshot."""
Mask = npt.NDArray[np.bool_]
"""Which passages of a snapshot are meant, ``(n,)``."""
Vectors = npt.NDArray[np.float32]
"""Embeddings of texts or tokens, unit vectors unless said otherwise."""
Scores = npt.NDArray[np.float32]
"""What passages, tokens or sentences are worth."""
