"""What the time that a question names does to the ranking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Rows, Scores
from retrieval.index.protocol import Snapshot
from retrieval.question.time_filter import TimeFilter
from retrieval.question.time_terms import other_years, terms_of, with_year, year_of

Days = npt.NDArray[np.int64]
"""Report dates by row as days since 1970-01-01; ``UNDATED`` where the report has none."""
UNDATED = np.iinfo(np.int64).min
REPORTED_WITHIN = 2
"""A report dated at most this many days after an event is still about it."""
DAYS_ARE_MEANT = 10
"""A filter of at most this many days is about events, a longer one about a period."""
NEXT_YEAR = 31
"""Within this many days of a new year, a report that leaves the year unsaid may still mean the old one."""
DATE_BOOST = 0.015
"""What a fitting row gains on the fused scale: half of the usual distance between the first and the tenth hit.

A restriction instead would lose answers, because texts leave the date to the page around them.
"""
LATEST_BOOST = 0.02
"""What ``recency`` is multiplied by on the fused scale; a guess, because no benchmark here has dated reports."""
RowsWith = Callable[[str], npt.NDArray[np.integer]]
"""Returns the ``(k,)`` rows whose text has a date term."""


def days_of(dates: Sequence[dt.date | None]) -> Days:
    """Return dates as ``(n,)`` days since 1970-01-01, ``UNDATED`` for None."""
    epoch = dt.date(1970, 1, 1)
    return np.array([UNDATED if date is None else (date - epoch).days for date in dates], dtype=np.int64)


def rows_that_fit(
    time: TimeFilter, days: Days, rows_with: RowsWith, reports: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.bool_] | None:
    """Return ``(n,)`` whether each row's report is of the filtered time, or its text mentions it.

    ``days`` are the ``(n,)`` dates of the rows' reports. ``reports`` are the ``(n,)`` numbers of the rows' reports;
    with them, all rows of a report fit if one does. Returns None where no row fits or the filter names no date, because
    then there is nothing to apply and nothing to show.
    """
    if not time.dated:
        return None
    fits = _reported(time, days)
    for term in time.terms:
        fits[rows_with(term)] = True
    if time.yearless_terms:
        fits |= _mentioned_without_year(time, days, rows_with)
    if reports is not None:
        fits = np.isin(reports, reports[fits])
    return fits if fits.any() else None


class TimeBoosts:
    """What a time does to passages of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._days = days_of([report.date for report in snapshot.documents])
        self._recency = recency(self._days)

    def of(self, time: TimeFilter | None, rows: Rows) -> tuple[Scores, TimeFilter | None]:
        """Return what a time adds to the ``(k,)`` fused scores of rows, float32, and the time if it adds anything."""
        nothing = np.zeros(len(rows), dtype=np.float32)
        if time is None or not len(rows):
            return nothing, None
        layout = self._snapshot.layout
        reports = layout.reports_of(rows)
        near = np.unique(reports)
        all_rows = np.concatenate([np.arange(of.start, of.stop) for of in map(layout.rows_of, near.tolist())])
        found = self._snapshot.rows_with("words", terms_of(time), near)

        def places_with(term: str) -> Rows:
            return np.searchsorted(all_rows, found[term])

        all_reports = layout.reports_of(all_rows)
        fits = rows_that_fit(time, self._days[all_reports], places_with, all_reports)
        boosts = LATEST_BOOST * self._recency[reports] if time.latest else nothing
        if fits is not None:
            boosts = boosts + DATE_BOOST * fits[np.searchsorted(all_rows, rows)]
        return (boosts.astype(np.float32), time) if boosts.any() else (nothing, None)


def _reported(time: TimeFilter, days: Days) -> npt.NDArray[np.bool_]:
    """Return whether each report's date is within the filter, or shortly after it if the filter is about days."""
    if time.recurring:
        dates = np.where(days == UNDATED, 0, days).astype("datetime64[D]")
        months = dates.astype("datetime64[M]")
        day = months.astype(np.int64) % 12 * 100 + 100 + (dates - months).astype(np.int64) + 1
        low, high = (month * 100 + day for month, day in time.recurring)
        within = (low <= day) & (day <= high) if low <= high else (low <= day) | (day <= high)
        return np.asarray(within & (days != UNDATED))
    low_day, high_day = days_of([time.date_from or dt.date.min, time.date_to or dt.date.max]).tolist()
    grace = REPORTED_WITHIN if high_day - low_day < DAYS_ARE_MEANT else 0
    return np.asarray((days != UNDATED) & (low_day <= days) & (days <= high_day + grace))


def _mentioned_without_year(time: TimeFilter, days: Days, rows_with: RowsWith) -> npt.NDArray[np.bool_]:
    """Return which rows mention the date, and not with another year, in a report that is not of another year."""
    found = np.zeros(len(days), dtype=np.bool_)
    for term in time.yearless_terms:
        found[rows_with(term)] = True
    for other in other_years(time):
        for term in time.yearless_terms:
            found[rows_with(with_year(term, other))] = False
    low, high = days_of([dt.date(year_of(time), 1, 1), dt.date(year_of(time), 12, 31)])
    return np.asarray(found & ((days == UNDATED) | ((low <= days) & (days <= high + NEXT_YEAR))))


def recency(days: Days) -> Scores:
    """Return ``(n,)`` 0 to 1 by the rank of each report's date among these: the latest 1, the first and undated 0.

    Ranks count, because the reports of one collection are hours apart and those of another are years apart.
    """
    dates, ranks = np.unique(days[days != UNDATED], return_inverse=True)
    preferred = np.zeros(len(days), dtype=np.float32)
    if len(dates) > 1:
        preferred[days != UNDATED] = ranks / (len(dates) - 1)
    return preferred
