"""The arithmetic of a contest: turns, ratios, medians and their spread."""

from __future__ import annotations

import pytest

from benchmarks.harness.contest import alternate, estimate, mean_estimate, quantile, ratios, thinned


def test_an_estimate_is_the_median_with_quartiles_and_an_interval_around_it():
    found = estimate([1.0, 2.0, 3.0, 4.0, 100.0])
    assert (found.value, found.quartiles, found.count) == (3.0, (2.0, 4.0), 5)
    assert found.interval is not None and found.interval[0] <= 3.0 <= found.interval[1]


def test_few_samples_have_no_interval_and_none_are_no_measurement():
    assert estimate([1.0, 3.0]).interval is None
    with pytest.raises(ValueError, match="nothing was measured"):
        estimate([])


def test_a_mean_of_hits_lies_in_its_bootstrap_interval():
    found = mean_estimate([1.0] * 30 + [0.0] * 10)
    assert found.value == 0.75
    assert found.interval is not None and 0.5 < found.interval[0] < 0.75 < found.interval[1] < 0.95
    assert found == mean_estimate([1.0] * 30 + [0.0] * 10)


def test_ratios_go_item_by_item():
    assert ratios([1.0, 6.0], [2.0, 3.0]) == [0.5, 2.0]
    with pytest.raises(ValueError):
        ratios([1.0], [1.0, 2.0])


def test_contestants_take_turns_and_another_one_begins_each_time():
    done: list[str] = []
    taken = alternate({name: lambda item, name=name: done.append(f"{name}{item}") for name in "ab"}, [1, 2, 3], rest=0)
    assert done == ["a1", "b1", "b2", "a2", "a3", "b3"]
    assert [len(some) for some in taken.values()] == [3, 3]


def test_a_quantile_is_one_of_the_samples():
    hundred = [float(value) for value in range(1, 101)]
    assert (quantile(hundred, 0.99), quantile(hundred, 0.5), quantile([7.0], 0.99)) == (99.0, 50.0, 7.0)


def test_thinned_samples_keep_least_and_most():
    few = thinned([float(value) for value in range(1000, 0, -1)], 11)
    assert (len(few), few[0], few[-1]) == (11, 1.0, 1000.0)
    assert thinned([2.0, 1.0]) == [1.0, 2.0]
