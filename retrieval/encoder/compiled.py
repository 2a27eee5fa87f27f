"""Compiled models in the cache: made once, in a process of its own, from a SentenceTransformer folder.

    CACHE/NAME-DIGEST-RUNTIME-vRECIPE/
      compiled.json     what the encoder must know (``Compiled``), or why the model was refused; written last
      model.onnx        the graph
      weights.bin       its tensors, mapped into memory and not copied
      table.bin         its word embedding, looked up from outside, unless the graph needs it inside
      tokenizer.json    the model's tokenizer; of a Unigram tokenizer the light form too (tokenising.py)

A folder is written aside and published by one rename under a lock, so that two processes may ask at once and a crash
leaves nothing half-written in its place. A refusal is published in the same way, so that it is not tried again at
every start. The process that compiles is the only one that imports torch.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from retrieval.disk import sha256_of
from retrieval.encoder.protocol import Runtime
from retrieval.errors import ModelDamaged, ModelUnavailable
from retrieval.types import Progress

RECIPE = 3
"""Raise it when the same model would be compiled otherwise, or its tokens have other vectors, with torch too: older
caches and their vectors are then not used."""

LAYOUT = 2
"""Raise it when the files would be others and the vectors the same."""

VERDICT = "compiled.json"
WORKER = "from retrieval.encoder.compiling.worker import work; work()"


@dataclass(frozen=True, slots=True)
class Compiled:
    """What the encoder must know of a compiled model."""

    inputs: tuple[str, ...]
    """Of the model as it was: token ids, attention mask, and token types if it has any."""
    table: str | None
    """The input that takes the rows of the word embedding; None where they are still inside."""
    prompts: Mapping[str, str]
    """Of the tasks "query" and "document"."""
    pad: int
    """Token id that fills up shorter texts of a batch."""
    cosine: float
    """The least likeness of a sample text's vector to the reference's."""
    files: Mapping[str, str]
    """SHA-256 of each file."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a model is not run compiled."""

    reason: str


@dataclass(frozen=True, slots=True)
class Order:
    """What to compile: a model's folder, how, and the prompts of a folder that names none."""

    folder: Path
    runtime: Runtime
    prompts: Mapping[str, str]

    def as_json(self, target: Path) -> str:
        """Return the argument of the process that compiles into ``target``."""
        return json.dumps(asdict(self) | {"folder": str(self.folder), "target": str(target)})


def write_verdict(folder: Path, verdict: Compiled | Refused) -> None:
    """Complete a folder: what is not written before this is no part of it."""
    kind = "compiled" if isinstance(verdict, Compiled) else "refused"
    (folder / VERDICT).write_text(json.dumps({kind: asdict(verdict)}, ensure_ascii=False, indent=1), encoding="utf-8")


def read_verdict(folder: Path) -> Compiled | Refused | None:
    """Return what is known of a model; None where nobody has tried to compile it, or the folder is damaged."""
    try:
        [(kind, value)] = json.loads((folder / VERDICT).read_text(encoding="utf-8")).items()
        if kind == "refused":
            return Refused(**value)
        return Compiled(**value | {"inputs": tuple(value["inputs"])})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def is_whole(folder: Path) -> bool:
    """Whether every file of a compiled model is what was written: about 0.1 s for the default model."""
    verdict = read_verdict(folder)
    if verdict is None or isinstance(verdict, Refused):
        return verdict is not None
    with contextlib.suppress(OSError):
        return all(sha256_of(folder / name) == digest for name, digest in verdict.files.items())
    return False


def file_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a folder."""
    return {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.is_file()}


def ensure_compiled(
    target: Path, order: Callable[[], Order], progress: Progress, *, verify: bool = False
) -> Compiled | Refused:
    """Return what is known of the model compiled into ``target``, compiling it if nothing is: about a minute, once.

    ``verify`` also reads the files, and compiles again what is damaged. Raises ModelDamaged where there is no model
    to compile, and ModelUnavailable where the cache cannot be written.
    """
    if not verify or is_whole(target):
        verdict = read_verdict(target)
        if verdict is not None:
            return verdict
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / f"{target.name}.lock"):
            return _settled(target, order, progress, verify)
    except OSError as error:
        raise _unwritable(target.parent, error.strerror) from error


def _settled(target: Path, order: Callable[[], Order], progress: Progress, verify: bool) -> Compiled | Refused:
    verdict = read_verdict(target)
    if verdict is not None and (not verify or is_whole(target)):
        return verdict
    for debris in target.parent.glob(f".{target.name}-*"):
        shutil.rmtree(debris, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        _compile(order(), aside, progress)
        verdict = read_verdict(aside)
        if verdict is None:
            raise ModelUnavailable(f"nothing was compiled into {aside}: set encoder.runtime to torch")
        shutil.rmtree(target, ignore_errors=True)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return verdict


def _compile(order: Order, aside: Path, progress: Progress) -> None:
    """Run the process that compiles to its end."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    worker = subprocess.Popen(
        [sys.executable, "-P", "-c", WORKER, order.as_json(aside)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    try:
        assert worker.stdout
        with worker.stdout:
            for line in worker.stdout:
                _take(json.loads(line), aside, progress)
        status = worker.wait()
    finally:
        worker.kill()
        worker.wait()
    if status:
        raise ModelUnavailable(
            f"the process that compiles the model {_death(status)}: try again, or set encoder.runtime to torch"
        )


def _take(message: dict[str, Any], aside: Path, progress: Progress) -> None:
    """Pass on what the process says: steps done, a model that is none, a full disk."""
    if "damaged" in message:
        raise ModelDamaged(message["damaged"])
    if "disk" in message:
        raise _unwritable(aside.parent, message["disk"])
    progress("model", message["done"], message["total"])


def _death(status: int) -> str:
    if status == -signal.SIGKILL:
        return "was stopped by the system, probably for want of memory (it takes 4 GB)"
    return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"


def _unwritable(cache: Path, reason: object) -> ModelUnavailable:
    return ModelUnavailable(
        f"the model cannot be compiled in {cache} ({reason}): free 2 GB there, or set encoder.cache"
    )
