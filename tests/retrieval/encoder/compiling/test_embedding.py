"""The word embedding is taken out of a graph, and left inside where the graph needs it."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from retrieval.encoder.compiling.embedding import lift_table
from retrieval.encoder.embedding_table import EmbeddingTable

VALUES = np.arange(50 * 3, dtype=np.float32).reshape(50, 3) / 7


def graph_of(*nodes):
    """Make a graph from ``input_ids`` to ``found``, with a table of 50 rows."""
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])
    found = helper.make_tensor_value_info("found", TensorProto.FLOAT, ["batch", "tokens", 3])
    inside = helper.make_graph(nodes, "lookup", [ids], [found], [onnx.numpy_helper.from_array(VALUES, "words")])
    return helper.make_model(inside, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def run(model, given):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, given)[0]


LOOKUP = helper.make_node("Gather", ["words", "short_ids"], ["found"])
CAST = helper.make_node("Cast", ["input_ids"], ["short_ids"], to=TensorProto.INT32)


def test_a_graph_whose_table_was_taken_out_gives_the_same(tmp_path):
    model = graph_of(CAST, helper.make_node("Shape", ["input_ids"], ["size"]), LOOKUP)
    ids = np.array([[4, 0, 4], [49, 7, 7]])
    whole = run(model, {"input_ids": ids})
    assert lift_table(model, tmp_path / "table.bin") == "words"
    assert not model.graph.initializer
    rows, places = EmbeddingTable(tmp_path / "table.bin", 3, VALUES.dtype).rows(ids)
    assert np.array_equal(run(model, {"input_ids": places, "words": rows}), whole)


@pytest.mark.parametrize(
    "nodes",
    [
        [CAST, LOOKUP, helper.make_node("Neg", ["input_ids"], ["positions"])],
        [CAST, LOOKUP, helper.make_node("Gather", ["words", "short_ids"], ["again"])],
        [CAST, LOOKUP, helper.make_node("Transpose", ["words"], ["logits"])],
        [helper.make_node("Gather", ["input_ids", "input_ids"], ["found"])],
        [helper.make_node("Identity", ["words"], ["found"])],
    ],
    ids=["numbers used for positions", "looked up twice", "table used twice", "no table", "nothing looked up"],
)
def test_a_table_that_is_needed_inside_stays_there(nodes, tmp_path):
    model = graph_of(*nodes)
    before = model.SerializeToString()
    assert lift_table(model, tmp_path / "table.bin") is None
    assert model.SerializeToString() == before
    assert list(tmp_path.iterdir()) == []
