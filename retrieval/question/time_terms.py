"""What is looked up to know which passages mention a time, and which the same day of another year."""

from __future__ import annotations

import datetime as dt

from retrieval.question.time_filter import TimeFilter
from retrieval.text.dates import DATE_PREFIX, date_term

YEARS_APART = 5
"""A paragraph that names the same date in another year, at most this many years away, is not about the filter."""


def terms_of(time: TimeFilter | None) -> tuple[str, ...]:
    """Return all terms that are looked up for a time; none where it names no date."""
    if time is None or not time.dated:
        return ()
    others = (with_year(term, year) for year in other_years(time) for term in time.yearless_terms)
    return tuple(dict.fromkeys((*time.terms, *time.yearless_terms, *others)))


def year_of(time: TimeFilter) -> int:
    """Return the year that a time is of."""
    return (time.date_from or time.date_to or dt.date.max).year


def other_years(time: TimeFilter) -> tuple[int, ...]:
    """Return the years around that of a time whose same day is another one."""
    year = year_of(time)
    return *range(year - YEARS_APART, year), *range(year + 1, year + YEARS_APART + 1)


def with_year(term: str, year: int) -> str:
    """Return the term of a day of any year as that of one year."""
    return f"{date_term(year)}-{term.removeprefix(DATE_PREFIX)}"
