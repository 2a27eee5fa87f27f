"""A graph made faster or ready for 8 bits computes what it computed before."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from retrieval.encoder.compiling.layer_norm import FUSED, take_norms_apart
from retrieval.encoder.compiling.quantise import even_out, noisy_ranges, quantise_graph
from retrieval.encoder.onnx_model import UNWANTED

CHANCE = np.random.default_rng(5)
WIDTH = 8


def model_of(nodes, weights, given, wanted):
    """Make a model of ``nodes`` with inputs ``given``, outputs ``wanted``, all of them float."""
    shape = ["texts", "tokens", WIDTH]
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in given]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in wanted]
    tensors = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(helper.make_graph(nodes, "graph", inputs, outputs, tensors), opset_imports=opsets)
    model.ir_version = 9
    return model


def run(model, **given):
    """Return the outputs of a model, and the operators that ran after the session's own optimisations."""
    session = onnxruntime.InferenceSession(
        model if isinstance(model, str) else model.SerializeToString(),
        providers=["CPUExecutionProvider"],
        disabled_optimizers=UNWANTED,
    )
    return session.run(None, given)


@pytest.mark.parametrize("inputs", [("gamma",), ("gamma", "beta"), ("gamma", "beta", "bias"), ("gamma", "", "bias")])
@pytest.mark.parametrize("outputs", [("out",), ("out", "", "", "sum")])
def test_norms_taken_apart_give_what_the_fused_one_gives(inputs, outputs):
    weights = {name: CHANCE.normal(size=WIDTH) for name in inputs if name}
    node = helper.make_node(FUSED, ["x", "skip", *inputs], outputs, "norm", domain="com.microsoft", epsilon=1e-5)
    fused = model_of([node], weights, ("x", "skip"), [name for name in outputs if name])
    apart = onnx.ModelProto.FromString(fused.SerializeToString())
    take_norms_apart(apart)
    assert {node.op_type for node in apart.graph.node} == {"Add", "LayerNormalization"}
    given = {name: CHANCE.normal(size=(2, 5, WIDTH)).astype(np.float32) for name in ("x", "skip")}
    for one, other in zip(run(fused, **given), run(apart, **given), strict=True):
        assert np.allclose(one, other, atol=1e-5)


def test_a_session_does_not_put_norms_together_again(tmp_path):
    node = helper.make_node(FUSED, ["x", "skip", "gamma", "beta"], ["out"], "norm", domain="com.microsoft")
    weights = {name: CHANCE.normal(size=WIDTH) for name in ("gamma", "beta")}
    model = model_of([node], weights, ("x", "skip"), ["out"])
    take_norms_apart(model)
    for unwanted, operators in ((UNWANTED, {"Add", "LayerNormalization"}), ((), {FUSED})):
        options = onnxruntime.SessionOptions()
        options.optimized_model_filepath = str(tmp_path / "loaded.onnx")
        onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"], disabled_optimizers=unwanted
        )
        loaded = onnx.load(str(tmp_path / "loaded.onnx"))
        assert {node.op_type for node in loaded.graph.node} == operators


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


def test_in_8_bits_an_outlier_spoils_less_where_channels_are_evened_out(outlying, monkeypatch):
    source, samples = outlying
    exact, _ = run(str(source), **samples[0])
    errors = []
    for most_noise in (1, 0.002):  # nothing is evened out; what has outliers is
        monkeypatch.setattr("retrieval.encoder.compiling.quantise.MOST_NOISE", most_noise)
        quantise_graph(source, source.with_name("int8.onnx"), samples)
        found, _ = run(str(source.with_name("int8.onnx")), **samples[0])
        errors.append(float(np.square(found - exact)[:, :7].mean()))
    assert errors[1] < errors[0] / 2


def test_weights_that_two_products_share_are_left_as_they_are(outlying):
    source, samples = outlying
    model = onnx.load(str(source))
    model.graph.node[1].input[1] = "wild"
    onnx.save_model(model, str(source))
    assert noisy_ranges(source, samples) == {}
