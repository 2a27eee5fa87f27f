"""A run as one HTML page that loads nothing: tables, curves drawn as SVG, and every miss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from retrieval.errors import EvaluationError
from retrieval.evaluation import Abstention, Comparison, EarlierRun, Miss, Run, SetResult

LEFT, TOP, WIDTH, HEIGHT = 46.0, 14.0, 300.0, 210.0
"""The plotting area inside the drawing, in its units."""
KINDS = (
    "refused",
    "not found",
    "ranked low",
    "found but not answered",
    "wrong sentence",
    "answered without evidence",
)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where it stands in the drawing, and its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point in the drawing, with its radius and what it says when pointed at."""

    x: float
    y: float
    radius: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing: a line as SVG points, dots upon it, and the marks of both axes."""

    line: str
    dots: tuple[Dot, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


def report_html(run: Run, comparisons: Sequence[Comparison] = (), earlier: EarlierRun | None = None) -> str:
    """Return the page for a run, with what changed since an earlier one."""
    folder = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        run=run,
        earlier=earlier,
        compared={comparison.name: comparison for comparison in comparisons},
        misses=misses_by_kind,
        risk_coverage=risk_coverage,
        reliability=reliability,
    )


def write_report(path: Path, html: str) -> None:
    """Write the page; EvaluationError if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(html, encoding="utf-8")
    except OSError as error:
        raise EvaluationError(f"the report cannot be written to {path}: {error.strerror}") from error


def misses_by_kind(one: SetResult) -> dict[str, list[Miss]]:
    """Return a set's misses by what went wrong, the worst kind first."""
    found = {kind: [miss for miss in one.misses if miss.kind == kind] for kind in KINDS}
    return {kind: misses for kind, misses in found.items() if misses}


def risk_coverage(abstention: Abstention) -> Chart:
    """Draw the share wrong against the share answered; the dot is the bot's own threshold."""
    top = max(0.1, math.ceil(max(risk for _, risk in abstention.curve) * 10) / 10)
    dots = []
    if abstention.answered_wrong is not None:
        share, wrong = abstention.answered_share, abstention.answered_wrong
        dots = [Dot(_x(share), _y(wrong, top), 5, f"answered {share:.0%}, of these wrong {wrong:.1%}")]
    return Chart(_line(abstention.curve, top), tuple(dots), _x_ticks(), _y_ticks(top))


def reliability(abstention: Abstention) -> Chart:
    """Draw the share right against the confidence, a dot for each bin."""
    points = [(found.confidence, found.right) for found in abstention.bins]
    dots = (
        Dot(
            _x(found.confidence),
            _y(found.right, 1),
            4,
            f"confidence {found.confidence:.2f}: right {found.right:.2f} of {found.count}",
        )
        for found in abstention.bins
    )
    return Chart(_line(points, 1), tuple(dots), _x_ticks(), _y_ticks(1))


def _line(points: Sequence[tuple[float, float]], top: float) -> str:
    return " ".join(f"{_x(x)},{_y(y, top)}" for x, y in points)


def _x(value: float) -> float:
    return round(LEFT + value * WIDTH, 1)


def _y(value: float, top: float) -> float:
    return round(TOP + (1 - value / top) * HEIGHT, 1)


def _x_ticks() -> tuple[Tick, ...]:
    return tuple(Tick(_x(step / 5), f"{step / 5:.1f}") for step in range(6))


def _y_ticks(top: float) -> tuple[Tick, ...]:
    return tuple(Tick(_y(top * step / 5, top), f"{top * step / 5:.2f}") for step in range(6))
