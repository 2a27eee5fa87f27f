"""Weights and activations of a graph in int8, with outliers among the activations moved into the weights first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

MOST_NOISE = 0.002
"""What share of an input's power rounding it to 8 bits may add as noise before its channels are evened out.

A few channels of a transformer can be hundreds of times as large as the rest (Dettmers et al. 2022, LLM.int8()), and
what the others say is then lost in one scale for all. With a smaller share, more products would be evened out and none
be nearer to the float graph.
"""
SHIFT = 0.7
"""How much of a channel's range goes into the weights: SmoothQuant's alpha (Xiao et al. 2023, eq. 4)."""
LEAST_RANGE = 1e-3
"""What the magnitude of a channel or of its weights is taken for at least, so that nothing is divided by 0."""

Features = Mapping[str, npt.NDArray[Any]]
Floats = npt.NDArray[np.float32]


def quantise_graph(source: Path, target: Path, samples: Sequence[Features], most_noise: float = MOST_NOISE) -> None:
    """Write ``source`` with int8 weights (embeddings too) to ``target``; ``samples`` show what activations are like.

    Inputs to which rounding adds more noise than ``most_noise`` are evened out first.
    """
    model, evened = onnx.load(str(source)), source.with_name("evened.onnx")
    even_out(model, noisy_ranges(source, samples, most_noise))
    onnx.save_model(model, str(evened), save_as_external_data=True, location="evened.data")
    quantize_dynamic(
        evened,
        target,
        per_channel=True,  # one scale for a whole matrix is far too coarse
        reduce_range=True,  # processors without VNNI would overflow; where there is VNNI it costs nothing
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def noisy_ranges(source: Path, samples: Sequence[Features], most_noise: float = MOST_NOISE) -> dict[str, Floats]:
    """Return the inputs of matrix products that one scale cannot carry, and each channel's largest magnitude, (d,)."""
    model = onnx.load(str(source))
    inputs = sorted({node.input[0] for node, _ in _products(model.graph)})
    if not inputs:
        return {}
    for name in inputs:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    probe = source.with_name("probe.onnx")
    onnx.save_model(model, str(probe), save_as_external_data=True)
    session = onnxruntime.InferenceSession(probe, providers=["CPUExecutionProvider"])
    seen = [dict(zip(inputs, session.run(inputs, sample), strict=True)) for sample in samples]
    noisy = [name for name in inputs if np.mean([_noise(values[name]) for values in seen]) > most_noise]
    return {name: np.max([_ranges(values[name]) for values in seen], axis=0) for name in noisy}


def even_out(model: onnx.ModelProto, ranges: Mapping[str, Floats]) -> None:
    """Divide the channels of these inputs by what their weights are multiplied with: the products stay the same."""
    graph = model.graph
    products = [(node, weights) for node, weights in _products(graph) if node.input[0] in ranges]
    for node, weights in products:
        values = numpy_helper.to_array(weights)
        steps = _steps(ranges[node.input[0]], np.abs(values).max(axis=1))
        name = f"{node.name}/evened"
        weights.CopyFrom(numpy_helper.from_array(values * steps[:, None], weights.name))
        graph.initializer.append(numpy_helper.from_array(1 / steps, f"{name}/by"))
        even = onnx.helper.make_node("Mul", [node.input[0], f"{name}/by"], [name], name=name)
        graph.node.insert(list(graph.node).index(node), even)
        node.input[0] = name


def _products(graph: onnx.GraphProto) -> Iterator[tuple[Any, Any]]:
    """Yield each product with a matrix of weights that no other node uses, and the matrix."""
    used = [name for node in graph.node for name in node.input]
    weights = {tensor.name: tensor for tensor in graph.initializer if len(tensor.dims) == 2}
    for node in graph.node:
        if node.op_type in ("MatMul", "Attention") and node.input[1] in weights and used.count(node.input[1]) == 1:
            yield node, weights[node.input[1]]


def _steps(ranges: Floats, weights: Floats) -> Floats:
    """Return what each channel is divided by, from the ranges of its activations and weights; 1 for most of them."""
    steps = np.maximum(ranges, LEAST_RANGE) ** SHIFT / np.maximum(weights, LEAST_RANGE) ** (1 - SHIFT)
    return np.asarray(np.maximum(steps / np.median(steps), 1), dtype=np.float32)


def _ranges(values: npt.NDArray[Any]) -> Floats:
    return np.asarray(np.abs(values).reshape(-1, values.shape[-1]).max(axis=0), dtype=np.float32)


def _noise(values: npt.NDArray[Any]) -> float:
    """Return the power of 8-bit rounding errors, uniform in a step of the range, as a share of the values' power."""
    step = (max(float(values.max()), 0) - min(float(values.min()), 0)) / 255
    return float(step**2 / 12 / max(float(np.square(values).mean()), 1e-12))
