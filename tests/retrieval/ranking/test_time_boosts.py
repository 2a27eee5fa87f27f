"""Which rows fit the time of a question, and what that is worth."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.layout import Layout
from retrieval.question.time_filter import TimeFilter, time_filter
from retrieval.ranking.time_boosts import DATE_BOOST, LATEST_BOOST, TimeBoosts, days_of, recency, rows_that_fit
from retrieval.text.dates import date_terms
from retrieval.text.numerals import fold_numerals

ROWS = [
    ("2020年3月12日,突击队成立。", None),
    ("3月12日,突击队成立。", dt.date(2020, 3, 13)),
    ("3月12日,突击队成立。", dt.date(2019, 3, 13)),
    ("2019年3月12日,突击队成立。", None),
    ("突击队成立。", dt.date(2020, 3, 12)),
    ("突击队成立。", None),
    ("三月十五日,二〇二〇年", dt.date(2021, 6, 1)),
]


DAYS = days_of([date for _, date in ROWS])


def _rows_with(term: str) -> np.ndarray:
    return np.array(
        [row for row, (text, _) in enumerate(ROWS) if term in date_terms(fold_numerals(text))], dtype=np.int64
    )


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("2020年3月12日", [0, 1, 4]),
        ("3月12日", [0, 1, 2, 3, 4]),
        ("2019年3月", [2, 3]),
        ("2020年", [0, 1, 4, 6]),
        ("3月15日", [6]),
        ("2020年3月13日至14日", [1]),
        ("2021年以来", [6]),
        ("2019年以前", [2, 3]),
    ],
)
def test_rows_fit_by_their_report_or_by_a_date_in_them(question, rows):
    found = time_filter(question)
    fits = rows_that_fit(found, DAYS, _rows_with)
    assert np.flatnonzero(fits).tolist() == rows


@pytest.mark.parametrize("question", ["2031年5月", "7月1日", "最新消息"])
def test_where_nothing_fits_there_is_nothing_to_apply(question):
    assert rows_that_fit(time_filter(question), DAYS, _rows_with) is None


def test_all_rows_of_a_report_fit_of_which_one_does():
    reports = np.array([0, 0, 1, 1, 2, 3, 3])
    assert np.flatnonzero(rows_that_fit(time_filter("3月15日"), DAYS, _rows_with, reports)).tolist() == [5, 6]


def test_a_span_over_new_year_holds_december_and_january():
    days = days_of([dt.date(2020, 12, 31), dt.date(2021, 1, 2), dt.date(2021, 2, 1)])
    found = TimeFilter("", recurring=((12, 30), (1, 5)), terms=("date:12-30",))
    assert rows_that_fit(found, days, _nothing).tolist() == [True, True, False]


def _nothing(term: str) -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


@given(st.dates(dt.date(1600, 1, 1)), st.dates(dt.date(1600, 1, 1)))
def test_a_day_without_its_year_fits_reports_as_the_calendar_says(said, reported):
    found = TimeFilter("", recurring=((said.month, said.day), (said.month, said.day)), terms=("date:x",))
    fits = rows_that_fit(found, days_of([reported]), _nothing)
    assert (fits is not None) == ((said.month, said.day) == (reported.month, reported.day))


def test_recency_ranks_the_dates_and_leaves_the_undated_behind():
    days = days_of([dt.date(2020, 1, 1), None, dt.date(2020, 3, 1), dt.date(2020, 3, 1), dt.date(2020, 2, 1)])
    assert recency(days).tolist() == [0.0, 0.0, 1.0, 1.0, 0.5]
    assert recency(days_of([None, dt.date(2020, 1, 1)])).tolist() == [0.0, 0.0]


class Dated:
    """A snapshot of reports with these dates, each of one passage."""

    def __init__(self, dates):
        self.documents = [SimpleNamespace(date=date) for date in dates]
        self.layout = Layout(np.arange(len(dates) + 1), ())

    def rows_with(self, leg, words, reports):
        return {word: _nothing(word) for word in words}


def test_boosts_add_what_fits_and_what_is_late():
    found = TimeFilter("2020年", dt.date(2020, 1, 1), dt.date(2020, 12, 31), latest=True, terms=("date:2020",))
    dates = [dt.date(2020, 1, 1), dt.date(2021, 1, 1), None]
    boosts, time = TimeBoosts(Dated(dates)).of(found, np.array([0, 1, 2]))
    assert (boosts.dtype, boosts.tolist()) == (np.float32, pytest.approx([DATE_BOOST, LATEST_BOOST, 0.0]))
    assert time is found


@pytest.mark.parametrize(
    "time", [None, TimeFilter("最新", latest=True), TimeFilter("2031年", dt.date(2031, 1, 1), dt.date(2031, 12, 31))]
)
def test_a_time_that_changes_nothing_is_not_applied(time):
    boosts, applied = TimeBoosts(Dated([dt.date(2020, 1, 1)])).of(time, np.array([0]))
    assert (boosts.tolist(), applied) == ([0.0], None)
