"""Figures as drawings."""

from __future__ import annotations

from benchmarks.harness.plots import Axis, margins
from benchmarks.harness.rows import Row, at_least, at_most


def test_a_row_twice_as_good_as_demanded_stands_right_of_the_line_and_a_bad_one_left():
    good = Row("1", "p", "good", "×", 3.4, at_least(1.7))
    bad = Row("2", "p", "bad", "×", 1.0, at_most(0.5))
    chart = margins([good, bad])
    assert chart is not None and chart.reference is not None
    assert [line.value for line in chart.lines] == ["2×", "0.5×"]
    assert chart.lines[1].point < chart.reference < chart.lines[0].point
    assert [line.kind for line in chart.lines] == ["held", "not-held"]


def test_an_axis_is_logarithmic_where_samples_differ_much():
    assert not Axis.over([5.0, 9.0]).logarithmic
    wide = Axis.over([1.0, 1000.0])
    assert wide.logarithmic
    assert [tick.label for tick in wide.ticks()][:3] == ["1", "2", "5"]
    assert wide.x(0.001) == wide.columns.labels
