"""No more cores are used than the process may use."""

from __future__ import annotations

import os

import pytest

from retrieval.cores import usable_cores


@pytest.mark.parametrize(
    ("affinity", "asked", "cores"), [(4, None, 4), (4, "1", 1), (2, "8", 2), (2, "none", 2), (2, "0", 1)]
)
def test_no_more_threads_than_the_process_may_use(affinity, asked, cores, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(affinity), raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if asked is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert usable_cores(tmp_path / "no such file") == cores


@pytest.mark.parametrize(("limit", "cores"), [("max 100000\n", 8), ("150000 100000\n", 2), ("50000 100000\n", 1)])
def test_a_containers_share_is_kept(limit, cores, tmp_path, monkeypatch):
    (tmp_path / "cpu.max").write_text(limit)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(8), raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert usable_cores(tmp_path / "cpu.max") == cores
