"""Layer normalisation as ONNX Runtime computes it fast: an addition and a plain LayerNormalization.

Its optimiser fuses the two into SkipLayerNormalization, which is several times slower than they are. The fusion of
attention looks for that operator, so it is taken apart afterwards; the session must not fuse it again
(``onnx_model.UNWANTED``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import onnx
from onnx.helper import make_node

FUSED = "SkipLayerNormalization"


def take_norms_apart(model: onnx.ModelProto) -> None:
    """Replace every SkipLayerNormalization by additions and a LayerNormalization."""
    nodes = [new for node in model.graph.node for new in (_apart(node) if node.op_type == FUSED else [node])]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _apart(node: Any) -> Iterator[Any]:  # noqa: ANN401 - a NodeProto
    """Yield what SkipLayerNormalization(input, skip, gamma, beta, bias) consists of; beta and bias may be absent."""
    value, skip, gamma, *rest = node.input
    beta, bias = (*rest, "", "")[:2]
    if bias:
        yield make_node("Add", [value, bias], [f"{node.name}/biased"], name=f"{node.name}/bias")
        value = f"{node.name}/biased"
    total = node.output[3] if len(node.output) > 3 and node.output[3] else f"{node.name}/sum"
    yield make_node("Add", [value, skip], [total], name=f"{node.name}/skip")
    given = [gamma, beta] if beta else [gamma]
    epsilon = next((attribute.f for attribute in node.attribute if attribute.name == "epsilon"), 1e-12)
    name = f"{node.name}/norm"
    yield make_node("LayerNormalization", [total, *given], [node.output[0]], name=name, axis=-1, epsilon=epsilon)
