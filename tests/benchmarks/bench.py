"""``make bench``: one command, one report.

    python tests/benchmarks/bench.py [--quick] [--only ROW…] [--shared FOLDER] [--out FOLDER]

Every part runs in a process of its own and hands over rows; every comparison is a ratio within one run, with the
contestants taking turns (``harness/contest.py``). The report is ``bench.json`` and ``bench.html``, a page that loads
nothing; a table is printed. The exit status is 1 where a part failed, with ``--strict`` also where a row is not held.

The whole takes about an hour and a half on two cores, most of it the peers' encoding and a million passages; it needs
some 30 GB of disk, given back at the end. ``--quick`` runs a small version of everything in some minutes: its figures
say that everything works, not how fast it is. Rows are named by number: ``--only 1 2 6``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

if not __package__:  # run as a command: the project before its tests, whose folders bear the same names
    _PROJECT, _TESTS = Path(__file__).resolve().parents[2], Path(__file__).resolve().parents[1]
    sys.path[:1] = [str(_PROJECT), str(_TESTS), str(_TESTS / "support")]

from benchmarks.harness.machine import machine, versions  # noqa: E402
from benchmarks.harness.page import page  # noqa: E402
from benchmarks.harness.rows import (  # noqa: E402
    Measured,
    Part,
    Report,
    Row,
    measured_from,
    measured_json,
    report_from,
    report_json,
)
from benchmarks.harness.scale import FULL, QUICK, ROOT, Bench, Scale  # noqa: E402
from benchmarks.harness.tables import table  # noqa: E402
from retrieval.evaluation import now  # noqa: E402

PARTS = {
    "encoding": ("benchmarks.cases.encoding:measure", ("1", "2")),
    "startup": ("benchmarks.cases.startup:measure", ("7", "8")),
    "peers": ("benchmarks.cases.peers:measure", ("6",)),
    "answering": ("benchmarks.cases.answering:measure", ("3",)),
    "load": ("benchmarks.cases.load:measure", ("5",)),
    "growth": ("benchmarks.cases.growth:measure", ("9",)),
    "left open": ("benchmarks.cases.left_open:measure", ("10",)),
    "stores": ("benchmarks.cases.stores:measure", ("11",)),
    "large build": ("benchmarks.cases.large:build", ("4",)),
    "large": ("benchmarks.cases.large:ask", ("4",)),
}
"""Part -> its module and function, and the rows that it measures. Later parts use the indexes of earlier ones."""
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


def main() -> int:
    """Run, write, print; return the exit status."""
    options = _options()
    if options.part:
        return run_part(options.part, options.out)
    options.out.mkdir(parents=True, exist_ok=True)
    if options.page:
        report = report_from(json.loads(options.page.read_text(encoding="utf-8")))
        (options.out / "bench.html").write_text(page(report), encoding="utf-8")
        return 0
    report = run(options)
    (options.out / "bench.json").write_text(
        json.dumps(report_json(report), ensure_ascii=False, indent=1), encoding="utf-8"
    )
    (options.out / "bench.html").write_text(page(report), encoding="utf-8")
    say(table(report))
    say(f"\n{options.out / 'bench.json'}\n{options.out / 'bench.html'}")
    failed = any(part.failure for part in report.parts)
    return int(failed or (options.strict and any(row.held is not True for row in report.judged)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small version of everything")
    parser.add_argument("--only", nargs="+", metavar="ROW", default=[], help="only the parts that measure these rows")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="the development sets' folder")
    parser.add_argument("--out", type=Path, default=ROOT / ".wenbao-bench", help="where report and scratch files go")
    parser.add_argument("--peers-python", type=Path, default=ROOT / ".venv-peers" / "bin" / "python")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="of every contestant")
    parser.add_argument("--questions", type=int, help="most questions of each development set; 0: all")
    parser.add_argument("--entries", type=int, help="most documents of each development set; 0: all")
    parser.add_argument("--large", type=int, help="passages of the large index")
    parser.add_argument("--keep", action="store_true", help="keep corpora and indexes")
    parser.add_argument("--strict", action="store_true", help="exit status 1 where a row is not held")
    parser.add_argument("--page", type=Path, metavar="JSON", help="only draw the page of an earlier run")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    return parser.parse_args()


# The run


def run(options: argparse.Namespace) -> Report:
    """Run the parts one after the other and return the report; a part that fails leaves the others their rows."""
    started, created, machine_before = time.monotonic(), now(), machine()
    bench = _bench(options)
    shutil.rmtree(bench.work, ignore_errors=True)
    bench.work.mkdir(parents=True)
    found: list[tuple[Part, Measured]] = []
    try:
        for name in chosen_parts(options.only):
            say(f"{name} …")
            found.append(_in_a_process(name, bench))
            part = found[-1][0]
            say(f"  {part.seconds:.0f} s" + (f"; failed: {part.failure}" if part.failure else ""))
    finally:
        if not options.keep:
            shutil.rmtree(bench.work, ignore_errors=True)
    known = versions()
    for _, measured in found:
        known |= dict(measured.versions)
    return Report(
        created=created,
        seconds=round(time.monotonic() - started, 1),
        quick=options.quick,
        options={"threads": bench.threads, "questions a set": bench.scale.questions, "large": bench.scale.large},
        machine=machine_before,
        versions=known,
        parts=tuple(part for part, _ in found),
        rows=tuple(sorted((row for _, measured in found for row in measured.rows), key=_order)),
        sets=tuple(one for _, measured in found for one in measured.sets),
    )


def chosen_parts(rows: Sequence[str]) -> list[str]:
    """Return the parts that measure these rows (none named: all), in the order they run."""
    unknown = set(rows) - {row for _, measured in PARTS.values() for row in measured}
    if unknown:
        raise SystemExit(f"there is no row {', '.join(sorted(unknown))}")
    return [name for name, (_, measured) in PARTS.items() if not rows or set(rows) & set(measured)]


def _bench(options: argparse.Namespace) -> Bench:
    return Bench(
        scale=_scale(options),
        quick=options.quick,
        threads=options.threads,
        shared=options.shared.resolve(),
        work=options.out.resolve() / "work",
        peers_python=options.peers_python.absolute(),
    )


def _scale(options: argparse.Namespace) -> Scale:
    given = {name: getattr(options, name) for name in ("questions", "entries", "large")}
    return replace(
        QUICK if options.quick else FULL, **{name: value for name, value in given.items() if value is not None}
    )


def _order(row: Row) -> int:
    return int("".join(character for character in row.number[:2] if character.isdigit()))


def _in_a_process(name: str, bench: Bench) -> tuple[Part, Measured]:
    """Run a part in a fresh interpreter; its log is kept beside its result."""
    folder = bench.work.parent
    given, result, log = (folder / f"{name}.{kind}" for kind in ("in.json", "out.json", "log"))
    given.write_text(json.dumps(bench.json()), encoding="utf-8")
    result.unlink(missing_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **dict.fromkeys(THREADS, str(bench.threads))}
    environment |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    started = time.monotonic()
    with log.open("w", encoding="utf-8") as errors:
        command = [sys.executable, __file__, "--part", name, "--out", str(folder)]
        status = subprocess.run(command, env=environment, stdout=errors, stderr=errors, check=False).returncode
    seconds = round(time.monotonic() - started, 1)
    given.unlink()
    if status:
        return Part(name, seconds, _last_line(log) or f"exit status {status}"), Measured(())
    measured = measured_from(json.loads(result.read_text(encoding="utf-8")))
    result.unlink()
    log.unlink()
    return Part(name, seconds), measured


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


def run_part(name: str, folder: Path) -> int:
    """Be the process of one part."""
    bench = Bench.from_json(json.loads((folder / f"{name}.in.json").read_text(encoding="utf-8")))
    measured: Measured = function_of(name)(bench)
    (folder / f"{name}.out.json").write_text(json.dumps(measured_json(measured), ensure_ascii=False), encoding="utf-8")
    return 0


def function_of(name: str) -> Callable[[Bench], Measured]:
    """Import a part's module and return the function that measures it."""
    module, _, function = PARTS[name][0].partition(":")
    measure: Callable[[Bench], Measured] = getattr(import_module(module), function)
    return measure


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
