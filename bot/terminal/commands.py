"""What all commands share: their options, failures as one line, and JSON on one line."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypeVar

import typer

from bot.settings import Settings
from bot.telemetry import logs
from retrieval.errors import WenbaoError

if TYPE_CHECKING:
    from bot.service.opening import Opener
    from bot.state import Audit

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


@contextmanager
def audited(settings: Settings) -> Iterator[Audit]:
    """Yield the audit log, open."""
    from bot.service.state import state_of
    from bot.state import Audit

    with closing(state_of(settings)) as state:
        yield Audit(state)


@contextmanager
def noted(settings: Settings, what: str, about: Sequence[str]) -> Iterator[None]:
    """Write down what comes of a block in the audit log."""
    with audited(settings) as audit, audit.noting("terminal", "terminal", what, about):
        yield


def opener_of(context: typer.Context) -> Opener:
    """Return the opener that ``main`` was handed, else the real one, imported late because ``--help`` needs none."""
    from bot.service.opening import Opener

    return context.obj or Opener()


def print_json(value: object) -> None:
    """Print a value as JSON on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False))
