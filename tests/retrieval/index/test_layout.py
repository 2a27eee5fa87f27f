"""Rows and reports, against lists that say it slowly."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.layout import Layout

REPORTS = st.lists(st.lists(st.booleans(), max_size=5), max_size=6)
"""Reports, each a list of its passages: whether they are asides."""


def layout_of(reports):
    starts = np.cumsum([0, *map(len, reports)], dtype=np.int64)
    every = [is_aside for report in reports for is_aside in report]
    return Layout(starts, [row for row, is_aside in enumerate(every) if is_aside]), every


@given(REPORTS)
def test_every_row_is_its_reports_and_in_no_other(reports):
    layout, every = layout_of(reports)
    owners = [number for number, report in enumerate(reports) for _ in report]
    rows = np.arange(len(every))
    assert len(layout) == len(every)
    assert layout.reports_of(rows).tolist() == list(map(layout.report_of, rows.tolist())) == owners
    assert [list(layout.rows_of(number)) for number in range(len(reports))] == [
        [row for row, owner in enumerate(owners) if owner == number] for number in range(len(reports))
    ]
    assert layout.counts().tolist() == list(map(len, reports))
    assert layout.asides_among(rows).tolist() == every


@given(REPORTS, st.integers(1, 3))
def test_a_step_goes_to_the_next_paragraph_of_the_report(reports, steps):
    layout, every = layout_of(reports)
    for row in range(len(every)):
        own = layout.rows_of(layout.report_of(row))
        below = [other for other in range(row + 1, len(every)) if not every[other]]
        expected = [below[steps - 1]] if len(below) >= steps and below[steps - 1] in own else []
        assert layout.around(row, [steps]) == expected
        above = [other for other in range(row - 1, -1, -1) if not every[other]]
        expected = [above[steps - 1]] if len(above) >= steps and above[steps - 1] in own else []
        assert layout.around(row, [-steps]) == expected
