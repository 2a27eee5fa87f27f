"""The progress bar of indexing and evaluation."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from bot.telemetry import logs
from retrieval.types import Progress

log = logging.getLogger("wenbao")

STAGES = {
    "model": "preparing the model",
    "read": "reading",
    "recognise": "recognising pages",
    "embed": "embedding",
    "words": "cutting words",
    "write": "writing",
    "ask": "asking",
    "pack": "packing the corpus",
    "pack_index": "packing the index",
    "unpack": "unpacking",
}
"""What a progress bar calls each stage of the work."""


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Progress]:
    """Show a progress bar on standard error while work goes on; where that is no terminal, a line for each stage.

    Where the process logs JSON, the lines are of the log.

    With ``quiet`` nothing is shown.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    has_bars = not quiet and console.is_terminal and not logs.is_json()
    with Bars(*columns, console=console, disable=not has_bars, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(STAGES[stage], total=total)
                if logs.is_json():
                    log.info("%s", STAGES[stage])
                elif not quiet and not has_bars:
                    typer.echo(f"{STAGES[stage]} …", err=True)
            bars.update(tasks[stage], completed=done, total=total)

        yield report
