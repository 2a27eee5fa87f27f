"""Which reader reads: the trained one where its encoder made the index, else the rules."""

from __future__ import annotations

import logging
from functools import cache

from retrieval.answer.reading import Reader, SentenceReader
from retrieval.answer.trained import late_reader
from retrieval.answer.trained.reader import TrainedReader
from retrieval.encoder.protocol import NAME, Encoder
from retrieval.index.protocol import Snapshot
from retrieval.types import ReaderKind

log = logging.getLogger("wenbao.reader")


def reader_of(snapshot: Snapshot, encoder: Encoder, wanted: ReaderKind = "trained") -> Reader:
    """Return the reader that is wanted; the rules for an encoder that the trained one was not made of.

    The weights are loaded now, so that the first question does not wait for them.
    """
    if kind_of(encoder.name, wanted) == "rules":
        if wanted != "rules":
            _say_once(encoder.name)
        return SentenceReader(snapshot)
    late_reader.load()
    return TrainedReader(snapshot)


def kind_of(encoder: str, wanted: ReaderKind) -> ReaderKind:
    """Return which reader reads where an encoder made the index."""
    return wanted if encoder == NAME else "rules"


@cache
def _say_once(encoder: str) -> None:
    log.info("answers are read by rules: the trained reader goes with the encoder %s, not with %s", NAME, encoder)
