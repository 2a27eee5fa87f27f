"""Compiled models in the cache: made once, in a process of its own, from a SentenceTransformer folder.

    CACHE/NAME-DIGEST-RUNTIME-vRECIPE.LAYOUT/
      compiled.json     the outcome: what the encoder must know (``Compiled``), or why not (``Refusal``); written last
      model.onnx        the graph
      weights.bin       its tensors, mapped into memory and not copied
      table.bin         its word embedding, looked up from outside, unless the graph needs it inside
      tokenizer.json    the model's tokenizer; of a Unigram tokenizer the light form too (``tokenizer.py``)

A folder is written aside and published by one rename under a lock, so that two processes may ask at once and a crash
leaves nothing half-written in its place. A refusal is published in the same way, so that no start tries again. The
process that compiles is the only one that imports torch.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from retrieval.disk import folder_aside, remove_asides, sha256_of
from retrieval.encoder.protocol import Runtime
from retrieval.errors import ModelDamaged, ModelUnavailable
from retrieval.processes import environment
from retrieval.types import Progress

OUTCOME = "compiled.json"
THREADS = ("OMP_", "MKL_", "OPENBLAS_")
"""Beginnings of the environment variables that say how many threads may compute."""
WORKER = "from retrieval.encoder.compiling.worker import work; work()"


@dataclass(frozen=True, slots=True)
class Compiled:
    """What the encoder must know of a compiled model."""

    inputs: tuple[str, ...]
    """Inputs of the original model: token ids, attention mask, and token types if it has any."""
    table: str | None
    """The input that takes the rows of the word embedding; None where they are still inside."""
    prompts: Mapping[str, str]
    """By task: "query" and "document"."""
    pad: int
    """Token id that fills up shorter texts of a batch."""
    cosine: float
    """The lowest cosine between a sample text's vector and the reference's."""
    files: Mapping[str, str]
    """SHA-256 of each file."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a model is not run compiled."""

    reason: str


@dataclass(frozen=True, slots=True)
class CompileJob:
    """What to compile: a model's folder, how, and the prompts of a folder that names none."""

    folder: Path
    runtime: Runtime
    prompts: Mapping[str, str]

    def as_json(self, target: Path) -> str:
        """Return the argument of the process that compiles into ``target``."""
        return json.dumps(asdict(self) | {"folder": str(self.folder), "target": str(target)})


Outcome = Compiled | Refusal
Compiler = Callable[[CompileJob, Path, Progress], None]
"""What does a job: fills the folder and completes it by ``write_outcome``."""


def write_outcome(folder: Path, outcome: Outcome) -> None:
    """Complete a folder: what is not written before this is no part of it."""
    kind = "compiled" if isinstance(outcome, Compiled) else "refused"
    (folder / OUTCOME).write_text(json.dumps({kind: asdict(outcome)}, ensure_ascii=False, indent=1), encoding="utf-8")


def read_outcome(folder: Path) -> Outcome | None:
    """Return what is known of a model; None where nobody has tried to compile it, or the folder is damaged."""
    try:
        [(kind, value)] = json.loads((folder / OUTCOME).read_text(encoding="utf-8")).items()
        if kind == "refused":
            return Refusal(**value)
        return Compiled(**value | {"inputs": tuple(value["inputs"])})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def is_whole(folder: Path) -> bool:
    """Whether every file of a compiled model is what was written."""
    outcome = read_outcome(folder)
    if outcome is None or isinstance(outcome, Refusal):
        return outcome is not None
    with contextlib.suppress(OSError):
        return all(sha256_of(folder / name) == digest for name, digest in outcome.files.items())
    return False


def file_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a folder."""
    return {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.is_file()}


def compile_in_process(job: CompileJob, folder: Path, progress: Progress, worker: str = WORKER) -> None:
    """Fill ``folder`` by a process of its own, which runs the Python code ``worker``, and complete it with the outcome.

    Raises ModelDamaged where there is no model to compile, and ModelUnavailable where the disk is full or the process
    is stopped.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", worker, job.as_json(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(**{name: value for name, value in os.environ.items() if name.startswith(THREADS)}),
    )
    try:
        assert process.stdout
        with process.stdout:
            for line in process.stdout:
                _take(json.loads(line), folder, progress)
        status = process.wait()
    finally:
        process.kill()
        process.wait()
    if status:
        raise ModelUnavailable(
            f"the process that compiles the model {_death(status)}: try again, or set encoder.runtime to torch"
        )


def _take(message: dict[str, Any], folder: Path, progress: Progress) -> None:
    """Pass on what the process says: steps done, a folder that holds no model, a full disk."""
    if "damaged" in message:
        raise ModelDamaged(message["damaged"])
    if "disk" in message:
        raise _unwritable(folder.parent, message["disk"])
    progress("model", message["done"], message["total"])


def _death(status: int) -> str:
    if status == -signal.SIGKILL:
        return "was stopped by the system, probably for want of memory (it takes 4 GB)"
    return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"


def _unwritable(cache: Path, reason: object) -> ModelUnavailable:
    return ModelUnavailable(
        f"the model cannot be compiled in {cache} ({reason}): free 2 GB there, or set encoder.cache"
    )


def ensure_compiled(
    target: Path,
    job: Callable[[], CompileJob],
    progress: Progress,
    *,
    verify: bool = False,
    compiler: Compiler = compile_in_process,
) -> Outcome:
    """Return what is known of the model compiled into ``target``; if nothing is, compile it, which takes long.

    ``verify`` also reads the files, and compiles again what is damaged. Raises what ``compiler`` raises, and
    ModelUnavailable where the cache cannot be written.
    """
    outcome = _known(target, verify)
    if outcome is not None:
        return outcome
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / f"{target.name}.lock"):
            return _known(target, verify) or _publish(target, job(), progress, compiler)
    except OSError as error:
        raise _unwritable(target.parent, error.strerror) from error


def _known(target: Path, verify: bool) -> Outcome | None:
    return read_outcome(target) if not verify or is_whole(target) else None


def _publish(target: Path, job: CompileJob, progress: Progress, compiler: Compiler) -> Outcome:
    """Compile aside, and put the folder in the place of one that is damaged; the caller holds the lock."""
    remove_asides(target)
    with folder_aside(target) as aside:
        compiler(job, aside, progress)
        outcome = read_outcome(aside)
        if outcome is None:
            raise ModelUnavailable(f"nothing was compiled into {aside}: set encoder.runtime to torch")
        shutil.rmtree(target, ignore_errors=True)
    return outcome
