"""Batches are filled to a budget of tokens, and no more threads are used than the process may use."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import cores as cores_module
from retrieval.cores import usable_cores
from retrieval.encoder import onnx_model as onnx_encoder
from retrieval.encoder.onnx_model import BUDGET, batches, session_options
from retrieval.encoder.protocol import Encoded


@given(st.lists(st.integers(2, 600), max_size=60))
def test_batches_hold_every_row_once_longest_first_and_keep_the_budget(lengths):
    found = list(batches(lengths))
    assert sorted(row for rows in found for row in rows) == list(range(len(lengths)))
    in_order = [lengths[row] for rows in found for row in rows]
    assert in_order == sorted(lengths, reverse=True)
    assert [rows for rows in found if len(rows) > 1 and len(rows) * lengths[rows[0]] > BUDGET] == []
    for rows, following in zip(found, found[1:], strict=False):
        assert following == [] or (len(rows) + 1) * lengths[rows[0]] > BUDGET


def test_blocks_of_texts_give_what_one_block_gives(real_encoder, monkeypatch):
    texts = [f"第{number}户居民收到了蔬菜" for number in range(7)]
    monkeypatch.setattr(onnx_encoder, "BUDGET", 1)
    whole, seen = real_encoder.encode_passages(texts), []
    monkeypatch.setattr(onnx_encoder, "BLOCK", 3)
    parts = real_encoder.encode_passages(texts, lambda *step: seen.append(step))
    assert parts.vectors.tolist() == whole.vectors.tolist()
    assert [one.tobytes() for one in parts.tokens] == [one.tobytes() for one in whole.tokens]
    assert seen == [("embed", done, 7) for done in range(1, 8)]


def test_batches_are_put_together_in_the_order_of_the_rows():
    def part(*values):
        return Encoded(np.array([[value] for value in values], dtype=np.float32), tuple(map(np.array, values)))

    joined = Encoded.joined([([2, 0], part(30.0, 10.0)), ([1], part(20.0))])
    assert joined.vectors.tolist() == [[10.0], [20.0], [30.0]]
    assert [float(one) for one in joined.tokens] == [10.0, 20.0, 30.0]


@pytest.mark.parametrize(
    ("affinity", "asked", "cores"), [(4, None, 4), (4, "1", 1), (2, "8", 2), (2, "none", 2), (2, "0", 1)]
)
def test_no_more_threads_than_the_process_may_use(affinity, asked, cores, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(affinity), raising=False)
    monkeypatch.setattr(cores_module, "CGROUP", cores_module.CGROUP.with_name("no such file"))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if asked is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert usable_cores() == cores


@pytest.mark.parametrize(("limit", "cores"), [("max 100000\n", 8), ("150000 100000\n", 2), ("50000 100000\n", 1)])
def test_a_containers_share_is_kept(limit, cores, tmp_path, monkeypatch):
    (tmp_path / "cpu.max").write_text(limit)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(8), raising=False)
    monkeypatch.setattr(cores_module, "CGROUP", tmp_path / "cpu.max")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert usable_cores() == cores


def test_batches_are_run_by_as_many_threads_as_there_are_cores_and_each_by_one(real_encoder, monkeypatch):
    options = session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    monkeypatch.setattr(onnx_encoder, "usable_cores", lambda: 3)
    monkeypatch.setattr(onnx_encoder, "BUDGET", 1)
    at_once, run = threading.Barrier(3, timeout=30), onnx_encoder.OnnxEncoder._run
    monkeypatch.setattr(onnx_encoder.OnnxEncoder, "_run", lambda self, *some: (at_once.wait(), run(self, *some))[1])
    texts = [f"第{number}户居民收到了蔬菜" for number in range(6)]
    assert len(real_encoder.encode_passages(texts).vectors) == 6


def test_batches_that_nobody_waits_for_are_not_run(real_encoder, monkeypatch):
    monkeypatch.setattr(onnx_encoder, "usable_cores", lambda: 1)
    monkeypatch.setattr(onnx_encoder, "BUDGET", 1)
    texts, done = [f"第{number}户居民收到了蔬菜" for number in range(200)], []

    def stop(_stage, number, _total):
        done.append(number)
        raise KeyboardInterrupt

    run, seen = onnx_encoder.OnnxEncoder._run, []
    monkeypatch.setattr(onnx_encoder.OnnxEncoder, "_run", lambda self, *some: (seen.append(1), run(self, *some))[1])
    with pytest.raises(KeyboardInterrupt):
        real_encoder.encode_passages(texts, stop)
    assert done == [1]
    assert len(seen) < 100


def test_of_a_single_question_is_told_when_only_the_model_is_still_to_be_run(real_encoder, monkeypatch):
    told, run = [], onnx_encoder.OnnxEncoder._run
    monkeypatch.setattr(onnx_encoder.OnnxEncoder, "_run", lambda self, *some: (told.append("run"), run(self, *some))[1])
    real_encoder.encode_queries(["谁捐了口罩?"], lambda *step: told.append(step))
    assert told == [("embed", 0, 1), "run", ("embed", 1, 1)]
