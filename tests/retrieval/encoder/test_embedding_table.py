"""The word embedding beside its graph: rows are read where they stand, and do not stay in memory."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
