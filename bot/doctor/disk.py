"""Room and permissions where the index and the models are, and the limit of open files."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from bot.doctor.finding import Examined, Finding
from bot.service.store import store_of
from retrieval.encoder.sentence_encoder import default_cache

MIB = 2**20
LEAST_FREE = 100 * MIB
"""With less, SQLite, logs and the next generation soon fail."""
FOR_MODELS = 2 * 2**30
"""What unpacking and compiling a model takes, as the encoder's own messages say."""
FEW_FILES, TOO_FEW_FILES = 1024, 256


def index_disk(examined: Examined) -> Finding:
    """Check that index.path can be written and has room for one more generation."""
    name, path = "disk of the index", examined.settings.index.path
    there = _existing(path)
    if trouble := _refuses(there):
        says = f"{there} cannot be written ({trouble})"
        return Finding(name, "problem", says, "mend that, or set index.path elsewhere")
    free, next_one = shutil.disk_usage(there).free, store_of(examined.settings).size_here()
    says = f"{_shown(free)} free in {path}"
    if free < LEAST_FREE:
        return Finding(name, "problem", says, "free some space")
    if free < next_one + LEAST_FREE:
        return Finding(name, "warning", f"{says}, and a generation takes {_shown(next_one)}", "free some space")
    return Finding(name, "ok", says)


def cache_disk(examined: Examined) -> Finding:
    """Check that the folder of models can be written and has room, where a model is still to be made there."""
    name, wanted = "disk of the models", examined.settings.encoder.cache or default_cache()
    there = _existing(wanted)
    free, trouble = shutil.disk_usage(there).free, _refuses(there)
    if examined.has_ready_encoder:
        says = f"the model needs no more room in {wanted}"
        return Finding(name, "ok", says)
    if trouble:
        return Finding(name, "problem", f"{there} cannot be written ({trouble})", "mend that, or set encoder.cache")
    says = f"{_shown(free)} free in {wanted}, and making the model ready takes {_shown(FOR_MODELS)}"
    return Finding(name, "ok", says) if free >= FOR_MODELS else Finding(name, "problem", says, "free some space")


def open_files(examined: Examined) -> Finding:
    """Check how many files and connections a process may have open."""
    name = "open files"
    try:
        import resource
    except ImportError:
        return Finding(name, "skipped", "this system has no such limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return Finding(name, "ok", "no limit")
    says = f"a process may have {soft:,} open"
    if soft >= FEW_FILES:
        return Finding(name, "ok", says)
    remedy = f"raise it: `ulimit -n {FEW_FILES * 4}`, or LimitNOFILE= of the service"
    return Finding(name, "problem" if soft < TOO_FEW_FILES else "warning", says, remedy)


def _existing(path: Path) -> Path:
    """Return the path, or the nearest folder above it that exists."""
    return next(one for one in (path, *path.parents) if one.exists())


def _refuses(folder: Path) -> str:
    """Return why nothing can be written into a folder; "" where it can. What is written has no name and goes again."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _shown(size: int) -> str:
    return f"{size / 2**30:,.1f} GiB" if size >= 2**30 else f"{size / MIB:,.0f} MiB"
