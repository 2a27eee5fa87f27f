"""The progress bar of indexing and evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from retrieval.types import Progress

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

    With ``quiet`` nothing is shown.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Bars(*columns, console=console, disable=quiet or not console.is_terminal, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(STAGES[stage], total=total)
                if not quiet and not console.is_terminal:
                    typer.echo(f"{STAGES[stage]} …", err=True)
            bars.update(tasks[stage], completed=done, total=total)

        yield report
