"""The commands that put everything into one file and get it back: backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import DEFAULT_CONFIG, Settings, load_settings
from bot.terminal.commands import ConfigOption, JsonOption, audited, explained, opener_of, print_json
from bot.terminal.progress import progress_bar
from retrieval.errors import WenbaoError

if TYPE_CHECKING:  # imported by the commands, because ``--help`` needs none of it
    from bot.backup import Packed, Restored

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, for example wenbao.zip.")]


@explained
def backup(file: BackupFile, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Put index, earlier texts, feedback and all reports into one file; others may serve and index meanwhile.

    The file holds what people asked: only its owner may read it. A backup that stands there already is replaced.
    """
    from bot.backup import make_backup

    settings = load_settings(config)
    with progress_bar(quiet=as_json) as progress:
        packed = make_backup(settings, file, progress)
    if as_json:
        print_json(_packed_json(packed))
    else:
        _show_packed(packed)


@explained
def restore(
    context: typer.Context,
    file: BackupFile,
    config: ConfigOption = DEFAULT_CONFIG,
    force: Annotated[
        bool, typer.Option("--force", "--yes", help="Also where an index or reports are; they are kept aside.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put what a backup holds where the configuration wants it; then it answers as it did, without embedding anew.

    The backup's first corpus path becomes the first of corpus.paths, and so on. All is unpacked and checked before
    anything is replaced, and what was there before is kept in hidden folders, which are named in the end.
    """
    from bot.backup import restore_backup

    settings = load_settings(config)
    with progress_bar(quiet=as_json) as progress:
        restored = restore_backup(settings, file, force=force, progress=progress)
    with audited(settings) as audit:  # into the restored log
        audit.record("terminal", "terminal", "restore", "done", [file.name])
    restored.notes += _encoder_notes(context, settings, restored)
    if as_json:
        print_json(_restored_json(restored))
    else:
        _show_restored(restored)


def _encoder_notes(context: typer.Context, settings: Settings, restored: Restored) -> list[str]:
    """Say whether the configured encoder is the one that made the index."""
    try:
        encoder = opener_of(context).encoder(settings)
        if encoder.fingerprint == restored.encoder_fingerprint:
            return []
    except WenbaoError as error:
        return [str(error)]
    named = "another encoder.runtime or model files" if encoder.name == restored.encoder else encoder.name
    return [f"the index was made with the encoder {restored.encoder}, the configuration names {named}"]


def _packed_json(packed: Packed) -> dict[str, object]:
    return {
        "file": str(packed.file),
        "bytes": packed.bytes,
        "generation": packed.generation,
        "generation_files": packed.generation_files,
        "state_files": packed.state_files,
        "databases": packed.databases,
        "originals": packed.originals,
        "changed": [{"path": path, "reason": reason} for path, reason in packed.changed],
        "left_out": [{"path": path, "reason": reason} for path, reason in packed.left_out],
        "seconds": packed.seconds,
    }


def _restored_json(restored: Restored) -> dict[str, object]:
    return {
        "file": str(restored.file),
        "created": restored.created,
        "generation": restored.generation,
        "databases": restored.databases,
        "originals": restored.originals,
        "roots": [{"from": before, "to": str(here)} for before, here in restored.roots],
        "replaced": list(map(str, restored.replaced)),
        "notes": restored.notes,
        "seconds": restored.seconds,
    }


def _show_packed(packed: Packed) -> None:
    size = f"{packed.bytes / 2**20:,.1f} MiB"
    typer.echo(
        f"{packed.file}: generation {packed.generation}, {packed.originals:,} files of the corpus, "
        f"{packed.databases} databases; {size} in {packed.seconds:.1f} s"
    )
    for path, reason in packed.changed:
        typer.echo(f"  ! {path}: {reason}; the first `wenbao index` after a restore sees to it")
    for path, reason in packed.left_out:
        typer.echo(f"  ! not in the backup: {path}: {reason}")


def _show_restored(restored: Restored) -> None:
    typer.echo(
        f"generation {restored.generation} of {restored.created}: {restored.originals:,} files of the corpus, "
        f"{restored.databases} databases; {restored.seconds:.1f} s"
    )
    for before, here in restored.roots:
        typer.echo(f"  {before} -> {here}")
    for folder in restored.replaced:
        typer.echo(f"  what was there before is in {folder}: delete it when you need it no longer")
    for note in restored.notes:
        typer.echo(f"  ! {note}: `wenbao index` makes a new generation")
