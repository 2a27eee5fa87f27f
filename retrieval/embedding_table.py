"""The word embedding of a compiled model, whose rows are read from their file when a text has the words.

The table is three quarters of the default model. Mapped into memory it would come to stay: for each row of 400 bytes
the system maps the 64 kB around it, and after some questions nearly all of the table (84 MiB) is resident.
"""

from __future__ import annotations

import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.errors import ModelDamaged

TABLE = "table.bin"

Rows = npt.NDArray[Any]
Ids = npt.NDArray[np.int64]


class EmbeddingTable:
    """A file of rows of ``width`` values of one type; row i is what the model knows of token i."""

    def __init__(self, path: Path, width: int, dtype: np.dtype[Any]) -> None:
        self._path = path
        self._width = width
        self._dtype = dtype
        self._file = path.open("rb", buffering=0)
        weakref.finalize(self, self._file.close)
        self._reading = threading.Lock()

    def rows(self, ids: Ids) -> tuple[Rows, Ids]:
        """Return the distinct tokens' rows, ``(v, width)``, and for each of ``ids``, of any shape, its row's place."""
        places: dict[int, int] = {}
        found = np.array([places.setdefault(token, len(places)) for token in ids.ravel().tolist()], dtype=np.int64)
        rows = np.empty((len(places), self._width), dtype=self._dtype)
        size = rows.itemsize * self._width
        with self._reading:
            for place, token in enumerate(places):
                self._file.seek(token * size)
                if self._file.readinto(rows[place].data) != size:
                    raise ModelDamaged(f"{self._path} is cut short: start again, it is then made anew")
        return rows, found.reshape(ids.shape)
