"""Weights -> the file that answers are read with: it says what the torch module says, in eight bits."""

from __future__ import annotations

import numpy as np
import torch

from retrieval.answer.trained.late_reader import DIGEST, OUTPUTS, load
from retrieval.training.examples import batch_of, encoded, examples_of
from retrieval.training.export import INPUTS, export
from retrieval.training.model import LateReader, averaged, save
from retrieval.training.model import load as load_weights

ROWS = [
    {
        "question": "谁负责自习室？",
        "passage": "自习室由副馆长钱若水负责。",
        "start": 4,
        "end": 10,
        "source": "newsqa",
        "pid": "1-0",
    },
    {
        "question": "When does it open?",
        "passage": "图书馆早上七点半开放，周一照常。",
        "start": -1,
        "end": -1,
        "source": "newsqa",
    },
]


def test_the_exported_graph_says_what_the_module_says(tmp_path, real_encoder):
    torch.manual_seed(0)
    saved, out = tmp_path / "weights.pt", tmp_path / "reader.onnx"
    save(LateReader(real_encoder.folder), saved)
    reader = load_weights(saved).eval()
    batch = batch_of(examples_of(ROWS, *encoded(ROWS, real_encoder)))
    export(reader, [batch], out)
    with torch.no_grad():
        expected = [value.numpy() for value in reader(batch.tokens, batch.segments, batch.mask)]
    found = load(out).run(OUTPUTS, {name: getattr(batch, name).numpy() for name in INPUTS})
    real = batch.mask.numpy() == 1
    for name, ours, theirs in zip(OUTPUTS, found, expected, strict=True):
        assert ours.shape == theirs.shape
        if name == "evidence":
            ours, theirs = ours[real], theirs[real]
        assert np.abs(ours - theirs).max() < 0.25 * max(1.0, np.abs(theirs[theirs > -1e3]).max()), name
    assert out.with_suffix(DIGEST).exists()


def test_the_mean_of_two_readers_is_half_way_between_them(real_encoder):
    torch.manual_seed(1)
    one, other = LateReader(real_encoder.folder), LateReader(real_encoder.folder)
    mean = averaged(one, other)
    assert torch.allclose(mean.cls, (one.cls + other.cls) / 2)
    assert not torch.equal(one.cls, mean.cls)
