"""Batches are filled to a budget of tokens and run by a thread each; who needs no more of them gets no more."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.encoder.compiled import read_outcome
from retrieval.encoder.onnx_model import BUDGET, OnnxEncoder, batches, session_options


@pytest.fixture(scope="module")
def model(real_encoder):
    """Load the default model as compiled, of this class and with these options."""
    real_encoder.load()
    folder = real_encoder.compiled_folder
    return lambda kind=OnnxEncoder, **options: kind(folder, read_outcome(folder), **options)


@given(st.lists(st.integers(2, 600), max_size=60))
def test_batches_hold_every_row_once_longest_first_and_keep_the_budget(lengths):
    found = list(batches(lengths))
    assert sorted(row for rows in found for row in rows) == list(range(len(lengths)))
    in_order = [lengths[row] for rows in found for row in rows]
    assert in_order == sorted(lengths, reverse=True)
    assert [rows for rows in found if len(rows) > 1 and len(rows) * lengths[rows[0]] > BUDGET] == []
    for rows, following in zip(found, found[1:], strict=False):
        assert following == [] or (len(rows) + 1) * lengths[rows[0]] > BUDGET


def test_blocks_of_texts_give_what_one_block_gives(model):
    texts = [f"第{number}户居民收到了蔬菜" for number in range(7)]
    whole, seen = model(budget=1).encode(texts, "document"), []
    parts = model(budget=1, block=3).encode(texts, "document", lambda *step: seen.append(step))
    assert parts.vectors.tolist() == whole.vectors.tolist()
    assert [one.tobytes() for one in parts.tokens] == [one.tobytes() for one in whole.tokens]
    assert seen == [("embed", done, 7) for done in range(1, 8)]


def test_batches_are_run_by_as_many_threads_as_there_are_cores_and_each_by_one(model):
    options = session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    at_once = threading.Barrier(3, timeout=30)

    class Meeting(OnnxEncoder):
        def run(self, batch, given):
            at_once.wait()
            return super().run(batch, given)

    texts = [f"第{number}户居民收到了蔬菜" for number in range(6)]
    assert len(model(Meeting, budget=1, threads=3).encode(texts, "document").vectors) == 6


class Telling(OnnxEncoder):
    """Tells of each batch that it runs."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.told = []

    def run(self, batch, given):
        self.told.append("run")
        return super().run(batch, given)


def test_batches_that_nobody_waits_for_are_not_run(model):
    texts, done = [f"第{number}户居民收到了蔬菜" for number in range(200)], []

    def stop(_stage, number, _total):
        done.append(number)
        raise KeyboardInterrupt

    telling = model(Telling, budget=1, threads=1)
    with pytest.raises(KeyboardInterrupt):
        telling.encode(texts, "document", stop)
    assert done == [1]
    assert len(telling.told) < 100


def test_of_a_single_question_is_told_when_only_the_model_is_still_to_be_run(model):
    telling = model(Telling)
    telling.encode(["谁捐了口罩?"], "query", lambda *step: telling.told.append(step))
    assert telling.told == [("embed", 0, 1), "run", ("embed", 1, 1)]
