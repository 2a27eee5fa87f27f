"""A report as one HTML page that loads nothing: verdicts, drawings as SVG, machine and versions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.harness import plots
from benchmarks.harness.rows import Report, Row
from benchmarks.harness.tables import bound_text, number, spread_text, with_unit


def page(report: Report) -> str:
    """Return the page for a run."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        report=report,
        held=sum(row.held is True for row in report.judged),
        margins=plots.margins(report.judged),
        comparisons=list(comparisons(report)),
        informative=[row for row in report.rows if row.bound is None],
        plots=plots,
        bound=bound_text,
        spread=spread_text,
        number=number,
        unit=with_unit,
    )


def comparisons(report: Report) -> Iterator[tuple[Row, plots.Chart]]:
    """Yield the rows whose contestants can be drawn, but for those of the peers, which are drawn by set."""
    for row in report.rows:
        if row.contestants and row.part != "peers":
            yield row, plots.samples(row.contestants, row.what)
