"""Rows 7 and 8: how soon ``serve`` answers with a built index of the seed reports, and how much memory it takes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice

from benchmarks.harness.contest import estimate, ratios
from benchmarks.harness.machine import memory_megabytes, versions
from benchmarks.harness.material import default_encoder, many_questions, settings_for
from benchmarks.harness.rows import Contestant, Measured, at_most, row_of
from benchmarks.harness.scale import SEEDS, Bench
from benchmarks.harness.serving import ask_all, serving, write_config
from bot.service.opening import update_index

QUESTIONS = 60
YARDSTICK = "import sentence_transformers"


def measure(bench: Bench) -> Measured:
    """Start the server and the interpreter in turns; files are in the page cache for both."""
    index = bench.work / "indexes" / "seeds"
    update_index(settings_for(SEEDS, index), default_encoder())
    config = write_config(bench.work / "startup", SEEDS, index)
    questions = iter(many_questions(bench, 20 * QUESTIONS))
    idle: list[float] = []
    resident: list[float] = []
    ready: list[float] = []
    imported: list[float] = []

    def serve() -> None:
        with serving(config) as server:
            ready.append(server.seconds)
            idle.append(memory_megabytes(server.pid))
            if not all(one.sound for one in ask_all(server, islice(questions, QUESTIONS))):
                raise RuntimeError("wenbao serve did not answer every question")
            resident.append(memory_megabytes(server.pid))

    def yardstick() -> None:
        imported.append(seconds_of(lambda: subprocess.run([sys.executable, "-c", YARDSTICK], check=True)))

    yardstick()
    imported.clear()
    for number in range(bench.scale.rounds):
        for turn in (serve, yardstick) if number % 2 == 0 else (yardstick, serve):
            turn()
    servers = Contestant("wenbao serve, ready", "s", tuple(ready))
    rows = (
        row_of(
            "7a",
            "startup",
            "serve ready, with a built index of the seed reports",
            "s",
            estimate(ready),
            at_most(3),
            contestants=(servers,),
            note="from starting the process to 200 from /readyz; files in the page cache",
        ),
        row_of(
            "7b",
            "startup",
            f"serve ready, against python -c “{YARDSTICK}”",
            "×",
            estimate(ratios(ready, imported)),
            at_most(0.5),
            contestants=(servers, Contestant(f"python -c “{YARDSTICK}”", "s", tuple(imported))),
        ),
        row_of(
            "8",
            "startup",
            f"resident memory of serve on the seed reports, after {QUESTIONS} questions",
            "MB",
            estimate(resident),
            at_most(450),
            contestants=(
                Contestant("when ready", "MB", tuple(idle)),
                Contestant(f"after {QUESTIONS} questions", "MB", tuple(resident)),
            ),
            note="VmRSS; 1 MB is 1,000,000 bytes",
        ),
    )
    return Measured(rows, versions=versions())


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
