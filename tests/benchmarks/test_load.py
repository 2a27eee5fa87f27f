"""Row 5, with figures that are made up."""

from __future__ import annotations

from benchmarks.cases.load import Loaded, distinct, rows_of
from benchmarks.harness.serving import Asked


def test_load_counts_answers_by_the_seconds_they_took_and_compares_the_tail_with_one_client():
    alone = [Asked(10.0, True)] * 9
    loaded = [Loaded([Asked(50.0, True)] * 99 + [Asked(90.0, False)], 2.0)] * 2
    share, tail, errors = rows_of(alone, loaded, [33.0, 66.0], 32)
    assert (share.value, share.held) == (1.125, True)
    assert (tail.value, tail.held) == (5.0, True)
    assert (errors.value, errors.held) == (2.0, False)


def test_questions_that_run_out_come_again_as_other_texts():
    questions = distinct(["a", "b"])
    assert [next(questions) for _ in range(5)] == ["a", "b", "a（2）", "b（2）", "a（3）"]
