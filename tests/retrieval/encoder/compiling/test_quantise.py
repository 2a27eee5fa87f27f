"""A graph made ready for 8 bits computes what it computed before, outliers evened out."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper
from small_graphs import WIDTH, model_of, run

from retrieval.encoder.compiling.quantise import even_out, noisy_ranges, quantise_graph

CHANCE = np.random.default_rng(5)


def two_products():
    """Make a model of two products, and samples in which one channel of the first one's input is an outlier."""
    weights = {"calm": CHANCE.normal(size=(WIDTH, 6)), "wild": CHANCE.normal(size=(WIDTH, 6))}
    nodes = [
        helper.make_node("MatMul", ["a", "wild"], ["first"], "first"),
        helper.make_node("MatMul", ["b", "calm"], ["second"], "second"),
    ]
    model = model_of(nodes, weights, ("a", "b"), ("first", "second"))
    samples = [
        {name: CHANCE.uniform(-1, 1, size=(1, 2000, WIDTH)).astype(np.float32) for name in ("a", "b")} for _ in range(3)
    ]
    for sample in samples:
        sample["a"][0, 7, 3] = 60
    return model, samples


@pytest.fixture
def outlying(tmp_path):
    """The file of that model, and its samples."""
    model, samples = two_products()
    onnx.save_model(model, str(tmp_path / "graph.onnx"))
    return tmp_path / "graph.onnx", samples


def test_only_inputs_with_outliers_are_noisy_and_their_ranges_are_those_of_all_samples(outlying):
    source, samples = outlying
    ranges = noisy_ranges(source, samples)
    largest = np.abs(np.concatenate([sample["a"][0] for sample in samples])).max(axis=0)
    assert list(ranges) == ["a"]
    assert np.allclose(ranges["a"], largest)


def test_evened_products_are_the_same_products(outlying):
    source, samples = outlying
    model = onnx.load(str(source))
    even_out(model, noisy_ranges(source, samples))
    assert [node.op_type for node in model.graph.node] == ["Mul", "MatMul", "MatMul"]
    for one, other in zip(run(str(source), **samples[0]), run(model, **samples[0]), strict=True):
        assert np.allclose(one, other, rtol=1e-4, atol=1e-4)


def test_in_8_bits_an_outlier_spoils_less_where_channels_are_evened_out(outlying):
    source, samples = outlying
    exact, _ = run(str(source), **samples[0])
    errors = []
    for most_noise in (1, 0.002):  # nothing is evened out; what has outliers is
        quantise_graph(source, source.with_name("int8.onnx"), samples, most_noise)
        found, _ = run(str(source.with_name("int8.onnx")), **samples[0])
        errors.append(float(np.square(found - exact)[:, :7].mean()))
    assert errors[1] < errors[0] / 2


def test_weights_that_two_products_share_are_left_as_they_are(outlying):
    source, samples = outlying
    model = onnx.load(str(source))
    model.graph.node[1].input[1] = "wild"
    onnx.save_model(model, str(source))
    assert noisy_ranges(source, samples) == {}
