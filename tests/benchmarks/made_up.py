"""A report of figures that nobody measured, to be judged, drawn and printed."""

from __future__ import annotations

from benchmarks.harness.contest import estimate
from benchmarks.harness.rows import Contestant, Part, Report, Row, SetContest, SetQuality, at_least, at_most, row_of


def a_report(rows, sets=()):
    parts = (Part("encoding", 12.5), Part("load", 3.0, "it fell over <here>"))
    return Report(
        created="2026-01-02T03:04:05+00:00",
        seconds=75.0,
        quick=True,
        options={"threads": 2},
        machine={"processor": "A & B", "cores": 2, "commit": None},
        versions={"torch": "2.13.0"},
        parts=parts,
        rows=tuple(rows),
        sets=tuple(sets),
    )


def some_rows():
    contestants = (Contestant("Wenbao", "ms", (1.0, 2.0, 3.0)), Contestant("other", "ms", (50.0, 60.0, 70.0)))
    return [
        row_of("1", "encoding", "faster", "×", estimate([2.0] * 9), at_least(1.7), contestants=contestants),
        row_of("2", "encoding", "slower", "×", estimate([0.4, 0.5, 0.6, 0.5, 0.7]), at_most(0.5)),
        Row("3", "answering", "could not be", "×", None, at_most(1.6), note="no index"),
        Row("5c", "load", "errors", "", 0.0, at_most(0)),
        Row("9 first", "growth", "for information", "s", 12.0, details={"passages": 7}),
    ]


def a_set():
    qualities = (
        SetQuality("Wenbao", 0.9, (0.8, 1.0), 0.95, (0.9, 1.0), (5.0, 6.0, 7.0), (1.5,)),
        SetQuality("LangChain", 0.7, None, 0.8, None, (30.0, 31.0, 33.0), (4.0, 5.0, 6.0)),
    )
    return SetContest("news", 3, 9, 3, qualities)
