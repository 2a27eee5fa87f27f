"""The word embedding taken out of a graph: its rows become an input, chosen from outside (``embedding_table.py``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx

IDS = "input_ids"
IDS_AND_TABLE = {"Gather": (1, 0), "EmbedLayerNormalization": (0, 2), "QEmbedLayerNormalization": (0, 2)}
"""Which inputs of a node are the tokens' numbers and the table that they are looked up in."""


def lift_table(model: onnx.ModelProto, path: Path) -> str | None:
    """Write the table to ``path`` and make it an input of the graph; return its name.

    Returns None and changes nothing where the tokens' numbers are used for anything but looking rows up, such as for
    positions: there they must stay what they are.
    """
    graph = model.graph
    lookups = list(_lookups(graph, IDS))
    if len(lookups) != 1 or lookups[0] is None:
        return None
    name: str = lookups[0].input[IDS_AND_TABLE[lookups[0].op_type][1]]
    table = next((tensor for tensor in graph.initializer if tensor.name == name), None)
    if table is None or len(table.dims) != 2 or sum(name in node.input for node in graph.node) != 1:
        return None
    path.write_bytes(onnx.numpy_helper.to_array(table).tobytes())
    graph.initializer.remove(table)
    graph.input.append(onnx.helper.make_tensor_value_info(name, table.data_type, ["distinct", table.dims[1]]))
    return name


def _lookups(graph: onnx.GraphProto, name: str) -> Iterator[Any]:
    """Yield the nodes that look numbers up in a table, through casts, and None for each other use of the numbers."""
    for node in graph.node:
        for place, given in enumerate(node.input):
            if given != name or node.op_type == "Shape":
                continue
            if node.op_type == "Cast":
                yield from _lookups(graph, node.output[0])
            else:
                yield node if IDS_AND_TABLE.get(node.op_type, (None,))[0] == place else None
