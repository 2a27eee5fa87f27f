"""The configuration, the corpus, and files that only their owner should read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bot.backup.databases import SUFFIX
from bot.doctor.finding import Examined, Finding, told
from retrieval.corpus import find_files
from retrieval.errors import CorpusMissing
from retrieval.index.history.store import FILE as HISTORY

TOKEN = re.compile(r"\b\d{6,}:[A-Za-z0-9_-]{30,}")
"""What a Telegram bot's token looks like."""
OTHERS = 0o077
"""Permissions of anybody but the owner."""


def configuration(examined: Examined) -> Finding:
    """Check whether the configuration file holds a secret that others can read."""
    name, file = "configuration", examined.config
    text = file.read_text(encoding="utf-8")
    if TOKEN.search(text):
        says = f"{file} holds a bot token"
        return Finding(name, "problem", says, "take it out and set TELEGRAM_BOT_TOKEN; ask @BotFather for a new one")
    if urlsplit(examined.settings.telegram.proxy or "").password and _is_open(file):
        says = f"{file} holds the password of telegram.proxy, and others can read it"
        return Finding(name, "warning", says, f"chmod 600 {file}")
    return Finding(name, "ok", str(file))


def corpus(examined: Examined) -> Finding:
    """Check that the corpus is there and can be read."""
    name, paths = "corpus", examined.settings.corpus.paths
    try:
        files = [path for _, path in find_files(paths)]
    except CorpusMissing as error:
        return Finding(name, "problem", *told(error))
    effective = os.access in os.supports_effective_ids
    closed = [path for path in files if not os.access(path, os.R_OK, effective_ids=effective)]
    if closed:
        says = f"{len(closed):,} of {len(files):,} files cannot be read, for example {closed[0]}"
        return Finding(name, "warning", says, "mend their permissions, then run `wenbao index`")
    shown = ", ".join(map(str, paths))
    if not files:
        return Finding(name, "warning", f"no files in {shown}", "put reports there, or use `wenbao add`")
    return Finding(name, "ok", f"{len(files):,} files in {shown}")


def private_files(examined: Examined) -> Finding:
    """Check that nobody else can read what people asked, or secrets that stand beside the configuration."""
    name = "private files"
    found = [path for path in _private(examined) if path.is_file()]
    if opened := [path for path in found if _is_open(path)]:
        says = f"others can read {', '.join(map(str, opened))}"
        return Finding(name, "warning", says, f"chmod 600 {' '.join(map(str, opened))}")
    return Finding(name, "ok", f"only their owner can read them ({len(found)} found)")


def _private(examined: Examined) -> Iterator[Path]:
    """Yield the databases of the state and the usual file of secrets; earlier texts are as public as the reports."""
    index = examined.settings.index.path
    yield from (path for path in sorted(index.glob(f"*{SUFFIX}")) if path.name != HISTORY)
    yield examined.config.parent / ".env"


def _is_open(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & OTHERS)
