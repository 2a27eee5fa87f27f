"""What ``wenbao evaluate`` prints: readable in 80 columns, plain when piped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from retrieval.evaluation import Abstention, Comparison, Figure, Group, Run


def show_figures(run: Run, comparisons: Sequence[Comparison], saved: Path) -> None:
    """Print the figures of every set, by language, each above its 95 % interval, and what changed."""
    console = Console(highlight=False, soft_wrap=False)
    compared = {comparison.name: comparison for comparison in comparisons}
    for one in run.sets:
        counts = f"{one.level} level · {one.documents} reports, {one.passages} passages · {one.generation}"
        console.print(Text.assemble((one.name, "bold"), (f" · {counts}", "dim")))
        for note in one.notes:
            console.print(Text(f"! {note}", style="yellow"))
        for group in one.groups:
            _show_group(console, group)
        if one.milliseconds:
            times = [f"{name} {value:.1f} ms" for name, value in one.milliseconds.items()]
            console.print(Text("  " + ", ".join(times), style="dim"))
        if one.name in compared:
            _show_comparison(console, compared[one.name])
        console.print()
    console.print(Text(f"{saved}", style="dim"), soft_wrap=True)


def _show_group(console: Console, group: Group) -> None:
    measures = list(dict.fromkeys(measure for row in group.rows.values() for measure in row))
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column(f"{group.lang} ({group.questions})", overflow="fold")
    for measure in measures:
        table.add_column(measure, justify="right")
    for name, row in group.rows.items():
        table.add_row(Text(name), *(_figure(row.get(measure)) for measure in measures))
    console.print(Padding(table, (0, 0, 0, 2)))
    if group.abstention:
        _show_abstention(console, group.abstention)


def _figure(figure: Figure | None) -> Text:
    if figure is None:
        return Text("–")
    shown = Text(f"{figure.value:.3f}")
    if figure.low is not None and figure.high is not None:
        shown.append(f"\n{_bound(figure.low)}–{_bound(figure.high)}", style="dim")
    return shown


def _bound(value: float) -> str:
    """Return a share in three characters."""
    return "1.0" if value >= 0.995 else f"{value:.2f}".removeprefix("0")


def _show_abstention(console: Console, abstention: Abstention) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_row("answerable, not answerable", f"{abstention.answerable}, {abstention.unanswerable}")
    for name, figure in (
        ("AUROC, answerable or not", abstention.auroc_answerable),
        ("AUROC, first citation right or not", abstention.auroc_right),
    ):
        if figure:
            table.add_row(name, _on_one_line(figure))
    table.add_row("area under risk-coverage", f"{abstention.aurc:.3f}")
    table.add_row("expected calibration error", f"{abstention.ece:.3f}")
    for name, share in (
        ("answered", abstention.answered_share),
        ("of the answered, wrong", abstention.answered_wrong),
        ("of the answerable, refused", abstention.answerable_refused),
        ("of the unanswerable, answered", abstention.unanswerable_answered),
    ):
        if share is not None:
            table.add_row(name, f"{share:.3f}")
    console.print(Padding(table, (0, 0, 0, 2)))


def _on_one_line(figure: Figure, sign: str = "") -> str:
    interval = "" if figure.low is None else f" ({figure.low:{sign}.3f} to {figure.high:{sign}.3f})"
    return f"{figure.value:{sign}.3f}{interval}"


def _show_comparison(console: Console, comparison: Comparison) -> None:
    counts = ", ".join(f"{count} {kind}" for kind, count in comparison.counts.items())
    console.print(Text(f"  of {comparison.shared} questions in both runs: {counts}", style="bold"))
    table = Table.grid(padding=(0, 2))
    for measure, figure in comparison.differences.items():
        table.add_row(measure, _on_one_line(figure, "+"))
    console.print(Padding(table, (0, 0, 0, 2)))
    for change in comparison.changes:
        ranks = f"{change.before.rank or '–'} → {change.after.rank or '–'}"
        console.print(Text(f"  {', '.join(change.kinds)} · {ranks} · {change.after.question}", style="dim"))
