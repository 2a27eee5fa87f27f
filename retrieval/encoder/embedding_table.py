"""The word embedding of a compiled model, beside its graph: a text is given the rows of its own tokens.

The table is three quarters of the default model. For each row of 400 bytes the system maps at least the 64 kB around
it, so that after some questions nearly all of the table would be resident. The mapping is therefore let go after each
look, which costs next to nothing. Reading the rows from the file would take little memory too, but each read lets other
threads take Python's lock meanwhile.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

TABLE = "table.bin"

Rows = npt.NDArray[Any]
Ids = npt.NDArray[np.int64]


class EmbeddingTable:
    """A file of rows of ``width`` values of type ``dtype``; row i is what the model knows of token i."""

    def __init__(self, path: Path, width: int, dtype: np.dtype[Any]) -> None:
        with path.open("rb") as file:
            self._mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._values = np.frombuffer(self._mapping, dtype=dtype).reshape(-1, width)

    def rows(self, ids: Ids) -> tuple[Rows, Ids]:
        """Return the distinct tokens' rows, ``(v, width)``, and where among them the row of each of ``ids`` is.

        ``ids`` and the places have the same shape, whatever it is.
        """
        places: dict[int, int] = {}
        found = np.array([places.setdefault(token, len(places)) for token in ids.ravel().tolist()], dtype=np.int64)
        rows = self._values[list(places)]
        if hasattr(mmap, "MADV_DONTNEED"):
            self._mapping.madvise(mmap.MADV_DONTNEED)  # the file's pages stay where the system keeps them
        return rows, found.reshape(ids.shape)
