"""API keys in the terminal: ``wenbao keys``, ``keys add`` and ``keys revoke``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import DEFAULT_CONFIG, Settings, load_settings
from bot.terminal.commands import ConfigOption, JsonOption, explained, noted, print_json
from bot.terminal.show import show_keys

if TYPE_CHECKING:
    from bot.access.keys import Keys

keys = typer.Typer(
    help="List API keys, make one, or take one back.", invoke_without_command=True, rich_markup_mode=None
)


@contextmanager
def _ring(settings: Settings) -> Iterator[Keys]:
    from bot.access.keys import Keys
    from bot.service.state import state_of

    with closing(state_of(settings)) as state:
        yield Keys(state)


@keys.callback()
@explained
def list_keys(context: typer.Context, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """List the keys, make one (add), or take one back (revoke)."""
    if context.invoked_subcommand is not None:
        return
    with _ring(load_settings(config)) as ring:
        found = ring.all()
    if as_json:
        print_json({"keys": [key.as_json() for key in found]})
    else:
        show_keys(found)


@keys.command("add")
@explained
def add_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the key is called in lists and logs.")],
    scope: Annotated[str, typer.Option("--scope", help="ask, read (reports too) or admin (everything).")],
    config: Annotated[Path, typer.Option("--config", metavar="FILE", help="The configuration file.")] = DEFAULT_CONFIG,
    documents: Annotated[
        str | None, typer.Option("--documents", metavar="GLOB", help="Only reports whose ids match, such as news/*.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="TIME", help="After how long it ends: 12h, 90d, 4w.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it, this once; only its hash is kept."""
    settings = load_settings(config)
    with noted(settings, "keys.add", [name]), _ring(settings) as ring:
        key, token = ring.add(name, scope, documents, expires)
    if as_json:
        print_json({**key.as_json(), "key": token})
    else:
        typer.echo(token)
        typer.echo("Keep it now: it is shown this once. Send it as: Authorization: Bearer <key>", err=True)


@keys.command("revoke")
@explained
def revoke_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The key's name, as `wenbao keys` lists it.")],
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Take a key back; a running server refuses it within seconds."""
    settings = load_settings(config)
    with noted(settings, "keys.revoke", [name]), _ring(settings) as ring:
        ring.revoke(name)
    if as_json:
        print_json({"revoked": name})
    else:
        typer.echo(f"the key {name} is taken back")
