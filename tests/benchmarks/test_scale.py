"""How much is measured, as it is handed to a process."""

from __future__ import annotations

import json

from benchmarks.harness.scale import QUICK, Bench


def test_what_a_part_is_given_travels_as_json(tmp_path):
    bench = Bench(QUICK, True, 2, tmp_path / "shared", tmp_path / "work", tmp_path / "python")
    assert Bench.from_json(json.loads(json.dumps(bench.json()))) == bench
