"""``wenbao`` with the stub encoder in place of the model; everything else is the real command. Starts in a second."""

from __future__ import annotations

from stub_answerer import StubAnswerer
from stub_encoder import StubEncoder

import bot.service.opening
from bot.cli import main
from bot.settings import Settings
from retrieval.types import Progress, no_progress


def _stub_encoder(settings: Settings, model: str, progress: Progress = no_progress) -> StubEncoder:
    return StubEncoder()


if __name__ == "__main__":
    bot.service.opening.encoder_named = _stub_encoder
    bot.service.opening.Answerer = StubAnswerer
    main()
