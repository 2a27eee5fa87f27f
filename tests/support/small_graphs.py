"""Graphs of a few nodes, and what they compute."""

from __future__ import annotations

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from retrieval.encoder.onnx_model import UNWANTED

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
