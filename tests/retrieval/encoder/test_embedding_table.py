"""The word embedding beside its graph: rows are read where they stand, and it is left inside where it is needed."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from retrieval.encoder.compiling.embedding import lift_table
from retrieval.encoder.embedding_table import EmbeddingTable

VALUES = np.arange(50 * 3, dtype=np.float32).reshape(50, 3) / 7


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "table.bin"
    path.write_bytes(VALUES.tobytes())
    return EmbeddingTable(path, 3, VALUES.dtype)


@given(ids=st.lists(st.lists(st.integers(0, 49), min_size=2, max_size=2), max_size=8))
def test_every_token_has_its_row_and_each_row_is_given_once(table, ids):
    numbers = np.array(ids, dtype=np.int64).reshape(-1, 2)
    rows, places = table.rows(numbers)
    assert np.array_equal(rows[places], VALUES[numbers])
    assert len(rows) == len(set(numbers.ravel().tolist()))


def test_threads_find_their_rows_while_others_let_the_mapping_go(table):
    wanted = [np.random.default_rng(seed).integers(0, 50, (4, 9)) for seed in range(200)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(table.rows, wanted))
    assert all(np.array_equal(rows[places], VALUES[ids]) for ids, (rows, places) in zip(wanted, found, strict=True))


def test_what_was_looked_at_does_not_stay_in_memory(tmp_path):
    path, values = tmp_path / "large.bin", np.zeros((2**18, 256), np.uint8)
    path.write_bytes(values.tobytes())
    table = EmbeddingTable(path, 256, values.dtype)
    for ids in np.random.default_rng(3).integers(0, len(values), (400, 20)):
        table.rows(ids)
    entry = Path("/proc/self/smaps").read_text().split(str(path))[1]
    resident = int(re.search(r"Rss: +(\d+) kB", entry)[1])
    assert resident == 0


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
