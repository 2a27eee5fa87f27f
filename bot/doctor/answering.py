"""What questions are answered with: the index, the databases beside it, the encoder."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time

from bot.backup.databases import SUFFIX, is_whole
from bot.doctor.finding import Examined, Finding, told
from bot.service.status import IndexStatus, index_status
from bot.service.store import database_of, store_of
from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.errors import WenbaoError

REBUILD = "run `wenbao index --rebuild`"
QUESTION = "社区的志愿者做了什么？"
WAIT_SECONDS = 1.0


def index(examined: Examined) -> Finding:
    """Check that there is an index that answers, what is wrong with it, and how old it is."""
    name = "index"
    if not examined.has_ready_encoder:
        return _index_alone(examined)
    status = index_status(examined.settings, examined.opener)
    skipped = [problem for problem in status.problems if problem.startswith("skipped ")]
    others = [problem for problem in status.problems if problem not in skipped]
    first = others[0] if others else ""
    if not status.is_served:
        says, remedy = told(first)
        return Finding(name, "problem", says or "its encoder is not available", remedy or "run `wenbao index`")
    if status.is_damaged:
        return Finding(name, "problem", f"{told(first)[0]}; an older generation answers", REBUILD)
    if first:
        return Finding(name, "warning", *told(first))
    says = f"{_counted(status)}, {_age(examined)}"
    if skipped:
        remedy = "see `wenbao status`, and mend or take away these files"
        return Finding(name, "warning", f"{says}; {len(skipped):,} skipped", remedy)
    return Finding(name, "ok", says)


def _index_alone(examined: Examined) -> Finding:
    """Check the index without the encoder, which would first have to be made ready."""
    try:
        snapshot, damage = store_of(examined.settings).last_good()
    except WenbaoError as error:
        return Finding("index", "problem", *told(error))
    if damage:
        return Finding("index", "problem", f"{told(damage)[0]}; an older generation answers", REBUILD)
    return Finding("index", "ok", f"generation {snapshot.generation}, {_age(examined)}; not compared with the encoder")


def _counted(status: IndexStatus) -> str:
    return f"generation {status.generation}, {status.documents:,} reports, {status.passages:,} passages"


def _age(examined: Examined) -> str:
    try:
        manifest = store_of(examined.settings).manifest()
        made = dt.datetime.fromisoformat(manifest.created) if manifest else None
    except (WenbaoError, ValueError):
        made = None
    if made is None:
        return "nobody knows when it was made"
    hours = (dt.datetime.fromtimestamp(examined.clock(), dt.UTC) - made).total_seconds() / 3600
    return f"changed {hours / 24:,.0f} days ago" if hours >= 48 else f"changed {max(hours, 0):,.1f} hours ago"


def database(examined: Examined) -> Finding:
    """Check that the database of the index answers, is one that can hold it, and lets its user do what is needed."""
    name, settings = "database of the index", examined.settings
    if not settings.index.is_shared:
        return Finding(name, "skipped", "the index is in a folder of this machine (index.store: local)")
    try:
        found = database_of(settings)
        assert found is not None, "a shared index has a database"
        found.check()
    except WenbaoError as error:
        return Finding(name, "problem", *told(error))
    return Finding(name, "ok", f"{found.address} answers, and its user may do all that is needed")


def databases(examined: Examined) -> Finding:
    """Check that SQLite finds each database below index.path in order."""
    name, damaged = "databases", []
    found = sorted(examined.settings.index.path.glob(f"*{SUFFIX}"))
    for file in found:
        try:
            if not is_whole(file, WAIT_SECONDS):
                damaged.append(file)
        except sqlite3.OperationalError as error:
            return Finding(name, "warning", f"{file} cannot be opened ({error})", "look at its permissions")
    if damaged:
        remedy = "move it away, and a new one is made; or restore a backup"
        return Finding(name, "problem", f"{', '.join(map(str, damaged))} is damaged", remedy)
    return Finding(name, "ok", ", ".join(file.name for file in found) or "none yet")


def encoder(examined: Examined) -> Finding:
    """Check that the model is there, loads and encodes a question, and how long that takes."""
    name = "encoder"
    if not examined.has_ready_encoder:
        says = f"{examined.settings.encoder.model} is not ready on this machine yet"
        return Finding(name, "warning", says, "run `wenbao index`: it is made ready once, which takes minutes")
    try:
        encoder, started = examined.encoder, time.perf_counter()
        encoder.load()
        loaded = time.perf_counter()
        encoder.encode_queries([QUESTION])
        asked = time.perf_counter()
    except WenbaoError as error:
        return Finding(name, "problem", *told(error))
    says = f"{encoder.name}: loaded in {loaded - started:.1f} s, a question in {(asked - loaded) * 1000:.0f} ms"
    wanted = examined.settings.encoder.runtime
    if isinstance(encoder, SentenceEncoder) and encoder.runtime != wanted:
        remedy = f"delete {encoder.compiled_folder} to try again"
        return Finding(
            name, "warning", f"{says}; it is run by torch, because it cannot be compiled to {wanted}", remedy
        )
    return Finding(name, "ok", says)
