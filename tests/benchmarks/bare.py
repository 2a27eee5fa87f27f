"""The bare pass of the model over one question: the yardstick for a whole answer.

It looks into the encoder, past its seam, so that it is the very session, weights and threads that answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from retrieval.encoder import SentenceEncoder

Bare = Callable[[str], Callable[[], object]]
"""Prepares a question; what it returns is the call to be timed."""

OUTPUTS = ["sentence_embedding", "token_embeddings"]


def bare_call(encoder: SentenceEncoder) -> tuple[Bare, str]:
    """Return what prepares a bare call, and the name of the runtime that it calls."""
    loaded: Any = encoder._loaded()
    if encoder.runtime == "torch":
        return _torch_call(loaded), "bare torch call"
    session, inputs = loaded._session, loaded._compiled.inputs

    def prepare(question: str) -> Callable[[], object]:
        ids = loaded.tokenise([question], "query")[0].ids[None]
        features = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        given = {name: features[name] for name in inputs}
        return lambda: session.run(OUTPUTS, given)

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
