"""Weights -> ``late_reader.onnx`` in int8, as the answering side reads it, with its digest."""

from __future__ import annotations

import argparse
import random
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch

from retrieval.answer.trained.late_reader import DIGEST, OUTPUTS, WEIGHTS
from retrieval.disk import sha256_of
from retrieval.encoder.compiling.quantise import Features, quantise_graph
from retrieval.encoder.compiling.worker import OPSET, optimise
from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.training.examples import Batch, batch_of, encoded, examples_of, read_rows
from retrieval.training.model import WIDTH, LateReader, load

INPUTS = ("tokens", "segments", "mask")
HEADS = 12
SAMPLE = 16
"""Examples that show the quantiser what activations are like."""


def main() -> None:
    """Write the graph beside the code that reads it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    random.seed(0)
    rows = random.sample(read_rows(options.examples), SAMPLE)
    examples = examples_of(rows, *encoded(rows, SentenceEncoder()))
    export(load(options.weights), [batch_of([one], cropped=True) for one in examples], options.out)


def export(reader: LateReader, sample: Sequence[Batch], out: Path) -> None:
    """Write the reader as one file, its activations evened out by what they are on the sample."""
    names: dict[str, dict[int, str]] = {name: {0: "batch", 1: "tokens"} for name in (*INPUTS, *OUTPUTS)}
    names["relevance"] = {0: "batch"}
    given = (sample[0].tokens, sample[0].segments, sample[0].mask)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of shapes, which are given as axes
        whole, graph, quantised = (Path(folder, name) for name in ("whole.onnx", "graph.onnx", "quantised.onnx"))
        torch.onnx.export(
            reader.eval(),
            given,
            str(whole),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes=names,
            opset_version=OPSET,
            dynamo=False,
        )
        optimise(whole, graph, HEADS, WIDTH, approximate=True)
        quantise_graph(graph, quantised, [_features(batch) for batch in sample])
        onnx.save_model(onnx.load(str(quantised)), str(out))
    out.with_suffix(DIGEST).write_text(sha256_of(out) + "\n", encoding="ascii")


def _features(batch: Batch) -> Features:
    return {name: np.asarray(getattr(batch, name)) for name in INPUTS}


if __name__ == "__main__":
    main()
