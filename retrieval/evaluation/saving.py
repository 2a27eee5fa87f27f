"""Runs on disk: everything but the passages, stamped with the commit, for comparison with later runs."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from retrieval.disk import file_aside
from retrieval.errors import EvaluationError
from retrieval.evaluation.results import EarlierRun, Record, Run, SetResult
from retrieval.processes import environment

FORMAT = 1
LAST = "last"


def now() -> str:
    """Return the time as ISO 8601, UTC, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def commit() -> str | None:
    """Return the commit of this code, with "+" where files were changed since; None outside a repository of its own."""
    here = Path(__file__)
    try:
        _git(here.parent, "ls-files", "--error-unmatch", "saving.py")
        head = _git(here.parent, "rev-parse", "--short=12", "HEAD")
        changed = _git(here.parent, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None
    return head + ("+" if changed else "")


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "--no-optional-locks", "-C", str(folder), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=10, env=environment()
    ).stdout.strip()


def figures_json(run: Run) -> dict[str, Any]:
    """Return the run as JSON without the outcomes of single questions."""
    return {
        "format": FORMAT,
        **{name: getattr(run, name) for name in ("created", "commit", "encoder", "settings")},
        "sets": [_set_json(one) for one in run.sets],
    }


def _set_json(one: SetResult) -> dict[str, Any]:
    scalars = ("name", "path", "level", "generation", "documents", "passages")
    return {
        **{name: getattr(one, name) for name in scalars},
        "milliseconds": dict(one.milliseconds),
        "notes": list(one.notes),
        "groups": [asdict(group) for group in one.groups],
    }


def run_json(run: Run) -> dict[str, Any]:
    """Return the run as JSON with every question's outcome."""
    whole = figures_json(run)
    for one, saved in zip(run.sets, whole["sets"], strict=True):
        saved["questions"] = [asdict(record) for record in one.records]
    return whole


def save_run(run: Run, path: Path) -> Path:
    """Write a run, all of it or nothing, and return its path; EvaluationError if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with file_aside(path) as aside:
            aside.write_text(json.dumps(run_json(run), ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise EvaluationError(
            f"the run cannot be saved as {path}: {error.strerror}: name another with --save"
        ) from error
    return path


def run_name(run: Run) -> str:
    """Return a file name for a run that sorts by time: 20260102T030405Z-0123456789ab.json."""
    stamp = dt.datetime.fromisoformat(run.created).strftime("%Y%m%dT%H%M%SZ")
    return f"{stamp}-{(run.commit or 'no-commit').replace('+', '-changed')}.json"


def find_run(name: str, runs: Path) -> Path:
    """Return the path of a saved run by path, by name below ``runs``, or "last"; EvaluationError if there is none."""
    kept = sorted(runs.glob("*.json"))
    if name == LAST and kept:
        return kept[-1]
    for path in (Path(name), runs / name, runs / f"{name}.json"):
        if path.is_file():
            return path
    shown = ", ".join(path.name for path in kept[-3:]) or "none yet"
    raise EvaluationError(f"there is no run {name}: name a file that --save wrote, or one in {runs} ({shown})")


def load_run(path: Path) -> EarlierRun:
    """Read a saved run back; EvaluationError if it is none."""
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
        if run["format"] != FORMAT:
            raise EvaluationError(f"{path} was saved by another version of `wenbao evaluate`: make the run anew")
        records = {one["name"]: _records(one["questions"]) for one in run["sets"]}
        return EarlierRun(path, run["created"], run["commit"], records)
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise EvaluationError(f"{path} is no run that `wenbao evaluate` saved") from error


def _records(saved: list[Mapping[str, Any]]) -> dict[str, Record]:
    return {entry["question_id"]: Record(**entry) for entry in saved}
