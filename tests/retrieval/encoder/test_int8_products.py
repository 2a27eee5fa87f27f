"""Products of bytes against the same products in floats, one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

import retrieval
from retrieval.encoder.int8_products import MOST, products
from retrieval.encoder.tokens import dequantise_tokens, quantise_tokens, token_type

GRAPH = Path(retrieval.__file__).parent / "encoder" / "int8_products.onnx"


def graph():
    """Describe ``(unsigned (t, w) - 128) @ signed (w, q) * steps (q,)``, summed in 32 bits."""
    unsigned = helper.make_tensor_value_info("unsigned", TensorProto.UINT8, ["t", "w"])
    signed = helper.make_tensor_value_info("signed", TensorProto.INT8, ["w", "q"])
    steps = helper.make_tensor_value_info("steps", TensorProto.FLOAT, ["q"])
    found = helper.make_tensor_value_info("products", TensorProto.FLOAT, ["t", "q"])
    one = helper.make_tensor("one", TensorProto.FLOAT, [], [1.0])
    sign = helper.make_tensor("sign", TensorProto.UINT8, [], [128])
    names = ["unsigned", "signed", "one", "steps", "sign"]
    node = helper.make_node("MatMulIntegerToFloat", names, ["products"], domain="com.microsoft")
    inside = helper.make_graph([node], "products", [unsigned, signed, steps], [found], [one, sign])
    domains = [helper.make_opsetid("", 13), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(inside, opset_imports=domains, ir_version=8)


def test_the_kernel_is_one_product_of_unsigned_and_signed_bytes():
    """Whoever changes it writes ``graph().SerializeToString()`` to the file; serving needs no onnx that way."""
    assert onnx.load(str(GRAPH)) == graph()


def rounded(query):
    """Return question vectors as codes of 7 bits and a step each say them."""
    steps = np.abs(query).max(axis=1, initial=0, keepdims=True) / MOST
    return np.rint(query / np.maximum(steps, 1e-15)) * steps


@given(st.integers(0, 6), st.integers(0, 4), st.sampled_from([1, 6, 64, 384]), st.integers(0, 2**16))
def test_products_are_those_of_the_rounded_question_with_every_token(count, asked, dimension, seed):
    chance = np.random.default_rng(seed)
    held = quantise_tokens(
        chance.normal(size=(count, dimension)).astype(np.float32), chance.integers(0, 65535, size=(count, 2))
    )
    query = chance.normal(size=(asked, dimension)).astype(np.float32) * chance.choice([0, 1e-3, 1, 1e3])
    expected = [[float(q @ p) for q in rounded(query)] for p in dequantise_tokens(held)]
    found = products(query, held)
    assert found.shape == (count, asked)
    most = max(1.0, float(np.abs(query).max(initial=0)))
    assert found.tolist() == [pytest.approx(row, abs=1e-4 * most) for row in expected]


def test_the_largest_bytes_do_not_overflow():
    held = np.zeros(2, dtype=token_type(384))
    held["codes"][0], held["codes"][1], held["scale"] = 127, -127, 1
    found = products(np.ones((1, 384), np.float32), held)
    assert found.ravel().tolist() == [pytest.approx(384 * 127), pytest.approx(-384 * 127)]


def test_shorter_question_vectors_are_compared_with_the_first_codes_only():
    chance = np.random.default_rng(3)
    passage, query = (chance.normal(size=(4, width)).astype(np.float32) for width in (16, 10))
    held = quantise_tokens(passage, np.zeros((4, 2), int))
    assert products(query, held) == pytest.approx(dequantise_tokens(held)[:, :10] @ rounded(query).T, abs=1e-5)
