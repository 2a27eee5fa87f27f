"""What all commands share: their options, failures as one line, and JSON on one line."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypeVar

import typer

from bot.settings import Settings
from bot.telemetry import logs
from retrieval.errors import WenbaoError

if TYPE_CHECKING:
    from bot.service.opening import Opener

log = logging.getLogger("wenbao")

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

ConfigOption = Annotated[Path, typer.Option("--config", metavar="FILE", help="The configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def explained(command: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Turn a WenbaoError into one line on standard error and exit status 1, an interruption into 130."""

    @wraps(command)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except WenbaoError as error:
            complain(" ".join(str(error).split()))
            raise typer.Exit(1) from error
        except KeyboardInterrupt as interrupt:
            complain("interrupted")
            raise typer.Exit(130) from interrupt

    return run


def complain(line: str) -> None:
    """Write why the command ends to standard error, in the log's form if that is JSON."""
    if logs.is_json():
        log.critical("%s", line)
    else:
        typer.echo(f"wenbao: {logs.plain(line)}", err=True)


def noted(settings: Settings, what: str, about: Sequence[str]) -> AbstractContextManager[None]:
    """Return a block of whose outcome the audit log gets a line."""
    from bot.state import Audit

    return Audit(settings.index.path).noting("terminal", "terminal", what, about)


def opener_of(context: typer.Context) -> Opener:
    """Return the opener that ``main`` was handed, else the real one, imported late because ``--help`` needs none."""
    from bot.service.opening import Opener

    return context.obj or Opener()


def print_json(value: object) -> None:
    """Print a value as JSON on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False))
