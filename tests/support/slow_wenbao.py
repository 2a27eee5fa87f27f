"""``wenbao`` with the stub encoder, whose answers take a while: the first argument says how many seconds each."""

from __future__ import annotations

import sys
import time

from stub_answerer import StubAnswerer
from stub_opener import StubOpener

from bot.cli import main
from bot.settings import Settings
from retrieval.encoder.protocol import Encoder
from retrieval.index.local.snapshot import LocalSnapshot
from retrieval.types import Answer, Question


class SlowAnswerer(StubAnswerer):
    """Takes its time."""

    def __init__(self, snapshot: LocalSnapshot, encoder: Encoder, seconds: float) -> None:
        super().__init__(snapshot, encoder)
        self._seconds = seconds

    def ask(self, question: Question) -> Answer:
        time.sleep(self._seconds)
        return super().ask(question)


class SlowOpener(StubOpener):
    """Hands out a SlowAnswerer."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def answerer(self, snapshot: LocalSnapshot, encoder: Encoder, settings: Settings) -> SlowAnswerer:
        return SlowAnswerer(snapshot, encoder, self._seconds)


if __name__ == "__main__":
    main(SlowOpener(float(sys.argv.pop(1))))
