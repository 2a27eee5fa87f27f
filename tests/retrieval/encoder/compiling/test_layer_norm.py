"""Layer normalisation taken apart computes what the fused operator did, and is not fused again."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper
from small_graphs import WIDTH, model_of, run

from retrieval.encoder.compiling.layer_norm import FUSED, take_norms_apart
from retrieval.encoder.onnx_model import UNWANTED

CHANCE = np.random.default_rng(5)


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
