"""The command that takes the index from one store to another: copy."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.contract import receipt_json
from bot.settings import DEFAULT_CONFIG, Settings, index_password, load_settings
from bot.terminal.commands import ConfigOption, JsonOption, explained, noted, print_json
from bot.terminal.progress import progress_bar
from bot.terminal.show import show_receipt
from retrieval.errors import WenbaoError

if TYPE_CHECKING:  # imported by the command, because ``--help`` needs none of it
    from retrieval.types import Progress, Receipt

Target = Annotated[
    str, typer.Option("--to", metavar="URL|FOLDER", help="oceanbase://USER@HOST:2881/DATABASE, or a folder.")
]


class CopyRefused(WenbaoError):
    """There is something at the target already, or nothing can be copied between these stores."""


@explained
def copy(
    to: Target,
    config: ConfigOption = DEFAULT_CONFIG,
    yes: Annotated[bool, typer.Option("--yes", help="Also where an index is already; it is replaced.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy the configured index into a database, or from one into a folder; nothing is embedded for that.

    The configuration stays as it is: name the target in index.store and index.url (or index.path) afterwards, and run
    `wenbao index` once, which adds the original files. Votes, keys and earlier texts stay where they are.
    """
    settings = load_settings(config)
    copied = _into_database if "://" in to else _into_folder
    with noted(settings, "copy", [to]), progress_bar(quiet=as_json) as progress:
        receipt = copied(settings, to, progress, replace=yes)
    if as_json:
        print_json(receipt_json(receipt))
    else:
        show_receipt(receipt)


def _into_database(settings: Settings, url: str, progress: Progress, *, replace: bool) -> Receipt:
    from retrieval.index.local.snapshot import load_snapshot
    from retrieval.index.oceanbase.database import Database
    from retrieval.index.oceanbase.soundness import check_sound
    from retrieval.index.oceanbase.store import OceanBaseStore
    from retrieval.index.oceanbase.writing.copying import copy_to

    if settings.index.is_shared:
        raise CopyRefused("the configured index is in a database already: copy it into a folder, and that into another")
    with closing(Database(url, index_password())) as database:
        database.check()
        there = OceanBaseStore(database, settings.index.path).publication()
        if there and not replace:
            raise CopyRefused(f"there is an index in {database.address}: say --yes to replace it")
        return copy_to(
            load_snapshot(settings.index.path),
            database,
            test=lambda number: check_sound(database, number),
            keep=settings.index.keep,
            progress=progress,
        )


def _into_folder(settings: Settings, folder: str, progress: Progress, *, replace: bool) -> Receipt:
    from bot.service.store import shared_store_of
    from retrieval.index.local.store import LocalStore
    from retrieval.index.oceanbase.writing.copying import copy_from
    from retrieval.index.store import Keeping

    store, path = shared_store_of(settings), Path(folder)
    if store is None:
        raise CopyRefused("the configured index is files already: copy its folder, or use `wenbao backup`")
    if LocalStore(path).publication() and not replace:
        raise CopyRefused(f"there is an index in {path}: say --yes to replace it")
    keeping = Keeping(settings.index.exact_up_to, settings.index.keep, settings.corpus.history)
    return copy_from(store.published(), path, keeping=keeping, progress=progress)
