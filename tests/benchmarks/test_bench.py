"""The command: which parts it runs."""

from __future__ import annotations

import pytest

from benchmarks.bench import PARTS, chosen_parts, function_of


def test_rows_name_the_parts_that_measure_them():
    assert chosen_parts([]) == list(PARTS)
    assert chosen_parts(["4", "1"]) == ["encoding", "large build", "large"]
    with pytest.raises(SystemExit, match="no row 77"):
        chosen_parts(["77"])


@pytest.mark.parametrize("name", PARTS)
def test_every_part_has_a_function(name):
    assert callable(function_of(name))
