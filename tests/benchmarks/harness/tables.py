"""A report as text: what the command prints."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from unicodedata import east_asian_width

from benchmarks.harness.rows import Report, Row, SetContest


def number(value: float | None) -> str:
    """Return a value with three figures that count."""
    if value is None:
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.4g}" if abs(value) >= 100 else f"{value:.3g}"


def with_unit(value: float | None, unit: str) -> str:
    """Return a value with its unit, such as "1.72 ×" or "12.3 ms"."""
    return f"{number(value)} {unit}".strip() if value is not None else "–"


def bound_text(row: Row) -> str:
    """Return what a row must hold, such as "≤ 0.5 ×"."""
    if row.bound is None:
        return ""
    sign = {"at least": "≥", "at most": "≤", "more than": ">"}[row.bound.kind]
    return f"{sign} {row.bound.value:,.4g} {row.unit}".strip()


def spread_text(row: Row) -> str:
    """Return a row's quartiles, such as "1.65–1.80"."""
    if row.quartiles is None or row.quartiles[0] == row.quartiles[1]:
        return ""
    return f"{number(row.quartiles[0])}–{number(row.quartiles[1])}"


def table(report: Report) -> str:
    """Return the rows, then the development sets, as aligned text."""
    rows = [
        [row.number, row.what, with_unit(row.value, row.unit), spread_text(row), bound_text(row), row.verdict]
        for row in report.rows
    ]
    lines = aligned([["row", "what", "value", "quartiles", "must be", ""], *rows])
    for one in report.sets:
        lines += ["", *aligned(_set_lines(one))]
    held = sum(row.held is True for row in report.judged)
    failed = [f"{part.name} failed: {part.failure}" for part in report.parts if part.failure]
    summary = f"{held} of {len(report.judged)} rows held" + (" (quick: not how fast it is)" if report.quick else "")
    return "\n".join([*lines, "", *failed, summary])


def _set_lines(one: SetContest) -> list[list[str]]:
    head = [f"{one.name}: {one.passages:,} passages, {one.questions} questions", "hit@1", "MRR@10", "ms", "build s"]
    return [
        head,
        *(
            [
                found.contestant,
                f"{found.hit1:.3f}",
                f"{found.mrr:.3f}",
                number(median(found.milliseconds)),
                number(median(found.build_seconds)),
            ]
            for found in one.contestants
        ),
    ]


def aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    """Return lines whose columns begin at the same place."""
    widths = [max(width(row[at]) for row in cells) for at in range(len(cells[0]))]
    return [
        "  ".join(cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
