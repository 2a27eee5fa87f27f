"""Figures -> drawings: a line for each contestant or row on one horizontal axis; ``page.html`` draws them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.harness.contest import quantile, thinned
from benchmarks.harness.rows import Contestant, Row, SetContest, SetQuality
from benchmarks.harness.tables import number, with_unit

STEP, TOP, BOTTOM = 26.0, 10.0, 34.0
DOTS = 60
"""Most samples of a contestant that are drawn."""
LOGARITHMIC_FROM = 12.0
"""Samples that differ by more than this factor are drawn on a logarithmic axis."""
FARTHEST = 10.0
"""A row that keeps or misses its bound by more than this factor is drawn at the edge."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A drawing from left to right, in its units: labels, the axis, values."""

    labels: float
    axis: float
    values: float

    def label(self, text: str) -> str:
        """Return a label that fits its column."""
        most = int(self.labels / UNITS_A_CHARACTER)
        return text if len(text) <= most else text[: most - 1].rstrip() + "…"


UNITS_A_CHARACTER = 7.4
WIDE = Columns(330.0, 640.0, 80.0)
"""Across the page."""
NARROW = Columns(165.0, 270.0, 115.0)
"""Two beside each other."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One contestant or row: a bar or a point, a box of quartiles or a whisker, dots of single samples.

    ``kind`` is the class it is drawn in: "us", "them", "held" or "not-held".
    """

    y: float
    label: str
    value: str
    title: str
    kind: str
    point: float
    bar: float | None = None
    box: tuple[float, float] | None = None
    whisker: tuple[float, float] | None = None
    dots: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of ``width`` × ``height`` units; ``reference`` is where a vertical line stands."""

    columns: Columns
    title: str
    axis: str
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    reference: float | None = None

    @property
    def width(self) -> float:
        """Units from left to right."""
        return self.columns.labels + self.columns.axis + self.columns.values

    @property
    def bottom(self) -> float:
        """Where the axis is."""
        return TOP + STEP * len(self.lines)

    @property
    def height(self) -> float:
        """Units from top to bottom."""
        return self.bottom + BOTTOM


@dataclass(frozen=True, slots=True)
class Axis:
    """Values -> units, from ``low`` to ``high``; what is beyond stands at the edge."""

    low: float
    high: float
    logarithmic: bool
    columns: Columns = NARROW

    @classmethod
    def over(cls, values: Iterable[float]) -> Axis:
        """Return an axis for samples: from 0, or logarithmic where they differ much."""
        known = [value for value in values if value > 0] or [1.0]
        low, high = min(known), max(known)
        if high / low > LOGARITHMIC_FROM:
            return cls(low / 1.2, high * 1.2, True)
        return cls(0.0, high * 1.05, False)

    def x(self, value: float) -> float:
        """Return where a value stands."""
        within = min(max(value, self.low), self.high)
        if self.logarithmic:
            share = math.log(within / self.low) / math.log(self.high / self.low)
        else:
            share = (within - self.low) / (self.high - self.low)
        return round(self.columns.labels + share * self.columns.axis, 1)

    def ticks(self) -> tuple[Tick, ...]:
        """Return round values along the axis."""
        values = list(_decades(self.low, self.high)) if self.logarithmic else list(_steps(self.low, self.high))
        return tuple(Tick(self.x(value), f"{value:,.4g}") for value in values)


def _decades(low: float, high: float) -> Iterable[float]:
    fine = (1, 2, 5) if high / low < 2000 else (1,)
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        yield from (first * 10.0**power for first in fine if low <= first * 10.0**power <= high)


def _steps(low: float, high: float) -> Iterable[float]:
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(first * power for first in (1, 2, 2.5, 5, 10) if first * power >= rough)
    at = math.ceil(low / step - 1e-9)
    while at * step <= high * (1 + 1e-9):
        yield round(at * step, 10)
        at += 1


def _y(place: int) -> float:
    return TOP + STEP * place + STEP / 2


# The charts


def margins(rows: Sequence[Row]) -> Chart | None:
    """Draw how far every row is from its bound, as a factor: right of the line is better than demanded."""
    chosen = [row for row in rows if row.value and row.bound and row.bound.value > 0]
    if not chosen:
        return None
    axis = Axis(1 / FARTHEST, FARTHEST, True, WIDE)
    lines = tuple(_margin(row, place, axis) for place, row in enumerate(chosen))
    ticks = tuple(Tick(axis.x(value), f"{value:g}×") for value in (0.1, 0.2, 0.5, 1, 2, 5, 10))
    title = "How far every row is from what it must hold"
    return Chart(WIDE, title, "times better than demanded (left of 1: worse)", lines, ticks, axis.x(1))


def factor(row: Row, value: float) -> float:
    """Return how many times better than its bound a row's value is."""
    assert row.bound
    better = row.bound.value / value if row.bound.kind == "at most" else value / row.bound.value
    return max(better, 1e-9)


def _margin(row: Row, place: int, axis: Axis) -> Line:
    assert row.value
    spread = row.interval or row.quartiles
    ends = sorted(axis.x(factor(row, max(end, 1e-9))) for end in spread) if spread else None
    better = factor(row, row.value)
    return Line(
        y=_y(place),
        label=WIDE.label(row.number if " " in row.number else f"{row.number} · {row.what}"),
        value=f"{better:.2g}×",
        title=f"{row.number}: {row.what}: {with_unit(row.value, row.unit)}",
        kind="held" if row.held else "not-held",
        point=axis.x(better),
        bar=axis.x(1),
        whisker=(ends[0], ends[1]) if ends else None,
    )


def samples(contestants: Sequence[Contestant], title: str) -> Chart:
    """Draw samples of contestants in one unit: median, box of the quartiles, dots."""
    axis = Axis.over(quantile(one.samples, share) for one in contestants for share in (0.02, 0.98))
    lines = tuple(_sampled(one, place, axis) for place, one in enumerate(contestants))
    return Chart(NARROW, title, contestants[0].unit, lines, axis.ticks())


def _sampled(one: Contestant, place: int, axis: Axis) -> Line:
    found = one.summary
    few = len(one.samples) < 3
    return Line(
        y=_y(place),
        label=NARROW.label(one.name),
        value=with_unit(found.value, one.unit),
        title=f"{one.name}: median {with_unit(found.value, one.unit)} of {found.count}, "
        f"quartiles {number(found.quartiles[0])}–{number(found.quartiles[1])}",
        kind="us" if place == 0 else "them",
        point=axis.x(found.value),
        bar=axis.x(axis.low) if few else None,
        box=None if few else (axis.x(found.quartiles[0]), axis.x(found.quartiles[1])),
        dots=tuple(axis.x(value) for value in thinned(one.samples, DOTS)),
    )


def quality(one: SetContest, measure: str) -> Chart:
    """Draw hit@1 or MRR of every contestant on a set with the interval over questions."""

    def value(found: SetQuality) -> float:
        return found.hit1 if measure == "hit@1" else found.mrr

    def interval(found: SetQuality) -> tuple[float, float]:
        known = found.hit1_interval if measure == "hit@1" else found.mrr_interval
        return known or (value(found), value(found))

    low = min(interval(found)[0] for found in one.contestants)
    axis = Axis(max(0.0, math.floor(low * 10 - 1e-9) / 10), 1.0, False)
    lines = tuple(
        Line(
            y=_y(place),
            label=found.contestant,
            value=f"{value(found):.3f}",
            title=f"{found.contestant}: {value(found):.3f}, 95 % {interval(found)[0]:.3f}–{interval(found)[1]:.3f}",
            kind="us" if place == 0 else "them",
            point=axis.x(value(found)),
            bar=axis.x(axis.low),
            whisker=(axis.x(interval(found)[0]), axis.x(interval(found)[1])),
        )
        for place, found in enumerate(one.contestants)
    )
    return Chart(NARROW, measure, f"{measure}, with 95 % interval over questions", lines, axis.ticks())


def latency(one: SetContest) -> Chart:
    """Draw the milliseconds of every contestant's answers."""
    return samples([Contestant(found.contestant, "ms", found.milliseconds) for found in one.contestants], "Latency")


def build(one: SetContest) -> Chart:
    """Draw how long every contestant took to index a set."""
    return samples([Contestant(found.contestant, "s", found.build_seconds) for found in one.contestants], "Index")
