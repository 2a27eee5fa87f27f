"""The command that checks the installation: doctor."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

import typer

from bot.settings import DEFAULT_CONFIG, load_settings
from bot.terminal.commands import ConfigOption, JsonOption, explained, opener_of, print_json

COLOURS = {"ok": "green", "warning": "yellow", "problem": "red", "skipped": "bright_black"}
WIDEST = 8
"""Letters of the longest state."""


@explained
def doctor(context: typer.Context, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Check disk, index, encoder, tokens, Telegram, clock, port and permissions, and say what to do.

    The exit status is 1 where there is a problem. Nothing is changed. Telegram is asked who the bot is, and
    server.public_url whether Wenbao answers there.
    """
    from bot.doctor import Examined, examine

    examined, counts, found = Examined(load_settings(config), opener_of(context), config), Counter[str](), []
    for finding in examine(examined):
        counts[finding.state] += 1
        found.append(asdict(finding))
        if not as_json:
            state = typer.style(finding.state.ljust(WIDEST), fg=COLOURS[finding.state])
            typer.echo(f"{state}  {finding.name}: {finding.says}")
            if finding.remedy:
                typer.echo(f"{' ' * WIDEST}  -> {finding.remedy}")
    if as_json:
        print_json({"problems": counts["problem"], "warnings": counts["warning"], "findings": found})
    else:
        typer.echo(", ".join(f"{counts[kind]} {kind}{'s' * (counts[kind] != 1)}" for kind in ("problem", "warning")))
    if counts["problem"]:
        raise typer.Exit(1)
