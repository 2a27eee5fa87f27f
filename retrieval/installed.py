"""Packages that only some machines have: one that serves does without those that compile a model or judge answers."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

COMPILING = {"torch": "torch", "sentence_transformers": "sentence-transformers", "onnx": "onnx"}
"""What compiles a model, or runs it uncompiled: the name to import, and the package to install for it."""
JUDGING = {"ir_measures": "ir-measures", "scipy": "scipy", "sklearn": "scikit-learn"}
"""What judges answers."""
CONNECTING = {"pymysql": "PyMySQL"}
"""What speaks to a database that holds the index."""


def missing(packages: Mapping[str, str]) -> list[str]:
    """Return those of these packages that are not installed; none is imported."""
    return [package for module, package in packages.items() if importlib.util.find_spec(module) is None]


def install_command(packages: Mapping[str, str]) -> str | None:
    """Return the command that installs what is missing of these packages; None where nothing is."""
    absent = missing(packages)
    return f"pip install {' '.join(absent)}" if absent else None
