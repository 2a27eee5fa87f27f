"""The commands that change what can be asked about: index, add, remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bot.contract import receipt_json
from bot.settings import DEFAULT_CONFIG, Settings, load_settings
from bot.terminal.commands import ConfigOption, JsonOption, explained, noted, opener_of, print_json
from bot.terminal.progress import progress_bar
from bot.terminal.show import show_receipt
from retrieval.types import Receipt


@explained
def index(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Embed everything anew; use nothing of the old index.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Also where more than half of the reports are no longer in the corpus.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Build the index, or bring it up to date: only new or changed passages are embedded.

    Where more than half of the reports, and more than three, are no longer in the corpus, nothing is changed without
    --yes: a folder may be missing.
    """
    settings, about = load_settings(config), list[str]()
    with noted(settings, "index.rebuild" if rebuild else "index", about):
        receipt = _updated(context, settings, quiet=as_json, rebuild=rebuild, may_remove_most=yes)
        about += (*receipt.added, *receipt.changed, *receipt.removed)
    _show(receipt, as_json)


@explained
def add(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Reports to copy into the corpus folder.")],
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Add reports to the corpus folder and index them; a serving process takes them over by itself.

    An index in a database keeps them itself, and `wenbao index` leaves them there.
    """
    from bot.service.opening import hand_in
    from bot.service.reports import add_reports, changing, read_upload

    settings = load_settings(config)
    uploads = [read_upload(file) for file in files]
    if settings.index.is_shared:
        with noted(settings, "documents.add", [upload.name for upload in uploads]), progress_bar(quiet=as_json) as bar:
            receipt = hand_in(settings, opener_of(context).encoder(settings, bar), uploads, bar)
        _show(receipt, as_json)
        return
    with noted(settings, "documents.add", [upload.name for upload in uploads]), changing(settings):
        with progress_bar(quiet=as_json) as progress:
            refused = add_reports(settings, uploads, progress)
        receipt = _updated(context, settings, quiet=as_json)
    _show(replace(receipt, skipped=(*refused, *receipt.skipped)), as_json)


@explained
def remove(
    context: typer.Context,
    document_ids: Annotated[list[str], typer.Argument(metavar="DOCUMENT_ID...", help="Ids, as `documents` lists.")],
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Delete reports from the corpus folder and from the index."""
    from bot.service.opening import take_out
    from bot.service.reports import changing, remove_reports
    from bot.service.store import store_of

    settings = load_settings(config)
    if settings.index.is_shared:
        with noted(settings, "documents.remove", document_ids), progress_bar(quiet=as_json) as bar:
            receipt = take_out(settings, opener_of(context).encoder(settings, bar), document_ids, bar)
        _show(receipt, as_json)
        return
    with noted(settings, "documents.remove", document_ids), changing(settings):
        remove_reports(settings, store_of(settings).published(), document_ids)
        receipt = _updated(context, settings, quiet=as_json, named=document_ids)
    _show(receipt, as_json)


def _updated(
    context: typer.Context,
    settings: Settings,
    *,
    quiet: bool,
    rebuild: bool = False,
    may_remove_most: bool = False,
    named: Sequence[str] = (),
) -> Receipt:
    """Bring the index up to date, with a progress bar unless ``quiet``."""
    from bot.service.opening import update_index

    with progress_bar(quiet=quiet) as progress:
        encoder = opener_of(context).encoder(settings, progress)
        return update_index(
            settings, encoder, rebuild=rebuild, may_remove_most=may_remove_most, named=named, progress=progress
        )


def _show(receipt: Receipt, as_json: bool) -> None:
    if as_json:
        print_json(receipt_json(receipt))
    else:
        show_receipt(receipt)
