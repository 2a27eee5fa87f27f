"""What is changed in a terminal, or could not be, stands in the audit log."""

from __future__ import annotations

import json

import pytest
from places import SEEDS
from stub_opener import StubOpener
from typer.testing import CliRunner

from bot.cli import app


@pytest.fixture
def place(tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "config.yaml").write_text("corpus: {paths: [reports]}\n", encoding="utf-8")
    return tmp_path


def test_every_change_in_a_terminal_is_a_line_and_so_is_one_that_failed(place):
    seed = next(SEEDS.glob("003*"))
    backup, report = place / "b.zip", seed.stem
    commands = [
        ["index"],
        ["add", str(seed)],
        ["keys", "add", "press", "--scope", "ask"],
        ["keys", "add", "press", "--scope", "ask"],
        ["backup", str(backup)],
        ["remove", "never"],
        ["remove", report],
        ["restore", str(backup), "--force"],
    ]
    for command in commands:
        CliRunner().invoke(app, [*command, "--config", str(place / "config.yaml")], obj=StubOpener())
    lines = map(json.loads, (place / ".wenbao" / "audit.jsonl").read_text("utf-8").splitlines())
    found = [(line["face"], line["what"], line["result"].partition(":")[0], line["about"]) for line in lines]
    before = [
        ("index", "done", []),
        ("documents.add", "done", [seed.name]),
        ("keys.add", "done", ["press"]),
        ("keys.add", "failed", ["press"]),
    ]
    assert found == [("terminal", *line) for line in [*before, ("restore", "done", ["b.zip"])]]  # the log came back too
    [kept] = [path for path in place.rglob("audit.jsonl") if ".wenbao-replaced-" in str(path)]
    later = [json.loads(line)["what"] for line in kept.read_text("utf-8").splitlines()[len(before) :]]
    assert later == ["documents.remove", "documents.remove"]
