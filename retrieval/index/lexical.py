"""What passages are looked up by, one BM25 index each: words, pairs of Chinese characters, names' sounds, meanings.

Cutting Chinese into words takes a millisecond a passage, so many texts are shared out among processes; texts that an
older index holds are taken from there.
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
from retrieval.index.postings import Postings
from retrieval.index.term_counts import Counted, Gathered, counted
from retrieval.text.dictionary import keep_meanings, stems_of
from retrieval.text.pinyin import pinyin_of
from retrieval.text.words import bigrams_of, words_of
from retrieval.types import Progress, no_progress

LEGS = ("words", "bigrams", "pinyin", "dictionary")
BLOCK = 1000
"""Texts that are cut and counted at a time."""
SHARED_FROM = 4000
"""One process takes 6.8 s for so many texts, two take 6.3 s with their start; for twice as many 13.4 s and 10.7 s."""


@dataclass(frozen=True, slots=True)
class Lexical:
    """The four indexes; row i of each is passage i."""

    words: Postings
    bigrams: Postings
    pinyin: Postings
    dictionary: Postings

    @classmethod
    def build(cls, texts: Sequence[str], progress: Progress = no_progress) -> Lexical:
        """Index texts."""
        return _index(None, [None] * len(texts), texts, progress)

    def updated(self, kept: Sequence[int | None], texts: Sequence[str], progress: Progress = no_progress) -> Lexical:
        """Index passages of which most are here already: the same as ``build`` of them all, without cutting words anew.

        For each passage ``kept`` has its row in this index, or None for the next one of ``texts``.
        """
        return _index(self, kept, texts, progress)

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

        A leg that it had not yet is empty: from such an index only vectors are taken, as its words were cut otherwise.
        """
        made = {leg: Postings.load(folder, leg) for leg in LEGS if Postings.is_saved(folder, leg)}
        passages = len(made["words"])
        return cls(**{leg: made[leg] if leg in made else Postings.empty(passages) for leg in LEGS})


def _index(old: Lexical | None, kept: Sequence[int | None], texts: Sequence[str], progress: Progress) -> Lexical:
    rows = np.array([-1 if row is None else row for row in kept], dtype=np.int64)
    (reused,), (fresh,) = np.nonzero(rows >= 0), np.nonzero(rows < 0)
    gathered = {leg: Gathered(len(kept)) for leg in LEGS}
    for leg in LEGS if old is not None else ():
        gathered[leg].add(getattr(old, leg).counted(rows[reused]), reused)
    done = 0
    for block in _counted(texts):
        places = fresh[done : done + BLOCK]
        for leg in LEGS:
            gathered[leg].add(block[leg], places)
        done += len(places)
        progress("words", done, len(texts))
    return Lexical(*(Postings.of(gathered.pop(leg)) for leg in LEGS))


def _counted(texts: Sequence[str]) -> Iterator[dict[str, Counted]]:
    """Cut and count texts, BLOCK at a time, in order."""
    blocks = [texts[start : start + BLOCK] for start in range(0, len(texts), BLOCK)]
    cores = usable_cores()
    if len(texts) < SHARED_FROM or cores == 1:
        yield from map(count_texts, blocks)
        return
    spawn = multiprocessing.get_context("spawn")  # a fork would copy threads in whatever state they are
    with ProcessPoolExecutor(cores, mp_context=spawn, initializer=_begin_worker) as pool:
        yield from pool.map(count_texts, blocks)


def count_texts(texts: Sequence[str]) -> dict[str, Counted]:
    """Cut texts into what each leg looks up, and count it."""
    words = [words_of(text) for text in texts]
    return {
        "words": counted(words),
        "bigrams": counted([bigrams_of(text) for text in texts]),
        "pinyin": counted([pinyin_of(cut) for cut in words]),
        "dictionary": counted(stems_of(words)),
    }


def _begin_worker() -> None:
    """Keep the dictionary, and let the worker not outlive a parent that was killed."""
    keep_meanings()
    parent = multiprocessing.parent_process()
    assert parent

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
