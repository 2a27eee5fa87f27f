"""Rows: held or not, and there and back as JSON."""

from __future__ import annotations

import json

import pytest

from benchmarks.harness.rows import (
    Bound,
    Measured,
    Row,
    at_least,
    at_most,
    measured_from,
    measured_json,
    report_from,
    report_json,
)
from benchmarks.made_up import a_report, a_set, some_rows


@pytest.mark.parametrize(
    ("bound", "value", "held"),
    [
        (at_least(1.7), 1.7, True),
        (at_least(1.7), 1.69, False),
        (at_most(0.5), 0.5, True),
        (at_most(0.5), 0.51, False),
        (Bound("more than", 0.0), 0.0, False),
        (Bound("more than", 0.0), 0.01, True),
    ],
)
def test_a_bound_is_met_or_not(bound, value, held):
    assert bound.met_by(value) is held


def test_a_row_is_held_not_held_within_noise_or_not_measured():
    rows = some_rows()
    assert [row.held for row in rows] == [True, True, None, True, None]
    assert [row.verdict for row in rows] == ["held", "held, within noise", "not measured", "held", ""]
    assert Row("1", "p", "w", "×", 0.9, at_most(0.5), interval=(0.8, 1.0)).verdict == "not held"


def test_a_report_survives_json():
    report = a_report(some_rows(), [a_set()])
    assert report_from(json.loads(json.dumps(report_json(report)))) == report


def test_the_json_says_of_every_row_what_is_needed_to_judge_it():
    values = report_json(a_report(some_rows()))
    assert set(values) == {
        "schema", "created", "seconds", "quick", "options", "machine", "versions", "parts", "rows", "sets",
    }  # fmt: skip
    first = values["rows"][0]
    assert {key: first[key] for key in ("number", "value", "bound", "held", "sure", "verdict", "unit")} == {
        "number": "1",
        "value": 2.0,
        "bound": {"kind": "at least", "value": 1.7},
        "held": True,
        "sure": True,
        "verdict": "held",
        "unit": "×",
    }
    assert [one["samples"] for one in first["contestants"]] == [(1.0, 2.0, 3.0), (50.0, 60.0, 70.0)]


def test_a_report_of_another_schema_is_refused():
    with pytest.raises(ValueError, match="schema"):
        report_from({"schema": 0})


def test_what_a_part_hands_over_survives_json():
    measured = Measured(tuple(some_rows()), (a_set(),), {"txtai": "9"})
    assert measured_from(json.loads(json.dumps(measured_json(measured)))) == measured
