"""What a serving machine installs, and what a distribution lets one import."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

from places import ROOT

DEPLOY = ROOT / "bot" / "deploy"
SERVING = DEPLOY / "requirements-serving.txt"
LEFT_OUT = DEPLOY / "not-for-serving.txt"
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)", re.MULTILINE)


COMES_ALONG = {"transformers", "safetensors", "datasketch", "sympy"}
"""Distributions that come with those left out, or were needed once."""
UNWANTED = """if True:
    with open({log!r}, "a") as log:
        log.write(__name__ + "\\n")
    raise ImportError(f"no {{__name__}} on this machine")
"""
"""Stands in for a module that must not be imported."""


def normal(name: str) -> str:
    """Return the name of a distribution as PEP 503 normalises it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    """Return the pinned version of each distribution, by its normalised name."""
    return {normal(found["name"]): found["version"] for found in _PIN.finditer(SERVING.read_text("utf-8"))}


def left_out() -> set[str]:
    """Return the distributions, by normalised name, that only compiling and judging need."""
    lines = LEFT_OUT.read_text("utf-8").splitlines()
    return {normal(line) for line in lines if line and not line.startswith("#")}


def distributions_of(modules: set[str]) -> dict[str, set[str]]:
    """Return the distributions that brought each of these top-level modules; those of none are left out."""
    known = importlib.metadata.packages_distributions()
    return {name: set(map(normal, known[name])) for name in modules if name in known}


def modules_of(distributions: set[str]) -> set[str]:
    """Return the top-level modules that these distributions bring, of those that are installed."""
    known = importlib.metadata.packages_distributions()
    return {module for module, names in known.items() if set(map(normal, names)) & distributions}


def without_packages(folder: Path) -> tuple[dict[str, str], Path]:
    """Return an environment in which importing what is left out fails, and the file that names whatever tries.

    It holds for a process and for all that it starts.
    """
    folder.mkdir()
    log = folder / "imported.log"
    for name in modules_of(left_out() | COMES_ALONG):
        (folder / f"{name}.py").write_text(UNWANTED.format(log=str(log)), "utf-8")
    return {"PYTHONPATH": str(folder)}, log
