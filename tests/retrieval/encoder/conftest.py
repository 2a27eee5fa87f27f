"""A small model, and a cache in which it is compiled."""

from __future__ import annotations

import pytest
from tiny_model import write_tiny_model

from retrieval.encoder.sentence_encoder import SentenceEncoder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A small model's folder."""
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def tiny_cache(tiny, tmp_path_factory):
    """A cache in which the small model is compiled for both runtimes."""
    cache = tmp_path_factory.mktemp("tiny-cache")
    for runtime in ("int8", "fp32"):
        SentenceEncoder(str(tiny), cache, runtime=runtime).load()
    return cache
