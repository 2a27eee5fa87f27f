"""Row 11, with figures that are made up."""

from __future__ import annotations

from besieged import Outcome

from benchmarks.cases.stores import rows_of, rows_without

GOOD = Outcome(1000, 120.0, {}, 50, 50, {"server": 2, "database": 1}, 9.04, ())


def test_the_rate_is_of_answers_a_minute_and_says_what_was_done_meanwhile():
    rate, wrong = rows_of(GOOD)
    assert (rate.value, rate.held, wrong.value, wrong.held) == (500.0, True, 0.0, True)
    assert "50 changes and 3 × kill -9" in rate.what
    assert dict(rate.details) == {
        "answers": 1000,
        "seconds": 120,
        "generations": 50,
        "longest without an answer of one server, s": 9.0,
        "kill -9: server": 2,
        "kill -9: database": 1,
    }


def test_every_wrong_answer_lost_change_and_damage_counts_and_the_first_kinds_are_named():
    outcome = Outcome(100, 60.0, {"a is not cited": 2, "b was never published": 1}, 3, 2, {}, 1.0, ("damaged",))
    _, wrong = rows_of(outcome)
    assert (wrong.value, wrong.held) == (5.0, False)
    assert dict(wrong.details) == {
        "changes lost": 1,
        "damaged at the end": 1,
        "a is not cited": 2,
        "b was never published": 1,
    }


def test_without_the_server_no_row_has_a_value_and_each_says_why():
    rows = rows_without("no wheel")
    assert [(row.number, row.verdict, row.note) for row in rows] == [
        (number, "not measured", "no wheel") for number in ("11a", "11b", "11c", "11d")
    ]
