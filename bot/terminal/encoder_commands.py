"""The commands that carry the compiled encoder to a machine that cannot compile it: encoder export, encoder import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.settings import DEFAULT_CONFIG, load_settings
from bot.terminal.commands import ConfigOption, explained
from bot.terminal.progress import progress_bar
from bot.terminal.show import say

app = typer.Typer(
    help="Carry the compiled encoder to a machine that only serves.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("export")
@explained
def export_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, such as encoder.zip.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the configured encoder, compiled, into one file; it is compiled first if need be.

    A machine that imports the file needs neither torch nor sentence-transformers, onnx, or the model's own files. Its
    vectors are those of this machine, so that an index made here is answered from there.
    """
    from retrieval.encoder.sentence_encoder import SentenceEncoder

    of = load_settings(config).encoder
    with progress_bar(quiet=False) as progress:
        exported = SentenceEncoder(of.model, of.cache, of.weights_file, progress, of.runtime).export(file)
    typer.echo(
        say(
            "cli_exported",
            model=exported.identity.model,
            runtime=exported.runtime,
            fingerprint=exported.fingerprint,
            file=file,
            megabytes=round(file.stat().st_size / 1e6),
            name=file.name,
        )
    )


@app.command("import")
@explained
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `wenbao encoder export` wrote.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Put an exported encoder into encoder.cache (the user's cache where that is not set), checked and all at once."""
    from retrieval.encoder.exported import import_encoder
    from retrieval.encoder.sentence_encoder import default_cache

    of = load_settings(config).encoder
    cache = of.cache or default_cache()
    exported = import_encoder(file, cache)
    about = {"model": exported.identity.model, "runtime": exported.runtime}
    typer.echo(say("cli_imported", **about, fingerprint=exported.fingerprint, folder=cache / exported.folder_name))
    if (of.model, of.runtime) != (exported.identity.model, exported.runtime):
        typer.echo(say("cli_import_unused", **about))
