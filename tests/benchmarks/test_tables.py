"""The report as the command prints it."""

from __future__ import annotations

import pytest

from benchmarks.harness.tables import number, table
from benchmarks.made_up import a_report, a_set, some_rows


def test_the_table_is_readable_text():
    lines = table(a_report(some_rows(), [a_set()])).splitlines()
    assert lines[0].split() == ["row", "what", "value", "quartiles", "must", "be"]
    assert lines[1].split() == ["1", "faster", "2", "×", "≥", "1.7", "×", "held"]
    assert lines[-1] == "3 of 4 rows held (quick: not how fast it is)"
    assert "load failed: it fell over <here>" in lines


@pytest.mark.parametrize(
    ("value", "text"), [(0.1234, "0.123"), (1.724, "1.72"), (45.67, "45.7"), (800.7, "800.7"), (12345.6, "12,346")]
)
def test_numbers_have_the_figures_that_count(value, text):
    assert number(value) == text
