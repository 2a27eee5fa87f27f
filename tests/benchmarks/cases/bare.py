"""The bare pass of the model over one question: the yardstick for a whole answer.

It looks into the encoder, past its seam, so that it is the very session, weights and threads that answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from retrieval.encoder.onnx_model import OUTPUTS
from retrieval.encoder.sentence_encoder import SentenceEncoder

Bare = Callable[[str], Callable[[], object]]
"""Prepares a question; what it returns is the call to be timed."""


def bare_call(encoder: SentenceEncoder) -> tuple[Bare, str]:
    """Return what prepares a bare call, and the name of the runtime that it calls."""
    loaded: Any = encoder._loaded()
    if encoder.runtime == "torch":
        return _torch_call(loaded), "bare torch call"

    def prepare(question: str) -> Callable[[], object]:
        given = loaded.features(loaded.tokenise([question], "query"))
        return lambda: loaded.session.run(OUTPUTS, given)

    return prepare, "bare ONNX Runtime call"


def _torch_call(encoder: Any) -> Bare:  # noqa: ANN401 - a TorchEncoder, imported only where it runs
    import torch

    model, prompt = encoder.model, encoder.prompt("query")

    def prepare(question: str) -> Callable[[], object]:
        options = {"truncation": True, "max_length": model.max_seq_length, "return_tensors": "pt"}
        features = model.tokenizer([prompt + question], **options)

        def call() -> object:
            with torch.inference_mode():
                return model(dict(features))

        return call

    return prepare
