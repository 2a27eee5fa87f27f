"""Vectors of single tokens: what late interaction compares, and how a snapshot keeps them.

A token takes ``dimension`` int8 codes (twice the encoder's width, where it gives the tokens of two layers), one float16
scale, and the two ends of the text that it stands for; in that form ranking loses nothing measurable (DESIGN section
5). Tokens are kept in segments, one file each, which generations share by hard links, so that adding a report writes
the tokens of that report only.

    tokens.rows.npy      (n, 3) int64: segment, start, end of each passage's tokens
    tokens.000.npy ...   segments
"""

from __future__ import annotations

import contextlib
import mmap
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.encoder.tokens import Tokens, token_type

MOST_SEGMENTS = 16
"""With more, all but the fullest are written anew as one."""
LINK_FROM_BYTES = 64 * 2**20
"""Smaller segments are copied, so that damage to one generation's file leaves the others whole."""
LEAST_ALIVE = 0.5
"""A segment of whose tokens fewer are still used is written anew without the others."""
MOST_RESIDENT = 2**30
"""Bytes of mapped segments that stay in memory, about; the files' pages stay where the system keeps them."""
MAPPED_AROUND = 2 * 2**20
"""Bytes that the system maps at most around those that are looked at, so that a few questions can fill the memory."""
TABLE = "tokens.rows.npy"
SEGMENT = "tokens.{number:03d}.npy"


class _Residence:
    """Lets mappings go when so much of them was looked at that they would fill the memory; small ones never."""

    def __init__(
        self, segments: Sequence[Tokens] = (), most: int = MOST_RESIDENT, mapped_around: int = MAPPED_AROUND
    ) -> None:
        large = sum(segment.nbytes for segment in segments) > most and hasattr(mmap, "MADV_DONTNEED")
        bases: list[Any] = [held.base for held in segments if large]
        self._mappings = [base for base in bases if isinstance(base, mmap.mmap)]
        self._most, self._mapped_around = most, mapped_around
        self._resident = 0

    def looked_at(self, passages: int, size: int) -> None:
        """Count ``size`` bytes of so many passages; threads may miscount, which changes only when they are let go."""
        self._resident += size + passages * self._mapped_around
        if self._resident > self._most:
            self._resident = 0
            for mapping in self._mappings:
                mapping.madvise(mmap.MADV_DONTNEED)


@dataclass(frozen=True, slots=True)
class TokenStore:
    """Token records of n passages: those of row i are ``segments[table[i, 0]][table[i, 1]:table[i, 2]]``.

    Rows may share records, as reprinted passages do.
    """

    segments: tuple[Tokens, ...]
    files: tuple[Path | None, ...]
    """Where each segment can be linked from; None for one that is in memory only."""
    table: npt.NDArray[np.int64]
    _residence: _Residence = field(default_factory=_Residence, repr=False, compare=False)

    @classmethod
    def of(cls, texts: Sequence[Tokens], dimension: int) -> TokenStore:
        """Hold the tokens of each text in memory."""
        ends = np.cumsum([0, *(len(tokens) for tokens in texts)], dtype=np.int64)
        whole = np.concatenate([np.zeros(0, token_type(dimension)), *texts])
        return cls((whole,), (None,), np.stack([np.zeros(len(texts), np.int64), ends[:-1], ends[1:]], axis=1))

    @classmethod
    def load(
        cls, folder: Path, *, most_resident: int = MOST_RESIDENT, mapped_around: int = MAPPED_AROUND
    ) -> TokenStore:
        """Read what ``save`` wrote, segments memory-mapped.

        About ``most_resident`` bytes of them stay in memory; around any that are looked at the system maps
        ``mapped_around`` at most.
        """
        files = tuple(sorted(path for path in folder.glob("tokens.*.npy") if path.name != TABLE))
        mapped = [np.load(path, mmap_mode="r") for path in files]
        segments = tuple(np.asarray(held) for held in mapped)  # np.memmap is slow to slice
        return cls(segments, files, np.load(folder / TABLE), _Residence(mapped, most_resident, mapped_around))

    def __len__(self) -> int:
        """Count the passages."""
        return len(self.table)

    @property
    def dimension(self) -> int:
        """Length of a token's vector."""
        return int(self.segments[0].dtype["codes"].shape[0])

    def tokens(self, row: int) -> Tokens:
        """Return the token records of one passage."""
        segment, start, end = self.table[row]
        return np.asarray(self.segments[segment][start:end])

    def gathered(self, rows: npt.NDArray[np.int64]) -> tuple[Tokens, npt.NDArray[np.int64]]:
        """Return the records of these passages, one after another, and how many each has, ``(len(rows),)``."""
        kind, places = self.segments[0].dtype, self.table[rows]
        segments = [segment.view(np.uint8) for segment in self.segments]  # bytes are joined faster than records
        parts = [
            segments[number][start * kind.itemsize : end * kind.itemsize] for number, start, end in places.tolist()
        ]
        records = np.concatenate([segments[0][:0], *parts])
        self._residence.looked_at(len(parts), len(records))
        return records.view(kind), places[:, 2] - places[:, 1]

    def take(self, rows: npt.NDArray[np.int64]) -> TokenStore:
        """Return the store whose row i is this one's ``rows[i]``."""
        return TokenStore(self.segments, self.files, self.table[rows], self._residence)

    def followed_by(self, other: TokenStore) -> TokenStore:
        """Return the store of this one's rows and then the other's."""
        shifted = other.table + np.array([len(self.segments), 0, 0])
        return TokenStore(
            (*self.segments, *other.segments), (*self.files, *other.files), np.concatenate([self.table, shifted])
        )

    def save(self, folder: Path, link_from: int = LINK_FROM_BYTES) -> None:
        """Write the table, keep the segments that are mostly alive, and gather all other tokens in a new one.

        Segments that are kept and have at least ``link_from`` bytes are linked, smaller ones copied.
        """
        kept = self._kept()
        places = {old: number for number, old in enumerate(kept)}
        for old, number in places.items():
            _link(self.files[old], folder / SEGMENT.format(number=number), link_from)
        table = np.zeros_like(self.table)
        moved = ~np.isin(self.table[:, 0], kept)
        for old, number in places.items():
            table[self.table[:, 0] == old] = self.table[self.table[:, 0] == old] - np.array([old - number, 0, 0])
        if moved.any() or not kept:
            table[moved] = self._gather(folder / SEGMENT.format(number=len(kept)), self.table[moved], len(kept))
        np.save(folder / TABLE, table)

    def _kept(self) -> list[int]:
        """Return the segments that can stay as they are."""
        alive = np.zeros(len(self.segments))
        for segment, start, end in np.unique(self.table, axis=0).tolist():
            alive[segment] += end - start
        sound = [
            number
            for number, tokens in enumerate(self.segments)
            if self.files[number] is not None and len(tokens) and alive[number] >= LEAST_ALIVE * len(tokens)
        ]
        return sound if len(sound) < MOST_SEGMENTS else sorted(sorted(sound, key=lambda n: -alive[n])[:1])

    def _gather(self, path: Path, rows: npt.NDArray[np.int64], number: int) -> npt.NDArray[np.int64]:
        """Copy the tokens of these table rows, each once, to a new segment; return their places there."""
        distinct, inverse = np.unique(rows, axis=0, return_inverse=True)
        ends = np.cumsum([0, *(distinct[:, 2] - distinct[:, 1])], dtype=np.int64)
        shape = {"descr": np.lib.format.dtype_to_descr(self.segments[0].dtype), "fortran_order": False}
        with path.open("wb") as file:  # not memory-mapped: a full disk would end the process by a signal
            np.lib.format.write_array_header_1_0(file, {**shape, "shape": (int(ends[-1]),)})
            for segment, start, end in distinct.tolist():
                file.write(self.segments[segment][start:end].tobytes())
        places = np.stack([np.full(len(distinct), number), ends[:-1], ends[1:]], axis=1)
        return np.asarray(places[inverse.reshape(-1)], dtype=np.int64)


def _link(source: Path | None, target: Path, link_from: int) -> None:
    """Share a large file between generations; copy a small one, and any where the disk knows no hard links."""
    assert source is not None
    if source.stat().st_size >= link_from:
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copyfile(source, target)
