"""Opens indexes for tests: the stub encoder in place of the model, and answers that a test can choose."""

from __future__ import annotations

from collections.abc import Callable

from stub_answerer import StubAnswerer
from stub_encoder import StubEncoder

from bot.service.opening import Opener
from bot.settings import Settings
from retrieval.answer.answerer import Answerer
from retrieval.encoder.protocol import Encoder
from retrieval.index.local.snapshot import LocalSnapshot
from retrieval.types import Progress, no_progress


class StubOpener(Opener):
    """Hands out ``encoder``, by default a new StubEncoder; ``open_``, if given, replaces the whole opening.

    An index that another encoder made is opened with ``outdated``.
    """

    def __init__(
        self,
        open_: Callable[[Settings], Answerer] | None = None,
        *,
        encoder: Encoder | None = None,
        outdated: Encoder | None = None,
    ) -> None:
        self._open = open_
        self._encoder = encoder or StubEncoder()
        self._outdated = outdated or self._encoder

    def encoder(self, settings: Settings, progress: Progress = no_progress, model: str | None = None) -> Encoder:
        return self._outdated if model else self._encoder

    def answerer(self, snapshot: LocalSnapshot, encoder: Encoder, settings: Settings) -> Answerer:
        return StubAnswerer(snapshot, encoder)

    def open(self, settings: Settings, encoder: Encoder, progress: Progress = no_progress) -> Answerer:
        return self._open(settings) if self._open else super().open(settings, encoder, progress)
