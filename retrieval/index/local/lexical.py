"""What passages are looked up by, one BM25 index each: words, pairs of Chinese characters, names' sounds, meanings.

Cutting Chinese into words takes long, so many texts are shared out among processes, and texts that an older index holds
are taken from there.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path

import numpy as np

from retrieval.cores import usable_cores
from retrieval.index.cutting import cut_texts
from retrieval.index.local.postings import Postings
from retrieval.index.term_counts import PostingsBuilder, TermCounts, count_terms
from retrieval.text.dictionary import keep_meanings
from retrieval.types import Progress, no_progress

LEGS = ("words", "bigrams", "pinyin", "dictionary")
BLOCK = 1000
SHARED_FROM = 4000
"""Texts from which on the time that several processes save is more than the time they take to start."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """How the work is shared out: ``block`` texts at a time, among processes where there are ``shared_from`` texts.

    ``cores`` is how many processes there are; None for as many as this process has cores.
    """

    block: int = BLOCK
    shared_from: int = SHARED_FROM
    cores: int | None = None


USUAL = Sharing()


@dataclass(frozen=True, slots=True)
class Lexical:
    """The four indexes; row i of each is passage i."""

    words: Postings
    bigrams: Postings
    pinyin: Postings
    dictionary: Postings

    @classmethod
    def build(cls, texts: Sequence[str], progress: Progress = no_progress, sharing: Sharing = USUAL) -> Lexical:
        """Index texts."""
        return _index(None, [None] * len(texts), texts, progress, sharing)

    def updated(
        self,
        kept: Sequence[int | None],
        texts: Sequence[str],
        progress: Progress = no_progress,
        sharing: Sharing = USUAL,
    ) -> Lexical:
        """Index passages of which most are here already: the same as ``build`` of them all, without cutting words anew.

        For each passage ``kept`` has its row in this index, or None for the next one of ``texts``.
        """
        return _index(self, kept, texts, progress, sharing)

    def __len__(self) -> int:
        """Count the passages."""
        return len(self.words)

    def save(self, folder: Path) -> None:
        """Write all four."""
        for leg in LEGS:
            getattr(self, leg).save(folder, leg)

    @classmethod
    def load(cls, folder: Path) -> Lexical:
        """Read what ``save`` wrote.

        A leg that did not exist then is empty: of such an index only the vectors are used, because its words were cut
        otherwise.
        """
        made = {leg: Postings.load(folder, leg) for leg in LEGS if Postings.is_saved(folder, leg)}
        passages = len(made["words"])
        return cls(**{leg: made[leg] if leg in made else Postings.empty(passages) for leg in LEGS})


def _index(
    old: Lexical | None, kept: Sequence[int | None], texts: Sequence[str], progress: Progress, sharing: Sharing
) -> Lexical:
    rows = np.array([-1 if row is None else row for row in kept], dtype=np.int64)
    (reused,), (fresh,) = np.nonzero(rows >= 0), np.nonzero(rows < 0)
    builders = {leg: PostingsBuilder(len(kept)) for leg in LEGS}
    for leg in LEGS if old is not None else ():
        builders[leg].add(getattr(old, leg).term_counts(rows[reused]), reused)
    done = 0
    for block in _counted(texts, sharing):
        places = fresh[done : done + sharing.block]
        for leg in LEGS:
            builders[leg].add(block[leg], places)
        done += len(places)
        progress("words", done, len(texts))
    return Lexical(*(Postings.of(builders.pop(leg)) for leg in LEGS))


def _counted(texts: Sequence[str], sharing: Sharing) -> Iterator[dict[str, TermCounts]]:
    """Cut and count texts, a block at a time, in order."""
    blocks = [texts[start : start + sharing.block] for start in range(0, len(texts), sharing.block)]
    cores = sharing.cores or usable_cores()
    if len(texts) < sharing.shared_from or cores == 1:
        yield from map(count_texts, blocks)
        return
    spawn = multiprocessing.get_context("spawn")  # a fork would copy threads in whatever state they are
    with ProcessPoolExecutor(cores, mp_context=spawn, initializer=_begin_worker) as pool:
        yield from pool.map(count_texts, blocks)


def count_texts(texts: Sequence[str]) -> dict[str, TermCounts]:
    """Cut texts into what each leg looks up, and count it, by leg."""
    return {leg: count_terms(cut) for leg, cut in cut_texts(texts).items()}


def _begin_worker() -> None:
    """Keep the dictionary, and let the worker not outlive a parent that was killed."""
    keep_meanings()
    parent = multiprocessing.parent_process()
    assert parent

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
